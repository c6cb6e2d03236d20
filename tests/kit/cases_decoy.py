# SPDX-License-Identifier: GPL-2.0-or-later
"""decoy: a segment that a Linux host drops (or, surprisingly, takes), in the place of another one.

  hides         the decoy is harmless, the real segment behind it holds the lookup
  hides-queued  the same, both waiting behind a hole
  shows         the decoy holds the lookup, the real segment is harmless: an alert is false
"""
import struct

import wire
from case import C, Raw, hello, goodbye, talk
from table import add

TS_SYN = b"\2\4\5\xb4\4\2"


def source_route(w):
    return b"\x83\x0b\x04" + wire.packed("192.0.2.81") * 2


# Kind: (facts of the decoy, conflict: a host takes it, IP versions)
KINDS = {
    "bad-sum": (dict(bad_sum=True), 0, (4, 6)),
    "bad-ip-sum": (dict(ip=dict(bad_sum=True)), 0, (4,)),
    "no-flags": (dict(flags=""), 0, (4, 6)),
    "push-only": (dict(flags="P"), 0, (4,)),
    "urgent-only": (dict(flags="U"), 0, (4,)),
    "fin-only": (dict(flags="F"), 0, (4,)),
    "fin-push": (dict(flags="FP"), 0, (4,)),
    "words-0": (dict(words=0), 0, (4,)),
    "words-3": (dict(words=3), 0, (4, 6)),
    "words-4": (dict(words=4), 0, (4,)),
    "words-15": (dict(words=15, short=True), 0, (4,)),
    "ack-unsent": (dict(ack=lambda w: w.host_next + 70000), 0, (4, 6)),
    "ack-unsent-by-1": (dict(ack=lambda w: w.host_next + 1), 0, (4,)),
    "ack-far-ahead": (dict(ack=lambda w: w.host_next + (1 << 30)), 0, (4,)),
    "ack-old": (dict(ack=lambda w: w.host_next - 200000), 0, (4, 6)),
    "ack-very-old": (dict(ack=lambda w: w.host_next - (1 << 30)), 0, (4,)),
    "ack-of-syn-unseen": (dict(ack=0), 1, (4,)),
    "md5": (dict(options=b"\1\1\x13\x12" + b"\x5a" * 16), 0, (4, 6)),
    "tcp-ao": (dict(options=b"\x1d\x10\1\1" + b"\x5a" * 12), 1, (4,)),
    "syn": (dict(flags="S"), 0, (4,)),
    "syn-push-ack": (dict(flags="SPA"), 0, (4, 6)),
    "syn-fin": (dict(flags="SF"), 0, (4,)),
    "all-flags-but-reset": (dict(flags="FSPAUEC"), 0, (4,)),
    "reserved-bits": (dict(reserved=7), 1, (4,)),
    "ecn-bits": (dict(flags="PAEC"), 1, (4,)),
    "window-0": (dict(window=0), 1, (4,)),
    "unknown-option": (dict(options=b"\xfd\x08\x11\x22\x33\x44\x55\x66"), 1, (4,)),
    "bad-option-length": (dict(options=b"\x08\x01\0\0"), 1, (4,)),
    "ip-too-long": (dict(ip=dict(total=1400)), 0, (4,)),
    "ip-words-4": (dict(ip=dict(words=4)), 0, (4,)),
    "ip-version-5": (dict(ip=dict(version=5)), 0, (4,)),
    "ip-source-route": (dict(ip=dict(options=b"\x83\x07\x08" + bytes([192, 0, 2, 80]) + b"\0")), 0, (4,)),
    "ip-source-route-onward": (dict(ip=dict(options=b"\x83\x07\x04" + bytes([192, 0, 2, 99]) + b"\0")), 0, (4,)),
    "ip-record-route": (dict(ip=dict(options=b"\x07\x07\x04\0\0\0\0\0")), 1, (4,)),
    "ip-router-alert": (dict(ip=dict(options=b"\x94\x04\0\0")), 1, (4,)),
    "ip-bad-option": (dict(ip=dict(options=b"\x07\x30\x04\0\0\0\0\0")), 0, (4,)),
    "ip-unknown-option": (dict(ip=dict(options=b"\x5e\x04\0\0")), 1, (4,)),
    "ip-fragment-flag": (dict(ip=dict(more=True)), 0, (4,)),
    "ip-evil-bit": (dict(patch=lambda p: resummed(p[:6] + bytes([p[6] | 0x80]) + p[7:])), 1, (4,)),
    "ip-other-protocol": (dict(ip=dict(proto=132)), 0, (4, 6)),
    "ip6-too-long": (dict(ip=dict(length=1400)), 0, (6,)),
    "ip6-no-next": (dict(ip=dict(proto=59)), 0, (6,)),
    "ip6-bad-destination-option": (dict(extensions=(lambda n: wire.destination(n, b"\x9e\4\0\0\0\0"),)), 0, (6,)),
    "ip6-skipped-option": (dict(extensions=(lambda n: wire.destination(n, b"\x1e\4\0\0\0\0"),)), 1, (6,)),
    "ip6-hop-by-hop-late": (dict(extensions=(wire.destination, wire.hop_by_hop)), 0, (6,)),
    "ip6-hop-by-hop": (dict(extensions=(wire.hop_by_hop,)), 1, (6,)),
    "ip6-routing": (dict(extensions=(wire.routing,)), 1, (6,)),
    "ip6-routing-onward": (dict(extensions=(lambda n: (43, struct.pack("!BBBBI", n, 2, 0, 1, 0) + wire.packed("2001:db8::99")),)), 0, (6,)),
    "ip6-pad-not-zero": (dict(extensions=(lambda n: wire.destination(n, b"\1\4\0\1\0\0"),)), 0, (6,)),
    "ip6-pad-long": (dict(extensions=(lambda n: wire.destination(n, b"\1\x0c" + bytes(12)),)), 0, (6,)),
    "ip6-pad-7": (dict(extensions=(lambda n: wire.destination(n, b"\x1e\5\1\2\3\4\5\1\5" + bytes(5)),)), 1, (6,)),
    "ip6-pad-run": (dict(extensions=(lambda n: wire.destination(n, bytes(14)),)), 0, (6,)),
    "ip6-8-options": (dict(extensions=(lambda n: wire.destination(n, b"\x1e\0" * 8 + b"\1\4\0\0\0\0"),)), 1, (6,)),
    "ip6-9-options": (dict(extensions=(lambda n: wire.destination(n, b"\x1e\0" * 9 + b"\1\2\0\0"),)), 0, (6,)),
    "ip6-9-hop-options": (dict(extensions=(lambda n: wire.hop_by_hop(n, b"\x1e\0" * 9 + b"\1\2\0\0"),)), 0, (6,)),
    "ip6-home-address": (dict(extensions=(lambda n: wire.destination(n, b"\1\2\0\0\xc9\x10" + wire.packed("2001:db8:c::77")),)), 0, (6,)),
    "ip6-jumbo-small": (dict(extensions=(lambda n: wire.hop_by_hop(n, b"\xc2\4\0\0\0\x70"),), ip=dict(length=0)), 0, (6,)),
    "ip6-jumbo-and-length": (dict(extensions=(lambda n: wire.hop_by_hop(n, b"\xc2\4\0\1\0\0"),)), 0, (6,)),
    "ip6-jumbo-for-destination": (dict(extensions=(lambda n: wire.destination(n, b"\xc2\4\0\1\0\0"),)), 0, (6,)),
    "ip6-router-alert": (dict(extensions=(lambda n: wire.hop_by_hop(n, b"\5\2\0\0\1\0"),)), 1, (6,)),
    "ip6-router-alert-long": (dict(extensions=(lambda n: wire.hop_by_hop(n, b"\5\4\0\0\0\0"),)), 0, (6,)),
    "ip6-length-0": (dict(ip=dict(length=0)), 0, (6,)),
    "ip-length-0": (dict(ip=dict(total=0)), 0, (4,)),
    "ip6-segment-routing": (dict(extensions=(lambda n: (43, struct.pack("!BBBBBBH", n, 2, 4, 0, 0, 0, 0) + wire.packed("2001:db8::80")),)), 0, (6,)),
    "ip6-routing-2": (dict(extensions=(lambda n: (43, struct.pack("!BBBBI", n, 2, 2, 0, 0) + wire.packed("2001:db8::80")),)), 0, (6,)),
    "ip6-routing-253": (dict(extensions=(lambda n: (43, struct.pack("!BBBBI", n, 0, 253, 0, 0)),)), 1, (6,)),
    "ip6-authentication": (dict(extensions=(lambda n: (51, struct.pack("!BBHII", n, 4, 0, 7, 1) + bytes(12)),)), 0, (6,)),
    "ip6-hops-0": (dict(ip=dict(hops=0)), 1, (6,)),
    "ip-ttl-0": (dict(ip=dict(ttl=0)), 1, (4,)),
    "ip-options-40": (dict(ip=dict(options=b"\1" * 40)), 1, (4,)),
    "ip-router-alert-twice": (dict(ip=dict(options=b"\x94\4\0\0" * 2)), 1, (4,)),
    "ip-time-stamps-full": (dict(ip=dict(options=b"\x44\x0c\x0d\xf1" + bytes(8))), 0, (4,)),
    "options-40": (dict(options=b"\1" * 40), 1, (4, 6)),
    "sack-of-nothing": (dict(options=b"\1\1\5\x0a" + bytes(8)), 1, (4,)),
    "mood-option-twice": (dict(options=b"\x19\4\0\0" * 2), 1, (4,)),
    "paws": (dict(ts=-5000), 0, (4, 6)),
    "paws-by-2": (dict(ts=998), 0, (4,)),
    "paws-opposite": (dict(ts=1000 + (1 << 31)), 0, (4,)),
    "paws-opposite-by-1": (dict(ts=1000 + (1 << 31) - 1), 0, (4,)),
    "paws-by-1": (dict(ts=999), 1, (4,)),
    "paws-half": (dict(ts=1000 - (1 << 31) + 5), 0, (4,)),
    "time-stamp-missing": (dict(ts=None), 1, (4,)),
    "time-stamp-far-ahead": (dict(ts=1 << 30), 1, (4,)),
    "time-stamp-echo-wrong": (dict(ts=1010, echo=77), 1, (4,)),
}


def resummed(p):
    p = p[:10] + b"\0\0" + p[12:]
    return p[:10] + struct.pack("!H", wire.checksum(p[:20])) + p[12:]


def decoy(kind, shape):
    facts = dict(KINDS[kind][0])
    stamped = kind.startswith(("paws", "time-stamp"))
    ts = dict(ts=1000) if stamped else {}

    def build(r):
        real, fake = (r.benign, r.text) if shape == "shows" else (r.text, r.benign)
        more = dict(facts)
        end = r.end + 2
        if more.pop("short", False):  # a header that reaches beyond its segment
            end = r.start + 30
        place = r.at(r.start - 2, end, fake, **more)
        head, tail = r.at(0, r.start - 2, real, **ts), r.at(r.start - 2, len(r), real, **ts)
        order = [place, tail, head] if shape == "hides-queued" else [head, place, tail]
        return talk(order, len(r), TS_SYN if stamped else b"\2\4\5\xb4\1\1\4\2\1\3\3\7", **ts)
    return build


for kind, (_, taken, families) in KINDS.items():
    for shape in ("hides", "shows", "hides-queued"):
        add("decoy", "%s-%s" % (kind, shape), decoy(kind, shape), families if shape != "hides-queued" else families[:1],
            conflict=bool(taken), ordinary=False)


# Elsewhere in the sequence space: an alert is false, and what follows must still be read ------------------------------
PLACES = {
    "far-ahead": lambda w: 3_000_000, "half-the-space": lambda w: 1 << 31, "behind": lambda w: -70000,
    "just-beyond-window": lambda w: w.edge + 1, "at-window-edge": lambda w: w.edge, "before-first-byte": lambda w: -60,
}
for name, where in PLACES.items():
    add("decoy", "place-%s-shows" % name, lambda r, s=where: talk(
        [r.at(0, r.start, r.benign), C(s, r.text), r.at(r.start, len(r), r.benign)], len(r)),
        ordinary=False, conflict=name == "before-first-byte")  # that one reaches into what was delivered
    add("decoy", "place-%s-hides" % name, lambda r, s=where: talk(
        [r.at(0, r.start + 9), C(s, b"junk " * 30), r.at(r.start + 9, len(r))], len(r)), (4, 6), ordinary=False)


# Acknowledgments of what the host never sent: it ignores them, and what follows must still be read --------------------
for name, steps, families in (("once", [70000], (4, 6)), ("twice", [70000, 140000], (4,)), ("far", [(1 << 30) - 1], (4,)),
                              ("on-and-on", [n * 120000 for n in range(1, 12)], (4,))):
    for data in (b"", b"G"):
        add("decoy", "acks-of-nothing-%s-%s-hides" % (name, "data" if data else "bare"), lambda r, s=steps, d=data: talk(
            [r.at(0, 1), *[C(1, d, ack=lambda w, x=x: w.host_next + x) for x in s], *r.cut(r.start, r.start + 9, r.start + 20)], len(r)),
            families, ordinary=False)


# To someone else: the host never sees it -----------------------------------------------------------------------------
def elsewhere(**change):
    def make(r, data):
        def packet(w):
            dst, port = change.get("dst", w.server), change.get("port", 80)
            segment = wire.tcp(w.client, dst, w.sport, port, w.isn + 1 + r.start, w.host_isn + w.host_next, "PA", data=data)
            return wire.ipv4(w.client, dst, wire.TCP, segment)
        return Raw(packet)
    return make


for name, change in (("port", dict(port=81)), ("address", dict(dst="192.0.2.81"))):
    add("decoy", "other-%s-hides" % name, lambda r, m=elsewhere(**change): talk(
        [r.at(0, r.start), m(r, r.benign[r.start:]), r.at(r.start, len(r))], len(r)), ordinary=False)


# Only a capture near the sender sees these: what the host got is known because it was not sent to it ------------------
UNKNOWABLE = "a packet that dies on the way cannot be told from one that arrives: an alert or an anomaly must say that copies differ"


def dying(r, shape, **facts):
    real, fake = (r.benign, r.text) if shape == "shows" else (r.text, r.benign)
    return talk([r.at(0, r.start, real), r.at(r.start, r.end, fake, **facts), r.at(r.start, len(r), real)], len(r))


for ttl in (1, 3):
    for shape in ("hides", "shows"):
        add("unknowable", "ttl-%d-%s" % (ttl, shape), lambda r, t=ttl, s=shape: dying(r, s, ip=dict(ttl=t)),
            want="told", why=UNKNOWABLE, conflict=True, ordinary=False)
add("unknowable", "hops-1-hides", lambda r: dying(r, "hides", ip=dict(hops=1)), (6,), want="told", why=UNKNOWABLE, conflict=True,
    ordinary=False)


def other_mac(packets):
    for p in packets:
        if p.side == "c" and p.step == 3:
            p.mac = bytes.fromhex("02000a0000ee")
    return packets


for shape in ("hides", "shows"):
    add("unknowable", "mac-%s" % shape, lambda r, s=shape: dying(r, s), view=other_mac, want="told", why=UNKNOWABLE, conflict=True,
        ordinary=False)
add("decoy", "benign-with-all-of-it", lambda r: hello() + [r.bad(0, 40), r.bad(40, 60, bad_sum=True), r.bad(40, 60, flags=""),
                                                          r.bad(40, len(r))] + goodbye(len(r)))
