/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_OPTIONS_H
#define STREAM_OPTIONS_H

#include "base/bytes.h"

/* The TCP options that decide whether Linux takes a segment. */
struct tcp_options {
    bool stamped;        /* has a timestamp (RFC 7323 section 3) */
    bool signed_;        /* has an MD5 signature (RFC 2385) */
    uint32_t stamp;      /* when stamped */
    bool has_blocks;     /* acknowledges blocks selectively (RFC 2018) */
    uint32_t blocks_end; /* the furthest right edge of these */
};

/* False when there is neither in it, or only the timestamp that nearly all segments have alone (RFC 7323
 * appendix A). */
static inline bool options_are_odd(struct bytes options)
{
    static const uint8_t usual[] = {1, 1, 8, 10};

    return options.len && (options.len != 12 || memcmp(options.p, usual, sizeof usual) != 0);
}

/* As Linux reads them: a wrong length ends the list, and of two options of a kind the last counts. */
struct tcp_options options_read(struct bytes options);

#endif
