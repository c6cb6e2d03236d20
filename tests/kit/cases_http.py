# SPDX-License-Identifier: GPL-2.0-or-later
"""http: odd framing around the lookup. The bytes reach the host's socket, as recorded; that a server may log any of
them is reasoning, so all must be found."""
import base64
import zlib

from case import C, goodbye, hello, lookup, tag_of
from table import add

H = b"Host: shop.example\r\n"


WHY = "the socket delivered every byte (recorded); that a server may log any of them, decoded, is reasoning"


def http(name, make, size=None, want="alert"):
    """make(lookup) gives the request's bytes."""
    text = make(lookup(tag_of("http/" + name)))
    step = size or 1400
    add("http", name, lambda r: [*hello(), *[C(1 + a, text[a:a + step]) for a in range(0, len(text), step)], *goodbye(len(text))],
        host=dict(reply=False), want=want, why=WHY)


def get(line, rest=b""):
    return line + b"\r\n" + H + rest + b"\r\n"


def head(value, eol=b"\r\n"):
    return b"GET / HTTP/1.1" + eol + b"Host: shop.example" + eol + value + eol + eol


def percent(text):
    return b"".join(b"%%%02x" % c for c in text)


def chunked(*chunks, extension=b"", trailer=b""):
    body = b"".join(b"%x%s\r\n%s\r\n" % (len(c), extension, c) for c in chunks) + b"0\r\n" + trailer + b"\r\n"
    return b"POST /form HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n" + body


def post(body, more=b"", length=None):
    return b"POST /form HTTP/1.1\r\n" + H + more + b"Content-Length: %d\r\n\r\n" % (len(body) if length is None else length) + body

def gzipped(data):
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    return pack.compress(data) + pack.flush()


http("bare-line-feeds", lambda x: head(b"X-Api: " + x, b"\n"))
http("leading-blank-lines", lambda x: b"\r\n\r\n" + head(b"X-Api: " + x))
http("leading-spaces", lambda x: b"   " + head(b"X-Api: " + x))
http("bare-carriage-returns", lambda x: head(b"X-Api: " + x, b"\r"))
http("folded", lambda x: head(b"X-Api: a\r\n  " + x))
http("folded-inside", lambda x: head(b"X-Api: " + x[:1] + x[1:] + b"\r\n\tmore"))
http("tab-after-colon", lambda x: head(b"X-Api:\t" + x))
http("no-space", lambda x: head(b"X-Api:" + x))
http("space-before-colon", lambda x: head(b"X-Api : " + x))
http("no-colon", lambda x: head(x))
http("empty-name", lambda x: head(b": " + x))
http("in-name", lambda x: head(x + b": 1"))
http("nul-before", lambda x: head(b"X-Api: \0" + x))
http("high-bytes-around", lambda x: head(b"X-Api: \xff\xfe" + x + b"\x80"))
http("lower-case-method", lambda x: b"get" + head(b"X-Api: " + x)[3:])
http("unknown-method", lambda x: b"BREW" + head(b"X-Api: " + x)[3:])
http("in-method", lambda x: get(x + b" / HTTP/1.1"))
http("in-target", lambda x: get(b"GET /?q=" + x + b" HTTP/1.1"))
http("in-target-encoded", lambda x: get(b"GET /?q=" + percent(x) + b" HTTP/1.1"))
http("in-target-encoded-twice", lambda x: get(b"GET /?q=" + percent(percent(x)) + b" HTTP/1.1"))
http("in-version", lambda x: get(b"GET / HTTP/1.1" + x))
http("in-host", lambda x: b"GET / HTTP/1.1\r\nHost: " + x + b"\r\n\r\n")
http("in-cookie", lambda x: head(b"Cookie: a=1; session=" + x))
http("in-basic-authorization", lambda x: head(b"Authorization: Basic " + base64.b64encode(x + b":secret")))
http("version-0.9", lambda x: b"GET /?" + x + b"\r\n")
http("version-1.0", lambda x: b"GET / HTTP/1.0\r\nX-Api: " + x + b"\r\n\r\n")
http("version-9.9", lambda x: b"GET / HTTP/9.9\r\nX-Api: " + x + b"\r\n\r\n")
http("absolute-target", lambda x: get(b"GET http://shop.example/" + x + b" HTTP/1.1"))
http("connect", lambda x: b"CONNECT shop.example:443 HTTP/1.1\r\nX-Api: " + x + b"\r\n\r\n")
http("options-star", lambda x: get(b"OPTIONS * HTTP/1.1", b"X-Api: " + x + b"\r\n"))
http("upgrade-h2c", lambda x: head(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nX-Api: " + x))
http("200-headers", lambda x: head(b"".join(b"X-%d: v\r\n" % n for n in range(200)) + b"X-Api: " + x))
http("long-header", lambda x: head(b"X-Api: " + b"a" * 9000 + x))
http("long-head", lambda x: head(b"".join(b"X-%d: %s\r\n" % (n, b"v" * 700) for n in range(110)) + b"X-Api: " + x))
http("unfinished-head", lambda x: b"GET / HTTP/1.1\r\nHost: a\r\nX-Api: " + x)
http("bytes-and-folded", lambda x: head(b"X-Api: a\r\n  " + x), 1)
http("after-continue", lambda x: b"POST / HTTP/1.1\r\n" + H + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(x) + x)
http("body", post)
http("body-length-short", lambda x: post(b"abc" + x, length=3))
http("body-length-exact", lambda x: post(x + b"tail", length=len(x)))
http("body-length-long", lambda x: post(x, length=900))
http("body-length-negative", lambda x: post(x, length=-5))
http("body-length-huge", lambda x: post(x, length=1 << 70))
http("body-two-lengths", lambda x: post(x, b"Content-Length: 2\r\n"))
http("body-length-and-chunked", lambda x: post(b"%x\r\n%s\r\n0\r\n\r\n" % (len(x), x), b"Transfer-Encoding: chunked\r\n", 4))
http("body-of-get", lambda x: b"GET" + post(x)[4:])
http("body-no-length", lambda x: b"POST / HTTP/1.0\r\n\r\n" + x)
http("chunked", lambda x: chunked(x))
http("chunked-inside", lambda x: chunked(x[:5], x[5:13], x[13:]))
http("chunked-bytes", lambda x: chunked(*[x[i:i + 1] for i in range(len(x))]))
http("chunked-extension", lambda x: chunked(b"hello", extension=b";a=" + x))
http("chunked-trailer", lambda x: chunked(b"hello", trailer=b"X-Api: " + x + b"\r\n"))
http("chunked-bad-size", lambda x: chunked(b"hello").replace(b"5\r\n", b"zz\r\n") + x)
http("chunked-leading-zeros", lambda x: chunked(x).replace(b"\r\n\r\n", b"\r\n\r\n0000000", 1))
http("transfer-encoding-odd", lambda x: chunked(x[:9], x[9:]).replace(b"Encoding: chunked", b"Encoding:\tidentity, Chunked"))
http("gzip", lambda x: post(gzipped(b"{\"q\":\"" + x + b"\"}"), b"Content-Encoding: gzip\r\n"))
http("deflate", lambda x: post(zlib.compress(b"q=" + x), b"Content-Encoding: deflate\r\n"))
http("gzip-announced-only", lambda x: post(x, b"Content-Encoding: gzip\r\n"))
http("second-after-body", lambda x: post(b"a=1&b=2") + head(b"X-Api: " + x))
http("second-after-chunked", lambda x: chunked(b"hello") + head(b"X-Api: " + x))
http("second-after-short-length", lambda x: post(b"abc", length=2) + head(b"X-Api: " + x))
http("tenth-pipelined", lambda x: head(b"A: b") * 9 + head(b"X-Api: " + x))
http("garbage-first", lambda x: bytes(range(128, 250)) + head(b"X-Api: " + x))
http("proxy-line-first", lambda x: b"PROXY TCP4 198.51.100.9 192.0.2.80 5000 80\r\n" + head(b"X-Api: " + x))
http("no-http-at-all", lambda x: b"log: user agent was " + x + b"\n")
http("benign-odd", lambda x: head(b"X-Api : ${jndi\r\n  folded\r\nTemplate: ${name}", b"\n"), want="none")
