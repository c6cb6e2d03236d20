# SPDX-License-Identifier: GPL-2.0-or-later
"""dns_query.py SERVER NAME TYPE: asks once, over UDP, with recursion desired, and waits for the answer. The name is
cut into labels at its dots and otherwise sent as it is: resolvers do not ask whether a label is a host name."""
import random
import socket
import struct
import sys

server, name, kind = sys.argv[1:4]
labels = b"".join(bytes([len(part)]) + part for part in name.encode().split(b".") if part) + b"\0"
number = {"A": 1, "PTR": 12, "TXT": 16, "AAAA": 28}[kind]
query = struct.pack(">HHHHHH", random.getrandbits(16), 0x0100, 1, 0, 0, 0) + labels + struct.pack(">HH", number, 1)
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(5)
client.sendto(query, (server, 53))
print(len(client.recv(65535)), "bytes of answer")
