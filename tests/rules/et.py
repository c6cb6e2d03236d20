#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""et.py SENSOR [CAPTURE...]: the published Log4Shell rules (Emerging Threats', NCSC's) over real captures, the labelled
corpus and this repository's own captures: the same rule on the same flow as Suricata says.

The rules and some captures lie beside the repository, or the test is skipped. et_answers.tsv keeps what Suricata
answered; a capture that is not in there, or not as it was, is asked about at once where Suricata is installed, and
passed over where it is not.

  --record     asks Suricata about everything and writes et_answers.tsv
  --all        lists the differences that et_known.txt explains, too
  --counts     how often a rule speaks on a flow, too"""
import argparse
import collections
import hashlib
import pathlib
import struct
import sys
import tempfile

import run as kit
import sensor
import suricata
import table
import talk

TOP = table.HERE.parent.parent
SHARED = TOP.parent / "shared"
RULES = ("rules-et/et-log4j.rules", "rules-et/ncsc.rules")
ANSWERS, KNOWN = table.HERE / "et_answers.tsv", table.HERE / "et_known.txt"
# Everybody is home and outside: the addresses of these captures were rewritten.
ANY = '"any"'


def captures():
    """(name, variant, path): hello is the capture with the handshakes that it lacks, home has the kit's networks."""
    for path in sorted((TOP / "pcaps").glob("*.pcap")):
        yield "pcaps/" + path.stem, "as-is", path
    for folder in ("captures/ncsc", "captures/lab", "corpus"):
        for path in sorted((SHARED / folder).glob("*.pcap")):
            yield folder + "/" + path.stem, "as-is", path
            if folder == "captures/ncsc":
                yield folder + "/" + path.stem, "hello", path
            if folder == "corpus":
                yield folder + "/" + path.stem, "home", path


def with_hello(data):
    """The capture (Ethernet, IPv4) with a handshake before each connection that has none: whoever speaks first is the client."""
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at, frames, known = 24, [], set()
    while at + 16 <= len(data):
        sec, part, size, wire_size = struct.unpack(order + "IIII", data[at:at + 16])
        frame = data[at + 16:at + 16 + size]
        at += 16 + size
        when = sec * 10**9 + part * 1000
        if frame[12:14] == b"\x08\0" and frame[23] == 6:
            segment = talk.wire.Segment(frame[14:])
            ends = frozenset(((segment.src, segment.sport), (segment.dst, segment.dport)))
            if ends not in known:
                known.add(ends)
                if "S" not in segment.flags:
                    frames += hello(frame, segment, when)
        frames.append((when, frame, wire_size))
    return talk.pcapfile.pcap(frames, 1)


def hello(frame, segment, when):
    there, back = (str(segment.src), str(segment.dst)), (str(segment.dst), str(segment.src))
    for number, (pair, sport, dport, seq, ack, flags) in enumerate((
            (there, segment.sport, segment.dport, segment.seq - 1, 0, "S"),
                  (back, segment.dport, segment.sport, segment.ack - 1, segment.seq, "SA"),
            (there, segment.sport, segment.dport, segment.seq, segment.ack, "A"))):
        packet = talk.wire.ipv4(*pair, talk.wire.TCP, talk.wire.tcp(*pair, sport, dport, seq, ack, flags))
        head = frame[:14] if pair == there else frame[6:12] + frame[:6] + frame[12:14]
        yield when - 3_000_000 + number * 1_000_000, head + packet, len(head) + len(packet)


def flow_of(event):
    return "-".join(sorted("%s:%s" % (event[end + "_ip"], event.get(end + "_port", 0)) for end in ("src", "dest")))


def counted(alerts):
    return collections.Counter((flow_of(e), e["alert"]["signature_id"]) for e in alerts)


class Asked:
    def __init__(self, name, variant, path, rules):
        self.id, self.variant = name + "@" + variant, variant
        self.data = with_hello(path.read_bytes()) if variant == "hello" else path.read_bytes()
        self.fingerprint = hashlib.sha1(self.data + rules.encode()).hexdigest()[:12]

    def write(self, folder):
        path = folder / "capture.pcap"
        path.write_bytes(self.data)
        return path

    def theirs(self, rules, folder):
        alerts, refused = suricata.run(folder / "suricata", rules, self.write(folder), midstream=self.variant != "home",
              home=None if self.variant == "home" else ANY)
        assert not refused, refused
        return counted(alerts)

    def ours(self, program, rules, folder):
        alerts, refused = sensor.run(program, rules, [self.write(folder)], folder, midstream=self.variant != "home",
              home=None if self.variant == "home" else ANY)
        return counted(alerts), refused


def write(recorded):
    lines = ["# What Suricata answered (et.py --record). A capture and its fingerprint; then each flow and its rules, with how often."]
    for name, (fingerprint, found) in recorded.items():
        lines.append("= %s %s" % (name, fingerprint))
        flows = collections.defaultdict(list)
        for (flow, sid), count in sorted(found.items()):
            flows[flow].append("%d" % sid + ("*%d" % count if count > 1 else ""))
        lines += ["%s\t%s" % (flow, " ".join(sids)) for flow, sids in flows.items()]
    ANSWERS.write_text("\n".join(lines) + "\n")


def read():
    recorded, found = {}, None
    for line in ANSWERS.read_text().splitlines() if ANSWERS.exists() else []:
        if line.startswith("= "):
            _, name, fingerprint = line.split(" ")
            found = collections.Counter()
            recorded[name] = fingerprint, found
        elif not line.startswith("#"):
            flow, sids = line.split("\t")
            for word in sids.split():
                sid, _, count = word.partition("*")
                found[flow, int(sid)] = int(count or 1)
    return recorded


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sensor", nargs="?")
    parser.add_argument("captures", nargs="*")
    for flag in ("--record", "--all", "--counts"):
        parser.add_argument(flag, action="store_true")
    args = parser.parse_args()
    if not all((SHARED / name).exists() for name in RULES):
        print("skipped: the published rules do not lie beside the repository")
        return 77
    rules = "".join((SHARED / name).read_text() for name in RULES)
    asked = [Asked(*each, rules) for each in captures() if not args.captures or any(word in each[0] for word in args.captures)]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if args.record:
            recorded = {each.id: (each.fingerprint, each.theirs(rules, folder)) for each in asked}
            write(recorded)
            print("%d captures, %d rules on flows, %d alerts" % (len(recorded), sum(len(r[1]) for r in recorded.values()),
                  sum(sum(r[1].values()) for r in recorded.values())))
            return 0
        return compare(args, asked, rules, folder)


def compare(args, asked, rules, folder):
    recorded, lines, compared, pairs, over, none = read(), [], 0, 0, [], set()
    for each in asked:
        if recorded.get(each.id, (None,))[0] == each.fingerprint:
            theirs = recorded[each.id][1]
        elif suricata.installed():
            theirs = each.theirs(rules, folder)
        else:
            over.append(each.id)
            continue
        ours, refused = each.ours(args.sensor, rules, folder)
        none |= refused
        compared += 1
        pairs += len(theirs)
        for flow, sid in sorted(set(theirs) | set(ours)):
            a, b = ours[flow, sid], theirs[flow, sid]
            word = "missed" if not a else "false" if not b else "count" if args.counts and a != b else None
            if word:
                lines.append("%s %s %d %s" % (word, each.id, sid, flow) + (" %d/%d" % (a, b) if word == "count" else ""))
    lines += ["refused - %d -" % sid for sid in sorted(none)]
    bad = kit.judge(lines, KNOWN, args.all, bool(args.captures))
    if over:
        print("not compared, for want of a recorded answer: " + " ".join(over))
    print("%d captures, %d rules on flows: %d differences" % (compared, pairs, len(lines)))
    return bad


if __name__ == "__main__":
    sys.exit(main())
