/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"
#include "inspect/coding.h"
#include "inspect/hold.h"
#include "inspect/packed.h"
#include "support/conversation.h"
#include "support/pack.h"

#define LOOKUP "${jndi:ldap://h/a}"

static const enum packing all[] = {PACK_GZIP, PACK_ZLIB, PACK_ZSTD}; /* those that have a start */

/* What comes out: each text whole, its fresh bytes in one line. */
struct heard {
    struct buf text;
    unsigned n;
    size_t longest, given; /* given: with what was given again */
    bool first_only;       /* the text that the stream begins with: by chance others begin in it */
};

static size_t hear(void *arg, const struct field *f)
{
    struct heard *h = arg;

    assert_true(f->kind == FIELD_RAW && f->first && f->last && f->message == 7);
    assert_true(f->fresh < f->value.len);
    if (h->first_only && f->at > 0)
        return 0;
    buf_add(&h->text, bytes_from(f->value, f->fresh));
    h->given += f->value.len;
    if (f->value.len > h->longest)
        h->longest = f->value.len;
    h->n++;
    return 0;
}

static void listen(struct heard *h, struct bytes stream, size_t first, size_t step)
{
    struct config config = conversation_config();
    struct field like = {.kind = FIELD_RAW, .message = 7};
    struct packed *p = NULL;

    for (size_t at = 0, to = first; at < stream.len; at = to, to = at + step) {
        struct bytes piece = bytes_slice(stream, at, to);
        uint8_t *exact = memcpy(malloc(piece.len), piece.p, piece.len);

        like.at = at;
        packed_feed(&p, &config, &like, bytes_of(exact, piece.len), false, hear, h);
        free(exact);
    }
    packed_feed(&p, &config, &like, (struct bytes){NULL, 0}, true, hear, h);
    assert_null(p);
    assert_int_equal(holds_bytes() + codings_bytes(), 0);
}

static struct heard heard_of(struct bytes stream, size_t first, size_t step)
{
    struct heard h = {.text = buf_within(64 << 20)};

    listen(&h, stream, first, step);
    return h;
}

static void assert_hears(struct bytes stream, size_t first, size_t step, const char *text)
{
    struct heard h = heard_of(stream, first, step);

    if (bytes_find(buf_bytes(&h.text), bytes_str(text)) == BYTES_NONE)
        fail_msg("not heard in pieces of %zu and %zu: %s", first, step, text);
    buf_drop(&h.text);
}

static void add_packed(enum packing how, const char *text, struct buf *out)
{
    struct buf packed = buf_within(1 << 20);

    pack(how, bytes_str(text), 6, &packed);
    buf_add(out, buf_bytes(&packed));
    buf_drop(&packed);
}

static void it_is_found_wherever_it_begins(void **state)
{
    static const char *const fronts[] = {"",  "2W\0\0",     "\0\0\1\7",
                                         "x", "x(\x1f\x28", "text, text, and text\n"};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (size_t j = 0; j < sizeof fronts / sizeof *fronts; j++) {
            struct buf s = buf_within(1 << 20);

            buf_add_str(&s, fronts[j]);
            add_packed(all[i], "{\"short_message\":\"" LOOKUP "\"}", &s);
            buf_add_str(&s, "and more");
            for (size_t at = 1; at < s.len; at++)
                assert_hears(buf_bytes(&s), at, s.len, LOOKUP);
            assert_hears(buf_bytes(&s), 1, 1, LOOKUP);
            assert_hears(buf_bytes(&s), s.len, 1, LOOKUP);
            buf_drop(&s);
        }
}

static void each_of_many_is_found(void **state)
{
    struct buf s = buf_within(1 << 20);
    struct heard h;
    char text[64];

    (void)state;
    count_reset();
    for (unsigned i = 0; i < 60; i++) {
        snprintf(text, sizeof text, "<%u " LOOKUP ">", i);
        add_packed(all[i % 3], text, &s);
        if (i % 2)
            buf_add_str(&s, "2C\1\2\3\4");
    }
    h = heard_of(buf_bytes(&s), 100, 100);
    for (unsigned i = 0; i < 60; i++) {
        snprintf(text, sizeof text, "<%u " LOOKUP ">", i);
        assert_int_not_equal(bytes_find(buf_bytes(&h.text), bytes_str(text)), BYTES_NONE);
    }
    assert_int_equal(counters[COUNT_INSPECT_UNPACKED], 60);
    assert_int_equal(counters[COUNT_INSPECT_BOMB], 0);
    buf_drop(&h.text);
    buf_drop(&s);
}

/* A start that is none, once or often, does not hide the true one behind it. */
static void false_starts_hide_nothing(void **state)
{
    static const struct {
        const char *start;
        size_t len;
    } rows[] = {{"\x78\x9c", 2},           {"\x1f\x8b\x08", 3},     {"\x28\xb5\x2f\xfd", 4},
                {"\x78\x01\x01\x05\0", 5}, {"\x78\xda\x4b\x4c", 4}, {"\x1f\x8b\x08\x1c\1\1\1\1\0\3", 10}};

    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++)
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            for (unsigned n = 1; n * rows[row].len < 600; n += 70) {
                struct buf s = buf_within(1 << 20);

                for (unsigned j = 0; j < n; j++)
                    buf_add(&s, bytes_of(rows[row].start, rows[row].len));
                add_packed(all[i], LOOKUP, &s);
                assert_hears(buf_bytes(&s), s.len, s.len, LOOKUP);
                buf_drop(&s);
            }
}

/* Nor does one that takes more than a few bytes before it turns out to be none, if it ever does; nor many of
 * them, though only the newest are followed. */
static void what_a_false_start_takes_is_searched(void **state)
{
    static const struct {
        const char *start;
        size_t len;
    } rows[] = {
        {"\x78\x01\0\xff\xff\0\0", 7},                        /* a stored block of 64 KB */
        {"\x1f\x8b\x08\x08\1\1\1\1\2\3name", 14},             /* a file name without end */
        {"\x1f\x8b\x08\0\1\1\1\1\0\3\0\x30\x75\xcf\x8a", 15}, /* stored, 30,000 bytes */
        {"\x28\xb5\x2f\xfd\0\x58\0\x35\x0c", 9},              /* a raw block of 100,000 bytes */
    };
    static const size_t steps[] = {99, 1460, 100000};

    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++)
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            for (unsigned n = 1; n < 60; n *= 6) {
                struct buf s = buf_within(1 << 20);

                for (unsigned j = 0; j < n; j++)
                    buf_add(&s, bytes_of(rows[row].start, rows[row].len));
                for (unsigned j = 0; j < 400; j++)
                    buf_add_str(&s, "some text and ");
                add_packed(all[i], LOOKUP, &s);
                for (unsigned j = 0; j < 400; j++)
                    buf_add_str(&s, "more text and ");
                count_reset();
                for (size_t j = 0; j < sizeof steps / sizeof *steps; j++)
                    assert_hears(buf_bytes(&s), steps[j], steps[j], LOOKUP);
                if ((counters[COUNT_INSPECT_PACKED_LEFT] > 0) != (n > 5))
                    fail_msg("start %zu, %u times: %llu left", row, n,
                             (unsigned long long)counters[COUNT_INSPECT_PACKED_LEFT]);
                buf_drop(&s);
            }
}

struct prompt {
    size_t at, ends; /* of the stream; with it the lookup was given */
};

static size_t hear_lookup(void *arg, const struct field *f)
{
    struct prompt *t = arg;

    assert_true(f->at == 100 && f->wire > 0);
    if (!t->ends && bytes_find(f->value, bytes_str(LOOKUP)) != BYTES_NONE)
        t->ends = t->at;
    return 0;
}

/* The alert belongs to the packet that completes the lookup, not to the one that ends the text. */
static void a_lookup_does_not_wait_for_the_end(void **state)
{
    struct config config = conversation_config();
    struct field like = {.kind = FIELD_RAW, .at = 100};
    struct buf s = buf_within(1 << 20);
    struct prompt heard = {0};
    struct packed *p = NULL;

    (void)state;
    add_packed(PACK_GZIP, LOOKUP, &s);
    for (; heard.at < s.len; heard.at++, like.at++)
        packed_feed(&p, &config, &like, bytes_slice(buf_bytes(&s), heard.at, heard.at + 1), false,
                    hear_lookup, &heard);
    packed_drop(&p);
    assert_true(heard.ends > 0 && heard.ends < s.len - 8);
    buf_drop(&s);
}

/* Long texts come in pieces, and no lookup is cut: each piece shows the end of the one before. */
static void a_long_text_comes_in_pieces(void **state)
{
    struct buf plain = buf_within(1 << 20), s = buf_within(1 << 20);
    struct heard h;

    (void)state;
    count_reset();
    for (unsigned i = 0; plain.len < 200000; i++)
        buf_addf(&plain, "%u ", i * 2654435761u);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (size_t step = 700; step < 1000000; step *= 40) {
            s.len = 0;
            pack(all[i], buf_bytes(&plain), 6, &s);
            h = (struct heard){.text = buf_within(64 << 20), .first_only = true};
            listen(&h, buf_bytes(&s), step, step);
            assert_true(bytes_eq(buf_bytes(&h.text), buf_bytes(&plain)));
            assert_true(h.n > 10 && h.longest <= 16384);
            assert_true(h.given < 4 * plain.len);
            buf_drop(&h.text);
        }
    assert_int_equal(counters[COUNT_INSPECT_BOMB], 0);
    buf_drop(&plain);
    buf_drop(&s);
}

static void bombs_end(void **state)
{
    struct config config = conversation_config();
    struct buf plain = buf_within(64 << 20), s = buf_within(64 << 20);
    struct heard h;

    (void)state;
    for (unsigned i = 0; i < 1000000; i++)
        buf_add_str(&plain, "0000000000000000");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        count_reset();
        s.len = 0;
        pack(all[i], buf_bytes(&plain), 9, &s);
        h = heard_of(buf_bytes(&s), 1460, 1460);
        assert_true(h.text.len <= config.app_max_inflated);
        assert_int_equal(counters[COUNT_INSPECT_BOMB], 1);
        assert_int_equal(counters[COUNT_INSPECT_UNPACKED], 0);
        buf_drop(&h.text);
    }
    buf_drop(&plain);
    buf_drop(&s);
}

/* Many small bombs are one. */
static void small_bombs_end_as_well(void **state)
{
    struct buf plain = buf_within(1 << 20), one = buf_within(1 << 20), s = buf_within(1 << 20);
    struct heard h;

    (void)state;
    count_reset();
    for (unsigned i = 0; i < 26000; i++)
        buf_add_byte(&plain, '0');
    pack(PACK_ZLIB, buf_bytes(&plain), 9, &one);
    while (s.len < 50000)
        buf_add(&s, buf_bytes(&one));
    h = heard_of(buf_bytes(&s), 1460, 1460);
    assert_true(h.text.len <= 65536 + 100 * s.len);
    assert_true(counters[COUNT_INSPECT_BOMB] > 0);
    buf_drop(&h.text);
    buf_drop(&plain);
    buf_drop(&one);
    buf_drop(&s);
}

/* What breaks off was text until there. */
static void a_cut_text_is_heard_as_far_as_it_goes(void **state)
{
    struct buf plain = buf_within(1 << 20), s = buf_within(1 << 20);

    (void)state;
    buf_add_str(&plain, LOOKUP);
    for (unsigned i = 0; i < 1000; i++)
        buf_addf(&plain, "%u ", i * 2654435761u);
    for (size_t i = 0; i < 2; i++) { /* Zstandard's blocks come whole or not at all */
        s.len = 0;
        pack(all[i], buf_bytes(&plain), 6, &s);
        assert_hears(bytes_slice(buf_bytes(&s), 0, s.len - s.len / 4), 99, 99, LOOKUP);
    }
    buf_drop(&plain);
    buf_drop(&s);
}

static void what_is_not_packed_costs_nothing(void **state)
{
    struct config config = conversation_config();
    struct field like = {.kind = FIELD_RAW, .message = 7};
    struct heard h = {.text = buf_within(1 << 20)};
    struct packed *p = NULL;

    (void)state;
    packed_feed(&p, &config, &like, BYTES_LIT("GET / HTTP (x) " LOOKUP " 78 9c x^ \x1f"), false, hear, &h);
    packed_feed(&p, &config, &like, BYTES_LIT("\xff\xff nothing"), false, hear, &h);
    assert_int_equal(holds_bytes() + codings_bytes(), 0);
    packed_drop(&p);
    packed_drop(&p);
    assert_int_equal(h.n, 0);
    buf_drop(&h.text);
}

/* --- in a flow --- */

static void assert_flow_says(const struct said *said, unsigned n, const char *line)
{
    struct transcript t = conversation_of(PROTO_TCP, said, n);

    if (!transcript_has(&t, line) && !transcript_raw_has(&t, 0, line))
        fail_msg("not said: %s", line);
    transcript_drop(&t);
}

/* Beats' frames (lumberjack v2): window size, then a compressed frame. */
static void a_log_shipper_is_read(void **state)
{
    struct buf s = buf_within(1 << 20), packed = buf_within(1 << 20);
    struct said said = {.side = 0};

    (void)state;
    pack(PACK_ZLIB, BYTES_LIT("2J\0\0\0\1\0\0\0\x20{\"message\":\"" LOOKUP "\"}"), 3, &packed);
    buf_add(&s, BYTES_LIT("2W\0\0\0\1"
                          "2C\0\0"));
    buf_add_byte(&s, (uint8_t)(packed.len >> 8));
    buf_add_byte(&s, (uint8_t)packed.len);
    buf_add(&s, buf_bytes(&packed));
    said.data = buf_bytes(&s);
    assert_flow_says(&said, 1, "{\"message\":\"" LOOKUP "\"}");
    buf_drop(&s);
    buf_drop(&packed);
}

/* HTTP that is none any more, or never said that there was a body. */
static void packed_text_behind_http_is_read(void **state)
{
    static const char *const fronts[] = {
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc\1\2 nonsense",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\nContent-Length: 90\r\n\r\n",
        "nothing that anybody knows\1\2\3\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++)
        for (size_t how = 0; how < sizeof all / sizeof *all; how++) {
            struct buf s = buf_within(1 << 20);
            struct said said = {.side = 0};

            buf_add_str(&s, fronts[i]);
            add_packed(all[how], "{\"message\":\"" LOOKUP "\"}", &s);
            said.data = buf_bytes(&s);
            assert_flow_says(&said, 1, "{\"message\":\"" LOOKUP "\"}");
            buf_drop(&s);
        }
}

static void a_hole_ends_it(void **state)
{
    struct buf s = buf_within(1 << 20);
    struct said said[2] = {{.side = 0}, {.side = 0, .missing = 10}};
    struct transcript t;

    (void)state;
    add_packed(PACK_ZLIB, "some text first", &s);
    said[0].data = bytes_slice(buf_bytes(&s), 0, s.len / 2);
    said[1].data = buf_bytes(&s);
    t = conversation_of(PROTO_TCP, said, 2);
    assert_true(transcript_has(&t, "some text first") || transcript_raw_has(&t, 0, "some text first"));
    transcript_drop(&t);
    buf_drop(&s);
}

/* Behind up to PACKED_FRONT bytes of a framing; further behind nobody would send it, and it is not looked
 * for. */
static void a_datagram_is_unpacked(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++)
        for (size_t front = 0; front <= PACKED_FRONT; front++) {
            struct buf s = buf_within(1 << 16);
            struct said said = {.side = 0};
            struct transcript t;

            for (size_t i = 0; i < front; i++)
                buf_add(&s, BYTES_LIT("#"));
            add_packed(all[k], "a line of a log, sent in one piece", &s);
            said.data = buf_bytes(&s);
            t = conversation_of(PROTO_UDP, &said, 1);
            assert_int_equal(transcript_has(&t, "a line of a log, sent in one piece") ||
                                 transcript_raw_has(&t, 0, "a line of a log, sent in one piece"),
                             front < PACKED_FRONT || all[k] == PACK_ZSTD); /* which stores it in clear */
            transcript_drop(&t);
            buf_drop(&s);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_found_wherever_it_begins),
        cmocka_unit_test(each_of_many_is_found),
        cmocka_unit_test(false_starts_hide_nothing),
        cmocka_unit_test(what_a_false_start_takes_is_searched),
        cmocka_unit_test(a_lookup_does_not_wait_for_the_end),
        cmocka_unit_test(a_long_text_comes_in_pieces),
        cmocka_unit_test(bombs_end),
        cmocka_unit_test(small_bombs_end_as_well),
        cmocka_unit_test(a_cut_text_is_heard_as_far_as_it_goes),
        cmocka_unit_test(what_is_not_packed_costs_nothing),
        cmocka_unit_test(a_log_shipper_is_read),
        cmocka_unit_test(packed_text_behind_http_is_read),
        cmocka_unit_test(a_hole_ends_it),
        cmocka_unit_test(a_datagram_is_unpacked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
