/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pcapng reader: the input is a file. */
#include "capture/pcapng.h"

#include <assert.h>
#include <stdio.h>

/* From sensor/capture/source.h: what later stages rely on. */
#define MAX_FRAME 262144
#define LAST_US   (UINT64_C(253402300799) * 1000000 + 999999)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FILE *stream;
    struct pcapng *n;
    struct frame f;
    enum pcapng_result result;
    size_t total = 0;

    if (size == 0)
        return 0;
    stream = fmemopen((void *)(uintptr_t)data, size, "rb");
    assert(stream);
    n = pcapng_new(stream);
    assert(n);
    while ((result = pcapng_next(n, &f)) == PCAPNG_FRAME) {
        assert(f.data.len <= MAX_FRAME && f.wire_len >= f.data.len && f.ts_us <= LAST_US);
        for (size_t i = 0; i < f.data.len; i++)
            (void)*(const volatile uint8_t *)(f.data.p + i);
        total += f.data.len;
        assert(total <= size); /* each byte is given once */
    }
    assert((result == PCAPNG_BAD) == (pcapng_reason(n)[0] != 0));
    assert(result == PCAPNG_BAD || (size_t)ftell(stream) == size);
    pcapng_free(n);
    fclose(stream);
    return 0;
}
