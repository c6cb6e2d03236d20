# SPDX-License-Identifier: GPL-2.0-or-later
"""A family: flows in one capture, and rules that are all asked about every one of them. Each pair of rule and flow is a
case; what Suricata answered is in answers.tsv."""
import hashlib
import itertools

import talk

FAMILIES = {}
FIRST_PORT = 20000


class Family:
    def __init__(self, name, head="alert tcp any any -> any any", options="", **defaults):
        """head, options: what rules begin with unless they say otherwise; defaults: of the flows."""
        self.name, self.head, self.options, self.defaults = name, head, options, defaults
        self.flows, self.rules, self.ports = [], [], itertools.count(FIRST_PORT)
        self.thresholds = ""  # a threshold file
        self.before = ""  # stands before the rules
        FAMILIES[name] = self

    def flow(self, name, *steps, **more):
        """steps: bytes are the client's words."""
        steps = [("c", step) if isinstance(step, bytes) else step for step in steps]
        self.flows.append(talk.Flow(name, next(self.ports), steps, **{**self.defaults, **more}))

    def rule(self, text):
        """A whole rule, without its sid and msg. Asked twice, it is one."""
        assert text.endswith(")"), text
        if text not in self.rules:
            self.rules.append(text)

    def ask(self, *options):
        """A rule for each: the family's head and options, then these."""
        for each in options:
            self.rule("%s (%s)" % (self.head, (self.options + " " + each).strip()))

    def file(self, rules=None):
        """The rule file; a rule's sid is its place. One with a sid of its own keeps it."""
        lines = []
        for number, text in enumerate(self.rules):
            if rules is None or number in rules:
                lines.append('%smsg:"%s %d"; sid:%d;)' % (text[:-1] + (" " if text[-2] != "(" else ""), self.name, number, sid(number)))
        return self.before + "\n".join(lines) + "\n"

    def capture(self):
        return talk.capture(self.flows)

    def fingerprint(self):
        """Changes with anything that may change an answer."""
        digest = hashlib.sha1(self.capture())
        digest.update(self.file().encode() + self.thresholds.encode() + " ".join(f.name for f in self.flows).encode())
        return digest.hexdigest()[:12]

    def flow_of(self, event):
        """The flow that an EVE event is about, or None."""
        ports = {f.sport: f.name for f in self.flows}
        return ports.get(event.get("src_port")) or ports.get(event.get("dest_port"))


def sid(number):
    return 5000000 + number


def number(sid):
    return sid - 5000000


def http(method=b"GET", uri=b"/", headers=b"", body=b"", host=b"Host: shop.example\r\n", version=b"HTTP/1.1", length=True):
    if body and length and b"ontent-" not in headers + host:
        headers += b"Content-Length: %d\r\n" % len(body)
    return b"%s %s %s\r\n" % (method, uri, version) + host + headers + b"\r\n" + body


def answer(body=b"ok", headers=b"", status=b"200 OK", length=True):
    if length and b"ransfer-" not in headers:
        headers += b"Content-Length: %d\r\n" % len(body)
    return b"HTTP/1.1 " + status + b"\r\nServer: nginx/1.22.1\r\nContent-Type: text/html\r\n" + headers + b"\r\n" + body


def chunked(*chunks):
    return b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks) + b"0\r\n\r\n"
