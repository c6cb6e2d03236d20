/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_PCAPNG_H
#define CAPTURE_PCAPNG_H

/* Inside this folder only: pcapng files (draft-ietf-opsawg-pcapng), read block by block. libpcap 1.10 gives
 * up at the second interface when its link type or snap length is not that of the first; everybody who
 * captures on two interfaces at once, or merges files, has such files. */

#include "capture/capture.h"

#include <stdio.h>

struct pcapng;

enum pcapng_result {
    PCAPNG_FRAME, /* *out is filled but for its number; its data is good until the next call */
    PCAPNG_END,   /* between two blocks */
    PCAPNG_BAD,   /* pcapng_reason says why; nothing more will come */
};

/* The stream stays the caller's. Holds at most 16 MB, however large a block claims to be. NULL when memory is
 * short. */
struct pcapng *pcapng_new(FILE *stream);
enum pcapng_result pcapng_next(struct pcapng *n, struct frame *out);
const char *pcapng_reason(const struct pcapng *n);
void pcapng_free(struct pcapng *n); /* NULL is welcome */

/* True when a stream that begins with this byte may be a pcapng file; no pcap file begins so. */
static inline bool pcapng_begins_with(int first)
{
    return first == 0x0a;
}

#endif
