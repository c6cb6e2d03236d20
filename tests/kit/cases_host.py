# SPDX-License-Identifier: GPL-2.0-or-later
"""What depends on the host's own doings: window (its room), urgent (bytes out of band), answer (the host sends the
lookup)."""
from case import SYN_OPTIONS, C, Host, goodbye, hello, talk
from cases_order import LONG, segments
from table import add

BOTH = (4, 6)
SMALL = dict(rcvbuf=2048, eager=False, reply=False)


# window --------------------------------------------------------------------------------------------------------------------
def stuffed(r, *then):
    """Fills the host's window with the first bytes, then goes on."""
    return [*hello(), *r.cut(*range(500, len(r), 500))[:3], *then]


add("window", "small", lambda r: [*hello(), *[x for s in segments(r, 400) for x in (s, Host("read"), C(s.seq + len(s.data)))], *goodbye(len(r))],
    host=SMALL, before=LONG[:1500])


def filled(r):
    """Segments of 500 bytes until the lookup; the program reads nothing."""
    return [r.at(a, min(a + 500, len(r))) for a in range(0, len(r), 500)]


add("window", "dropped-when-full", lambda r: [*hello(), *filled(r), Host("read"), C(1 + len(r)), *filled(r), Host("read"), *filled(r),
                                             Host("read"), *filled(r), Host("read"), *filled(r), *goodbye(len(r))], host=SMALL, before=LONG[:4000])
add("window", "probes", lambda r: [*hello(), *filled(r), C(1), C(lambda w: w.ack, b""), C(lambda w: w.ack - 1, b""), Host("read"), *filled(r),
                                  Host("read"), *filled(r), Host("read"), *filled(r), *goodbye(len(r))], host=SMALL, before=LONG[:4000])
add("window", "beyond-hides", lambda r: [*hello(), C(lambda w: w.edge + 20, b"junk" * 30), *r.cut(r.start + 5), *goodbye(len(r))], BOTH)


def junk_then_real(r):
    """Harmless bytes beyond the window first; when the window has moved on, the real ones in the same place."""
    cut = r.start - 10
    return [*hello(), r.bad(cut, len(r)), *[x for a in range(0, cut, 400) for x in (r.at(a, min(a + 400, cut)), Host("read"), C(1 + a))],
            r.at(cut, len(r)), *goodbye(len(r))]


add("window", "beyond-then-real-hides", junk_then_real, (4, 6), host=SMALL, before=LONG[:8000], conflict=True, ordinary=False)
add("window", "beyond-then-real-shows", lambda r: [*hello(), r.at(r.start - 10, len(r)), *[
    x for a in range(0, r.start - 10, 400) for x in (r.bad(a, min(a + 400, r.start - 10)), Host("read"), C(1 + a))],
    r.bad(r.start - 10, len(r)), *goodbye(len(r))], host=SMALL, before=LONG[:8000], conflict=True, ordinary=False)
add("window", "scaled", lambda r: talk(segments(r), len(r), b"\2\4\5\xb4\1\3\3\x0e"), before=LONG * 3)
add("window", "unscaled", lambda r: talk(segments(r), len(r), b"\2\4\5\xb4"), before=LONG * 3)
add("window", "client-shuts-its-own", lambda r: [*hello(), r.at(0, 40, window=0), r.at(40, len(r), window=0), *goodbye(len(r), window=0)], BOTH)
add("window", "unread-until-end", lambda r: [*hello(), *segments(r), C(1 + len(r), flags="FA"), Host("read"), C(2 + len(r))],
    host=dict(eager=False, reply=False), before=LONG)


# urgent --------------------------------------------------------------------------------------------------------------------
def spiced(r, at, byte=b"!"):
    """The request with one byte too many inside the lookup: out of band, it is not part of the text."""
    return r.text[:r.start + at] + byte + r.text[r.start + at:]


def urgent(pointer, cut=None, texts=None, eager=True, extra=()):
    """One segment up to `cut` behind the spice, with URG."""
    def build(r):
        text = spiced(r, 9) if texts is None else getattr(r, texts)
        edge = r.start + 10 if cut is None else cut(r)
        value = pointer(r) if callable(pointer) else pointer
        return [*hello(), C(1, text[:edge], flags="PAU", urgent=value), C(1 + edge, text[edge:]), *extra, *goodbye(len(text))]
    return build


def spice(r):
    return r.start + 10  # the byte at index start + 9, counted from 1


for name, pointer in (("at-spice", spice), ("before-spice", lambda r: r.start + 9), ("behind-spice", lambda r: r.start + 11), ("zero", 0),
                      ("one", 1), ("far", 5000), ("max", 65535)):
    add("urgent", "spiced-" + name, urgent(pointer), BOTH if name == "at-spice" else (4,), conflict=True, ordinary=False)
    add("urgent", "plain-" + name, urgent(pointer, texts="text"), conflict=True, ordinary=False)
add("urgent", "pointer-without-flag", lambda r: [*hello(), C(1, r.text, urgent=r.start + 4), *goodbye(len(r))])
add("urgent", "flag-outside", lambda r: [*hello(), C(1, r.text[:5], flags="PAU", urgent=2), r.at(5, len(r)), *goodbye(len(r))], ordinary=False)
add("urgent", "late-reader", urgent(spice), host=dict(eager=False), conflict=True, ordinary=False)
add("urgent", "spiced-in-one", urgent(spice, cut=lambda r: len(r) + 1), conflict=True, ordinary=False)


def twice(r):
    text = spiced(r, 9)
    text = text[:r.start + 20] + b"!" + text[r.start + 20:]
    return [*hello(), C(1, text[:r.start + 10], flags="PAU", urgent=r.start + 10),
            C(1 + r.start + 10, text[r.start + 10:r.start + 21], flags="PAU", urgent=11), C(1 + r.start + 21, text[r.start + 21:]),
            *goodbye(len(text))]


add("urgent", "spiced-twice", twice, conflict=True, ordinary=False)
add("urgent", "spiced-twice-late-reader", twice, host=dict(eager=False), conflict=True, ordinary=False)
add("urgent", "spiced-queued", lambda r: [*hello(), C(1 + 20, spiced(r, 9)[20:r.start + 10], flags="PAU", urgent=r.start - 10), C(1, r.text[:20]),
                                          C(1 + r.start + 10, r.text[r.start + 9:]), *goodbye(len(r) + 1)], conflict=True, ordinary=False)


# answer: the lookup travels the other way ------------------------------------------------------------------------------------
def answered(r, *acks):
    body = r.text[r.start:r.end]
    return [Host("send", b"HTTP/1.1 200 OK\r\nServer: %s\r\nContent-Length: 0\r\n\r\n" % body), *acks]


ASK = b"GET /status HTTP/1.1\r\nHost: shop.example\r\n\r\n"
FROM_HOST = dict(host=dict(reply=False), want="alert", why="the host sent it, as recorded; a client that logs it is the victim")
add("answer", "whole", lambda r: [*hello(), C(1, ASK), *answered(r, C(1 + len(ASK))), *goodbye(len(ASK))], BOTH, **FROM_HOST)
add("answer", "small-mss", lambda r: [*hello(b"\2\4\0\x40"), C(1, ASK), *answered(r, C(1 + len(ASK))), C(1 + len(ASK)), *goodbye(len(ASK))], **FROM_HOST)
add("answer", "pushed-first", lambda r: [*hello(), *answered(r, C(1)), *goodbye(0)], **FROM_HOST)
add("answer", "window-scaled", lambda r: [*hello(SYN_OPTIONS), C(1, ASK), *answered(r), C(1 + len(ASK), window=2), *goodbye(len(ASK))], **FROM_HOST)
