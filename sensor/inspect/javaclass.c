/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/javaclass.h"

#define MAGIC     0xcafebabeu
#define MAJOR_MIN 45
#define MAJOR_MAX 80

/* Bytes behind the tag; 0 = no such tag, or a length of its own (Utf8). */
static const uint8_t tag_sizes[21] = {
    [3] = 4,  /* Integer */
    [4] = 4,  /* Float */
    [5] = 8,  /* Long */
    [6] = 8,  /* Double */
    [7] = 2,  /* Class */
    [8] = 2,  /* String */
    [9] = 4,  /* Fieldref */
    [10] = 4, /* Methodref */
    [11] = 4, /* InterfaceMethodref */
    [12] = 4, /* NameAndType */
    [15] = 3, /* MethodHandle */
    [16] = 2, /* MethodType */
    [17] = 4, /* Dynamic */
    [18] = 4, /* InvokeDynamic */
    [19] = 2, /* Module */
    [20] = 2, /* Package */
};

bool java_class_starts(struct bytes head)
{
    static const uint8_t magic[] = {0xca, 0xfe, 0xba, 0xbe};
    struct cursor c = cursor_over(head);
    size_t n = head.len < sizeof magic ? head.len : sizeof magic;

    if (!bytes_eq(bytes_slice(head, 0, n), bytes_of(magic, n)))
        return false;
    cursor_skip(&c, 6); /* magic, minor_version */
    uint16_t major = cursor_u16be(&c);

    return c.state == CURSOR_SHORT || (major >= MAJOR_MIN && major <= MAJOR_MAX);
}

struct java_constant java_constant_read(struct cursor *c)
{
    struct java_constant k = {.tag = cursor_u8(c)};
    size_t size = k.tag < sizeof tag_sizes ? tag_sizes[k.tag] : 0;

    if (k.tag == JAVA_TAG_UTF8)
        size = cursor_u16be(c);
    else if (size == 0)
        k.tag = 0;
    k.data = cursor_take(c, size);
    return k;
}

/* Steps over constants until number wanted has been read; with wanted == n, over all of them. Indices begin
 * at 1, and Long and Double take two (JVMS 4.4.5). */
static enum java_class pool_walk(struct cursor *c, unsigned n, unsigned wanted, struct java_constant *found)
{
    for (unsigned i = 1; i < n; i++) {
        *found = java_constant_read(c);
        if (!cursor_ok(c))
            return JAVA_CLASS_MORE;
        if (found->tag == 0)
            return JAVA_CLASS_NO;
        if (i == wanted)
            return JAVA_CLASS_NAMED;
        if (found->tag == JAVA_TAG_LONG || found->tag == JAVA_TAG_DOUBLE)
            i++;
    }
    return wanted >= n ? JAVA_CLASS_NAMED : JAVA_CLASS_NO;
}

static enum java_class pool_get(struct cursor pool, unsigned n, unsigned index, uint8_t tag,
                                struct java_constant *k)
{
    enum java_class got = index > 0 && index < n ? pool_walk(&pool, n, index, k) : JAVA_CLASS_NO;

    return got == JAVA_CLASS_NAMED && k->tag != tag ? JAVA_CLASS_NO : got;
}

/*  u4 magic | u2 minor | u2 major | u2 constant_pool_count | constant_pool[] | u2 access_flags | u2
 * this_class ... */
enum java_class java_class_name(struct bytes head, struct bytes *name)
{
    struct cursor c = cursor_over(head), pool;
    struct java_constant k = {0};
    enum java_class got;
    unsigned n, this_class;

    *name = (struct bytes){NULL, 0};
    if (!java_class_starts(head))
        return JAVA_CLASS_NO;
    cursor_skip(&c, JAVA_CLASS_START);
    n = cursor_u16be(&c);
    if (!cursor_ok(&c))
        return JAVA_CLASS_MORE;
    pool = c;
    got = pool_walk(&c, n, n, &k);
    if (got != JAVA_CLASS_NAMED)
        return got;
    cursor_skip(&c, 2); /* access_flags */
    this_class = cursor_u16be(&c);
    if (!cursor_ok(&c))
        return JAVA_CLASS_MORE;
    got = pool_get(pool, n, this_class, JAVA_TAG_CLASS, &k);
    if (got != JAVA_CLASS_NAMED)
        return got;
    c = cursor_over(k.data);
    got = pool_get(pool, n, cursor_u16be(&c), JAVA_TAG_UTF8, &k);
    if (got == JAVA_CLASS_NAMED)
        *name = k.data;
    return got;
}
