/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises content codings: byte 0 says how many labels there are and which, byte 1 the room that the caller
 * has; the rest is the body, given whole and byte by byte. */

#include <assert.h>
#include <stdlib.h>

#include "inspect/http_coding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct buf run(const struct http_codings *labels, struct bytes body, size_t step, size_t room,
                      bool *comparable)
{
    struct http_decoder *d = http_decoder_new(labels, (struct http_coding_limits){200000, 20, 4});
    struct buf all = buf_within(1 << 20);
    uint8_t *to = malloc(room);
    enum http_decoded got = HTTP_DECODED_MORE;

    assert(d && to);
    for (size_t at = 0; at < body.len && got != HTTP_DECODED_BOMB; at += step) {
        struct bytes part = bytes_slice(body, at, at + step), rest;
        uint8_t *exact = memcpy(malloc(part.len), part.p, part.len);
        unsigned idle = 0;

        rest = bytes_of(exact, part.len);
        do {
            size_t left = rest.len, n;

            got = http_decode(d, &rest, at + step >= body.len, to, room, &n);
            assert(n <= room && rest.len <= left);
            idle = left == rest.len && n == 0 ? idle + 1 : 0;
            assert(idle < 20000);
            buf_add(&all, bytes_of(to, n));
            if (got == HTTP_DECODED_ANEW)
                buf_add_str(&all, "|anew|");
        } while (got == HTTP_DECODED_ROOM || got == HTTP_DECODED_ANEW);
        assert(got == HTTP_DECODED_BOMB || rest.len == 0);
        free(exact);
    }
    /* What may come out is reckoned by what came in, so the end of a bomb depends on the pieces; and so does
     * what Zstandard gives of a frame before it finds it broken. */
    *comparable = got != HTTP_DECODED_BOMB && !http_decoder_is_bad(d);
    (void)http_decoder_is_refused(d);
    http_decoder_free(d);
    free(to);
    assert(codings_bytes() == 0);
    return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_codings labels = {0};
    struct buf whole, single;
    bool whole_good, single_good;
    size_t room;

    if (size < 2 || size > 20000)
        return 0;
    for (unsigned i = 0; i < (data[0] & 3u) + (data[0] >> 7) * 2u; i++)
        labels.label[labels.n++] = (uint8_t)((data[0] >> (2 + i % 4)) % 3);
    room = (size_t)data[1] * 16 + 1;
    whole = run(&labels, bytes_of(data + 2, size - 2), size, room, &whole_good);
    single = run(&labels, bytes_of(data + 2, size - 2), 1, room, &single_good);
    if (whole_good && single_good)
        assert(bytes_eq(buf_bytes(&whole), buf_bytes(&single)));
    buf_drop(&whole);
    buf_drop(&single);
    return 0;
}
