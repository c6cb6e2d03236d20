/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/ldap_message.h"

#include "base/count.h"
#include "inspect/ldap_reading.h"
#include "inspect/ldap_text.h"

/* The envelope of a message, and what requests and answers share. */

/* ManageDsaIT: entries that are referrals are wanted as they are. JNDI sends it with everything, unless it
 * follows referrals. */
#define OID_MANAGE_DSA_IT BYTES_LIT("2.16.840.1.113730.3.4.2")

enum ldap_op_kind ldap_op_kind(uint8_t tag)
{
    switch (tag) {
    case LDAP_OP_BIND:
    case LDAP_OP_UNBIND:
    case LDAP_OP_SEARCH:
    case LDAP_OP_MODIFY:
    case LDAP_OP_ADD:
    case LDAP_OP_DELETE:
    case LDAP_OP_RENAME:
    case LDAP_OP_COMPARE:
    case LDAP_OP_ABANDON:
    case LDAP_OP_EXTENDED:
        return LDAP_OP_REQUEST;
    case LDAP_OP_BIND_RESPONSE:
    case LDAP_OP_ENTRY:
    case LDAP_OP_DONE:
    case LDAP_OP_REFERENCE:
    case LDAP_OP_MODIFY_RESPONSE:
    case LDAP_OP_ADD_RESPONSE:
    case LDAP_OP_DELETE_RESPONSE:
    case LDAP_OP_RENAME_RESPONSE:
    case LDAP_OP_COMPARE_RESPONSE:
    case LDAP_OP_EXTENDED_RESPONSE:
    case LDAP_OP_INTERMEDIATE:
        return LDAP_OP_RESPONSE;
    default:
        return LDAP_OP_UNKNOWN;
    }
}

uint64_t ldap_talk_number(const struct ldap_talk *t)
{
    return t->n_requests ? t->n_requests - 1 : 0;
}

void ldap_give_text(struct reading *r, enum field_kind kind, struct bytes text)
{
    struct buf meant = buf_within(text.len);

    if (text.len)
        inspecting_give_text(r->in, "ldap", r->number, kind, text);
    if (ldap_unescape(text, &meant))
        inspecting_give_text(r->in, "ldap", r->number, kind, buf_bytes(&meant));
    buf_drop(&meant);
}

void ldap_give_raw(struct reading *r, struct bytes text)
{
    if (!r->talk->given_raw)
        inspecting_give_raw(r->in, "ldap", r->number, text);
}

void ldap_give_fact(struct reading *r, const struct attrs *a)
{
    inspecting_give_fact(r->in, "ldap", r->number, a, r->pdu);
}

/* Controls ::= [0] SEQUENCE OF SEQUENCE { controlType, criticality DEFAULT FALSE, controlValue OPTIONAL } */
bool ldap_add_controls(const struct reading *r, struct attrs *a)
{
    struct cursor c = cursor_over(r->controls), list;
    struct bytes controls, control, type;
    bool manages = false, alone = false;

    if (!ber_take(&c, 0xa0, &controls))
        return false;
    /* Each costs a place in a list with a ceiling; nobody sends more than a handful. */
    list = cursor_over(controls);
    for (unsigned n = 0; n < 16 && cursor_left(&list) && ber_take(&list, LDAP_SEQUENCE, &control); n++) {
        struct cursor parts = cursor_over(control);

        if (!ber_take(&parts, LDAP_OCTETS, &type))
            return false;
        attrs_add(a, ATTR_LDAP_REQUEST_CONTROL, type);
        manages |= bytes_eq(type, OID_MANAGE_DSA_IT) && cursor_left(&parts) == 0;
        alone = n == 0;
    }
    return manages && alone;
}

void ldap_add_opening(struct reading *r, struct attrs *a)
{
    if (!r->talk->opened)
        attrs_add(a, ATTR_FLOW_OPENING, BYTES_LIT("ldap"));
    r->talk->opened = true;
}

static void note_request(struct ldap_talk *t, uint32_t id)
{
    t->n_requests++;
    t->skips |= t->last_id && id != t->last_id + 1;
    t->last_id = id;
}

static bool read_op(struct reading *r, struct ber op)
{
    switch (ldap_op_kind(op.tag)) {
    case LDAP_OP_REQUEST:
        return ldap_read_request(r, op);
    case LDAP_OP_RESPONSE:
        return ldap_read_answer(r, op);
    case LDAP_OP_UNKNOWN:
        break;
    }
    return false;
}

/* The JDK's reader looks at no length of what brings an answer but the message's own, so that a server may
 * write any: these values go on to the end. */
static bool take_op(struct cursor *body, struct ber *op)
{
    struct bytes rest;
    size_t len;

    if (ber_head(body, &op->tag, &len) != BER_OK)
        return false;
    rest = bytes_of(body->p, cursor_left(body));
    if (op->tag != LDAP_OP_ENTRY && op->tag != LDAP_OP_DONE) {
        op->value = cursor_take(body, len);
        return cursor_ok(body);
    }
    op->value = rest;
    cursor_skip(body, len < rest.len ? len : rest.len);
    return true;
}

void ldap_message(struct ldap_talk *t, const struct inspecting *in, struct bytes pdu)
{
    struct reading r = {.talk = t, .in = in, .pdu = pdu};
    struct cursor c = cursor_over(pdu), body;
    struct bytes whole, id;
    struct ber op;

    if (ber_take(&c, LDAP_SEQUENCE, &whole)) {
        body = cursor_over(whole);
        if (ber_take(&body, LDAP_INTEGER, &id) && take_op(&body, &op)) {
            (void)ber_uint(id, &r.id);
            if (ldap_op_kind(op.tag) == LDAP_OP_REQUEST)
                note_request(t, r.id);
            r.number = ldap_talk_number(t);
            r.controls = cursor_rest(&body);
            if (read_op(&r, op))
                return;
        }
    }
    r.number = ldap_talk_number(t);
    count(COUNT_LDAP_MALFORMED);
    ldap_give_raw(&r, pdu);
}

void ldap_talk_missed(struct ldap_talk *t)
{
    for (unsigned i = 0; i < LDAP_MAX_OPEN; i++)
        t->open[i].missed = t->open[i].used;
}

bool ldap_talk_waits(const struct ldap_talk *t)
{
    for (unsigned i = 0; i < LDAP_MAX_OPEN; i++)
        if (t->open[i].used && t->open[i].lookup)
            return true;
    return false;
}

void ldap_talk_end(struct ldap_talk *t, const struct inspecting *in)
{
    struct reading r = {.talk = t, .in = in, .number = ldap_talk_number(t)};
    struct attrs a = {.n = 0};

    if (t->opened || t->n_requests == 0)
        return;
    ldap_add_opening(&r, &a);
    ldap_give_fact(&r, &a);
}
