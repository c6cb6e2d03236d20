/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "channel/record.h"
#include "base/cursor.h"
#include "inspect/x509_text.h"

#include <assert.h>

/* Longest value of each item, so that the sum stays below RECORD_MAX whatever a finding holds. The payload
 * comes last and takes what is left. Attrs share one budget: each gets at least its fair part. */
#define ITEM_HEAD     8
#define SHORT_MAX     256
#define HTTP_MAX      2048
#define TEXT_MAX      8192
#define ATTRS_BUDGET  24576
#define FLOW_ID_LIMIT (UINT64_C(1) << 51)
#define N_SHORT       5
#define N_HTTP        7
#define N_TEXT        2
#define DNS_NAME_MAX  1024
#define TLS_TEXT_MAX  1024
#define N_TLS         9
#define LEAST_PAYLOAD 4096
#define SOURCE_MAX    1024
#define SOURCE_ROOM   (SOURCE_MAX + ITEM_HEAD)

_Static_assert(sizeof(struct record_head) + N_SHORT * (SHORT_MAX + ITEM_HEAD) +
                       N_HTTP * (HTTP_MAX + ITEM_HEAD) + N_TEXT * (TEXT_MAX + ITEM_HEAD) + ATTRS_BUDGET +
                       2 * ITEM_HEAD + LEAST_PAYLOAD + SOURCE_ROOM <=
                   RECORD_MAX,
               "the longest record leaves room for a payload");
_Static_assert(N_TLS *(TLS_TEXT_MAX + ITEM_HEAD) <= N_HTTP * (HTTP_MAX + ITEM_HEAD) &&
                   DNS_NAME_MAX + ITEM_HEAD <= N_HTTP * (HTTP_MAX + ITEM_HEAD),
               "what stands in http's place is no longer");
_Static_assert(ATTRS_BUDGET / ATTRS_MAX > SHORT_MAX / 2 + ITEM_HEAD, "an attr's fair part is of use");
#define SAME_PLACE(member) \
    _Static_assert(offsetof(struct record_head, member) == offsetof(struct record_place, member), \
                   "a head begins with a place")
SAME_PLACE(size);
SAME_PLACE(kind);
SAME_PLACE(rank);
SAME_PLACE(frame);
SAME_PLACE(clock_us);
SAME_PLACE(flow_id);

static bool put_item(struct buf *out, enum record_tag tag, enum attr_id attr, struct bytes value)
{
    uint16_t ids[2] = {(uint16_t)tag, (uint16_t)attr};
    uint32_t len = (uint32_t)value.len;

    return buf_add(out, bytes_of(ids, sizeof ids)) && buf_add(out, bytes_of(&len, sizeof len)) &&
           buf_add(out, value);
}

static bool put(struct buf *out, enum record_tag tag, struct bytes value, size_t max)
{
    if (!value.p)
        return true;
    return put_item(out, tag, 0, bytes_slice(value, 0, max));
}

static bool put_attrs(struct buf *out, const struct attrs *attrs)
{
    size_t left = ATTRS_BUDGET;

    for (unsigned i = 0; i < attrs->n; i++) {
        size_t share = left / (attrs->n - i) - ITEM_HEAD;
        struct bytes value = bytes_slice(attrs->v[i].value, 0, share);

        if (attr_is_evidence(attrs->v[i].id))
            continue;
        if (!put_item(out, RECORD_ATTR, attrs->v[i].id, value))
            return false;
        left -= value.len + ITEM_HEAD;
    }
    return !attrs->cut || put_item(out, RECORD_ATTRS_CUT, 0, (struct bytes){NULL, 0});
}

static bool put_http(struct buf *out, const struct http_view *http)
{
    return put(out, RECORD_HTTP_METHOD, http->method, HTTP_MAX) &&
           put(out, RECORD_HTTP_URL, http->url, HTTP_MAX) &&
           put(out, RECORD_HTTP_PROTOCOL, http->protocol, HTTP_MAX) &&
           put(out, RECORD_HTTP_HOST, http->host, HTTP_MAX) &&
           put(out, RECORD_HTTP_USER_AGENT, http->user_agent, HTTP_MAX) &&
           put(out, RECORD_HTTP_REFERER, http->referer, HTTP_MAX) &&
           put(out, RECORD_HTTP_CONTENT_TYPE, http->response_content_type, HTTP_MAX);
}

static bool put_certificate(struct buf *out, const struct x509_text *text)
{
    return !text || (put(out, RECORD_TLS_SUBJECT, buf_bytes(&text->subject), TLS_TEXT_MAX) &&
                     put(out, RECORD_TLS_ISSUER, buf_bytes(&text->issuer), TLS_TEXT_MAX) &&
                     put(out, RECORD_TLS_SERIAL, buf_bytes(&text->serial), TLS_TEXT_MAX) &&
                     put(out, RECORD_TLS_FINGERPRINT, buf_bytes(&text->fingerprint), TLS_TEXT_MAX) &&
                     put(out, RECORD_TLS_NOT_BEFORE, bytes_str(text->not_before), TLS_TEXT_MAX) &&
                     put(out, RECORD_TLS_NOT_AFTER, bytes_str(text->not_after), TLS_TEXT_MAX));
}

static bool put_tls(struct buf *out, const struct tls_view *tls)
{
    return put(out, RECORD_TLS_SNI, tls->sni, TLS_TEXT_MAX) &&
           put(out, RECORD_TLS_JA3, bytes_str(tls->ja3), TLS_TEXT_MAX) &&
           put(out, RECORD_TLS_JA4, bytes_str(tls->ja4), TLS_TEXT_MAX) &&
           put_certificate(out, tls->certificate);
}

/* One of them. */
static bool put_app(struct buf *out, const struct field *f)
{
    if (f->http)
        return put_http(out, f->http);
    if (f->dns)
        return put(out, RECORD_DNS_NAME, f->dns->name, DNS_NAME_MAX);
    return !f->tls || put_tls(out, f->tls);
}

static void head_of_app(struct record_head *h, const struct field *f)
{
    const struct http_view *http = f->http;

    if (http) {
        h->has_http = 1;
        h->http_status = http->status <= 999 ? http->status : 0;
        h->http_stream = http->stream;
        h->http_length = http->response_length;
    } else if (f->dns) {
        h->has_dns = f->dns->response ? 2 : 1;
        h->dns_id = f->dns->id;
        h->dns_flags = f->dns->flags;
        h->dns_type = f->dns->type;
        h->dns_rcode = f->dns->rcode;
        h->dns_opcode = f->dns->opcode;
    } else if (f->tls) {
        h->has_tls = f->tls->server ? RECORD_TLS_OF_SERVER : RECORD_TLS_OF_CLIENT;
        h->tls_version = f->tls->version;
    }
}

static bool put_texts(struct buf *out, const struct finding *f)
{
    return put(out, RECORD_LOCATION, bytes_str(field_rows[f->field->kind].name), SHORT_MAX) &&
           put(out, RECORD_FIELD_NAME, f->field->name, SHORT_MAX) &&
           put(out, RECORD_APP_PROTO, bytes_str(f->field->app_proto), SHORT_MAX) &&
           put(out, RECORD_INEFFECTIVE, bytes_str(f->ineffective), SHORT_MAX) &&
           put(out, RECORD_VERSIONS, bytes_str(f->versions), SHORT_MAX) &&
           put(out, RECORD_RAW, f->raw, TEXT_MAX) && put(out, RECORD_DECODED, f->decoded, TEXT_MAX);
}

/* raw is a slice of payload (finding.h); when it is not, the beginning is as good as any part. */
static size_t raw_offset(const struct finding *f)
{
    uintptr_t raw = (uintptr_t)f->raw.p, payload = (uintptr_t)f->payload.p;

    return f->raw.p && raw >= payload && raw - payload <= f->payload.len ? raw - payload : 0;
}

struct bytes record_window(struct bytes payload, size_t at, size_t n)
{
    size_t before = n / 4, from;

    if (n >= payload.len)
        return payload;
    from = at > before ? at - before : 0;
    if (from > payload.len - n)
        from = payload.len - n;
    return bytes_slice(payload, from, from + n);
}

static void head_of_flow(struct record_head *h, const struct flow *flow)
{
    memset(h, 0, sizeof *h); /* the gaps between members cross the process boundary, too */
    h->version = RECORD_VERSION;
    h->flow_id = flow->id;
    h->flow_first_us = flow->first_us;
    for (unsigned side = 0; side < 2; side++) {
        h->packets[side] = flow->end[side].packets;
        h->bytes[side] = flow->end[side].bytes;
        h->addr[side] = flow->end[side].addr;
        h->port[side] = flow->end[side].port;
    }
    h->n_vlans = flow->n_vlans;
    memcpy(h->vlans, flow->vlans, sizeof h->vlans);
    h->proto = flow->proto;
    h->client = flow->client;
}

static void head_fill(struct record_head *h, const struct finding *f)
{
    const struct chunk *chunk = f->field->chunk;

    head_of_flow(h, chunk->flow);
    h->kind = RECORD_FINDING;
    h->gid = f->rule->gid;
    h->sid = f->rule->sid;
    h->ts_us = chunk->ts_us;
    h->packet = chunk->packet;
    h->packet_side = (uint8_t)chunk->side;
    h->conflict = chunk->alternative;
    h->message = f->field->message;
    h->depth = f->depth;
    h->confidence = f->confidence > 100 ? 100 : f->confidence;
    head_of_app(h, f->field);
}

bool record_write(struct buf *out, const struct finding *f, size_t payload_max)
{
    size_t start = out->len, room;
    struct record_head head;

    head_fill(&head, f);
    if (!buf_add(out, bytes_of(&head, sizeof head)) || !put_texts(out, f) || !put_app(out, f->field) ||
        !put_attrs(out, f->attrs))
        goto no_room;
    room = RECORD_MAX - SOURCE_ROOM - (out->len - start) - ITEM_HEAD;
    if (payload_max > room)
        payload_max = room;
    if (!put(out, RECORD_PAYLOAD, record_window(f->payload, raw_offset(f), payload_max), payload_max))
        goto no_room;
    head.size = (uint32_t)(out->len - start);
    assert(head.size <= RECORD_MAX - SOURCE_ROOM);
    memcpy(out->p + start, &head.size, sizeof head.size);
    return true;
no_room:
    out->len = start;
    return false;
}

bool record_write_anomaly(struct buf *out, const struct anomaly *a)
{
    size_t start = out->len;
    struct record_head head;

    head_of_flow(&head, a->flow);
    head.size = sizeof head;
    head.kind = RECORD_ANOMALY;
    head.ts_us = a->ts_us;
    head.packet = a->packet;
    head.packet_side = (uint8_t)a->side;
    head.anomaly = a->kind;
    head.n = a->n;
    if (buf_add(out, bytes_of(&head, sizeof head)))
        return true;
    out->len = start;
    return false;
}

bool record_add_source(struct buf *out, size_t start, const char *source)
{
    static const uint8_t end = 0;
    uint16_t ids[2] = {RECORD_SOURCE, 0};
    struct bytes value = bytes_slice(bytes_str(source), 0, SOURCE_MAX - 1);
    uint32_t len = (uint32_t)value.len + 1, size;
    size_t before = out->len;

    if (buf_add(out, bytes_of(ids, sizeof ids)) && buf_add(out, bytes_of(&len, sizeof len)) &&
        buf_add(out, value) && buf_add(out, bytes_of(&end, 1))) {
        size = (uint32_t)(out->len - start);
        memcpy(out->p + start, &size, sizeof size);
        return true;
    }
    out->len = before;
    return false;
}

void record_set_place(struct buf *out, size_t start, enum record_rank rank, uint64_t frame, uint64_t clock_us)
{
    struct record_place place;

    memcpy(&place, out->p + start, sizeof place);
    place.rank = rank;
    place.frame = frame;
    place.clock_us = clock_us;
    memcpy(out->p + start, &place, sizeof place);
}

void record_set_generation(struct buf *out, size_t start, uint32_t generation)
{
    struct record_place place;

    memcpy(&place, out->p + start, sizeof place);
    place.generation = generation;
    memcpy(out->p + start, &place, sizeof place);
}

size_t record_size(struct bytes b)
{
    uint32_t size;

    if (b.len < sizeof size)
        return 0;
    memcpy(&size, b.p, sizeof size);
    if (size < sizeof(struct record_place) || size > RECORD_MAX)
        return SIZE_MAX;
    return size <= b.len ? size : 0;
}

bool record_place_read(struct bytes b, struct record_place *out)
{
    if (b.len < sizeof *out)
        return false;
    memcpy(out, b.p, sizeof *out);
    return out->size == b.len && out->size <= RECORD_MAX && out->version == RECORD_VERSION && out->kind > 0 &&
           out->kind < RECORD_KIND_N && out->rank < RANK_N && out->flow_id < FLOW_ID_LIMIT;
}

static int compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

int record_order(const struct record_place *a, const struct record_place *b)
{
    if (a->frame != b->frame)
        return compare(a->frame, b->frame);
    if (a->rank != b->rank)
        return compare(a->rank, b->rank);
    return a->rank == RANK_CLOCK ? compare(a->flow_id, b->flow_id) : 0;
}

static bool addr_plausible(const struct addr *a)
{
    static const uint8_t zeros[16];

    if (a->version != 4 && a->version != 6)
        return false;
    return memcmp(a->b + addr_len(a), zeros, sizeof zeros - addr_len(a)) ==
           0; /* addr.h: so that equality works */
}

/* An anomaly may be a fragment of any transport. */
static bool kind_plausible(const struct record_head *h)
{
    if (h->kind == RECORD_ANOMALY)
        return h->anomaly < ANOMALY_N;
    return h->kind == RECORD_FINDING && (h->proto == PROTO_TCP || h->proto == PROTO_UDP);
}

static bool head_plausible(const struct record_head *h, size_t len)
{
    return h->size == len && kind_plausible(h) && addr_plausible(&h->addr[0]) &&
           addr_plausible(&h->addr[1]) && h->addr[0].version == h->addr[1].version &&
           h->n_vlans <= PACKET_MAX_VLANS && h->client <= 1 && h->packet_side <= 1 && h->confidence <= 100 &&
           h->http_status <= 999 && h->has_http <= 1 && h->has_dns <= 2 &&
           h->has_tls <= RECORD_TLS_OF_SERVER && h->conflict <= 1;
}

static bool item_keep(struct record *r, uint16_t tag, uint16_t attr, struct bytes value)
{
    if (r->head.kind == RECORD_ANOMALY && tag != RECORD_SOURCE)
        return false; /* it has no other */
    if (tag == RECORD_ATTR) {
        if (attr >= ATTR_N || r->attrs.n == ATTRS_MAX)
            return false;
        attrs_add(&r->attrs, (enum attr_id)attr, value);
        return true;
    }
    if (tag == 0 || tag >= RECORD_TAG_N || attr != 0 || r->item[tag].p)
        return false;
    if (tag == RECORD_SOURCE && (value.len == 0 || bytes_find_byte(value, 0) != value.len - 1))
        return false;
    r->item[tag] = value;
    return true;
}

bool record_read(struct bytes b, struct record *out)
{
    struct cursor c = cursor_over(b);
    struct bytes head = cursor_take(&c, sizeof out->head);
    struct record_place place;

    memset(out, 0, sizeof *out);
    if (!cursor_ok(&c) || !record_place_read(b, &place))
        return false;
    memcpy(&out->head, head.p, sizeof out->head);
    if (!head_plausible(&out->head, b.len))
        return false;
    while (cursor_left(&c) > 0) {
        struct bytes item = cursor_take(&c, ITEM_HEAD), value;
        uint16_t ids[2];
        uint32_t len;

        if (!cursor_ok(&c))
            return false;
        memcpy(ids, item.p, sizeof ids);
        memcpy(&len, item.p + sizeof ids, sizeof len);
        value = cursor_take(&c, len);
        if (!cursor_ok(&c) || !item_keep(out, ids[0], ids[1], value))
            return false;
    }
    out->attrs.cut = out->item[RECORD_ATTRS_CUT].p != NULL;
    return true;
}
