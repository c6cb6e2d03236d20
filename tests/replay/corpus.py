#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""corpus.py SENSOR: 3,000 labelled flows whose truth is Log4j's own answer, scored by the judge that comes with them."""
import subprocess
import sys
import tempfile

import sensor as lab

THRESHOLDS = ["--min-recall", "0.75", "--max-fp-benign", "0", "--max-fp-near", "0.01", "--min-lookup", "0.95"]


def main():
    program, corpus = sys.argv[1], lab.SHARED / "corpus"
    if not (corpus / "cases.pcap").exists():
        lab.skip("the labelled corpus does not lie beside the repository")
    text = lab.replay(program, corpus / "cases.pcap")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as eve:
        eve.write(text)
        eve.flush()
        sys.exit(subprocess.run([sys.executable, str(lab.SHARED / "tools/judge.py"), "--truth", str(corpus / "truth.jsonl"),
                                 "--eve", eve.name, *THRESHOLDS], timeout=300).returncode)


if __name__ == "__main__":
    main()
