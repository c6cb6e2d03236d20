/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the reader of what stands in front of a connection: PROXY protocol and SOCKS. */
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return feed_input(&proxy_inspector, 2, false, data, size);
}
