/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_transform.h"
#include "base/count.h"

/* Each writes what it makes of in to out, which has room for one byte more than in has, and gives its length.
 */

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t dotprefix(struct bytes in, uint8_t *out)
{
    out[0] = '.';
    if (in.len)
        memcpy(out + 1, in.p, in.len);
    return in.len + 1;
}

static size_t to_lowercase(struct bytes in, uint8_t *out)
{
    for (size_t i = 0; i < in.len; i++)
        out[i] = ascii_lower(in.p[i]);
    return in.len;
}

static size_t to_uppercase(struct bytes in, uint8_t *out)
{
    for (size_t i = 0; i < in.len; i++)
        out[i] = in.p[i] >= 'a' && in.p[i] <= 'z' ? (uint8_t)(in.p[i] - 'a' + 'A') : in.p[i];
    return in.len;
}

/* Names, which end at a colon; values, which end with their line, keep their case. */
static size_t header_lowercase(struct bytes in, uint8_t *out)
{
    bool name = true;

    for (size_t i = 0; i < in.len; i++) {
        out[i] = name ? ascii_lower(in.p[i]) : in.p[i];
        if (in.p[i] == ':' || in.p[i] == '\n')
            name = in.p[i] == '\n';
    }
    return in.len;
}

static size_t url_decode(struct bytes in, uint8_t *out)
{
    size_t n = 0;

    for (size_t i = 0; i < in.len; i++) {
        uint8_t c = in.p[i];

        if (c == '+') {
            c = ' ';
        } else if (c == '%' && in.len - i > 2) {
            int high = hex_value(in.p[i + 1]), low = hex_value(in.p[i + 2]);

            /* What is no pair of digits stays, %u too. */
            if (high >= 0 && low >= 0) {
                c = (uint8_t)(high << 4 | low);
                i += 2;
            }
        }
        out[n++] = c;
    }
    return n;
}

/* kept: how many blanks of a row stay, the first ones. */
static size_t blanks(struct bytes in, uint8_t *out, unsigned kept)
{
    unsigned row = 0;
    size_t n = 0;

    for (size_t i = 0; i < in.len; i++) {
        row = is_space(in.p[i]) ? row + 1 : 0;
        if (row <= kept)
            out[n++] = in.p[i];
    }
    return n;
}

/* HTTP/2's lines that begin with a colon go. */
static size_t strip_pseudo_headers(struct bytes in, uint8_t *out)
{
    bool begin = true, pseudo = false;
    size_t n = 0;

    for (size_t i = 0; i < in.len; i++) {
        if (begin)
            pseudo = in.p[i] == ':';
        begin = in.p[i] == '\n';
        if (!pseudo)
            out[n++] = in.p[i];
    }
    return n;
}

static size_t unmask(struct bytes in, uint8_t *out, struct bytes key)
{
    for (size_t i = 0; i < in.len; i++)
        out[i] = in.p[i] ^ key.p[i % key.len];
    return in.len;
}

static struct bytes transform(const struct rule_transform *t, struct bytes in, uint8_t *out,
                              struct pcre_scratch *pcre)
{
    struct bytes group;
    size_t n = 0;

    switch (t->kind) {
    case TRANSFORM_DOTPREFIX:
        n = dotprefix(in, out);
        break;
    case TRANSFORM_TO_LOWERCASE:
        n = to_lowercase(in, out);
        break;
    case TRANSFORM_TO_UPPERCASE:
        n = to_uppercase(in, out);
        break;
    case TRANSFORM_HEADER_LOWERCASE:
        n = header_lowercase(in, out);
        break;
    case TRANSFORM_URL_DECODE:
        n = url_decode(in, out);
        break;
    case TRANSFORM_STRIP_WHITESPACE:
        n = blanks(in, out, 0);
        break;
    case TRANSFORM_COMPRESS_WHITESPACE:
        n = blanks(in, out, 1);
        break;
    case TRANSFORM_STRIP_PSEUDO_HEADERS:
        n = strip_pseudo_headers(in, out);
        break;
    case TRANSFORM_XOR:
        n = unmask(in, out, t->key);
        break;
    case TRANSFORM_PCREXFORM:
        /* Without a match the value stays as it is. */
        return rule_pcre_captured(t->pcre, pcre, in, &group) ? group : in;
    }
    return bytes_of(out, n);
}

struct bytes rule_transform_all(const struct rule_transform *t, unsigned n, struct bytes value,
                                struct transform_room *room, struct pcre_scratch *pcre)
{
    for (unsigned i = 0; i < n; i++) {
        uint8_t *out =
            room->bytes[value.p >= room->bytes[0] && value.p <= room->bytes[0] + TRANSFORM_BYTES_MAX];

        if (value.len > TRANSFORM_BYTES_MAX) {
            count(COUNT_DETECT_SCAN_FAILED);
            value.len = TRANSFORM_BYTES_MAX;
        }
        value = transform(&t[i], value, out, pcre);
    }
    return value;
}

bool rule_transforms_same(const struct rule_transform *a, unsigned n_a, const struct rule_transform *b,
                          unsigned n_b)
{
    if (n_a != n_b)
        return false;
    for (unsigned i = 0; i < n_a; i++)
        if (a[i].kind != b[i].kind || a[i].pcre != b[i].pcre || !bytes_eq(a[i].key, b[i].key))
            return false;
    return true;
}
