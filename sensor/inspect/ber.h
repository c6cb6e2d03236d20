/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_BER_H
#define INSPECT_BER_H

#include "base/cursor.h"

/* The subset of BER that LDAP uses (RFC 4511 section 5.1): low tag numbers, definite lengths. Lengths may be
 * written in more bytes than needed, as servers do on purpose and peers accept. */
enum ber_result {
    BER_OK,
    BER_SHORT, /* the bytes end inside the element */
    BER_BAD,   /* a high tag number, an indefinite length or one beyond 32 bits */
};

struct ber {
    uint8_t tag;
    struct bytes value; /* borrowed */
};

/* Tag and length only. *value_len is valid on BER_OK; the value itself need not be there. */
enum ber_result ber_head(struct cursor *c, uint8_t *tag, size_t *value_len);

/* The length alone. */
enum ber_result ber_length(struct cursor *c, size_t *value_len);

/* The next element with its value. On BER_BAD and BER_SHORT *out is empty and the cursor is of no more use.
 */
enum ber_result ber_next(struct cursor *c, struct ber *out);

/* The next element when it has this tag; false (and the cursor unusable) otherwise. */
bool ber_take(struct cursor *c, uint8_t tag, struct bytes *value);

/* A non-negative INTEGER or ENUMERATED of at most 4 significant bytes. */
bool ber_uint(struct bytes value, uint32_t *out);

#endif
