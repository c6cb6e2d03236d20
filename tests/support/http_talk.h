/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_HTTP_TALK_H
#define SUPPORT_HTTP_TALK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "support/http_record.h"

/* Conversations in HTTP/1, written down. For one test file each: all is static. */

#define CLIENT 0
#define SERVER 1

/* A conversation: what is said, in turn. */
struct turn {
    unsigned side;
    const char *text;
    size_t len; /* 0: a string */
};

static inline struct http_record *talk(const struct turn *turns, size_t n, size_t step)
{
    struct http_record *r = http_record_new();

    count_reset();
    for (size_t i = 0; i < n; i++)
        http_record_steps(r, turns[i].side,
                          bytes_of(turns[i].text, turns[i].len ? turns[i].len : strlen(turns[i].text)), step);
    http_record_end(r);
    return r;
}

/* Whole, and the same in every step size up to 40. */
#define TALK(turns) talk_every_way(turns, sizeof turns / sizeof *turns)
static inline struct http_record *talk_every_way(const struct turn *turns, size_t n)
{
    struct http_record *whole = talk(turns, n, SIZE_MAX / 2);

    for (size_t step = 1; step <= 40; step++) {
        struct http_record *r = talk(turns, n, step);

        http_record_same(whole, r);
        http_record_free(r);
    }
    return whole;
}

static inline void assert_text(const struct http_record *r, enum field_kind kind, const char *text)
{
    if (!bytes_eq(buf_bytes(&r->of[kind]), bytes_str(text)))
        fail_msg("%s is: %.*s", field_rows[kind].name, (int)r->of[kind].len, (const char *)r->of[kind].p);
}

#endif
