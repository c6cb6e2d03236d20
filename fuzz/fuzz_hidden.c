/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sensor/detect/hidden.c, sensor/detect/entities.c: text that is put together elsewhere. The first byte says
 * in which way. What comes out stays below what is promised, and nothing when there is nothing. */
#include <assert.h>
#include <stdlib.h>

#include "base/count.h"
#include "detect/hidden.h"
#include "inspect/inflate.h"

#define CEILING 98304

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out = buf_within(CEILING);
    enum field_coding coding = FIELD_PLAIN;
    struct field f = {.kind = FIELD_HTTP_REQUEST_BODY, .first = true, .last = true};
    uint8_t *exact;
    enum unwrap_layer way;
    bool any;

    if (size < 1)
        return 0;
    way = (enum unwrap_layer)(UNWRAP_N + data[0] % (UNWRAP_ALL - UNWRAP_N));
    exact = malloc(size);
    memcpy(exact, data + 1, size - 1);
    f.value = bytes_of(exact, size - 1);
    f.coding = way == UNWRAP_DTD ? FIELD_XML : way == UNWRAP_DEFLATE ? FIELD_FORM : FIELD_PLAIN;
    count_reset();
    (void)hidden_in(&f);
    any = hidden_unfold(way, f.value, &out, &coding);
    assert(any == (out.len > 0));
    assert(out.len <= CEILING);
    if (way == UNWRAP_DTD)
        assert(out.len <= 16 * size);
    else if (way == UNWRAP_DEFLATE)
        assert(out.len <= INFLATE_RATIO * size + INFLATE_FREE);
    else if (way != UNWRAP_PARAMETER)
        assert(out.len <= size);
    buf_drop(&out);
    free(exact);
    return 0;
}
