/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sensor/inspect/packed.c: compressed texts in a stream. The first bytes of the input say how it is cut. What
 * comes out stays below the ratio, nothing is held at the end, and no input is read more often than stated.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/count.h"
#include "inspect/coding.h"
#include "inspect/hold.h"
#include "inspect/inflate.h"
#include "inspect/packed.h"

static size_t came_out;

static size_t hear(void *arg, const struct field *f)
{
    (void)arg;
    assert(f->first && f->last && f->fresh < f->value.len && f->value.len <= 16384);
    came_out += f->value.len - f->fresh;
    return 0;
}

/* The same as a datagram. */
static void whole(struct bytes text, const struct config *config, const struct field *like)
{
    uint8_t *exact = memcpy(malloc(text.len + !text.len), text.p, text.len);

    came_out = 0;
    packed_whole(config, like, bytes_of(exact, text.len), hear, NULL);
    free(exact);
    assert(holds_bytes() == 0 && codings_bytes() == 0);
    assert(came_out <= text.len * INFLATE_RATIO);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct config config = {.app_max_inflated = 20000};
    const struct field like = {.kind = FIELD_RAW};
    struct bytes rest = {data, size};
    struct packed *p = NULL;
    size_t step;

    if (size < 2)
        return 0;
    step = 1 + (size_t)(data[0] | (data[1] & 3) << 8);
    rest = bytes_from(rest, 2);
    count_reset();
    came_out = 0;
    while (rest.len) {
        struct bytes piece = bytes_slice(rest, 0, step);
        uint8_t *exact = memcpy(malloc(piece.len), piece.p, piece.len);

        packed_feed(&p, &config, &like, bytes_of(exact, piece.len), false, hear, NULL);
        free(exact);
        rest = bytes_from(rest, step);
    }
    packed_feed(&p, &config, &like, (struct bytes){NULL, 0}, true, hear, NULL);
    assert(!p && holds_bytes() == 0 && codings_bytes() == 0);
    /* Each byte may be read again a few times, and begin a text of its own each time. */
    assert(came_out <= (5 * size + 65536) * (INFLATE_RATIO + INFLATE_FREE));
    whole(bytes_from((struct bytes){data, size}, 2), &config, &like);
    return 0;
}
