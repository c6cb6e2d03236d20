/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_UNWRAP_H
#define DETECT_UNWRAP_H

#include "base/buf.h"

/* Takes encodings off, one layer at a time. Every layer is linear in its input and never grows it by more than half. */
enum unwrap_layer {
    UNWRAP_URL,      /* %XX and IIS's %uXXXX */
    UNWRAP_FORM,     /* the same, and "+" is a blank (application/x-www-form-urlencoded) */
    UNWRAP_JSON,     /* the escapes of RFC 8259 section 7 */
    UNWRAP_ESCAPE,   /* \uXXXX, \xNN, octal and "\/" wherever they stand */
    UNWRAP_ENTITY,   /* HTML and XML character references: decimal, hex, and the names that matter */
    UNWRAP_UTF16,    /* a text with a NUL in every second place */
    UNWRAP_UTF8,     /* overlong forms and fullwidth forms of ASCII */
    UNWRAP_QUOTED,   /* quoted-printable (RFC 2045 section 6.7) and the Q words of RFC 2047 */
    UNWRAP_UTF7,     /* RFC 2152 */
    UNWRAP_BASE64,   /* see unwrap_blob */
    UNWRAP_HEX,      /* see unwrap_blob */
    UNWRAP_N,
    /* Not spelt otherwise, but put together elsewhere: detect/hidden.h, and no business of these functions. */
    UNWRAP_UTF32 = UNWRAP_N,
    UNWRAP_DEFLATE,   /* compressed in a parameter (SAML) */
    UNWRAP_DTD,       /* of entities that an XML document declares */
    UNWRAP_UU,        /* uuencode */
    UNWRAP_PARAMETER, /* in the numbered parts of RFC 2231 */
    UNWRAP_ALL
};

#define UNWRAP_N_TEXT UNWRAP_BASE64 /* the layers before it are for unwrap */

/* As in the techniques of an alert: "url", "json" ... */
const char *unwrap_name(enum unwrap_layer layer);

/* Appends in without the layer to out. False when the layer changes nothing (out is then as it was). */
bool unwrap(enum unwrap_layer layer, struct bytes in, struct buf *out);

/* Blobs, wherever they lie in a text: runs of the base64 alphabets, at least 12 characters, or of hex digits, at least
 * 18. From *at on the next run, decoded from its shift-th character (nobody says where a blob begins: 0 to 3 for
 * base64, 0 or 1 for hex), is appended to out, and *at moves behind it. False when there is no further run.
 * base64 goes on over the ends of lines, unless what stands before one is shorter than a run. */
bool unwrap_blob(enum unwrap_layer layer, struct bytes in, size_t *at, unsigned shift, struct buf *out);

#endif
