# SPDX-License-Identifier: GPL-2.0-or-later
"""gelf_log.py SERVER PORT udp|chunks|tcp TEXT...: log messages by Python's logging through graypy. chunks: with so much
around the text that it takes several datagrams."""
import logging
import random
import sys

import graypy

server, port, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3]
handler = {"udp": graypy.GELFUDPHandler, "chunks": graypy.GELFUDPHandler, "tcp": graypy.GELFTCPHandler}[kind](server, port)
log = logging.getLogger("app")
log.setLevel(logging.INFO)
log.addHandler(handler)
for text in sys.argv[4:]:
    trace = "%x" % random.Random(1).getrandbits(24000) if kind == "chunks" else "1"  # does not compress away
    log.warning(text, extra={"user": "alice", "trace": trace})
