/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include "base/bytes.h"

/* The only reader of bytes from the wire. Reading past the end gives zeros and leaves the state CURSOR_SHORT,
 * so a parser reads a whole header and asks once. After CURSOR_SHORT nothing more is consumed. */
enum cursor_state { CURSOR_OK, CURSOR_SHORT };

struct cursor {
    const uint8_t *p, *end;
    enum cursor_state state;
};

static inline struct cursor cursor_over(struct bytes b)
{
    return (struct cursor){b.p, b.len ? b.p + b.len : b.p, CURSOR_OK};
}

static inline size_t cursor_left(const struct cursor *c)
{
    return (size_t)(c->end - c->p);
}

static inline bool cursor_ok(const struct cursor *c)
{
    return c->state == CURSOR_OK;
}

/* True when n more bytes can be read; otherwise the cursor turns short. */
static inline bool cursor_need(struct cursor *c, size_t n)
{
    if (c->state != CURSOR_OK || cursor_left(c) < n) {
        c->state = CURSOR_SHORT;
        return false;
    }
    return true;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
    return cursor_need(c, 1) ? *c->p++ : 0;
}

static inline uint16_t cursor_u16be(struct cursor *c)
{
    uint16_t v;

    if (!cursor_need(c, 2))
        return 0;
    v = (uint16_t)(c->p[0] << 8 | c->p[1]);
    c->p += 2;
    return v;
}

static inline uint32_t cursor_u32be(struct cursor *c)
{
    uint32_t v;

    if (!cursor_need(c, 4))
        return 0;
    v = (uint32_t)c->p[0] << 24 | (uint32_t)c->p[1] << 16 | (uint32_t)c->p[2] << 8 | c->p[3];
    c->p += 4;
    return v;
}

static inline uint64_t cursor_u64be(struct cursor *c)
{
    uint64_t high = cursor_u32be(c);

    return high << 32 | cursor_u32be(c);
}

/* The next n bytes, borrowed; empty and short when they are not all there. */
static inline struct bytes cursor_take(struct cursor *c, size_t n)
{
    struct bytes b = {c->p, n};

    if (!cursor_need(c, n))
        return (struct bytes){c->p, 0};
    c->p += n;
    return b;
}

static inline void cursor_skip(struct cursor *c, size_t n)
{
    (void)cursor_take(c, n);
}

/* A cursor over the next n bytes, which the parent steps over. Born short when they are not all there. */
static inline struct cursor cursor_sub(struct cursor *c, size_t n)
{
    struct cursor sub = cursor_over(cursor_take(c, n));

    sub.state = c->state;
    return sub;
}

/* What is left, without taking it. */
static inline struct bytes cursor_rest(const struct cursor *c)
{
    return (struct bytes){c->p, cursor_left(c)};
}

#endif
