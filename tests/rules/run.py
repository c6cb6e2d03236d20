#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""run.py SENSOR [FAMILY...]: asks the sensor what Suricata was asked, and lists each difference.

  missed       Suricata's rule alerts on this flow, ours does not
  false        the other way round
  count        both do, not equally often
  refused      Suricata takes the rule, we refuse it
  taken        the other way round (a rule that it refuses may be understood here: only told with --taken)

known.txt lists the differences that are known, with the reason. Exit status 1 when there is another one, or one of
these is gone. --all lists the known ones too; --keep DIR leaves rules and captures there."""
import argparse
import collections
import pathlib
import re
import sys
import tempfile

import sensor
import table

KNOWN = table.HERE / "known.txt"


def known(path):
    """(pattern of a difference, reason): a line that begins with a blank is a difference, with * for anything; any other
    is the reason of those below it."""
    out, reason = [], ""
    for line in path.read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0] != " ":
            reason = line.strip()
        else:
            out.append((re.compile(".*".join(re.escape(part) for part in line.strip().split("*")) + r"\Z"), line.strip(),
                  reason))
    return out


def differences(fam, answer, found, refused, taken=False):
    """Lines: WORD FAMILY FLOW[,FLOW...] RULE."""
    _, expected, not_theirs = answer
    out = []
    for number, rule in enumerate(fam.rules):
        text = table.one_line(rule)
        if number in refused:
            if number not in not_theirs:
                out.append("refused %s - %s" % (fam.name, text))
            continue
        if number in not_theirs:
            if taken:
                out.append("taken %s - %s" % (fam.name, text))
            continue
        words = collections.defaultdict(list)
        for flow in [f.name for f in fam.flows] + [None]:
            theirs, ours = expected[number, flow], found[number, flow]
            if theirs != ours:
                words["missed" if not ours else "false" if not theirs else "count"].append("%s" % flow + (":%d/%d" % (ours,
                      theirs) if ours and theirs else ""))
        out += ["%s %s %s %s" % (word, fam.name, ",".join(flows), text) for word, flows in words.items()]
    return out


def judge(lines, path, everything, part):
    """Prints the differences that are not known (or all), and what is known and gone; 1 when there is either. part: not
    all was asked, so that a known difference may be absent."""
    reasons, used, bad = known(path), set(), 0
    for line in lines:
        hit = next((k for k in reasons if k[0].match(line)), None)
        if hit:
            used.add(hit[1])
        else:
            bad += 1
        if not hit or everything:
            print(("  " if not hit else "= ") + line)
    gone = [] if part else [text for _, text, _ in reasons if text not in used]
    for text in gone:
        print("in %s, and no longer a difference: %s" % (path.name, text))
    print("%d of %d differences are explained" % (len(lines) - bad, len(lines)))
    return 1 if bad or gone else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sensor")
    parser.add_argument("families", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--taken", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path)
    args = parser.parse_args()
    families, recorded = table.load(), table.read()
    stale = [name for name, fam in families.items() if name not in recorded or recorded[name][0] != fam.fingerprint()]
    if stale:
        sys.exit("no recorded answer, or of another form of the family; run record.py " + " ".join(stale))
    chosen = [fam for fam in families.values() if not args.families or fam.name in args.families]
    if not chosen:
        sys.exit("no such family; there are " + " ".join(families))
    lines = []
    with tempfile.TemporaryDirectory() as name:
        for fam in chosen:
            found, refused = sensor.ask(args.sensor, fam, (args.keep or pathlib.Path(name)) / fam.name)
            lines += differences(fam, recorded[fam.name], found, refused, args.taken)
    bad = judge(lines, KNOWN, args.all, bool(args.families))
    cases = sum(len(f.rules) * len(f.flows) for f in chosen)
    print("%d families, %d rules, %d cases: %d differences" % (len(chosen), sum(len(f.rules) for f in chosen), cases,
          len(lines)))
    return bad


if __name__ == "__main__":
    sys.exit(main())
