/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/ldap_long.h"

#include <stdlib.h>

#include "inspect/ber.h"

#define CONSTRUCTED 0x20
#define DEPTH_MAX   8  /* of an entry's values: 6. What is deeper is a value */
#define HEAD_MAX    10 /* tag, and a length of at most 1 + 8 bytes */
#define LEN_BYTES   4  /* lengths are written so, before they are known */

/* An element that has begun and not ended. */
struct open {
    uint64_t left; /* bytes of its value to come */
    size_t at;     /* of its value in out */
    bool written;  /* it is in out */
};

struct ldap_long {
    size_t ceiling;
    struct buf out; /* a hold */
    struct open open[DEPTH_MAX + 1];
    unsigned n_open;
    bool in_value; /* the innermost is a value, not made of elements */
    bool lacks, begun;
    uint8_t head[HEAD_MAX];
    unsigned head_len;
};

struct ldap_long *ldap_long_new(size_t ceiling)
{
    struct ldap_long *l = calloc(1, sizeof *l);

    if (l)
        l->ceiling = ceiling;
    return l;
}

void ldap_long_free(struct ldap_long *l)
{
    if (!l)
        return;
    hold_drop(&l->out);
    free(l);
}

bool ldap_long_lacks(const struct ldap_long *l)
{
    return l->lacks;
}

static size_t most_of_a_value(const struct ldap_long *l)
{
    return l->ceiling / 4 < LDAP_LONG_VALUE ? l->ceiling / 4 : LDAP_LONG_VALUE;
}

size_t ldap_long_cut_from(const struct ldap_long *l)
{
    return l->lacks ? 1 : most_of_a_value(l);
}

static struct open *innermost(struct ldap_long *l)
{
    return &l->open[l->n_open - 1];
}

/* The length that it has come to. */
static void write_length(struct ldap_long *l, const struct open *o)
{
    size_t len = l->out.len - o->at;

    for (unsigned i = 0; o->written && i < LEN_BYTES; i++)
        l->out.p[o->at - 1 - i] = (uint8_t)(len >> 8 * i);
}

static void close_innermost(struct ldap_long *l)
{
    write_length(l, innermost(l));
    l->n_open--;
    l->in_value = false;
}

static void consume(struct ldap_long *l, struct bytes *data, size_t n)
{
    for (unsigned i = 0; i < l->n_open; i++)
        l->open[i].left -= n;
    *data = bytes_from(*data, n);
}

static void close_ended(struct ldap_long *l)
{
    while (l->n_open && innermost(l)->left == 0)
        close_innermost(l);
}

/* Of a value as much as is kept of one. */
static void take_value(struct ldap_long *l, struct bytes *data)
{
    struct open *o = innermost(l);
    size_t most = most_of_a_value(l), n = o->left < data->len ? (size_t)o->left : data->len;

    if (o->written) {
        size_t kept = l->out.len - o->at;
        struct bytes piece = bytes_slice(*data, 0, n < most - kept ? n : most - kept);

        if (!hold_add(&l->out, l->ceiling, piece))
            l->lacks = true;
    }
    consume(l, data, n);
    close_ended(l);
}

static void begin_element(struct ldap_long *l, uint8_t tag, size_t len)
{
    const uint8_t start[] = {tag, 0x80 | LEN_BYTES, 0, 0, 0, 0};
    bool parent = l->n_open == 0 || innermost(l)->written;
    struct open *o = &l->open[l->n_open++];

    *o = (struct open){.left = len};
    o->written = parent && hold_add(&l->out, l->ceiling, bytes_of(start, sizeof start));
    o->at = l->out.len;
    l->lacks |= !o->written;
    l->begun = true;
    l->in_value = !(tag & CONSTRUCTED) || l->n_open > DEPTH_MAX || !o->written;
    close_ended(l);
}

/* One byte more of an element's tag and length. False when it is none, or goes beyond what it is in. */
static bool take_head(struct ldap_long *l, struct bytes *data)
{
    struct cursor c;
    uint8_t tag;
    size_t len;
    enum ber_result r;

    if (l->head_len == HEAD_MAX)
        return false;
    l->head[l->head_len++] = data->p[0];
    consume(l, data, 1);
    c = cursor_over(bytes_of(l->head, l->head_len));
    r = ber_head(&c, &tag, &len);
    if (r == BER_SHORT)
        return l->n_open == 0 || innermost(l)->left > 0;
    if (r == BER_BAD || (l->n_open && len > innermost(l)->left))
        return false;
    l->head_len = 0;
    begin_element(l, tag, len);
    return true;
}

enum ldap_long_state ldap_long_take(struct ldap_long *l, struct bytes *data)
{
    while (data->len && !(l->begun && l->n_open == 0)) {
        if (l->in_value)
            take_value(l, data);
        else if (!take_head(l, data))
            return LDAP_LONG_BAD;
    }
    return l->begun && l->n_open == 0 ? LDAP_LONG_OVER : LDAP_LONG_MORE;
}

struct bytes ldap_long_message(struct ldap_long *l)
{
    l->lacks |= l->n_open > 0 || l->head_len > 0;
    while (l->n_open)
        close_innermost(l);
    return buf_bytes(&l->out);
}
