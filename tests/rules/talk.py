# SPDX-License-Identifier: GPL-2.0-or-later
"""Conversations, packet by packet: every segment is acknowledged at once, so that an engine that waits for the
acknowledgement and one that does not see the same bytes at (nearly) the same time."""
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "kit"))
import pcapfile  # noqa: E402
import wire  # noqa: E402

CLIENT, SERVER = "198.51.100.7", "192.0.2.80"
MSS = 1400
EPOCH = 1767600000 * 10**9  # 2026-01-05
PACKET, FLOW = 1_000_000, 20_000_000  # nanoseconds from packet to packet, from flow to flow
C_ISN, S_ISN = 0x10000000, 0x50000000


class Flow:
    """steps: ("c", bytes) and ("s", bytes), the client and the server say something; ("wait", seconds);
    ("ack", "c" or "s") acknowledges what was held back; ("rst", "c"); ("at", (offset, bytes))."""

    def __init__(self, name, sport, steps, proto="tcp", dport=7777, client=CLIENT, server=SERVER, cuts=(), ends=True,
          hello=True,
                 acks=True):
        self.name, self.sport, self.dport, self.proto, self.steps = name, sport, dport, proto, list(steps)
        self.client, self.server, self.cuts, self.ends, self.hello, self.acks = client, server, tuple(cuts), ends, hello, acks

    def pieces(self, side, data):
        """The client's data is cut at the flow's cuts (offsets in each of its steps), anything at the segment size."""
        edges = [0, *[c for c in self.cuts if side == "c" and 0 < c < len(data)], len(data)]
        for a, b in zip(edges, edges[1:]):
            for at in range(a, b, MSS):
                yield data[at:min(at + MSS, b)]

    def ip(self, side, proto, payload):
        src, dst = (self.client, self.server) if side == "c" else (self.server, self.client)
        if ":" in src:
            return wire.ipv6(src, dst, proto, payload)
        return wire.ipv4(src, dst, proto, payload, dont=True)

    def segment(self, side, flags, data=b""):
        src, dst = (self.client, self.server) if side == "c" else (self.server, self.client)
        sport, dport = (self.sport, self.dport) if side == "c" else (self.dport, self.sport)
        other = "s" if side == "c" else "c"
        packet = self.ip(side, wire.TCP, wire.tcp(src, dst, sport, dport, self.next[side],
              self.next[other] if "A" in flags else 0, flags,
                                                  data=data, options=b"\2\4\5\xb4" if "S" in flags else b""))
        self.next[side] += len(data) + ("S" in flags) + ("F" in flags)
        return packet

    def datagram(self, side, data):
        src, dst = (self.client, self.server) if side == "c" else (self.server, self.client)
        sport, dport = (self.sport, self.dport) if side == "c" else (self.dport, self.sport)
        return self.ip(side, wire.UDP, wire.udp(src, dst, sport, dport, data))

    def packets(self):
        """(seconds to wait before it, IP packet) in order."""
        self.next, wait = {"c": C_ISN, "s": S_ISN}, 0
        out = []

        def put(packet):
            nonlocal wait
            out.append((wait, packet))
            wait = 0
        if self.proto == "tcp" and self.hello:
            for side, flags in (("c", "S"), ("s", "SA"), ("c", "A")):
                put(self.segment(side, flags))
        elif self.proto == "tcp":
            self.next = {"c": C_ISN + 1, "s": S_ISN + 1}
        for what, value in self.steps:
            if what == "wait":
                wait = value
            elif what == "ack":
                put(self.segment(value, "A"))
            elif what == "at":  # the client's bytes at an offset of its stream, whatever came before
                was, self.next["c"] = self.next["c"], C_ISN + 1 + value[0]
                put(self.segment("c", "PA", value[1]))
                self.next["c"] = max(was, self.next["c"])
            elif what == "rst":
                put(self.segment(value, "RA"))
            elif self.proto == "udp":
                put(self.datagram(what, value))
            else:
                for piece in self.pieces(what, value):
                    put(self.segment(what, "PA", piece))
                    if self.acks:
                        put(self.segment("s" if what == "c" else "c", "A"))
        if self.proto == "tcp" and self.ends:
            for side, flags in (("c", "FA"), ("s", "FA"), ("c", "A")):
                put(self.segment(side, flags))
        return out


def capture(flows):
    """One capture file of all flows, one after the other."""
    frames, now = [], EPOCH
    for flow in flows:
        now += FLOW
        for wait, packet in flow.packets():
            now += PACKET + int(wait * 10**9)
            frame = b"\2\0\0\0\0\1\2\0\0\0\0\2" + (b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\0") + packet
            frames.append((now, frame, len(frame)))
    return pcapfile.pcap(frames, pcapfile.ETHERNET)
