/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspect/http2_frame.h"
#include "support/h2.h"

static void a_head_is_read(void **state)
{
    static const uint8_t head[] = {0x01, 0x02, 0x03, 0x09, 0x25, 0x80, 0x00, 0x00, 0x07};
    struct http2_frame f = http2_frame_read(bytes_of(head, sizeof head));

    (void)state;
    assert_int_equal(f.len, 0x010203);
    assert_int_equal(f.type, HTTP2_CONTINUATION);
    assert_int_equal(f.flags, 0x25);
    assert_int_equal(f.stream, 7); /* the reserved bit is none of it */
}

/* RFC 9113 section 6: what each type asks of length and stream. */
static void what_a_type_forbids(void **state)
{
    static const struct {
        struct http2_frame f;
        bool good;
    } rows[] = {
        {{.type = HTTP2_DATA, .stream = 1}, true},
        {{.type = HTTP2_DATA, .stream = 0}, false},
        {{.type = HTTP2_HEADERS, .stream = 1, .len = 9}, true},
        {{.type = HTTP2_HEADERS, .stream = 0, .len = 9}, false},
        {{.type = HTTP2_CONTINUATION, .stream = 0}, false},
        {{.type = HTTP2_PUSH_PROMISE, .stream = 2, .len = 4}, true},
        {{.type = HTTP2_PUSH_PROMISE, .stream = 2, .len = 3}, false},
        {{.type = HTTP2_PRIORITY, .stream = 1, .len = 5}, true},
        {{.type = HTTP2_PRIORITY, .stream = 1, .len = 6}, false},
        {{.type = HTTP2_RST_STREAM, .stream = 1, .len = 4}, true},
        {{.type = HTTP2_RST_STREAM, .stream = 0, .len = 4}, false},
        {{.type = HTTP2_SETTINGS, .len = 12}, true},
        {{.type = HTTP2_SETTINGS, .len = 13}, false},
        {{.type = HTTP2_SETTINGS, .len = 6, .flags = HTTP2_ACK}, false},
        {{.type = HTTP2_SETTINGS, .len = 6, .stream = 1}, false},
        {{.type = HTTP2_PING, .len = 8}, true},
        {{.type = HTTP2_PING, .len = 7}, false},
        {{.type = HTTP2_GOAWAY, .len = 8}, true},
        {{.type = HTTP2_GOAWAY, .len = 8, .stream = 1}, false},
        {{.type = HTTP2_WINDOW_UPDATE, .len = 4, .stream = 9}, true},
        {{.type = HTTP2_WINDOW_UPDATE, .len = 5}, false},
        {{.type = 0x10, .len = 99}, true}, /* PRIORITY_UPDATE */
        {{.type = 0x0b + 0x1f}, true},     /* grease */
        {{.type = 0x47}, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (http2_frame_is_good(&rows[i].f) != rows[i].good)
            fail_msg("row %zu", i);
}

/* Cut at every byte, each cut in memory of exactly its size: never yes before the end, never no. */
static void assert_waits(struct bytes whole, enum recognition in_the_end)
{
    for (size_t cut = 0; cut <= whole.len; cut++) {
        uint8_t *exact = memcpy(malloc(cut + !cut), whole.p, cut);
        enum recognition r = http2_recognise(bytes_of(exact, cut), PROTO_TCP, false);

        free(exact);
        if (r != (cut == whole.len ? in_the_end : RECOGNISE_MORE))
            fail_msg("cut at %zu of %zu: %d", cut, whole.len, (int)r);
    }
    assert_int_equal(http2_recognise(bytes_slice(whole, 0, whole.len - 1), PROTO_TCP, true), RECOGNISE_NO);
    assert_int_equal(http2_recognise(whole, PROTO_UDP, true), RECOGNISE_NO);
}

static void beginnings_are_recognised(void **state)
{
    static const struct h2_pair get[] = {
        {":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "a"}, {NULL, NULL}};
    static const struct h2_pair ok[] = {{":status", "204"}, {"server", "x"}, {NULL, NULL}};
    struct h2 w;

    (void)state;
    assert_waits(HTTP2_PREFACE, RECOGNISE_REQUEST);
    h2_begin(&w);
    h2_settings(&w);
    assert_waits(h2_bytes(&w), RECOGNISE_RESPONSE);
    h2_drop(&w);
    h2_begin(&w);
    h2_headers(&w, HTTP2_END_STREAM, 5, get);
    assert_waits(h2_bytes(&w), RECOGNISE_REQUEST);
    h2_drop(&w);
    h2_begin(&w);
    h2_headers(&w, 0, 5, ok);
    assert_waits(h2_bytes(&w), RECOGNISE_RESPONSE);
    h2_drop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_read),
        cmocka_unit_test(what_a_type_forbids),
        cmocka_unit_test(beginnings_are_recognised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
