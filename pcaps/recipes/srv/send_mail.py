#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""send_mail.py SERVER SUBJECT TEXT ATTACHMENT: one mail by smtplib, encoded as Python's email package does it: words of
the header and the text for their characters above ASCII, the attachment always."""
import email.message
import email.policy
import smtplib
import sys


def main():
    server, subject, text, attachment = sys.argv[1:]
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "alice@corp.example", "bob@corp.example", subject
    mail["Message-ID"], mail["Date"] = "<1@corp.example>", "Wed, 25 Nov 2026 10:00:00 +0000"
    mail.set_content(text)
    mail.add_attachment(attachment.encode(), maintype="application", subtype="octet-stream", filename="notes.bin")
    with smtplib.SMTP(server, 25, local_hostname="client.corp.example", timeout=10) as smtp:
        smtp.send_message(mail)


if __name__ == "__main__":
    main()
