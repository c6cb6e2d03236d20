/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the syslog inspector: a datagram, and a stream in two pieces. */
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return feed_input(&syslog_inspector, 2, true, data, size);
}
