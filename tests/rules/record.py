#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""record.py [FAMILY...]: asks the installed Suricata about every family (or those), and writes answers.tsv.

A second run over each family must answer the same, or nothing is written."""
import pathlib
import sys
import tempfile

import suricata
import table


def ask(fam, folder):
    capture = folder / "capture.pcap"
    capture.write_bytes(fam.capture())
    alerts, refused = suricata.run(folder / "run", fam.file(), capture, fam.thresholds)
    numbers = {table.family.number(sid) for sid in refused}
    return table.counted(alerts, fam), numbers


def main():
    if not suricata.installed():
        sys.exit("this needs Suricata " + suricata.VERSION)
    families = table.load()
    recorded = table.read() if sys.argv[1:] else {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for fam in families.values():
            if sys.argv[1:] and fam.name not in sys.argv[1:]:
                continue
            found, refused = ask(fam, folder)
            if (found, refused) != ask(fam, folder):
                sys.exit(fam.name + ": two runs answer differently")
            lost = [pair for pair in found if pair[1] is None]
            if lost:
                sys.exit("%s: alerts of no flow: %s" % (fam.name, lost[:5]))
            recorded[fam.name] = fam.fingerprint(), found, refused
    table.write(recorded)
    print("%d families, %d rules (%d refused), %d cases of a rule and a flow, %d alerts" % (
        len(families), sum(len(f.rules) for f in families.values()), sum(len(r[2]) for r in recorded.values()),
        sum(len(f.rules) * len(f.flows) for f in families.values()), sum(sum(r[1].values()) for r in recorded.values())))


if __name__ == "__main__":
    main()
