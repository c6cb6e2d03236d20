/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/conversation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspect/hold.h"

#define TEXT_MAX (4u * 1024 * 1024)

struct config conversation_config(void)
{
    return (struct config){.stream_memcap = 64 * 1024 * 1024,
                           .http = true,
                           .http2 = true,
                           .websocket = true,
                           .http2_max_streams = 128,
                           .http2_max_table_size = 65536,
                           .http2_memcap = 32 << 20,
                           .websocket_memcap = 32 << 20,
                           .dns = true,
                           .ldap = true,
                           .rmi = true,
                           .giop = true,
                           .smtp = true,
                           .sip = true,
                           .syslog = true,
                           .gelf = true,
                           .mqtt = true,
                           .redis = true,
                           .proxy = true,
                           .minecraft = true,
                           .app_max_message = 64 * 1024,
                           .app_max_inflated = 256 * 1024,
                           .raw = true,
                           .http_request_body_limit = 256 * 1024,
                           .http_response_body_limit = 256 * 1024,
                           .http_decompress_responses = true,
                           .http_decompress_limit = 1024 * 1024,
                           .http_decompress_ratio = 100,
                           .http_decompress_layers = 4,
                           .http_decompress_memcap = 48 << 20,
                           .ldap_max_pdu = 1024 * 1024,
                           .tls_max_handshake = 64 * 1024,
                           .rmi_max_object = 256 * 1024,
                           .giop_max_message = 256 * 1024,
                           .raw_depth = 64 * 1024};
}

static void write_value(struct buf *out, struct bytes value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.p[i] >= ' ' && value.p[i] <= '~')
            (void)buf_add_byte(out, value.p[i]);
        else
            (void)buf_addf(out, "\\x%02x", value.p[i]);
}

static bool is_window_of(const struct transcript_window *w, const struct field *f)
{
    return w->open && w->side == f->chunk->side && w->kind == f->kind && w->message == f->message;
}

/* A window's pieces are one text, whatever they are: it becomes a line when it is over. */
static void hear_window(struct transcript *t, const struct field *f)
{
    unsigned i = 0;
    struct transcript_window *w;

    /* What is whole in one piece may stand between the pieces of another. */
    while (i < TRANSCRIPT_WINDOWS && ((f->first && f->last) || !is_window_of(&t->window[i], f)))
        i++;
    assert_int_equal(f->first, i == TRANSCRIPT_WINDOWS);
    for (i = f->first ? 0 : i; f->first && t->window[i].open; i++)
        assert_true(i + 1 < TRANSCRIPT_WINDOWS);
    w = &t->window[i];
    if (f->first)
        *w = (struct transcript_window){true, f->chunk->side, f->kind, f->message, buf_within(TEXT_MAX)};
    assert_true(buf_add(&w->text, bytes_from(f->value, f->fresh)));
    if (!f->last)
        return;
    (void)buf_addf(&t->text, "%u %s %s #%u ", f->chunk->side, f->app_proto, field_rows[f->kind].name,
                   (unsigned)f->message);
    write_value(&t->text, buf_bytes(&w->text));
    assert_true(buf_add_byte(&t->text, '\n'));
    buf_drop(&w->text);
    w->open = false;
}

static void hear_file(struct transcript *t, const struct field *f)
{
    (void)buf_addf(&t->text, "%u %s file #%u %.*s;%s;%llu bytes;%s;%s\n", f->chunk->side, f->app_proto,
                   (unsigned)f->message, (int)f->file->filename.len, (const char *)f->file->filename.p,
                   f->file->magic, (unsigned long long)f->file->size, f->file->whole ? "whole" : "cut",
                   f->file->sha256);
}

static size_t hear(void *arg, const struct field *f)
{
    struct transcript *t = arg;

    assert_non_null(f->chunk);
    assert_true(f->fresh <= f->value.len);
    if (f->kind == FIELD_RECORD) {
        if (f->words) {
            t->words = f->app_proto;
            t->n_words++;
        }
        if (f->file)
            hear_file(t, f);
        return 0;
    }
    if (f->kind == FIELD_RAW) {
        assert_true(buf_add(&t->raw[f->chunk->side], bytes_from(f->value, f->fresh)));
        return 64;
    }
    if (f->kind == FIELD_EMAIL_BODY) {
        assert_true(buf_add(&t->body, bytes_from(f->value, f->fresh)));
        if (f->last)
            assert_true(buf_add_byte(&t->body, '|'));
        return 0;
    }
    if (field_rows[f->kind].shape == FIELD_SHAPE_WINDOW) {
        hear_window(t, f);
        return 64;
    }
    if (f->parts && t->parts) {
        f->parts(f, hear, arg);
        return 0;
    }
    (void)buf_addf(&t->text, "%u %s %s #%u ", f->chunk->side, f->app_proto, field_rows[f->kind].name,
                   (unsigned)f->message);
    if (f->kind == FIELD_FACT)
        for (unsigned i = 0; i < f->attrs->n; i++) {
            if (attr_is_evidence(f->attrs->v[i].id))
                continue; /* the bytes themselves, long and not to be read */
            (void)buf_addf(&t->text, "%s=", attr_rows[f->attrs->v[i].id].name);
            write_value(&t->text, f->attrs->v[i].value);
            (void)buf_add_byte(&t->text, ';');
        }
    else {
        if (f->name.len) {
            write_value(&t->text, f->name);
            assert_true(buf_add_str(&t->text, ": "));
        }
        write_value(&t->text, f->value);
    }
    assert_true(buf_add_byte(&t->text, '\n'));
    return 0;
}

/* One conversation being played. */
struct play {
    const struct conversation *c;
    struct inspect *inspect;
    struct transcript *out;
    struct flow flow;
    bool begun[2];
    uint64_t packet;
};

static void say(struct play *p, unsigned side, struct bytes data, uint64_t gap, bool end)
{
    uint8_t *exact = malloc(data.len ? data.len : 1);
    struct chunk chunk = {.flow = &p->flow,
                          .side = side,
                          .data = bytes_of(exact, data.len),
                          .gap = gap,
                          .begin = !p->begun[side],
                          .end = end,
                          .packet = ++p->packet};

    assert_non_null(exact);
    if (data.len)
        memcpy(exact, data.p, data.len);
    p->begun[side] = true;
    if (inspect_chunk(p->inspect, &chunk) == APPETITE_ENOUGH)
        p->out->n_enough++;
    free(exact);
}

static void say_in_pieces(struct play *p, const struct said *s)
{
    bool whole = p->c->proto == PROTO_UDP;
    size_t at = 0;

    while (at < s->data.len) {
        size_t to = p->c->piece ? at + p->c->piece : s->data.len;

        if (at < p->c->cut && p->c->cut < to)
            to = p->c->cut;
        say(p, s->side, bytes_slice(s->data, at, to), at ? 0 : s->missing, whole);
        at = to;
    }
}

void conversation_play(const struct conversation *c, const struct config *config, struct transcript *out)
{
    struct play p = {
        .c = c, .out = out, .flow = {.id = 1, .proto = c->proto, .client_known = c->client_known}};

    *out = (struct transcript){.parts = c->parts,
                               .body = buf_within(TEXT_MAX),
                               .text = buf_within(TEXT_MAX),
                               .raw = {buf_within(TEXT_MAX), buf_within(TEXT_MAX)}};
    p.inspect = inspect_new(config, hear, out);
    assert_non_null(p.inspect);
    for (unsigned i = 0; i < c->n; i++)
        say_in_pieces(&p, &c->said[i]);
    for (unsigned side = 0; side < 2; side++)
        if (p.begun[side] && !c->unended && c->proto != PROTO_UDP)
            say(&p, side, (struct bytes){0}, 0, true);
    memcpy(out->end, p.flow.end, sizeof out->end);
    inspect_flow_end(p.inspect, &p.flow);
    assert_null(p.flow.inspect_slot);
    inspect_free(p.inspect);
}

void transcript_drop(struct transcript *t)
{
    buf_drop(&t->text);
    buf_drop(&t->raw[0]);
    buf_drop(&t->raw[1]);
    buf_drop(&t->body);
    for (unsigned i = 0; i < TRANSCRIPT_WINDOWS; i++)
        buf_drop(&t->window[i].text);
}

struct transcript conversation_of(uint8_t proto, const struct said *said, unsigned n)
{
    struct conversation c = {.said = said, .n = n, .proto = proto};
    struct config config = conversation_config();
    struct transcript t;

    conversation_play(&c, &config, &t);
    assert_int_equal(holds_bytes(), 0);
    return t;
}

void conversation_assert_nothing_hides(struct bytes stream)
{
    for (size_t cut = 0; cut <= stream.len; cut++) {
        struct buf text = buf_within(stream.len + 256);
        struct transcript t;
        struct said said = {.side = 0};

        assert_true(buf_add(&text, bytes_slice(stream, 0, cut)));
        /* Longer than any message of these tests still has to be, and the beginning of none. */
        while (text.len < cut + 128)
            assert_true(buf_add_byte(&text, '\0'));
        assert_true(buf_add(&text, BYTES_LIT("\r\n.\r\n\r\n${jndi:x}\r\n")));
        said.data = buf_bytes(&text);
        t = conversation_of(PROTO_TCP, &said, 1);
        if (!transcript_has(&t, "${jndi:x}") && !transcript_raw_has(&t, 0, "${jndi:x}") &&
            bytes_find(buf_bytes(&t.body), BYTES_LIT("${jndi:x}")) == BYTES_NONE)
            fail_msg("hidden behind the first %zu bytes:\n%.*s", cut, (int)t.text.len,
                     (const char *)t.text.p);
        transcript_drop(&t);
        buf_drop(&text);
    }
}

bool transcript_has(const struct transcript *t, const char *needle)
{
    return bytes_find(buf_bytes(&t->text), bytes_str(needle)) != BYTES_NONE;
}

bool transcript_raw_has(const struct transcript *t, unsigned side, const char *needle)
{
    return bytes_find(buf_bytes(&t->raw[side]), bytes_str(needle)) != BYTES_NONE;
}

static void assert_same(const struct transcript *want, const struct transcript *got)
{
    /* Text first: it is the readable one when a test fails. */
    if (!bytes_eq(buf_bytes(&want->text), buf_bytes(&got->text)))
        fail_msg("want:\n%.*s\ngot:\n%.*s", (int)want->text.len, (const char *)want->text.p,
                 (int)got->text.len, (const char *)got->text.p);
    for (unsigned side = 0; side < 2; side++)
        assert_true(bytes_eq(buf_bytes(&want->raw[side]), buf_bytes(&got->raw[side])));
    assert_true(bytes_eq(buf_bytes(&want->body), buf_bytes(&got->body)));
    assert_int_equal(want->n_words, got->n_words);
    if (want->words)
        assert_string_equal(want->words, got->words);
}

static void play_and_compare(struct conversation c, const struct config *config,
                             const struct transcript *want)
{
    struct transcript got;

    conversation_play(&c, config, &got);
    assert_same(want, &got);
    transcript_drop(&got);
}

void conversation_assert_same_in_pieces(const struct said *said, unsigned n, const struct config *config)
{
    struct conversation c = {.said = said, .n = n, .proto = PROTO_TCP, .parts = true};
    struct transcript want;
    size_t longest = 0;

    conversation_play(&c, config, &want);
    for (unsigned i = 0; i < n; i++)
        if (said[i].data.len > longest)
            longest = said[i].data.len;
    for (c.piece = 1; c.piece < 4; c.piece++)
        play_and_compare(c, config, &want);
    c.piece = 0;
    for (c.cut = 1; c.cut < longest; c.cut++)
        play_and_compare(c, config, &want);
    transcript_drop(&want);
}
