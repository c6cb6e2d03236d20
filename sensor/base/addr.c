/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>

struct addr addr_v4(const uint8_t b[4])
{
    struct addr a = {.version = 4};

    memcpy(a.b, b, 4);
    return a;
}

struct addr addr_v6(const uint8_t b[16])
{
    struct addr a = {.version = 6};

    memcpy(a.b, b, 16);
    return a;
}

bool addr_eq(const struct addr *a, const struct addr *b)
{
    return a->version == b->version && memcmp(a->b, b->b, sizeof a->b) == 0;
}

size_t addr_len(const struct addr *a)
{
    return a->version == 4 ? 4 : a->version == 6 ? 16 : 0;
}

void addr_print(const struct addr *a, char out[ADDR_TEXT])
{
    const uint8_t *b = a->b;

    if (a->version == 4)
        snprintf(out, ADDR_TEXT, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
    else if (a->version == 6)
        snprintf(out, ADDR_TEXT, "%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x",
                 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
                 b[14], b[15]);
    else
        out[0] = 0;
}

bool addr_parse(struct bytes text, struct addr *out)
{
    char s[ADDR_TEXT];
    uint8_t b[16];

    if (text.len == 0 || text.len >= sizeof s || bytes_find_byte(text, 0) != BYTES_NONE)
        return false;
    memcpy(s, text.p, text.len);
    s[text.len] = 0;
    if (inet_pton(AF_INET, s, b) == 1)
        *out = addr_v4(b);
    else if (inet_pton(AF_INET6, s, b) == 1)
        *out = addr_v6(b);
    else
        return false;
    return true;
}

static void clear_host_bits(struct net *n)
{
    for (unsigned bit = n->prefix_bits; bit < 128; bit++)
        n->addr.b[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

bool net_parse(struct bytes text, struct net *out)
{
    size_t slash = bytes_find_byte(text, '/');
    uint64_t bits = 0;

    if (!addr_parse(bytes_slice(text, 0, slash), &out->addr))
        return false;
    if (slash == BYTES_NONE)
        bits = 8 * addr_len(&out->addr);
    else if (!bytes_to_u64(bytes_from(text, slash + 1), 8 * addr_len(&out->addr), &bits))
        return false;
    out->prefix_bits = (uint8_t)bits;
    clear_host_bits(out);
    return true;
}

bool net_has(const struct net *n, const struct addr *a)
{
    unsigned whole = n->prefix_bits / 8, rest = n->prefix_bits % 8;

    if (a->version != n->addr.version || memcmp(a->b, n->addr.b, whole) != 0)
        return false;
    return rest == 0 || (a->b[whole] ^ n->addr.b[whole]) >> (8 - rest) == 0;
}
