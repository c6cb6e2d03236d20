# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes cases as capture files: the client's packets as record.py sent them, the host's as it answered."""
import dataclasses
import random
import typing

import case as kit
import links
import pcapfile
import wire

EPOCH = 1767600000 * 10**9  # 2026-01-05
STEP, ANSWER, CASE = 2_000_000, 150_000, 250_000_000  # nanoseconds between two steps, answers, cases


@dataclasses.dataclass
class Packet:
    side: str                  # c or s
    step: int
    ip: bytes
    snap: int = None           # captured length of the IP packet
    mac: bytes = None          # destination
    link: typing.Any = None


def rendered(case, answer):
    """What was on the wire, in its order."""
    w, out, talks = kit.Wire(case), [], 0
    rows = {}
    for row in answer["sent"]:
        rows.setdefault(row[0], []).append(row)
    for number, step in enumerate(case.steps):
        side = "s" if getattr(step, "spoof", False) else "c"
        out += [Packet(side, number, p) for p in w.packets(step)]
        for _, flags, seq, ack, window, options, *data in rows.get(number, []):
            if "S" in flags and w.host_isn is None:
                w.host_isn = (case.host_isn + (talks << 24)) & wire.M32
                talks += 1
            segment = wire.tcp(w.server, w.client, kit.PORT, w.sport, (w.host_isn or 0) + seq, w.isn + ack if "A" in flags else 0,
                               flags, window, bytes.fromhex(options), data[0].encode("latin-1") if data else b"")
            packet = wire.ipv4(w.server, w.client, wire.TCP, segment, dont=True) if case.family == 4 else wire.ipv6(
                w.server, w.client, wire.TCP, segment)
            w.heard(wire.Segment(packet))
            out.append(Packet("s", number, packet))
    return out


def frames(case, answer, start):
    """(time, bytes, length on the wire) of each frame that the capture saw."""
    seen = rendered(case, answer)
    if case.view:
        seen = case.view(seen)
    out, when = [], start
    for p in seen:
        when += STEP if p.side == "c" else ANSWER
        for frame in (p.link or case.link or links.stack(links.ethernet))(p.ip, p.side == "c"):
            if p.mac:
                frame = p.mac + frame[6:]
            length = len(frame)
            out.append((when, frame if p.snap is None else frame[:length - len(p.ip) + p.snap], length))
            when += 1000
    return out


def write(cases, answers, folder, woven=False):
    """Files of all cases, each later in time than the one before; within a file one case after the other, or woven
    into each other. Gives the paths."""
    groups = {}
    for c in cases:
        groups.setdefault((c.file, c.dlt if c.file != "ng" else -1), []).append(c)
    paths, number = [], 0
    for (file, dlt), some in groups.items():
        found = []
        if woven:  # groups mixed: a burst of oddities would meet the limit of anomaly events per second
            some = random.Random(1).sample(some, len(some))
        number += 45 * 10**9 // CASE  # read backwards, the files are further apart than a young flow may be idle
        for c in some:
            number += 1
            start = EPOCH + number * (7_000_000 if woven else CASE)
            found += [(*frame, c.dlt) for frame in frames(c, answers[c.id], start)]
        if woven:
            found.sort(key=lambda frame: frame[0])
        if file == "ng":
            data = pcapfile.pcapng(found)
        else:
            data = pcapfile.pcap([f[:3] for f in found], dlt, ">" if file == "big" else "<", file == "ns")
        path = folder / ("ng.pcapng" if file == "ng" else "%s-%d.pcap" % (file, dlt))
        path.write_bytes(data)
        paths.append(path)
    return paths
