/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMANDS_LINES_H
#define COMMANDS_LINES_H

#include "base/bytes.h"

/* A text of any length, read in pieces of any size, becomes blocks: some whole lines, or a part of a line
 * that is longer than a block. The memory is fixed. */

#define LINES_BLOCK 65536 /* a line up to this long is never cut */
#define LINES_OVERLAP \
    32768 /* the parts of a longer one have this much in common: nothing shorter is missed */

struct lines {
    uint8_t *p; /* the text from offset on is p[from, to) */
    size_t from, to;
    uint64_t offset, line; /* of p[from]; lines count from 1 */
    bool inside;           /* p[from] is not the beginning of its line */
    size_t given;          /* length of the block at hand */
};

/* False when memory is short. lines_free in either case. */
bool lines_make(struct lines *l);
void lines_free(struct lines *l);

/* Another text begins. */
void lines_reset(struct lines *l);

/* Where the next bytes are to be put; *n is at least 1 when lines_next has no more blocks. */
uint8_t *lines_room(struct lines *l, size_t *n);
void lines_wrote(struct lines *l, size_t n);

struct lines_block {
    struct bytes text;
    uint64_t offset, line; /* of its first byte */
    bool inside;           /* its first line began in an earlier block */
    bool cut;              /* its last line goes on: LINES_OVERLAP bytes of it come again */
};

/* The next block, good until lines_room; the one before it is done with. False when more text is needed.
 * last: no more will come. */
bool lines_next(struct lines *l, bool last, struct lines_block *block);

struct line {
    struct bytes text; /* without its newline */
    uint64_t offset, line;
    bool inside, cut; /* at its beginning, at its end */
};

/* Takes the first line off a block. False when it is empty. */
bool lines_split(struct lines_block *block, struct line *line);

#endif
