/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/ldap_records.h"

#include "base/count.h"
#include "base/mix.h"
#include "correlate/table.h"
#include "inspect/ber.h"

#include <stdlib.h>

/* Of a line, for all that is around the request and the answers: the envelope, pcap_filename. */
#define AROUND 1024
/* Of the rest, for the answer that ends it, so that many entries cannot push it out. */
#define LAST_SHARE 4

/* One operation, as JSON: "request":{...},"responses":[{...},{...} without the end. */
struct operation {
    struct buf text;
    uint64_t ts_us, packet; /* of its last message */
    uint32_t id;
    unsigned n_responses;
};

/* The operations of a flow that wait, the oldest first. */
struct waiting {
    struct table_entry entry;
    struct record_head head;
    struct operation *open[LDAP_RECORDS_OPEN];
    unsigned n;
};

struct ldap_records {
    const struct eve *eve;
    ldap_line_fn *fn;
    void *arg;
    struct table *flows;
    struct buf line, piece;
    size_t bytes, max_bytes;
    uint64_t seed;
    uint64_t now_us, now_packet;
};

/* The text of an operation at its largest, and what it hangs on. */
static size_t text_max(const struct ldap_records *r)
{
    return r->eve->config->eve_max_event_size - AROUND;
}

static size_t cost(const struct operation *o)
{
    return sizeof *o + o->text.cap;
}

static void write_line(struct ldap_records *r, struct waiting *f, const struct operation *o)
{
    struct record_head h = f->head;
    struct jsonw w;

    h.ts_us = o->ts_us;
    h.packet = o->packet;
    w = eve_record_begin(&r->line, r->eve, "ldap", &h, h.client);
    jsonw_object(&w, "ldap");
    w.ok = buf_add(w.out, buf_bytes(&o->text)) && (o->n_responses == 0 || buf_add_byte(w.out, ']')) && w.ok;
    w.comma = true;
    jsonw_end_object(&w);
    if (eve_record_finish(&w, r->eve))
        r->fn(r->arg, buf_bytes(&r->line), r->now_us, r->now_packet, h.flow_id);
}

/* Writes operation at of the flow, and forgets it. */
static void close_operation(struct ldap_records *r, struct waiting *f, unsigned at)
{
    struct operation *o = f->open[at];

    write_line(r, f, o);
    r->bytes -= cost(o);
    buf_drop(&o->text);
    free(o);
    f->n--;
    memmove(f->open + at, f->open + at + 1, (f->n - at) * sizeof f->open[0]);
}

static void close_early(struct ldap_records *r, struct waiting *f)
{
    count(COUNT_OUTPUT_LDAP_EARLY);
    close_operation(r, f, 0);
}

static void close_flow(struct ldap_records *r, struct waiting *f)
{
    while (f->n > 0)
        close_operation(r, f, 0);
    r->bytes -= sizeof *f;
    table_remove(r->flows, f);
}

static void on_evict(void *arg, void *entry)
{
    struct ldap_records *r = arg;
    struct waiting *f = entry;

    while (f->n > 0)
        close_operation(r, f, 0);
    r->bytes -= sizeof *f;
}

struct ldap_records *ldap_records_new(const struct eve *eve, ldap_line_fn *fn, void *arg)
{
    struct ldap_records *r = calloc(1, sizeof *r);
    struct table_plan plan = {.entry_size = sizeof(struct waiting),
                              .evicted = COUNT_OUTPUT_LDAP_EARLY,
                              .on_evict = on_evict,
                              .arg = r};
    uint64_t secrets[MIX_SECRETS];

    if (!r)
        return NULL;
    mix_secrets(eve->config->deterministic, secrets);
    r->eve = eve;
    r->fn = fn;
    r->arg = arg;
    r->seed = secrets[0];
    r->max_bytes = plan.max_bytes = eve->config->eve_ldap_memcap;
    r->flows = table_new(&plan);
    if (r->flows)
        return r;
    ldap_records_free(r);
    return NULL;
}

void ldap_records_free(struct ldap_records *r)
{
    struct waiting *f;

    if (!r)
        return;
    while (r->flows && (f = table_oldest(r->flows)) != NULL) {
        for (unsigned i = 0; i < f->n; i++) {
            buf_drop(&f->open[i]->text);
            free(f->open[i]);
        }
        table_remove(r->flows, f);
    }
    table_free(r->flows);
    buf_drop(&r->line);
    buf_drop(&r->piece);
    free(r);
}

size_t ldap_records_n(const struct ldap_records *r)
{
    return table_n(r->flows);
}

static struct table_key key_of(const struct ldap_records *r, uint64_t flow_id)
{
    struct table_text t;

    key_begin(&t, 'l');
    key_number(&t, flow_id);
    return key_end(&t, r->seed);
}

static struct waiting *flow_of(struct ldap_records *r, const struct field *field)
{
    struct table_key key = key_of(r, field->chunk->flow->id);
    struct waiting *f = table_find(r->flows, &key);

    if (f) {
        table_touch(r->flows, f);
        return f;
    }
    f = table_add(r->flows, &key);
    if (!f)
        return NULL;
    r->bytes += sizeof *f;
    eve_record_head(&f->head, field->chunk->flow, r->now_us, r->now_packet);
    return f;
}

/* The place of the operation with that message id; f->n when there is none. */
static unsigned find(const struct waiting *f, uint32_t id)
{
    unsigned at = 0;

    while (at < f->n && f->open[at]->id != id)
        at++;
    return at;
}

static struct operation *open_operation(struct ldap_records *r, struct waiting *f, uint32_t id)
{
    struct operation *o;

    if (f->n == LDAP_RECORDS_OPEN)
        close_early(r, f);
    o = calloc(1, sizeof *o);
    if (!o)
        return NULL;
    o->id = id;
    o->text = buf_within(text_max(r));
    r->bytes += cost(o);
    f->open[f->n++] = o;
    return o;
}

/* The piece that was rendered, into the text. False when there is no room for it. */
static bool add_piece(struct ldap_records *r, struct operation *o, const char *before, size_t room)
{
    bool good = o->text.len + strlen(before) + r->piece.len <= room;

    r->bytes -= cost(o);
    good = good && buf_add_str(&o->text, before) && buf_add(&o->text, buf_bytes(&r->piece));
    r->bytes += cost(o);
    return good;
}

static struct jsonw piece_begin(struct ldap_records *r)
{
    buf_clear(&r->piece);
    r->piece.ceiling = text_max(r);
    return jsonw_to(&r->piece);
}

/* Renders the message, and adds it; what is too long with less of it (OUTPUT_CUT). bare_room: for that it
 * came at all. False when there is no room even for that. */
static bool add_message(struct ldap_records *r, struct operation *o, const struct field *field,
                        void render(struct jsonw *, const struct eve_ldap *, enum eve_ldap_detail),
                        const char *before, size_t room, size_t bare_room)
{
    const struct eve_ldap m = {.attrs = field->attrs, .pdu = field->value, .message_id = o->id};

    for (int detail = EVE_LDAP_VALUES; detail >= EVE_LDAP_BARE; detail--) {
        struct jsonw w = piece_begin(r);

        render(&w, &m, (enum eve_ldap_detail)detail);
        if (w.ok && add_piece(r, o, before, detail == EVE_LDAP_BARE ? bare_room : room))
            return true;
        if (detail == EVE_LDAP_VALUES)
            count(COUNT_OUTPUT_CUT);
    }
    return false;
}

static void add_request(struct ldap_records *r, struct operation *o, const struct field *field)
{
    (void)add_message(r, o, field, eve_ldap_request, "\"request\":", text_max(r) - text_max(r) / LAST_SHARE,
                      text_max(r));
}

static void add_response(struct ldap_records *r, struct operation *o, const struct field *field, bool last)
{
    size_t room = last ? text_max(r) - 1 : text_max(r) - text_max(r) / LAST_SHARE;
    const char *before = o->n_responses ? "," : o->text.len ? ",\"responses\":[" : "\"responses\":[";

    if (o->n_responses >= EVE_RECORD_ITEMS && !last) {
        count(COUNT_OUTPUT_CUT);
        return;
    }
    o->n_responses += add_message(r, o, field, eve_ldap_response, before, room, room);
}

/* Others first: whoever speaks now is the latest. */
static void make_room(struct ldap_records *r)
{
    while (r->bytes > r->max_bytes) {
        struct waiting *f = table_oldest(r->flows);

        if (!f)
            return;
        if (f->n > 0)
            close_early(r, f);
        if (f->n == 0)
            close_flow(r, f);
    }
}

/* LDAPMessage ::= SEQUENCE { messageID INTEGER ... } (RFC 4511 section 4.1.1); 0 when it cannot be read. */
static uint32_t message_id(struct bytes pdu)
{
    struct cursor c = cursor_over(pdu);
    struct bytes number;
    struct ber message;
    uint32_t id;

    if (ber_next(&c, &message) != BER_OK)
        return 0;
    c = cursor_over(message.value);
    return ber_take(&c, 0x02, &number) && ber_uint(number, &id) ? id : 0;
}

/* RFC 4511 sections 4.3 and 4.11: nobody answers these. */
static bool wants_no_answer(struct bytes request)
{
    return bytes_eq(request, BYTES_LIT("unbind_request")) || bytes_eq(request, BYTES_LIT("abandon_request"));
}

/* Entries and references are followed by more (RFC 4511 section 4.5.2). */
static bool is_last(struct bytes response)
{
    return !bytes_eq(response, BYTES_LIT("search_result_entry")) &&
           !bytes_eq(response, BYTES_LIT("search_result_reference"));
}

static void take(struct ldap_records *r, struct waiting *f, const struct field *field, struct bytes request,
                 struct bytes response)
{
    uint32_t id = message_id(field->value);
    unsigned at = find(f, id);
    struct operation *o;

    if (request.len && at < f->n) { /* the same number again: nothing more will be known of the first */
        count(COUNT_OUTPUT_LDAP_EARLY);
        close_operation(r, f, at);
        at = f->n;
    }
    o = at < f->n ? f->open[at] : open_operation(r, f, id);
    if (!o)
        return;
    o->ts_us = r->now_us;
    o->packet = r->now_packet;
    if (request.len)
        add_request(r, o, field);
    else
        add_response(r, o, field, is_last(response));
    if (request.len ? wants_no_answer(request) : is_last(response))
        close_operation(r, f, find(f, id));
}

void ldap_records_field(struct ldap_records *r, const struct field *field)
{
    struct bytes request = attrs_get(field->attrs, ATTR_LDAP_REQUEST_OPERATION);
    struct bytes response = attrs_get(field->attrs, ATTR_LDAP_RESPONSES_OPERATION);
    struct waiting *f;

    if (strcmp(field->app_proto, "ldap") != 0 || (!request.len && !response.len))
        return;
    r->now_us = field->chunk->ts_us;
    r->now_packet = field->chunk->packet;
    f = flow_of(r, field);
    if (!f) {
        count(COUNT_OUTPUT_FAILED);
        return;
    }
    take(r, f, field, request, response);
    if (f->n == 0)
        close_flow(r, f);
    make_room(r);
}

void ldap_records_flow_end(struct ldap_records *r, const struct flow *flow)
{
    struct table_key key = key_of(r, flow->id);
    struct waiting *f = table_find(r->flows, &key);

    if (!f)
        return;
    r->now_us = flow->last_us;
    r->now_packet = 0;
    close_flow(r, f);
}
