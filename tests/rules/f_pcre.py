# SPDX-License-Identifier: GPL-2.0-or-later
"""pcre with its flags and buffers, and the transforms."""
from f_payload import payloads
from family import Family, answer, http

f = Family("pcre", "alert udp any any -> any any")
payloads(f)
f.ask('pcre:"/abc/";', 'pcre:"/ABC/i";', 'pcre:"/^abc/";', 'pcre:"/abc$/";', 'pcre:"/^abc$/";', 'pcre:"/xyz$/";',
      'pcre:!"/abc/";', 'pcre:!"/abc/i";', 'pcre:"/a.c/";', 'pcre:"/a b c/x";', 'pcre:"/def.$/";', 'pcre:"/def.+/s";',
      'pcre:"/def$/m";', 'pcre:"/abc$/E";', 'pcre:"/bc/A";', 'pcre:"/abc/A";', 'pcre:"/a+b/G";', 'pcre:"/a+/G";',
      'content:"abc"; pcre:"/abc/R";', 'content:"abc"; pcre:"/^abc/R";', 'content:"abc"; pcre:"/^ABC/R";',
      'content:"abc"; pcre:"/^.abc/R";', 'content:"abc"; pcre:!"/abc/R";', 'content:"abc"; pcre:!"/^x/R";',
      'pcre:"/abc/"; content:"abc"; distance:0;', 'pcre:"/abc/"; content:"ABC"; within:3;', 'pcre:"/abc/"; pcre:"/^ABC/R";',
      'pcre:"/[a-c]{3}/"; content:" "; within:1;', 'pcre:"/\\x24\\x7bjndi\\x3a/";', 'pcre:"/\\$\\{jndi:(ldap|rmi)s?:/i";',
      'pcre:"/(\\$|%24)(\\{|%7b)/i";', 'content:"${"; pcre:"/^[^}]{1,20}:\\/\\//R";', 'pcre:"/a\\"b\\;c/";',
      'pcre:"/\\x00def/";', 'pcre:"/^\\x00/";', 'pcre:"/\\d{3,}/"; content:!"abc";', 'pcre:"/(a)(b)\\2/";',
      'pcre:"/(?i)ABC/";', 'pcre:"/(?<=x)abc/";', 'pcre:"/abc(?!A)/";', 'pcre:"/(ab)X\\1/";',
      'pcre:"/abc/R";', 'pcre:"/^abc/R";', 'pcre:"/abc/B";', 'pcre:"/abc/O";', 'pcre:"/abc/Q";',
      'pcre:"/abc/"; content:!"A"; within:1;', 'pcre:"/len=(\\d+)/, pkt:n"; content:"abc";', 'pcre:"/(/";', 'pcre:"abc";',
      'pcre:"/abc";', 'pcre:"/a/Z";', 'pcre:"/abc/"; isdataat:!1,relative;', 'pcre:"/b/"; isdataat:!3,relative;',
      'pcre:"/len=/"; byte_test:2,=,12,0,relative,string,dec;', 'pcre:"m/abc/";', 'pcre:"/a/b/";', 'pcre:"/a\\/b/";',
      'pcre:"//";')

f = Family("pcre_http", "alert http any any -> any any", dport=80)
f.flow("uri", http(uri=b"/index.html?x=%41bc&y=%2e%2e%2Fetc"), ("s", answer(b"<html>Body abc</html>")))
f.flow("headers", http(uri=b"/a",
      headers=b"User-Agent: Mozilla/5.0 (Windows)\r\nCookie: id=${jndi:ldap://h/a}\r\nX-Api: abc\r\n"),
      ("s", answer(b"no", b"Set-Cookie: a=b\r\n", b"404 Not Found")))
f.flow("post", http(b"POST", b"/login.php", b"Content-Type: application/x-www-form-urlencoded\r\n", b"user=abc&pass=x%20y"),
      ("s", answer(b"welcome", status=b"302 Found")))
f.flow("host", http(uri=b"/A/../b", host=b"Host: WWW.Example.ORG:8080\r\n"), ("s", answer(b"x" * 3000 + b"abc")))
f.ask('pcre:"/index\\.html/U";', 'pcre:"/x=Abc/U";', 'pcre:"/x=%41bc/I";', 'pcre:"/etc$/U";', 'pcre:"/^\\/login\\.php$/U";',
      'pcre:"/^user=/P";', 'pcre:"/abc/P";', 'pcre:"/abc/Q";', 'pcre:"/Mozilla/H";', 'pcre:"/Mozilla\\/5/V";',
      'pcre:"/^mozilla/Vi";', 'pcre:"/jndi/C";', 'pcre:"/^POST$/M";', 'pcre:"/^GET/M";', 'pcre:"/^404$/S";',
      'pcre:"/not found/Yi";', 'pcre:"/^www\\.example\\.org$/W";', 'pcre:"/^WWW\\.Example\\.ORG/Z";', 'pcre:"/x-api: abc/Hi";',
      'pcre:"/X-Api: abc\\r\\n/D";', 'pcre:"/jndi/H";', 'pcre:!"/abc/P";', 'pcre:!"/index/U";', 'pcre:"/abc/UR";',
      'content:"/"; http_uri; pcre:"/^index/UR";', 'content:"index"; http.uri; pcre:"/x/R";',
      'http.uri; content:"index"; pcre:"/^\\.html/R";',
      'http.uri; pcre:"/index/"; content:".html"; distance:0;', 'http.uri; pcre:"/index/U";',
      'http.method; content:"GET"; pcre:"/abc/U";', 'pcre:"/GET \\/index/";', 'pcre:"/HTTP\\/1\\.1/"; flow:to_client;',
      'http.header; pcre:"/^Host:/";', 'http.header; pcre:"/^User-Agent: /m";', 'http.header; pcre:!"/^User-Agent: /m";')

f = Family("transforms", "alert http any any -> any any", dport=80)
for name, uri in (("plain", b"/index.html"), ("upper", b"/INDEX.HTML"), ("coded", b"/%69ndex.html?a=%2524%7bjndi"),
      ("plus", b"/a+b+c?q=x+y"), ("spaces", b"/a?q=x%20%20%09y%20z"), ("dotted", b"/www.example.org"), ("bad", b"/%zz%4"),
      ("nothing", b"/")):
    f.flow(name, http(uri=uri, headers=b"User-Agent:   Two  Words\tThree  \r\nX-Case: MiXeD\r\n",
          host=b"Host: Shop.Example\r\n"), ("s", answer(b"A  b\t c" + uri)))
f.ask('http.uri; to_lowercase; content:"/index.html";', 'http.uri; to_uppercase; content:"/INDEX.HTML";',
      'http.uri; to_lowercase; content:"INDEX";', 'http.uri.raw; url_decode; content:"/index.html";',
      'http.uri.raw; url_decode; content:"%24{jndi";', 'http.uri.raw; url_decode; url_decode; content:"${jndi";',
      'http.uri.raw; url_decode; content:"a b c";', 'http.uri.raw; url_decode; content:"x y";',
      'http.uri.raw; url_decode; content:"%zz%4";', 'http.uri.raw; to_lowercase; url_decode; content:"index"; bsize:11;',
      'http.uri; strip_whitespace; content:"xyz";', 'http.uri; compress_whitespace; content:"x y z";',
      'http.uri; compress_whitespace; content:"x"; content:"y"; distance:1; within:1;',
      'http.uri; dotprefix; content:"./index";', 'http.uri; dotprefix; content:".";',
      'http.host; dotprefix; content:".shop.example"; bsize:13;', 'http.host; dotprefix; content:".example"; endswith;',
      'http.user_agent; strip_whitespace; content:"TwoWordsThree"; bsize:13;',
      'http.user_agent; compress_whitespace; content:"Two Words"; startswith;',
      'http.user_agent; compress_whitespace; content:"Words Three"; ',
      'http.user_agent; to_lowercase; strip_whitespace; content:"twowords";',
      'http.uri; pcrexform:"index\\.([a-z]+)"; content:"html"; bsize:4;', 'http.uri; pcrexform:"[a-z]+"; content:"index";',
      'http.uri; pcrexform:"/(.*)\\.html"; content:"index"; startswith; endswith;',
      'http.uri; pcrexform:"/(.*)"; content:"www"; startswith;', 'http.header; to_lowercase; content:"x-case: mixed";',
      'http.header; header_lowercase; content:"x-case: MiXeD";',
      'http.uri; to_md5; content:"|66 6a|";', 'http.uri; to_sha256; bsize:32;', 'http.uri; to_sha1; bsize:20;',
      'http.uri; xor:"0a"; content:"%";', 'file.data; strip_whitespace; content:"Abc";',
      'file.data; compress_whitespace; content:"A b c";', 'file.data; to_lowercase; content:"a  b";',
      'http.uri; content:"index"; to_lowercase;', 'to_lowercase; content:"abc";', 'pkt_data; to_lowercase; content:"get /";',
      'http.uri; dotprefix; to_lowercase; content:"./index.html"; bsize:12;',
      'http.uri.raw; url_decode; dotprefix; bsize:>20;', 'http.uri; strip_whitespace; bsize:1;',
      'http.uri; to_lowercase; content:!"index";', 'http.uri.raw; url_decode; content:!"${"; content:"jndi";',
      'http.uri; pcrexform:"(";', 'http.uri; bogus_transform;')
