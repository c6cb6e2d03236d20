# SPDX-License-Identifier: GPL-2.0-or-later
"""The same measure for Suricata: rules that look for each case's own lookup, as ET Open's Log4Shell rules look for
`${jndi:` (in HTTP headers, and in the stream or datagram as such), over the same captures. Cases that nobody can know
("gap", "told") are left out, for the sensor's figures of the same table too."""
import collections
import json
import pathlib
import shutil
import subprocess

import capture
import case as kit

RULE_HEADS = ('alert http any any -> any any (msg:"%s"; http.header; ', 'alert tcp any any -> any any (msg:"%s"; flow:established; ',
              'alert udp any any -> any any (msg:"%s"; ')
MODES = collections.OrderedDict([
    ("as installed", []),
    ("-k all", ["-k", "all"]),
    ("midstream", ["--set", "stream.midstream=true", "--set", "stream.async-oneside=true"]),
    ("midstream, -k all", ["-k", "all", "--set", "stream.midstream=true", "--set", "stream.async-oneside=true"]),
    ("the same, hosts are Linux", ["-k", "all", "--set", "stream.midstream=true", "--set", "stream.async-oneside=true",
                                   "--set", "host-os-policy.linux.0=0.0.0.0/0", "--set", "host-os-policy.linux.1=::/0",
                                   "--set", "host-os-policy.windows.0=192.168.255.255/32"]),
])


def rules(cases):
    out, sid = [], 0
    for c in cases:
        for copy in "rx" if "-both-" in c.name else "r":
            name = kit.lookup(c.tag, copy)[7:-1].decode()
            for head in RULE_HEADS:
                sid += 1
                out.append(head % ("%s %s" % (c.id, copy)) + 'content:"%s"; sid:%d;)' % (name.replace(":", "|3a|"), 9000000 + sid))
    return "\n".join(out) + "\n"


def run(captures, out, rule_file, extra):
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    subprocess.run(["suricata", "-r", str(captures), "-S", str(rule_file), "-l", str(out), "--runmode", "single", *extra],
                   capture_output=True, timeout=1200)
    found, eve = collections.defaultdict(set), out / "eve.json"
    for line in eve.read_text().splitlines() if eve.exists() else []:
        event = json.loads(line)
        if event["event_type"] == "alert":
            name, copy = event["alert"]["signature"].rsplit(" ", 1)
            found[name].add(copy)
    return found


def compare(cases, verdicts, answers, folder):
    if not shutil.which("suricata"):
        print("skipped: suricata is not installed")
        return 77
    some = [c for c in cases if verdicts[c.id].must or not verdicts[c.id].told]
    rule_file, captures = pathlib.Path(folder) / "kit.rules", pathlib.Path(folder) / "captures"
    rule_file.write_text(rules(some))
    captures.mkdir(exist_ok=True)
    capture.write(some, answers, captures)
    groups = collections.OrderedDict((c.group, sum(d.group == c.group for d in some)) for c in some)
    table = {}
    for mode, extra in MODES.items():
        found = run(captures, pathlib.Path(folder) / "suricata", rule_file, extra)
        # It has no mark for a second reading: where copies differ, either is taken for right.
        wrong = {c.id: verdicts[c.id].differences(found[c.id], verdicts[c.id].may) for c in some}
        table[mode] = collections.Counter(c.group for c in some if not wrong[c.id])
        words = collections.Counter(word for each in wrong.values() for word in each)
        print("%-28s %d of %d agree (%.1f%%): %d missed, %d false" % (mode, sum(table[mode].values()), len(some), 100 * sum(table[mode].values()) / len(some),
                                                                       words["missed"], words["false"]))
    print("\n%-16s %6s" % ("group", "cases") + "".join("%28s" % mode for mode in MODES))
    for group, n in groups.items():
        print("%-16s %6d" % (group, n) + "".join("%28d" % table[mode][group] for mode in MODES))
    return 0
