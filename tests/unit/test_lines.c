/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct lines lines;

static int set_up(void **state)
{
    (void)state;
    return lines_make(&lines) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    lines_free(&lines);
    return 0;
}

/* What a reader of the blocks sees: "line@offset[+]:text" for each part. */
struct seen {
    char *text;
    size_t len;
    unsigned n_blocks;
};

static void see(struct seen *s, struct lines_block block)
{
    struct line line;

    s->n_blocks++;
    assert_true(block.text.len > 0 && block.text.len <= LINES_BLOCK);
    while (lines_split(&block, &line))
        s->len += (size_t)snprintf(s->text + s->len, 4096 - s->len, "%d@%d%s:%.*s|", (int)line.line,
                                   (int)line.offset, line.inside ? "+" : "", (int)line.text.len,
                                   (const char *)line.text.p);
}

/* The text in reads of so many bytes. */
static void read_by(const char *text, size_t step, struct seen *s)
{
    struct bytes left = bytes_str(text);
    struct lines_block block;

    *s = (struct seen){.text = calloc(1, 4096)};
    lines_reset(&lines);
    do {
        size_t room, n = left.len < step ? left.len : step;
        uint8_t *at = lines_room(&lines, &room);

        assert_true(room >= n);
        if (n)
            memcpy(at, left.p, n);
        lines_wrote(&lines, n);
        left = bytes_from(left, n);
        while (lines_next(&lines, left.len == 0, &block))
            see(s, block);
    } while (left.len);
}

static void assert_lines(const char *text, const char *expected)
{
    for (size_t step = 1; step <= strlen(text) + 1; step++) {
        struct seen s;

        read_by(text, step, &s);
        assert_string_equal(s.text, expected);
        free(s.text);
    }
}

static void lines_are_the_same_however_they_are_read(void **state)
{
    (void)state;
    assert_lines("", "");
    assert_lines("a", "1@0:a|");
    assert_lines("a\n", "1@0:a|");
    assert_lines("\n\nb\r\nc", "1@0:|2@1:|3@2:b\r|4@5:c|");
    assert_lines("one\ntwo\nthree\n", "1@0:one|2@4:two|3@8:three|");
}

/* Feeds n bytes of one line and a short line after it; counts what comes. */
static unsigned blocks_of_long_line(size_t n, size_t *covered, size_t *overlap)
{
    struct lines_block block;
    unsigned n_blocks = 0;
    uint64_t end = 0;
    bool last = false;
    size_t fed = 0;

    *covered = 0;
    *overlap = SIZE_MAX;
    lines_reset(&lines);
    while (!last) {
        size_t room, take;
        uint8_t *at = lines_room(&lines, &room);

        take = n + 2 - fed < room ? n + 2 - fed : room;
        for (size_t i = 0; i < take; i++, fed++)
            at[i] = fed == n ? '\n' : fed == n + 1 ? 'z' : (uint8_t)('a' + fed % 26);
        lines_wrote(&lines, take);
        last = fed == n + 2;
        while (lines_next(&lines, last, &block)) {
            struct line line;

            assert_true(lines_split(&block, &line));
            if (line.line == 2) {
                assert_int_equal(line.offset, n + 1);
                assert_false(line.inside);
                continue;
            }
            assert_int_equal(line.line, 1);
            assert_int_equal(line.inside, n_blocks > 0);
            assert_int_equal(line.cut, line.text.len == LINES_BLOCK);
            assert_int_equal(line.text.len ? line.text.p[0] : 'a', 'a' + line.offset % 26);
            assert_true(line.offset <= end); /* nothing is left out */
            if (n_blocks && line.text.len && end - line.offset < *overlap)
                *overlap = (size_t)(end - line.offset);
            end = line.offset + line.text.len;
            n_blocks++;
        }
    }
    *covered = (size_t)end;
    return n_blocks;
}

static void long_lines_come_in_parts_that_overlap(void **state)
{
    size_t covered, overlap;

    (void)state;
    /* with its newline exactly a block: in one piece */
    assert_int_equal(blocks_of_long_line(LINES_BLOCK - 1, &covered, &overlap), 1);
    assert_int_equal(covered, LINES_BLOCK - 1);
    for (size_t n = LINES_BLOCK; n < 20 * (size_t)LINES_BLOCK; n = n * 3 / 2 + 1) {
        assert_true(blocks_of_long_line(n, &covered, &overlap) > 1);
        assert_int_equal(covered, n);
        assert_int_equal(overlap, LINES_OVERLAP);
    }
}

/* Somebody follows a log: a line is given when its newline is there, not when the buffer is full. */
static void a_line_is_given_when_it_is_complete(void **state)
{
    struct lines_block block;
    size_t room;

    (void)state;
    lines_reset(&lines);
    memcpy(lines_room(&lines, &room), "ab", 2);
    lines_wrote(&lines, 2);
    assert_false(lines_next(&lines, false, &block));
    memcpy(lines_room(&lines, &room), "c\nd", 3);
    lines_wrote(&lines, 3);
    assert_true(lines_next(&lines, false, &block));
    assert_true(bytes_eq(block.text, BYTES_LIT("abc\n")));
    assert_false(lines_next(&lines, false, &block));
    assert_true(lines_next(&lines, true, &block));
    assert_true(bytes_eq(block.text, BYTES_LIT("d")));
    assert_int_equal(block.line, 2);
    assert_false(lines_next(&lines, true, &block));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_the_same_however_they_are_read),
        cmocka_unit_test(long_lines_come_in_parts_that_overlap),
        cmocka_unit_test(a_line_is_given_when_it_is_complete),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
