/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The http.* buffers of traffic rules, out of any head. */
#include "detect/traffic_http.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http_buffers *h;
    struct bytes head, got;

    if (!h)
        h = http_buffers_new();
    assert(h);
    if (size == 0)
        return 0;
    head = bytes_of(data + 1, size - 1);
    (void)http_buffers_read(h, head, data[0] & 1, data[0] & 2);
    for (unsigned id = 0; id < BUFFER_N; id++)
        for (unsigned i = 0; i < 4; i++)
            if (http_buffers_get(h, id, i, &got))
                assert(got.p && got.len <= 4 * size + 8);
    return 0;
}
