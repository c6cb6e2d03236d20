# SPDX-License-Identifier: GPL-2.0-or-later
"""TCP: packets and the stream, what is seen across their borders, the direction and state of a flow, and its size."""
from family import Family, answer, http

f = Family("stream", "alert tcp any any -> any any")
f.flow("whole", b"start abc def ghi end")
f.flow("cut", b"start abc def ghi end", cuts=(7, 8, 12))
f.flow("bytes", b"start abc def ghi end", cuts=range(1, 21))
f.flow("steps", b"start abc", b" def ghi", b" end")
f.flow("both", b"start abc", ("s", b"reply def"), b" ghi", ("s", b" end"))
f.flow("server", ("s", b"start abc def ghi end"))
f.flow("long", b"start " + b"." * 3000 + b"abc def" + b"." * 3000 + b" end")
f.flow("border", b"." * 2558 + b"abc def" + b"." * 3000 + b" end")
f.flow("repeated", *[b"abc def\n"] * 5)
f.flow("unacknowledged", b"start abc def ghi end", acks=False, cuts=(8,))
f.flow("open", b"start abc def ghi end", cuts=(8,), ends=False)
f.flow("reset", b"start abc def ghi end", ("rst", "s"), cuts=(8,), ends=False)
f.flow("midstream", b"start abc def ghi end", cuts=(8,), hello=False)
f.flow("empty")
f.flow("other", b"nothing to see")
f.flow("web", http(uri=b"/abc def"), ("s", answer(b"abc def")), dport=80)
f.ask('content:"abc def";', 'content:"abc"; content:"def"; distance:0;', 'content:"abc"; content:"def"; distance:1; within:3;',
      'content:"start"; depth:5;', 'content:"start"; startswith;', 'content:"end"; endswith;', 'content:"def"; endswith;',
      'content:"abc"; offset:6; depth:3;', 'content:"abc def"; offset:6;', 'content:"abc"; within:9;',
      'content:"start"; content:"end"; distance:0;',
      'content:!"abc";', 'content:!"abc"; flow:to_server;', 'content:"start"; content:!"abc";',
      'content:"start"; content:!"def"; distance:0;', 'content:"abc"; content:!"x"; within:5;',
      'content:"abc"; isdataat:!1,relative;', 'content:"abc"; isdataat:1,relative;', 'content:"def"; isdataat:!20,relative;',
      'pcre:"/abc def/";', 'pcre:"/^start/";', 'pcre:"/end$/";', 'pcre:"/abc.{1,10}ghi/";', 'content:"abc"; pcre:"/^ def/R";',
      'pcre:!"/abc/";',
      'content:"abc def"; nocase; flow:established,to_server;', 'content:"abc def"; flow:established,to_client;',
      'content:"abc def"; flow:only_stream;', 'content:"abc def"; flow:no_stream;', 'content:"abc"; flow:no_stream;',
      'content:"abc"; flow:only_stream;', 'flow:to_server,only_stream; content:"end";',
      'content:"start"; depth:5; content:"end"; distance:0;', 'content:"start"; depth:5; content:"abc"; distance:0;',
      'dsize:>10; content:"abc";', 'dsize:>10; content:"abc def";', 'dsize:8;', 'dsize:0;', 'dsize:>0;',
      'dsize:<9; content:"def";', 'pkt_data; content:"abc def";', 'content:"abc def"; rawbytes;',
      'content:"abc"; byte_test:1,=,32,0,relative;', 'byte_test:1,=,115,0;',
      'content:"start"; byte_jump:0,1,relative; content:"abc"; within:3;', 'isdataat:20;', 'isdataat:!20;', 'isdataat:5000;',
      'content:"abc"; content:"abc"; distance:0;', 'content:"abc"; threshold:type limit, track by_src, count 1, seconds 60;')

# Two copies of the same bytes, in front of a hole that is filled later.
f = Family("copies", "alert tcp any any -> any any")
f.flow("first", ("at", (6, b"abc def")), ("at", (6, b"xyz uvw")), ("at", (0, b"start ")), ("ack", "s"), b" end")
f.flow("same", ("at", (6, b"abc def")), ("at", (6, b"abc def")), ("at", (0, b"start ")), ("ack", "s"), b" end")
f.ask('content:"abc def";', 'content:"xyz uvw";', 'content:"start abc def end";', 'content:"start "; content:!"abc"; within:3;')

f = Family("flow", "alert tcp any any -> any any")
f.flow("both", b"client abc", ("s", b"server abc"))
f.flow("client", b"client abc")
f.flow("server", ("s", b"server abc"))
f.flow("open", b"client abc", ("s", b"server abc"), ends=False)
f.flow("midstream", b"client abc", ("s", b"server abc"), hello=False)
f.flow("hello", ends=False)
f.flow("datagram", b"client abc", ("s", b"server abc"), proto="udp")
f.flow("one_datagram", b"client abc", proto="udp")
for proto in ("tcp", "udp", "ip"):
    f.head = "alert %s any any -> any any" % proto
    f.ask(*['flow:%s; content:"abc";' % o for o in ("established", "to_server", "to_client", "from_client", "from_server",
          "stateless", "not_established", "established,to_server", "established,from_server", "to_client,established",
          "stateless,to_server")])
    f.ask('flow:established;', 'flow:to_server;', 'flow:to_client;', 'flow:not_established;', 'flow:stateless;',
          'flow:established,to_server; dsize:>0;')
f.head = "alert tcp any any -> any any"
f.ask('flow:to_server,to_client; content:"abc";', 'flow:established,not_established; content:"abc";',
      'flow:only_stream,no_stream; content:"abc";', 'flow:bogus; content:"abc";',
      'flow: established , to_server; content:"abc";', 'flow:established; flow:to_server; content:"abc";',
      'flow:no_frag; content:"abc";', 'flow:only_frag; content:"abc";', 'flow:stateless,established; content:"abc";',
      'flow:to_server,from_client; content:"abc";')
f.rule('alert tcp any 7777 -> any any (content:"abc";)')
f.rule('alert tcp any any -> any 7777 (content:"abc";)')
f.rule('alert tcp any any -> any 7777 (flow:to_client; content:"abc";)')
f.rule('alert tcp any 7777 -> any any (flow:to_client; content:"abc";)')
f.rule('alert tcp any any <> any 7777 (content:"abc";)')
f.rule('alert tcp any any <> any 7777 (flow:to_server; content:"abc";)')

f = Family("stream_size", "alert tcp any any -> any any")
f.flow("small", b"abc", ("s", b"defg"))
f.flow("more", b"abc" * 10, ("s", b"x" * 200), b"abc")
f.flow("server", ("s", b"abc" * 20))
f.flow("udp", b"abc", proto="udp")
f.ask(*['stream_size:%s; content:"abc";' % o for o in ("client,>,2", "client,>,3", "client,>,4", "client,<,10", "client,=,3",
      "client,=,4", "client,!=,4", "client,>=,4", "client,<=,4", "server,>,4", "server,>,100", "server,<,2", "both,>,3",
      "both,<,50", "either,>,100", "either,<,2", "bogus,>,1", "client,~,1", "client,>")])
f.ask('stream_size:client,>,30;', 'stream_size:server,>,4; dsize:>0;', 'stream_size:server,>,4; flow:to_client;',
      'stream_size:server,=,1; flow:to_server; dsize:3;')
