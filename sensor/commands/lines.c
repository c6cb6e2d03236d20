/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/lines.h"

#include <stdlib.h>

#define SPACE ((size_t)4 * LINES_BLOCK)

bool lines_make(struct lines *l)
{
    *l = (struct lines){.p = malloc(SPACE), .line = 1};
    return l->p != NULL;
}

void lines_free(struct lines *l)
{
    free(l->p);
    l->p = NULL;
}

void lines_reset(struct lines *l)
{
    *l = (struct lines){.p = l->p, .line = 1};
}

/* A clean log is only passed over: of the little that is done with it, counting lines is not to be the most.
 * Loops of a known length become vector instructions. */
#define STRIDE 64

static unsigned newlines_in_stride(const uint8_t *p)
{
    uint8_t n = 0;

    for (unsigned i = 0; i < STRIDE; i++)
        n = (uint8_t)(n + (p[i] == '\n'));
    return n;
}

static uint64_t newlines_in(struct bytes b)
{
    uint64_t n = 0;
    size_t i = 0;

    for (; i + STRIDE <= b.len; i += STRIDE)
        n += newlines_in_stride(b.p + i);
    for (; i < b.len; i++)
        n += b.p[i] == '\n';
    return n;
}

/* The block at hand has been looked at. Of one that ends inside a line, the end comes again. */
static void pass_block(struct lines *l)
{
    struct bytes block = {l->p + l->from, l->given};
    size_t n = l->given;

    l->given = 0;
    if (n == 0)
        return;
    l->inside = block.p[n - 1] != '\n';
    if (l->inside && n == LINES_BLOCK) /* lines_next: cut */
        n -= LINES_OVERLAP;
    l->line += newlines_in(bytes_slice(block, 0, n));
    l->from += n;
    l->offset += n;
}

uint8_t *lines_room(struct lines *l, size_t *n)
{
    pass_block(l);
    if (l->from > 0) {
        memmove(l->p, l->p + l->from, l->to - l->from);
        l->to -= l->from;
        l->from = 0;
    }
    *n = SPACE - l->to;
    return l->p + l->to;
}

void lines_wrote(struct lines *l, size_t n)
{
    l->to += n;
}

bool lines_next(struct lines *l, bool last, struct lines_block *block)
{
    size_t n, left;
    const uint8_t *newline;

    pass_block(l);
    left = l->to - l->from;
    n = left < LINES_BLOCK ? left : LINES_BLOCK;
    newline = n ? memrchr(l->p + l->from, '\n', n) : NULL;
    if (newline)
        n = (size_t)(newline - (l->p + l->from)) + 1;
    else if (n == 0 || (n < LINES_BLOCK && !last))
        return false;
    l->given = n;
    *block = (struct lines_block){
        {l->p + l->from, n}, l->offset, l->line, l->inside, !newline && n == LINES_BLOCK};
    return true;
}

bool lines_split(struct lines_block *block, struct line *line)
{
    size_t end = bytes_find_byte(block->text, '\n');
    size_t n = end == BYTES_NONE ? block->text.len : end + 1;

    if (n == 0)
        return false;
    *line = (struct line){bytes_slice(block->text, 0, end), block->offset, block->line, block->inside,
                          block->cut && end == BYTES_NONE};
    block->text = bytes_from(block->text, n);
    block->offset += n;
    block->line += end != BYTES_NONE;
    block->inside = false;
    return true;
}
