/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_CDR_H
#define INSPECT_CDR_H

#include "base/cursor.h"

/* CORBA's Common Data Representation (OMG formal/2011-11-02, section 9.3): numbers in the sender's byte
 * order, each aligned to its size from the start of the message or encapsulation. Reading beyond the end
 * gives zeros and empty bytes, and shows in cdr_ok. */
struct cdr {
    struct cursor c;
    size_t len; /* of all that alignment counts from */
    bool little;
};

/* all begins where alignment does. */
struct cdr cdr_over(struct bytes all, bool little);

/* An encapsulation says its byte order in its first byte (9.3.3). */
struct cdr cdr_inside(struct bytes encapsulation);

static inline bool cdr_ok(const struct cdr *d)
{
    return cursor_ok(&d->c);
}

void cdr_align(struct cdr *d, size_t n); /* n: 2, 4 or 8 */
void cdr_skip(struct cdr *d, size_t n);
uint8_t cdr_u8(struct cdr *d);
uint16_t cdr_u16(struct cdr *d);
uint32_t cdr_u32(struct cdr *d);

/* sequence<octet>: a view. */
struct bytes cdr_octets(struct cdr *d);

/* The same for a string, without the zero byte it ends with. */
struct bytes cdr_string(struct cdr *d);

#endif
