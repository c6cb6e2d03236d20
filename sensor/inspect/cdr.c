/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/cdr.h"

struct cdr cdr_over(struct bytes all, bool little)
{
    return (struct cdr){.c = cursor_over(all), .len = all.len, .little = little};
}

struct cdr cdr_inside(struct bytes encapsulation)
{
    struct cdr d = cdr_over(encapsulation, false);

    d.little = cdr_u8(&d) & 1;
    return d;
}

void cdr_align(struct cdr *d, size_t n)
{
    size_t over = (d->len - cursor_left(&d->c)) % n;

    if (over && cdr_ok(d))
        cursor_skip(&d->c, n - over);
}

void cdr_skip(struct cdr *d, size_t n)
{
    cursor_skip(&d->c, n);
}

uint8_t cdr_u8(struct cdr *d)
{
    return cursor_u8(&d->c);
}

uint16_t cdr_u16(struct cdr *d)
{
    uint16_t v;

    cdr_align(d, 2);
    v = cursor_u16be(&d->c);
    return d->little ? __builtin_bswap16(v) : v;
}

uint32_t cdr_u32(struct cdr *d)
{
    uint32_t v;

    cdr_align(d, 4);
    v = cursor_u32be(&d->c);
    return d->little ? __builtin_bswap32(v) : v;
}

struct bytes cdr_octets(struct cdr *d)
{
    return cursor_take(&d->c, cdr_u32(d));
}

struct bytes cdr_string(struct cdr *d)
{
    struct bytes text = cdr_octets(d);

    return text.len && text.p[text.len - 1] == 0 ? bytes_slice(text, 0, text.len - 1) : text;
}
