#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""eve.py SENSOR: every line of EVE that every capture at hand gives, checked as its readers would (tests/eve)."""
import subprocess
import sys

import sensor as lab


def main():
    program = sys.argv[1]
    captures = sorted((lab.TOP / "pcaps").glob("*.pcap"))
    for collection in ("captures/ncsc", "captures/lab", "corpus"):
        captures += sorted((lab.SHARED / collection).glob("*.pcap"))
    wanted = [x for kind in ("dns", "tls", "ldap", "fileinfo", "flow")
              for x in ("--set", "outputs.eve-log.types.%s.enabled=yes" % kind)]
    text = "".join(lab.replay(program, capture, extra=wanted) for capture in captures)
    seen = {event["event_type"] for event in lab.events(text)}
    if seen < {"alert", "stats", "dns", "tls", "ldap", "fileinfo", "flow"}:
        sys.exit("kinds of lines: only %s" % sorted(seen))
    n_lines = len(lab.events(text))
    print("%d captures, %d lines" % (len(captures), n_lines))
    check = subprocess.run([sys.executable, str(lab.TOP / "tests/eve/validate_eve.py"), "-"], input=text.encode(), timeout=500)
    sys.exit(check.returncode if n_lines else "nothing to check")


if __name__ == "__main__":
    main()
