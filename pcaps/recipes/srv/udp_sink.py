# SPDX-License-Identifier: GPL-2.0-or-later
"""udp_sink.py HOST PORT [dns]: takes datagrams; with dns, answers each question with NXDOMAIN."""
import socket
import sys

sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sink.bind((sys.argv[1], int(sys.argv[2])))
while True:
    data, peer = sink.recvfrom(65535)
    if len(sys.argv) > 3 and len(data) >= 12:
        # QR=1 RD=as asked RA=1 RCODE=3, the question as it came (RFC 1035 section 4.1.1)
        sink.sendto(data[:2] + bytes([0x80 | data[2] & 1, 0x83]) + data[4:], peer)
