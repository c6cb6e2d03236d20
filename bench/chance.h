/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_CHANCE_H
#define BENCH_CHANCE_H

/* For programs of one file: chance that is the same for the same seed, and text that grows. */

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t rng_state;

/* splitmix64 (public domain, Vigna): any seed will do. */
static uint64_t rng(void)
{
    uint64_t z = rng_state += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static uint32_t below(uint32_t n)
{
    return (uint32_t)((rng() >> 32) * n >> 32);
}

static uint32_t between(uint32_t low, uint32_t high)
{
    return low + below(high - low + 1);
}

static bool percent(uint32_t p)
{
    return below(100) < p;
}

/* Many small ones, few large ones: every doubling between the two is as likely. */
static uint32_t size_between(uint32_t low, uint32_t high)
{
    uint32_t doublings = 0;

    while (low << (doublings + 1) <= high)
        doublings++;
    low <<= below(doublings + 1);
    return between(low, 2 * low <= high ? 2 * low : high);
}

#define PICK(table) ((table)[below(sizeof(table) / sizeof((table)[0]))])

struct text {
    uint8_t *p;
    size_t len, cap;
};

static uint8_t *text_room(struct text *t, size_t n)
{
    if (t->len + n > t->cap) {
        t->cap = (t->len + n) * 2;
        t->p = realloc(t->p, t->cap);
        if (!t->p) {
            fputs("bench_traffic: out of memory\n", stderr);
            exit(2);
        }
    }
    t->len += n;
    return t->p + t->len - n;
}

static void text_add(struct text *t, const void *p, size_t n)
{
    if (n)
        memcpy(text_room(t, n), p, n);
}

__attribute__((format(printf, 2, 3))) static void text_addf(struct text *t, const char *fmt, ...)
{
    char line[2048];
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    text_add(t, line, n < (int)sizeof line ? (size_t)n : sizeof line - 1);
}

static void text_put(struct text *t, uint64_t value, unsigned n)
{
    uint8_t *p = text_room(t, n);

    while (n-- > 0) {
        p[n] = (uint8_t)value;
        value >>= 8;
    }
}

static void text_noise(struct text *t, size_t n)
{
    uint8_t *p = text_room(t, n);

    for (size_t i = 0; i < n; i += 8) {
        uint64_t v = rng();

        memcpy(p + i, &v, n - i < 8 ? n - i : 8);
    }
}

#endif
