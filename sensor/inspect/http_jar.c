/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_jar.h"

#include "base/cursor.h"

static const struct bytes entry_magic = {(const uint8_t *)"PK\3\4", 4};

#define CLASSES_MAX 32 /* names that are told */

bool jar_starts(struct bytes head)
{
    return bytes_starts(head, entry_magic) || bytes_starts(entry_magic, head);
}

static uint16_t cursor_u16le(struct cursor *c)
{
    uint8_t low = cursor_u8(c);

    return (uint16_t)(low | cursor_u8(c) << 8);
}

/* The name of the next entry, and where to look for the one behind it. Sizes are mostly not in front (bit 3
 * of the flags, as the JDK's own tool sets it), so the next magic is looked for; in packed data it occurs by
 * chance once in 4 GB, and then it has no name that matters.
 *
 *  PK 03 04 | version(2) flags(2) method(2) time(2) date(2) crc(4) packed(4) size(4) name_len(2) extra_len(2)
 * | name */
static bool next_entry(struct bytes *rest, struct bytes *name)
{
    size_t at = bytes_find(*rest, entry_magic);
    struct cursor c;
    uint16_t len;

    if (at == BYTES_NONE)
        return false;
    c = cursor_over(bytes_from(*rest, at));
    cursor_skip(&c, 26);
    len = cursor_u16le(&c);
    cursor_skip(&c, 2);
    *name = cursor_take(&c, len);
    *rest = bytes_from(*rest, at + entry_magic.len);
    return cursor_ok(&c);
}

static bool is_class(struct bytes name)
{
    return name.len > 6 && bytes_ends(name, BYTES_LIT(".class"));
}

bool jar_is(struct bytes head)
{
    struct bytes name;

    while (next_entry(&head, &name))
        if (is_class(name) || bytes_starts(name, BYTES_LIT("META-INF/")))
            return true;
    return false;
}

void jar_add_attrs(struct bytes head, struct attrs *a)
{
    struct bytes name;

    for (unsigned n = 0; n < CLASSES_MAX && next_entry(&head, &name);)
        if (is_class(name)) {
            attrs_add(a, ATTR_JAVA_CLASS, bytes_slice(name, 0, name.len - 6));
            n++;
        }
}
