/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_REMAINS_H
#define DETECT_REMAINS_H

#include "detect/resolve.h"
#include "inspect/field.h"

/* Compressed text shows in clear what was not worth compressing: half a lookup, with another's end behind it.
 * Where the whole was seen, that is no news. Kept for each side of a flow, all zero at first. */
#define REMAINS_TEXTS 4 /* compressed texts with a lookup that are remembered of a raw stream */

struct remains {
    uint64_t body; /* the last message with a lookup in its body, counted from 1 */
    struct {
        uint64_t from, to; /* in the stream; to = 0: none */
        bool http;         /* that which an HTTP parser gives beside its fields: it is counted apart */
    } texts[REMAINS_TEXTS];
    unsigned next;
};

/* A lookup in a field of this side. True when it stands in the bytes of a compressed text in which one was
 * found when it was unpacked; else that is remembered, should the field be such a text itself. */
bool remains_take(struct remains *m, const struct field *f, const struct resolved *r);

/* True when a lookup was found in the body of this message. */
bool remains_body_had(const struct remains *m, uint64_t message);

#endif
