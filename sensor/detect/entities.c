/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/entities.h"

#define ENTITIES_MAX 64
#define DEPTH_MAX    8
#define GROWTH_MAX   16

struct entity {
    struct bytes name, value;
};

struct expansion {
    struct entity known[ENTITIES_MAX];
    unsigned n;
    size_t references, room; /* that may still be followed; bytes that may still come out */
    struct buf *out;
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct bytes skip_blanks(struct bytes b)
{
    while (b.len && is_blank(b.p[0]))
        b = bytes_from(b, 1);
    return b;
}

/* What stands behind "<!ENTITY": a name and a quoted value. A parameter entity, or one that lies elsewhere,
 * has no quote there. Returns where to go on. */
static struct bytes declare(struct expansion *x, struct bytes rest)
{
    struct entity e;
    size_t n = 0;

    rest = skip_blanks(rest);
    while (n < rest.len && !is_blank(rest.p[n]) && rest.p[n] != '>')
        n++;
    e.name = bytes_slice(rest, 0, n);
    rest = skip_blanks(bytes_from(rest, n));
    if (e.name.len == 0 || rest.len == 0 || (rest.p[0] != '"' && rest.p[0] != '\''))
        return rest;
    n = bytes_find_byte(bytes_from(rest, 1), rest.p[0]);
    if (n == BYTES_NONE)
        return rest;
    e.value = bytes_slice(rest, 1, n + 1);
    if (x->n < ENTITIES_MAX)
        x->known[x->n++] = e;
    return bytes_from(rest, n + 2);
}

/* The first declaration of a name counts. */
static const struct entity *entity_of(const struct expansion *x, struct bytes name)
{
    for (unsigned i = 0; i < x->n; i++)
        if (bytes_eq(x->known[i].name, name))
            return &x->known[i];
    return NULL;
}

static void put(struct expansion *x, struct bytes text)
{
    text = bytes_slice(text, 0, x->room);
    if (buf_add(x->out, text))
        x->room -= text.len;
    else
        x->room = 0;
}

static void expand(struct expansion *x, struct bytes text, unsigned depth)
{
    while (text.len && x->room) {
        size_t at = bytes_find_byte(text, '&'), n;
        const struct entity *e = NULL;

        put(x, bytes_slice(text, 0, at == BYTES_NONE ? text.len : at));
        if (at == BYTES_NONE)
            return;
        text = bytes_from(text, at);
        n = bytes_find_byte(bytes_slice(text, 0, 128), ';');
        if (n != BYTES_NONE && depth < DEPTH_MAX && x->references) {
            x->references--;
            e = entity_of(x, bytes_slice(text, 1, n));
        }
        if (e)
            expand(x, e->value, depth + 1);
        else
            put(x, bytes_slice(text, 0, 1));
        text = bytes_from(text, e ? n + 1 : 1);
    }
}

void entities_expand(struct bytes in, struct buf *out)
{
    struct expansion x = {.references = in.len, .room = GROWTH_MAX * in.len, .out = out};
    struct bytes rest = in;
    size_t at;

    while ((at = bytes_find(rest, BYTES_LIT("<!ENTITY"))) != BYTES_NONE)
        rest = declare(&x, bytes_from(rest, at + 8));
    at = bytes_find(rest, BYTES_LIT("]"));
    if (x.n)
        expand(&x, bytes_from(rest, at == BYTES_NONE ? 0 : at + 1), 0);
}
