/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_TLS_PRINT_H
#define INSPECT_TLS_PRINT_H

#include "base/cursor.h"
#include "inspect/view.h"

/* Fingerprints of hellos: JA3 and JA3S (MD5 over the numbers of a hello in their order;
 * github.com/salesforce/ja3), and JA4 (SHA-256 over sorted numbers; github.com/FoxIO-LLC/ja4,
 * technical_details/JA4.md). They tell one TLS library from another, whatever name it asks for: a JDK has the
 * same ones to every server. */

/* body: of the handshake message, behind its head. Fills version, ja3, ja4 and client of out. False when the
 * hello is cut short or contradicts itself; out's texts are empty then. Work is bounded by the list ceilings
 * in the .c file. */
bool tls_print_client(struct bytes body, struct tls_view *out);

/* Fills version and ja3 (JA3S). */
bool tls_print_server(struct bytes body, struct tls_view *out);

/* Whose hello that is, by its JA4 or JA3: "Java 17". NULL when nobody's that is known. */
const char *tls_client_by(const char *ja3, const char *ja4);

#endif
