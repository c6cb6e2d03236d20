# SPDX-License-Identifier: GPL-2.0-or-later
"""Conversations as capture files: TCP with a handshake and an end, UDP, and the codecs that the captures of places.py
are written with. Standard library only."""
import struct

import sensor as lab

import sys
sys.path.insert(0, str(lab.TOP / "tests/kit"))
import pcapfile  # noqa: E402
import wire      # noqa: E402

CLIENT, SERVER = "198.51.100.7", "10.99.0.2"
EPOCH, STEP = 1767600000 * 10**9, 1_000_000  # 2026-01-05; a packet each millisecond
ETHER = bytes(12) + b"\x08\x00"
SEGMENT = 1400


class Capture:
    """Packets in the order they are said; each conversation has a client port of its own. client and server may be changed
    between two of them."""

    def __init__(self):
        self.frames, self.when, self.port, self.segment = [], EPOCH, 40000, SEGMENT
        self.client, self.server = CLIENT, SERVER

    def ends(self, sender):
        return (self.client, self.server) if sender == "c" else (self.server, self.client)

    def put(self, sender, proto, payload):
        src, dst = self.ends(sender)
        frame = ETHER + wire.ipv4(src, dst, proto, payload)
        self.frames.append((self.when, frame, len(frame)))
        self.when += STEP

    def udp(self, server_port, said):
        """said: (sender, bytes) for each datagram."""
        self.port += 1
        for sender, data in said:
            ports = (self.port, server_port) if sender == "c" else (server_port, self.port)
            self.put(sender, wire.UDP, wire.udp(*self.ends(sender), *ports, data))

    def tcp(self, server_port, said):
        """said: (sender, bytes), in segments of at most self.segment bytes."""
        self.port += 1
        seq = {"c": 1000, "s": 5000}

        def send(sender, flags, data=b""):
            other = "s" if sender == "c" else "c"
            ports = (self.port, server_port) if sender == "c" else (server_port, self.port)
            ack = 0 if flags == "S" else seq[other]
            self.put(sender, wire.TCP, wire.tcp(*self.ends(sender), *ports, seq[sender], ack, flags, data=data))
            seq[sender] += len(data) + ("S" in flags) + ("F" in flags)

        send("c", "S"), send("s", "SA"), send("c", "A")
        for sender, data in said:
            for at in range(0, len(data), self.segment):
                send(sender, "PA", data[at:at + self.segment])
                if at % 20000 > 20000 - self.segment:
                    send("s" if sender == "c" else "c", "A")
            send("s" if sender == "c" else "c", "A")
        send("c", "FA"), send("s", "FA"), send("c", "A")

    def write(self, path):
        path.write_bytes(pcapfile.pcap(self.frames, pcapfile.ETHERNET))


def sized(n, data):
    """data behind its length, n bytes of it, in network order."""
    return len(data).to_bytes(n, "big") + data


def ber(tag, *parts):
    data = b"".join(parts)
    if len(data) < 128:
        return bytes([tag, len(data)]) + data
    return bytes([tag, 0x82]) + sized(2, data)


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


# --- DNS ------------------------------------------------------------------------------------------------------------

def labels(text):
    """Split at the dots, as a resolver does."""
    return b"".join(sized(1, label) for label in text.split(b".")) + b"\0"


def dns_query(name, kind=1, head=b"\x12\x34\x01\x00"):
    return head + struct.pack("!4H", 1, 0, 0, 0) + labels(name) + struct.pack("!2H", kind, 1)


def dns_answer(name, kind, data, ttl=60):
    return (b"\x12\x34\x81\x80" + struct.pack("!4H", 1, 1, 0, 0) + labels(name) + struct.pack("!2H", kind, 1) +
            b"\xc0\x0c" + struct.pack("!2HI", kind, 1, ttl) + sized(2, data))


def txt(*strings):
    return b"".join(sized(1, s) for s in strings)


# --- LDAP -----------------------------------------------------------------------------------------------------------

def ldap(number, op):
    return ber(0x30, ber(2, bytes([number])), op)


def ldap_bind(dn, password=b"secret"):
    return ldap(1, ber(0x60, ber(2, b"\3"), ber(4, dn), ber(0x80, password)))


def ldap_search(base, value):
    equal = ber(0xa3, ber(4, b"uid"), ber(4, value))
    return ldap(2, ber(0x63, ber(4, base), ber(10, b"\2"), ber(10, b"\0"), ber(2, b"\0"), ber(2, b"\0"), ber(1, b"\0"), equal,
                       ber(0x30, ber(4, b"cn"))))


# --- Codings, HTTP/2, WebSocket ------------------------------------------------------------------------------------------

def brotli(*parts):
    """RFC 7932 without compression: a meta-block for each part, so that text over two parts is whole only when decoded."""
    out = b""
    for number, part in enumerate(parts):
        # WBITS 0 in front of the first, ISLAST 0, MNIBBLES 00, MLEN - 1 in 16 bits, ISUNCOMPRESSED 1
        at = 1 if number == 0 else 0
        head = (len(part) - 1) << (at + 3) | 1 << (at + 19)
        out += head.to_bytes(3, "little") + part
    return out + b"\3"


def zstd(*parts):
    """RFC 8878 without compression: a raw block for each part."""
    blocks = b"".join((len(p) << 3 | (i == len(parts) - 1)).to_bytes(3, "little") + p for i, p in enumerate(parts))
    return b"\x28\xb5\x2f\xfd\0\x58" + blocks


# RFC 7541 appendix B, as far as the texts here need it: code and bits of each character.
HUFFMAN = {c: (code, bits) for bits, first, text in (
    (5, 0, "012aceiost"), (6, 0x14, " %-./3456789=A_bdfghlmnpru"), (7, 0x5c, ":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz"), (10, 0x3fa, "()"),
    (13, 0x1ff9, "$"), (15, 0x7ffe, "{"), (14, 0x3ffd, "}")) for code, c in enumerate(text, first)}


def huffman(text):
    bits = "".join("{:0{}b}".format(*HUFFMAN[c]) for c in text.decode())
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def hpack(text, coded=False):
    """A string literal of less than 127 bytes."""
    data = huffman(text) if coded else text
    return bytes([len(data) | (128 if coded else 0)]) + data


def h2_frame(kind, flags, stream, data):
    return len(data).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + data


H2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + h2_frame(4, 0, 0, b"")
H2_POST = b"\x83\x86\x84\x01" + hpack(b"h.example")  # :method POST, :scheme http, :path /, :authority


def websocket(data, opcode=1, final=True, mask=b"m\xa5k\x01"):
    length = bytes([len(data) | 128]) if len(data) < 126 else b"\xfe" + sized(2, data)[:2]
    return bytes([opcode | (128 if final else 0)]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data))


# --- TLS ------------------------------------------------------------------------------------------------------------

def tls_record(kind, data):
    return bytes([kind]) + b"\3\3" + sized(2, data)


def tls_hello(sni, alpn=b"h2"):
    extensions = (b"\0\0" + sized(2, sized(2, b"\0" + sized(2, sni))) + b"\0\x10" + sized(2, sized(2, sized(1, alpn))))
    body = b"\3\3" + b"r" * 32 + b"\0" + sized(2, b"\x13\1\x13\2") + b"\1\0" + sized(2, extensions)
    return tls_record(22, b"\1" + sized(3, body))


def x509(issuer, subject, alternative):
    def name(text):
        return ber(0x30, ber(0x31, ber(0x30, ber(6, b"\x55\4\3"), ber(0x0c, text))))
    san = ber(0x30, ber(0x30, ber(6, b"\x55\x1d\x11"), ber(4, ber(0x30, ber(0x82, alternative)))))
    return ber(0x30, ber(0x30, ber(0xa0, ber(2, b"\2")), ber(2, b"\1"), ber(0x30), name(issuer), ber(0x30), name(subject),
                         ber(0x30), ber(0xa3, san)), ber(0x30), ber(3, b"\0"))


def tls_server_flight(certificate):
    hello = b"\2" + sized(3, b"\3\3" + b"r" * 32 + b"\0" + b"\xc0\x2f\0" + sized(2, b""))
    chain = b"\x0b" + sized(3, sized(3, sized(3, certificate)))
    return tls_record(22, hello) + tls_record(22, chain) + tls_record(22, b"\x0e\0\0\0")


TLS_CLIENT_END = tls_record(22, b"\x10" + sized(3, b"key")) + tls_record(20, b"\1") + tls_record(22, b"e" * 40)


# --- what ships logs and chats -------------------------------------------------------------------------------------

def gelf_chunks(payload, size, number=b"8 bytes!"):
    parts = [payload[at:at + size] for at in range(0, len(payload), size)]
    return [b"\x1e\x0f" + number + bytes([i, len(parts)]) + part for i, part in enumerate(parts)]


def mqtt(kind, data):
    return bytes([kind]) + varint(len(data)) + data


def mqtt_connect(client, user=None):
    return mqtt(0x10, sized(2, b"MQTT") + b"\4" + (b"\x82" if user else b"\2") + b"\0\x3c" + sized(2, client) +
                (sized(2, user) if user else b""))


def resp(*strings):
    return b"*%d\r\n" % len(strings) + b"".join(b"$%d\r\n%s\r\n" % (len(s), s) for s in strings)


def minecraft(data, compressed=None):
    """compressed: None before Set Compression, else the bytes that stand for data."""
    if compressed is not None:
        data = varint(len(data)) + compressed
    return varint(len(data)) + data


def minecraft_handshake(host):
    return minecraft(b"\0" + varint(763) + varint(len(host)) + host + struct.pack("!H", 25565) + b"\2")


def java_string(text):
    return b"t" + sized(2, text)
