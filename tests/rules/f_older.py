# SPDX-License-Identifier: GPL-2.0-or-later
"""Every name that a buffer has, the older ones included, with a flow that such a rule speaks in and one where it keeps
quiet (keywords.py sees to that)."""
import hashlib

import f_names
from family import Family, answer, http

HEAD = (b"Referer: http://from.example/a\r\nAccept: text/html\r\nAccept-Language: nl-NL\r\nAccept-Encoding: br\r\n"
        b"Connection: close\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n")
f = Family("names", "alert http any any -> any any", dport=80)
f.flow("one", http(b"POST", b"/one?x=1", headers=HEAD + b"X-Odd: VaLue\r\n", body=b"hi", host=b"Host: One.example\r\n"), ("s", answer(b"abc", headers=b"Set-Cookie: a=one\r\nConnection: close\r\n")))
f.flow("two", http(b"PUT", b"/two?y=2", headers=b"User-Agent: two\r\nCookie: b=two\r\n", body=b"hello", host=b"Host: two.example\r\n"), ("s", answer(b"abcdef", status=b"404 Not Here")))
f.flow("three", http(uri=b"/three", headers=b"Accept: */*\r\n"), ("s", answer(b"xyz", status=b"500 Broken")))
for name, text in (("http_request_line", "POST /one?x=1 HTTP/1.1"), ("http_response_line", "HTTP/1.1 404 Not Here"),
                   ("http_header_names", "|0d 0a|Referer|0d 0a|"), ("http_referer", "from.example"), ("http_accept", "text/html"),
                   ("http_accept_lang", "nl-NL"), ("http_accept_enc", "br"), ("http_connection", "close"),
                   ("http_content_type", "text/plain"), ("http_content_len", "2"), ("http_start", "PUT /two"), ("file_data", "abcdef")):
    f.ask('%s; content:"%s";' % (name, text), '%s; content:!"%s";' % (name, text), '%s; content:"%s"; startswith; endswith;' % (name, text),
          '%s; content:"%s"; nocase; bsize:%d;' % (name, text.upper(), len(text)) if "|" not in text else '%s; bsize:>12;' % name)
for name, text in (("http_method", "PUT"), ("http_uri", "/two"), ("http_raw_uri", "y=2"), ("http_header", "X-Odd|3a 20|VaLue"),
                   ("http_raw_header", "X-Odd|3a 20|VaLue"), ("http_cookie", "b=two"), ("http_user_agent", "two"), ("http_host", "one.example"),
                   ("http_raw_host", "One.example"), ("http_stat_code", "404"), ("http_stat_msg", "Not Here"), ("http_client_body", "hello"),
                   ("http_server_body", "abcdef")):
    way = {"http_raw_header": "flow:to_server; ", "http_header": "flow:to_server; ", "http_cookie": "flow:to_server; "}.get(name, "")
    f.ask(way + 'content:"%s"; %s;' % (text, name), way + 'content:!"%s"; %s; content:"%s"; %s;' % (text, name, "e" if name != "http_stat_code" else "0", name),
          way + 'content:"%s"; %s; nocase;' % (text.upper() if "|" not in text else text, name), way + 'content:"%s"; depth:4; %s;' % (text[:2], name))
f.ask('uricontent:"/one";', 'uricontent:"absent";', 'flow:to_server; http.header; header_lowercase; content:"x-odd|3a 20|VaLue";',
      'flow:to_server; http.header; header_lowercase; content:"X-Odd";', 'flow:to_server; http.header; strip_pseudo_headers; content:"X-Odd";',
      'http.method; xor:"20"; content:"put";', 'http.method; xor:"2001"; content:"pNs";', 'http.uri; to_uppercase; content:"/TWO";', 'http.uri; to_uppercase; content:"/two";',
      'http.uri; dotprefix; content:"./two"; startswith;', 'http.uri; strip_whitespace; content:"/one";', 'http.uri; compress_whitespace; content:"/three"; startswith;')

f = Family("older_names", "alert tls any any -> any any", dport=443)
HELLO = "771,49199-156,0-10-11-13,29-23,0"
JA3 = hashlib.md5(HELLO.encode()).hexdigest()
f.flow("good", f_names.client_hello(b"shop.example"), ("s", f_names.server_hello(f_names.GOOD)), f_names.finish())
f.flow("evil", f_names.client_hello(b"www.evil.example"), ("s", f_names.server_hello(f_names.EVIL)), f_names.finish())
f.flow("bare", f_names.client_hello(), ("s", f_names.server_hello(f_names.SELF)), f_names.finish())
for name, text in (("tls_sni", "shop.example"), ("tls_cert_subject", "CN=evil.example"), ("tls_cert_issuer", "O=Root CA"), ("tls_cert_serial", "0F:EE"),
                   ("tls_cert_fingerprint", hashlib.sha1(f_names.GOOD).digest().hex(":")), ("ja3_hash", JA3), ("ja3.hash", JA3)):
    f.ask('%s; content:"%s";' % (name, text), '%s; content:!"%s";' % (name, text), '%s; content:"%s"; bsize:%d;' % (name, text, len(text)), '%s; content:"%s"; nocase;' % (name, text.upper()))
