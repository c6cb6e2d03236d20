# SPDX-License-Identifier: GPL-2.0-or-later
"""order: the same bytes in every order. again: the same bytes more than once."""
import itertools
import random

from case import C, Host, Req, goodbye, hello, talk
from table import add

BOTH = (4, 6)


def shuffled(seed, steps):
    steps = list(steps)
    random.Random(seed).shuffle(steps)
    return steps


def permuted(places, order):
    def build(r):
        parts = r.cut(*places(r))
        return talk([parts[i] for i in order], len(r))
    return build


def thirds(r):
    return r.start + 3, r.start + 20


add("order", "whole", lambda r: talk(r.cut(), len(r)), BOTH)
add("order", "two", lambda r: talk(r.cut(r.start + 4), len(r)), BOTH)
for number, order in enumerate(itertools.permutations(range(3))):
    add("order", "three-%d%d%d" % order, permuted(thirds, order), BOTH if number in (2, 5) else (4,))
for order in ((3, 2, 1, 0), (1, 0, 3, 2), (2, 3, 0, 1), (3, 0, 1, 2)):
    add("order", "four-%d%d%d%d" % order, permuted(lambda r: (10, r.start + 5, r.end - 3), order))
for at, what in ((1, "dollar"), (2, "brace"), (4, "jndi"), (7, "colon"), (12, "scheme"), (20, "host"), (-1, "end")):
    add("order", "cut-in-" + what, lambda r, a=at: talk(r.cut(r.start + a if a > 0 else r.end + a), len(r)))
    add("order", "cut-in-%s-swapped" % what, lambda r, a=at: talk(reversed(r.cut(r.start + a if a > 0 else r.end + a)), len(r)))


def bytewise(r):
    return r.cut(*range(1, len(r)))


add("order", "bytes", lambda r: talk(bytewise(r), len(r)), BOTH)
add("order", "bytes-reversed", lambda r: talk(reversed(bytewise(r)), len(r)), BOTH)
for seed in range(3):
    add("order", "bytes-shuffled-%d" % seed, lambda r, s=seed: talk(shuffled(s, bytewise(r)), len(r)))
for size in (2, 7, 40):
    add("order", "pieces-of-%d-shuffled" % size, lambda r, s=size: talk(shuffled(s, r.cut(*range(s, len(r), s))), len(r)))

LONG = b"".join(b"X-Filler-%03d: %s\r\n" % (n, b"abcdefghij" * 12) for n in range(60))


def segments(r, size=1400):
    return r.cut(*range(size, len(r), size))


add("order", "long", lambda r: talk(segments(r), len(r)), BOTH, before=LONG)
add("order", "long-reversed", lambda r: talk(reversed(segments(r)), len(r)), before=LONG)
add("order", "long-shuffled", lambda r: talk(shuffled(7, segments(r)), len(r)), before=LONG)
add("order", "long-first-last", lambda r: talk(segments(r)[1:] + segments(r)[:1], len(r)), before=LONG)
add("order", "long-small-shuffled", lambda r: talk(shuffled(8, segments(r, 88)), len(r)), before=LONG)
add("order", "no-push", lambda r: talk([r.at(0, len(r), flags="A")], len(r)))
add("order", "push-everywhere", lambda r: talk(r.cut(*range(10, len(r), 10)), len(r)))
add("order", "fin-with-data", lambda r: hello() + [r.at(0, len(r), flags="FPA"), C(2 + len(r))])
add("order", "fin-first", lambda r: hello() + [C(1 + len(r), flags="FA"), r.at(0, len(r)), C(2 + len(r))])
add("order", "fin-with-tail-first", lambda r: hello() + [r.at(r.start + 5, len(r), flags="FPA"), r.at(0, r.start + 5), C(2 + len(r))], BOTH)
add("order", "fin-between", lambda r: hello() + [r.at(r.start + 5, len(r)), C(1 + len(r), flags="FA"), r.at(0, r.start + 5), C(2 + len(r))])
add("order", "data-on-third-ack", lambda r: [C(0, flags="S"), r.at(0, len(r))] + goodbye(len(r)), BOTH)
add("order", "data-before-third-ack", lambda r: [C(0, flags="S"), r.at(0, len(r)), C(1)] + goodbye(len(r)))
add("order", "tail-before-third-ack", lambda r: [C(0, flags="S"), r.at(r.start + 3, len(r)), C(1), r.at(0, r.start + 3)] + goodbye(len(r)))
add("order", "timestamps", lambda r: talk([r.at(0, 50, ts=1001), r.at(50, len(r), ts=1002)], len(r), b"\2\4\5\xb4\4\2", ts=1000), BOTH)
add("order", "timestamps-swapped", lambda r: talk([r.at(50, len(r), ts=1002), r.at(0, 50, ts=1001)], len(r), b"\2\4\5\xb4\4\2", ts=1000))
add("order", "no-options", lambda r: talk(r.cut(r.start + 9), len(r), b""))
add("order", "ecn", lambda r: [C(0, flags="SEC"), C(1), r.at(0, 60, flags="PA"), r.at(60, len(r), flags="PAC")] + goodbye(len(r)))

FIRST = b"GET /index.html HTTP/1.1\r\nHost: shop.example\r\n\r\n"


def second(r, swap=False):
    base = 1 + len(FIRST)
    parts = [C(1, FIRST), C(base, r.text[:r.start + 6]), C(base + r.start + 6, r.text[r.start + 6:])]
    if swap:
        parts[1:] = reversed(parts[1:])
    return talk(parts, len(FIRST) + len(r))


add("order", "second-request", second, BOTH)
add("order", "second-request-swapped", lambda r: second(r, True))
add("order", "pipelined", lambda r: talk([C(1, FIRST + r.text)], len(FIRST) + len(r)), BOTH)
add("order", "pipelined-cut", lambda r: talk([C(1, FIRST + r.text[:r.start + 4]), C(1 + len(FIRST) + r.start + 4, r.text[r.start + 4:])],
                                             len(FIRST) + len(r)))
add("order", "benign", lambda r: talk(r.cut(r.start + 4, text=r.benign), len(r)), BOTH)
add("order", "benign-bytes", lambda r: talk(shuffled(1, r.cut(*range(1, len(r)), text=r.benign)), len(r)))
add("order", "benign-long", lambda r: talk(r.cut(1400, 2800, 4200, text=r.benign), len(r)), before=LONG)

# The same bytes again ----------------------------------------------------------------------------------------------
M = 9  # a cut inside the lookup


def both(r):
    return r.cut(r.start + M)


add("again", "each-twice", lambda r: talk([s for s in both(r) for _ in (0, 1)], len(r)), BOTH)
add("again", "all-twice", lambda r: talk(both(r) + both(r), len(r)), BOTH)
add("again", "first-late", lambda r: talk(both(r) + both(r)[:1], len(r)))
add("again", "queued-twice", lambda r: talk([both(r)[1]] * 2 + both(r)[:1], len(r)), BOTH)
add("again", "queued-60-times", lambda r: talk([both(r)[1]] * 60 + both(r)[:1], len(r)))
add("again", "queued-60-times-with-others", lambda r: talk(
    [s for s in r.cut(40, r.start + 4, r.start + 20)[2:] for _ in range(60)] + r.cut(40, r.start + 4, r.start + 20)[:2], len(r)))
add("again", "whole-after-parts", lambda r: talk(both(r) + r.cut(), len(r)))
add("again", "parts-after-whole", lambda r: talk(r.cut() + both(r), len(r)))
add("again", "whole-after-first", lambda r: talk(both(r)[:1] + r.cut(), len(r)), BOTH)
add("again", "whole-after-queued", lambda r: talk(both(r)[1:] + r.cut(), len(r)))
add("again", "overlapping-window", lambda r: talk([r.at(a, min(a + 30, len(r))) for a in range(0, len(r), 10)], len(r)), BOTH)
add("again", "overlapping-window-reversed", lambda r: talk([r.at(a, min(a + 30, len(r))) for a in reversed(range(0, len(r), 10))], len(r)))
add("again", "overlapping-window-shuffled", lambda r: talk(shuffled(3, [r.at(a, min(a + 30, len(r))) for a in range(0, len(r), 10)]), len(r)))
add("again", "resegmented", lambda r: talk(r.cut(*range(16, len(r), 16))[:3] + r.cut(*range(24, len(r), 24)), len(r)))
add("again", "keep-alive-empty", lambda r: talk([both(r)[0], C(r.start + M), both(r)[1]], len(r)), BOTH)
add("again", "keep-alive-byte", lambda r: talk([both(r)[0], C(r.start + M, b"\0", flags="A"), both(r)[1]], len(r)), BOTH, conflict=True)
add("again", "keep-alive-before-data", lambda r: talk([C(0), *both(r)], len(r)))
add("again", "keep-alive-byte-before-data", lambda r: talk([C(0, b"\0", flags="A"), *both(r)], len(r)))
add("again", "keep-alive-between-requests", lambda r: [*hello(), C(1, FIRST), C(1 + len(FIRST)), C(len(FIRST)), C(1 + len(FIRST), r.text),
                                                      *goodbye(len(FIRST) + len(r))])
add("again", "syn-twice", lambda r: [C(0, flags="S"), C(0, flags="S"), C(1), *both(r), *goodbye(len(r))], BOTH)
add("again", "syn-ack-twice", lambda r: [C(0, flags="S"), C(0, flags="S", wait=0.01), C(0, flags="S"), C(1), *both(r), *goodbye(len(r))])
add("again", "third-ack-twice", lambda r: hello() + [C(1)] + both(r) + goodbye(len(r)))
add("again", "fin-twice", lambda r: hello() + both(r) + goodbye(len(r))[:1] * 2 + [C(2 + len(r))])
add("again", "acks-between", lambda r: hello() + [s for part in both(r) for s in (part, C(1 + len(r)) if part.seq > 1 else C(1))] + goodbye(len(r)))
add("again", "host-speaks-first", lambda r: hello() + [Host("send", b"220 ready\r\n"), C(1)] + both(r) + goodbye(len(r)))
add("again", "sack-in-ack", lambda r: talk([both(r)[0], C(r.start + M + 1, options=b"\1\1\5\x0a" + b"\0" * 8), both(r)[1]], len(r)))
