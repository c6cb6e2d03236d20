# SPDX-License-Identifier: GPL-2.0-or-later
"""What the capture saw of a conversation that the host saw whole: loss, midstream, one-sided, capture-order.

The host's answer is recorded as for every case; what a sensor can know of it is reasoning, and said so."""
import random

from case import SYN_OPTIONS, Again, C, Host, goodbye, hello, talk
from cases_host import FROM_HOST
from cases_order import FIRST, LONG
from cases_state import old
from table import add

BOTH = (4, 6)
LOST_ELSEWHERE = "bytes are missing in the capture, the lookup is not among them: it must be found, and the gap told"
LOST_INSIDE = "the missing bytes are the lookup's own: nobody can know them, the gap must be told"


def lose(*steps, side="c"):
    return lambda packets: [p for p in packets if not (p.side == side and p.step in steps)]


def only(side, then=None):
    return lambda packets: [p for p in (then(packets) if then else packets) if p.side == side]


def since(step):
    return lambda packets: [p for p in packets if p.step >= step]


def snapped(step, length):
    """Cut by the snap length of the capture."""
    def view(packets):
        for p in packets:
            if p.side == "c" and p.step == step:
                p.snap = length
        return packets
    return view


def four(r, text=None):
    """Head begins, head goes on, lookup, rest: steps 2 to 5."""
    return talk(r.cut(40, r.start - 15, r.end + 2, text=text), len(r))


def stream_of(r):
    """A long first request, then the attack: steps 2 to 6 are the first."""
    first = b"GET /%s HTTP/1.1\r\nHost: shop.example\r\nCookie: " % (b"a" * 60) + b"c=%s; " % (b"d" * 900) * 5 + b"\r\n\r\n"
    n = len(first)
    return [*hello(), *[C(1 + a, first[a:a + 1000]) for a in range(0, n, 1000)], C(1 + n, r.text[:r.start + 6]),
            C(1 + n + r.start + 6, r.text[r.start + 6:]), *goodbye(n + len(r))]


def lost(name, build, view, want, families=(4,), **more):
    add("loss", name, build, families, view=view, want=want, why=LOST_INSIDE if want == "gap" else LOST_ELSEWHERE, **more)


lost("head-begin", four, lose(2), "alert+gap", BOTH)
lost("head-middle", four, lose(3), "alert+gap", BOTH)
lost("tail", four, lose(5), "alert+gap", BOTH)
lost("lookup", four, lose(4), "gap", BOTH)
lost("all-but-lookup", four, lose(2, 3, 5), "alert+gap")
lost("head-begin-and-tail", four, lose(2, 5), "alert+gap")
lost("everything", four, lose(2, 3, 4, 5), "gap")
lost("lookup-half", lambda r: talk(r.cut(r.start + 12), len(r)), lose(3), "gap")
lost("lookup-first-half", lambda r: talk(r.cut(r.start + 12), len(r)), lose(2), "gap")
lost("lookup-one-byte", lambda r: talk(r.cut(r.start + 12, r.start + 13), len(r)), lose(3), "gap")
for n in range(2, 7):
    lost("earlier-request-%d" % (n - 1), stream_of, lose(n), "alert+gap")
lost("earlier-request-three", stream_of, lose(2, 4, 5), "alert+gap", BOTH)
lost("earlier-request-client-only", stream_of, only("c", lose(3)), "alert+gap", BOTH)
lost("head-middle-client-only", four, only("c", lose(3)), "alert+gap")
lost("lookup-client-only", four, only("c", lose(4)), "gap")
lost("tail-and-end", four, lambda packets: [p for p in packets if p.step < 5 or p.side == "s" and p.step == 5], "alert+gap")
lost("handshake-and-head", four, lambda packets: since(2)(lose(2)(packets)), "alert")
lost("in-megabytes", lambda r: [*hello(), *[C(1 + a, b"x" * 1400) for a in range(0, 42000, 1400)], C(42001, r.text), *goodbye(42000 + len(r))],
     lambda packets: [p for p in packets if p.side == "s" or not 4 <= p.step < 28], "alert+gap")
lost("answer-of-host", lambda r: [*hello(), C(1, FIRST), Host("send", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + b"z" * 900), C(1 + len(FIRST)),
                                 C(1 + len(FIRST), r.text), *goodbye(len(FIRST) + len(r))], lose(3, side="s"), "alert+gap", host=dict(reply=False))
lost("snapped-behind-lookup", lambda r: talk(r.cut(), len(r)), snapped(2, 175), "alert+gap")
lost("snapped-in-lookup", lambda r: talk(r.cut(), len(r)), snapped(2, 150), "gap")
lost("snapped-before-lookup", four, snapped(3, 60), "alert+gap")
lost("random-1-percent", lambda r: [*hello(), *[C(1 + a, b"y" * 500) for a in range(0, 50000, 500)], C(50001, r.text), *goodbye(50000 + len(r))],
     lambda packets: [p for p in packets if p.step in (0, 1) or p.step > 101 or random.Random("%s%d" % (p.side, p.step)).random() > 0.03], "alert+gap")

# Nothing that the lookup needs is missing: what the socket delivered is the verdict.
add("loss", "acks", four, view=lose(2, 3, 4, 5, side="s"))
add("loss", "first-copy", lambda r: talk([*r.cut(r.start + 5), *r.cut(r.start + 5)], len(r)), BOTH, view=lose(2, 3))
add("loss", "one-of-each-pair", lambda r: talk([*r.cut(r.start + 5), *r.cut(r.start + 5)], len(r)), view=lose(2, 5))
add("loss", "window-update", lambda r: [*hello(), *[r.at(a, min(a + 500, len(r))) for a in range(0, len(r), 500)], Host("read"), C(1 + len(r)),
                                       *[s for _ in range(3) for s in (*[r.at(a, min(a + 500, len(r))) for a in range(0, len(r), 500)], Host("read"))],
                                       *goodbye(len(r))],
    host=dict(rcvbuf=2048, eager=False, reply=False), before=LONG[:4000], view=lambda packets: [
        p for p in packets if p.side == "c" or p.step not in range(5, 40)])
add("loss", "fin", four, view=lambda packets: [p for p in packets if p.step < 6])

# handshake, or parts of it -----------------------------------------------------------------------------------------------
for name, view in (("syn", lose(0)), ("syn-ack", lose(0, side="s")), ("third-ack", lose(1)), ("syn-and-third-ack", lose(0, 1)),
                   ("syn-ack-and-third-ack", lambda p: lose(1)(lose(0, side="s")(p))), ("all", since(2))):
    add("midstream", "without-" + name, lambda r: talk(r.cut(r.start + 6), len(r)), BOTH if name in ("all", "syn-ack") else (4,), view=view)
    add("midstream", "without-%s-swapped" % name, lambda r: talk([r.at(0, 30), r.at(r.start + 6, len(r)), r.at(30, r.start + 6)], len(r)), view=view)
add("midstream", "host-first-without-syn", lambda r: [*hello(), Host("send", b"220 ready\r\n"), C(1), *r.cut(r.start + 6), *goodbye(len(r))], view=since(2))
add("midstream", "second-request", lambda r: [*hello(), C(1, FIRST), C(1 + len(FIRST), r.text[:r.start + 6]),
                                              C(1 + len(FIRST) + r.start + 6, r.text[r.start + 6:]), *goodbye(len(FIRST) + len(r))], BOTH, view=since(3))
add("midstream", "within-head", four, BOTH, view=since(3), want="alert", why="the lookup itself is whole in the capture")
add("midstream", "at-lookup", four, BOTH, view=since(4), want="alert", why="the lookup itself is whole in the capture")
add("midstream", "at-lookup-client-only", four, view=only("c", since(4)), want="alert", why="the lookup itself is whole in the capture")
add("midstream", "wrap", lambda r: talk(r.cut(30, r.start + 6), len(r)), isn=0xffffffff - 100, view=since(3), want="alert",
    why="the lookup itself is whole in the capture")
add("midstream", "benign", lambda r: talk(r.cut(30, 90, text=r.benign), len(r)), view=since(3))
add("midstream", "scaled-window-unknown", lambda r: talk([r.at(a, min(a + 1400, len(r))) for a in range(0, len(r), 1400)], len(r), SYN_OPTIONS),
    before=LONG * 2, view=since(2))

# one side ------------------------------------------------------------------------------------------------------------------
add("one-sided", "client", lambda r: talk(r.cut(r.start + 6), len(r)), BOTH, view=only("c"))
add("one-sided", "client-swapped", lambda r: talk([r.at(0, 30), r.at(r.start + 6, len(r)), r.at(30, r.start + 6)], len(r)), BOTH, view=only("c"))
add("one-sided", "client-bytes", lambda r: talk(r.cut(*range(1, len(r))), len(r)), view=only("c"))
add("one-sided", "client-midstream", lambda r: talk(r.cut(r.start + 6), len(r)), BOTH, view=only("c", since(2)))
add("one-sided", "client-long", lambda r: talk([r.at(a, min(a + 1400, len(r))) for a in range(0, len(r), 1400)], len(r)), before=LONG * 9, view=only("c"))
add("one-sided", "client-each-twice", lambda r: talk([s for s in r.cut(r.start + 6) for _ in (0, 1)], len(r)), view=only("c"))
add("one-sided", "client-benign", lambda r: talk(r.cut(r.start + 6, text=r.benign), len(r)), view=only("c"))
add("one-sided", "client-wrap", lambda r: talk(reversed(r.cut(60, r.start + 6)), len(r)), isn=0xffffffff - 100, view=only("c"))
add("one-sided", "client-reused-port", lambda r: [*old("fin"), Again(0x33000000), *talk(r.cut(r.start + 6), len(r))], view=only("c"))
add("one-sided", "client-reused-port-no-end", lambda r: [*old("reset"), Again(0x33000000), *talk(r.cut(r.start + 6), len(r))],
    view=only("c", lambda packets: [p for p in packets if p.step != 4]))


def host_side(r):
    body = r.text[r.start:r.end]
    return [*hello(), C(1, FIRST), Host("send", b"HTTP/1.1 200 OK\r\nX-Trace: %s\r\nContent-Length: 0\r\n\r\n" % body), C(1 + len(FIRST)), *goodbye(len(FIRST))]


add("one-sided", "host", host_side, BOTH, view=only("s"), **FROM_HOST)
add("one-sided", "host-midstream", host_side, view=only("s", since(2)), **FROM_HOST)


# order of the capture, not of the wire: merged from two taps ---------------------------------------------------------------
def host_early(by):
    """The host's side arrives `by` steps too early in the file."""
    def view(packets):
        return sorted(packets, key=lambda p: p.step - (by if p.side == "s" else -0.5))
    return view


for by in (1, 2, 3):
    add("capture-order", "host-%d-early" % by, lambda r: talk(r.cut(30, r.start + 6), len(r)), BOTH if by == 1 else (4,), view=host_early(by))
    add("capture-order", "client-%d-early" % by, lambda r: talk(r.cut(30, r.start + 6), len(r)), view=host_early(-by))
add("capture-order", "syn-ack-before-syn", lambda r: talk(r.cut(r.start + 6), len(r)), view=lambda p: sorted(p, key=lambda x: (x.step, x.side != "s") if x.step == 0 else (x.step, 1)))
add("capture-order", "host-all-first", lambda r: talk(r.cut(r.start + 6), len(r)), view=lambda p: sorted(p, key=lambda x: x.side != "s"))
add("capture-order", "client-all-first", lambda r: talk(r.cut(r.start + 6), len(r)), view=lambda p: sorted(p, key=lambda x: x.side != "c"))
add("capture-order", "every-packet-twice", lambda r: talk(r.cut(30, r.start + 6), len(r)), BOTH, view=lambda p: [x for y in p for x in (y, y)])
for seed in range(4):
    add("capture-order", "shuffled-%d" % seed, lambda r: talk(r.cut(30, r.start + 6, r.end), len(r)),
        view=lambda p, s=seed: sorted(p, key=lambda x, d=random.Random(s): x.step + d.random() * 2.5))
