/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspect/coding.h"
#include "support/pack.h"

#define TEXT "q=${jndi:ldap://h/a}&z=1"

/* Runs all of in through a coding, in steps, with so much room at a time; what comes out since the last ANEW.
 */
static struct buf undo(struct coding *c, struct bytes in, size_t step, size_t room, bool end)
{
    struct buf out = buf_within(8 << 20);
    uint8_t *to = malloc(room);

    for (size_t at = 0; at < in.len || (at == 0 && end); at += step) {
        struct bytes part = bytes_slice(in, at, at + step), rest;
        bool last = end && at + step >= in.len;
        uint8_t *exact = malloc(part.len + !part.len);
        enum coding_next next;
        unsigned idle = 0;

        if (part.len)
            memcpy(exact, part.p, part.len);
        rest = bytes_of(exact, part.len);
        do {
            size_t left = rest.len, n;

            next = coding_run(c, &rest, last, to, room, &n);
            assert_true(n <= room && rest.len <= left);
            idle = left == rest.len && n == 0 ? idle + 1 : 0;
            assert_true(idle < 3);
            if (next == CODING_ANEW)
                buf_clear(&out);
            buf_add(&out, bytes_of(to, n));
        } while (next != CODING_MORE);
        assert_int_equal(rest.len, 0);
        free(exact);
    }
    free(to);
    return out;
}

static const size_t steps[] = {1, 2, 3, 1000, 100000}, rooms[] = {1, 7, 16384};

static void assert_undone(enum coding_label label, struct bytes in, struct bytes want, bool bad)
{
    for (size_t j = 0; j < 15; j++) {
        struct coding *c = coding_new(label);
        struct buf out = undo(c, in, steps[j % 5], rooms[j / 5], true);

        if (!bytes_eq(buf_bytes(&out), want))
            fail_msg("label %d, step %zu, room %zu: %zu bytes for %zu", (int)label, steps[j % 5],
                     rooms[j / 5], out.len, want.len);
        assert_int_equal(coding_is_bad(c), bad);
        assert_false(coding_is_refused(c));
        coding_free(c);
        buf_drop(&out);
        assert_int_equal(codings_bytes(), 0);
    }
}

static struct buf long_text(size_t len)
{
    struct buf text = buf_within(len);

    for (uint32_t x = 1; text.len < len; x = x * 1103515245 + 12345)
        buf_addf(&text, "${jndi%c", (int)(x >> 16 & 0xff));
    text.len = len;
    return text;
}

static void test_what_each_label_undoes(void **state)
{
    /* By what the bytes are; where they do not tell, by the label. */
    static const bool undone[3][PACK_N] = {
        [CODING_UNLABELLED] = {[PACK_GZIP] = true, [PACK_ZLIB] = true, [PACK_ZSTD] = true},
        [CODING_DEFLATE] =
            {[PACK_GZIP] = true, [PACK_ZLIB] = true, [PACK_DEFLATE] = true, [PACK_ZSTD] = true},
        [CODING_BROTLI] = {[PACK_GZIP] = true, [PACK_ZSTD] = true, [PACK_BROTLI] = true},
    };
    struct buf text = long_text(30000);

    (void)state;
    for (unsigned label = 0; label < 3; label++)
        for (unsigned how = 0; how < PACK_N; how++) {
            struct buf in = buf_within(1 << 20);

            pack((enum packing)how, buf_bytes(&text), 9, &in);
            if (undone[label][how])
                assert_undone((enum coding_label)label, buf_bytes(&in), buf_bytes(&text), false);
            else if (label == CODING_UNLABELLED)
                assert_undone(CODING_UNLABELLED, buf_bytes(&in), buf_bytes(&in), false);
            buf_drop(&in);
        }
    buf_drop(&text);
}

static void test_members(void **state)
{
    struct buf in = buf_within(1 << 20);

    (void)state;
    pack(PACK_GZIP, BYTES_LIT("one, "), 6, &in);
    pack(PACK_GZIP, BYTES_LIT("two, "), 6, &in);
    pack(PACK_ZSTD, BYTES_LIT("three"), 6, &in);
    buf_add_str(&in, "(and the rest");
    assert_undone(CODING_DEFLATE, buf_bytes(&in), BYTES_LIT("one, two, three(and the rest"), false);
    assert_undone(CODING_UNLABELLED, buf_bytes(&in), BYTES_LIT("one, two, three(and the rest"), false);
    buf_clear(&in);
    buf_add(&in, BYTES_LIT("\x5a\x2a\x4d\x18\x03\0\0\0abc")); /* RFC 8878 3.1.2: skipped */
    pack(PACK_ZSTD, BYTES_LIT(TEXT), 6, &in);
    assert_undone(CODING_DEFLATE, buf_bytes(&in), BYTES_LIT(TEXT), false);
    buf_drop(&in);
}

static void test_plain_under_a_label(void **state)
{
    static const char *const texts[] = {TEXT,
                                        "{\"a\":\"${jndi:ldap://h/a}\"}",
                                        "x",
                                        "xy",
                                        "(",
                                        "<a>${jndi:ldap://h/a}</a>",
                                        "\x1f\x8b no gzip at all",
                                        "\x28\xb5/\xfd no zstd",
                                        "x^${jndi:ldap://h/a}",
                                        "PK*"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct bytes text = bytes_str(texts[i]);

        for (unsigned label = 0; label < 3; label++) {
            bool magic = text.p[0] == 0x1f || (text.p[0] == 0x28 && text.len > 1);

            for (size_t j = 0; j < 15; j++) {
                struct coding *c = coding_new((enum coding_label)label);
                struct buf out = undo(c, text, steps[j % 5], rooms[j / 5], true);

                if (!bytes_eq(buf_bytes(&out), text) || !coding_is_plain(c))
                    fail_msg("%s, label %u: %.*s", texts[i], label, (int)out.len, (const char *)out.p);
                if (label == CODING_UNLABELLED && !magic)
                    assert_false(coding_is_bad(c));
                coding_free(c);
                buf_drop(&out);
            }
        }
    }
    assert_undone(CODING_DEFLATE, BYTES_LIT(""), BYTES_LIT(""), false);
}

/* A good start that goes wrong late is not given again; one that goes wrong early is. */
static void test_broken(void **state)
{
    (void)state;
    for (unsigned how = 0; how < PACK_N; how++)
        for (unsigned late = 0; late < 2; late++) {
            struct buf text = long_text(late ? 40000 : 200), in = buf_within(1 << 20), out;
            struct coding *c = coding_new(how == PACK_BROTLI ? CODING_BROTLI : CODING_DEFLATE);

            pack((enum packing)how, buf_bytes(&text), 9, &in);
            in.len -= 3; /* cut */
            assert_true((in.len > CODING_HELD) == late);
            out = undo(c, buf_bytes(&in), 100, 1000, true);
            assert_true(coding_is_bad(c) && coding_is_plain(c));
            if (late) /* Zstandard and Brotli give whole blocks */
                assert_true((how >= PACK_ZSTD || out.len > text.len - 600) &&
                            bytes_starts(buf_bytes(&text), buf_bytes(&out)));
            else
                assert_true(bytes_eq(buf_bytes(&out), buf_bytes(&in)));
            coding_free(c);
            buf_drop(&out);
            buf_drop(&in);
            buf_drop(&text);
        }
}

/* Each cut of each kind, in memory of exactly its size: nothing beyond it is read, and it ends. */
static void test_cut_anywhere(void **state)
{
    (void)state;
    for (unsigned how = 0; how < PACK_N; how++) {
        struct buf in = buf_within(1 << 20);

        pack((enum packing)how, BYTES_LIT(TEXT TEXT TEXT), 9, &in);
        for (size_t cut = 0; cut < in.len; cut++) {
            struct coding *c = coding_new(how == PACK_BROTLI ? CODING_BROTLI : CODING_DEFLATE);
            struct buf out = undo(c, bytes_slice(buf_bytes(&in), 0, cut), 1000, 1000, true);

            assert_true(coding_is_plain(c));
            assert_true(bytes_eq(buf_bytes(&out), bytes_slice(buf_bytes(&in), 0, cut)));
            coding_free(c);
            buf_drop(&out);
        }
        buf_drop(&in);
    }
}

static void test_memory_ceiling(void **state)
{
    struct buf text = long_text(100000), in[PACK_N];
    struct coding *c[200];

    (void)state;
    codings_set_memcap(1 << 20);
    for (unsigned how = 0; how < PACK_N; how++) {
        bool refused = false;

        in[how] = buf_within(1 << 20);
        pack((enum packing)how, buf_bytes(&text), 9, &in[how]);
        for (size_t i = 0; i < 200; i++) {
            struct buf out;

            c[i] = coding_new(how == PACK_BROTLI ? CODING_BROTLI : CODING_DEFLATE);
            out = undo(c[i], bytes_slice(buf_bytes(&in[how]), 0, in[how].len / 2), 1000, 1000, false);
            refused |= coding_is_refused(c[i]);
            if (coding_is_refused(c[i]))
                assert_true(coding_is_plain(c[i]));
            buf_drop(&out);
            assert_true(codings_bytes() <= 1 << 20);
        }
        assert_true(refused);
        for (size_t i = 0; i < 200; i++)
            coding_free(c[i]);
        assert_int_equal(codings_bytes(), 0);
        buf_drop(&in[how]);
    }
    codings_set_memcap(48 << 20);
    coding_free(NULL);
    buf_drop(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_each_label_undoes), cmocka_unit_test(test_members),
        cmocka_unit_test(test_plain_under_a_label),    cmocka_unit_test(test_broken),
        cmocka_unit_test(test_cut_anywhere),           cmocka_unit_test(test_memory_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
