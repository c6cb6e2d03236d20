#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ncsc.py SENSOR: the captures that NCSC-NL published with its Log4Shell advice (MIT licence, not ours to copy).

Each holds one step of an attack and no lookup; most start in the middle of a connection, all have wrong TCP
checksums. The table says, frame by frame, which alerts a capture gives and what they must show, the records beside
them, and how far an incident comes. Nothing else may be told.
"""
import hashlib
import sys

import sensor as lab

VICTIM, SERVER, MANAGE_DSA_IT = "10.10.10.1", "10.20.20.1", "2.16.840.1.113730.3.4.2"
RECORDS = [x for kind in ("ldap", "fileinfo", "flow") for x in ("--set", "outputs.eve-log.types.%s.enabled=yes" % kind)]
HOME = ["--set", "vars.address-groups.HOME_NET=[%s]" % VICTIM, "-s", str(lab.TOP / "rules/incidents.rules")]


def called(dn, **more):
    """Frame 3: the search as the JDK's provider sends it."""
    return dict(more, stage="callback", scheme="ldap", host=SERVER, port=1389, ldap={
        "request_operation": "search_request", "request_dn": dn, "request_scope": "base", "request_deref": "always",
        "request_filter": "(objectClass=*)", "request_controls": [MANAGE_DSA_IT], "client": "jndi"})


def entry(dn, *types, **more):
    """Frame 4: what the server gives."""
    return dict(more, ldap={"client": "jndi", "response_operations": ["search_result_entry"], "response_dn": dn,
                            "attribute_types": list(types)})


OBJECT = b"\xac\xed\0\5"
TOUCH = "Basic/Command/Base64/dG91Y2ggL3RtcC9wd25lZAo="
MKDIR = "Deserialization/CommonsCollectionsK2/Command/Base64/bWtkaXIgcHduZAo="
LDAP_GENERIC = (  # names a code base and holds a serialized object: a JDK takes the object first
    [(3, 1442210, called("jcn7wh")),
     (4, 1442215, entry("jcn7wh", "javaSerializedData", "javaCodeBase", "javaClassName", stage="deserialization",
                        content="no-object", classes=["foo"], codebase="http://172.18.0.3:8180/"))],
    "vulnerable")
RMI_GENERIC = (
    [(4, 1442227, {"stage": "callback", "scheme": "rmi", "host": SERVER, "port": 1099,
                   "rmi": {"operation": "call", "method": "lookup", "name": "os9fls"}}),
     (5, 1442221, {"stage": "reference", "content": "reference", "codebase": "http://172.18.0.3:8180/#ExecTemplateJDK5",
                   "factory": "ExecTemplateJDK5", "kit": "JNDI-Injection-Exploit",
                   "classes": {"has": ["Foo", "com.sun.jndi.rmi.registry.ReferenceWrapper", "javax.naming.Reference"]}})],
    "vulnerable")
TABLE = {
    "Generic_LDAP_bind": LDAP_GENERIC,
    "JNDI-Exploit-Kit_LDAP_serialized_data": LDAP_GENERIC,  # the same bytes, published twice
    "jndiExploit_LDAP_malicious_class": (
        [(3, 1442210, called(TOUCH, kit="JNDIExploit", payload="Basic", command="touch /tmp/pwned\n")),
         (4, 1442211, entry(TOUCH, "javaClassName", "javaCodeBase", "objectClass", "javaFactory", stage="reference",
                            content="reference", classes=["foo"], codebase="http://172.17.0.1:8888/",
                            factory="ExploitcIwQOLKIhB"))],
        "vulnerable"),
    "jndiExploit_LDAP_serialized_data": (
        [(3, 1442210, called(MKDIR, kit="JNDIExploit", payload="Deserialization/CommonsCollectionsK2", command="mkdir pwnd\n")),
         (4, 1442212, entry(MKDIR, "javaClassName", "javaSerializedData", stage="deserialization", content="serialized",
                            classes={"has": ["java.util.HashMap", "org.apache.commons.collections4.keyvalue.TiedMapEntry",
                                             "com.sun.org.apache.xalan.internal.xsltc.trax.TemplatesImpl",
                                             "org.apache.commons.collections4.map.LazyMap",
                                             "org.apache.commons.collections4.functors.InvokerTransformer"]},
                            gadgets=["CommonsCollectionsK2"], apis=["Runtime.exec"],
                            nested=["ExploitLWn60d2gWc", "com/feihong/ldap/gadgets/utils/Gadgets$Foo"],
                            commands={"has": ["/bin/sh", "mkdir pwnd"]}))],
        "delivered"),
    "Generic_RMI_call": RMI_GENERIC,
    "Generic_RMI_serialized_data": RMI_GENERIC,  # the same bytes, published twice
    "JNDI-Exploit-Kit_HTTP_succesful_connection": (
        [(6, 1442230, {"stage": "class_delivery", "content": "class", "classes": ["ExecTemplateJDK7"], "class_version": "7",
                       "superclass": "java/lang/Object", "apis": ["Runtime.exec"], "commands": {"has": ["/bin/bash"]},
                       "fetch": "delivered", "java_client": True,
                       "sha256": "a1d8a9d6e19a520aa585167af120bdfbaa6b7e2ce58a92ba99a9138e8a9a9aed"})],
        "delivered"),  # it runs a command
    "jndiExploit_HTTP_succesful_connection": (
        [(8, 1442230, {"stage": "class_delivery", "content": "class", "classes": ["ExploitcIwQOLKIhB"], "class_version": "6",
                       "superclass": "com/sun/org/apache/xalan/internal/xsltc/runtime/AbstractTranslet", "apis": ["Runtime.exec"],
                       "commands": {"has": ["/bin/sh", "touch /tmp/pwned"]}, "fetch": "delivered", "java_client": True,
                       "sha256": "6adb48d722cfb3a56f014480f20df5185a17936b527f72364b9ea936543efae4"})],
        "delivered"),
}
LDAP_ROAD = ["bind_request", "bind_response", "search_request", "search_result_entry", "search_result_done", "unbind_request"]


def operations(events):
    """What the LDAP records tell, in its order."""
    told = []
    for event in (event["ldap"] for event in events if event["event_type"] == "ldap"):
        told += [part["operation"] for part in [event.get("request")] + event.get("responses", []) if part]
    return told


def files(name, capture):
    """{file name: SHA-256} of the Java code in it, cut out of the frames by hand."""
    def cut(frame, magic, n, at=0):
        start = frame.index(magic, at)
        return hashlib.sha256(frame[start:start + n]).hexdigest()
    whole = capture.read_bytes()
    if name == "jndiExploit_LDAP_serialized_data":
        first = whole.index(b"\xca\xfe\xba\xbe")
        second = whole.index(b"\xca\xfe\xba\xbe", first + 1)
        return {MKDIR: cut(whole, OBJECT, 2599), "ExploitLWn60d2gWc.class": cut(whole, b"\xca\xfe", length(whole, first), first),
                "com/feihong/ldap/gadgets/utils/Gadgets$Foo.class": cut(whole, b"\xca\xfe", length(whole, second), second)}
    if "RMI" in name:  # the frame of the return is the last one
        start = whole.index(b"Q" + OBJECT) + 1
        return {"os9fls": hashlib.sha256(whole[start:]).hexdigest()}
    return {}


def length(whole, at):
    """Of an array of bytes, in front of its first one."""
    return int.from_bytes(whole[at - 4:at], "big")


def judge(name, text, capture):
    expected, verdict = TABLE[name]
    events, found = lab.events(text), lab.alerts(text)
    have = [(alert["pcap_cnt"], alert["alert"]["signature_id"]) for alert in found]
    bad = []
    if have != [row[:2] for row in expected]:
        return ["frames and rules are %s" % have]
    for alert, (frame, _, facts) in zip(found, expected):
        bad += lab.differences(facts, lab.facts(alert), "frame %d" % frame)
    stories = [(story["victim"], story["verdict"], story["lookup_seen"]) for story in lab.incidents(text).values()]
    if stories != ([(VICTIM, verdict, False)] if verdict else []):
        bad.append("incidents are %s" % stories)
    if "LDAP" in name and operations(events) != LDAP_ROAD:
        bad.append("LDAP records tell %s" % operations(events))
    told = {event["fileinfo"]["filename"]: event["fileinfo"]["sha256"] for event in events if event["event_type"] == "fileinfo"}
    wanted = files(name, capture)
    wanted.update(("/%s.class" % facts["classes"][0], facts["sha256"]) for _, _, facts in expected if "sha256" in facts)
    if told != wanted:
        bad.append("files are %s, not %s" % (told, wanted))
    if [event["event_type"] for event in events].count("flow") != 1:
        bad.append("not one flow")
    return bad


def main():
    program, folder = sys.argv[1], lab.SHARED / "captures/ncsc"
    if not folder.is_dir():
        lab.skip("the NCSC-NL captures do not lie beside the repository")
    bad = ["%s: %s" % (name, line) for name in TABLE
           for line in judge(name, lab.replay(program, folder / (name + ".pcap"), extra=RECORDS + HOME), folder / (name + ".pcap"))]
    if bad:
        sys.exit("\n".join(bad))
    print("%d captures, each with what it holds" % len(TABLE))


if __name__ == "__main__":
    main()
