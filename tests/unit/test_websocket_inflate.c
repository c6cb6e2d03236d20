/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"
#include "inspect/websocket_inflate.h"
#include "support/pack.h"

static const struct websocket_ceilings ceilings = {1 << 20, 100, 32 << 20};

static enum websocket_inflated all_of(struct websocket_inflate *w, const struct websocket_ceilings *c,
                                      struct bytes in, size_t room, struct buf *out)
{
    enum websocket_inflated r;
    uint8_t *piece = malloc(room);
    size_t n;

    do {
        r = websocket_inflate(w, c, &in, piece, room, &n);
        assert_true(n <= room);
        buf_add(out, bytes_of(piece, n));
    } while (r == WEBSOCKET_INFLATED_ROOM);
    free(piece);
    return r;
}

static void a_message_is_inflated_in_any_pieces(void **state)
{
    struct buf packed = buf_within(1 << 20), plain = buf_within(1 << 20);

    (void)state;
    for (unsigned i = 0; i < 500; i++)
        buf_addf(&plain, "%u,", i * 7919);
    pack(PACK_DEFLATE, buf_bytes(&plain), 6, &packed);
    for (size_t step = 1; step < 2000; step = step * 3 + 1) {
        struct websocket_inflate w = {0};
        struct buf out = buf_within(1 << 20);

        for (size_t at = 0; at < packed.len; at += step) {
            struct bytes piece = bytes_slice(buf_bytes(&packed), at, at + step);
            uint8_t *exact = memcpy(malloc(piece.len), piece.p, piece.len);

            assert_int_equal(all_of(&w, &ceilings, bytes_of(exact, piece.len), 1 + step, &out),
                             WEBSOCKET_INFLATED_MORE);
            free(exact);
        }
        assert_true(bytes_eq(buf_bytes(&out), buf_bytes(&plain)));
        websocket_inflate_drop(&w);
        buf_drop(&out);
    }
    buf_drop(&packed);
    buf_drop(&plain);
}

static void nonsense_ends_it(void **state)
{
    struct websocket_inflate w = {0};
    struct buf out = buf_within(4096);

    (void)state;
    assert_int_equal(all_of(&w, &ceilings, BYTES_LIT("\xff\xff\xff\xff"), 100, &out), WEBSOCKET_INFLATED_BAD);
    assert_null(w.context);
    websocket_inflate_drop(&w); /* dropped already */
    buf_drop(&out);
}

static void a_bomb_ends_it(void **state)
{
    struct websocket_inflate w = {0};
    struct buf packed = buf_within(8 << 20), plain = buf_within(8 << 20), out = buf_within(8 << 20);

    (void)state;
    for (unsigned i = 0; i < 100000; i++)
        buf_add_str(&plain, "00000000000000000000000000000000");
    pack(PACK_DEFLATE, buf_bytes(&plain), 9, &packed);
    assert_int_equal(all_of(&w, &ceilings, buf_bytes(&packed), 4096, &out), WEBSOCKET_INFLATED_BOMB);
    assert_true(out.len <= packed.len * ceilings.ratio && out.len >= 65536);
    assert_null(w.context);
    buf_drop(&packed);
    buf_drop(&plain);
    buf_drop(&out);
}

/* There is room for one context: the one used least recently goes, and its connection goes on without. */
static void contexts_make_room(void **state)
{
    struct websocket_ceilings tight = {1 << 20, 100, 1};
    struct websocket_inflate one = {0}, other = {0};
    struct buf packed = buf_within(1 << 20), out = buf_within(4096);

    (void)state;
    count_reset();
    pack(PACK_DEFLATE, BYTES_LIT("hello"), 6, &packed);
    assert_int_equal(all_of(&one, &tight, buf_bytes(&packed), 100, &out), WEBSOCKET_INFLATED_MORE);
    assert_non_null(one.context);
    websocket_inflate_next(&one);
    assert_int_equal(all_of(&other, &tight, buf_bytes(&packed), 100, &out), WEBSOCKET_INFLATED_MORE);
    assert_null(one.context);
    assert_int_equal(counters[COUNT_WEBSOCKET_CONTEXTS_EVICTED], 1);
    assert_int_equal(all_of(&one, &tight, buf_bytes(&packed), 100, &out), WEBSOCKET_INFLATED_MORE);
    assert_true(bytes_eq(buf_bytes(&out), BYTES_LIT("hellohellohello")));
    websocket_inflate_drop(&one);
    websocket_inflate_drop(&other);
    buf_drop(&packed);
    buf_drop(&out);
}

static void a_start_is_looked_at_alone(void **state)
{
    struct buf packed = buf_within(1 << 20);
    uint8_t out[64];
    size_t n;

    (void)state;
    pack(PACK_DEFLATE, BYTES_LIT("hello"), 6, &packed);
    n = websocket_inflate_start(buf_bytes(&packed), out, 3);
    assert_true(bytes_eq(bytes_of(out, n), BYTES_LIT("hel")));
    assert_int_equal(websocket_inflate_start(BYTES_LIT("\xff\xff\xff"), out, sizeof out), 0);
    buf_drop(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_inflated_in_any_pieces),
        cmocka_unit_test(nonsense_ends_it),
        cmocka_unit_test(a_bomb_ends_it),
        cmocka_unit_test(contexts_make_room),
        cmocka_unit_test(a_start_is_looked_at_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
