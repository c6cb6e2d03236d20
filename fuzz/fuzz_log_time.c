/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times at the beginning of log lines: any bytes have one or none; what is one alone is one in a line, and in
 * its bracket. */
#include "commands/log_time.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LATEST 1639500000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size + 1);
    struct bytes text;
    int64_t alone, in_line, in_bracket;

    assert(exact);
    exact[0] = '[';
    if (size)
        memcpy(exact + 1, data, size);
    text = bytes_of(exact + 1, size);
    if (log_time_read(text, LATEST, &alone)) {
        assert(size > 0);
        assert(log_time_of(text, LATEST, &in_line) && in_line == alone);
        assert(log_time_of(bytes_of(exact, size + 1), LATEST, &in_bracket) && in_bracket == alone);
    } else {
        log_time_of(text, LATEST, &in_line);
    }
    free(exact);
    return 0;
}
