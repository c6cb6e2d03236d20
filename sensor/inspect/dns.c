/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "base/cursor.h"
#include "inspect/dns_note.h"
#include "inspect/hold.h"
#include "inspect/inspector.h"

/* RFC 1035, and what borrows its messages: mDNS (RFC 6762), LLMNR (RFC 4795), over UDP and TCP. Names in
 * questions, in owners and in the records whose data is a name or text; data of any other kind is given raw.
 * A resolver splits the text of a payload at its dots; joining the labels with dots brings it back. Label
 * bytes stay as they are. */

#define NAME_MAX_LEN 1024 /* four times what the RFC allows: the text is hostile, and only we read it */
#define MAX_HOPS     128
#define MESSAGE_MIN  12
#define QUESTION_MIN 5 /* root, type, class */
#define TCP_MESSAGE  (2 + 65535)
#define NAMES_PER_BYTE \
    4 /* names given per message, as a multiple of its length: real answers stay below this */
#define NAMES_FREE 4096
#define ASKED_MAX  255 /* what the RFC allows: a longer name is given again with its answer */

enum {
    TYPE_A = 1,
    TYPE_NS = 2,
    TYPE_CNAME = 5,
    TYPE_SOA = 6,
    TYPE_PTR = 12,
    TYPE_HINFO = 13,
    TYPE_MX = 15,
    TYPE_TXT = 16,
    TYPE_RP = 17,
    TYPE_AFSDB = 18,
    TYPE_AAAA = 28,
    TYPE_SRV = 33,
    TYPE_DNAME = 39,
    TYPE_SPF = 99
};

struct dns_head {
    uint16_t flags, n_questions, n_answers, n_authorities, n_additionals;
};

struct dns_side {
    struct buf held; /* TCP: the message that is not whole yet */
};

struct dns {
    uint64_t n_queries;
    struct buf asked; /* the name of the last question: its answer repeats it, and one sighting is enough */
    struct dns_side side[2];
};

/* One message while it is read. */
struct reading {
    struct bytes message;
    const struct inspecting *in;
    uint64_t tx;
    struct buf *asked; /* a question's first name is kept there; NULL in an answer */
    size_t budget;     /* bytes of names that may still be given */
    struct bytes last; /* the name given last; owners mostly repeat the question */
    uint8_t names[2][NAME_MAX_LEN];
    struct dns_note note;
    unsigned turn; /* which of names the next name goes to: last is in the other */
};

/* Steps over a name as it stands; pointers are not followed. */
static bool skip_name(struct cursor *c)
{
    for (;;) {
        uint8_t len = cursor_u8(c);

        if (!cursor_ok(c))
            return false;
        if (len == 0)
            return true;
        if ((len & 0xc0) == 0xc0) {
            cursor_skip(c, 1);
            return cursor_ok(c);
        }
        /* 01 and 10 were label kinds once; nobody sends them (RFC 6891 section 5). */
        if (len & 0xc0)
            return false;
        cursor_skip(c, len);
    }
}

static bool add_label(struct bytes label, uint8_t *out, size_t *n)
{
    if (*n + label.len + 1 > NAME_MAX_LEN)
        return false;
    if (*n)
        out[(*n)++] = '.';
    if (label.len)
        memcpy(out + *n, label.p, label.len);
    *n += label.len;
    return true;
}

/* The name at offset at, pointers followed: only backwards and a bounded number of times, so there is an end.
 */
static bool read_name(struct bytes message, size_t at, uint8_t *out, size_t *n)
{
    struct cursor c = cursor_over(bytes_from(message, at));
    size_t start = at;

    *n = 0;
    for (unsigned hops = 0;;) {
        uint8_t len = cursor_u8(&c);

        if (!cursor_ok(&c))
            return false;
        if (len == 0)
            return true;
        if ((len & 0xc0) == 0xc0) {
            size_t target = (size_t)(len & 0x3f) << 8 | cursor_u8(&c);

            if (!cursor_ok(&c) || target >= start || ++hops > MAX_HOPS)
                return false;
            start = target;
            c = cursor_over(bytes_from(message, target));
            continue;
        }
        if (len & 0xc0)
            return false;
        if (!add_label(cursor_take(&c, len), out, n) || !cursor_ok(&c))
            return false;
    }
}

static struct dns_head read_head(struct cursor *c)
{
    struct dns_head h;

    cursor_skip(c, 2); /* id */
    h.flags = cursor_u16be(c);
    h.n_questions = cursor_u16be(c);
    h.n_answers = cursor_u16be(c);
    h.n_authorities = cursor_u16be(c);
    h.n_additionals = cursor_u16be(c);
    return h;
}

/* Query, status, notify, update; counts as they occur (mDNS asks for a dozen names at once). */
static bool sane_head(const struct dns_head *h)
{
    unsigned opcode = h->flags >> 11 & 15;
    bool response = h->flags & 0x8000;

    if (opcode > 5 || opcode == 3 || h->n_questions > 64)
        return false;
    if (h->n_answers > 4096 || h->n_authorities > 512 || h->n_additionals > 512)
        return false;
    return h->n_questions || (response && h->n_answers);
}

static bool sane_question(uint16_t type, uint16_t class)
{
    uint16_t plain = class & 0x7fff; /* mDNS: the top bit asks for a unicast answer */

    return type != 0 && (plain == 1 || plain == 3 || plain == 4 || plain == 254 || plain == 255);
}

/* Walks all sections. questions_only: as far as the questions, for the first piece of a long TCP message. */
static bool walk_sections(struct bytes message, bool questions_only)
{
    struct cursor c = cursor_over(message);
    struct dns_head h = read_head(&c);
    unsigned n_records = (unsigned)h.n_answers + h.n_authorities + h.n_additionals;

    if (!cursor_ok(&c) || !sane_head(&h))
        return false;
    for (unsigned i = 0; i < h.n_questions; i++) {
        uint16_t type, class;

        if (!skip_name(&c))
            return false;
        type = cursor_u16be(&c);
        class = cursor_u16be(&c);
        if (!cursor_ok(&c) || !sane_question(type, class))
            return false;
    }
    if (questions_only)
        return h.n_questions > 0;
    for (unsigned i = 0; i < n_records; i++) {
        if (!skip_name(&c))
            return false;
        cursor_skip(&c, 8);
        cursor_skip(&c, cursor_u16be(&c));
        if (!cursor_ok(&c))
            return false;
    }
    return true;
}

static enum recognition says(struct bytes message)
{
    return message.p[2] & 0x80 ? RECOGNISE_RESPONSE : RECOGNISE_REQUEST;
}

static enum recognition recognise_tcp(struct bytes first, bool whole)
{
    struct cursor c = cursor_over(first);
    uint16_t len = cursor_u16be(&c);
    struct bytes message = cursor_rest(&c);
    struct dns_head h;

    if (cursor_ok(&c) && len < MESSAGE_MIN + QUESTION_MIN)
        return RECOGNISE_NO;
    message = bytes_slice(message, 0, len);
    h = read_head(&c);
    if (cursor_ok(&c) && !sane_head(&h))
        return RECOGNISE_NO;
    if (message.len == len && cursor_ok(&c))
        return walk_sections(message, false) ? says(message) : RECOGNISE_NO;
    if (cursor_ok(&c) && walk_sections(message, true))
        return says(message);
    return whole ? RECOGNISE_NO : RECOGNISE_MORE;
}

static enum recognition dns_recognise(struct bytes first, uint8_t proto, bool whole)
{
    if (proto != PROTO_UDP)
        return recognise_tcp(first, whole);
    if (first.len < MESSAGE_MIN + QUESTION_MIN || !walk_sections(first, false))
        return RECOGNISE_NO;
    return says(first);
}

static bool give_text(struct reading *r, enum field_kind kind, struct bytes text)
{
    if (text.len == 0 || bytes_eq(text, r->last))
        return true;
    if (text.len > r->budget)
        return false;
    r->budget -= text.len;
    (void)r->in->fn(r->in->arg, &(struct field){.kind = kind,
                                                .value = text,
                                                .chunk = r->in->chunk,
                                                .app_proto = "dns",
                                                .message = r->tx,
                                                .dns = &r->note.view});
    return true;
}

static bool take_name(struct reading *r, struct cursor *c, struct bytes *name)
{
    uint8_t *out = r->names[r->turn];
    size_t at = r->message.len - cursor_left(c), n;

    if (!read_name(r->message, at, out, &n) || !skip_name(c))
        return false;
    *name = bytes_of(out, n);
    return true;
}

/* One that was just taken. */
static bool give_taken(struct reading *r, enum field_kind kind, struct bytes name)
{
    if (!give_text(r, kind, name))
        return false;
    r->last = name;
    r->turn ^= 1;
    return true;
}

static bool give_name(struct reading *r, enum field_kind kind, struct cursor *c)
{
    struct bytes name;

    return take_name(r, c, &name) && give_taken(r, kind, name);
}

/* The character-strings of a record as one text: what a client logs (RFC 1035 section 3.3.14). */
static bool give_txt(struct reading *r, struct bytes data)
{
    struct buf text = buf_within(data.len);
    struct cursor c = cursor_over(data);
    bool given;

    while (cursor_left(&c)) {
        size_t len = cursor_u8(&c);

        (void)buf_add(&text, cursor_take(&c, len < cursor_left(&c) ? len : cursor_left(&c)));
    }
    given = give_text(r, FIELD_DNS_RDATA, buf_bytes(&text));
    buf_drop(&text);
    return given;
}

/* Data that no kind of name or text is known to be in. Addresses are as long as they are, and hold none. */
static void give_other(struct reading *r, uint16_t type, struct bytes data)
{
    if ((type == TYPE_A && data.len == 4) || (type == TYPE_AAAA && data.len == 16))
        return;
    inspecting_give_raw(r->in, "dns", r->tx, data);
}

static bool give_data(struct reading *r, uint16_t type, struct bytes data)
{
    struct cursor c = cursor_over(bytes_from(r->message, (size_t)(data.p - r->message.p)));

    switch (type) {
    case TYPE_SRV:
        cursor_skip(&c, 6);
        return give_name(r, FIELD_DNS_RDATA, &c);
    case TYPE_MX:
    case TYPE_AFSDB:
        cursor_skip(&c, 2);
        return give_name(r, FIELD_DNS_RDATA, &c);
    case TYPE_NS:
    case TYPE_CNAME:
    case TYPE_PTR:
    case TYPE_DNAME:
        return give_name(r, FIELD_DNS_RDATA, &c);
    case TYPE_SOA:
    case TYPE_RP:
        return give_name(r, FIELD_DNS_RDATA, &c) && give_name(r, FIELD_DNS_RDATA, &c);
    case TYPE_TXT:
    case TYPE_SPF:
    case TYPE_HINFO:
        return give_txt(r, data);
    default:
        give_other(r, type, data);
        return true;
    }
}

/* The data of a record as EVE writes it, when it is a name or text. */
static void note_answer(struct reading *r, struct bytes owner, uint16_t type, uint32_t ttl, struct bytes data)
{
    uint8_t name[NAME_MAX_LEN];
    struct bytes text = {NULL, 0};
    size_t at = (size_t)(data.p - r->message.p), n = 0;

    if (type == TYPE_NS || type == TYPE_CNAME || type == TYPE_PTR || type == TYPE_DNAME)
        text = r->note.texts && read_name(r->message, at, name, &n) ? bytes_of(name, n) : text;
    else if (type == TYPE_MX || type == TYPE_AFSDB)
        text = r->note.texts && read_name(r->message, at + 2, name, &n) ? bytes_of(name, n) : text;
    else if (type == TYPE_TXT && data.len)
        text = bytes_slice(data, 1, 1 + (size_t)data.p[0]);
    dns_note_answer(&r->note, owner, type, ttl, text, data);
}

static bool read_record(struct reading *r, struct cursor *c, bool answer)
{
    struct bytes data, owner;
    uint16_t type;
    uint32_t ttl;

    if (!give_name(r, FIELD_DNS_RRNAME, c))
        return false;
    owner = r->last;
    type = cursor_u16be(c);
    cursor_skip(c, 2); /* class */
    ttl = cursor_u32be(c);
    data = cursor_take(c, cursor_u16be(c));
    if (!cursor_ok(c))
        return false;
    if (answer)
        note_answer(r, owner, type, ttl, data);
    return data.len == 0 || give_data(r, type, data);
}

static void keep_asked(struct reading *r)
{
    buf_clear(r->asked);
    if (r->last.len <= ASKED_MAX)
        (void)buf_add(r->asked, r->last);
}

static bool read_message(struct reading *r)
{
    struct cursor c = cursor_over(r->message);
    struct dns_head h = read_head(&c);
    unsigned n_records = (unsigned)h.n_answers + h.n_authorities + h.n_additionals;
    struct bytes name;
    uint16_t type;

    if (!cursor_ok(&c))
        return false;
    for (unsigned i = 0; i < h.n_questions; i++) {
        if (!take_name(r, &c, &name))
            return false;
        type = cursor_u16be(&c);
        /* Noted first: an alert about the name tells what was asked. */
        dns_note_question(&r->note, name, type, cursor_u16be(&c));
        if (!give_taken(r, FIELD_DNS_RRNAME, name))
            return false;
        if (i == 0 && r->asked)
            keep_asked(r);
        if (!cursor_ok(&c))
            return false;
    }
    for (unsigned i = 0; i < n_records; i++)
        if (!read_record(r, &c, i < h.n_answers))
            return false;
    inspecting_give_raw(r->in, "dns", r->tx, cursor_rest(&c)); /* behind the last record: nobody's */
    return true;
}

/* Number of the query that was sent last, or is being answered; from 0. */
static uint64_t query_number(const struct dns *d)
{
    return d->n_queries ? d->n_queries - 1 : 0;
}

static void give_noted(struct reading *r)
{
    struct dns_view *view = &r->note.view;
    struct attrs a = {.n = 0};
    struct field f = {
        .kind = FIELD_RECORD, .chunk = r->in->chunk, .app_proto = "dns", .message = r->tx, .dns = view};

    dns_note_end(&r->note);
    if (view->jndi) {
        attrs_add(&a, ATTR_JNDI_STAGE, BYTES_LIT("callback"));
        attrs_add(&a, ATTR_DNS_RRNAME, view->name);
        attrs_add(&a, ATTR_DNS_RRTYPE, view->type == TYPE_TXT ? BYTES_LIT("TXT") : BYTES_LIT("ANY"));
        attrs_add(&a, ATTR_DNS_CLIENT, BYTES_LIT("jndi"));
        f.kind = FIELD_FACT;
        f.attrs = &a;
        f.value = view->name;
        (void)r->in->fn(r->in->arg, &f);
    }
    f = (struct field){
        .kind = FIELD_RECORD, .chunk = r->in->chunk, .app_proto = "dns", .message = r->tx, .dns = view};
    (void)r->in->fn(r->in->arg, &f);
}

/* A message that cannot be read to its end is given raw as well: what its names hid stays watched. */
static bool dns_message(struct dns *d, const struct inspecting *in, struct bytes message)
{
    struct reading r; /* names are large: not zeroed */
    bool response = message.len > 2 && message.p[2] & 0x80;

    if (!response)
        d->n_queries++;
    d->asked.ceiling = ASKED_MAX;
    r.message = message;
    r.in = in;
    r.tx = query_number(d);
    r.budget = NAMES_FREE + NAMES_PER_BYTE * message.len;
    r.asked = response ? NULL : &d->asked;
    r.last = response ? buf_bytes(&d->asked) : (struct bytes){0};
    r.turn = 0;
    dns_note_begin(&r.note, bytes_slice(message, 0, MESSAGE_MIN), in->config->eve_dns);
    if (read_message(&r)) {
        give_noted(&r);
        return true;
    }
    count(COUNT_DNS_MALFORMED);
    return false;
}

/* 0 while the length is not there; shorter than a header is no DNS. */
static size_t message_size(struct bytes start)
{
    struct cursor c = cursor_over(start);
    size_t len = cursor_u16be(&c);

    if (!cursor_ok(&c))
        return 0;
    return len < MESSAGE_MIN ? HOLD_NONSENSE : 2 + len;
}

static enum progress feed_tcp(struct dns *d, const struct inspecting *in, struct bytes data, bool last,
                              size_t *used)
{
    struct buf *held = &d->side[in->from_client ? 0 : 1].held;
    struct bytes rest = data, message;

    for (;;) {
        enum hold_next next = hold_next(held, TCP_MESSAGE, message_size, &rest, &message);

        if (next == HOLD_WAIT && !last)
            return PROGRESS_MORE;
        if (next == HOLD_MESSAGE) {
            /* The framing holds whatever a message says, so one bad message does not end the conversation. */
            if (!dns_message(d, in, bytes_from(message, 2)))
                inspecting_give_raw(in, "dns", query_number(d), message);
            hold_drop(held);
            continue;
        }
        inspecting_give_raw(in, "dns", query_number(d), buf_bytes(held));
        hold_drop(held);
        *used = data.len - rest.len;
        if (next == HOLD_WAIT)
            return PROGRESS_MORE;
        count(COUNT_DNS_MALFORMED);
        return PROGRESS_GIVE_UP;
    }
}

static enum progress dns_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                              bool last, size_t *used)
{
    struct dns *d = state;
    struct buf *held = &d->side[in->from_client ? 0 : 1].held;

    *used = 0;
    if (in->chunk->flow->proto == PROTO_UDP)
        return data.len == 0 || dns_message(d, in, data) ? PROGRESS_MORE : PROGRESS_GIVE_UP;
    if (gap) {
        /* Where the next length stands is unknown now. */
        inspecting_give_raw(in, "dns", query_number(d), buf_bytes(held));
        hold_drop(held);
        return PROGRESS_GIVE_UP;
    }
    return feed_tcp(d, in, data, last, used);
}

static void dns_free_state(void *state)
{
    struct dns *d = state;

    buf_drop(&d->asked);
    for (unsigned i = 0; i < 2; i++)
        hold_drop(&d->side[i].held);
}

const struct inspector dns_inspector = {
    .name = "dns",
    .recognise = dns_recognise,
    .state_size = sizeof(struct dns),
    .feed = dns_feed,
    .free_state = dns_free_state,
};
