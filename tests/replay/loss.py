#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""loss.py SENSOR GENERATOR: what a capture has lost does not cost what it has kept.

Of a generated capture packets are taken away: one in a hundred, the first third, one direction, several of these
at once. Of every payload byte that is left the inspectors must be offered each one: stream.bytes, and
stream.unread_bytes for what they want no more of (TLS, bodies beyond their limit). How many are left is worked out
here, from the packets.
"""
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

import sensor as lab
import sums

SIZE_MB = "6"


def packets(path):
    """(record, payload length, to the server) of each packet: Ethernet, IPv4, TCP or UDP, as the generator writes them."""
    data = path.read_bytes()
    at = 24
    while at < len(data):
        kept, = struct.unpack_from("<8xI", data, at)
        frame = data[at + 16:at + 16 + kept]
        ip = frame[14:]
        header, total, protocol = (ip[0] & 15) * 4, struct.unpack_from(">H", ip, 2)[0], ip[9]
        source, destination = struct.unpack_from(">HH", ip, header)
        inner = (ip[header + 12] >> 4) * 4 if protocol == 6 else 8
        yield data[at:at + 16 + kept], total - header - inner, destination < source
        at += 16 + kept


def without(rng, share):
    return lambda n, to_server: rng.random() >= share


def views(total):
    """Name, and which packets stay."""
    rng = random.Random(1)
    late = total * 3 // 10
    loss = without(rng, 0.01)
    yield "whole", lambda n, to_server: True
    yield "one in a hundred lost", loss
    yield "one in ten lost", without(rng, 0.1)
    yield "from 30 % on", lambda n, to_server: n >= late
    yield "the clients only", lambda n, to_server: to_server
    yield "the servers only", lambda n, to_server: not to_server
    yield "from 30 % on, one in a hundred lost", lambda n, to_server: n >= late and loss(n, to_server)
    yield "the clients only, one in a hundred lost", lambda n, to_server: to_server and loss(n, to_server)
    yield "the servers only, from 30 % on, one in a hundred lost", \
        lambda n, to_server: not to_server and n >= late and loss(n, to_server)


def main():
    program, generator = sys.argv[1:3]
    bad = []
    with tempfile.TemporaryDirectory() as scratch:
        capture, view = pathlib.Path(scratch, "whole.pcap"), pathlib.Path(scratch, "view.pcap")
        subprocess.run([generator, SIZE_MB, "7", str(capture)], check=True, stdout=subprocess.DEVNULL)
        head, all_packets = capture.read_bytes()[:24], list(packets(capture))
        for name, stays in views(len(all_packets)):
            kept = [p for n, p in enumerate(all_packets) if stays(n, p[2])]
            view.write_bytes(head + b"".join(record for record, _, _ in kept))
            payload = sum(length for _, length, _ in kept)
            found = sums.counters(lab.replay(program, view, extra=("--set", "stream.depth=0")))
            offered = found["stream.bytes"] + found["stream.unread_bytes"]
            print("%-55s %6d packets, %8d bytes, %6.2f %% offered" % (name, len(kept), payload, 100 * offered / payload))
            if found["stream.payload_bytes"] != payload or offered != payload:
                bad.append("%s: %d bytes captured, %d seen, %d offered: %s" % (
                    name, payload, found["stream.payload_bytes"], offered, {row: found[row] for row in sums.parts()}))
            if name != "whole" and "only" not in name and found["stream.gaps"] == 0 and "lost" in name:
                bad.append("%s: no gap is told" % name)
    if bad:
        sys.exit("\n".join(bad))


if __name__ == "__main__":
    main()
