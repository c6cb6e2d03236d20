# SPDX-License-Identifier: GPL-2.0-or-later
"""How rules are written down."""
from family import Family

f = Family("syntax", "alert udp any any -> any any")
f.flow("abc", b'abc def | "quoted" ; \\ : end', proto="udp")
f.flow("other", b"ABC", proto="udp")
f.before = "# a comment\n\n   # another\n#alert udp any any -> any any (msg:\"off\"; content:\"abc\"; sid:1;)\n\t\n"
f.rule('alert udp any any -> any any (content:"abc"; \\\n  content:"def";)')
f.rule('alert udp any any -> \\\n  any any \\\n (content:"abc";)')
f.rule('alert udp any any -> any any (content:"a\\\nbc";)')
f.rule('alert   udp   any   any   ->   any   any   (content:"abc";)')
f.rule('alert\tudp any any -> any any\t(content:"abc";)')
f.rule('alert udp any any -> any any(content:"abc";)')
f.rule(' alert udp any any -> any any (content:"abc";)')
f.rule('alert udp any any -> any (content:"abc";)')
f.rule('alert udp any any any any (content:"abc";)')
f.rule('alert udp any any -> any any any (content:"abc";)')
f.ask('content:"|22|quoted|22|";', 'content:"\\"quoted\\"";', 'content:" \\; ";', 'content:"|3b|";', 'content:" \\\\ ";',
      'content:"|5c|";', 'content:" : ";', 'content:" \\: ";', 'content:"def |7c|";', 'content:"|7C|";',
      'content:"|61|bc|20 64|ef";', 'content:"|61|"; content:"|20 |";', 'content:"\\a";', 'content:"|6 1|";',
      'content:"|61 62|63|";', 'content:"|616|";',
      'content:"def" ;', ' content : "def";', 'content:   "def"   ;', 'content:"def"; ;', 'content:"def"', 'pcre:"/\\x7c/";',
      'pcre:"/\\;/";', 'pcre:"/;/";', 'pcre:"/:/";', 'pcre:"/\\"quoted\\"/";', 'content:"def"; metadata:a|b;',
      'content:!" def";', 'content: !"def";', 'content:! "def";', 'content:"!def";',
      'content:"def"; reference:url,a.example/x?y=1&z=2;', 'content:"def"; reference:url, a.example ;',
      'content:"def"; classtype: misc-activity ;', 'content:"def"; depth: 7;', 'content:"def"; depth:7 ;',
      'content:"def"; depth:+7;', 'content:"def"; depth:0x7;', 'content:"def"; depth:7a;', 'content:"def"; offset:-1;')
