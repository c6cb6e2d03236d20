#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""run.py SENSOR [CASE...]: writes all cases (or those) as captures, runs the sensor over them, and compares.

  missed       the host's socket delivered a lookup, no alert names it
  false        an alert names a lookup that the host never got, and does not say that it is one of two readings
  unmarked     the same where copies differ ("conflict") and neither the alert (conflict: true) nor an anomaly says so
  untold       bytes that nobody can know are missing, and neither a counter nor an event says so

known.txt lists the disagreements that are known, with the reason. Exit status 1 when a case that is not on it
disagrees, or one that is on it agrees.

  --woven      conversations mixed into each other instead of one after the other
  --each       every case in a capture of its own
  --list       print every case with its verdict, and run nothing
  --keep DIR   leave the captures there
  --suricata   run Suricata instead (suricata.py)"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

import capture
import case as kit
import record
import table

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
KNOWN = pathlib.Path(__file__).with_name("known.txt")


class Verdict:
    """What must and may be alerted, and whether something must be told."""

    def __init__(self, case, answer):
        copies = {copy for copy in "rx" for got in answer["got"] if kit.lookup(case.tag, copy).decode() in got}
        self.must = copies if case.want is None else {"r"} if case.want.startswith("alert") else set()
        self.may = set("rx") if case.conflict else set()
        self.free = case.attempt or case.want == "told"
        self.told = case.want in ("told", "gap", "alert+gap")
        self.gap = case.want in ("gap", "alert+gap")
        self.sums = any(needs_sums(step) for step in case.steps)  # only with -k all

    def differences(self, found, marked=frozenset("rx")):
        """found: the copies that alerts name; marked: those of them that are told to be one of two readings."""
        extra = set() if self.free else found - self.must - marked
        return ["missed"] * bool(self.must - found) + ["false"] * bool(extra - self.may) + ["unmarked"] * bool(extra & self.may)

    def word(self):
        return ("alert" if self.must else "either" if self.free and not self.told else "gap" if self.gap else "told" if self.told else "none") + " +gap" * (self.gap and bool(self.must))


def needs_sums(step):
    """Whether the verdict of this step's packets hangs on a checksum."""
    if isinstance(step, kit.U) and (step.options.get("bad_sum") or step.options.get("no_sum")):
        return True
    if isinstance(step, kit.C) and set(step.flags or "") & set("RF") and not step.data:
        return False  # an end with a wrong sum is told by the sum of its side's SYN
    return bool(getattr(step, "bad_sum", False) or getattr(step, "sums", False) or getattr(step, "ip", {}).get("bad_sum"))


def load():
    cases = table.load()
    answers = json.loads(record.ANSWERS.read_text())
    stale = [c.id for c in cases if c.id not in answers or answers[c.id]["steps"] != record.fingerprint(c)]
    if stale:
        sys.exit("no recorded answer, or of another form of the case; run record.py:\n  " + "\n  ".join(stale[:20]))
    return cases, answers


def known():
    """Case to reason. A line that begins with a blank names a case, any other is the reason of those below it."""
    out, reason = {}, ""
    for line in KNOWN.read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0] != " ":
            reason = line.strip()
        else:
            out.update({name: reason for name in line.split()})
    return out


def run_sensor(sensor, paths, extra):
    command = [sensor, "-j", "-q", "--deterministic", "-S", str(TOP / "rules/jndi.rules"), *extra]
    for path in paths:
        command += ["-r", str(path)]
    run = subprocess.run(command, capture_output=True, timeout=300)
    if run.returncode == 3:  # a file not read to its end: its cases are missed
        print(run.stderr.decode(errors="replace").strip())
    elif run.returncode:
        sys.exit("%s\nexit status %d\n%s" % (" ".join(command), run.returncode, run.stderr.decode(errors="replace")))
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


def alerted(events, cases):
    """Case to the copies that an alert names, and to those whose alert or flow is marked: copies differ."""
    names = {kit.lookup(c.tag, copy)[7:-1].decode(): (c.id, copy) for c in cases for copy in "rx"}
    found, marked, differ = collections.defaultdict(set), collections.defaultdict(set), set()
    for event in events:
        if event["event_type"] == "anomaly":
            differ.add(ports(event))
    for event in events:
        facts = event.get("alert", {}).get("context", {}).get("jndi", {})
        for name in [facts.get("lookup"), *facts.get("lookups", [])]:
            if name in names:
                case, copy = names[name]
                found[case].add(copy)
                if facts.get("conflict") or ports(event) in differ:
                    marked[case].add(copy)
    return found, marked


def ports(event):
    """Tells the conversations apart: each case has a port of its own."""
    return max(event.get("src_port", 0), event.get("dest_port", 0))


def tells(events, verdict):
    """Whether a run over this case alone says that something is missing or ambiguous."""
    counters = [e for e in events if e["event_type"] == "stats"][-1]["metadata"]["flowints"]
    anomalies = [e for e in events if e["event_type"] == "anomaly"]
    if verdict.gap:
        return bool(counters.get("stream.gaps") or counters.get("capture.snapped") or anomalies)
    alerts = [e for e in events if e["event_type"] == "alert"]
    lost = [name for name in LOSSES if counters.get(name)]
    return bool(anomalies or alerts or lost)


LOSSES = []


def loss_counters(sensor):
    """The counters of data that was not inspected, as the program lists them."""
    text = subprocess.run([sensor, "--counters"], capture_output=True, check=True).stdout.decode()
    rows = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.startswith("|")]
    names = [row[1] for row in rows if row[2] == "loss"]
    assert "stream.gaps" in names, text
    return names + ["decode.other_transport"]  # a protocol that is not TCP or UDP is not read, and that is no loss


def disagreements(args, cases, verdicts, answers, folder):
    found = collections.defaultdict(dict)  # case to word to the runs that it holds for

    def judge(some, extra, mode, backwards=False):
        if args.each:
            events = []
            for c in some:
                events += run_sensor(args.sensor, capture.write([c], answers, folder), extra)
        else:
            paths = capture.write(some, answers, folder, args.woven)
            events = run_sensor(args.sensor, paths[::-1] if backwards else paths, extra)
        alerts, marked = alerted(events, cases)
        for c in some:
            for word in verdicts[c.id].differences(alerts[c.id], marked[c.id]):
                found[c.id].setdefault(word, []).append(mode)

    judge(cases, ["-k", "all"], "")
    unsummed = [c for c in cases if not verdicts[c.id].sums]
    if not args.each:
        judge(unsummed, [], "by default")
        judge(cases, ["--set", "pcap-file.checksum-checks=auto"], "with automatic checksums")
    if not args.each and not args.woven:
        judge([c for c in cases if c.file != "ng"], ["-k", "all"], "when time goes back between files", True)
    for c in cases:
        if verdicts[c.id].told:
            lone = folder / "lone"
            lone.mkdir(exist_ok=True)
            if not tells(run_sensor(args.sensor, capture.write([c], answers, lone), ["-k", "all"]), verdicts[c.id]):
                found[c.id]["untold"] = [""]
    return {name: [word + ("" if "" in modes else " " + " and ".join(modes)) for word, modes in words.items()]
            for name, words in found.items() if words}


def report(cases, verdicts, wrong, listed):
    groups = collections.OrderedDict()
    for c in cases:
        row = groups.setdefault(c.group, [0] * 6)
        word = verdicts[c.id]
        for i, yes in enumerate((True, bool(word.must), not word.must and not word.free and not word.told, word.told, c.id not in wrong, not c.ordinary)):
            row[i] += yes
    print("%-16s %6s %11s %11s %8s %7s %7s" % ("group", "cases", "must alert", "must not", "be told", "hostile", "agree"))
    total = [0] * 6
    for name, row in groups.items():
        total = [a + b for a, b in zip(total, row)]
        print("%-16s %6d %11d %11d %8d %7d %7d" % (name, row[0], row[1], row[2], row[3], row[5], row[4]))
    print("%-16s %6d %11d %11d %8d %7d %7d  %.1f%%" % ("all", total[0], total[1], total[2], total[3], total[5], total[4], 100 * total[4] / total[0]))
    ordinary = [c.id for c in cases if c.ordinary]
    print("ordinary cases: %d of %d agree" % (sum(name not in wrong for name in ordinary), len(ordinary)))
    bad = 0
    for name, words in wrong.items():
        print("%-11s %-48s %s" % ("known" if name in listed else "DISAGREES", name, ", ".join(words) + (": " + listed[name] if name in listed else "")))
        bad += name not in listed
    shown = {c.id for c in cases}
    for name in listed:
        if name in shown and name not in wrong:
            print("%-11s %-48s agrees now: take it off known.txt" % ("AGREES", name))
            bad += 1
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sensor", nargs="?")
    parser.add_argument("case", nargs="*")
    for name in ("woven", "each", "list", "suricata"):
        parser.add_argument("--" + name, action="store_true")
    parser.add_argument("--keep")
    args = parser.parse_args()
    if args.suricata and args.sensor:  # there is no sensor then
        args.case.insert(0, args.sensor)
    cases, answers = load()
    if args.case:
        cases = [c for c in cases if c.id in args.case or c.group in args.case]
    verdicts = {c.id: Verdict(c, answers[c.id]) for c in cases}
    if args.list:
        for c in cases:
            print("%-50s %-10s %s%s" % (c.id, verdicts[c.id].word(), "conflict " if c.conflict else "", c.why))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(args.keep or scratch)
        folder.mkdir(exist_ok=True)
        if args.suricata:
            import suricata
            sys.exit(suricata.compare(cases, verdicts, answers, folder))
        if not args.sensor:
            parser.error("which sensor?")
        LOSSES[:] = loss_counters(args.sensor)
        wrong = disagreements(args, cases, verdicts, answers, folder)
    sys.exit(1 if report(cases, verdicts, wrong, known()) else 0)


if __name__ == "__main__":
    main()
