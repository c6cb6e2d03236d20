/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/detect.h"
#include "base/count.h"
#include "detect/ask.h"
#include "detect/hidden.h"
#include "detect/locate.h"
#include "detect/odd_name.h"
#include "detect/pieces.h"
#include "detect/place.h"
#include "detect/remains.h"
#include "detect/verdict.h"

#include <stdlib.h>
#include <xxhash.h>

#define LOOKBACK 512   /* kept of a window in which nothing is open: context, and an encoding cut in two */
#define KEEP_MAX 32768 /* kept of a window in which something is: half of what inspect/ gives at once */
/* What may be resolved of a text that was sent compressed: so much, and so many times what was sent. */
#define PACKED_FREE  (64 * 1024)
#define PACKED_TIMES 16

#define N_SEEN 16 /* lookups remembered per flow, against repeats */

/* A window under watch. */
struct watch {
    struct watch *next;
    enum field_kind kind; /* and number of what it is the text of */
    uint64_t message;
    bool in_use;
    struct scan_stream *stream; /* opened with the first piece */
    uint64_t taken, worked;     /* bytes of this text; bytes given to the resolver for it */
    size_t pending;             /* bytes since the last time */
    bool unsure;                /* nothing was found then, but a reading may have waited for more */
    unsigned hidden;            /* ways in which it hides something: hidden_in */
    struct place_walk *walk;    /* request bodies that go on: as far as the window's beginning ... */
    uint64_t walked, given;     /* ... which is so far in, and what was given of the body */
    uint64_t resolved;          /* bytes given to the resolver for all of it */
};

/* flow->detect_slot */
struct detect_flow {
    /* By side: a body, the raw bytes beside it, and further bodies when several are under way at once
     * (HTTP/2), the most recent first. */
    struct watch body[2], raw[2], *more[2];
    uint64_t seen[N_SEEN];  /* hash of message number and name */
    uint64_t names[N_SEEN]; /* of the name alone */
    unsigned n_seen;
    struct remains remains[2]; /* by side */
    struct message_list messages;
};

struct detect {
    struct scan *scan;
    struct resolver *resolver;
    struct ask *ask;
    const struct field *field;     /* being looked at */
    const struct place_walk *walk; /* where its value begins; NULL for the beginning of a text */
    struct bytes around; /* the head that it is a part of, else its own text: the payload of an alert */
    bool found;          /* a part of the head at hand holds a lookup */
};

static struct detect_flow *slot_of(const struct field *f)
{
    struct flow *flow = f->chunk->flow;

    if (!flow->detect_slot)
        flow->detect_slot = calloc(1, sizeof(struct detect_flow));
    return flow->detect_slot;
}

static void ask_about(struct detect *d, struct finding *finding)
{
    struct detect_flow *slot = ask_keeps_messages(d->ask) ? slot_of(finding->field) : NULL;

    ask_rules(d->ask, slot ? &slot->messages : NULL, finding);
}

struct detect *detect_new(const struct config *config, const struct ruleset *rules,
                          void (*fn)(void *arg, const struct finding *f), void *arg, struct complaint *why)
{
    struct detect *d = calloc(1, sizeof *d);

    if (!d) {
        complain(why, "memory is short");
        return NULL;
    }
    d->scan = scan_new(why);
    d->resolver = d->scan ? resolver_new(config, d->scan) : NULL;
    d->ask = ask_new(config, rules, fn, arg);
    if (!d->resolver || !d->ask) {
        complain(why, "memory is short");
        detect_free(d);
        return NULL;
    }
    return d;
}

void detect_use_rules(struct detect *d, const struct ruleset *rules)
{
    ask_use_rules(d->ask, rules);
}

void detect_free(struct detect *d)
{
    if (!d)
        return;
    ask_free(d->ask);
    resolver_free(d->resolver);
    scan_free(d->scan);
    free(d);
}

static void watch_close(struct detect *d, struct watch **at)
{
    struct watch *w = *at;

    *at = w->next;
    scan_stream_close(d->scan, w->stream);
    free(w->walk);
    free(w);
}

void detect_flow_end(struct detect *d, struct flow *f)
{
    struct detect_flow *slot = f->detect_slot;

    if (!slot)
        return;
    ask_flow_end(d->ask, &slot->messages);
    for (unsigned side = 0; side < 2; side++) {
        scan_stream_close(d->scan, slot->body[side].stream);
        scan_stream_close(d->scan, slot->raw[side].stream);
        free(slot->body[side].walk);
        while (slot->more[side])
            watch_close(d, &slot->more[side]);
    }
    free(slot);
    f->detect_slot = NULL;
}

/* True the first time that this request shows this name. Without memory everything is new: better twice than
 * never. */
static bool is_new(const struct field *f, struct bytes name)
{
    struct detect_flow *slot = slot_of(f);
    /* Requests and responses are counted apart, and a window and a head of one message share its number. */
    uint64_t hash = XXH3_64bits_withSeed(name.p, name.len, f->message * 2 + f->chunk->side);
    uint64_t name_hash = XXH3_64bits_withSeed(name.p, name.len, f->chunk->side);
    bool answer = !flow_to_server(f->chunk->flow, f->chunk->side);
    uint64_t asked_hash = XXH3_64bits_withSeed(name.p, name.len, !f->chunk->side);

    if (!slot)
        return true;
    for (unsigned i = 0; i < N_SEEN && i < slot->n_seen; i++)
        /* Another version of what was seen belongs to no message that we could tell. A server that repeats
         * what it was asked with attacks nobody. */
        if (slot->seen[i] == hash || (answer && slot->names[i] == asked_hash) ||
            (f->chunk->alternative && slot->names[i] == name_hash)) {
            count(COUNT_DETECT_REPEATS);
            return false;
        }
    slot->names[slot->n_seen % N_SEEN] = name_hash;
    slot->seen[slot->n_seen++ % N_SEEN] = hash;
    return true;
}

static bool is_remains(const struct field *f, const struct resolved *r)
{
    struct detect_flow *slot = slot_of(f);

    if (!slot || !remains_take(&slot->remains[f->chunk->side], f, r))
        return false;
    count(COUNT_DETECT_REPEATS);
    return true;
}

static void add_http(struct attrs *attrs, const struct http_view *http)
{
    if (!http)
        return;
    attrs_add(attrs, ATTR_HTTP_METHOD, http->method);
    attrs_add(attrs, ATTR_HTTP_URI, http->url);
    if (http->host.p)
        attrs_add(attrs, ATTR_HTTP_HOST, http->host);
    if (http->user_agent.p)
        attrs_add(attrs, ATTR_HTTP_USER_AGENT, http->user_agent);
}

static void on_lookup(void *arg, const struct resolved *r)
{
    struct detect *d = arg;
    const struct field *f = d->field;
    struct field named = *f;
    struct finding finding = {.field = &named, .payload = d->around};
    struct place place;
    struct verdict v;

    if (is_remains(f, r) || !is_new(f, r->hit->name))
        return;
    count(COUNT_DETECT_LOOKUPS);
    verdict_of(r, &v);
    attrs_add(&v.attrs, ATTR_JNDI_LOCATION, bytes_str(field_rows[f->kind].name));
    attrs_add(&v.attrs, ATTR_JNDI_RAW, v.raw);
    locate(f, d->walk, r, v.raw, &place);
    locate_tell(&place, &named, &v.attrs);
    add_http(&v.attrs, f->http);
    finding.attrs = &v.attrs;
    finding.raw = v.raw;
    finding.decoded = v.decoded;
    finding.depth = v.depth;
    finding.confidence = v.confidence;
    finding.ineffective = v.ineffective;
    finding.versions = v.versions;
    ask_about(d, &finding);
}

/* A text too expensive to work out to its end, and nothing found in its message until then: said, once. */
static void on_spent(struct detect *d, const struct field *f)
{
    struct attrs attrs = {0};
    struct finding finding = {.field = f,
                              .attrs = &attrs,
                              .payload = d->around,
                              .raw = f->value,
                              .decoded = f->value,
                              .confidence = 50};
    struct detect_flow *slot = slot_of(f);

    count(COUNT_DETECT_BUDGET);
    if (slot && remains_body_had(&slot->remains[f->chunk->side], f->message))
        return;
    if (!is_new(f, BYTES_LIT("(budget)")))
        return;
    attrs_add(&attrs, ATTR_JNDI_STAGE, BYTES_LIT("lookup"));
    attrs_add(&attrs, ATTR_JNDI_LOCATION, bytes_str(field_rows[f->kind].name));
    attrs_add(&attrs, ATTR_JNDI_TECHNIQUE, BYTES_LIT("budget"));
    attrs_add(&attrs, ATTR_JNDI_RAW, f->value);
    add_http(&attrs, f->http);
    ask_about(d, &finding);
}

/* whole: no reading waits for more text. True when there was a lookup. */
static bool resolve(struct detect *d, const struct field *f, unsigned hidden, bool whole)
{
    bool spent = false, spent_too = false, found;

    count(COUNT_DETECT_TRIGGERS);
    d->field = f;
    found = hidden && resolver_run_hidden(d->resolver, f->value, hidden, whole, on_lookup, d, &spent_too);
    /* Parts of a parameter, read as they stand, are half of what was found. */
    if (!found || hidden != 1u << UNWRAP_PARAMETER)
        found |= resolver_run(d->resolver, f->value, f->coding, whole, on_lookup, d, &spent);
    if (!found && (spent || spent_too))
        on_spent(d, f);
    return found;
}

/* A name that is no lookup, but no host's either. */
static void on_odd_name(struct detect *d, const struct field *f)
{
    uint8_t odd[ODD_NAME_MAX];
    size_t n = odd_name(f->value, odd);
    struct attrs attrs = {.n = 0};
    struct finding finding = {.field = f, .attrs = &attrs, .payload = f->value, .confidence = 100};

    if (n == 0 || !is_new(f, BYTES_LIT("(odd name)")))
        return;
    attrs_add(&attrs, ATTR_DNS_RRNAME, f->value);
    attrs_add(&attrs, ATTR_DNS_ODD, bytes_of(odd, n));
    attrs_add(&attrs, ATTR_JNDI_LOCATION, bytes_str(field_rows[f->kind].name));
    ask_about(d, &finding);
}

/* What a server sends is full of templates and is no victim's input yet: there it takes more than an
 * expression with a colon in it. */
static bool is_marked(const struct field *f, unsigned seen)
{
    if (f->kind == FIELD_HTTP_RESPONSE_BODY && !(seen & SCAN_TIGHT))
        seen &= ~(unsigned)(SCAN_PLAIN | SCAN_MIXED);
    return (seen & SCAN_HIT) != 0;
}

/* One scan of a whole text. */
static unsigned scan_field(struct detect *d, const struct field *f)
{
    return f->kind == FIELD_HTTP_RESPONSE_BODY ? scan_all(d->scan, f->value) : scan_block(d->scan, f->value);
}

static size_t on_part(void *arg, const struct field *f)
{
    struct detect *d = arg;
    unsigned hidden = hidden_in(f);

    if (hidden || is_marked(f, scan_field(d, f)))
        d->found |= resolve(d, f, hidden, true);
    return 0;
}

/* The parts of a head each on their own, as most applications log them. Some log all of them in one message,
 * and there a lookup may begin in one header and end in the next. */
static void resolve_head(struct detect *d, const struct field *f)
{
    d->found = false;
    f->parts(f, on_part, d);
    if (!d->found && f->kind == FIELD_HTTP_REQUEST_HEAD && scan_all(d->scan, f->value) & SCAN_TIGHT)
        resolve(d, f, 0, true);
}

/* A window that is marked is resolved again with each new piece, so that the alert belongs to the packet that
 * completes the lookup, as long as the work stays within a small multiple of the bytes that came; beyond
 * that, each time a quarter of what is kept is new, and at the end. */
static bool is_due(const struct watch *w, const struct field *f)
{
    if (f->last || w->pending >= KEEP_MAX / 4)
        return true;
    /* What a server sends is no victim's input yet: at its end is early enough. */
    return f->kind != FIELD_HTTP_RESPONSE_BODY && w->worked + f->value.len <= 3 * w->taken + 8192;
}

/* A byte on the wire may become hundreds of a text; it does not pay for looking at all of them. Said, when it
 * comes to that. */
static bool is_paid_for(struct detect *d, struct watch *w, const struct field *f)
{
    if (!f->wire || w->resolved + f->value.len <= PACKED_FREE + PACKED_TIMES * f->wire)
        return true;
    on_spent(d, f);
    return false;
}

/* True when nothing in a text can have a part in what comes after it: each expression is closed, and no "$"
 * stands where an evaluation could give it a brace: before another one, at the end of a value, or quoted
 * inside one. */
static bool is_settled(struct detect *d, struct bytes text)
{
    size_t depth = 0;
    unsigned seen;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t next = i + 1 < text.len ? text.p[i + 1] : '$';

        if (text.p[i] == '}' && depth)
            depth--;
        if (text.p[i] != '$')
            continue;
        if (next == '{')
            depth++;
        else if (depth || next == '$' || next == '}')
            return false;
    }
    if (depth)
        return false;
    seen = scan_all(d->scan, text);
    return !(seen & (SCAN_ENCODED | SCAN_WIDE | SCAN_BLOB)) && (!(seen & SCAN_MIXED) || text_is_binary(text));
}

/* The lookback, and none of the expressions that end in it. */
static struct bytes behind_expressions(struct bytes text)
{
    struct bytes tail = bytes_from(text, text.len > LOOKBACK ? text.len - LOOKBACK : 0);
    size_t at;

    while (bytes_find_byte(tail, '$') != BYTES_NONE && (at = bytes_find_byte(tail, '}')) != BYTES_NONE)
        tail = bytes_from(tail, at + 1);
    return tail;
}

/* Begins to watch anew, with what is kept as lookback. */
static void watch_again(struct detect *d, struct watch *w, struct bytes lookback)
{
    w->taken = w->worked = 0;
    w->pending = 0;
    w->unsure = false;
    w->hidden = 0;
    if (!w->stream)
        return;
    scan_stream_reset(d->scan, w->stream);
    scan_stream_feed(d->scan, w->stream, lookback, false);
}

static bool is_watch_of(const struct watch *w, const struct field *f)
{
    return w->in_use && w->message == f->message && w->kind == f->kind;
}

/* As many as there are bodies under way: inspect/ has a ceiling for them. */
static struct watch **more_find(struct watch **at, const struct field *f)
{
    while (*at && !is_watch_of(*at, f))
        at = &(*at)->next;
    return at;
}

/* The watch of the window that f is a piece of. NULL when memory is short. */
static struct watch *watch_of(struct detect *d, struct detect_flow *slot, const struct field *f)
{
    unsigned side = f->chunk->side;
    struct watch *w = f->kind == FIELD_RAW ? &slot->raw[side] : &slot->body[side], **at;

    if (f->kind != FIELD_RAW && w->in_use && !is_watch_of(w, f)) {
        at = more_find(&slot->more[side], f);
        w = *at;
        if (w)
            *at = w->next;
        else
            w = calloc(1, sizeof *w);
        if (!w)
            return NULL;
        w->next = slot->more[side];
        slot->more[side] = w;
    }
    if (!w->stream)
        w->stream = scan_stream_open(d->scan);
    if (f->first || !w->in_use) {
        watch_again(d, w, bytes_slice(f->value, 0, f->fresh));
        w->resolved = 0;
    }
    w->in_use = true;
    w->kind = f->kind;
    w->message = f->message;
    return w;
}

static void watch_over(struct detect *d, struct detect_flow *slot, const struct field *f)
{
    struct watch *body = &slot->body[f->chunk->side], **at;

    if (f->kind == FIELD_RAW || is_watch_of(body, f)) {
        (f->kind == FIELD_RAW ? &slot->raw[f->chunk->side] : body)->in_use = false;
        return;
    }
    at = more_find(&slot->more[f->chunk->side], f);
    if (*at)
        watch_close(d, at);
}

static size_t watch_window(struct detect *d, const struct field *f, struct watch *w)
{
    struct bytes fresh = bytes_from(f->value, f->fresh), tail;
    unsigned seen;

    seen = w->stream ? scan_stream_feed(d->scan, w->stream, fresh, f->kind == FIELD_HTTP_RESPONSE_BODY)
                     : SCAN_OPEN | SCAN_HIT | SCAN_TIGHT;
    w->hidden |= hidden_in(f);
    if (w->hidden)
        seen |= SCAN_OPEN | SCAN_HIT;
    w->pending += fresh.len;
    w->taken += fresh.len;
    if (is_marked(f, seen) && (w->pending > 0 || (f->last && w->unsure)) && is_due(w, f) &&
        is_paid_for(d, w, f)) {
        /* What lies before the part that is kept will not be seen much longer: waiting would be for ever. */
        w->unsure = !resolve(d, f, w->hidden, f->last || f->value.len > KEEP_MAX / 4 * 3);
        w->worked += f->value.len;
        w->resolved += f->value.len;
        w->pending = 0;
        if (!f->last && !w->hidden && is_settled(d, f->value)) {
            /* With an expression in the lookback all that is kept would be told again, and again. */
            tail = behind_expressions(f->value);
            if (bytes_find_byte(tail, '$') == BYTES_NONE) {
                watch_again(d, w, tail);
                return tail.len;
            }
        }
    }
    if (f->last)
        return 0;
    return seen ? KEEP_MAX : LOOKBACK;
}

/* Walks on to where the window will begin next time. A window that begins elsewhere than expected (memory was
 * short) has lost the way. */
static size_t watch_body(struct detect *d, const struct field *f, struct watch *w)
{
    size_t keep;

    if (f->first || w->given - f->fresh != w->walked || f->kind != FIELD_HTTP_REQUEST_BODY) {
        free(w->walk);
        w->walk = f->first && f->kind == FIELD_HTTP_REQUEST_BODY ? malloc(sizeof *w->walk) : NULL;
        w->given = w->walked = 0;
        if (w->walk)
            place_begin(w->walk, f->coding);
    }
    d->walk = w->walk;
    keep = watch_window(d, f, w);
    d->walk = NULL;
    if (f->last) {
        free(w->walk);
        w->walk = NULL;
    } else if (w->walk) {
        keep = keep < f->value.len ? keep : f->value.len;
        place_feed(w->walk, bytes_slice(f->value, 0, f->value.len - keep));
        w->given += f->value.len - f->fresh;
        w->walked = w->given - keep;
    }
    return keep;
}

static size_t on_window(struct detect *d, const struct field *f)
{
    struct detect_flow *slot;
    struct watch *w;
    unsigned hidden;
    size_t keep;

    if (f->first && f->last) { /* in one piece: needs no stream, and disturbs none */
        hidden = hidden_in(f);
        if (hidden || is_marked(f, scan_field(d, f)))
            resolve(d, f, hidden, true);
        return 0;
    }
    slot = slot_of(f);
    w = slot ? watch_of(d, slot, f) : NULL;
    if (!w)
        return 0;
    keep = f->kind == FIELD_RAW ? watch_window(d, f, w) : watch_body(d, f, w);
    if (f->last)
        watch_over(d, slot, f);
    return keep;
}

static size_t search(struct detect *d, const struct field *f)
{
    struct finding fact;
    unsigned hidden;

    d->around = f->value;
    if (field_rows[f->kind].shape == FIELD_SHAPE_FACT) {
        fact = (struct finding){.field = f, .attrs = f->attrs, .payload = f->value, .confidence = 100};
        ask_about(d, &fact);
        return 0;
    }
    count(COUNT_DETECT_FIELDS);
    count_add(COUNT_DETECT_BYTES, f->value.len - f->fresh);
    if (field_rows[f->kind].shape == FIELD_SHAPE_WINDOW)
        return on_window(d, f);
    hidden = hidden_in(f);
    if (hidden || scan_block(d->scan, f->value) & SCAN_HIT) {
        if (f->parts)
            resolve_head(d, f);
        else if (resolve(d, f, hidden, true))
            return 0;
    }
    if (f->kind == FIELD_DNS_RRNAME)
        on_odd_name(d, f);
    return 0;
}

size_t detect_field(void *detect, const struct field *f)
{
    struct detect *d = detect;
    struct detect_flow *slot;
    size_t keep;

    if (field_rows[f->kind].shape == FIELD_SHAPE_RECORD || field_rows[f->kind].shape == FIELD_SHAPE_PIECE)
        return 0;
    slot = ask_keeps_messages(d->ask) && f->http ? slot_of(f) : NULL;
    if (slot)
        ask_before(d->ask, &slot->messages, f);
    keep = search(d, f);
    if (slot)
        ask_after(d->ask, &slot->messages, f);
    return keep;
}
