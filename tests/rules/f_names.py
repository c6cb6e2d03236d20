# SPDX-License-Identifier: GPL-2.0-or-later
"""dns.query and the tls.* buffers."""
import struct

from family import Family


def labels(name):
    return b"".join(bytes([len(p)]) + p for p in name.split(b".") if p) + b"\0"


def query(*names, kind=1, ident=0x1234, flags=0x0100):
    return struct.pack("!HHHHHH", ident, flags, len(names), 0, 0,
          0) + b"".join(labels(n) + struct.pack("!HH", kind, 1) for n in names)


def reply(name, kind=1, data=b"\xcb\0\x71\x09", ident=0x1234, flags=0x8180):
    return struct.pack("!HHHHHH", ident, flags, 1, 1, 0, 0) + labels(name) + struct.pack("!HH", kind,
          1) + b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data


def framed(message):
    return struct.pack("!H", len(message)) + message


f = Family("dns", "alert dns any any -> any any", proto="udp", dport=53)
f.flow("plain", query(b"www.evil.example"), ("s", reply(b"www.evil.example")))
f.flow("upper", query(b"WWW.Evil.EXAMPLE"), ("s", reply(b"WWW.Evil.EXAMPLE")))
f.flow("bare", query(b"evil.example"))
f.flow("longer", query(b"www.notevil.example"))
f.flow("suffix", query(b"evil.example.org"))
f.flow("two_questions", query(b"first.example", b"www.evil.example"))
f.flow("root", query(b""))
f.flow("two_queries", query(b"a.evil.example"), query(b"b.evil.example", ident=0x1235))
f.flow("same_twice", query(b"a.evil.example"), query(b"a.evil.example"))
f.flow("answer_only", ("s", reply(b"www.evil.example")))
f.flow("txt", query(b"t.evil.example", kind=16), ("s", reply(b"t.evil.example", 16, b"\x07abc def")))
f.flow("nxdomain", query(b"n.evil.example"), ("s", query(b"n.evil.example", flags=0x8183)))
f.flow("update", query(b"u.evil.example", flags=0x2800))
f.flow("lookup", query(b"${jndi:ldap://h/a}.evil.example"))
f.flow("odd_bytes", query(b"a\0b\xff.evil.example"))
f.flow("long", query(b"a" * 63 + b"." + b"b" * 63 + b".evil.example"))
f.flow("cut", query(b"www.evil.example")[:-6])
f.flow("rubbish", b"\xff" * 40)
f.flow("other_port", query(b"www.evil.example"), ("s", reply(b"www.evil.example")), dport=5353)
f.flow("tcp", framed(query(b"www.evil.example")), ("s", framed(reply(b"www.evil.example"))), proto="tcp")
f.flow("tcp_two", framed(query(b"a.evil.example")) + framed(query(b"b.evil.example", ident=2)),
      ("s", framed(reply(b"a.evil.example"))), proto="tcp")
f.flow("tcp_cut", framed(query(b"www.evil.example")), ("s", framed(reply(b"www.evil.example"))), proto="tcp",
      cuts=(1, 2, 9, 20))
f.ask('dns.query; content:"evil";', 'dns.query; content:"evil.example";', 'dns.query; content:"evil.example"; nocase;',
      'dns.query; content:"EVIL.example"; nocase;', 'dns.query; content:"evil.example"; endswith;',
      'dns.query; content:"evil.example"; nocase; endswith;', 'dns.query; dotprefix; content:".evil.example"; endswith;',
      'dns.query; dotprefix; content:".evil.example"; nocase; endswith;', 'dns.query; content:"www.evil.example"; bsize:16;',
      'dns.query; content:"www"; startswith;', 'dns.query; content:"evil.example"; startswith; endswith;',
      'dns.query; bsize:>20;', 'dns.query; bsize:0;', 'dns.query; content:!"evil";',
      'dns.query; content:"evil"; content:!"www";',
      'dns.query; content:"."; content:"."; distance:0; content:"example"; distance:0;',
      'dns.query; pcre:"/^[a-z]+\\.evil\\.example$/i";', 'dns.query; content:"jndi";', 'dns.query; content:"a|00|b";',
      'dns.query; content:"aaaaaaaaaa"; depth:10;', 'dns.query; to_lowercase; content:"www.evil.example";',
      'dns.query; content:"evil"; isdataat:!9,relative;', 'dns_query; content:"evil.example";', 'dns.opcode:0;',
      'dns.opcode:5;', 'dns.opcode:!0;', 'dns.query; content:"first"; dns.query; content:"evil";',
      'content:"|04|evil|07|example";', 'content:"|03|www|04|evil"; nocase;', 'content:"|01 00 00 01|"; offset:2; depth:4;',
      'flow:to_server;', 'flow:to_client;', 'flow:to_client; dns.query; content:"evil";',
      'flow:to_server; dns.query; content:"evil";',
      'dns.query; content:"evil"; threshold:type limit, track by_src, count 1, seconds 60;',
      'content:"evil"; dns.query; content:"www";', 'dsize:>30; dns.query; content:"evil";',
      'dns.query; content:"evil.example"; fast_pattern;', 'dns.query; content:"x"; nocase; content:".canarytokens"; nocase;',
      'dns.query; content:".l4j."; nocase; content:".example"; endswith;')
for proto, port in (("udp", "any"), ("tcp", "any"), ("udp", "53"), ("ip", "any")):
    f.rule('alert %s any any -> any %s (dns.query; content:"evil";)' % (proto, port))
f.rule('alert udp any any -> any 53 (content:"|04|evil|07|example|00|";)')
f.rule('alert udp any 53 -> any any (content:"|04|evil|07|example|00|";)')
f.rule('alert tcp any any -> any 53 (content:"|04|evil|07|example|00|";)')
f.rule('alert udp any any -> any any (flow:to_client; content:"|cb 00 71 09|"; endswith;)')
f.rule('alert dns any any -> any any (flow:to_client; content:"|cb 00 71 09|";)')


# TLS ---------------------------------------------------------------------------------------------------------------
def der(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    length = bytes([size]) if size < 128 else bytes([0x81, size]) if size < 256 else b"\x82" + struct.pack("!H", size)
    return bytes([tag]) + length + body


def name(**parts):
    oids = {"CN": b"\x55\x04\x03", "O": b"\x55\x04\x0a", "C": b"\x55\x04\x06"}
    return der(0x30, *[der(0x31, der(0x30, der(6, oids[k]), der(0x0c, v))) for k, v in parts.items()])


def certificate(subject, issuer, serial=b"\x01\x23\xab\xcd"):
    sha256_rsa = der(0x30, der(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), der(5))
    key = der(0x30, der(0x30, der(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), der(5)),
          der(3, b"\0" + der(0x30, der(2, b"\x00" + b"\xa5" * 64), der(2, b"\1\0\1"))))
    body = der(0x30, der(0xa0, der(2, b"\2")), der(2, serial), sha256_rsa, issuer,
          der(0x30, der(0x17, b"250101000000Z"), der(0x17, b"350101000000Z")), subject, key)
    return der(0x30, body, sha256_rsa, der(3, b"\0" + b"\x5a" * 64))


def record(kind, data, version=b"\3\3"):
    return bytes([kind]) + version + struct.pack("!H", len(data)) + data


def handshake(kind, body):
    return bytes([kind]) + struct.pack("!I", len(body))[1:] + body


def extension(kind, body):
    return struct.pack("!HH", kind, len(body)) + body


def client_hello(sni=None, version=b"\3\3", extra=b"", pieces=None):
    extensions = b""
    if sni is not None:
        extensions += extension(0, struct.pack("!HBH", len(sni) + 3, 0, len(sni)) + sni)
    extensions += extension(10, b"\0\4\0\x1d\0\x17") + extension(11, b"\1\0") + extension(13, b"\0\4\4\3\4\1") + extra
    hello = handshake(1, version + bytes(range(32)) + b"\0" + b"\0\4\xc0\x2f\x00\x9c" + b"\1\0" + struct.pack("!H",
          len(extensions)) + extensions)
    if pieces:
        return b"".join(record(22, hello[a:b], b"\3\1") for a, b in zip([0, *pieces], [*pieces, len(hello)]))
    return record(22, hello, b"\3\1")


def server_hello(*certificates, version=b"\3\3"):
    hello = handshake(2, version + bytes(range(32, 64)) + b"\0\x00\x9c\0")
    chain = b"".join(struct.pack("!I", len(c))[1:] + c for c in certificates)
    return record(22, hello) + record(22, handshake(11, struct.pack("!I", len(chain))[1:] + chain)) + record(22,
          handshake(14, b""))


def finish():
    return record(22, handshake(16, b"\0\x40" + b"\x77" * 64)) + record(20, b"\1") + record(22, b"\x99" * 40)


GOOD = certificate(name(C=b"NL", O=b"Shop", CN=b"shop.example"), name(C=b"NL", O=b"Root CA", CN=b"Root"))
EVIL = certificate(name(CN=b"evil.example"), name(CN=b"Evil CA"), b"\x0f\xee")
SELF = certificate(name(CN=b"JNDIExploit"), name(CN=b"JNDIExploit"), b"\x01")
f = Family("tls", "alert tls any any -> any any", dport=443)
f.flow("good", client_hello(b"shop.example"), ("s", server_hello(GOOD)), finish(),
      ("s", record(20, b"\1") + record(22, b"\x88" * 40)), record(23, b"\x55" * 60))
f.flow("evil", client_hello(b"www.evil.example"), ("s", server_hello(EVIL)), finish(),
      ("s", record(20, b"\1") + record(22, b"\x88" * 40)))
f.flow("self", client_hello(b"JNDI.Exploit"), ("s", server_hello(SELF, GOOD)), finish())
f.flow("no_sni", client_hello(), ("s", server_hello(EVIL)), finish())
f.flow("empty_sni", client_hello(b""), ("s", server_hello(GOOD)), finish())
f.flow("cut", client_hello(b"www.evil.example"), ("s", server_hello(EVIL)), finish(), cuts=(3, 9, 60, 70))
f.flow("records", client_hello(b"www.evil.example", pieces=(10, 70)), ("s", server_hello(EVIL)), finish())
f.flow("tls13", client_hello(b"www.evil.example", extra=extension(43, b"\4\3\4\3\3")),
      ("s", record(22, handshake(2, b"\3\3" + bytes(32) + b"\0\x13\1\0\0\6" + extension(43, b"\3\4"))) + record(20,
      b"\1") + record(23, b"\x44" * 80)), record(20, b"\1") + record(23, b"\x33" * 60))
f.flow("tls10", client_hello(b"www.evil.example", b"\3\1"), ("s", server_hello(EVIL, version=b"\3\1")), finish())
f.flow("odd_port", client_hello(b"www.evil.example"), ("s", server_hello(EVIL)), finish(), dport=7777)
f.flow("lookup", client_hello(b"${jndi:ldap://h/a}"), ("s", server_hello(GOOD)), finish())
f.flow("hello_only", client_hello(b"www.evil.example"))
f.flow("open", client_hello(b"www.evil.example"), ("s", server_hello(EVIL)), ends=False)
f.flow("web", b"GET / HTTP/1.1\r\nHost: www.evil.example\r\n\r\n")
for sticky in ("tls.sni", "tls.cert_subject", "tls.cert_issuer", "tls.cert_serial", "tls.cert_fingerprint", "tls.certs",
      "tls_sni", "tls.random"):
    f.ask('%s; bsize:>0;' % sticky, '%s; content:"evil";' % sticky, '%s; content:!"evil";' % sticky,
          '%s; content:"EXAMPLE"; nocase;' % sticky, '%s; content:"example"; endswith;' % sticky)
f.ask('tls.sni; content:"www.evil.example"; bsize:16;', 'tls.sni; dotprefix; content:".evil.example"; endswith;',
      'tls.sni; content:"jndi"; nocase;', 'tls.sni; content:"JNDI";', 'tls.sni; pcre:"/^www\\./";',
      'tls.cert_subject; content:"CN=evil.example";', 'tls.cert_subject; content:"C=NL, O=Shop, CN=shop.example"; bsize:29;',
      'tls.cert_subject; content:"CN=JNDIExploit"; startswith; endswith;', 'tls.cert_issuer; content:"CN=Evil CA"; bsize:10;',
      'tls.cert_issuer; content:"O=Root CA";', 'tls.cert_serial; content:"01:23:AB:CD";',
      'tls.cert_serial; content:"01:23:ab:cd"; nocase;', 'tls.cert_serial; content:"01";',
      'tls.cert_fingerprint; bsize:59;', 'tls.cert_fingerprint; content:"|3a|"; offset:2; depth:1;',
      'tls.sni; content:"evil"; tls.cert_subject; content:"evil";',
      'tls.cert_subject; content:"evil"; tls.cert_issuer; content:"Evil";', 'tls.version:1.2;', 'tls.version:1.3;',
      'tls.version:1.0;', 'tls.subject:"CN=evil.example";', 'tls.issuerdn:"CN=Evil CA";', 'tls.subject:!"CN=evil.example";',
      'tls.cert_chain_len:>1;', 'ssl_state:client_hello;', 'ssl_version:tls1.2;', 'flow:to_server; tls.sni; content:"evil";',
      'flow:to_client; tls.sni; content:"evil";', 'flow:to_client; tls.cert_subject; content:"evil";',
      'flow:to_server; tls.cert_subject; content:"evil";', 'flow:established;', 'flow:to_server;',
      'content:"evil.example";', 'content:"|16 03 01|"; depth:3;', 'content:"|16 03 03|"; startswith;',
      'content:"evil"; tls.sni; content:"www";', 'tls.certs; content:"|30 82|"; startswith;',
      'tls.certs; content:"JNDIExploit"; content:"JNDIExploit"; distance:0;', 'tls.sni; content:"evil"; content:!"www";',
      'tls_cert_valid;', 'tls_cert_expired;')
f.rule('alert tcp any any -> any any (tls.sni; content:"evil";)')
f.rule('alert tcp any any -> any 443 (tls.sni; content:"evil";)')
f.rule('alert tcp any 443 -> any any (tls.cert_subject; content:"evil";)')
f.rule('alert http any any -> any any (tls.sni; content:"evil";)')
f.rule('alert tcp any any -> any any (flow:established; content:"|16 03|"; startswith; content:"evil"; distance:0;)')

# No other rule is asked about these datagrams: what the first one's name has does not go with the second one's bytes.
f = Family("dns_mixed", "alert dns any any -> any any", proto="udp", dport=53)
f.flow("apart", query(b"evil.example"), query(b"quiet.example", ident=0x1235))
f.flow("together", query(b"evil.example"), query(b"evil.quiet.example", ident=0x1235))
f.ask('content:"quiet"; dns.query; content:"evil";')
