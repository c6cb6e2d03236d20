#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sums.py SENSOR: no payload byte of any capture at hand is lost silently.

stream.payload_bytes is what was captured of TCP and UDP payload; the rows of sensor/base/count.h that begin with
"of payload_bytes" are where it went. They must add up, whatever the capture and the settings.
"""
import collections
import re
import sys

import sensor as lab

SETTINGS = (("--set", "stream.depth=1kb"), ("--set", "stream.midstream=no"), ("-k", "all"),
            ("--set", "stream.memcap=4mb", "--set", "flow.memcap=1mb"))


def parts():
    rows = re.findall(r'X\(\w+, "([^"]+)", \w+, (?:\\\n\s*)?"of payload_bytes', (lab.TOP / "sensor/base/count.h").read_text())
    if len(rows) < 8:
        sys.exit("count.h has only %s: this test reads it wrongly" % rows)
    return rows


def counters(text):
    """Those that are zero are not written."""
    stats = [event for event in lab.events(text) if event["event_type"] == "stats"][-1]
    return collections.Counter(stats["metadata"]["flowints"])


def main():
    program, rows, bad, payload = sys.argv[1], parts(), [], 0
    captures = sorted((lab.TOP / "pcaps").glob("*.pcap"))
    if lab.SHARED.is_dir():
        captures += sorted((lab.SHARED / "captures").rglob("*.pcap*")) + sorted((lab.SHARED / "corpus").glob("*.pcap"))
    else:
        print("only the captures of the repository: no shared ones lie beside it")
    runs = [(capture, ()) for capture in captures]
    ours = [word for capture in sorted((lab.TOP / "pcaps").glob("*.pcap")) for word in ("-r", str(capture))]
    runs += [(ours[1], (*ours[2:], *extra)) for extra in SETTINGS]
    for capture, extra in runs:
        found = counters(lab.replay(program, capture, extra=extra))
        total = sum(found[row] for row in rows)
        payload += found["stream.payload_bytes"]
        if total != found["stream.payload_bytes"]:
            bad.append("%s %s: %d bytes captured, %d told: %s" % (
                capture, " ".join(extra), found["stream.payload_bytes"], total, {row: found[row] for row in rows}))
    if bad:
        sys.exit("\n".join(bad))
    print("%d runs over %d captures, %d bytes of payload, each in one place" % (len(runs), len(captures), payload))


if __name__ == "__main__":
    main()
