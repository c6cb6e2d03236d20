/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/encode.h"

uint32_t chance_below(struct chance *c, uint32_t n)
{
    c->state = c->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((c->state >> 33) % n);
}

/* Digits in either case. */
static void put_hex(struct chance *c, struct buf *out, unsigned value, unsigned n_digits)
{
    while (n_digits--) {
        unsigned digit = value >> 4 * n_digits & 15;

        buf_add_byte(out,
                     (uint8_t)(digit < 10 ? '0' + digit : (chance_below(c, 2) ? 'a' : 'A') + digit - 10));
    }
}

static void put_url(struct chance *c, struct buf *out, uint8_t ch)
{
    if (chance_below(c, 8) == 0) {
        buf_add_str(out, chance_below(c, 2) ? "%u" : "%U");
        put_hex(c, out, ch, 4);
        return;
    }
    buf_add_byte(out, '%');
    put_hex(c, out, ch, 2);
}

static void put_json(struct chance *c, struct buf *out, uint8_t ch)
{
    if (ch == '/' && chance_below(c, 2)) {
        buf_add_str(out, "\\/");
        return;
    }
    buf_add_str(out, "\\u");
    put_hex(c, out, ch, 4);
}

/* next: an octal escape of fewer than three digits ends at the next character, if that is no digit. */
static void put_escape(struct chance *c, struct buf *out, uint8_t ch, uint8_t next)
{
    switch (chance_below(c, 4)) {
    case 0:
        buf_add_str(out, chance_below(c, 4) ? "\\u" : "\\uu");
        put_hex(c, out, ch, 4);
        break;
    case 1:
        buf_add_str(out, "\\\\u");
        put_hex(c, out, ch, 4);
        break;
    case 2:
        buf_add_str(out, "\\x");
        put_hex(c, out, ch, 2);
        break;
    default:
        buf_addf(out,
                 ch >= 010 && ch < 0100 && (next < '0' || next > '7') && chance_below(c, 2) ? "\\%o"
                                                                                            : "\\%03o",
                 ch);
    }
}

static void put_entity(struct chance *c, struct buf *out, uint8_t ch, uint8_t next)
{
    static const struct {
        uint8_t ch;
        const char *names[3];
    } named[] = {{'$', {"dollar"}},
                 {'{', {"lbrace", "lcub"}},
                 {'}', {"rbrace", "rcub"}},
                 {':', {"colon"}},
                 {'/', {"sol"}},
                 {'.', {"period"}},
                 {'-', {NULL}},
                 {'_', {"lowbar", "UnderBar"}}};
    bool closed = hex_value(next) >= 0 || next == ';' || chance_below(c, 4);

    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (named[i].ch == ch && named[i].names[0] && chance_below(c, 2)) {
            buf_addf(out, "&%s;", named[i].names[named[i].names[1] && chance_below(c, 2)]);
            return;
        }
    if (chance_below(c, 2)) {
        buf_addf(out, chance_below(c, 2) ? "&#%u" : "&#%05u", ch);
    } else {
        buf_add_str(out, chance_below(c, 2) ? "&#x" : "&#X");
        if (chance_below(c, 2))
            buf_add_str(out, "000");
        put_hex(c, out, ch, 2);
    }
    if (closed)
        buf_add_byte(out, ';');
}

static void put_variant(struct chance *c, struct buf *out, uint8_t ch)
{
    switch (ch > ' ' && ch < 0x7f ? chance_below(c, 3) : chance_below(c, 2)) {
    case 0: /* two bytes where one would do */
        buf_add_byte(out, (uint8_t)(0xc0 | ch >> 6));
        break;
    case 1: /* three */
        buf_add_byte(out, 0xe0);
        buf_add_byte(out, (uint8_t)(0x80 | ch >> 6));
        break;
    default: /* fullwidth */
        buf_add_byte(out, 0xef);
        buf_add_byte(out, (uint8_t)(0xbc + (ch >= 0x60)));
        buf_add_byte(out, (uint8_t)(0x80 | ((ch - 0x20) & 0x3f)));
        return;
    }
    buf_add_byte(out, (uint8_t)(0x80 | (ch & 0x3f)));
}

static const char base64_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put_base64(struct buf *out, struct bytes in, bool url, bool padded)
{
    for (size_t i = 0; i < in.len; i += 3) {
        size_t n = in.len - i < 3 ? in.len - i : 3;
        uint32_t v =
            (uint32_t)in.p[i] << 16 | (n > 1 ? (uint32_t)in.p[i + 1] << 8 : 0) | (n > 2 ? in.p[i + 2] : 0u);

        for (unsigned k = 0; k < 4; k++) {
            char letter = base64_letters[v >> (18 - 6 * k) & 63];

            if (url && (letter == '+' || letter == '/'))
                letter = letter == '+' ? '-' : '_';
            if (k <= n)
                buf_add_byte(out, (uint8_t)letter);
            else if (padded)
                buf_add_byte(out, '=');
        }
    }
}

static void put_wide(struct buf *out, struct bytes in, bool big)
{
    for (size_t i = 0; i < in.len; i++) {
        buf_add_byte(out, big ? 0 : in.p[i]);
        buf_add_byte(out, big ? in.p[i] : 0);
    }
}

/* A run of characters, shifted together; next would be read on when it is a base64 letter. */
static void put_shifted(struct chance *c, struct buf *out, struct bytes run, uint8_t next)
{
    struct buf wide = buf_within(1 << 16), letters = buf_within(1 << 17);
    bool must_close = next == '-' || (next && strchr(base64_letters, next));

    put_wide(&wide, run, true);
    put_base64(&letters, buf_bytes(&wide), false, false);
    buf_addf(out, "+%.*s%s", (int)letters.len, (const char *)letters.p,
             must_close || chance_below(c, 2) ? "-" : "");
    buf_drop(&wide);
    buf_drop(&letters);
}

static bool is_chosen(struct chance *c, uint8_t ch, unsigned percent, const char *must)
{
    return ch && ch < 0x80 && ((must && strchr(must, ch)) || chance_below(c, 100) < percent);
}

static void encode_runs(struct chance *c, struct bytes in, unsigned percent, const char *must,
                        struct buf *out)
{
    size_t i = 0;

    while (i < in.len) {
        size_t from = i;

        while (i < in.len && is_chosen(c, in.p[i], i > from && percent < 70 ? 70 : percent, must))
            i++;
        if (i > from) {
            put_shifted(c, out, bytes_slice(in, from, i), i < in.len ? in.p[i] : 0);
            /* What ended the run is not shifted, or two runs would be one. */
        }
        if (i < in.len && in.p[i] == '+')
            buf_add_str(out, "+-");
        else if (i < in.len)
            buf_add_byte(out, in.p[i]);
        i++;
    }
}

static void put_one(struct chance *c, enum unwrap_layer layer, uint8_t ch, uint8_t next, struct buf *out)
{
    switch (layer) {
    case UNWRAP_URL:
    case UNWRAP_FORM:
        put_url(c, out, ch);
        break;
    case UNWRAP_JSON:
        put_json(c, out, ch);
        break;
    case UNWRAP_ESCAPE:
        put_escape(c, out, ch, next);
        break;
    case UNWRAP_ENTITY:
        put_entity(c, out, ch, next);
        break;
    case UNWRAP_UTF8:
        put_variant(c, out, ch);
        break;
    case UNWRAP_QUOTED:
        if (chance_below(c, 10) == 0)
            buf_add_str(out, chance_below(c, 2) ? "=\r\n" : "=\n");
        buf_add_byte(out, '=');
        put_hex(c, out, ch, 2);
        break;
    default:
        buf_add_byte(out, ch);
    }
}

/* What the layer takes for its own sign must not stand for itself. */
static const char *own_signs(enum unwrap_layer layer)
{
    switch (layer) {
    case UNWRAP_URL:
        return "%";
    case UNWRAP_FORM:
        return "%+&=";
    case UNWRAP_JSON:
        return "\"\\";
    case UNWRAP_ESCAPE:
        return "\\";
    case UNWRAP_ENTITY:
        return "&<>";
    case UNWRAP_QUOTED:
        return "=";
    default:
        return "";
    }
}

void encode(struct chance *c, enum unwrap_layer layer, struct bytes in, unsigned percent, const char *must,
            struct buf *out)
{
    switch (layer) {
    case UNWRAP_UTF16:
        put_wide(out, in, chance_below(c, 2));
        return;
    case UNWRAP_UTF7:
        encode_runs(c, in, percent, must, out);
        return;
    case UNWRAP_BASE64:
        put_base64(out, in, chance_below(c, 2), chance_below(c, 2));
        return;
    case UNWRAP_HEX:
        for (size_t i = 0; i < in.len; i++)
            put_hex(c, out, in.p[i], 2);
        return;
    default:
        break;
    }
    for (size_t i = 0; i < in.len; i++) {
        uint8_t ch = in.p[i], next = i + 1 < in.len ? in.p[i + 1] : 0;

        if (strchr(own_signs(layer), ch) || is_chosen(c, ch, percent, must))
            put_one(c, layer, ch, next, out);
        else
            buf_add_byte(out, ch);
    }
}
