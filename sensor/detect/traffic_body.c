/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "detect/traffic_tx.h"

#include <stdlib.h>

/* Suricata looks at a body once it has so much of it (request-body-minimal-inspect-size,
 * response-body-minimal-inspect-size), then as it grows, and at its end. */
#define INSPECT_FIRST 32768
#define INSPECT_STEP  16384

#define BODIES_MAX 64 /* of one flow, under way */

/* A body or file under way, or one that rules wait for. */
struct traffic_body {
    struct traffic_body *next; /* the most recently made first */
    uint64_t message;
    uint8_t side;
    bool begun, over; /* over: as long as the settings let it be */
    struct buf text;
    size_t scanned;
    /* Rules that wait for it, or have matched: each speaks once. */
    struct body_rule {
        uint32_t rule;
        bool told;
    } * rules;
    uint32_t n_rules;
};

static struct traffic_body *body_find(struct traffic_flow *tf, uint64_t message, unsigned side)
{
    struct traffic_body *b = tf->bodies;

    while (b && (b->message != message || b->side != side))
        b = b->next;
    return b;
}

static void body_free(struct traffic *t, struct traffic_body **at)
{
    struct traffic_body *b = *at;

    *at = b->next;
    traffic_unkeep(t, &b->text);
    t->memory -= sizeof *b + b->n_rules * sizeof *b->rules;
    free(b->rules);
    free(b);
}

void traffic_bodies_drop(struct traffic *t, struct traffic_flow *tf)
{
    while (tf->bodies)
        body_free(t, &tf->bodies);
}

void traffic_bodies_renumber(struct traffic_flow *tf, const uint32_t *to)
{
    for (struct traffic_body *b = tf->bodies; b; b = b->next) {
        for (uint32_t i = 0; i < b->n_rules; i++)
            b->rules[i].rule = traffic_renumbered(to, b->rules[i].rule);
        b->scanned = 0; /* other rules may be found in it */
    }
}

/* The oldest goes when there are too many: a request without a body leaves one behind. */
static void make_room(struct traffic *t, struct traffic_flow *tf)
{
    struct traffic_body **at = &tf->bodies, **last = at;
    unsigned n = 0;

    for (; *at; at = &(*at)->next, n++)
        last = at;
    if (n < BODIES_MAX)
        return;
    if ((*last)->begun)
        count(COUNT_TRAFFIC_MEMORY);
    body_free(t, last);
}

static struct traffic_body *body_make(struct traffic *t, struct traffic_flow *tf, uint64_t message,
                                      unsigned side)
{
    struct traffic_body *b;

    make_room(t, tf);
    b = calloc(1, sizeof *b);
    if (!b) {
        count(COUNT_TRAFFIC_MEMORY);
        return NULL;
    }
    t->memory += sizeof *b;
    b->message = message;
    b->side = (uint8_t)side;
    b->next = tf->bodies;
    tf->bodies = b;
    return b;
}

static struct body_rule *body_rule(struct traffic *t, struct traffic_body *b, uint32_t rule)
{
    struct body_rule *rules;

    for (uint32_t i = 0; i < b->n_rules; i++)
        if (b->rules[i].rule == rule)
            return &b->rules[i];
    rules = realloc(b->rules, (b->n_rules + 1) * sizeof *rules);
    if (!rules) {
        count(COUNT_TRAFFIC_MEMORY);
        return NULL;
    }
    t->memory += sizeof *rules;
    b->rules = rules;
    rules[b->n_rules] = (struct body_rule){.rule = rule};
    return &rules[b->n_rules++];
}

void traffic_body_wait(struct traffic *t, const struct situation *at, uint32_t rule)
{
    struct traffic_body *b = body_find(at->tf, at->message, at->chunk->side);

    if (!b)
        b = body_make(t, at->tf, at->message, at->chunk->side);
    if (b)
        (void)body_rule(t, b, rule);
}

static bool bodies_hold(struct traffic *t, const struct traffic_rule *r, const struct confirm_value *v)
{
    struct confirm_vars vars = {0};

    count(COUNT_TRAFFIC_ASKED);
    for (unsigned i = 0; i < r->ask->n_sections; i++) {
        const struct traffic_section *s = &r->ask->sections[i];

        if (s->buffer != BUFFER_PAYLOAD && (buffer_rows[s->buffer].traits & BUFFER_STREAM) &&
            !rule_confirm(s, v, &vars, t->scratch))
            return false;
    }
    return true;
}

static void ask_rule(struct traffic *t, const struct situation *at, struct body_rule *b,
                     const struct confirm_value *v)
{
    const struct traffic_rule *r;

    if (b->told || b->rule == TRAFFIC_GONE)
        return;
    r = &t->plan->rule[b->rule];
    if (!traffic_conditions_hold(t, at, r) || !bodies_hold(t, r, v))
        return;
    b->told = true;
    if (r->payload)
        traffic_mix(t, at, b->rule);
    else
        traffic_matched(t, at, r);
}

/* For HTTP, both its own buffer and file.data hold the body. */
static bool fills(const struct traffic_buffer *b, const struct situation *at)
{
    if (b->to_server != at->sighting.to_server)
        return false;
    if (b->id == BUFFER_HTTP_REQUEST_BODY)
        return at->kind == FIELD_HTTP_REQUEST_BODY;
    if (b->id == BUFFER_HTTP_RESPONSE_BODY)
        return at->kind == FIELD_HTTP_RESPONSE_BODY;
    return b->id == BUFFER_FILE_DATA;
}

static int by_rule(const void *left, const void *right)
{
    const struct body_rule *a = left, *b = right;

    return a->rule < b->rule ? -1 : a->rule > b->rule;
}

/* Rules that are found in what is new wait like those that the head has brought. */
static void find_rules(struct traffic *t, const struct situation *at, struct traffic_body *b)
{
    size_t from = b->scanned > PATTERNS_MAX ? b->scanned - PATTERNS_MAX : 0;
    struct bytes fresh = bytes_from(buf_bytes(&b->text), from);

    for (unsigned i = 0; i < t->plan->n_buffers; i++) {
        const struct traffic_buffer *buffer = &t->plan->buffers[i];

        if (!fills(buffer, at) || !traffic_reaches(t, at->tf, at->chunk, &buffer->set))
            continue;
        if (buffer->like->n_transforms)
            fresh = rule_transformed(buffer->like, buf_bytes(&b->text), t->scratch);
        traffic_set_find(&buffer->set, fresh, &t->room.finds);
        fresh = bytes_from(buf_bytes(&b->text), from);
    }
    for (unsigned i = 0; i < t->room.finds.n; i++)
        (void)body_rule(t, b, t->room.finds.find[i].rule);
    traffic_finds_clear(&t->room.finds);
    b->scanned = b->text.len;
}

static void inspect(struct traffic *t, struct situation *at, struct traffic_body *b, bool last)
{
    struct confirm_value v = {.bytes = buf_bytes(&b->text), .last = last};

    find_rules(t, at, b);
    if (b->n_rules > 1)
        qsort(b->rules, b->n_rules, sizeof *b->rules, by_rule);
    at->shown = v.bytes;
    for (uint32_t i = 0; i < b->n_rules; i++)
        ask_rule(t, at, &b->rules[i], &v);
}

static bool is_due(const struct traffic_body *b)
{
    return b->text.len >= INSPECT_FIRST && (b->scanned == 0 || b->text.len - b->scanned >= INSPECT_STEP);
}

/* Nothing was asked of this direction's bodies beside what heads have brought, and they brought nothing. */
static bool is_wanted(struct traffic *t, const struct situation *at)
{
    for (unsigned i = 0; i < t->plan->n_buffers; i++)
        if (fills(&t->plan->buffers[i], at) &&
            traffic_reaches(t, at->tf, at->chunk, &t->plan->buffers[i].set))
            return true;
    return false;
}

static void body_add(struct traffic *t, struct situation *at, struct traffic_body *b, struct bytes piece)
{
    size_t room = (size_t)t->config->traffic_body_limit - b->text.len,
           take = piece.len < room ? piece.len : room;

    if (b->over) {
        count_add(COUNT_TRAFFIC_BODY_BYTES, piece.len);
        return;
    }
    count_add(COUNT_TRAFFIC_BODY_BYTES, piece.len - take);
    b->begun = true;
    b->over = !traffic_keep(t, &b->text, bytes_slice(piece, 0, take)) || take == room;
    if (b->over || is_due(b))
        inspect(t, at, b, b->over);
    if (b->over)
        traffic_unkeep(t, &b->text);
}

static void body_end(struct traffic *t, struct situation *at, struct traffic_body *b)
{
    struct traffic_body **at_list = &at->tf->bodies;

    if (!b->over && b->text.len)
        inspect(t, at, b, true);
    while (*at_list != b)
        at_list = &(*at_list)->next;
    body_free(t, at_list);
}

void traffic_body_piece(struct traffic *t, struct situation *at, struct bytes piece, bool first, bool last)
{
    struct traffic_body *b = body_find(at->tf, at->message, at->chunk->side);

    if (b && first && b->begun) {
        body_end(t, at, b);
        b = NULL;
    }
    /* One that nobody wanted before other rules came, or that had to make room: its middle is no beginning.
     */
    if (!b && first && (piece.len || !last) && is_wanted(t, at))
        b = body_make(t, at->tf, at->message, at->chunk->side);
    if (!b)
        return;
    if (piece.len)
        body_add(t, at, b, piece);
    if (last)
        body_end(t, at, b);
}
