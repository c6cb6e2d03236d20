# SPDX-License-Identifier: GPL-2.0-or-later
"""fragment: one segment in pieces, of both IP versions; datagram: UDP, whole and in pieces."""
import random

import wire
from case import C, U, goodbye, hello, lookup, tag_of
from table import add

BOTH = (4, 6)
IDENT = dict(ident=0x4242)


def pieces(data, *places):
    """(offset, bytes, more, {}) between the places, which are multiples of 8."""
    edges = [0, *[p for p in places if 0 < p < len(data)], len(data)]
    return [(a, data[a:b], b < len(data), dict(IDENT)) for a, b in zip(edges, edges[1:])]


def lookup_at(segment):
    """Where the lookup begins in a TCP segment, rounded down."""
    return (segment.index(b"X-Api-Version: ") + 15) // 8 * 8


def spoilt(segment):
    """Another copy: a harmless text in the lookup's place, and the same checksum, so that only the pieces decide."""
    at = segment.index(b"X-Api-Version: ") + 15
    end = segment.index(b"\r\n", at)
    text = b"release-2.14.1" + b"-" * (end - at - 14)
    even = (at + 14 + 1) // 2 * 2 - at
    blank = segment[:at] + text[:even] + b"\0\0" + text[even + 2:] + segment[end:]
    balance = (wire.checksum(blank) - wire.checksum(segment)) % 0xffff  # what the two bytes must add to the sum
    return blank[:at + even] + balance.to_bytes(2, "big") + blank[at + even + 2:]


def one(plan, copy="text", more_steps=(), **step):
    """The whole request in one segment, fragmented by plan(segment)."""
    def build(r):
        return [*hello(), C(1, getattr(r, copy), pieces=plan, **step), *more_steps, *goodbye(len(r))]
    return build


def cut(*places, order=None):
    def plan(segment):
        parts = pieces(segment, *[p(segment) if callable(p) else p for p in places])
        return parts if order is None else [parts[i] for i in order]
    return plan


def inside(segment):
    return lookup_at(segment) + 16


def tiny(order):
    def plan(segment):
        parts = pieces(segment, *range(8, len(segment), 8))
        if order == "reversed":
            parts.reverse()
        if order == "shuffled":
            random.Random(4).shuffle(parts)
        return parts
    return plan


add("fragment", "two", one(cut(inside)), BOTH)
add("fragment", "two-reversed", one(cut(inside, order=(1, 0))), BOTH)
for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
    add("fragment", "three-%d%d%d" % order, one(cut(48, inside, order=order)), BOTH if order in ((1, 2, 0), (2, 0, 1)) else (4,))
for order in ("in-order", "reversed", "shuffled"):
    add("fragment", "of-8-bytes-" + order, one(tiny(order)), BOTH)
add("fragment", "ports-only-first", one(cut(8, inside)), BOTH)
add("fragment", "header-cut", one(cut(16)), BOTH)
add("fragment", "header-cut-reversed", one(cut(16, order=(1, 0))), BOTH)
add("fragment", "benign", one(cut(inside), copy="benign"), BOTH)

# Copies ------------------------------------------------------------------------------------------------------------------------
add("fragment", "each-twice", one(lambda s: [p for p in pieces(s, 48, inside(s)) for _ in (0, 1)]), BOTH)
add("fragment", "last-twice-first-late", one(lambda s: [pieces(s, inside(s))[i] for i in (1, 1, 0)]), BOTH)
add("fragment", "first-twice", one(lambda s: [pieces(s, inside(s))[i] for i in (0, 0, 1)]))
add("fragment", "after-completion", one(lambda s: pieces(s, inside(s)) + pieces(s, inside(s))[1:]))
add("fragment", "all-again", one(lambda s: pieces(s, 48, inside(s)) * 2))


def replaced(first, when):
    """A duplicate of the piece that holds the lookup, with other content: Linux keeps the first."""
    def plan(s):
        fake, true = (spoilt(s), s) if first == "fake" else (s, spoilt(s))
        edges = (lookup_at(s), len(s) // 8 * 8 - 8)
        a, b = pieces(fake, *edges), pieces(true, *edges)
        base = pieces(s, *edges)
        return {"in-order": [base[0], a[1], b[1], base[2]], "first": [a[1], b[1], base[0], base[2]], "last": [base[2], a[1], base[0], b[1]],
                "before-end": [base[0], base[2], a[1], b[1]]}[when]
    return plan


for first in ("fake", "true"):
    for when in ("in-order", "first", "last", "before-end"):
        add("fragment", "duplicate-%s-first-%s" % (first, when), one(replaced(first, when)), BOTH if when == "in-order" else (4,),
            conflict=True, ordinary=False)


def overlapped(relation, copy, order):
    """Pieces that share bytes: Linux throws the datagram away, unless one lies within what is there."""
    def plan(s):
        low, high = lookup_at(s), lookup_at(s) + 32
        spans = {"tail": ((0, high), (low, len(s))), "head": ((low, len(s)), (0, high)), "by-8": ((0, low + 8), (low, len(s))),
                 "covering": ((low, high), (0, len(s))), "inside": ((0, len(s) // 8 * 8 - 8), (low, high)),
                 "middle": ((0, high), (low, high + 16))}[relation]
        texts = (s, spoilt(s)) if copy == "different" else (s, s)
        parts = [(a, t[a:b], b < len(s), dict(IDENT)) for (a, b), t in zip(spans, texts)]
        rest = max(b for _, b in spans)
        if rest < len(s):
            parts.append((rest // 8 * 8, s[rest // 8 * 8:], False, dict(IDENT)))
        return parts if order == "forward" else parts[::-1]
    return plan


for relation in ("tail", "head", "by-8", "covering", "inside", "middle"):
    for copy in ("equal", "different"):
        for order in ("forward", "backward"):
            add("fragment", "overlap-%s-%s-%s" % (relation, copy, order), one(overlapped(relation, copy, order)),
                BOTH if relation in ("tail", "inside") and order == "forward" else (4,), conflict=True, ordinary=False)


def again(plan, ident=0x5151, copy="text", wait=0.0):
    """The segment once more, in ordinary pieces under another id."""
    def build(r):
        second = [C(1, r.text, pieces=lambda s: [(o, d, m, dict(ident=ident)) for o, d, m, _ in pieces(s, inside(s))])]
        return [*hello(), C(1, getattr(r, copy), pieces=plan), *second, *goodbye(len(r))]
    return build


add("fragment", "overlap-dropped-then-whole", again(overlapped("tail", "different", "forward")), BOTH, conflict=True, ordinary=False)
add("fragment", "overlap-dropped-then-hides", again(overlapped("tail", "equal", "forward"), copy="benign"), conflict=True, ordinary=False)
add("fragment", "unfinished-then-whole", again(lambda s: pieces(s, inside(s))[:1]), BOTH)
add("fragment", "unfinished-tail-then-whole", again(lambda s: pieces(s, inside(s))[1:]))
add("fragment", "unfinished-shows", lambda r: [*hello(), C(1, r.text, pieces=lambda s: pieces(s, inside(s), (len(s) - 1) // 8 * 8)[:2]), *goodbye(0)],
    ordinary=False)
add("fragment", "unfinished-hole-shows", lambda r: [*hello(), C(1, r.text, pieces=lambda s: [pieces(s, 24, 40)[i] for i in (0, 2)]), *goodbye(0)],
    ordinary=False)


# Between the pieces --------------------------------------------------------------------------------------------------------------
def between(what):
    def plan(s):
        first, second = pieces(s, inside(s))
        other = {
            "whole-same-id": (0, s[:20], None, dict(IDENT)),                          # a whole packet: no fragment at all
            "whole-same-id-harmless": (0, s[:4] + b"\0\0\0\1" + s[8:20], None, dict(IDENT)),
            "other-protocol": (first[0], b"\x11" * len(first[1]), True, dict(IDENT, proto=132)),
            "other-protocol-tail": (second[0], b"\x11" * len(second[1]), False, dict(IDENT, proto=132)),
            "other-id": (second[0], spoilt(s)[second[0]:], False, dict(ident=0x4243)),
            "other-id-first": (0, spoilt(s)[:second[0]], True, dict(ident=0x4243)),
            "empty-more": (second[0], b"", True, dict(IDENT)),
            "beyond-end": (len(s) // 8 * 8 + 64, b"\0" * 16, True, dict(IDENT)),
            "other-end": (second[0] + 8, s[second[0] + 8:-8], False, dict(IDENT)),
            "odd-length-more": (second[0], s[second[0]:second[0] + 13], True, dict(IDENT)),
            "far-offset": (65528, b"\0" * 16, False, dict(IDENT)),
            "other-ttl": (second[0], s[second[0]:], False, dict(IDENT, **({"ttl": 9}))),
        }[what]
        return [first, other, second]
    return plan


for what in ("whole-same-id", "whole-same-id-harmless", "other-protocol", "other-protocol-tail", "other-id", "other-id-first", "empty-more",
             "beyond-end", "other-end", "odd-length-more", "far-offset", "other-ttl"):
    add("fragment", "between-" + what, one(between(what)), BOTH if what in ("whole-same-id", "other-id", "odd-length-more", "other-end") else (4,),
        conflict=what in ("beyond-end", "other-end", "odd-length-more"), ordinary=what in ("whole-same-id", "other-id"))
add("fragment", "bad-ip-sum-hides", one(lambda s: [(0, spoilt(s)[:inside(s)], True, dict(IDENT, bad_sum=True)), *pieces(s, inside(s))], sums=True),
    ordinary=False)
add("fragment", "ip-options", one(cut(inside), ip=dict(options=b"\x94\x04\0\0")))
add("fragment", "bad-sum-shows", one(cut(inside), bad_sum=True), ordinary=False)
add("fragment", "two-datagrams-woven", lambda r: [*hello(), C(1, r.text, pieces=lambda s: woven(s)), *goodbye(len(r))], BOTH)


def woven(s):
    a = pieces(s, 48, inside(s))
    b = [(o, d, m, dict(ident=0x7777)) for o, d, m, _ in pieces(s, 24, 64)]
    return [x for two in zip(a, b) for x in two]


# IPv6 only -----------------------------------------------------------------------------------------------------------------------
add("fragment", "atomic", one(lambda s: [(0, s, False, dict(IDENT))]), (6,))
add("fragment", "atomic-between", one(lambda s: [pieces(s, inside(s))[0], (0, s[:20], False, dict(IDENT)), pieces(s, inside(s))[1]]), (6,))
add("fragment", "headers-before", one(cut(inside), extensions=(wire.hop_by_hop, wire.routing, wire.destination)), (6,))


def headers_within(reverse=False, places=(48, 88)):
    def plan(s):
        number, body = wire.chained((wire.destination,), wire.TCP, s)
        parts = [(o, d, m, dict(IDENT, inner=number)) for o, d, m, _ in pieces(body, *places)]
        return parts[::-1] if reverse else parts
    return plan


add("fragment", "headers-within", one(headers_within()), (6,))
add("fragment", "headers-within-reversed", one(headers_within(True)), (6,))
add("fragment", "headers-within-cut", one(headers_within(places=(24, 64))), (6,), ordinary=False)
add("fragment", "extensions", one(None, extensions=(wire.hop_by_hop, wire.routing, wire.destination)), (6,))
add("fragment", "destination-header", one(None, extensions=(wire.destination,)), (6,))
add("fragment", "two-destination-headers", one(None, extensions=(wire.destination, wire.destination)), (6,))


# UDP -----------------------------------------------------------------------------------------------------------------------------
def add_udp(name, make, families=BOTH, **facts):
    for family in families:
        ident = "datagram/" + name + ("-v6" if family == 6 else "")  # as add() names it
        text = b"<134>1 2026-01-05T10:00:00Z web01 app - - - X-Api-Version: %s\r\nends" % lookup(tag_of(ident)) + b"." * 30
        add("datagram", name, lambda r, t=text: make(t), (family,), host=dict(udp=True), **facts)


add_udp("whole", lambda t: [U(t)])
add_udp("bad-sum-shows", lambda t: [U(t, dict(bad_sum=True))], ordinary=False)
add_udp("no-sum", lambda t: [U(t, dict(no_sum=True))], ordinary=False)
add_udp("length-short", lambda t: [U(t, dict(length=40))], ordinary=False)
add_udp("length-long", lambda t: [U(t, dict(length=400))], ordinary=False)
add_udp("length-7", lambda t: [U(t, dict(length=7))], (4,), ordinary=False)
add_udp("pieces", lambda t: [U(t, pieces=lambda s: pieces(s, 24, 80))])
add_udp("pieces-reversed", lambda t: [U(t, pieces=lambda s: pieces(s, 24, 80)[::-1])])
add_udp("pieces-of-8", lambda t: [U(t, pieces=lambda s: pieces(s, *range(8, len(s), 8)))])
add_udp("pieces-twice", lambda t: [U(t, pieces=lambda s: pieces(s, 24, 80) * 2)])
add_udp("pieces-overlap", lambda t: [U(t, pieces=lambda s: [(0, s[:88], True, dict(IDENT)), (80, s[80:], False, dict(IDENT))])], ordinary=False,
        conflict=True)
add_udp("unfinished-shows", lambda t: [U(t, pieces=lambda s: pieces(s, 112, 120)[:2])], (4,), ordinary=False)
