#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tcp_sink.py ADDRESS PORT: takes connections and reads them to their end."""
import socketserver
import sys


class Sink(socketserver.StreamRequestHandler):
    def handle(self):
        self.rfile.read()


if __name__ == "__main__":
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    socketserver.ThreadingTCPServer((sys.argv[1], int(sys.argv[2])), Sink).serve_forever()
