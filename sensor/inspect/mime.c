/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/mime.h"

#include "base/base64.h"
#include "base/count.h"
#include "base/cursor.h"
#include "inspect/words.h"

#define OUT_MAX      16384 /* decoded bytes that are given at once */
#define BOUNDARY_MAX 256   /* RFC 2046 allows 70 */

struct giving {
    struct mime *m;
    const struct inspecting *in;
};

/* The value of name= in a header field, without its quotes. */
static struct bytes parameter(struct bytes value, struct bytes name)
{
    size_t at = bytes_find_nocase(value, name);
    struct bytes rest = bytes_from(value, at == BYTES_NONE ? value.len : at + name.len);
    size_t n = 0;

    if (rest.len && rest.p[0] == '"')
        return bytes_slice(rest, 1, 1 + bytes_find_byte(bytes_slice(rest, 1, BOUNDARY_MAX + 2), '"'));
    while (n < rest.len && rest.p[n] != ';' && rest.p[n] != ' ' && rest.p[n] != '\t')
        n++;
    return bytes_slice(rest, 0, n);
}

static void add_boundary(struct mime *m, struct bytes boundary)
{
    if (boundary.len && m->n_boundaries < MIME_DEPTH &&
        hold_add(&m->boundary[m->n_boundaries], BOUNDARY_MAX, boundary))
        m->n_boundaries++;
}

static enum mime_coding coding_of(struct bytes value)
{
    if (bytes_starts_nocase(value, BYTES_LIT("base64")))
        return MIME_BASE64;
    return bytes_starts_nocase(value, BYTES_LIT("quoted-printable")) ? MIME_QUOTED : MIME_PLAIN;
}

static void on_header(void *arg, struct bytes name, struct bytes value)
{
    struct giving *g = arg;
    struct buf plain = buf_within(value.len);

    if (words_decode(value, &plain))
        inspecting_give_header(g->in, g->m->app_proto, g->m->number, FIELD_EMAIL_HEADER, name,
                               buf_bytes(&plain));
    else
        inspecting_give_header(g->in, g->m->app_proto, g->m->number, FIELD_EMAIL_HEADER, name, value);
    buf_drop(&plain);
    if (bytes_eq_nocase(name, BYTES_LIT("Content-Type")))
        add_boundary(g->m, parameter(value, BYTES_LIT("boundary=")));
    else if (bytes_eq_nocase(name, BYTES_LIT("Content-Transfer-Encoding")))
        g->m->coding = (uint8_t)coding_of(value);
}

static void give_body(struct mime *m, const struct inspecting *in, bool last)
{
    struct field f = {
        .kind = FIELD_EMAIL_BODY, .chunk = in->chunk, .app_proto = m->app_proto, .message = m->number};

    window_give(&m->body, &f, buf_bytes(&m->out), last, in->fn, in->arg);
    buf_drop(&m->out);
}

void mime_flush(struct mime *m, const struct inspecting *in)
{
    if (m->out.len)
        give_body(m, in, false);
}

static void put(struct mime *m, const struct inspecting *in, struct bytes text)
{
    m->out.ceiling = OUT_MAX;
    while (text.len) {
        size_t room = OUT_MAX - m->out.len;

        if (!buf_add(&m->out, bytes_slice(text, 0, room))) {
            count(COUNT_INSPECT_MEMORY);
            return;
        }
        text = bytes_from(text, room);
        if (m->out.len == OUT_MAX)
            mime_flush(m, in);
    }
}

static void put_byte(struct mime *m, const struct inspecting *in, uint8_t byte)
{
    put(m, in, bytes_of(&byte, 1));
}

/* RFC 2045 section 6.7: "=XX" is a byte, "=" at the end of a line takes the line's end away. */
static void put_quoted(struct mime *m, const struct inspecting *in, struct bytes line, bool whole)
{
    struct cursor c = cursor_over(line);

    while (cursor_left(&c)) {
        uint8_t byte = cursor_u8(&c);
        struct bytes pair = bytes_slice(cursor_rest(&c), 0, 2);

        if (byte == '=' && bytes_trim(cursor_rest(&c)).len == 0 && cursor_left(&c) < 4)
            return;
        if (byte == '=' && pair.len == 2 && hex_value(pair.p[0]) >= 0 && hex_value(pair.p[1]) >= 0) {
            byte = (uint8_t)(hex_value(pair.p[0]) << 4 | hex_value(pair.p[1]));
            cursor_skip(&c, 2);
        }
        put_byte(m, in, byte);
    }
    if (whole)
        put(m, in, BYTES_LIT("\n"));
}

static bool is_base64(struct bytes line)
{
    for (size_t i = 0; i < line.len; i++)
        if (base64_value(line.p[i]) < 0 && line.p[i] != '=' && line.p[i] != ' ' && line.p[i] != '\t')
            return false;
    return true;
}

/* Padding, or the end: what fills no byte is dropped. */
static void end_quantum(struct mime *m, const struct inspecting *in)
{
    for (unsigned bits = m->n_quantum * 6u; bits >= 8; bits -= 8)
        put_byte(m, in, (uint8_t)(m->quantum >> (bits - 8)));
    m->n_quantum = 0;
    m->quantum = 0;
}

/* Four characters make three bytes, wherever the lines end. */
static void put_base64(struct mime *m, const struct inspecting *in, struct bytes line)
{
    for (size_t i = 0; i < line.len; i++) {
        int value = base64_value(line.p[i]);

        if (value >= 0) {
            m->quantum = m->quantum << 6 | (uint32_t)value;
            m->n_quantum++;
        }
        if (line.p[i] == '=' || m->n_quantum == 4)
            end_quantum(m, in);
    }
}

static void put_line(struct mime *m, const struct inspecting *in, struct bytes line, bool whole)
{
    if (m->coding == MIME_QUOTED) {
        put_quoted(m, in, line, whole);
    } else if (m->coding == MIME_BASE64 && is_base64(line)) {
        put_base64(m, in, line);
    } else {
        put(m, in, line);
        if (whole)
            put(m, in, BYTES_LIT("\n"));
    }
}

static void end_part(struct mime *m, const struct inspecting *in)
{
    struct giving g = {m, in};

    headers_end(&m->headers, on_header, &g);
    end_quantum(m, in);
    give_body(m, in, true);
    m->coding = MIME_PLAIN;
}

static void drop_boundaries(struct mime *m, unsigned from)
{
    while (m->n_boundaries > from)
        hold_drop(&m->boundary[--m->n_boundaries]);
}

/* "--boundary" begins a part, "--boundary--" ends the last one (RFC 2046 section 5.1.1). */
static bool on_boundary(struct mime *m, const struct inspecting *in, struct bytes line)
{
    if (!bytes_starts(line, BYTES_LIT("--")))
        return false;
    for (unsigned i = m->n_boundaries; i-- > 0;) {
        struct bytes rest = bytes_from(line, 2), boundary = buf_bytes(&m->boundary[i]);

        if (!bytes_starts(rest, boundary))
            continue;
        rest = bytes_from(rest, boundary.len);
        if (bytes_trim(rest).len && !bytes_starts(rest, BYTES_LIT("--")))
            continue;
        end_part(m, in);
        m->in_body = bytes_starts(rest, BYTES_LIT("--"));
        drop_boundaries(m, m->in_body ? i : i + 1);
        return true;
    }
    return false;
}

void mime_begin(struct mime *m, const char *app_proto, uint64_t number)
{
    mime_drop(m);
    m->number = number;
    m->app_proto = app_proto;
}

void mime_line(struct mime *m, const struct inspecting *in, struct bytes line, bool whole)
{
    struct giving g = {m, in};

    if (on_boundary(m, in, line))
        return;
    if (m->in_body) {
        put_line(m, in, line, whole);
        return;
    }
    if (line.len) {
        headers_line(&m->headers, in->config->app_max_message, line, on_header, &g);
        return;
    }
    headers_end(&m->headers, on_header, &g);
    m->in_body = true;
}

void mime_end(struct mime *m, const struct inspecting *in)
{
    end_part(m, in);
    drop_boundaries(m, 0);
    m->in_body = false;
}

void mime_drop(struct mime *m)
{
    headers_drop(&m->headers);
    window_drop(&m->body);
    drop_boundaries(m, 0);
    buf_drop(&m->out);
    *m = (struct mime){0};
}
