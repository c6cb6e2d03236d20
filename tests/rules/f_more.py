# SPDX-License-Identifier: GPL-2.0-or-later
"""Mail, IPv6, pass rules over TCP, and rules that stand beside each other."""
import base64

from family import Family, answer, http


def mail(*lines, end=b"."):
    """A whole delivery; lines are the message."""
    return (("s", b"220 mail.example ESMTP\r\n"), b"EHLO client.example\r\n", ("s", b"250-mail.example\r\n250 8BITMIME\r\n"),
            b"MAIL FROM:<a@client.example>\r\n", ("s", b"250 ok\r\n"), b"RCPT TO:<b@mail.example>\r\n", ("s", b"250 ok\r\n"),
            b"DATA\r\n", ("s", b"354 go on\r\n"), b"\r\n".join(lines) + b"\r\n" + end + b"\r\n", ("s", b"250 queued\r\n"),
            b"QUIT\r\n", ("s", b"221 bye\r\n"))


HEAD = (b"From: a@client.example", b"To: b@mail.example", b"Subject: needle subject", b"MIME-Version: 1.0")
MIXED = (*HEAD, b"Content-Type: multipart/mixed; boundary=B", b"", b"--B", b"Content-Type: text/plain", b"", b"needle body",
      b"--B",
         b"Content-Type: application/octet-stream; name=\"x.bin\"", b"Content-Disposition: attachment; filename=\"x.bin\"")
f = Family("mail", "alert smtp any any -> any any", dport=25)
f.flow("plain", *mail(*HEAD, b"", b"needle body", b"more"))
f.flow("attachment", *mail(*MIXED, b"Content-Transfer-Encoding: base64", b"", base64.b64encode(b"needle file"), b"--B--"))
f.flow("clear", *mail(*MIXED, b"", b"needle file", b"--B--"))
f.flow("quoted", *mail(*MIXED, b"Content-Transfer-Encoding: quoted-printable", b"", b"n=65edle file", b"--B--"))
f.flow("odd_port", *mail(*HEAD, b"", b"needle body"), dport=2525)
f.ask('content:"needle";', 'file.data; content:"needle file";', 'file.data; content:"needle";',
      'file.data; content:"needle"; startswith;',
      'file_data; content:"file"; endswith;', 'content:"EHLO"; depth:4;', 'flow:to_server; content:"MAIL FROM";',
      'flow:to_client; content:"250";',
      'content:"Subject|3a| needle";', 'file.data; content:!"needle";', 'file.data; bsize:11;')
f.rule('alert tcp any any -> any 25 (content:"needle body";)')
f.rule('alert tcp any any -> any any (file.data; content:"needle file";)')

f = Family("six", "alert tcp any any -> any any", client="2001:db8:2::5", server="2001:db8:1::80")
f.flow("plain", b"abc def", ("s", b"reply abc"))
f.flow("web", http(uri=b"/abc"), ("s", answer(b"abc")), dport=80)
f.flow("datagram", b"abc def", proto="udp")
f.flow("four", b"abc def", client="198.51.100.7", server="192.0.2.80")
f.ask('content:"abc";', 'flow:established,to_server; content:"abc";')
for proto in ("ip", "udp", "http", "tcp"):
    f.rule('alert %s $EXTERNAL_NET any -> $HOME_NET any (content:"abc";)' % proto)
    f.rule('alert %s 2001:db8:2::/48 any -> any any (content:"abc";)' % proto)
    f.rule('alert %s any any -> [2001:db8:1::80,192.0.2.80] any (content:"abc";)' % proto)
    f.rule('alert %s any any -> !2001:db8:1::80 any (content:"abc";)' % proto)
f.rule('alert http any any -> any any (http.uri; content:"abc";)')

# A port for each, so that a pass rule silences its own flow only.
f = Family("pass")
for name, port in (("none", 7001), ("packet", 7002), ("stream", 7003), ("uri", 7004), ("late", 7005), ("header", 7006),
      ("client", 7007), ("answer", 7008),
                   ("ports", 7009), ("noalert", 7010), ("drop", 7011)):
    f.flow(name, http(uri=b"/abc"), ("s", answer(b"abc one")), http(uri=b"/def"), ("s", answer(b"abc two")), dport=port)
f.rule('alert http any any -> any any (http.uri; content:"abc";)')
f.rule('alert http any any -> any any (http.uri; content:"def";)')
f.rule('alert http any any -> any any (flow:to_client; file.data; content:"abc";)')
f.rule('alert tcp any any -> any any (flow:to_server; content:"GET"; depth:3;)')
f.rule('alert tcp any any -> any any (flow:established,to_server; content:"HTTP/1.1"; content:"Host";)')
f.rule('pass tcp any any -> any 7002 (content:"GET /abc"; depth:8;)')
f.rule('pass tcp any any -> any 7003 (content:"/def";)')
f.rule('pass http any any -> any 7004 (http.uri; content:"abc";)')
f.rule('pass http any any -> any 7005 (http.uri; content:"def";)')
f.rule('pass ip any any -> any 7006 ()')
f.rule('pass http any any -> any 7007 (flow:to_server; http.host; content:"shop";)')
f.rule('pass http any 7008 -> any any (flow:to_client; http.stat_code; content:"200";)')
f.rule('pass tcp any any <> any 7009 (flow:established;)')
f.rule('pass tcp any any -> any 7010 (flow:established; noalert;)')
f.rule('drop http any any -> any 7011 (http.uri; content:"abc";)')

f = Family("together", "alert http any any -> any any", dport=80)
f.flow("one", http(uri=b"/abc?x=1", headers=b"X-A: def\r\n"), ("s", answer(b"ghi")))
f.flow("two", http(uri=b"/def"), ("s", answer(b"abc")))
f.flow("post", http(b"POST", b"/abc", b"", b"def" * 400 + b"ghi"), ("s", answer(b"jkl")))
f.ask('http.uri; content:"abc"; http.header; content:"def";', 'http.uri; content:"abc"; http.header; content:!"def";',
      'http.uri; content:!"abc"; http.header; content:!"def";',
      'http.uri; content:"abc"; file.data; content:"ghi";', 'http.request_body; content:"def"; content:"ghi"; distance:0;',
      'http.uri; content:"abc"; http.request_body; content:"ghi"; endswith;',
      'http.method; content:"POST"; http.uri; content:"/abc"; http.request_body; content:"def"; startswith;',
      'http.uri; content:"abc"; content:"def";', 'http.uri; content:"abc"; pkt_data; content:"def";',
      'content:"def"; http.uri; content:"abc";', 'dsize:>10; http.uri; content:"abc";',
      'flow:established,to_server; dsize:>10; content:"abc";',
      'http.uri; content:"abc"; flow:to_server; flowbits:set,seen.abc;',
      'flow:to_client; flowbits:isset,seen.abc; http.stat_code; content:"200";', 'http.uri; bsize:4; http.method; bsize:4;',
      'http.header_names; content:"X-A"; http.uri; content:"x="; pcre:"/x=\\d/";',
      'http.host; content:"shop"; bsize:12; http.uri; content:"/"; startswith; content:!"?"; distance:0;',
      'http.uri; content:"/abc"; pcre:"/^\\?x=[0-9]$/R";', 'stream_size:client,>,10; http.uri; content:"abc";')
