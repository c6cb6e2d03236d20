/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the SMTP inspector and, behind DATA and BDAT, the reader of mails. */
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return feed_input(&smtp_inspector, 4, false, data, size);
}
