# SPDX-License-Identifier: GPL-2.0-or-later
"""Link layers and tunnels around an IP packet. A wrapper takes (packet, from_client) and gives the same kind of thing
one layer further out; the last one gives a frame. `stack` joins them, innermost first."""
import struct

import wire

MACS = (bytes.fromhex("02000a000001"), bytes.fromhex("02000a000002"))
OUTER4 = ("198.51.100.1", "198.51.100.2")
OUTER6 = ("2001:db8:ffff::1", "2001:db8:ffff::2")


def ether_type(packet):
    return 0x86dd if packet[0] >> 4 == 6 else 0x0800


def macs(from_client):
    """Destination, then source."""
    return MACS[1] + MACS[0] if from_client else MACS[0] + MACS[1]


def ends(pair, from_client):
    return pair if from_client else pair[::-1]


# Frames ------------------------------------------------------------------------------------------------------------
def ethernet(packet, from_client):
    frame = macs(from_client) + struct.pack("!H", ether_type(packet)) + packet
    return frame + b"\0" * max(0, 60 - len(frame))


def typed(*prefix):
    """Ethernet whose type field is followed by ready-made bytes: tags, labels."""
    def wrap(packet, from_client):
        return macs(from_client) + b"".join(prefix) + struct.pack("!H", ether_type(packet)) + packet
    return wrap


def tag(vlan, tpid=0x8100, priority=0):
    return struct.pack("!HH", tpid, priority << 13 | vlan)


def vlans_by_direction(packet, from_client):
    """A tap that names the two directions by different VLANs: one conversation all the same."""
    return typed(tag(100 if from_client else 200))(packet, from_client)


def trailer(packet, from_client):
    """Bytes behind the datagram, as some switches append; no part of it."""
    return ethernet(packet, from_client) + b"${jndi:trailer}"


def snap(packet, from_client):
    body = b"\xaa\xaa\x03\0\0\0" + struct.pack("!H", ether_type(packet)) + packet
    return macs(from_client) + struct.pack("!H", len(body)) + body


def mpls(labels, control_word=None, under=b"", first=16):
    def wrap(packet, from_client):
        stack = b"".join(struct.pack("!I", (first + n) << 12 | (256 if n == labels - 1 else 0) | 64) for n in range(labels))
        head = macs(from_client) + under + struct.pack("!H", 0x8847) + stack
        if control_word is None:
            return head + packet
        return head + control_word + packet
    return wrap


def pppoe(under=b""):
    def wrap(packet, from_client):
        body = struct.pack("!H", 0x0057 if packet[0] >> 4 == 6 else 0x0021) + packet
        return macs(from_client) + under + struct.pack("!HBBHH", 0x8864, 0x11, 0, 17, len(body)) + body
    return wrap


def sll(packet, from_client):
    return struct.pack("!HHH", 0 if from_client else 4, 1, 6) + MACS[0] + b"\0\0" + struct.pack("!H", ether_type(packet)) + packet


def sll_vlan(packet, from_client):
    return (struct.pack("!HHH", 0, 1, 6) + MACS[0] + b"\0\0" + struct.pack("!HHH", 0x8100, 7, ether_type(packet)) + packet)


def sll2(packet, from_client):
    return struct.pack("!HHIHBB", ether_type(packet), 0, 3, 1, 0 if from_client else 4, 6) + MACS[0] + b"\0\0" + packet


def null(order, number6=30):
    def wrap(packet, from_client):
        return struct.pack(order + "I", number6 if packet[0] >> 4 == 6 else 2) + packet
    return wrap


def ppp(packet, from_client):
    return b"\xff\x03" + struct.pack("!H", 0x0057 if packet[0] >> 4 == 6 else 0x0021) + packet


def raw(packet, from_client):
    return packet


# Tunnels: IP packets again -------------------------------------------------------------------------------------------
def in_ip(proto, body, from_client, v6=False):
    src, dst = ends(OUTER6 if v6 else OUTER4, from_client)
    return wire.ipv6(src, dst, proto, body) if v6 else wire.ipv4(src, dst, proto, body, ident=0x3333)


def in_udp(port, body, from_client, v6=False, sport=49153, no_sum=True):
    src, dst = ends(OUTER6 if v6 else OUTER4, from_client)
    return in_ip(wire.UDP, wire.udp(src, dst, sport, port, body, no_sum=no_sum), from_client, v6)


def ipip(v6=False):
    """IP in IP, whichever is in which: IPIP, 6in4, 4in6, 6in6."""
    return lambda p, c: in_ip(41 if p[0] >> 4 == 6 else 4, p, c, v6)


def gre(v6=False, key=False, csum=False, seq=False, inner=None, number=7):
    """inner: makes a frame of the packet; then it is TEB, Ethernet in GRE."""
    def wrap(packet, from_client):
        kind, body = (0x6558, inner(packet, from_client)) if inner else (ether_type(packet), packet)
        bits = (0x8000 if csum else 0) | (0x2000 if key else 0) | (0x1000 if seq else 0)
        rest = (struct.pack("!I", number) if key else b"") + (b"\0\0\0\1" if seq else b"") + body
        head = struct.pack("!HH", bits, kind)
        if csum:
            head += struct.pack("!HH", wire.checksum(head + b"\0\0\0\0" + rest), 0)
        return in_ip(47, head + rest, from_client, v6)
    return wrap


def pptp(packet, from_client):
    """Version 1 (RFC 2637): PPP inside."""
    body = ppp(packet, from_client)
    return in_ip(47, struct.pack("!HHHHI", 0x3001, 0x880b, len(body), 9, 1) + body, from_client)


def erspan(version, platform=False, frame=ethernet):
    def wrap(packet, from_client):
        body = frame(packet, from_client)
        if version == 1:
            return in_ip(47, struct.pack("!HH", 0, 0x88be) + body, from_client)
        head = struct.pack("!HHI", 0x1000, 0x88be if version == 2 else 0x22eb, 1)
        if version == 2:  # version, VLAN; session; index
            head += struct.pack("!HHI", 1 << 12 | 5, 0x1800 | 9, 3)
        else:             # the same; time stamp; group, flags with O = more header
            head += struct.pack("!HHIHH", 2 << 12 | 5, 9, 12345, 0, 1 if platform else 0)
            if platform:
                head += struct.pack("!Q", 0x0c00000000000001)
        return in_ip(47, head + body, from_client)
    return wrap


def vxlan(port=4789, v6=False, frame=ethernet, no_sum=True, vni=0x2a):
    return lambda p, c: in_udp(port, b"\x08\0\0\0" + struct.pack("!I", vni << 8) + frame(p, c), c, v6, no_sum=no_sum)


def vxlan_gpe(packet, from_client):
    kind = 2 if packet[0] >> 4 == 6 else 1
    return in_udp(4790, b"\x0c\0\0" + bytes([kind]) + b"\0\0\x2a\0" + packet, from_client)


def geneve(options=b"", inner=ethernet, v6=False, vni=0x2a):
    def wrap(packet, from_client):
        kind, body = (0x6558, inner(packet, from_client)) if inner else (ether_type(packet), packet)
        return in_udp(6081, struct.pack("!BBHI", len(options) // 4, 0, kind, vni << 8) + options + body, from_client, v6)
    return wrap


def gtp(bits=0, extension=False, v6=False, teid=0x1234):
    """GTP-U, message 255. bits: 2 sequence number, 1 N-PDU number; extension: a PDU session container."""
    def wrap(packet, from_client):
        extra = b""
        if extension or bits:
            extra = struct.pack("!HBB", 1, 0, 0x85 if extension else 0)
            if extension:
                extra += b"\1\0\x09\0"
        flags = 0x30 | bits | (4 if extension else 0)
        return in_udp(2152, struct.pack("!BBHI", flags, 255, len(extra) + len(packet), teid) + extra + packet, from_client, v6)
    return wrap


def tzsp(packet, from_client):
    return in_udp(37008, b"\1\0\0\1" + b"\x0a\x01\xf0" + b"\1" + ethernet(packet, from_client), from_client)


def in_fragments(size):
    """The outer packet of a tunnel arrives in pieces: gives a list."""
    def wrap(packet, from_client):
        src, dst = ends(OUTER4, from_client)
        body = packet[20:]
        in_fragments.ident = in_fragments.ident % 0xffff + 1
        return [wire.ipv4(src, dst, packet[9], body[at:at + size], ident=in_fragments.ident, offset=at,
                          more=at + size < len(body)) for at in range(0, len(body), size)]
    return wrap


in_fragments.ident = 0


def by_direction(there, back):
    """Each direction its own wrapping."""
    return lambda packet, from_client: (there if from_client else back)(packet, from_client)


def stack(*layers):
    """One wrapper of many, innermost first: packet to list of frames."""
    def wrap(packet, from_client):
        packets = [packet]
        for layer in layers:
            outer = []
            for each in packets:
                made = layer(each, from_client)
                outer += made if isinstance(made, list) else [made]
            packets = outer
        return packets
    return wrap
