/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspect/http_coding.h"
#include "support/pack.h"

#define TEXT "q=${jndi:ldap://h/a}&z=1"

static const struct http_coding_limits usual = {1 << 20, 100, 4};

static struct buf undo(struct http_decoder *d, struct bytes in, size_t step, size_t room,
                       enum http_decoded *got)
{
    struct buf out = buf_within(8 << 20);
    uint8_t *to = malloc(room);

    *got = HTTP_DECODED_MORE;
    for (size_t at = 0; at < in.len && *got != HTTP_DECODED_BOMB; at += step) {
        struct bytes part = bytes_slice(in, at, at + step), rest;
        uint8_t *exact = memcpy(malloc(part.len), part.p, part.len);
        unsigned idle = 0;

        rest = bytes_of(exact, part.len);
        do {
            size_t left = rest.len, n;

            *got = http_decode(d, &rest, at + step >= in.len, to, room, &n);
            assert_true(n <= room && rest.len <= left);
            idle = left == rest.len && n == 0 ? idle + 1 : 0;
            assert_true(idle < 10000); /* 4 KB may wait between two layers */
            if (*got == HTTP_DECODED_ANEW)
                buf_clear(&out);
            buf_add(&out, bytes_of(to, n));
        } while (*got == HTTP_DECODED_ROOM || *got == HTTP_DECODED_ANEW);
        free(exact);
    }
    free(to);
    return out;
}

/* Text under the codings of a word, first letter first; labelled as the other word says. */
static struct buf stacked(const char *word, struct bytes text)
{
    static const char letters[] = "gzdsb"; /* gzip, zlib, deflate, zstd, brotli */
    struct buf now = buf_within(8 << 20);

    buf_add(&now, text);
    for (; *word; word++) {
        struct buf next = buf_within(8 << 20);

        pack((enum packing)(strchr(letters, *word) - letters), buf_bytes(&now), 9, &next);
        buf_drop(&now);
        now = next;
    }
    return now;
}

static struct http_codings labels_of(const char *word)
{
    struct http_codings labels = {0};

    for (; *word; word++)
        labels.label[labels.n++] = *word == 'b' ? CODING_BROTLI : CODING_DEFLATE;
    return labels;
}

static void test_stacks(void **state)
{
    static const struct {
        const char *coded, *labels;
        bool bad;
    } rows[] = {
        {"g", "g", false},       {"d", "d", false},   {"b", "b", false},        {"s", "s", false},
        {"gg", "gg", false},     {"gb", "gb", false}, {"bg", "bg", false},      {"dbsg", "dbsg", false},
        {"g", "", false},        {"gg", "", false},   {"gg", "g", false},       {"sgz", "", false},
        {"gz", "z", false},      {"g", "s", false},   {"s", "g", false},        {"g", "b", false},
        {"", "g", true},         {"", "b", true},     {"", "gg", true},         {"g", "gg", true},
        {"gggg", "gggg", false}, {"gggg", "", false}, {"ggggg", "ggggg", true},
    };
    static const size_t steps[] = {1, 7, 100000}, rooms[] = {1, 50, 16384};
    struct buf text = buf_within(1 << 20);

    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        buf_addf(&text, "a%u=${jndi:ldap://h/%u}&", i * i, i);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf in = stacked(rows[i].coded, buf_bytes(&text));
        struct http_codings labels = labels_of(rows[i].labels);
        struct buf want = strlen(rows[i].coded) > 4 ? stacked("g", buf_bytes(&text)) : buf_within(1);

        for (size_t j = 0; j < 9; j++) {
            struct http_decoder *d = http_decoder_new(&labels, usual);
            enum http_decoded got;
            struct buf out = undo(d, buf_bytes(&in), steps[j % 3], rooms[j / 3], &got);

            assert_int_equal(got, HTTP_DECODED_MORE);
            if (!bytes_eq(buf_bytes(&out), buf_bytes(want.len ? &want : &text)))
                fail_msg("%s as %s, step %zu, room %zu: %zu bytes", rows[i].coded, rows[i].labels,
                         steps[j % 3], rooms[j / 3], out.len);
            if (http_decoder_is_bad(d) != rows[i].bad)
                fail_msg("%s as %s is%s bad", rows[i].coded, rows[i].labels, rows[i].bad ? " not" : "");
            http_decoder_free(d);
            buf_drop(&out);
        }
        buf_drop(&want);
        buf_drop(&in);
    }
    buf_drop(&text);
}

static void test_plain_is_let_go(void **state)
{
    struct http_codings none = {0}, gzip = labels_of("g");
    struct http_decoder *d = http_decoder_new(&none, usual);
    enum http_decoded got;
    struct buf out = undo(d, BYTES_LIT("x=1"), 1, 10, &got);

    (void)state;
    assert_true(http_decoder_is_plain(d) && !http_decoder_is_bad(d));
    http_decoder_free(d);
    buf_drop(&out);
    d = http_decoder_new(&gzip, usual);
    out = undo(d, BYTES_LIT(TEXT), 1, 10, &got);
    assert_true(http_decoder_is_plain(d) && http_decoder_is_bad(d));
    http_decoder_free(d);
    buf_drop(&out);
    http_decoder_free(NULL);
}

static void test_bombs(void **state)
{
    static const struct {
        const char *coded;
        uint64_t limit, ratio, most;
    } rows[] = {
        {"g", 1 << 20, 10000, 1 << 20},
        {"g", 1 << 20, 10, HTTP_DECODE_FREE},
        {"g", 4096, 10000, 4096},
        {"s", 1 << 20, 100, HTTP_DECODE_FREE},
        {"b", 1 << 20, 100, HTTP_DECODE_FREE},
        /* Stacked, the inner one is as small as the outer lets it be. */
        {"gg", 1 << 20, 100, HTTP_DECODE_FREE},
        {"gggg", 1 << 20, 100, HTTP_DECODE_FREE},
    };
    struct bytes zeros = {calloc(1, 3 << 20), 3 << 20};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf in = stacked(rows[i].coded, zeros);
        struct http_codings labels = labels_of(rows[i].coded);

        for (size_t step = 1; step <= in.len; step *= 50) {
            struct http_decoder *d =
                http_decoder_new(&labels, (struct http_coding_limits){rows[i].limit, rows[i].ratio, 4});
            enum http_decoded got;
            struct buf out = undo(d, buf_bytes(&in), step, 5000, &got);

            assert_int_equal(got, HTTP_DECODED_BOMB);
            if (out.len != rows[i].most)
                fail_msg("%s: %zu bytes came out", rows[i].coded, out.len);
            buf_drop(&out);
            http_decoder_free(d);
        }
        buf_drop(&in);
    }
    free((void *)(uintptr_t)zeros.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stacks),
        cmocka_unit_test(test_plain_is_let_go),
        cmocka_unit_test(test_bombs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
