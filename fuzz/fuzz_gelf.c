/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the GELF inspector: one datagram, a chunk or a message, compressed or not. */
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return feed_input(&gelf_inspector, 106, true, data, size);
}
