/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/ldap_message.h"

#include "base/count.h"
#include "inspect/ldap_entry.h"
#include "inspect/ldap_text.h"

/* protocolOp tags, RFC 4511 section 4.2 to 4.13. */
enum {
    OP_BIND = 0x60,
    OP_BIND_RESPONSE = 0x61,
    OP_UNBIND = 0x42,
    OP_SEARCH = 0x63,
    OP_ENTRY = 0x64,
    OP_DONE = 0x65,
    OP_MODIFY = 0x66,
    OP_ADD = 0x68,
    OP_DELETE = 0x4a,
    OP_RENAME = 0x6c,
    OP_COMPARE = 0x6e,
    OP_ABANDON = 0x50,
    OP_REFERENCE = 0x73,
    OP_EXTENDED = 0x77,
};

enum {
    BER_SIMPLE = 0x80,
    BER_OCTETS = 0x04,
    BER_ENUM = 0x0a,
    BER_INTEGER = 0x02,
    BER_BOOLEAN = 0x01,
    BER_SEQUENCE = 0x30
};

#define MAX_FILTER_DEPTH 24
#define MAX_FILTER_TEXTS 256 /* per search; more than that is given raw in one piece */

/* A message being read. */
struct reading {
    const struct inspecting *in;
    uint64_t number;
    struct bytes pdu;
    unsigned n_texts;
};

enum ldap_op_kind ldap_op_kind(uint8_t tag)
{
    switch (tag) {
    case OP_BIND:
    case OP_UNBIND:
    case OP_SEARCH:
    case OP_MODIFY:
    case OP_ADD:
    case OP_DELETE:
    case OP_RENAME:
    case OP_COMPARE:
    case OP_ABANDON:
    case OP_EXTENDED:
        return LDAP_OP_REQUEST;
    case OP_BIND_RESPONSE:
    case OP_ENTRY:
    case OP_DONE:
    case OP_REFERENCE:
    case 0x67: /* modify, add, delete, rename, compare, extended, intermediate responses */
    case 0x69:
    case 0x6b:
    case 0x6d:
    case 0x6f:
    case 0x78:
    case 0x79:
        return LDAP_OP_RESPONSE;
    default:
        return LDAP_OP_UNKNOWN;
    }
}

uint64_t ldap_talk_number(const struct ldap_talk *t)
{
    return t->n_requests ? t->n_requests - 1 : 0;
}

/* A server may log what came, or what it means: both are given where they differ. */
static void give_text(struct reading *r, enum field_kind kind, struct bytes text)
{
    struct buf meant = buf_within(text.len);

    if (text.len)
        inspecting_give_text(r->in, "ldap", r->number, kind, text);
    if (ldap_unescape(text, &meant))
        inspecting_give_text(r->in, "ldap", r->number, kind, buf_bytes(&meant));
    buf_drop(&meant);
}

static void give_raw(struct reading *r, struct bytes text)
{
    inspecting_give_raw(r->in, "ldap", r->number, text);
}

static void give_fact(struct reading *r, const struct attrs *a)
{
    inspecting_give_fact(r->in, "ldap", r->number, a, r->pdu);
}

/* AuthenticationChoice ::= CHOICE { simple [0] OCTET STRING, sasl [3] ... }: text that a server may log. */
static void give_credentials(struct reading *r, struct bytes choice)
{
    struct cursor c = cursor_over(choice);
    struct bytes password;

    if (ber_take(&c, BER_SIMPLE, &password)) {
        give_text(r, FIELD_LDAP_BIND_PASSWORD, password);
        choice = cursor_rest(&c);
    }
    give_raw(r, choice);
}

/* BindRequest ::= SEQUENCE { version INTEGER, name LDAPDN, authentication CHOICE } */
static bool read_bind(struct reading *r, struct bytes op)
{
    struct cursor c = cursor_over(op);
    struct attrs a = {.n = 0};
    struct bytes version, name;

    if (!ber_take(&c, BER_INTEGER, &version) || !ber_take(&c, BER_OCTETS, &name))
        return false;
    give_text(r, FIELD_LDAP_BIND_DN, name);
    give_credentials(r, cursor_rest(&c));
    attrs_add(&a, ATTR_LDAP_REQUEST_OPERATION, BYTES_LIT("bind_request"));
    attrs_add(&a, ATTR_LDAP_REQUEST_DN, name);
    give_fact(r, &a);
    return true;
}

static void filter_text(struct reading *r, struct bytes text)
{
    if (r->n_texts < MAX_FILTER_TEXTS)
        give_text(r, FIELD_LDAP_SEARCH_FILTER, text);
    r->n_texts++;
}

/* Attribute names are the program's, not the user's, with rare exceptions: looked at only when they could
 * matter. */
static void filter_name(struct reading *r, struct bytes name)
{
    if (bytes_find_byte(name, '$') != BYTES_NONE)
        filter_text(r, name);
}

static bool read_filter(struct reading *r, struct ber filter, unsigned depth);

static bool read_filter_set(struct reading *r, struct bytes set, unsigned depth)
{
    struct cursor c = cursor_over(set);

    while (cursor_left(&c)) {
        struct ber filter;

        if (ber_next(&c, &filter) != BER_OK || !read_filter(r, filter, depth + 1))
            return false;
    }
    return true;
}

/* equalityMatch, greaterOrEqual, lessOrEqual, approxMatch: { attributeDesc, assertionValue } */
static bool read_assertion(struct reading *r, struct bytes assertion)
{
    struct cursor c = cursor_over(assertion);
    struct bytes name, value;

    if (!ber_take(&c, BER_OCTETS, &name) || !ber_take(&c, BER_OCTETS, &value))
        return false;
    filter_name(r, name);
    filter_text(r, value);
    return true;
}

/* substrings: { type, SEQUENCE OF initial [0], any [1], final [2] } */
static bool read_substrings(struct reading *r, struct bytes substrings)
{
    struct cursor c = cursor_over(substrings), pieces;
    struct bytes name, list;

    if (!ber_take(&c, BER_OCTETS, &name) || !ber_take(&c, BER_SEQUENCE, &list))
        return false;
    filter_name(r, name);
    for (pieces = cursor_over(list); cursor_left(&pieces);) {
        struct ber piece;

        if (ber_next(&pieces, &piece) != BER_OK)
            return false;
        filter_text(r, piece.value);
    }
    return true;
}

/* extensibleMatch: { matchingRule [1], type [2], matchValue [3], dnAttributes [4] } */
static bool read_extensible(struct reading *r, struct bytes match)
{
    struct cursor c = cursor_over(match);

    while (cursor_left(&c)) {
        struct ber part;

        if (ber_next(&c, &part) != BER_OK)
            return false;
        if (part.tag == 0x83)
            filter_text(r, part.value);
        else
            filter_name(r, part.value);
    }
    return true;
}

static bool read_filter(struct reading *r, struct ber filter, unsigned depth)
{
    if (depth > MAX_FILTER_DEPTH)
        return false;
    switch (filter.tag) {
    case 0xa0: /* and */
    case 0xa1: /* or */
    case 0xa2: /* not */
        return read_filter_set(r, filter.value, depth);
    case 0xa3:
    case 0xa5:
    case 0xa6:
    case 0xa8:
        return read_assertion(r, filter.value);
    case 0xa4:
        return read_substrings(r, filter.value);
    case 0x87: /* present */
        filter_name(r, filter.value);
        return true;
    case 0xa9:
        return read_extensible(r, filter.value);
    default:
        return false;
    }
}

/* How the JDK looks a name up (LdapCtx.c_lookup; the same bytes from 8u51 to 17): base object, always
 * dereference, all attributes, any object. Not asked for: the message id (a pooled connection counts on) and
 * the ManageDsaIT control (absent when a referral is followed). Directory searches of the same JDK have a
 * scope and a filter. */
static bool jdk_shape(struct bytes scope, struct bytes deref, struct bytes types_only, struct ber filter,
                      struct bytes attributes)
{
    uint32_t scope_n, deref_n;

    return ber_uint(scope, &scope_n) && scope_n == 0 && ber_uint(deref, &deref_n) && deref_n == 3 &&
           types_only.len == 1 && types_only.p[0] == 0 && attributes.len == 0 && filter.tag == 0x87 &&
           bytes_eq_nocase(filter.value, BYTES_LIT("objectClass"));
}

/* SearchRequest ::= SEQUENCE { baseObject, scope, derefAliases, sizeLimit, timeLimit, typesOnly, filter,
 * attributes } */
static bool read_search(struct reading *r, struct bytes op, struct bytes controls)
{
    struct cursor c = cursor_over(op);
    struct attrs a = {.n = 0};
    struct bytes base, scope, deref, size, time, types_only, attributes;
    struct ber filter;
    bool jdk;

    if (!ber_take(&c, BER_OCTETS, &base) || !ber_take(&c, BER_ENUM, &scope) ||
        !ber_take(&c, BER_ENUM, &deref) || !ber_take(&c, BER_INTEGER, &size) ||
        !ber_take(&c, BER_INTEGER, &time) || !ber_take(&c, BER_BOOLEAN, &types_only) ||
        ber_next(&c, &filter) != BER_OK)
        return false;
    give_text(r, FIELD_LDAP_SEARCH_BASE, base);
    if (!read_filter(r, filter, 0) || r->n_texts > MAX_FILTER_TEXTS)
        give_raw(r, filter.value);
    give_raw(r, cursor_rest(&c)); /* the attributes asked for */
    if (controls.len > 64)        /* JNDI's own is 29 bytes and known */
        give_raw(r, controls);
    jdk = ber_take(&c, BER_SEQUENCE, &attributes) && jdk_shape(scope, deref, types_only, filter, attributes);

    attrs_add(&a, ATTR_LDAP_REQUEST_OPERATION, BYTES_LIT("search_request"));
    attrs_add(&a, ATTR_LDAP_REQUEST_DN, base);
    attrs_add(&a, ATTR_LDAP_CLIENT, jdk ? BYTES_LIT("jndi") : BYTES_LIT("other"));
    if (jdk)
        attrs_add(&a, ATTR_JNDI_STAGE, BYTES_LIT("callback"));
    give_fact(r, &a);
    return true;
}

static void add_urls(struct attrs *a, struct bytes list)
{
    struct cursor c = cursor_over(list);

    while (cursor_left(&c) && !a->cut) {
        struct ber url;

        if (ber_next(&c, &url) != BER_OK)
            return;
        attrs_add(a, ATTR_LDAP_REFERRAL, url.value);
    }
}

/* LDAPResult ::= SEQUENCE { resultCode, matchedDN, diagnosticMessage, referral [3] OPTIONAL } */
static bool read_result(struct reading *r, struct bytes op, struct bytes operation)
{
    struct cursor c = cursor_over(op);
    struct attrs a = {.n = 0};
    struct bytes code, matched, message;

    if (!ber_take(&c, BER_ENUM, &code) || !ber_take(&c, BER_OCTETS, &matched) ||
        !ber_take(&c, BER_OCTETS, &message))
        return false;
    give_raw(r, op);
    attrs_add(&a, ATTR_LDAP_RESPONSES_OPERATION, operation);
    if (matched.len)
        attrs_add(&a, ATTR_LDAP_RESPONSES_DN, matched);
    while (cursor_left(&c)) {
        struct ber part;

        if (ber_next(&c, &part) != BER_OK)
            break;
        if (part.tag == 0xa3)
            add_urls(&a, part.value);
    }
    give_fact(r, &a);
    return true;
}

static bool read_reference(struct reading *r, struct bytes op)
{
    struct attrs a = {.n = 0};

    give_raw(r, op);
    attrs_add(&a, ATTR_LDAP_RESPONSES_OPERATION, BYTES_LIT("search_result_reference"));
    add_urls(&a, op);
    give_fact(r, &a);
    return true;
}

static bool read_entry(struct reading *r, struct bytes op)
{
    struct attrs a = {.n = 0};
    bool whole = ldap_entry_attrs(op, &a);

    /* A client may be more patient than we are: what could be read counts, even if not all could. */
    if (a.n)
        give_fact(r, &a);
    if (whole)
        give_raw(r, op);
    return whole;
}

static bool read_unbind(struct reading *r)
{
    struct attrs a = {.n = 0};

    attrs_add(&a, ATTR_LDAP_REQUEST_OPERATION, BYTES_LIT("unbind_request"));
    give_fact(r, &a);
    return true;
}

static bool read_op(struct reading *r, struct ber op, struct bytes controls)
{
    switch (op.tag) {
    case OP_BIND:
        return read_bind(r, op.value);
    case OP_BIND_RESPONSE:
        return read_result(r, op.value, BYTES_LIT("bind_response"));
    case OP_SEARCH:
        return read_search(r, op.value, controls);
    case OP_ENTRY:
        return read_entry(r, op.value);
    case OP_DONE:
        return read_result(r, op.value, BYTES_LIT("search_result_done"));
    case OP_REFERENCE:
        return read_reference(r, op.value);
    case OP_UNBIND:
        return read_unbind(r);
    default:
        /* Writes, passwords, extensions: nothing of JNDI's own, but text all the same. */
        give_raw(r, r->pdu);
        return ldap_op_kind(op.tag) != LDAP_OP_UNKNOWN;
    }
}

void ldap_message(struct ldap_talk *t, const struct inspecting *in, struct bytes pdu)
{
    struct reading r = {.in = in, .pdu = pdu};
    struct cursor c = cursor_over(pdu), body;
    struct bytes whole, id;
    struct ber op;

    if (ber_take(&c, BER_SEQUENCE, &whole)) {
        body = cursor_over(whole);
        if (ber_take(&body, BER_INTEGER, &id) && ber_next(&body, &op) == BER_OK) {
            if (ldap_op_kind(op.tag) == LDAP_OP_REQUEST)
                t->n_requests++;
            r.number = ldap_talk_number(t);
            if (read_op(&r, op, cursor_rest(&body)))
                return;
        }
    }
    r.number = ldap_talk_number(t);
    count(COUNT_LDAP_MALFORMED);
    give_raw(&r, pdu);
}
