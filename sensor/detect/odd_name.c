/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/odd_name.h"

static bool is_ordinary(uint8_t c)
{
    return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' ||
           c == '.' || c == '_' || c == '*' || c >= 0x80;
}

static struct bytes label_at(struct bytes name, size_t from)
{
    struct bytes rest = bytes_from(name, from);

    return bytes_slice(rest, 0, bytes_find_byte(rest, '.'));
}

/* Offset of "_service._tcp", or 0 when no instance stands before one. An instance may have dots of its own.
 * The last one counts: "a._x._tcp.${...}._y._udp" is one instance name. */
static size_t instance_end(struct bytes name)
{
    size_t found = 0, from = 0, previous = 0;

    while (from < name.len) {
        struct bytes label = label_at(name, from);

        if (from > 0 && previous > 0 && name.p[previous] == '_' &&
            (bytes_eq_nocase(label, BYTES_LIT("_tcp")) || bytes_eq_nocase(label, BYTES_LIT("_udp"))))
            found = previous;
        previous = from;
        from += label.len + 1;
    }
    return found;
}

/* What an instance name has from people is text: a blank, quotes, brackets. An expression is not from them.
 */
static size_t judged_from(struct bytes name)
{
    size_t end = instance_end(name);

    return bytes_find(bytes_slice(name, 0, end), BYTES_LIT("${")) == BYTES_NONE ? end : 0;
}

size_t odd_name(struct bytes name, uint8_t out[ODD_NAME_MAX])
{
    bool reverse = bytes_ends(name, BYTES_LIT(".in-addr.arpa"));
    size_t n = 0;

    for (size_t i = judged_from(name); i < name.len; i++) {
        uint8_t c = name.p[i];

        if (is_ordinary(c) || (c == '/' && reverse) || (n && memchr(out, c, n)))
            continue;
        out[n++] = c;
        if (n == ODD_NAME_MAX)
            break;
    }
    return n;
}
