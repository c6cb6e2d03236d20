# SPDX-License-Identifier: GPL-2.0-or-later
"""mixed: several oddities at once, where each alone is harmless. network: the same addresses and ports in two
networks, and one conversation that comes in by two ways. dying: what is sent with too few hops to arrive."""
import random

import links as l
import wire
from case import SYN_OPTIONS, C, Host, goodbye, hello, talk
from cases_frag import IDENT, cut, inside, lookup_at, pieces, spoilt
from cases_host import SMALL, spiced
from cases_order import FIRST, LONG, shuffled
from cases_state import COOKIE, FAST_OPEN
from table import add

BOTH = (4, 6)
TS = b"\2\4\5\xb4\4\2"

# Fragments within everything ---------------------------------------------------------------------------------------------
REVERSED = cut(48, inside, order=(2, 1, 0))
for name, link in {
    "vxlan-with-vlan": l.stack(l.vxlan(frame=l.typed(l.tag(7))), l.ethernet), "qinq": l.stack(l.typed(l.tag(9, 0x88a8), l.tag(8))),
    "gre-in-qinq": l.stack(l.gre(key=True), l.typed(l.tag(9, 0x88a8), l.tag(8))), "mpls-in-pppoe-less-vlan": l.stack(l.mpls(2, under=l.tag(5))),
    "vxlan-itself-in-fragments": l.stack(l.vxlan(frame=l.typed(l.tag(7))), l.in_fragments(64), l.typed(l.tag(3))),
    "teb-in-fragments-in-vxlan": l.stack(l.gre(inner=l.ethernet), l.in_fragments(72), l.vxlan(), l.ethernet),
}.items():
    add("mixed", "fragments-in-" + name, lambda r: talk([r.at(0, len(r), pieces=REVERSED)], len(r)), BOTH, link=link)
add("mixed", "fragments-of-each-segment", lambda r: talk([C(s.seq, s.data, pieces=lambda x, n=n: [
    (o, d, m, dict(ident=0x300 + n)) for o, d, m, _ in pieces(x, 24, 32)]) for n, s in enumerate(reversed(r.cut(20, r.start + 8)))], len(r)), BOTH)
add("mixed", "fragments-one-id-for-two-segments", lambda r: talk([C(s.seq, s.data, pieces=lambda x: pieces(x, 24, 32)) for s in r.cut(r.start + 8)],
                                                                  len(r)), BOTH)
add("mixed", "fragments-do-not-fragment", lambda r: talk([r.at(0, len(r), pieces=cut(inside), ip=dict(dont=True))], len(r)))
add("mixed", "fragments-with-timestamps-urgent", lambda r: [*hello(TS, ts=1000), C(1, spiced(r, 9), flags="PAU", urgent=r.start + 10, ts=1001,
                                                            pieces=cut(48, inside)), *goodbye(len(r) + 1, ts=1002)], BOTH, conflict=True, ordinary=False)
add("mixed", "fragment-copy-differs-in-two-pieces", lambda r: talk([r.at(0, len(r), pieces=lambda s: [
    pieces(spoilt(s), lookup_at(s), inside(s))[0], *pieces(spoilt(s), lookup_at(s), inside(s))[1:2], *pieces(s, lookup_at(s), inside(s))[1:2],
    pieces(s, lookup_at(s), inside(s))[2]])], len(r)), BOTH, conflict=True, ordinary=False)

# IPv6's own --------------------------------------------------------------------------------------------------------------
def atomic(following):
    return wire.fragment6(following, 0, False, 0x77)


add("mixed", "atomic-with-headers", lambda r: talk([r.at(0, len(r), extensions=(wire.hop_by_hop, wire.destination, atomic, wire.destination))], len(r)), (6,))
add("mixed", "atomic-twice", lambda r: talk([r.at(0, len(r), extensions=(atomic, atomic))], len(r)), (6,))
add("mixed", "atomic-around-fragments", lambda r: talk([r.at(0, len(r), extensions=(atomic,), pieces=cut(inside))], len(r)), (6,), ordinary=False)
add("mixed", "atomic-of-an-id-in-use", lambda r: talk([r.at(0, len(r), pieces=lambda s: [pieces(s, inside(s))[0], (0, spoilt(s), False, dict(IDENT)),
                                                       pieces(s, inside(s))[1]])], len(r)), (6,), conflict=True, ordinary=False)
add("mixed", "fragment-names-another-header-later", lambda r: talk([r.at(0, len(r), pieces=lambda s: [
    pieces(s, inside(s))[0], (pieces(s, inside(s))[1][0], pieces(s, inside(s))[1][1], False, dict(IDENT, proto=17))])], len(r)), (6,), ordinary=False)
add("mixed", "fragment-names-another-header-first", lambda r: talk([r.at(0, len(r), pieces=lambda s: [
    (0, pieces(s, inside(s))[0][1], True, dict(IDENT, proto=17)), pieces(s, inside(s))[1]])], len(r)), (6,), ordinary=False)
add("mixed", "fragments-overlap-by-1-block-equal", lambda r: talk([r.at(0, len(r), pieces=lambda s: [
    (0, s[:64], True, dict(IDENT)), (56, s[56:], False, dict(IDENT))])], len(r)), BOTH, conflict=True, ordinary=False)

# Openings ------------------------------------------------------------------------------------------------------------------
add("mixed", "fast-open-in-fragments", lambda r: [C(0, r.text[:r.start + 10], flags="S", options=SYN_OPTIONS + COOKIE, pieces=cut(64)),
                                                 C(1 + r.start + 10, r.text[r.start + 10:], pieces=cut(40, order=(1, 0))), *goodbye(len(r))], BOTH, host=FAST_OPEN)
add("mixed", "fast-open-overlapped-by-next", lambda r: [C(0, r.text[:r.start + 10], flags="S", options=SYN_OPTIONS + COOKIE),
                                                       r.at(r.start - 20, len(r)), *goodbye(len(r))], BOTH, host=FAST_OPEN)
add("mixed", "fast-open-overlapped-differs", lambda r: [C(0, r.text[:r.start + 10], flags="S", options=SYN_OPTIONS + COOKIE),
                                                       r.bad(r.start - 20, r.start + 10), r.at(r.start + 10, len(r)), *goodbye(len(r))],
    host=FAST_OPEN, conflict=True, ordinary=False)
add("mixed", "fast-open-rest-first", lambda r: [C(0, r.text[:r.start + 10], flags="S", options=SYN_OPTIONS + COOKIE), r.at(r.end - 3, len(r)),
                                               r.at(r.start + 10, r.end - 3), *goodbye(len(r))], BOTH, host=FAST_OPEN)
add("mixed", "fast-open-fin", lambda r: [C(0, r.text[:r.start + 10], flags="S", options=SYN_OPTIONS + COOKIE), r.at(r.start + 10, len(r), flags="FPA"),
                                        C(2 + len(r))], host=FAST_OPEN)
add("mixed", "fast-open-urgent", lambda r: [C(0, spiced(r, 9), flags="SU", urgent=r.start + 10, options=SYN_OPTIONS + COOKIE), C(2 + len(r)),
                                           *goodbye(len(r) + 1)], host=FAST_OPEN, conflict=True, ordinary=False)


def both_open(*steps):
    return [Host("connect"), C(0, flags="S"), C(0, flags="SA", ack=1), C(1), *steps]


add("mixed", "simultaneous-midstream", lambda r: [*both_open(*r.cut(30, r.start + 6)), *goodbye(len(r))], BOTH, host=dict(mode="connect"),
    view=lambda packets: [p for p in packets if p.step >= 4])
add("mixed", "simultaneous-swapped", lambda r: [*both_open(*reversed(r.cut(30, r.start + 6))), *goodbye(len(r))], BOTH, host=dict(mode="connect"))
add("mixed", "simultaneous-data-in-answer", lambda r: [Host("connect"), C(0, flags="S"), C(0, r.text[:r.start + 6], flags="SA", ack=1),
                                                      C(1), r.at(0, r.start + 6), r.at(r.start + 6, len(r)), *goodbye(len(r))],
    host=dict(mode="connect"))
add("mixed", "simultaneous-wrap", lambda r: [*both_open(*reversed(r.cut(30, r.start + 6))), *goodbye(len(r))], isn=0xffffffff - 100, host=dict(mode="connect"))

# Time stamps -----------------------------------------------------------------------------------------------------------------
add("mixed", "time-stamps-wrap", lambda r: talk([r.at(0, r.start + 5, ts=0xffffffff), r.at(r.start + 5, r.start + 9, ts=0), r.at(r.start + 9, len(r), ts=1)],
                                               len(r), TS, ts=0xfffffff0), BOTH)
add("mixed", "time-stamps-wrap-swapped", lambda r: talk([r.at(r.start + 5, len(r), ts=2), r.at(0, r.start + 5, ts=0xffffffff)], len(r), TS, ts=0xfffffff0))
add("mixed", "time-stamps-old-in-queue", lambda r: talk([r.at(r.start + 5, len(r), ts=1005), r.at(r.start - 9, r.start + 5, ts=1003), r.at(0, r.start - 9, ts=1001)],
                                                       len(r), TS, ts=1000))
add("mixed", "time-stamp-zero", lambda r: talk([r.at(0, r.start + 5, ts=0), r.at(r.start + 5, len(r), ts=1001)], len(r), TS, ts=1000), conflict=True, ordinary=False)
add("mixed", "time-stamps-stand-still", lambda r: talk(r.cut(20, r.start + 5), len(r), TS + b"\1\1\x08\x0a" + (1000).to_bytes(4, "big") + bytes(4)))

# Windows and probes ----------------------------------------------------------------------------------------------------------
def filling(r, size=500):
    return [r.at(a, min(a + size, len(r))) for a in range(0, len(r), size)]


add("mixed", "probe-with-next-byte", lambda r: [*hello(), *filling(r), C(lambda w: w.ack, b"Z"), Host("read"), *filling(r), Host("read"), *filling(r),
                                               Host("read"), *filling(r), *goodbye(len(r))], host=SMALL, before=LONG[:4000], conflict=True, ordinary=False)
add("mixed", "straddles-the-window", lambda r: [*hello(), C(lambda w: 1, r.text[:len(r)]), Host("read"), *filling(r), Host("read"), *filling(r), Host("read"),
                                               *filling(r), Host("read"), *filling(r), *goodbye(len(r))], host=SMALL, before=LONG[:4000])
add("mixed", "jumbo-segment", lambda r: talk([r.at(0, len(r))], len(r)), BOTH, before=LONG)
add("mixed", "jumbo-segments-overlap", lambda r: talk([r.at(4000, len(r)), r.at(0, 6000)], len(r)), before=LONG)

# Wrap at the attack ------------------------------------------------------------------------------------------------------------
NEAR_WRAP = 0xffffffff - 130
add("mixed", "wrap-overlap-longer-queued", lambda r: talk([r.bad(r.start - 4, r.start + 15), r.at(r.start - 4, len(r)), r.at(0, r.start - 4)], len(r)),
    isn=NEAR_WRAP, conflict=True, ordinary=False)
add("mixed", "wrap-overlap-hides", lambda r: talk([r.at(0, r.start + 20), r.bad(r.start, r.start + 20), r.at(r.start + 20, len(r))], len(r)), BOTH,
    isn=NEAR_WRAP, conflict=True, ordinary=False)
add("mixed", "wrap-reset-before-and-behind", lambda r: [*hello(), r.at(0, r.start + 8), C(r.start + 20, flags="R"), C(r.start - 20, flags="R"),
                                                       r.at(r.start + 8, len(r)), *goodbye(len(r))], isn=NEAR_WRAP, ordinary=False)
add("mixed", "wrap-urgent", lambda r: [*hello(), C(1, spiced(r, 9)[:r.start + 12], flags="PAU", urgent=r.start + 10),
                                      C(r.start + 13, spiced(r, 9)[r.start + 12:]), *goodbye(len(r) + 1)], isn=NEAR_WRAP, conflict=True, ordinary=False)
add("mixed", "wrap-fin-early", lambda r: [*hello(), C(1 + len(r), flags="FA"), *shuffled(3, r.cut(20, r.start + 3, r.start + 17)), C(2 + len(r))], isn=NEAR_WRAP)
add("mixed", "wrap-of-both", lambda r: talk(reversed(r.cut(20, r.start + 8)), len(r)), BOTH, isn=NEAR_WRAP, host_isn=0xffffffff)

# Urgent ------------------------------------------------------------------------------------------------------------------------
add("mixed", "urgent-reached-by-next-segment", lambda r: [*hello(), C(1, spiced(r, 9)[:r.start], flags="PAU", urgent=r.start + 10),
                                                         C(1 + r.start, spiced(r, 9)[r.start:]), *goodbye(len(r) + 1)], BOTH, conflict=True, ordinary=False)
add("mixed", "urgent-on-retransmission-only", lambda r: [*hello(), C(1, spiced(r, 9)[:r.start + 10]), C(1, spiced(r, 9)[:r.start + 10], flags="PAU", urgent=r.start + 10),
                                                        C(r.start + 11, spiced(r, 9)[r.start + 10:]), *goodbye(len(r) + 1)], conflict=True, ordinary=False)
add("mixed", "urgent-twice-the-same", lambda r: [*hello(), C(1, spiced(r, 9)[:30], flags="PAU", urgent=r.start + 10),
                                                C(31, spiced(r, 9)[30:], flags="PAU", urgent=r.start - 20), *goodbye(len(r) + 1)], conflict=True, ordinary=False)
add("mixed", "urgent-with-fin", lambda r: [*hello(), C(1, spiced(r, 9), flags="FPAU", urgent=r.start + 10), C(3 + len(r))], conflict=True, ordinary=False)
add("mixed", "urgent-behind-fin", lambda r: [*hello(), C(1, r.text, flags="FPAU", urgent=len(r) + 1), C(2 + len(r))], conflict=True, ordinary=False)
add("mixed", "urgent-no-data", lambda r: [*hello(), r.at(0, r.start + 9), C(1 + r.start + 9, flags="AU", urgent=1), r.at(r.start + 9, len(r)), *goodbye(len(r))],
    conflict=True, ordinary=False)
add("mixed", "urgent-overlapped", lambda r: [*hello(), C(1 + 20, spiced(r, 9)[20:], flags="PAU", urgent=r.start - 10), C(1, r.text[:r.start + 5]),
                                            *goodbye(len(r) + 1)], conflict=True, ordinary=False)

# Ends ----------------------------------------------------------------------------------------------------------------------------
add("mixed", "fin-queued-then-data-beyond", lambda r: [*hello(), C(1 + 40, flags="FA"), r.at(0, 20), r.at(20, 60), r.at(60, len(r)), *goodbye(len(r))],
    conflict=True, ordinary=False)
add("mixed", "fin-queued-with-data-then-longer", lambda r: [*hello(), r.at(30, 40, flags="FPA"), r.at(30, len(r)), r.at(0, 30), *goodbye(len(r))],
    conflict=True, ordinary=False)
add("mixed", "reset-fin-exact", lambda r: [*hello(), r.at(0, r.start + 8), C(1 + r.start + 8, flags="RF"), r.at(r.start + 8, len(r))],
    conflict=True, ordinary=False)
add("mixed", "reset-at-lower-block", lambda r: [*hello(), r.at(0, 20), r.at(r.start + 4, len(r)), r.at(30, 40), C(1 + 40, flags="R"), r.at(20, 30),
                                               r.at(40, r.start + 4), *goodbye(len(r))], ordinary=False)
add("mixed", "reset-beside-upper-block", lambda r: [*hello(), r.at(0, 20), r.at(30, len(r)), C(len(r), flags="R"), C(2 + len(r), flags="R"), r.at(20, 30),
                                                   *goodbye(len(r))], ordinary=False)
add("mixed", "reset-at-block-after-it-is-filled", lambda r: [*hello(), r.at(0, 20), r.at(30, 60), r.at(20, 30), r.at(60, r.start + 9), C(1 + 60, flags="R"),
                                                            r.at(r.start + 9, len(r)), *goodbye(len(r))], ordinary=False)
add("mixed", "reset-at-duplicate-block", lambda r: [*hello(), r.at(0, 40), r.at(20, 40), r.at(40, r.start + 9), C(1 + 40, flags="R"), r.at(r.start + 9, len(r)),
                                                   *goodbye(len(r))], ordinary=False)

# Dying on the way: recorded without the decoys, which have hops for no more than the way to us ------------------------------------
def dying(name, build, **more):
    for family in BOTH:
        few = dict(ip=dict(ttl=2) if family == 4 else dict(hops=2), dies=True)
        add("dying", name, lambda r, f=few: build(r, f), (family,), conflict=True, ordinary=False, **more)


dying("reset-amid-lookup", lambda r, few: [*hello(), r.at(0, r.start + 9), C(1 + r.start + 9, flags="R", **few), r.at(r.start + 9, len(r)), *goodbye(len(r))])
dying("fin-amid-lookup", lambda r, few: [*hello(), r.at(0, r.start + 9), C(1 + r.start + 9, flags="FA", **few), r.at(r.start + 9, len(r)), *goodbye(len(r))])
dying("fin-with-harmless-end", lambda r, few: [*hello(), r.at(0, r.start + 9), r.bad(r.start + 9, len(r), flags="FPA", **few), r.at(r.start + 9, len(r)),
                                              *goodbye(len(r))])
dying("syn-amid-lookup", lambda r, few: [*hello(), r.at(0, r.start + 9), C(90000, flags="S", **few), r.at(r.start + 9, len(r)), *goodbye(len(r))])
dying("reset-and-syn-amid-lookup", lambda r, few: [*hello(), r.at(0, r.start + 9), C(1 + r.start + 9, flags="R", **few), C(90000, flags="S", **few),
                                                  r.at(r.start + 9, len(r)), *goodbye(len(r))])
dying("bytes-behind-decoy", lambda r, few: [*hello(), r.at(0, r.start), r.bad(r.start, r.end, **few), *r.cut(*range(r.start, r.end + 1))[1:], *goodbye(len(r))])
dying("bytes-behind-short-decoy", lambda r, few: [*hello(), r.at(0, r.start), r.bad(r.start, r.start + 14, **few),
                                                  r.at(r.start, r.start + 14), *r.cut(*range(r.start + 14, len(r)))[1:], *goodbye(len(r))])
dying("bytes-behind-decoy-backwards", lambda r, few: [*hello(), r.at(0, r.start), r.bad(r.start, r.end, **few), *reversed(r.cut(*range(r.start, r.end + 1))[1:]),
                                                     *goodbye(len(r))])
dying("bytes-behind-long-decoy", lambda r, few: [*hello(), r.at(0, r.start), r.bad(r.start, len(r), **few), C(1 + len(r), b"x" * 800, **few),
                                                *[r.at(a, min(a + 7, len(r))) for a in range(r.start, len(r), 7)], *goodbye(len(r))])
dying("decoy-in-queue", lambda r, few: [*hello(), r.bad(r.start, r.end, **few), *[r.at(a, min(a + 3, r.end)) for a in range(r.start, r.end, 3)],
                                       r.at(0, r.start), r.at(r.end, len(r)), *goodbye(len(r))])
dying("last-byte-alone", lambda r, few: [*hello(), r.at(0, r.end - 1), r.bad(r.end - 1, r.end, **few), r.at(r.end - 1, r.end), r.at(r.end, len(r)), *goodbye(len(r))])
dying("decoy-shows", lambda r, few: [*hello(), r.bad(0, r.start), r.at(r.start, r.end, **few), r.bad(r.start, len(r)), *goodbye(len(r))])


def decoy_fragment(r, few):
    def part(numbers, **more):
        return C(1, r.text, pieces=lambda s: [pieces(spoilt(s) if more else s, lookup_at(s), inside(s) + 16)[n] for n in numbers], **more)
    return [*hello(), part((0,)), part((1,), **few), part((1, 2)), *goodbye(len(r))]


dying("fragment-decoy", decoy_fragment)
dying("fragment-decoy-first", lambda r, few: [*hello(), C(1, r.text, pieces=lambda s: pieces(spoilt(s), 48)[:1], **few), C(1, r.text, pieces=lambda s: pieces(s, 48)),
                                             *goodbye(len(r))])

# Networks ----------------------------------------------------------------------------------------------------------------------------
TWO_HOSTS = "two networks with the same addresses: no host got more than a half of it"
ONE_HOST = "the two wrappings lead to the same host"


def wrapped(there, steps):
    """The client's packets of these steps come in by another way."""
    def view(packets):
        for p in packets:
            if p.side == "c" and p.step in steps:
                p.link = there
        return packets
    return view


NETWORKS = {
    "vni": (l.stack(l.vxlan(vni=10), l.ethernet), l.stack(l.vxlan(vni=11), l.ethernet)),
    "geneve-vni": (l.stack(l.geneve(vni=10), l.ethernet), l.stack(l.geneve(vni=11), l.ethernet)),
    "gre-key": (l.stack(l.gre(key=True, number=10), l.ethernet), l.stack(l.gre(key=True, number=11), l.ethernet)),
    "nvgre": (l.stack(l.gre(key=True, number=0x0a01, inner=l.ethernet), l.ethernet), l.stack(l.gre(key=True, number=0x0b01, inner=l.ethernet), l.ethernet)),
    "vlan": (l.stack(l.typed(l.tag(10))), l.stack(l.typed(l.tag(11)))),
    "vlan-in-vxlan": (l.stack(l.vxlan(frame=l.typed(l.tag(10))), l.ethernet), l.stack(l.vxlan(frame=l.typed(l.tag(11))), l.ethernet)),
    "vxlan-or-geneve": (l.stack(l.vxlan(vni=10), l.ethernet), l.stack(l.geneve(vni=10), l.ethernet)),
}
for name, (home, other) in NETWORKS.items():
    add("network", "half-in-each-" + name, lambda r: talk(r.cut(r.start + 9), len(r)), BOTH, link=home, view=wrapped(other, (3,)), want="none", why=TWO_HOSTS,
        ordinary=False)
    add("network", "fragments-in-each-" + name, lambda r: talk([r.at(0, len(r), pieces=lambda s: [
        (o, d, m, dict(IDENT)) for o, d, m, _ in pieces(s, inside(s))])], len(r)), link=home,
        view=lambda packets, o=other: [setattr(p, "link", o) or p if p.side == "c" and p.step == 2 and b"}" in p.ip else p for p in packets],
        want="none", why=TWO_HOSTS, ordinary=False)


def twin(packets, link):
    """Another tenant's conversation with the same addresses and numbers, and harmless words, woven in."""
    out = []
    for p in packets:
        other = type(p)(p.side, p.step, harmless_copy(p.ip), p.snap, p.mac, link)
        out += [other, p]
    return out


def harmless_copy(packet):
    seg = wire.Segment(packet)
    if not seg.usable or not seg.data:
        return packet
    data = bytes(b ^ 1 if chr(b).isalpha() else b for b in seg.data).replace(b"$", b"S").replace(b"{", b"(")
    src, dst = str(seg.src), str(seg.dst)
    segment = wire.tcp(src, dst, seg.sport, seg.dport, seg.seq, seg.ack, seg.flags, seg.window, seg.options, data)
    return wire.ipv4(src, dst, wire.TCP, segment) if seg.family == 4 else wire.ipv6(src, dst, wire.TCP, segment)


for name, (home, other) in NETWORKS.items():
    add("network", "twin-by-" + name, lambda r: talk(r.cut(20, r.start + 4, r.start + 11), len(r)), BOTH if name in ("vni", "vlan") else (4,), link=home,
        view=lambda packets, o=other: twin(packets, o))
WAYS = {
    "vlan": (l.typed(l.tag(10)), l.typed(l.tag(20))), "vni": (l.vxlan(vni=10), l.vxlan(vni=20)), "label": (l.mpls(2, first=100), l.mpls(2, first=200)),
    "teid": (l.gtp(teid=1), l.gtp(teid=2)), "gre-and-nothing": (l.gre(key=True), l.raw),
}
for name, (there, back) in WAYS.items():
    link = l.stack(l.by_direction(there, back), *(() if name in ("vlan", "label") else (l.ethernet,)))
    add("network", "directions-by-" + name, lambda r: talk(r.cut(20, r.start + 9), len(r)), BOTH, link=link)
    # Only who hears both directions knows that the host does not take the decoy.
    add("network", "directions-by-%s-decoy-hides" % name, lambda r: talk([r.at(0, r.start), r.bad(r.start, r.end, ack=lambda w: w.host_next + 900000),
                                                                         r.at(r.start, len(r))], len(r)), link=link, ordinary=False)
    add("network", "directions-by-%s-decoy-shows" % name, lambda r: talk([r.bad(0, r.start), r.at(r.start, r.end, ack=lambda w: w.host_next + 900000),
                                                                         r.bad(r.start, len(r))], len(r)), link=link, ordinary=False)
MOVES = {"teid": (l.stack(l.gtp(teid=1), l.ethernet), l.stack(l.gtp(teid=9), l.ethernet)), "label": (l.stack(l.mpls(1, first=100)), l.stack(l.mpls(1, first=200))),
         "pppoe-and-label": (l.stack(l.pppoe()), l.stack(l.mpls(1)))}
for name, (home, other) in MOVES.items():
    add("network", "moves-by-" + name, lambda r: talk(r.cut(20, r.start + 9, r.end - 2), len(r)), BOTH, link=home, view=wrapped(other, (3, 4)), ordinary=True)
    add("network", "moves-and-back-by-" + name, lambda r: talk(r.cut(20, r.start + 9, r.end - 2), len(r)), link=home, view=wrapped(other, (2, 4)), ordinary=True)
