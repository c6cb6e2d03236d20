/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_X509_H
#define INSPECT_X509_H

#include "inspect/field.h"

/* The names in a certificate (RFC 5280 section 4.1): every attribute value of issuer and subject, and the
 * subject's alternative names. Nothing is verified: a server that logs a rejected certificate logs its names,
 * too. */

#define X509_NAMES_MAX 512 /* given of one certificate; what lies behind them is in the raw window only */

/* kind: FIELD_TLS_ISSUER, FIELD_TLS_SUBJECT or FIELD_TLS_SAN. value is a view into the certificate. */
typedef void x509_name_fn(void *arg, enum field_kind kind, struct bytes value);

/* Gives the names in the order they stand. False when what follows them is no certificate. */
bool x509_names(struct bytes certificate, x509_name_fn *fn, void *arg);

#endif
