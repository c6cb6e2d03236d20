#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""benign.py SENSOR CLASSES: what Java programs and administrators do all day with the same servers raises nothing above
policy level, be the servers outside or at home; and nothing at all about a directory server that is named as allowed.
"""
import sys

import lab

DIRECTORY = "ldap://%s:389" % lab.ATTACKER
JAVA_WORK = [
    ("login %s/ dc=lab alice alice-password" % DIRECTORY, "done cn=alice,dc=lab", []),
    ("get %sindex.txt" % lab.WEB, "done 12", []),
    ("load %s Payload" % lab.WEB, "done class Payload", []),
]
# A registry is asked in the same bytes by JNDI and by everybody else: across the border it is a possible callback, so this
# is an application that has its registry at home.
RMI_WORK = [("call %s 1099 greeter" % lab.ATTACKER, "done good day", [])]
OTHER_WORK = [
    ["ldapsearch", "-x", "-LLL", "-H", DIRECTORY, "-b", "dc=lab", "(objectClass=*)", "cn"],
    ["ldapsearch", "-x", "-LLL", "-H", DIRECTORY, "-b", "cn=alice,dc=lab", "-s", "base", "-D", "cn=reader,dc=lab", "-w", "lab-password"],
    # in the shape of a lookup, but for what ldapsearch cannot be told: how it spells its filter, and the control
    ["ldapsearch", "-x", "-LLL", "-H", DIRECTORY, "-b", "cn=alice,dc=lab", "-s", "base", "-a", "always"],
    ["ldapsearch", "-x", "-LLL", "-H", DIRECTORY, "-b", "cn=alice,dc=lab", "-s", "base", "-a", "always", "-M"],
    ["ldapsearch", "-x", "-LLL", "-H", DIRECTORY, "-b", "cn=alice,dc=lab", "-s", "base", "-a", "always", "(objectClass=*)"],
    ["curl", "-s", "-S", "-f", "-o", "/dev/null", lab.WEB + "Payload.class"],
    ["curl", "-s", "-S", "-f", "-o", "/dev/null", "-A", "Mozilla/5.0 ${project.version} $ {jndi}", lab.WEB + "index.txt"],
]


def main():
    program, classes = sys.argv[1:3]
    lab.enter("curl", "slapd", "slapadd", "openssl", "ldapsearch")
    lab.need_java()
    lab.build_network()
    peers = lab.Peers(classes, registry=True)
    sensor = lab.Sensor(program, "workers: 1")
    lab.play(sensor, peers.victim, JAVA_WORK)
    for command in OTHER_WORK:
        lab.run("vic", *command)
    lab.once(sensor.settled())
    sensor.stop()

    sensor = lab.Sensor(program, "workers: 1", home="10.99.0.0/24")
    lab.play(sensor, peers.victim, RMI_WORK + JAVA_WORK)
    sensor.stop()

    sensor = lab.Sensor(program, "workers: 1", "--set", "vars.address-groups.LDAP_ALLOWED=" + lab.ATTACKER)
    lab.play(sensor, peers.victim, JAVA_WORK[:1])
    for command in OTHER_WORK[:5]:
        lab.run("vic", *command)
    found = sensor.settled()
    assert not found, "about an allowed directory:\n" + lab.listing(found)
    sensor.stop()


if __name__ == "__main__":
    main()
