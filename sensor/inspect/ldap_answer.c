/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/java_file.h"
#include "inspect/ldap_entry.h"
#include "inspect/ldap_reading.h"

#include <stdio.h>

/* What a server answers. */

enum { RESULT_SUCCESS = 0, RESULT_REFERRAL = 10, RESULT_SASL_GOES_ON = 14 };

#define TAG_REFERRAL      0xa3
#define TAG_RESPONSE_NAME 0x8a
#define MAX_URLS          16

/* RFC 4511 appendix A.2. */
static const struct {
    unsigned code;
    const char *name;
} results[] = {
    {0, "success"},
    {1, "operations_error"},
    {2, "protocol_error"},
    {3, "time_limit_exceeded"},
    {4, "size_limit_exceeded"},
    {5, "compare_false"},
    {6, "compare_true"},
    {7, "auth_method_not_supported"},
    {8, "stronger_auth_required"},
    {10, "referral"},
    {11, "admin_limit_exceeded"},
    {12, "unavailable_critical_extension"},
    {13, "confidentiality_required"},
    {14, "sasl_bind_in_progress"},
    {16, "no_such_attribute"},
    {17, "undefined_attribute_type"},
    {18, "inappropriate_matching"},
    {19, "constraint_violation"},
    {20, "attribute_or_value_exists"},
    {21, "invalid_attribute_syntax"},
    {32, "no_such_object"},
    {33, "alias_problem"},
    {34, "invalid_dn_syntax"},
    {36, "alias_dereferencing_problem"},
    {48, "inappropriate_authentication"},
    {49, "invalid_credentials"},
    {50, "insufficient_access_rights"},
    {51, "busy"},
    {52, "unavailable"},
    {53, "unwilling_to_perform"},
    {54, "loop_detect"},
    {64, "naming_violation"},
    {65, "object_class_violation"},
    {66, "not_allowed_on_non_leaf"},
    {67, "not_allowed_on_rdn"},
    {68, "entry_already_exists"},
    {69, "object_class_mods_prohibited"},
    {71, "affects_multiple_dsas"},
    {80, "other"},
};

/* The search that is answered: by the message id, since answers to several may come mixed. NULL when it was
 * not seen. */
static struct ldap_open *open_of(struct reading *r)
{
    for (unsigned i = 0; i < LDAP_MAX_OPEN; i++)
        if (r->talk->open[i].used && r->talk->open[i].id == r->id) {
            r->number = r->talk->open[i].number;
            return &r->talk->open[i];
        }
    return NULL;
}

static void add_client(struct attrs *a, const struct ldap_open *open)
{
    if (open && open->client)
        attrs_add(a, ATTR_LDAP_CLIENT, bytes_str(open->client));
}

static void add_urls(struct attrs *a, struct bytes list)
{
    struct cursor c = cursor_over(list);

    for (unsigned n = 0; n < MAX_URLS && cursor_left(&c); n++) {
        struct ber url;

        if (ber_next(&c, &url) != BER_OK)
            return;
        attrs_add(a, ATTR_LDAP_REFERRAL, url.value);
    }
}

/* LDAPResult ::= SEQUENCE { resultCode, matchedDN, diagnosticMessage, referral [3] OPTIONAL }, and behind it,
 * in an ExtendedResponse, responseName [10]. */
struct result {
    uint32_t code;
    char number[11]; /* the code when it has no name */
    struct bytes name, matched, message, referral, extension;
};

static bool take_result(struct bytes op, struct result *out)
{
    struct cursor c = cursor_over(op);
    struct bytes code;

    if (!ber_take(&c, LDAP_ENUM, &code) || !ber_uint(code, &out->code) ||
        !ber_take(&c, LDAP_OCTETS, &out->matched) || !ber_take(&c, LDAP_OCTETS, &out->message))
        return false;
    snprintf(out->number, sizeof out->number, "%u", (unsigned)out->code);
    out->name = bytes_str(out->number);
    for (unsigned i = 0; i < sizeof results / sizeof results[0]; i++)
        if (results[i].code == out->code)
            out->name = bytes_str(results[i].name);
    while (cursor_left(&c)) {
        struct ber part;

        if (ber_next(&c, &part) != BER_OK)
            break;
        if (part.tag == TAG_REFERRAL)
            out->referral = part.value;
        else if (part.tag == TAG_RESPONSE_NAME)
            out->extension = part.value;
    }
    return true;
}

/* How a lookup was answered, said once, with its end. What carried Java or a referral had a fact of its own;
 * the rest is a callback that brought nothing. */
static void add_outcome(struct attrs *a, struct ldap_open *open, const struct result *result)
{
    if (result->referral.p && !open->got_referral)
        attrs_add(a, ATTR_JNDI_STAGE, BYTES_LIT("referral"));
    open->got_referral |= result->referral.p || result->code == RESULT_REFERRAL;
    if (open->got_java)
        attrs_add(a, ATTR_JNDI_ANSWER, BYTES_LIT("java"));
    else if (open->got_referral)
        attrs_add(a, ATTR_JNDI_ANSWER, BYTES_LIT("referral"));
    else if (open->missed) /* what it brought was not seen: no reason to say that it was nothing */
        attrs_add(a, ATTR_JNDI_ANSWER, BYTES_LIT("unread"));
    else {
        attrs_add(a, ATTR_JNDI_STAGE, BYTES_LIT("callback"));
        attrs_add(a, ATTR_JNDI_ANSWER, open->got_entry ? BYTES_LIT("entry") : BYTES_LIT("nothing"));
    }
}

static bool read_result(struct reading *r, struct bytes op, const char *operation, bool of_search)
{
    struct ldap_open *open = of_search ? open_of(r) : NULL;
    struct result result = {.code = 0};
    struct attrs a = {.n = 0};

    if (!take_result(op, &result))
        return false;
    ldap_give_raw(r, op);
    attrs_add(&a, ATTR_LDAP_RESPONSES_OPERATION, bytes_str(operation));
    attrs_add(&a, ATTR_LDAP_RESPONSES_RESULT_CODE, result.name);
    if (result.matched.len)
        attrs_add(&a, ATTR_LDAP_RESPONSES_DN, result.matched);
    if (result.message.len)
        attrs_add(&a, ATTR_LDAP_RESPONSES_MESSAGE, result.message);
    if (result.extension.p)
        attrs_add(&a, ATTR_LDAP_EXTENSION, result.extension);
    add_client(&a, open);
    add_urls(&a, result.referral);
    if (open && open->lookup)
        add_outcome(&a, open, &result);
    if (open)
        open->used = false;
    ldap_give_fact(r, &a);
    return true;
}

/* The client's own name says nothing yet, so a bind has no place among the open searches. */
static bool read_bind_response(struct reading *r, struct bytes op)
{
    struct result result = {.code = 0};
    struct attrs a = {.n = 0};

    if (!take_result(op, &result))
        return false;
    ldap_give_raw(r, op);
    attrs_add(&a, ATTR_LDAP_RESPONSES_OPERATION, BYTES_LIT("bind_response"));
    attrs_add(&a, ATTR_LDAP_RESPONSES_RESULT_CODE, result.name);
    if (result.matched.len)
        attrs_add(&a, ATTR_LDAP_RESPONSES_DN, result.matched);
    if (result.message.len)
        attrs_add(&a, ATTR_LDAP_RESPONSES_MESSAGE, result.message);
    add_urls(&a, result.referral);
    if (result.code != RESULT_SUCCESS && result.code != RESULT_SASL_GOES_ON)
        attrs_add(&a, ATTR_JNDI_ANSWER, BYTES_LIT("refused"));
    ldap_give_fact(r, &a);
    return true;
}

/* SearchResultReference ::= SEQUENCE OF URI */
static bool read_reference(struct reading *r, struct bytes op)
{
    struct ldap_open *open = open_of(r);
    struct attrs a = {.n = 0};

    ldap_give_raw(r, op);
    attrs_add(&a, ATTR_LDAP_RESPONSES_OPERATION, BYTES_LIT("search_result_reference"));
    add_client(&a, open);
    if (open && open->lookup) {
        attrs_add(&a, ATTR_JNDI_STAGE, BYTES_LIT("referral"));
        attrs_add(&a, ATTR_JNDI_ANSWER, BYTES_LIT("referral"));
        open->got_referral = true;
    }
    add_urls(&a, op);
    ldap_give_fact(r, &a);
    return true;
}

static bool is_cut(const struct reading *r, struct bytes value)
{
    return r->talk->cut_from && value.len >= r->talk->cut_from;
}

/* All of a stream is there: of a value as it came, or of what was decoded of an address into room. */
static bool is_whole(const struct reading *r, const struct attrs *a, struct bytes stream, const struct buf *room)
{
    uintptr_t at = (uintptr_t)stream.p, from = (uintptr_t)room->p;
    bool whole = room->len < LDAP_ENTRY_ROOM;

    if (!room->len || at < from || at >= from + room->len)
        return !is_cut(r, stream);
    for (unsigned i = 0; i < a->n; i++)
        whole &= a->v[i].id != ATTR_JAVA_ADDRESS || !is_cut(r, a->v[i].value);
    return whole;
}

/* What is serialized in the entry: files by its name. The list's own values are their views. */
static void read_files(struct reading *r, struct attrs *a, const struct buf *room, struct java_files files[2])
{
    struct bytes streams[2];
    unsigned n = 0;

    for (unsigned i = 0; i < a->n && n < 2; i++)
        if (a->v[i].id == ATTR_JAVA_SERIALIZED)
            streams[n++] = a->v[i].value;
    for (unsigned i = n; i-- > 0;) {
        struct javaser j;

        javaser_read(streams[i], UINT32_MAX, &j);
        java_files_of(&j, is_whole(r, a, streams[i], room), &files[i]);
        java_files_add_attrs(&files[i], a);
    }
    for (unsigned i = 0; i < n; i++)
        java_files_give(&files[i], r->in, "ldap", r->number, attrs_get(a, ATTR_LDAP_RESPONSES_DN));
}

static bool read_entry(struct reading *r, struct bytes op)
{
    struct java_files files[2]; /* of a second javaSerializedData, or the first address */
    struct ldap_open *open = open_of(r);
    struct buf room = buf_within(LDAP_ENTRY_ROOM);
    struct attrs a = {.n = 0};
    bool whole;

    add_client(&a, open);
    whole = ldap_entry_attrs(op, &a, &room);
    if (open) {
        open->got_entry = true;
        open->got_java |= attrs_get(&a, ATTR_JAVA_CONTENT).p != NULL;
    }
    read_files(r, &a, &room, files);
    /* A client may be more patient than we are: what could be read counts, even if not all could. */
    if (attrs_get(&a, ATTR_LDAP_RESPONSES_OPERATION).p)
        ldap_give_fact(r, &a);
    if (whole)
        ldap_give_raw(r, op);
    buf_drop(&room);
    return whole;
}

bool ldap_read_answer(struct reading *r, struct ber op)
{
    switch (op.tag) {
    case LDAP_OP_BIND_RESPONSE:
        return read_bind_response(r, op.value);
    case LDAP_OP_ENTRY:
        return read_entry(r, op.value);
    case LDAP_OP_REFERENCE:
        return read_reference(r, op.value);
    case LDAP_OP_DONE:
        return read_result(r, op.value, "search_result_done", true);
    case LDAP_OP_EXTENDED_RESPONSE:
        return read_result(r, op.value, "extended_response", false);
    case LDAP_OP_MODIFY_RESPONSE:
        return read_result(r, op.value, "modify_response", false);
    case LDAP_OP_ADD_RESPONSE:
        return read_result(r, op.value, "add_response", false);
    case LDAP_OP_DELETE_RESPONSE:
        return read_result(r, op.value, "del_response", false);
    case LDAP_OP_RENAME_RESPONSE:
        return read_result(r, op.value, "mod_dn_response", false);
    case LDAP_OP_COMPARE_RESPONSE:
        return read_result(r, op.value, "compare_response", false);
    default:
        ldap_give_raw(r, r->pdu); /* intermediate responses */
        return true;
    }
}
