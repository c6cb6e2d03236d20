/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs cut into blocks and lines: every byte comes, in its place, with its line's number, however it is read.
 */
#include "commands/lines.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_LEN 150000 /* the input is repeated: a block is longer than most inputs */

/* The text is the input over and over: known at every offset without being kept. */
struct text {
    const uint8_t *data;
    size_t size;
    uint64_t len;
};

static uint64_t check_block(const struct text *t, struct lines_block block, uint64_t done,
                            uint64_t *line_number)
{
    struct line line;

    assert(block.text.len > 0 && block.text.len <= LINES_BLOCK);
    assert(block.offset <= done && block.offset + block.text.len >= done);
    assert(block.offset == done || block.inside); /* only parts of one line overlap */
    while (lines_split(&block, &line)) {
        assert(line.line == *line_number || line.line == *line_number + 1);
        assert(line.inside ? line.line == *line_number : line.offset == 0 || line.line == *line_number + 1);
        *line_number = line.line;
        for (size_t i = 0; i < line.text.len; i++)
            assert(line.text.p[i] != '\n' && line.text.p[i] == t->data[(line.offset + i) % t->size]);
        done = line.offset + line.text.len;
        if (block.offset > done) {
            assert(t->data[done % t->size] == '\n');
            done++;
        }
    }
    return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text t = {data, size, TEXT_LEN};
    uint64_t fed = 0, done = 0, line_number = 1, newlines = 0;
    struct lines_block block;
    struct lines lines;
    size_t turn = 0;

    if (size == 0)
        return 0;
    assert(lines_make(&lines));
    do {
        size_t room, n;
        uint8_t *at = lines_room(&lines, &room);

        assert(room > 0);
        n = 1 + (size_t)data[turn % size] * data[(turn + 1) % size] * 4;
        turn++;
        n = n < room ? n : room;
        for (size_t i = 0; i < n && fed < t.len; i++, fed++) {
            at[i] = data[fed % size];
            newlines += at[i] == '\n';
            lines_wrote(&lines, 1);
        }
        while (lines_next(&lines, fed == t.len, &block))
            done = check_block(&t, block, done, &line_number);
    } while (fed < t.len);
    assert(done == t.len);
    assert(line_number == newlines + (data[(t.len - 1) % size] != '\n') || line_number == newlines);
    lines_free(&lines);
    return 0;
}
