/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the reader of Redis commands. */
#include "feed.h"

#include "inspect/inflate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return feed_input(&redis_inspector, 2 + 2 * INFLATE_RATIO, false, data, size);
}
