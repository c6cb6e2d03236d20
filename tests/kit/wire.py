# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets, byte by byte: IPv4, IPv6, TCP, UDP and their fragments, correct or wrong on purpose. Standard library only."""
import ipaddress
import struct

FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32, "E": 64, "C": 128}
TCP, UDP = 6, 17
M32 = 0xffffffff


def flag_bits(text):
    return sum(FLAGS[letter] for letter in text)


def packed(address):
    return ipaddress.ip_address(address).packed


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def transport_checksum(src, dst, proto, segment):
    src, dst = packed(src), packed(dst)
    if len(src) == 4:
        pseudo = src + dst + struct.pack("!BBH", 0, proto, len(segment))
    else:
        pseudo = src + dst + struct.pack("!II", len(segment), proto)
    return checksum(pseudo + segment)


def pad_options(options):
    return options + b"\1" * (-len(options) % 4)


def timestamps(value, echo):
    return b"\1\1\x08\x0a" + struct.pack("!II", value & M32, echo & M32)


def tcp(src, dst, sport, dport, seq, ack, flags, window=64240, options=b"", data=b"", urgent=0, words=None,
        bad_sum=False, reserved=0):
    options = pad_options(options)
    if words is None:
        words = 5 + len(options) // 4
    head = struct.pack("!HHIIHHHH", sport, dport, seq & M32, ack & M32,
                       words << 12 | reserved << 9 | flag_bits(flags), window, 0, urgent) + options
    value = transport_checksum(src, dst, TCP, head + data)
    if bad_sum:
        value ^= 0x5555
    return head[:16] + struct.pack("!H", value) + head[18:] + data


def udp(src, dst, sport, dport, data, bad_sum=False, no_sum=False, length=None):
    head = struct.pack("!HHHH", sport, dport, 8 + len(data) if length is None else length, 0)
    claimed = head + data
    value = transport_checksum(src, dst, UDP, claimed) or 0xffff
    if bad_sum:
        value ^= 0x5555
    return head[:6] + struct.pack("!H", 0 if no_sum else value) + data


def ipv4(src, dst, proto, payload, ttl=64, ident=0, offset=0, more=False, dont=False, options=b"", bad_sum=False,
         total=None, words=None, version=4, tos=0):
    options += b"\0" * (-len(options) % 4)
    if words is None:
        words = 5 + len(options) // 4
    where = offset // 8 | (0x2000 if more else 0) | (0x4000 if dont else 0)
    head = struct.pack("!BBHHHBBH", version << 4 | words, tos, total if total is not None else 20 + len(options) + len(payload),
                       ident, where, ttl, proto, 0) + packed(src) + packed(dst) + options
    value = checksum(head)
    if bad_sum:
        value ^= 0x5555
    return head[:10] + struct.pack("!H", value) + head[12:] + payload


def ipv6(src, dst, proto, payload, hops=64, length=None, version=6):
    head = struct.pack("!IHBB", version << 28, len(payload) if length is None else length, proto, hops)
    return head + packed(src) + packed(dst) + payload


# IPv6 extension headers. Each takes the number of what follows and gives (its own number, its bytes).
def hop_by_hop(following, options=b"\1\4\0\0\0\0"):
    return 0, struct.pack("!BB", following, (len(options) + 2) // 8 - 1) + options


def destination(following, options=b"\1\4\0\0\0\0"):
    return 60, struct.pack("!BB", following, (len(options) + 2) // 8 - 1) + options


def routing(following):
    """Type 0 with nothing left to visit: every host reads on (RFC 8200 section 4.4)."""
    return 43, struct.pack("!BBBBI", following, 0, 0, 0, 0)


def fragment6(following, offset, more, ident):
    return 44, struct.pack("!BBHI", following, 0, offset & 0xfff8 | (1 if more else 0), ident)


def chained(extensions, proto, payload):
    """Puts the extension headers, outermost first, before payload: (next header of the fixed header, bytes)."""
    for extension in reversed(extensions):
        proto, head = extension(proto)
        payload = head + payload
    return proto, payload


def icmp_unreachable(src, dst, original, code=3):
    """src tells dst that `original` (an IPv4 packet of dst's) came nowhere."""
    body = struct.pack("!BBHI", 3, code, 0, 0) + original[:28]
    return ipv4(src, dst, 1, body[:2] + struct.pack("!H", checksum(body)) + body[4:])


class Segment:
    """What the kit needs to know of a packet that the host sent."""

    def __init__(self, packet):
        self.family = packet[0] >> 4
        if self.family == 4:
            words = (packet[0] & 15) * 4
            self.proto = packet[9]
            self.src, self.dst = ipaddress.ip_address(packet[12:16]), ipaddress.ip_address(packet[16:20])
            body = packet[words:struct.unpack("!H", packet[2:4])[0]]
        else:
            self.proto = packet[6]
            self.src, self.dst = ipaddress.ip_address(packet[8:24]), ipaddress.ip_address(packet[24:40])
            body = packet[40:]
        self.usable = self.proto == TCP and len(body) >= 20
        if self.usable:
            (self.sport, self.dport, self.seq, self.ack, bits, self.window, _, self.urgent) = struct.unpack("!HHIIHHHH", body[:20])
            start = (bits >> 12) * 4
            self.flags = "".join(letter for letter, bit in FLAGS.items() if bits & bit)
            self.options, self.data = body[20:start], body[start:]


def option(options, kind):
    """The value of one TCP option, or None."""
    at = 0
    while at < len(options):
        if options[at] == 0:
            return None
        if options[at] == 1:
            at += 1
            continue
        if at + 1 >= len(options) or options[at + 1] < 2:
            return None
        if options[at] == kind:
            return options[at + 2:at + options[at + 1]]
        at += options[at + 1]
    return None
