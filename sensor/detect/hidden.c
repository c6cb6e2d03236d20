/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/hidden.h"

#include "base/base64.h"
#include "detect/entities.h"
#include "inspect/inflate.h"

#define WIDE_MIN  3  /* units of 32 bits in a row that are taken for text */
#define PARTS_MAX 64 /* of a parameter in numbered parts */
#define SETS_MAX  8  /* such parameters in a text */

static unsigned way(enum unwrap_layer layer)
{
    return 1u << layer;
}

/* --- UTF-32 --- */

/* An ASCII character in 32 bits, either way round; 0 for none. */
static uint8_t wide_char(struct bytes b, size_t at, bool big)
{
    uint8_t c;

    if (b.len < 4 || at > b.len - 4)
        return 0;
    c = b.p[at + (big ? 3 : 0)];
    return b.p[at + 1] || b.p[at + 2] || b.p[at + (big ? 0 : 3)] || c >= 0x80 ? 0 : c;
}

static size_t wide_run(struct bytes in, size_t at, bool big)
{
    size_t n = 0;

    while (wide_char(in, at + 4 * n, big))
        n++;
    return n;
}

/* Printable: small numbers stand in 32 bits everywhere. */
static bool begins_wide(struct bytes b)
{
    if (bytes_starts(b, BYTES_LIT("\xff\xfe\0\0")) || bytes_starts(b, BYTES_LIT("\0\0\xfe\xff")))
        b = bytes_from(b, 4);
    for (unsigned big = 0; big < 2; big++) {
        size_t n = 0;

        while (n < WIDE_MIN && wide_char(b, 4 * n, big) >= ' ')
            n++;
        if (n == WIDE_MIN)
            return true;
    }
    return false;
}

/* What is no ASCII in between becomes a question mark: no lookup is made of it. */
static void unfold_wide(struct bytes in, struct buf *out)
{
    for (size_t at = 0; at + 4 <= in.len;) {
        bool big = wide_run(in, at, false) < WIDE_MIN;
        size_t n = wide_run(in, at, big);

        if (n < WIDE_MIN) {
            at++;
            continue;
        }
        if (out->len)
            buf_add_byte(out, '?');
        for (; n; n--, at += 4)
            buf_add_byte(out, wide_char(in, at, big));
    }
}

/* --- SAML: deflate, base64, percent signs (Bindings 3.4.4.1) --- */

#define SAML     "SAMLRe" /* quest, sponse */
#define SAML_MIN 40       /* shorter addresses have no room for a lookup in it */

static bool unfold_saml(struct bytes in, struct buf *out)
{
    size_t at = bytes_find(in, BYTES_LIT(SAML)), before = out->len, n;
    struct buf url = buf_within(out->ceiling), packed = buf_within(out->ceiling), xml = {0};
    struct bytes value;

    value = bytes_from(in, at);
    at = bytes_find_byte(value, '=');
    value = bytes_from(value, at == BYTES_NONE ? value.len : at + 1);
    for (n = 0; n < value.len && value.p[n] != '&' && value.p[n] != ';' && value.p[n] > ' '; n++)
        ;
    value = bytes_slice(value, 0, n);
    if (unwrap(UNWRAP_URL, value, &url))
        value = buf_bytes(&url);
    (void)base64_decode_lines(&packed, value);
    n = inflate_ceiling(packed.len, out->ceiling - out->len);
    xml = buf_within(n);
    (void)inflate_raw(buf_bytes(&packed), &xml); /* of a text that is cut, what there is */
    buf_add(out, buf_bytes(&xml));
    buf_drop(&url);
    buf_drop(&packed);
    buf_drop(&xml);
    return out->len > before;
}

/* --- uuencode (POSIX) --- */

static bool begins_uu(struct bytes line)
{
    if (!bytes_starts(line, BYTES_LIT("begin ")) || line.len < 10)
        return false;
    for (size_t i = 6; i < 9; i++)
        if (line.p[i] < '0' || line.p[i] > '7')
            return false;
    return true;
}

static size_t uu_find(struct bytes in)
{
    size_t from = 0, at;

    if (begins_uu(in))
        return 0;
    while ((at = bytes_find(bytes_from(in, from), BYTES_LIT("\nbegin "))) != BYTES_NONE) {
        from += at + 1;
        if (begins_uu(bytes_from(in, from)))
            return from;
    }
    return BYTES_NONE;
}

/* A line: a character for how many bytes, then four characters for each three. False at what is none. */
static bool uu_line(struct bytes line, struct buf *out)
{
    size_t len, i;

    if (line.len < 1 || line.p[0] <= ' ' || line.p[0] > '`')
        return false;
    len = (line.p[0] - ' ') & 63;
    if (len == 0 || line.len < 1 + len / 3 * 4)
        return false;
    for (i = 0; i < len; i++) {
        size_t at = 1 + i / 3 * 4 + i % 3;
        unsigned high, low;

        if (at + 1 >= line.len)
            break; /* blanks at the end get lost on the way */
        high = (line.p[at] - ' ') & 63u;
        low = (line.p[at + 1] - ' ') & 63u;
        buf_add_byte(out, (uint8_t)(i % 3 == 0   ? high << 2 | low >> 4
                                    : i % 3 == 1 ? (high & 15) << 4 | low >> 2
                                                 : (high & 3) << 6 | low));
    }
    return true;
}

static struct bytes line_next(struct bytes *rest)
{
    size_t end = bytes_find_byte(*rest, '\n');
    struct bytes line = bytes_slice(*rest, 0, end == BYTES_NONE ? rest->len : end);

    *rest = bytes_from(*rest, end == BYTES_NONE ? rest->len : end + 1);
    if (line.len && line.p[line.len - 1] == '\r')
        line.len--;
    return line;
}

static void unfold_uu(struct bytes in, struct buf *out)
{
    size_t at;

    while ((at = uu_find(in)) != BYTES_NONE) {
        in = bytes_from(in, at);
        (void)line_next(&in);
        while (in.len && uu_line(line_next(&in), out))
            ;
        buf_add_byte(out, '\n');
    }
}

/* --- RFC 2231: name*0="..."; name*1*=%xx --- */

/* Where a name begins that ends at at. */
static size_t name_begin(struct bytes in, size_t at)
{
    size_t from = at;

    while (from && at - from < 32 && in.p[from - 1] > ' ' && in.p[from - 1] != ';' && in.p[from - 1] != '"')
        from--;
    return from;
}

static void add_value(struct bytes rest, bool coded, struct buf *out)
{
    bool quoted = rest.len && rest.p[0] == '"';
    size_t from = quoted, to = from;

    while (to < rest.len && (quoted ? rest.p[to] != '"' : rest.p[to] > ' ' && rest.p[to] != ';'))
        to++;
    rest = bytes_slice(rest, from, to);
    if (!coded || !unwrap(UNWRAP_URL, rest, out))
        buf_add(out, rest);
}

/* The part of that number, from the place of the one before on: they may stand in any order, but mailers keep
 * to theirs. */
static bool add_part(struct bytes in, struct bytes name, unsigned number, struct buf *out)
{
    struct buf wanted = buf_within(64);
    size_t at;
    bool coded;

    buf_add(&wanted, name);
    buf_addf(&wanted, "*%u", number);
    at = bytes_find(in, buf_bytes(&wanted));
    in = bytes_from(in, at == BYTES_NONE ? in.len : at + wanted.len);
    buf_drop(&wanted);
    coded = in.len && in.p[0] == '*';
    in = bytes_from(in, coded);
    if (in.len == 0 || in.p[0] != '=')
        return false;
    add_value(bytes_from(in, 1), coded, out);
    return true;
}

static void unfold_parameters(struct bytes in, struct buf *out)
{
    size_t from = 0, at;

    for (unsigned set = 0; set < SETS_MAX; set++) {
        struct bytes name;

        at = bytes_find(bytes_from(in, from), BYTES_LIT("*0"));
        if (at == BYTES_NONE)
            return;
        at += from;
        from = at + 2;
        name = bytes_slice(in, name_begin(in, at), at);
        for (unsigned i = 0; name.len && i < PARTS_MAX && add_part(in, name, i, out); i++)
            ;
        buf_add_byte(out, '\n');
    }
}

/* --- which, and where --- */

/* Most texts have not even its first letter, which is found faster than a word. */
static bool has(struct bytes text, struct bytes word)
{
    size_t at;

    while ((at = bytes_find_byte(text, word.p[0])) != BYTES_NONE) {
        text = bytes_from(text, at);
        if (text.len > 1 && text.p[1] == word.p[1] && bytes_starts(text, word))
            return true;
        text = bytes_from(text, 1);
    }
    return false;
}

static unsigned in_markup(const struct field *f)
{
    bool markup = f->coding == FIELD_XML || (f->value.len && f->value.p[0] == '<');

    return markup && bytes_find(f->value, BYTES_LIT("<!ENTITY")) != BYTES_NONE ? way(UNWRAP_DTD) : 0;
}

static unsigned in_body(const struct field *f)
{
    uint8_t first = f->value.len ? f->value.p[0] : 0;

    if (first != 'S' && first != '-' && first != 'b')
        return 0;
    if (f->coding == FIELD_FORM)
        return bytes_starts(f->value, BYTES_LIT(SAML)) ? way(UNWRAP_DEFLATE) : 0;
    if (f->coding != FIELD_PLAIN)
        return 0;
    if (first == '-' && has(f->value, BYTES_LIT("*0")))
        return way(UNWRAP_PARAMETER);
    return begins_uu(f->value) ? way(UNWRAP_UU) : 0;
}

static unsigned in_uri(struct bytes uri)
{
    return uri.len >= SAML_MIN && has(uri, BYTES_LIT(SAML)) ? way(UNWRAP_DEFLATE) : 0;
}

unsigned hidden_in(const struct field *f)
{
    unsigned ways = 0;

    switch (f->kind) {
    case FIELD_HTTP_REQUEST_HEAD:
        return f->http ? in_uri(f->http->url) : 0;
    case FIELD_HTTP_URI:
        return in_uri(f->value);
    case FIELD_EMAIL_HEADER:
        return has(f->value, BYTES_LIT("*0")) ? way(UNWRAP_PARAMETER) : 0;
    case FIELD_EMAIL_BODY:
        return uu_find(f->value) != BYTES_NONE ? way(UNWRAP_UU) : 0;
    case FIELD_HTTP_REQUEST_BODY:
        ways = in_body(f);
        break;
    case FIELD_RAW:
    case FIELD_WEBSOCKET_PAYLOAD:
        break;
    default:
        return 0;
    }
    if (f->value.len >= 4 * WIDE_MIN && f->value.p[2] == 0 && begins_wide(f->value))
        ways |= way(UNWRAP_UTF32);
    return ways | in_markup(f);
}

bool hidden_unfold(enum unwrap_layer layer, struct bytes in, struct buf *out, enum field_coding *coding)
{
    size_t before = out->len;

    *coding = FIELD_PLAIN;
    if (layer == UNWRAP_UTF32)
        unfold_wide(in, out);
    else if (layer == UNWRAP_DEFLATE)
        unfold_saml(in, out);
    else if (layer == UNWRAP_UU)
        unfold_uu(in, out);
    else if (layer == UNWRAP_PARAMETER)
        unfold_parameters(in, out);
    else if (layer == UNWRAP_DTD)
        entities_expand(in, out);
    if (layer == UNWRAP_DEFLATE || layer == UNWRAP_DTD)
        *coding = FIELD_XML;
    return out->len > before;
}
