/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/javaser.h"

#include "base/cursor.h"
#include "inspect/javaser_gadget.h"

/* What callers make of a walk (javaser.c): lists, attributes, the primitive data in front. */

enum { TC_BLOCKDATA = 0x77, TC_RESET = 0x79, TC_BLOCKDATALONG = 0x7a };

static unsigned copy_list(const struct bytes *from, unsigned n, struct bytes *to, unsigned max)
{
    if (n > max)
        n = max;
    for (unsigned i = 0; i < n; i++)
        to[i] = from[i];
    return n;
}

unsigned javaser_classes(struct bytes stream, struct bytes *names, unsigned max)
{
    struct javaser j;

    javaser_read(stream, UINT32_MAX, &j);
    return copy_list(j.classes, j.n_classes, names, max);
}

unsigned javaser_strings(struct bytes stream, struct bytes *texts, unsigned max)
{
    struct javaser j;

    javaser_read(stream, UINT32_MAX, &j);
    return copy_list(j.strings, j.n_strings, texts, max);
}

size_t javaser_block_data(struct bytes stream, uint8_t *out, size_t want)
{
    struct cursor c = cursor_over(stream);
    size_t n = 0;

    if (cursor_u32be(&c) != 0xaced0005)
        return 0;
    while (n < want && cursor_left(&c)) {
        uint8_t tag = cursor_u8(&c);
        struct bytes block;
        size_t len;

        if (tag == TC_RESET) /* may stand between blocks, and before the first */
            continue;
        if (tag != TC_BLOCKDATA && tag != TC_BLOCKDATALONG)
            break;
        len = tag == TC_BLOCKDATA ? cursor_u8(&c) : cursor_u32be(&c);
        if (!cursor_ok(&c))
            break;
        block = cursor_take(&c, len < cursor_left(&c) ? len : cursor_left(&c));
        if (block.len > want - n)
            block.len = want - n;
        if (block.len)
            memcpy(out + n, block.p, block.len);
        n += block.len;
    }
    return n;
}

bool javaser_names(const struct javaser *j, const char *class_name)
{
    for (unsigned i = 0; i < j->n_classes; i++)
        if (bytes_eq(j->classes[i], bytes_str(class_name)))
            return true;
    return false;
}

static void add_urls(struct attrs *a, struct bytes urls)
{
    /* RMI separates the URLs of a codebase by blanks. Nobody writes more than a few. */
    for (unsigned n = 0; n < 16 && (urls = bytes_trim(urls)).len; n++) {
        size_t blank = bytes_find_byte(urls, ' ');
        struct bytes url = bytes_slice(urls, 0, blank == BYTES_NONE ? urls.len : blank);

        attrs_add_once(a, ATTR_JAVA_CODEBASE, url);
        urls = bytes_from(urls, url.len);
    }
}

/* What the stream is there for, before the long list of what it is made of. */
static void add_purpose(const struct javaser *j, struct attrs *a)
{
    const char *gadgets[JAVASER_GADGETS];
    unsigned n = javaser_gadgets(j->kinds, j->n_classes, gadgets);

    for (unsigned i = 0; i < n; i++)
        attrs_add_once(a, ATTR_JAVA_GADGET, bytes_str(gadgets[i]));
    for (unsigned i = 0; i < j->n_commands; i++)
        attrs_add_once(a, ATTR_JAVA_COMMAND, j->commands[i]);
    for (unsigned i = 0; i < j->n_nested; i++) {
        attrs_add_once(a, ATTR_JAVA_NESTED, j->nested[i].name);
        java_class_add_attrs(&j->nested[i], a);
    }
}

void javaser_add_attrs(const struct javaser *j, struct attrs *a)
{
    if (j->reference.factory.p)
        attrs_add(a, ATTR_JAVA_FACTORY, j->reference.factory);
    if (j->reference.location.p)
        add_urls(a, j->reference.location);
    for (unsigned i = 0; i < j->n_codebases; i++)
        add_urls(a, j->codebases[i]);
    add_purpose(j, a);
    if (j->reference.class_name.p)
        attrs_add_once(a, ATTR_JAVA_CLASS, j->reference.class_name);
    for (unsigned i = 0; i < j->n_classes; i++) {
        struct bytes name = j->classes[i];

        while (name.len && name.p[0] == '[')
            name = bytes_from(name, 1);
        if (name.p != j->classes[i].p) {
            if (name.len < 3 || name.p[0] != 'L')
                continue; /* an array of primitives */
            name = bytes_slice(name, 1, name.len - 1);
        }
        attrs_add_once(a, ATTR_JAVA_CLASS, name);
    }
    if (j->remote[0])
        attrs_add_once(a, ATTR_JAVA_HOST, bytes_str(j->remote));
    if (j->stream.p)
        attrs_add(a, ATTR_JAVA_SERIALIZED, j->stream);
}
