# SPDX-License-Identifier: GPL-2.0-or-later
"""How connections begin, end and begin again: handshake, fast-open, end, reuse, wrap."""
from case import SYN_OPTIONS, Again, C, Host, Raw, goodbye, hello, talk
from cases_order import FIRST, shuffled
from table import add
import wire

BOTH = (4, 6)
FAST_OPEN = dict(sysctl={"net.ipv4.tcp_fastopen": "1538"})  # server, no cookie needed, every listener (0x602)


# handshake -------------------------------------------------------------------------------------------------------------
def opened(*first):
    return lambda r: list(first) + r.cut(r.start + 8) + goodbye(len(r))


SYN, ACK = C(0, flags="S", options=SYN_OPTIONS), C(1)
add("handshake", "window-scale-14", opened(C(0, flags="S", options=b"\1\3\3\x0e"), ACK))
add("handshake", "window-scale-255", opened(C(0, flags="S", options=b"\1\3\3\xff"), ACK))
add("handshake", "mss-1", opened(C(0, flags="S", options=b"\2\4\0\1"), ACK))
add("handshake", "syn-push-urgent", opened(C(0, flags="SPU"), ACK))
add("handshake", "bad-ack-first", opened(SYN, C(1, ack=99), ACK), BOTH)
for name, seq in (("beyond", 70000), ("before", 0), ("far-before", -5000)):
    add("handshake", "bad-ack-data-after-%s-hides" % name, lambda r, q=seq: [
        SYN, C(q, b""), C(1, r.benign[:40], ack=78), ACK, *r.cut(r.start + 8), *goodbye(len(r))], ordinary=False)
for name, wrong in (("by-1", 1), ("by-77", 77), ("far", 1 << 20), ("half-space", (1 << 31) - 1)):
    add("handshake", "bad-ack-data-first-hides-" + name, lambda r, w=wrong: [
        SYN, C(1, r.benign[:40], ack=1 + w), ACK, *r.cut(r.start + 8), *goodbye(len(r))], BOTH if wrong == 1 else (4,), ordinary=False)
add("handshake", "bad-ack-data-first-shows", lambda r: [SYN, C(1, r.text, ack=78), ACK, *r.cut(r.start + 8, text=r.benign), *goodbye(len(r))],
    ordinary=False)
add("handshake", "bad-ack-data-twice-hides", lambda r: [SYN, C(70000, b"junk"), C(1, r.benign[:40], ack=78), C(1, r.benign, ack=2), ACK,
                                                       *r.cut(r.start + 8), *goodbye(len(r))], ordinary=False)
add("handshake", "other-syn-first", lambda r: [SYN, Again(0x22222222), SYN, ACK, *r.cut(r.start + 8), *goodbye(len(r))], attempt=True)
add("handshake", "other-syn-between", lambda r: [SYN, C(50000, flags="S"), ACK, *r.cut(r.start + 8), *goodbye(len(r))], BOTH, attempt=True)
add("handshake", "other-syn-after", lambda r: [SYN, ACK, C(900000, flags="S"), C(1), *r.cut(r.start + 8), *goodbye(len(r))], BOTH)
add("handshake", "syn-bad-sum-first", lambda r: [C(0x1000, flags="S", bad_sum=True), SYN, ACK, *r.cut(r.start + 8), *goodbye(len(r))])
add("handshake", "syn-fin-first", lambda r: [C(0x1000, flags="SF"), SYN, ACK, *r.cut(r.start + 8), *goodbye(len(r))], ordinary=False)
add("handshake", "syn-reset-first", lambda r: [C(0x1000, flags="SR"), SYN, ACK, *r.cut(r.start + 8), *goodbye(len(r))], ordinary=False)
add("handshake", "syn-ack-from-client-first", lambda r: [C(0x1000, flags="SA", ack=7), SYN, ACK, *r.cut(r.start + 8), *goodbye(len(r))],
    ordinary=False)
add("handshake", "reset-of-nothing-first", lambda r: [C(0x1000, flags="R"), SYN, ACK, *r.cut(r.start + 8), *goodbye(len(r))])
add("handshake", "reset-inexact-before-ack", lambda r: [SYN, C(500, flags="R"), ACK, *r.cut(r.start + 8), *goodbye(len(r))], ordinary=False)
add("handshake", "reset-then-new", lambda r: [SYN, C(1, flags="R"), Again(0x33333333), SYN, ACK, *r.cut(r.start + 8), *goodbye(len(r))])
add("handshake", "never-done-shows", lambda r: [SYN, C(1, ack=4000), C(1, r.text, ack=4000)], ordinary=False, attempt=True)
add("handshake", "no-handshake-shows", lambda r: [C(1, r.text, ack=4000)], want="alert",
    why="a host refuses it, but a capture that began later cannot know: midstream traffic is read")
add("handshake", "host-listens-not", lambda r: [Host("stop"), SYN, C(1, r.text, ack=1)], ordinary=False, attempt=True)
add("handshake", "simultaneous", lambda r: [Host("connect"), C(0, flags="S"), C(0, flags="SA", ack=1), C(1), *r.cut(r.start + 8), *goodbye(len(r))],
    BOTH, host=dict(mode="connect"))
add("handshake", "simultaneous-plain-ack", lambda r: [Host("connect"), C(0, flags="S"), C(1), *r.cut(r.start + 8), *goodbye(len(r))],
    host=dict(mode="connect"))
add("handshake", "host-connects", lambda r: [Host("connect"), C(0, flags="SA", ack=1), *r.cut(r.start + 8), *goodbye(len(r))],
    BOTH, host=dict(mode="connect"))
add("handshake", "icmp-unreachable", lambda r: [SYN, ACK, r.at(0, 30), Raw(lambda w: wire.icmp_unreachable(w.client, w.server, wire.ipv4(
    w.server, w.client, 6, wire.tcp(w.server, w.client, 80, w.sport, w.host_isn + 1, 0, "A")))), r.at(30, len(r)), *goodbye(len(r))])


# SYN with data -------------------------------------------------------------------------------------------------------------
def syn_data(upto, then, option=b"", copy="text", flags="S"):
    def build(r):
        end = upto(r)
        first = C(0, getattr(r, copy)[:end], flags=flags, options=SYN_OPTIONS + option)
        return [first, C(1 + end if then == "on" else 1), *(r.cut(end)[1:] if then == "on" else r.cut(r.start + 8)),
                *goodbye(len(r))]
    return build


def middle(r):
    return r.start + 10


COOKIE = b"\1\1\x22\x0a\1\2\3\4\5\6\7\x08"
add("fast-open", "whole", lambda r: [C(0, r.text, flags="S", options=SYN_OPTIONS + COOKIE), C(1 + len(r)), *goodbye(len(r))], BOTH, host=FAST_OPEN)
add("fast-open", "part", syn_data(middle, "on", COOKIE), BOTH, host=FAST_OPEN)
add("fast-open", "part-no-option", syn_data(middle, "on"), host=FAST_OPEN)
add("fast-open", "taken-and-again", syn_data(middle, "again", COOKIE), host=FAST_OPEN)
add("fast-open", "taken-and-other", lambda r: [C(0, r.text[:r.end], flags="S", options=SYN_OPTIONS + COOKIE), C(1), C(1, r.benign), *goodbye(len(r))],
    host=FAST_OPEN, conflict=True, ordinary=False)
add("fast-open", "taken-hides", lambda r: [C(0, r.benign[:r.end], flags="S", options=SYN_OPTIONS + COOKIE), C(1), C(1, r.text), *goodbye(len(r))],
    host=FAST_OPEN, conflict=True, ordinary=False)
add("fast-open", "two-halves-of-header", lambda r: [C(0, r.text[:20], flags="S", options=SYN_OPTIONS + COOKIE), C(21, r.text[20:60], ack=1),
                                                    C(61, r.text[60:]), *goodbye(len(r))], host=FAST_OPEN)
add("fast-open", "refused-and-again", syn_data(middle, "again"), BOTH)
add("fast-open", "refused-cookie-and-again", syn_data(middle, "again", COOKIE))
add("fast-open", "refused-whole-and-again", lambda r: [C(0, r.text, flags="S", options=SYN_OPTIONS), C(1), r.at(0, len(r)), *goodbye(len(r))])
add("fast-open", "refused-hides", syn_data(lambda r: r.end + 2, "again", copy="benign"), BOTH, ordinary=False)
add("fast-open", "refused-shows", lambda r: [C(0, r.text, flags="S", options=SYN_OPTIONS), C(1), C(1, r.benign), *goodbye(len(r))],
    conflict=True, ordinary=False)
add("fast-open", "refused-and-never-again", lambda r: [C(0, r.text, flags="S"), C(1), *goodbye(0)], ordinary=False, attempt=True)

add("fast-open", "bad-ack-hides", lambda r: [C(0, r.text[:r.start + 4], flags="S", options=SYN_OPTIONS + COOKIE), C(1),
    C(1 + r.start + 4, r.benign[r.start + 4:], ack=lambda w: w.host_next - (1 << 30)), C(1 + r.start + 4, r.benign[r.start + 4:], ack=78),
    C(1 + r.start + 4), r.at(r.start + 4, len(r)), *goodbye(len(r))], host=FAST_OPEN, ordinary=False)

# end -------------------------------------------------------------------------------------------------------------------------
A, B = 8, 20


def until(r, *steps, rest=True, close=True):
    return [*hello(), r.at(0, r.start + A), *steps, *([r.at(r.start + A, len(r))] if rest else []), *(goodbye(len(r)) if close else [])]


def here(r, more=0):
    return 1 + r.start + A + more


RESETS = {"in-window": 5, "in-window-far": 3000, "behind": -1, "far-behind": -100, "beyond-window": 200000, "half-space": 1 << 31}
for name, off in RESETS.items():
    for flags in ("R", "RA"):
        add("end", "reset-%s-%s" % (name, flags.lower()), lambda r, o=off, f=flags: until(r, C(here(r, o), flags=f)), (4, 6) if off == 5 else (4,),
            ordinary=False)
add("end", "reset-exact-bad-sum", lambda r: until(r, C(here(r), flags="R", bad_sum=True)), ordinary=False)
add("end", "reset-exact-bad-ack", lambda r: until(r, C(here(r), flags="RA", ack=77777)), conflict=True, ordinary=False)
add("end", "reset-exact-md5", lambda r: until(r, C(here(r), flags="R", options=b"\1\1\x13\x12" + b"\x5a" * 16)), ordinary=False)
add("end", "reset-exact-paws", lambda r: [*hello(b"\2\4\5\xb4\4\2", ts=1000), r.at(0, r.start + A, ts=1001), C(here(r), flags="R", ts=-500),
                                         r.at(r.start + A, len(r), ts=1002), *goodbye(len(r), ts=1003)], conflict=True, ordinary=False)
add("end", "reset-exact-words-4", lambda r: until(r, C(here(r), flags="R", words=4)), ordinary=False)
add("end", "reset-inexact-with-data", lambda r: until(r, C(here(r, 3), b"reset for a reason", flags="R")), ordinary=False)
add("end", "reset-exact-then-data", lambda r: until(r, C(here(r), flags="R"), close=False), BOTH, conflict=True, ordinary=False)
add("end", "reset-after-attack", lambda r: [*hello(), *r.cut(r.start + A), C(1 + len(r), flags="RA")], BOTH)
add("end", "reset-instead-of-tail", lambda r: [*hello(), r.at(0, r.end + 2), C(1 + r.end + 2, flags="R")])
add("end", "reset-from-queue", lambda r: [*hello(), r.at(0, 20), r.at(40, len(r)), C(1 + len(r), flags="R"), r.at(20, 40)], ordinary=False)
add("end", "syn-in-window", lambda r: until(r, C(here(r), flags="S")), BOTH, ordinary=False)
add("end", "syn-ack-in-window", lambda r: until(r, C(here(r), flags="SA")), ordinary=False)
add("end", "fin-no-ack-flag", lambda r: until(r, C(here(r), flags="F")), ordinary=False)
add("end", "fin-beyond-window", lambda r: until(r, C(here(r, 500000), flags="FA")), ordinary=False)
add("end", "fin-bad-sum", lambda r: until(r, C(here(r), flags="FA", bad_sum=True)), ordinary=False)
add("end", "data-after-fin-shows", lambda r: [*hello(), r.bad(0, r.start), C(1 + r.start, flags="FA"), C(2 + r.start, r.text[r.start:]), ],
    ordinary=False, host=dict(reply=False, eager=True))
add("end", "data-at-fin-shows", lambda r: [*hello(), r.bad(0, r.start), C(1 + r.start, flags="FA"), C(1 + r.start, r.text[r.start:])],
    ordinary=False, conflict=True)
add("end", "data-after-fin-in-one-shows", lambda r: [*hello(), r.bad(0, len(r), flags="FPA"), C(1 + len(r), r.text), C(2 + len(r), r.text)], ordinary=False)
add("end", "data-beyond-queued-fin-shows", lambda r: [*hello(), C(1 + 30, flags="FA"), C(1 + 31, r.text), r.bad(0, 30)], ordinary=False, conflict=True)
add("end", "host-closes-first", lambda r: [*hello(), r.at(0, r.start + A), Host("half-close"), C(here(r)), r.at(r.start + A, len(r)), *goodbye(len(r))])
add("end", "host-closed-shows", lambda r: [*hello(), Host("close"), C(1), r.at(0, len(r))], ordinary=False, attempt=True)

# reuse -----------------------------------------------------------------------------------------------------------------------
def old(kind):
    request = [*hello(), C(1, FIRST), C(1 + len(FIRST))]
    return {"fin": request + goodbye(len(FIRST)), "reset": request + [C(1 + len(FIRST), flags="R")],
            "host-first": [*request, Host("close"), C(1 + len(FIRST)), *goodbye(len(FIRST))],
            "no-end": request}[kind]


for kind in ("fin", "reset", "host-first"):
    for name, isn in (("higher", 0x18000000), ("lower", 0x08000000), ("near", 0x10000400)):
        add("reuse", "%s-%s" % (kind, name), lambda r, k=kind, i=isn: [*old(k), Again(i), *talk(r.cut(r.start + A), len(r))],
            BOTH if name == "higher" else (4,), attempt=(kind, name) == ("host-first", "lower"))
add("reuse", "five-times", lambda r: [s for n in range(5) for s in (*old("fin"), Again(0x20000000 + (n << 24)))] + talk(r.cut(r.start + A), len(r)))
add("reuse", "no-end-challenged", lambda r: [*old("no-end"), C(70000, flags="S"), C(1 + len(FIRST), r.text), *goodbye(len(FIRST) + len(r))],
    BOTH, ordinary=False)
add("reuse", "no-end-new", lambda r: [*old("no-end"), C(0x300000, flags="S"), C(1 + len(FIRST), flags="R"), Again(0x10300000),
                                     *talk(r.cut(r.start + A), len(r))])

# wrap ------------------------------------------------------------------------------------------------------------------------
for name, isn in (("at-syn", 0xffffffff), ("at-first-byte", 0xfffffffe), ("in-head", 0xffffffe0), ("in-lookup", 0xffffffff - 130),
                  ("zero", 0), ("half", 0x7fffffff - 120), ("half-at-syn", 0x7fffffff)):
    add("wrap", name, lambda r: talk(r.cut(r.start + A), len(r)), BOTH if name == "in-lookup" else (4,), isn=isn, host_isn=0xfffffff8)
    add("wrap", name + "-swapped", lambda r: talk(reversed(r.cut(20, r.start + A)), len(r)), isn=isn)
add("wrap", "bytes-shuffled", lambda r: talk(shuffled(5, r.cut(*range(1, len(r)))), len(r)), isn=0xffffffff - 100)
add("wrap", "benign", lambda r: talk(reversed(r.cut(60, text=r.benign)), len(r)), isn=0xffffffff - 100)
