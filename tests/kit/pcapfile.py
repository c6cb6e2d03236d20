# SPDX-License-Identifier: GPL-2.0-or-later
"""Capture files: pcap in micro- and nanoseconds and either byte order, and pcapng with several interfaces."""
import struct

ETHERNET, NULL, RAW, PPP, LOOP, SLL, IPV4, IPV6, SLL2 = 1, 0, 101, 9, 108, 113, 228, 229, 276


def pcap(frames, link, order="<", nano=False):
    """frames: (time in nanoseconds, bytes, length on the wire)."""
    out = [struct.pack(order + "IHHiIII", 0xa1b23c4d if nano else 0xa1b2c3d4, 2, 4, 0, 0, 262144, link)]
    for when, data, wire_len in frames:
        part = when % 10**9 if nano else when % 10**9 // 1000
        out.append(struct.pack(order + "IIII", when // 10**9, part, len(data), wire_len) + data)
    return b"".join(out)


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def pcapng(frames):
    """frames: (time in nanoseconds, bytes, length on the wire, link). One interface per link type, every second one
    with nanoseconds."""
    links = sorted({frame[3] for frame in frames})
    out = [block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))]
    for number, link in enumerate(links):
        options = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0) if number % 2 else b""
        out.append(block(1, struct.pack("<HHI", link, 0, 262144) + options))
    for when, data, wire_len, link in frames:
        number = links.index(link)
        ticks = when if number % 2 else when // 1000
        out.append(block(6, struct.pack("<IIIII", number, ticks >> 32, ticks & 0xffffffff, len(data), wire_len) + data))
    return b"".join(out)
