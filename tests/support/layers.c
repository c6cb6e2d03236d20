/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/layers.h"

#include <pcap/dlt.h>

static size_t begins[64];

size_t layers_at(unsigned n)
{
    return begins[n];
}

int layers_link(const char *word)
{
    return *word == 'E' ? DLT_EN10MB : *word == '4' ? DLT_IPV4 : DLT_IPV6;
}

static uint16_t ether_type(char next)
{
    switch (next) {
    case '4':
        return 0x0800;
    case '6':
        return 0x86dd;
    case 'V':
        return 0x8100;
    case 'M':
        return 0x8847;
    case 'P':
        return 0x8864;
    case 'E':
        return 0x6558;
    default:
        fail_msg("nothing carries '%c'", next);
        return 0;
    }
}

static uint8_t protocol(char next)
{
    if (strchr("GK123S", next))
        return 47;
    if (strchr("XxNUuZD", next))
        return PROTO_UDP;
    switch (next) {
    case '4':
        return 4;
    case '6':
        return 41;
    case 'M':
        return 137;
    default:
        return PROTO_TCP;
    }
}

static void gre(struct craft *w, char c, char next)
{
    switch (c) {
    case 'G':
        craft_put(w, ether_type(next), 4);
        break;
    case 'K':
        craft_put(w, 0xb0000000u | ether_type(next), 4);
        craft_put(w, 0, 4); /* checksum: filled in at the end */
        craft_put(w, 0x00001234, 4);
        craft_put(w, 1, 4);
        break;
    case '1':
        craft_put(w, 0x000088be, 4);
        break;
    case '2':
        craft_put(w, 0x100088be, 4);
        craft_put(w, 1, 4);
        craft_put(w, 0x1005000100000007, 8);
        break;
    default:
        craft_put(w, 0x100022eb, 4);
        craft_put(w, 1, 4);
        craft_put(w, 0x2005000100000007, 8);
        craft_put(w, c == 'S' ? 0x00000001 : 0, 4);
        if (c == 'S')
            craft_put(w, 0, 8);
    }
}

static void udp(struct craft *w, uint16_t port)
{
    craft_put(w, 50000, 2);
    craft_put(w, port, 2);
    craft_put(w, 0, 4);
}

static void udp_tunnel(struct craft *w, char c, char next)
{
    switch (c) {
    case 'X':
        udp(w, 4789);
        craft_put(w, 0x0800000000007700, 8);
        break;
    case 'x':
        udp(w, 8472);
        craft_put(w, next == 'E' ? 0x0c000003 : next == '4' ? 0x0c000001 : 0x0c000002, 4);
        craft_put(w, 0x00007700, 4);
        break;
    case 'N':
        udp(w, 6081);
        craft_put(w, 0x0200, 2);
        craft_put(w, ether_type(next), 2);
        craft_put(w, 0x00007700, 4);
        craft_put(w, 0x0102800100000000, 8);
        break;
    case 'U':
        udp(w, 2152);
        craft_put(w, 0x30ff0000, 4);
        craft_put(w, 7, 4);
        break;
    case 'u':
        udp(w, 2152);
        craft_put(w, 0x36ff0000, 4);
        craft_put(w, 7, 4);
        craft_put(w, 0x00010085, 4);
        craft_put(w, 0x01aabbc0, 4);
        craft_put(w, 0x0200000000000000, 8);
        break;
    default:
        udp(w, 37008);
        craft_put(w, 0x01000001, 4);
        craft_put(w, 0x000a01c8, 4);
        craft_put(w, 0x01, 1);
    }
}

static void one_layer(struct craft *w, char c, char next)
{
    switch (c) {
    case 'E':
        craft_put(w, 0x0200000000010200, 8);
        craft_put(w, 2, 4);
        craft_put(w, ether_type(next), 2);
        break;
    case 'V':
        craft_put(w, 0x0123, 2);
        craft_put(w, ether_type(next), 2);
        break;
    case 'M':
        craft_put(w, 0x000640ff | (next == 'M' ? 0 : 0x100), 4);
        break;
    case 'W':
        craft_put(w, 0, 4);
        break;
    case 'P':
        craft_put(w, 0x110000010000, 6);
        craft_put(w, next == '4' ? 0x0021 : 0x0057, 2);
        break;
    case '4':
        craft_ipv4(w, protocol(next), 0, 0);
        break;
    case '6':
        craft_ipv6(w, protocol(next), 0);
        break;
    case 'T':
        craft_tcp(w, 5, TH_FLAG_ACK | TH_FLAG_PSH);
        craft_text(w, REQUEST);
        break;
    case 'D':
        craft_udp(w, 0);
        craft_text(w, "query");
        break;
    default:
        if (strchr("GK123S", c))
            gre(w, c, next);
        else
            udp_tunnel(w, c, next);
    }
}

/* RFC 1071, of p[from, end). */
static uint32_t sum_of(const struct craft *w, size_t from)
{
    uint64_t sum = 0;

    for (size_t i = from; i < w->len; i++)
        sum += (uint64_t)w->p[i] << ((i - from) % 2 ? 0 : 8);
    return (uint16_t) ~(sum % 0xffff);
}

/* From the inside out: what a length or a sum covers is done before it. */
static void finish(struct craft *w, const char *word)
{
    bool innermost = true;

    for (size_t i = strlen(word); i-- > 0;) {
        uint32_t len = (uint32_t)(w->len - begins[i]);

        if (word[i] == '4') {
            craft_set16(w, begins[i] + 2, len);
            if (!innermost)
                w->p[begins[i] + 15] = w->p[begins[i] + 19] = 77;
        } else if (word[i] == '6') {
            craft_set16(w, begins[i] + 4, len - 40);
            if (!innermost)
                w->p[begins[i] + 23] = w->p[begins[i] + 39] = 77;
        } else if (word[i] == 'P') {
            craft_set16(w, begins[i] + 4, len - 6);
        } else if (strchr("XxNUuZD", word[i])) {
            craft_set16(w, begins[i] + 4, len);
            if (strchr("Uu", word[i]))
                craft_set16(w, begins[i] + 8 + 2, len - 16);
        } else if (word[i] == 'K') {
            craft_set16(w, begins[i] + 4, sum_of(w, begins[i]));
        }
        if (strchr("46", word[i]))
            innermost = false;
    }
}

void layers_craft(struct craft *w, const char *word)
{
    w->len = 0;
    for (unsigned i = 0; word[i]; i++) {
        begins[i] = w->len;
        one_layer(w, word[i], word[i + 1]);
    }
    finish(w, word);
}
