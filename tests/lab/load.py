#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""load.py CAPTURE INTERFACE [FRAMES_A_SECOND]: sends a capture's frames, once or until SIGTERM, and says how many."""
import signal
import socket
import struct
import sys
import time

SLICE = 64
stopped = False


def frames(path):
    with open(path, "rb") as capture:
        data = capture.read()
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at + 16:at + 16 + length]
        at += 16 + length


def stop(*_):
    global stopped
    stopped = True


def main(path, interface, rate="3000"):
    signal.signal(signal.SIGTERM, stop)
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((interface, 0))
    begin, n = time.monotonic(), 0
    for frame in frames(path):
        out.send(frame)
        n += 1
        if stopped:
            break
        if n % SLICE == 0:
            time.sleep(max(0, begin + n / int(rate) - time.monotonic()))
    print("%d frames in %.1f s" % (n, time.monotonic() - begin))


main(*sys.argv[1:])
