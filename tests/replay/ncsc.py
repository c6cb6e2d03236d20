#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ncsc.py SENSOR: the captures that NCSC-NL published with its Log4Shell advice (MIT licence, not ours to copy).

Each holds one step of an attack and no lookup; most start in the middle of a connection, all have wrong TCP
checksums. The table says which facts the alerts of a capture must show between them.
"""
import sys

import sensor as lab

LDAP_GENERIC = [  # names a code base and holds a serialized object: a JDK takes the object first
    {"stage": "callback", "ldap": {"request_dn": "jcn7wh", "client": "jndi"}},
    {"stage": "deserialization", "content": "no-object", "codebase": "http://172.18.0.3:8180/"},
]
RMI_GENERIC = [
    {"stage": "callback", "rmi": {"name": "os9fls"}},
    {"stage": "reference", "codebase": "http://172.18.0.3:8180/#ExecTemplateJDK5", "factory": "ExecTemplateJDK5"},
]
TABLE = {
    "Generic_LDAP_bind": LDAP_GENERIC,
    "JNDI-Exploit-Kit_LDAP_serialized_data": LDAP_GENERIC,  # the same bytes, published twice
    "jndiExploit_LDAP_malicious_class": [
        {"stage": "callback", "kit": "JNDIExploit", "command": "touch /tmp/pwned\n",
         "ldap": {"request_dn": "Basic/Command/Base64/dG91Y2ggL3RtcC9wd25lZAo=", "client": "jndi"}},
        {"stage": "reference", "codebase": "http://172.17.0.1:8888/", "factory": "ExploitcIwQOLKIhB"},
    ],
    "jndiExploit_LDAP_serialized_data": [
        {"stage": "callback", "payload": "Deserialization/CommonsCollectionsK2", "command": "mkdir pwnd\n",
         "ldap": {"client": "jndi"}},
        {"stage": "deserialization", "content": "serialized", "classes": {"has": ["org.apache.commons.collections4.keyvalue.TiedMapEntry"]},
         "gadgets": ["CommonsCollectionsK2"], "nested": {"has": ["ExploitLWn60d2gWc"]}, "apis": ["Runtime.exec"],
         "commands": {"has": ["/bin/sh", "mkdir pwnd"]}},
    ],
    "Generic_RMI_call": RMI_GENERIC,
    "Generic_RMI_serialized_data": RMI_GENERIC,  # the same bytes, published twice
    "JNDI-Exploit-Kit_HTTP_succesful_connection": [
        {"stage": "class_delivery", "classes": {"has": ["ExecTemplateJDK7"]}},
    ],
    "jndiExploit_HTTP_succesful_connection": [
        {"stage": "class_delivery", "classes": {"has": ["ExploitcIwQOLKIhB"]}},
    ],
}


def main():
    program, folder = sys.argv[1], lab.SHARED / "captures/ncsc"
    if not folder.is_dir():
        lab.skip("the NCSC-NL captures do not lie beside the repository")
    bad = []
    for name, expected in TABLE.items():
        found = [lab.facts(alert) for alert in lab.alerts(lab.replay(program, folder / (name + ".pcap")))]
        for facts in expected:
            if all(lab.differences(facts, have, name) for have in found):
                bad.append("%s: no alert shows %s\n    found: %s" % (name, facts, found))
    if bad:
        sys.exit("\n".join(bad))
    print("%d captures, each with what it holds" % len(TABLE))


if __name__ == "__main__":
    main()
