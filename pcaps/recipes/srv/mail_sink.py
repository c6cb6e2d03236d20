#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mail_sink.py ADDRESS PORT: a mail server that takes everything and keeps nothing. Python's own, as it was until 3.11."""
import asyncore
import sys
import warnings

warnings.simplefilter("ignore")
import smtpd  # noqa: E402


class Sink(smtpd.SMTPServer):
    def process_message(self, *args, **kwargs):
        return None


if __name__ == "__main__":
    Sink((sys.argv[1], int(sys.argv[2])), None)
    asyncore.loop()
