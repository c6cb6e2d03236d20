# SPDX-License-Identifier: GPL-2.0-or-later
"""What rules remember: bits and numbers of a flow, bits of an address, and how often they may speak."""
import struct

from family import Family, answer, http

HEAD = "alert tcp any any -> any any"
f = Family("flowbits", HEAD)
f.flow("ab", b"aaa", ("s", b"ok"), b"bbb", ("s", b"ok"), b"ccc")
f.flow("ba", b"bbb", ("s", b"ok"), b"aaa", ("s", b"ok"), b"ccc")
f.flow("together", b"aaa bbb ccc")
f.flow("only_b", b"bbb", ("s", b"ok"))
f.flow("reply", b"aaa", ("s", b"bbb"))
f.flow("unset", b"aaa", ("s", b"ok"), b"zzz", ("s", b"ok"), b"bbb")
f.flow("datagrams", b"aaa", b"bbb", b"ccc", proto="udp")
f.flow("web", http(uri=b"/aaa"), ("s", answer(b"bbb")), http(uri=b"/ccc"), ("s", answer(b"ddd")), dport=80)
for proto in ("tcp", "udp"):
    f.head = "alert %s any any -> any any" % proto
    if proto == "tcp":  # packets, so that what a segment says counts for the next
        f.options = "flow:established; dsize:>0;"
    else:
        f.options = ""
    f.ask('content:"aaa"; depth:3; flowbits:set,%s.a; flowbits:noalert;' % proto,
          'content:"aaa"; depth:3; flowbits:set,%s.b;' % proto, 'content:"bbb"; depth:20; flowbits:isset,%s.a;' % proto,
          'content:"bbb"; depth:20; flowbits:isnotset,%s.a;' % proto,
          'content:"ccc"; depth:20; flowbits:isset,%s.a; flowbits:isset,%s.b;' % (proto, proto),
          'content:"zzz"; depth:3; flowbits:unset,%s.a;' % proto, 'content:"bbb"; depth:3; flowbits:toggle,%s.t;' % proto,
          'content:"ccc"; depth:20; flowbits:isset,%s.t;' % proto, 'content:"ccc"; depth:20; flowbits:isnotset,%s.t;' % proto,
          'content:"bbb"; depth:20; flowbits:isset,%s.a|%s.never;' % (proto, proto),
          'content:"bbb"; depth:20; flowbits:isset,%s.never|%s.not;' % (proto, proto),
          'content:"bbb"; depth:20; flowbits:isnotset,%s.never;' % proto,
          'content:"bbb"; depth:20; flowbits:isset,%s.never;' % proto,
          'content:"aaa"; depth:3; flowbits:set,%s.c; noalert;' % proto,
          'content:"bbb"; depth:20; flowbits:isset,%s.c; flowbits:unset,%s.c;' % (proto, proto))
f.head, f.options = "alert http any any -> any any", ""
f.ask('flow:to_server; http.uri; content:"aaa"; flowbits:set,h.a; flowbits:noalert;',
      'flow:to_client; file.data; content:"bbb"; flowbits:isset,h.a;',
      'flow:to_client; http.stat_code; content:"200"; flowbits:isset,h.a; flowbits:set,h.b;',
      'flow:to_server; http.uri; content:"ccc"; flowbits:isset,h.b;',
      'flow:to_server; http.uri; content:"ccc"; flowbits:isnotset,h.a;',
      'flow:to_client; file.data; content:"ddd"; flowbits:isset,h.a; flowbits:unset,h.a;',
      'flow:to_server; http.uri; content:"aaa"; flowbits:isset,h.late;',
      'flow:to_client; file.data; content:"bbb"; flowbits:set,h.late;')
f.ask('flowbits:set;', 'flowbits:bogus,x;', 'flowbits:isset,;', 'flowbits:noalert,x;', 'flowbits:set,a|b; content:"aaa";',
      'flowbits: set , spaced; content:"aaa";')

f = Family("flowint", HEAD, "flow:established,to_server; dsize:>0;")
f.flow("many", *sum(([b"hit %d" % n, ("s", b"ok")] for n in range(5)), []))
f.flow("one", b"hit", ("s", b"ok"))
f.flow("other", b"other", ("s", b"ok"), b"hit", ("s", b"ok"))
f.flow("mixed", b"hit", ("s", b"ok"), b"other", ("s", b"ok"), b"hit", ("s", b"ok"))
f.ask('content:"hit"; depth:3; flowint:num,+,1; flowint:num,<,99; noalert;',
      'content:"hit"; depth:3; flowint:idx,isnotset; flowint:idx,=,1;',
      'content:"hit"; depth:3; flowint:idx,isset; flowint:idx,+,1;', 'content:"hit"; depth:3; flowint:idx,>,2;',
      'content:"hit"; depth:3; flowint:idx,==,3;', 'content:"hit"; depth:3; flowint:idx,!=,3;',
      'content:"hit"; depth:3; flowint:idx,>=,3;', 'content:"hit"; depth:3; flowint:idx,<=,3;',
      'content:"hit"; depth:3; flowint:idx,<,3;', 'content:"other"; depth:5; flowint:idx,isset;',
      'content:"other"; depth:5; flowint:idx,notset;', 'content:"other"; depth:5; flowint:idx,isnotset;',
      'content:"other"; depth:5; flowint:idx,-,1;', 'content:"hit"; depth:3; flowint:jot,=,7; flowint:jot,==,7;',
      'content:"hit"; depth:3; flowint:kin,+,idx;', 'content:"hit"; depth:3; flowint:kin,>,idx;',
      'flowint:xyz,~,1; content:"hit";', 'flowint:x,+,1; content:"hit";', 'flowint:xyz; content:"hit";',
      'content:"hit"; depth:3; flowint: idx , > , 1;')

f = Family("xbits", HEAD, "flow:established; dsize:>0;")
f.flow("first", b"aaa", ("s", b"ok"), client="198.51.100.1")
f.flow("same_source", b"bbb", ("s", b"ok"), client="198.51.100.1", server="192.0.2.81")
f.flow("same_target", b"bbb", ("s", b"ok"), client="198.51.100.2")
f.flow("same_pair", b"bbb", ("s", b"ok"), client="198.51.100.1")
f.flow("reversed", b"bbb", ("s", b"ok"), client="192.0.2.80", server="198.51.100.1")
f.flow("late", ("wait", 20), b"bbb", ("s", b"ok"), client="198.51.100.1")
f.flow("unset", b"zzz", ("s", b"ok"), client="198.51.100.1")
f.flow("after", b"bbb", ("s", b"ok"), client="198.51.100.1")
for track in ("ip_src", "ip_dst", "ip_pair"):
    name = track[3:]
    f.ask('content:"aaa"; depth:3; xbits:set,%s,track %s;' % (name, track),
          'content:"aaa"; depth:3; xbits:set,%s.short,track %s,expire 10;' % (name, track),
          'content:"bbb"; depth:3; xbits:isset,%s,track %s;' % (name, track),
          'content:"bbb"; depth:3; xbits:isnotset,%s,track %s;' % (name, track),
          'content:"bbb"; depth:3; xbits:isset,%s.short,track %s;' % (name, track),
          'content:"zzz"; depth:3; xbits:unset,%s,track %s;' % (name, track),
          'content:"aaa"; depth:3; xbits:toggle,%s.t,track %s;' % (name, track),
          'content:"bbb"; depth:3; xbits:isset,%s.t,track %s;' % (name, track))
f.ask('content:"aaa"; depth:3; xbits:noalert;', 'xbits:set,x; content:"aaa";', 'xbits:set,x,track bogus; content:"aaa";',
      'xbits:bogus,x,track ip_src; content:"aaa";', 'xbits:set,x,track ip_src,expire 0; content:"aaa";',
      'xbits:set, x, track ip_src, expire 5; content:"aaa"; depth:3;')
f.rule('alert tcp any any -> any any (flow:established; dsize:2; content:"ok"; xbits:isset,dst,track ip_dst;)')
f.rule('alert tcp any any -> any any (flow:established; dsize:2; content:"ok"; xbits:isset,src,track ip_src;)')

TYPES = ("limit", "threshold", "both", "backoff")
TRACKS = ("by_src", "by_dst", "by_both", "by_rule")
f = Family("threshold", "alert udp any any -> any 53", dport=53)


def query(name, ident=1):
    return struct.pack("!HHHHHH", ident, 0x100, 1, 0, 0,
          0) + b"".join(bytes([len(p)]) + p for p in name.split(b".")) + b"\0\0\1\0\1"


for number in range(4):
    f.flow("burst_a%d" % number, *[b"hit %d" % n for n in range(4)], proto="udp", dport=53, client="198.51.100.1")
for number in range(2):
    f.flow("burst_b%d" % number, *[b"hit %d" % n for n in range(4)], proto="udp", dport=53, client="198.51.100.2")
f.flow("other_target", *[b"hit %d" % n for n in range(4)], proto="udp", dport=53, client="198.51.100.1", server="192.0.2.81")
f.flow("later", ("wait", 12), b"hit", b"hit", b"hit", proto="udp", dport=53, client="198.51.100.1")
f.flow("last", ("wait", 70), b"hit", b"hit", b"hit", b"hit", b"hit", b"hit", proto="udp", dport=53, client="198.51.100.1")
f.flow("miss", b"nothing", proto="udp", dport=53, client="198.51.100.1")
for track in TRACKS:
    for kind in TYPES[:3]:
        f.ask(*['content:"hit"; threshold:type %s, track %s, count %d, seconds %d;' % (kind, track, count, seconds) for count,
              seconds in ((1, 10), (3, 60))])
    f.ask('content:"hit"; detection_filter:track %s, count 3, seconds 60;' % track,
          'content:"hit"; detection_filter:track %s, count 1, seconds 10;' % track)
f.ask('content:"hit"; threshold:type backoff, track by_src, count 1, multiplier 2;',
      'content:"hit"; threshold:type bogus, track by_src, count 1, seconds 1;',
      'content:"hit"; threshold:type limit, track by_src, seconds 1;',
      'content:"hit"; threshold:type limit, track by_src, count 0, seconds 1;',
      'content:"hit"; threshold:track by_src, type limit, seconds 60, count 2;',
      'content:"hit"; detection_filter:track by_src, count 0, seconds 60;',
      'content:"hit"; threshold:type limit, track by_src, count 1, seconds 10; threshold:type limit, track by_src, count 1, seconds 10;', 'content:"hit"; detection_filter:track by_src, count 3, seconds 60; threshold:type limit, track by_src, count 1, seconds 60;', 'content:"hit 3"; threshold:type threshold, track by_src, count 2, seconds 60;', 'content:"hit"; threshold:type limit,track by_src,count 2,seconds 30;')

f = Family("threshold_file", "alert udp any any -> any 53", dport=53)
for name, client in (("a", "198.51.100.1"), ("b", "198.51.100.2"), ("c", "203.0.113.9")):
    f.flow(name, *[b"hit %d" % n for n in range(6)], proto="udp", dport=53, client=client)
f.flow("v6", *[b"hit %d" % n for n in range(6)], proto="udp", dport=53, client="2001:db8::1", server="2001:db8:1::2")
f.ask(*['content:"hit"; content:"t"; offset:%d; depth:1;' % n if n else 'content:"hit";' for n in (0, 2)],
      'content:"hit"; nocase;', 'content:"hit"; offset:0;', 'content:"hit"; depth:3;', 'content:"hit"; startswith;',
      'content:"it";', 'content:"it"; offset:1;', 'content:"hit "; threshold:type limit, track by_src, count 2, seconds 60;',
      'content:"it "; nocase;', 'content:"hi";', 'content:"hi"; nocase;', 'content:"hi"; depth:2;')
S = 5000000
f.thresholds = """# comments, blanks and continued lines
threshold gen_id 1, sig_id %d, type limit, track by_src, count 1, seconds 60

threshold gen_id 1, sig_id %d, type threshold, track by_dst, count 4, seconds 60
threshold gen_id 1, sig_id %d, type both, track by_src, \\
    count 2, seconds 60
suppress gen_id 1, sig_id %d
suppress gen_id 1, sig_id %d, track by_src, ip 198.51.100.1
suppress gen_id 1, sig_id %d, track by_dst, ip 192.0.2.0/24
suppress gen_id 1, sig_id %d, track by_either, ip 198.51.100.0/30
suppress gen_id 1, sig_id %d, track by_src, ip [198.51.100.1,203.0.113.0/24]
threshold gen_id 1, sig_id %d, type limit, track by_src, count 1, seconds 60
suppress gen_id 1, sig_id %d, track by_src, ip 2001:db8::/32
event_filter gen_id 1, sig_id %d, type limit, track by_src, count 1, seconds 60
""" % tuple(S + n for n in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12))
