/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_X509_TEXT_H
#define INSPECT_X509_TEXT_H

#include "base/buf.h"

#define X509_DATE_TEXT 20

/* How Suricata writes down whose a certificate is (RFC 5280 section 4.1), for rules that were written for it:
 * "C=NL, O=Shop, CN=shop.example", attributes in the order they stand, " + " within a set of them;
 * the serial number and the SHA-1 of the whole as bytes in hex, "01:AB" and "01:ab". Nothing is verified. */
struct x509_text {
    struct buf subject, issuer, serial, fingerprint;            /* owned: x509_text_drop */
    char not_before[X509_DATE_TEXT], not_after[X509_DATE_TEXT]; /* "2021-12-10T12:00:00", UTC; "": no date */
};

#define X509_TEXT_MAX 8192 /* of each; what lies behind is cut off */

/* A name that cannot be read (or is no text) is "<X509Error: Invalid X.509 name>", as there. False, with
 * nothing but the fingerprint in out, when it is no certificate. Nothing in out needs to be set before. */
bool x509_text_read(struct bytes certificate, struct x509_text *out);

void x509_text_drop(struct x509_text *t); /* all zero is welcome */

/* The i-th of a TLS certificate_list (RFC 5246 section 7.4.2): length(3), then length(3) certificate for
 * each. False when there are not so many, or the list is cut short there. */
bool x509_of_list(struct bytes list, unsigned i, struct bytes *certificate);

#endif
