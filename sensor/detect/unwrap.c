/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/unwrap.h"
#include "base/base64.h"

#define BASE64_RUN_MIN 12 /* "${jndi:x}" is nine bytes: twelve characters */
#define HEX_RUN_MIN    18

static const char *const layer_names[UNWRAP_ALL] = {
    [UNWRAP_URL] = "url",
    [UNWRAP_FORM] = "form",
    [UNWRAP_JSON] = "json",
    [UNWRAP_ESCAPE] = "escape-sequence",
    [UNWRAP_ENTITY] = "html-entity",
    [UNWRAP_UTF16] = "utf-16",
    [UNWRAP_UTF8] = "utf-8-variant",
    [UNWRAP_QUOTED] = "quoted-printable",
    [UNWRAP_UTF7] = "utf-7",
    [UNWRAP_BASE64] = "base64",
    [UNWRAP_HEX] = "hex",
    [UNWRAP_UTF32] = "utf-32",
    [UNWRAP_DEFLATE] = "deflate",
    [UNWRAP_DTD] = "xml-entity",
    [UNWRAP_UU] = "uuencode",
    [UNWRAP_PARAMETER] = "rfc2231",
};

const char *unwrap_name(enum unwrap_layer layer)
{
    return layer < UNWRAP_ALL ? layer_names[layer] : "";
}

static void put_utf8(struct buf *out, uint32_t cp)
{
    if (cp < 0x80) {
        buf_add_byte(out, (uint8_t)cp);
    } else if (cp < 0x800) {
        buf_add_byte(out, (uint8_t)(0xc0 | cp >> 6));
        buf_add_byte(out, (uint8_t)(0x80 | (cp & 0x3f)));
    } else if (cp < 0x10000) {
        buf_add_byte(out, (uint8_t)(0xe0 | cp >> 12));
        buf_add_byte(out, (uint8_t)(0x80 | (cp >> 6 & 0x3f)));
        buf_add_byte(out, (uint8_t)(0x80 | (cp & 0x3f)));
    } else if (cp < 0x110000) {
        buf_add_byte(out, (uint8_t)(0xf0 | cp >> 18));
        buf_add_byte(out, (uint8_t)(0x80 | (cp >> 12 & 0x3f)));
        buf_add_byte(out, (uint8_t)(0x80 | (cp >> 6 & 0x3f)));
        buf_add_byte(out, (uint8_t)(0x80 | (cp & 0x3f)));
    }
}

/* n hex digits at b[at]; -1 when they are not all there. */
static int64_t hex_at(struct bytes b, size_t at, unsigned n)
{
    int64_t v = 0;

    if (b.len < n || at > b.len - n)
        return -1;
    for (unsigned i = 0; i < n; i++) {
        int digit = hex_value(b.p[at + i]);

        if (digit < 0)
            return -1;
        v = v << 4 | digit;
    }
    return v;
}

/* One escape that begins at b[at]: its length, 0 when there is none there. The character is appended. */
typedef size_t escape_fn(struct bytes b, size_t at, struct buf *out);

static size_t url_escape(struct bytes b, size_t at, struct buf *out)
{
    int64_t v;

    if (b.p[at] != '%')
        return 0;
    v = hex_at(b, at + 1, 2);
    if (v >= 0) {
        buf_add_byte(out, (uint8_t)v);
        return 3;
    }
    if (at + 1 < b.len && (b.p[at + 1] == 'u' || b.p[at + 1] == 'U') && (v = hex_at(b, at + 2, 4)) >= 0) {
        put_utf8(out, (uint32_t)v);
        return 6;
    }
    return 0;
}

static size_t form_escape(struct bytes b, size_t at, struct buf *out)
{
    if (b.p[at] == '+') {
        buf_add_byte(out, ' ');
        return 1;
    }
    return url_escape(b, at, out);
}

/* \uXXXX, with Java's freedom to repeat the u; a surrogate pair takes two. at is the backslash. */
static size_t unicode_escape(struct bytes b, size_t at, struct buf *out)
{
    size_t u = at + 1;
    int64_t v, low;

    while (u < b.len && b.p[u] == 'u')
        u++;
    if (u == at + 1 || (v = hex_at(b, u, 4)) < 0)
        return 0;
    u += 4;
    if (v >= 0xd800 && v < 0xdc00 && u + 1 < b.len && b.p[u] == '\\' && b.p[u + 1] == 'u' &&
        (low = hex_at(b, u + 2, 4)) >= 0xdc00 && low < 0xe000) {
        v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
        u += 6;
    }
    put_utf8(out, (uint32_t)v);
    return u - at;
}

static size_t json_escape(struct bytes b, size_t at, struct buf *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *known;

    if (b.p[at] != '\\' || at + 1 >= b.len || !b.p[at + 1])
        return 0;
    known = strchr(from, b.p[at + 1]);
    if (known) {
        buf_add_byte(out, (uint8_t)to[known - from]);
        return 2;
    }
    return unicode_escape(b, at, out);
}

static size_t octal_escape(struct bytes b, size_t at, struct buf *out)
{
    unsigned v = 0, n = 0;

    while (n < 3 && at + 1 + n < b.len && b.p[at + 1 + n] >= '0' && b.p[at + 1 + n] <= '7') {
        unsigned next = v * 8 + (unsigned)(b.p[at + 1 + n] - '0');

        if (next > 255)
            break;
        v = next;
        n++;
    }
    if (n < 2) /* \0 to \7 alone are too common in paths to be taken for text */
        return 0;
    buf_add_byte(out, (uint8_t)v);
    return 1 + n;
}

/* Escaped once more on the way, "\\\\u0024": a run of backslashes counts as its last one. Looked at from its
 * start alone, so that a long run costs no more than its length. */
static size_t loose_escape(struct bytes b, size_t at, struct buf *out)
{
    size_t last = at, n;
    int64_t v;

    if (b.p[at] != '\\' || (at > 0 && b.p[at - 1] == '\\'))
        return 0;
    while (last + 1 < b.len && b.p[last + 1] == '\\')
        last++;
    if (last + 1 >= b.len)
        return 0;
    n = unicode_escape(b, last, out);
    if (n == 0 && (b.p[last + 1] == 'x' || b.p[last + 1] == 'X') && (v = hex_at(b, last + 2, 2)) >= 0) {
        buf_add_byte(out, (uint8_t)v);
        n = 4;
    }
    if (n == 0 && b.p[last + 1] == '/') {
        buf_add_byte(out, '/');
        n = 2;
    }
    if (n == 0)
        n = octal_escape(b, last, out);
    return n ? last - at + n : 0;
}

/* The names of HTML's list that stand for characters a lookup is made of. */
static const struct {
    const char *name;
    uint32_t cp;
} entities[] = {
    {"dollar", '$'},    {"lbrace", '{'},    {"lcub", '{'},
    {"rbrace", '}'},    {"rcub", '}'},      {"colon", ':'},
    {"sol", '/'},       {"bsol", '\\'},     {"period", '.'},
    {"comma", ','},     {"semi", ';'},      {"equals", '='},
    {"quest", '?'},     {"num", '#'},       {"percnt", '%'},
    {"amp", '&'},       {"AMP", '&'},       {"lt", '<'},
    {"LT", '<'},        {"gt", '>'},        {"GT", '>'},
    {"quot", '"'},      {"QUOT", '"'},      {"apos", '\''},
    {"lpar", '('},      {"rpar", ')'},      {"lsqb", '['},
    {"lbrack", '['},    {"rsqb", ']'},      {"rbrack", ']'},
    {"lowbar", '_'},    {"UnderBar", '_'},  {"hyphen", 0x2010},
    {"dash", 0x2010},   {"plus", '+'},      {"ast", '*'},
    {"midast", '*'},    {"commat", '@'},    {"excl", '!'},
    {"vert", '|'},      {"verbar", '|'},    {"VerticalLine", '|'},
    {"Hat", '^'},       {"grave", '`'},     {"DiacriticalGrave", '`'},
    {"Tab", '\t'},      {"NewLine", '\n'},  {"nbsp", 0xa0},
    {"imath", 0x131},   {"inodot", 0x131},  {"szlig", 0xdf},
    {"fflig", 0xfb00},  {"filig", 0xfb01},  {"fllig", 0xfb02},
    {"ffilig", 0xfb03}, {"ffllig", 0xfb04}, {"Idot", 0x130},
};

static size_t numeric_entity(struct bytes b, size_t at, struct buf *out)
{
    bool hex = at < b.len && (b.p[at] == 'x' || b.p[at] == 'X');
    size_t i = at + hex;
    uint32_t v = 0;
    size_t first = i;

    for (; i < b.len; i++) {
        int digit = hex_value(b.p[i]);

        if (digit < 0 || (!hex && digit > 9))
            break;
        v = v * (hex ? 16u : 10u) + (uint32_t)digit;
        if (v > 0x10ffff)
            return 0;
    }
    if (i == first)
        return 0;
    put_utf8(out, v);
    return i - at + (i < b.len && b.p[i] == ';');
}

static bool is_letter(uint8_t c)
{
    return (uint8_t)(ascii_lower(c) - 'a') < 26;
}

static size_t entity_escape(struct bytes b, size_t at, struct buf *out)
{
    size_t end, n;

    if (b.p[at] != '&')
        return 0;
    if (at + 1 < b.len && b.p[at + 1] == '#') {
        n = numeric_entity(b, at + 2, out);
        return n ? n + 2 : 0;
    }
    for (end = at + 1; end < b.len && end - at < 18 && is_letter(b.p[end]); end++)
        ;
    if (end >= b.len || b.p[end] != ';')
        return 0;
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (b.p[at + 1] == (uint8_t)entities[i].name[0] &&
            bytes_eq(bytes_slice(b, at + 1, end), bytes_str(entities[i].name))) {
            put_utf8(out, entities[i].cp);
            return end + 1 - at;
        }
    return 0;
}

/* Two bytes for ASCII are never right (RFC 3629), but decoders of that time took them: C0 A4 is "$".
 * Fullwidth forms (U+FF01 to U+FF5E) become ASCII under NFKC. */
static size_t variant_escape(struct bytes b, size_t at, struct buf *out)
{
    const uint8_t *p = b.p + at;
    size_t left = b.len - at;

    if (left >= 2 && (p[0] == 0xc0 || p[0] == 0xc1) && (p[1] & 0xc0) == 0x80) {
        buf_add_byte(out, (uint8_t)((p[0] & 1) << 6 | (p[1] & 0x3f)));
        return 2;
    }
    if (left >= 3 && p[0] == 0xe0 && (p[1] == 0x80 || p[1] == 0x81) && (p[2] & 0xc0) == 0x80) {
        buf_add_byte(out, (uint8_t)((p[1] & 1) << 6 | (p[2] & 0x3f)));
        return 3;
    }
    if (left >= 3 && p[0] == 0xef && (p[1] == 0xbc || p[1] == 0xbd) && (p[2] & 0xc0) == 0x80) {
        uint32_t cp = 0xf000u | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3fu);

        if (cp >= 0xff01 && cp <= 0xff5e) {
            buf_add_byte(out, (uint8_t)(cp - 0xfee0));
            return 3;
        }
    }
    return 0;
}

/* =XX, a soft line break, and the underscore that stands for a blank in a Q word (where "=?" opened one). */
static size_t quoted_escape(struct bytes b, size_t at, struct buf *out)
{
    int64_t v;

    if (b.p[at] != '=')
        return 0;
    if (at + 1 < b.len && b.p[at + 1] == '\n')
        return 2;
    if (at + 2 < b.len && b.p[at + 1] == '\r' && b.p[at + 2] == '\n')
        return 3;
    v = hex_at(b, at + 1, 2);
    if (v < 0)
        return 0;
    buf_add_byte(out, (uint8_t)v);
    return 3;
}

/* A "+" inside a shifted run is a digit of it. Not read as the start of another one, or "+a+a+a.." would be
 * read to its end from each. */
static bool is_shifted(struct bytes b, size_t at)
{
    while (at > 0 && base64_value(b.p[at - 1]) >= 0 && b.p[at - 1] != '-' && b.p[at - 1] != '_')
        if (b.p[--at] == '+')
            return true;
    return false;
}

/* "+", UTF-16 in base64 without padding, and "-" where the next character would be read on; "+-" is a plus.
 */
static size_t utf7_escape(struct bytes b, size_t at, struct buf *out)
{
    size_t end = at + 1, before = out->len;
    uint32_t bits = 0, high = 0;
    unsigned n_bits = 0;

    if (b.p[at] != '+' || is_shifted(b, at))
        return 0;
    if (end < b.len && b.p[end] == '-') {
        buf_add_byte(out, '+');
        return 2;
    }
    for (; end < b.len && b.p[end] != '-' && b.p[end] != '_' && base64_value(b.p[end]) >= 0; end++) {
        uint32_t unit;

        bits = bits << 6 | (uint32_t)base64_value(b.p[end]);
        n_bits += 6;
        if (n_bits < 16)
            continue;
        n_bits -= 16;
        unit = bits >> n_bits & 0xffff;
        bits &= (1u << n_bits) - 1;
        if (unit >= 0xd800 && unit < 0xdc00)
            high = unit;
        else if (unit >= 0xdc00 && unit < 0xe000)
            put_utf8(out, high ? 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00) : '?');
        else
            put_utf8(out, unit);
    }
    /* A sum in a formula is no shift: bits left over are zeros, and fewer than a character's. */
    if (out->len == before || n_bits >= 6 || bits != 0) {
        out->len = before;
        return 0;
    }
    return end - at + (end < b.len && b.p[end] == '-');
}

/* Walks a text; escapes begin with one of two bytes, or (starts NULL) with any that leads a UTF-8 sequence.
 */
static bool unwrap_escapes(struct bytes in, struct buf *out, escape_fn *escape, const char *starts)
{
    const uint8_t one = starts ? (uint8_t)starts[0] : 0,
                  other = starts && starts[1] ? (uint8_t)starts[1] : one;
    size_t from = 0, before = out->len;
    bool changed = false;

    for (size_t i = 0; i < in.len;) {
        uint8_t c = in.p[i];
        size_t n = starts ? c == one || c == other : c >= 0xc0;

        if (!n && starts && one == other) { /* most texts have none: leave the search to memchr */
            size_t next = bytes_find_byte(bytes_from(in, i), one);

            if (next == BYTES_NONE)
                break;
            i += next;
            n = 1;
        }

        if (n) {
            size_t at = out->len + (i - from); /* the text up to here comes first */

            if (!buf_add(out, bytes_slice(in, from, i)))
                break;
            from = i;
            n = escape(in, i, out);
            if (n == 0)
                out->len = at;
        }
        if (n) {
            changed = true;
            i += n;
            from = i;
        } else {
            i++;
        }
    }
    buf_add(out, bytes_from(in, from));
    if (!changed)
        out->len = before;
    return changed;
}

/* Where a text of 16-bit units begins is not known: every stretch of at least four ASCII characters with a
 * NUL on the same side of each is taken as one; the rest stays. */
static bool unwrap_utf16(struct bytes in, struct buf *out)
{
    size_t before = out->len;
    bool changed = false;

    for (size_t i = 0; i < in.len;) {
        size_t n = 0;
        unsigned nul = i + 1 < in.len && in.p[i] == 0 ? 0 : 1; /* big endian: the NUL comes first */

        while (i + n + 1 < in.len && in.p[i + n + nul] == 0 && in.p[i + n + 1 - nul] != 0)
            n += 2;
        if (n < 8) {
            buf_add_byte(out, in.p[i++]);
            continue;
        }
        changed = true;
        /* Letters beyond ASCII inside the stretch are read as they are. */
        while (i + 1 < in.len) {
            uint32_t unit =
                nul ? (uint32_t)in.p[i] | (uint32_t)in.p[i + 1] << 8 : (uint32_t)in.p[i] << 8 | in.p[i + 1];

            if (unit == 0 || (unit >= 0x2e80 && unit < 0xd800))
                break;
            if (unit >= 0xd800 && unit < 0xdc00 && i + 3 < in.len) {
                uint32_t low = nul ? (uint32_t)in.p[i + 2] | (uint32_t)in.p[i + 3] << 8
                                   : (uint32_t)in.p[i + 2] << 8 | in.p[i + 3];

                if (low >= 0xdc00 && low < 0xe000) {
                    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    i += 2;
                }
            }
            put_utf8(out, unit);
            i += 2;
        }
    }
    if (!changed)
        out->len = before;
    return changed;
}

bool unwrap(enum unwrap_layer layer, struct bytes in, struct buf *out)
{
    switch (layer) {
    case UNWRAP_URL:
        return unwrap_escapes(in, out, url_escape, "%");
    case UNWRAP_FORM:
        return unwrap_escapes(in, out, form_escape, "%+");
    case UNWRAP_JSON:
        return unwrap_escapes(in, out, json_escape, "\\");
    case UNWRAP_ESCAPE:
        return unwrap_escapes(in, out, loose_escape, "\\");
    case UNWRAP_ENTITY:
        return unwrap_escapes(in, out, entity_escape, "&");
    case UNWRAP_UTF16:
        return unwrap_utf16(in, out);
    case UNWRAP_UTF8:
        return unwrap_escapes(in, out, variant_escape, NULL);
    case UNWRAP_QUOTED:
        return unwrap_escapes(in, out, quoted_escape, "=");
    case UNWRAP_UTF7:
        return unwrap_escapes(in, out, utf7_escape, "+");
    case UNWRAP_BASE64:
    case UNWRAP_HEX:
    case UNWRAP_UTF32:
    case UNWRAP_DEFLATE:
    case UNWRAP_DTD:
    case UNWRAP_UU:
    case UNWRAP_PARAMETER:
    case UNWRAP_ALL:
        break;
    }
    return false;
}

static void hex_decode(struct buf *out, struct bytes digits)
{
    uint8_t *to = buf_room(out, digits.len / 2);

    if (!to)
        return;
    for (size_t i = 0; i + 1 < digits.len; i += 2)
        *to++ = (uint8_t)(hex_value(digits.p[i]) << 4 | hex_value(digits.p[i + 1]));
    buf_wrote(out, digits.len / 2);
}

static size_t base64_end(struct bytes in, size_t at)
{
    while (at < in.len && base64_value(in.p[at]) >= 0)
        at++;
    return at;
}

/* Where the text goes on behind the end of a line and the next one's indentation; at when it does not. */
static size_t over_line_end(struct bytes in, size_t at)
{
    size_t next = at;
    unsigned n_ends = 0;

    for (; next < in.len &&
           (in.p[next] == ' ' || in.p[next] == '\t' || in.p[next] == '\r' || in.p[next] == '\n');
         next++)
        n_ends += in.p[next] == '\n';
    return n_ends == 1 && next < in.len && base64_value(in.p[next]) >= 0 ? next : at;
}

/* The next run of at least min such characters from at on; empty when there is none. Once for each alphabet:
 * a long text is walked over many times. Whoever sends much base64 breaks it into lines (RFC 2045 6.8: of
 * 76): a run goes on in the next line, unless it is so short that it was a word. */
static struct bytes base64_run(struct bytes in, size_t at, size_t min)
{
    for (size_t from = at; from < in.len; from = at + 1) {
        size_t line = from, next;

        at = base64_end(in, from);
        if (at - from < min)
            continue;
        while (at - line >= min && (next = over_line_end(in, at)) != at) {
            line = next;
            at = base64_end(in, line);
        }
        return bytes_slice(in, from, at);
    }
    return bytes_of(NULL, 0);
}

static struct bytes hex_run(struct bytes in, size_t at, size_t min)
{
    for (size_t from = at; from < in.len; from = at + 1) {
        for (at = from; at < in.len && hex_value(in.p[at]) >= 0; at++)
            ;
        if (at - from >= min)
            return bytes_slice(in, from, at);
    }
    return bytes_of(NULL, 0);
}

bool unwrap_blob(enum unwrap_layer layer, struct bytes in, size_t *at, unsigned shift, struct buf *out)
{
    bool hex = layer == UNWRAP_HEX;
    struct bytes run = hex ? hex_run(in, *at, HEX_RUN_MIN) : base64_run(in, *at, BASE64_RUN_MIN);

    *at = run.len ? (size_t)(run.p + run.len - in.p) : in.len;
    if (hex)
        hex_decode(out, bytes_from(run, shift));
    else
        base64_decode_lines(out, bytes_from(run, shift));
    return run.len > 0;
}
