/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/community_id.h"
#include "base/base64.h"

#include <assert.h>
#include <sha1.h>

/*  seed(2) | lower address(4|16) | higher address(4|16) | protocol(1) | 0 | its port(2) | its port(2)   all
 * big-endian "1:" base64(SHA1(...)); lower and higher compare addresses as bytes, then ports. */
#define TUPLE_MAX (2 + 2 * 16 + 2 + 2 * 2)

static unsigned lower_end(const struct addr addr[2], const uint16_t port[2])
{
    int order = memcmp(addr[0].b, addr[1].b, addr_len(&addr[0]));

    if (order == 0)
        return port[0] <= port[1] ? 0 : 1;
    return order < 0 ? 0 : 1;
}

static uint8_t *put_u16be(uint8_t *p, uint16_t v)
{
    *p++ = (uint8_t)(v >> 8);
    *p++ = (uint8_t)v;
    return p;
}

static uint8_t *put_addr(uint8_t *p, const struct addr *a)
{
    memcpy(p, a->b, addr_len(a));
    return p + addr_len(a);
}

void community_id_print(const struct addr addr[2], const uint16_t port[2], uint8_t proto, uint16_t seed,
                        char out[COMMUNITY_ID_TEXT])
{
    unsigned low = lower_end(addr, port), high = 1 - low;
    uint8_t tuple[TUPLE_MAX], *p = tuple, digest[SHA1_DIGEST_LENGTH];
    struct buf text = buf_within(COMMUNITY_ID_TEXT);
    SHA1_CTX sha;

    assert(addr[0].version == addr[1].version);
    p = put_u16be(p, seed);
    p = put_addr(p, &addr[low]);
    p = put_addr(p, &addr[high]);
    *p++ = proto;
    *p++ = 0;
    p = put_u16be(p, port[low]);
    p = put_u16be(p, port[high]);
    SHA1Init(&sha);
    SHA1Update(&sha, tuple, (size_t)(p - tuple));
    SHA1Final(digest, &sha);

    memcpy(out, "1:", 3);
    if (base64_encode(&text, bytes_of(digest, sizeof digest)) && text.len < COMMUNITY_ID_TEXT - 2) {
        memcpy(out + 2, text.p, text.len);
        out[2 + text.len] = 0;
    }
    buf_drop(&text);
}
