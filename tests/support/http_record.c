/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/http_record.h"

#include "inspect/hold.h"
#include "inspect/http_tx.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct http_record *http_record_new(void)
{
    struct http_record *r = calloc(1, sizeof *r);

    assert(r);
    r->state = calloc(1, http1_inspector.state_size);
    assert(r->state);
    r->config.raw = true;
    r->config.raw_depth = 1 << 20;
    r->config.http_request_body_limit = 256 * 1024;
    r->config.http_response_body_limit = 4096;
    r->config.http_decompress_responses = true;
    r->config.app_max_inflated = 256 * 1024;
    r->config.http_decompress_limit = 1024 * 1024;
    r->config.http_decompress_ratio = 100;
    r->config.http_decompress_layers = 4;
    r->config.http_decompress_memcap = 48 << 20;
    r->keep_parts = true;
    for (unsigned i = 0; i < FIELD_N; i++)
        r->of[i] = buf_within(8 * 1024 * 1024);
    r->packed = buf_within(8 * 1024 * 1024);
    return r;
}

void http_record_free(struct http_record *r)
{
    http1_inspector.free_state(r->state);
    free(r->state);
    for (unsigned i = 0; i < FIELD_N; i++)
        buf_drop(&r->of[i]);
    buf_drop(&r->packed);
    free(r);
}

static size_t record_part(void *arg, const struct field *f)
{
    struct http_record *r = arg;
    struct buf *to = &r->of[f->kind];

    assert(f->parts == NULL && f->http);
    buf_addf(to, "%llu ", (unsigned long long)f->message);
    buf_add(to, f->name);
    buf_add_str(to, "=");
    buf_add(to, f->value);
    buf_add_str(to, "\n");
    return 0;
}

static void record_view(struct http_record *r, const struct http_view *v)
{
    int n =
        snprintf(r->view, sizeof r->view, "%.*s %.*s %.*s %.*s %.*s %.*s %u %.*s %llu", (int)v->method.len,
                 (const char *)v->method.p, (int)v->url.len, (const char *)v->url.p, (int)v->protocol.len,
                 (const char *)v->protocol.p, (int)v->host.len, (const char *)v->host.p,
                 (int)v->user_agent.len, (const char *)v->user_agent.p, (int)v->referer.len,
                 (const char *)v->referer.p, v->status, (int)v->response_content_type.len,
                 (const char *)v->response_content_type.p, (unsigned long long)v->response_length);

    (void)n;
}

/* Pieces stand for themselves, and bring back what they go on from. */
static void record_packed(struct http_record *r, const struct field *f)
{
    assert(f->first && f->last && f->fresh <= f->value.len && f->value.len <= 65536);
    if (f->fresh == 0)
        buf_add_str(&r->packed, "\n");
    buf_add(&r->packed, bytes_from(f->value, f->fresh));
}

static void record_window(struct http_record *r, const struct field *f)
{
    struct buf *to = &r->of[f->kind];

    assert(f->fresh <= f->value.len && f->value.len <= 65536);
    assert(f->first == (r->open[f->kind] == 0) || f->kind == FIELD_RAW);
    assert(!f->first || f->fresh == 0);
    if (!r->open[f->kind]) {
        buf_addf(to, "%llu %d=", (unsigned long long)f->message, (int)f->coding);
        r->open[f->kind] = to->len + 1;
    }
    /* What comes again is what came before. */
    if (f->kind != FIELD_RAW)
        assert(f->fresh <= to->len && memcmp(to->p + to->len - f->fresh, f->value.p, f->fresh) == 0);
    buf_add(to, bytes_from(f->value, f->fresh));
    if (f->last) {
        buf_add_str(to, "\n");
        r->open[f->kind] = 0;
    }
}

static void record_fact(struct http_record *r, const struct field *f)
{
    struct buf *to = &r->of[FIELD_FACT];

    buf_addf(to, "%llu %zu bytes", (unsigned long long)f->message, f->value.len);
    for (unsigned i = 0; i < f->attrs->n; i++) {
        if (attr_is_evidence(f->attrs->v[i].id))
            continue; /* the bytes themselves, long and not to be read */
        buf_addf(to, " %s=", attr_rows[f->attrs->v[i].id].name);
        buf_add(to, f->attrs->v[i].value);
    }
    buf_add_str(to, "\n");
}

static size_t record(void *arg, const struct field *f)
{
    struct http_record *r = arg;

    assert(strcmp(f->app_proto, "http") == 0 && f->http && f->chunk);
    r->n_fields++;
    r->last_message = f->message;
    record_view(r, f->http);
    switch (field_rows[f->kind].shape) {
    case FIELD_SHAPE_RECORD:
        assert(f->file && f->file->magic);
        break;
    case FIELD_SHAPE_HEAD:
        record_part(
            r, &(struct field){.kind = f->kind, .message = f->message, .value = f->value, .http = f->http});
        if (r->keep_parts)
            f->parts(f, record_part, r);
        break;
    case FIELD_SHAPE_WINDOW:
        if (f->kind == FIELD_RAW && f->wire) {
            record_packed(r, f);
            return 0;
        }
        record_window(r, f);
        return r->want;
    case FIELD_SHAPE_FACT:
        record_fact(r, f);
        break;
    case FIELD_SHAPE_TEXT:
    case FIELD_SHAPE_PIECE:
        record_part(r, f);
        break;
    }
    return 0;
}

void http_record_feed(struct http_record *r, unsigned side, struct bytes data, uint64_t gap, bool last)
{
    uint8_t *exact = malloc(data.len ? data.len : 1);
    struct chunk chunk = {.flow = &r->flow, .side = side, .data = {exact, data.len}, .gap = gap, .end = last};
    struct hand_over next = {0};
    struct inspecting in = {&r->config, r->wants, record, r, &chunk, side == 0, &next};
    size_t used = 0;
    enum progress progress = PROGRESS_MORE;

    assert(exact);
    if (data.len)
        memcpy(exact, data.p, data.len);
    chunk.begin = !r->begun[side];
    r->begun[side] = true;
    if (!r->given_up[side])
        progress = http1_inspector.feed(r->state, &in, chunk.data, gap, last, &used);
    if (progress == PROGRESS_GIVE_UP || progress == PROGRESS_CHANGE) {
        r->given_up[side] = true;
        buf_addf(&r->of[FIELD_RAW], "%s", "given up=");
        buf_add(&r->of[FIELD_RAW], buf_bytes(&next.before));
    }
    hold_drop(&next.before);
    http_tx_release(next.tx);
    assert(used <= data.len);
    if (r->given_up[side])
        buf_add(&r->of[FIELD_RAW], bytes_from(chunk.data, used));
    free(exact);
}

void http_record_steps(struct http_record *r, unsigned side, struct bytes data, size_t step)
{
    for (size_t at = 0; at < data.len; at += step)
        http_record_feed(r, side, bytes_slice(data, at, at + step), 0, false);
}

void http_record_end(struct http_record *r)
{
    for (unsigned side = 0; side < 2; side++)
        if (r->begun[side])
            http_record_feed(r, side, (struct bytes){NULL, 0}, 0, true);
}

bool http_record_has(const struct http_record *r, enum field_kind kind, struct bytes needle)
{
    return bytes_find(buf_bytes(&r->of[kind]), needle) != BYTES_NONE ||
           (kind == FIELD_RAW && bytes_find(buf_bytes(&r->packed), needle) != BYTES_NONE);
}

bool http_record_delivers(const struct http_record *r, struct bytes needle)
{
    for (enum field_kind kind = 0; kind < FIELD_N; kind++)
        if (field_rows[kind].shape != FIELD_SHAPE_HEAD && http_record_has(r, kind, needle))
            return true;
    return false;
}

static void print(const char *what, struct bytes b)
{
    fprintf(stderr, "%s: %.*s\n", what, (int)(b.len < 4000 ? b.len : 4000), (const char *)b.p);
}

/* RAW: what is given up is the same bytes under another name, and the window may close one call later. */
static struct bytes raw_text(const struct http_record *r, struct buf *room)
{
    struct bytes b = buf_bytes(&r->of[FIELD_RAW]), mark = BYTES_LIT("given up=");
    size_t at;

    while ((at = bytes_find(b, mark)) != BYTES_NONE) {
        buf_add(room, bytes_slice(b, 0, at));
        b = bytes_from(b, at + mark.len);
    }
    buf_add(room, b);
    b = buf_bytes(room);
    if (b.len >= 4 && b.p[1] == ' ' && b.p[3] == '=')
        b = bytes_from(b, 4);
    return bytes_trim(b);
}

static void must_be_same(const char *what, struct bytes one, struct bytes other)
{
    if (bytes_eq(one, other))
        return;
    fprintf(stderr, "the %s differ\n", what);
    print("one", one);
    print("other", other);
    abort();
}

void http_record_same(const struct http_record *a, const struct http_record *b)
{
    must_be_same("packed texts", buf_bytes(&a->packed), buf_bytes(&b->packed));
    for (unsigned kind = 0; kind < FIELD_N; kind++) {
        struct buf x = buf_within(16 << 20), y = buf_within(16 << 20);
        bool raw = kind == FIELD_RAW;
        struct bytes p = raw ? raw_text(a, &x) : buf_bytes(&a->of[kind]);
        struct bytes q = raw ? raw_text(b, &y) : buf_bytes(&b->of[kind]);

        must_be_same(field_rows[kind].name, p, q);
        buf_drop(&x);
        buf_drop(&y);
    }
}
