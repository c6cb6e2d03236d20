#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""validate_eve.py [--max-event-size N] FILE...   ("-" is standard input)

Checks EVE lines as their readers would: Suricata's schemas of 8.0.6 and (without the two keys it does not know)
7.0.10, and what Arkime, Wazuh, Splunk and Elastic ask for beyond them. docs/EVENTS.md says why each rule stands.
The schemas are not ours to copy: without them beside the repository, or without python3-jsonschema, that part is
passed over and said so. Exit status 0: all lines are fine; 1: not.

validate_eve.py --self-test   breaks a good line in every way the rules know and expects each to be noticed; then looks
for keys and counters that docs/EVENTS.md does not name.
"""
import base64
import copy
import hashlib
import ipaddress
import json
import pathlib
import re
import struct
import sys

SCHEMAS = pathlib.Path(__file__).resolve().parents[3] / "shared" / "eve"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000")
DATE = re.compile(r"\d{4}[-_]\d\d[-_]\d\d")
START = '{"timestamp":"'
KEYS_MAX = 100     # Arkime's table
STRING_MAX = 1024  # Elastic's keyword mappings pass over longer ones

TEXT, NUMBER, FLAG, TEXTS = "a string", "a number", "true or false", "an array of strings"
OBJECTS = "an array of objects"
JNDI = {"stage": TEXT, "lookup": TEXT, "lookups": TEXTS, "scheme": TEXT, "host": TEXT, "port": NUMBER, "path": TEXT,
        "location": TEXT, "name": TEXT, "key": TEXT, "part": TEXT, "confidence": NUMBER, "conflict": FLAG, "raw": TEXT, "decoded": TEXT, "depth": NUMBER,
        "effective": FLAG, "reason": TEXT, "versions": TEXT, "techniques": TEXTS, "exfil": TEXTS, "classes": TEXTS,
        "kit": TEXT, "payload": TEXT, "command": TEXT, "answer": TEXT, "addresses": TEXTS,
        "codebase": TEXT, "factory": TEXT, "content": TEXT, "gadgets": TEXTS, "nested": TEXTS, "commands": TEXTS, "apis": TEXTS, "hosts": TEXTS, "urls": TEXTS,
        "superclass": TEXT, "class_version": TEXT, "sha256": TEXT, "fetch": TEXT, "redirect": TEXT, "rrname": TEXT, "java_client": FLAG,
        "ldap": {"request_operation": TEXT, "request_dn": TEXT, "request_auth": TEXT, "request_scope": TEXT,
                 "request_deref": TEXT, "request_filter": TEXT, "request_attribute_types": TEXTS, "request_controls": TEXTS,
                 "client": TEXT, "extension": TEXT, "response_operations": TEXTS, "result_code": TEXT, "message": TEXT,
                 "response_dn": TEXT, "attribute_types": TEXTS, "referrals": TEXTS},
        "giop": {"message": TEXT, "operation": TEXT, "object": TEXT, "name": TEXT, "status": TEXT, "endpoints": TEXTS},
        "rmi": {"operation": TEXT, "method": TEXT, "name": TEXT, "endpoints": TEXTS},
        "label": TEXTS, "ioc": OBJECTS,
        "incident": {"id": TEXT, "verdict": TEXT, "confidence": NUMBER, "second_order": FLAG, "origin": TEXT,
                     "merged": TEXT, "victim": TEXT, "first_seen": TEXT, "last_seen": TEXT, "lookup_seen": FLAG,
                     "stages": OBJECTS, "leaks": OBJECTS, "candidates": OBJECTS}}
JNDI["repeats"] = {"count": NUMBER, "first_seen": TEXT, "last_seen": TEXT, "flow_id": NUMBER, "packet": NUMBER}
MARK = {"stage": TEXT, "count": NUMBER, "confidence": NUMBER, "first_seen": TEXT, "last_seen": TEXT, "flow_id": NUMBER,
        "packet": NUMBER, "peer": TEXT}
LEAK = {"variable": TEXT, "value": TEXT, "length": NUMBER, "sha256": TEXT, "place": TEXT, "flow_id": NUMBER,
        "packet": NUMBER}
IOC = {"indicator": TEXT, "kind": TEXT, "list": TEXT, "where": TEXT, "seen": TEXT, "count": NUMBER, "first_seen": TEXT, "last_seen": TEXT}
VERDICTS = {"attempted", "vulnerable", "delivered", "compromised"}
HTTP = {"hostname": TEXT, "http_port": NUMBER, "url": TEXT, "http_user_agent": TEXT, "http_content_type": TEXT,
        "http_refer": TEXT, "http_method": TEXT, "protocol": TEXT, "status": NUMBER, "length": NUMBER,
        "version": TEXT, "http2": {"stream_id": NUMBER}}
RECORDS = {"dns": {"version", "type", "id", "rrname", "rrtype"}, "tls": {"version"}, "ldap": set(),
           "fileinfo": {"filename", "state", "magic", "size", "stored"},
           "flow": {"pkts_toserver", "pkts_toclient", "bytes_toserver", "bytes_toclient", "age", "state", "reason", "alerted"}}
TLS_VERSIONS = {"TLS 1.3", "TLS 1.2", "TLS 1.1", "TLSv1", "SSLv3", "UNDETERMINED"}  # Elastic parses these
STAGES = {"lookup", "resolution", "connection", "callback", "referral", "second_stage", "reference", "deserialization", "class_delivery", "indicator", "other"}


def has_type(value, wanted):
    if wanted is TEXT:
        return isinstance(value, str)
    if wanted is NUMBER:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if wanted is FLAG:
        return isinstance(value, bool)
    if wanted is OBJECTS:
        return isinstance(value, list) and all(isinstance(x, dict) for x in value)
    return isinstance(value, list) and all(isinstance(x, str) for x in value)


def check_types(found, table, where):
    """A fixed set of keys with fixed types: a search engine maps a key once."""
    for key, value in found.items():
        wanted = table.get(key)
        if wanted is None:
            yield "%s.%s is not documented" % (where, key)
        elif isinstance(wanted, dict):
            yield from check_types(value, wanted, where + "." + key)
        elif not has_type(value, wanted):
            yield "%s.%s is not %s" % (where, key, wanted)


def unique(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def objects(value):
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from objects(part)


def community_id(event):
    ends = sorted((ipaddress.ip_address(event[k + "_ip"]).packed, event[k + "_port"]) for k in ("src", "dest"))
    proto = {"TCP": 6, "UDP": 17}[event["proto"]]
    tuple_ = struct.pack("!H", 0) + ends[0][0] + ends[1][0] + struct.pack("!BBHH", proto, 0, ends[0][1], ends[1][1])
    return "1:" + base64.b64encode(hashlib.sha1(tuple_).digest()).decode()


def check_tuple(event):
    """Arkime finds the session by these; Elastic converts the numbers and drops the event when it cannot."""
    if event.get("proto") not in ("TCP", "UDP"):
        yield "proto is %r" % event.get("proto")
    for key in ("src", "dest"):
        try:
            ipaddress.ip_address(event[key + "_ip"])
        except (KeyError, ValueError) as why:
            yield "%s_ip: %s" % (key, why)
        port = event.get(key + "_port")
        if not has_type(port, NUMBER) or port > 65535:
            yield "%s_port is %r" % (key, port)


def check_alert(event):
    alert = event.get("alert", {})
    yield from check_tuple(event)
    for key in ("gid", "signature_id", "rev", "severity"):
        if not has_type(alert.get(key), NUMBER):
            yield "alert.%s is not a number" % key
    for key in ("signature", "category"):
        if not isinstance(alert.get(key), str):
            yield "alert.%s is not a string" % key
    if alert.get("action") != "allowed":
        yield "alert.action is %r" % alert.get("action")
    metadata = alert.get("metadata", {})
    for key, value in metadata.items():
        if not has_type(value, TEXTS) or not value:
            yield "alert.metadata.%s is not an array of strings" % key
    for key in ("created_at", "updated_at"):
        if any(not DATE.fullmatch(x) for x in metadata.get(key, [])):
            yield "alert.metadata.%s is no date" % key
    yield from check_types(event.get("http", {}), HTTP, "http")
    if not STAMP.fullmatch(event.get("flow", {}).get("start", "")):
        yield "flow.start is not written as timestamp is"
    jndi = alert.get("context", {}).get("jndi", {})
    yield from check_types(jndi, JNDI, "alert.context.jndi")
    for hit in jndi.get("ioc", []):
        yield from check_types(hit, IOC, "ioc")
    if jndi.get("ioc") and "ioc" not in jndi.get("label", []):
        yield "an indicator without its label"
    if "incident" in jndi:
        yield from check_incident(jndi["incident"], metadata)
    of_traffic = "context" not in alert and "jndi_stage" not in metadata  # a rule over plain traffic: no sighting
    if not of_traffic and (jndi.get("stage") not in STAGES or metadata.get("jndi_stage") != [jndi.get("stage")]):
        yield "stage %r, in the metadata %r" % (jndi.get("stage"), metadata.get("jndi_stage"))
    for part in objects(jndi):
        for key, value in part.items():
            if isinstance(value, str) and len(value) > STRING_MAX:
                yield "alert.context.jndi %s has %d characters" % (key, len(value))
    if not has_type(event.get("flow_id"), NUMBER) or event["flow_id"] >= 2 ** 51:
        yield "flow_id %r does not survive JavaScript" % event.get("flow_id")


def check_incident(incident, metadata):
    if not re.fullmatch(r"[0-9a-f]{16}", incident.get("id", "")) or incident.get("verdict") not in VERDICTS:
        yield "incident %r, verdict %r" % (incident.get("id"), incident.get("verdict"))
    if metadata.get("incident_id") != [incident.get("id")] or metadata.get("incident_verdict") != [incident.get("verdict")]:
        yield "the metadata names another incident"
    for leak in incident.get("leaks", []):
        yield from check_types(leak, LEAK, "incident.leaks")
    for other in incident.get("candidates", []):
        yield from check_types(other, {"victim": TEXT, "id": TEXT}, "incident.candidates")
    for mark in incident.get("stages", []):
        yield from check_types(mark, MARK, "incident.stages")
        if mark.get("stage") not in STAGES or not mark.get("count"):
            yield "incident.stages: %r" % mark
        for key in ("first_seen", "last_seen"):
            if not STAMP.fullmatch(mark.get(key, "")):
                yield "incident.stages: %s is not written as timestamp is" % key


def check_anomaly(event):
    anomaly = event.get("anomaly", {})
    if "flow_id" in event:
        yield from check_tuple(event)
    elif any(key in event for key in ("src_port", "dest_port", "community_id")):
        yield "a fragment has no ports"
    if anomaly.get("type") not in ("decode", "stream", "applayer"):
        yield "anomaly.type is %r" % anomaly.get("type")
    if not str(anomaly.get("event", "")).startswith({"decode": "decoder."}.get(anomaly.get("type"), "stream.")):
        yield "anomaly.event is %r" % anomaly.get("event")
    if not has_type(event.get("metadata", {}).get("flowints", {}).get("anomaly.count"), NUMBER):
        yield "metadata.flowints has no anomaly.count"


def check_record(event):
    yield from check_tuple(event)
    kind = event["event_type"]
    found = event.get(kind)
    if not isinstance(found, dict):
        yield "no object %s" % kind
        return
    if not RECORDS[kind] <= set(found):
        yield "%s lacks %s" % (kind, sorted(RECORDS[kind] - set(found)))
    if kind == "dns" and (found.get("version") != 2 or found.get("type") not in ("query", "answer")):
        yield "dns is not of version 2"
    if kind == "tls" and found.get("version") not in TLS_VERSIONS:
        yield "tls.version is %r" % found.get("version")
    if kind == "fileinfo" and ("sha256" in found) != (found.get("state") == "CLOSED"):
        yield "fileinfo is %s, and its hash does not fit that" % found.get("state")
    if kind == "ldap":
        yield from check_ldap(found)
    if kind == "flow" and not all(STAMP.fullmatch(found.get(key, "")) for key in ("start", "end")):
        yield "flow.start or flow.end is not written as timestamp is"


def check_ldap(found):
    """A request, its answers, or both: then of one message id, and nothing behind the answer that ends them."""
    parts = ([found["request"]] if "request" in found else []) + found.get("responses", [])
    if not parts or found.get("responses") == []:
        yield "ldap is neither a request nor an answer"
    if len({part.get("message_id") for part in parts}) > 1:
        yield "ldap has messages of several operations"
    open_ended = ("search_result_entry", "search_result_reference")
    if any(part.get("operation") not in open_ended for part in found.get("responses", [])[:-1]):
        yield "ldap has answers behind the last one"


def check_event(event):
    if event.get("event_type") not in ("alert", "anomaly", "stats", "engine") + tuple(RECORDS):
        yield "event_type is %r" % event.get("event_type")
    if not STAMP.fullmatch(event["timestamp"]):
        yield "timestamp %r is not 31 fixed characters" % event["timestamp"]
    for part in objects(event):
        if len(part) > KEYS_MAX:
            yield "an object with %d keys" % len(part)
    if event.get("event_type") in ("alert", "anomaly") + tuple(RECORDS):
        check = {"alert": check_alert, "anomaly": check_anomaly}.get(event["event_type"], check_record)
        complaints = list(check(event))
        yield from complaints
        if not complaints and event.get("community_id", "") not in ("", community_id(event)):
            yield "community_id %s, expected %s" % (event["community_id"], community_id(event))


def check_line(line, max_size):
    """Complaints about one line (bytes with its newline), and the event when it is one."""
    if not line.endswith(b"\n"):
        return ["the line has no end"], None
    if not line.startswith(START.encode()):
        return ["the line does not begin with " + START], None
    try:
        event = json.loads(line.decode("utf-8"), object_pairs_hook=unique)
    except ValueError as why:
        return [str(why)], None
    complaints = list(check_event(event))
    if event.get("event_type") != "stats" and len(line) > max_size:
        complaints.append("%d bytes, allowed are %d" % (len(line), max_size))
    return complaints, event


def for_suricata_7(event):
    """What a reader of 7.0.10 gets when it strips the keys that came with 8.0."""
    event = copy.deepcopy(event)
    for key in ("context", "references"):
        event.get("alert", {}).pop(key, None)
    event.pop("ldap", None)
    for key in ("tc",):
        event.get("dns", {}).pop(key, None)
    return event


def validators():
    """(name, profile, validator) of each schema that can be had here."""
    try:
        import jsonschema
    except ImportError:
        print("schemas passed over: python3-jsonschema is not installed", file=sys.stderr)
        return []
    found = []
    for name, profile in (("schema.json", lambda event: event), ("schema-7.0.10.json", for_suricata_7)):
        path = SCHEMAS / name
        if not path.exists():
            print("%s passed over: it does not lie in ../shared/eve" % name, file=sys.stderr)
            continue
        validator = jsonschema.Draft202012Validator
        schema = json.loads(path.read_text())
        validator.check_schema(schema)
        found.append((name, profile, validator(schema)))
    return found


def check_schemas(event, schemas):
    for name, profile, validator in schemas:
        for error in validator.iter_errors(profile(event)):
            yield "%s: %s: %s" % (name, "/".join(map(str, error.absolute_path)), error.message[:200])


def check_stream(lines, name, max_size, schemas):
    bad = n = 0
    for n, line in enumerate(lines, 1):
        complaints, event = check_line(line, max_size)
        if event is not None:
            complaints += check_schemas(event, schemas)
        for complaint in complaints[:5]:
            print("%s:%d: %s" % (name, n, complaint))
        bad += bool(complaints)
    print("%s: %d lines, %d refused" % (name, n, bad), file=sys.stderr)
    return bad


GOOD = ('{"timestamp":"2021-12-10T10:00:00.123456+0000","flow_id":1125899906842625,"pcap_cnt":4,"event_type":"alert",'
        '"src_ip":"10.99.0.1","src_port":53974,"dest_ip":"10.99.0.2","dest_port":8080,"proto":"TCP",'
        '"community_id":"1:ZLLbXo1SEc0NuyFRZE7yPacxj68=","alert":{"action":"allowed","gid":1,"signature_id":1442200,'
        '"rev":1,"signature":"s","category":"","severity":1,"metadata":{"created_at":["2021_12_10"],'
        '"jndi_stage":["lookup"]},"context":{"jndi":{"stage":"lookup","port":1389,"techniques":["lower"]}}},'
        '"http":{"hostname":"a","status":200,"length":0},"flow":{"start":"2021-12-10T10:00:00.000000+0000"}}\n')
BROKEN = (("123456+0000", "123456Z"), ("123456+0000", "123+0000"), ("+0000", "+00:00"), ('{"timestamp"', ' {"timestamp"'),
          ('"pcap_cnt":4', '"flow_id":4'), ("1125899906842625", "2251799813685248"), ("1125899906842625", '"1"'),
          ('"alert",', '"jndi",'), ("10.99.0.1", "10.99.0.256"), ("53974", '"53974"'), ("8080", "80800"), ("TCP", "tcp"),
          ("ZLLb", "ZLLc"), ("allowed", "alert"), ('"gid":1', '"gid":"1"'), ('"severity":1', '"severity":true'),
          ('["2021_12_10"]', '"2021_12_10"'), ("2021_12_10", "10.12.2021"), ('["lookup"]', '["callback"]'),
          ('"stage":"lookup"', '"stage":"look"'), ("1389", '"1389"'), ('["lower"]', '"lower"'), ('"port"', '"ports"'),
          ("200", '"200"'), ("000000+0000", "000000Z"), ("lower", "l" * 1025), ('"s"', '"\xff"'), ('"s"', '"%s"' % ("s" * 9000)),
          ("\n", ""), ('"rev":1', '"rev":1,"x":{%s}' % ",".join('"k%d":1' % i for i in range(101))))
# Two of the rules are the schema's alone.
BROKEN_FOR_SCHEMA = (('"pcap_cnt":4', '"jndi":{}'), ('"rev":1', '"jndi":{}'))


def undocumented():
    """Keys and counters that docs/EVENTS.md should name, and does not."""
    top = pathlib.Path(__file__).resolve().parents[2]
    text = (top / "docs/EVENTS.md").read_text()
    counters = re.findall(r'X\(\w+, "([^"]+)", LOSS,', (top / "sensor/base/count.h").read_text())
    keys = list(JNDI) + list(HTTP) + list(JNDI["ldap"]) + list(JNDI["rmi"])
    assert counters and keys
    return ["docs/EVENTS.md does not name %s" % x for x in counters + keys if "`%s`" % x not in text]


def self_test():
    schemas = validators()
    complaints, event = check_line(GOOD.encode(), 8192)
    missed = ["the good line: %s" % c for c in complaints + list(check_schemas(event, schemas))]
    for old, new in BROKEN:
        line = GOOD.replace(old, new, 1) if old != "lower" else GOOD.replace('["lower"]', '["a"],"path":"%s"' % new)
        assert line != GOOD
        if not check_line(line.encode("latin-1"), 8192)[0]:
            missed.append("not noticed: %s -> %s" % (old, new[:40]))
    for old, new in BROKEN_FOR_SCHEMA if schemas else ():
        event = check_line(GOOD.replace(old, new, 1).encode(), 8192)[1]
        if len({c.split(":")[0] for c in check_schemas(event, schemas)}) != len(schemas):
            missed.append("not noticed by every schema: %s -> %s" % (old, new))
    missed += undocumented()
    print("\n".join(missed) if missed else "%d broken lines noticed" % (len(BROKEN) + len(BROKEN_FOR_SCHEMA) * bool(schemas)))
    return len(missed)


def main(arguments):
    max_size = 8192
    if arguments == ["--self-test"]:
        return self_test()
    if arguments[:1] == ["--max-event-size"]:
        max_size, arguments = int(arguments[1]), arguments[2:]
    if not arguments:
        sys.exit(__doc__)
    schemas = validators()
    bad = 0
    for name in arguments:
        if name == "-":
            bad += check_stream(sys.stdin.buffer, "standard input", max_size, schemas)
        else:
            with open(name, "rb") as lines:
                bad += check_stream(lines, name, max_size, schemas)
    return bad


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
