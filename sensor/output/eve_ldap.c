/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/eve_ldap_pdu.h"
#include "output/eve_record.h"
#include "output/text.h"

/* The parts of a record that ldap_records.c puts together. What Suricata's schema has no place for (filter,
 * controls, referrals) is in the alerts. */

static void put(struct jsonw *w, const char *key, struct bytes value)
{
    if (value.p)
        jsonw_bytes(w, key, text_cut(value, EVE_RECORD_TEXT));
}

/* RFC 4511 section 4.5.1: the numbers of these words. */
static void put_number(struct jsonw *w, const char *key, struct bytes word, const char *const *words,
                       unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (bytes_eq(word, bytes_str(words[i])))
            jsonw_u64(w, key, i);
}

static void put_attributes(struct jsonw *w, const struct attrs *attrs, enum attr_id id, bool objects)
{
    unsigned n = 0;

    if (!attrs_get(attrs, id).p)
        return;
    jsonw_array(w, "attributes");
    for (unsigned i = 0; i < attrs->n && n < EVE_RECORD_ITEMS; i++) {
        if (attrs->v[i].id != id)
            continue;
        n++;
        if (objects) {
            jsonw_object(w, NULL);
            put(w, "type", attrs->v[i].value);
            jsonw_end_object(w);
        } else {
            jsonw_bytes(w, NULL, text_cut(attrs->v[i].value, EVE_RECORD_TEXT));
        }
    }
    jsonw_end_array(w);
}

static void put_search(struct jsonw *w, const struct attrs *attrs, struct bytes pdu)
{
    static const char *const scopes[] = {"base", "one", "subtree", "subordinate"};
    static const char *const derefs[] = {"never", "searching", "finding", "always"};

    jsonw_object(w, "search_request");
    put(w, "base_object", attrs_get(attrs, ATTR_LDAP_REQUEST_DN));
    put_number(w, "scope", attrs_get(attrs, ATTR_LDAP_REQUEST_SCOPE), scopes, 4);
    put_number(w, "deref_alias", attrs_get(attrs, ATTR_LDAP_REQUEST_DEREF), derefs, 4);
    eve_ldap_limits(w, pdu);
    put_attributes(w, attrs, ATTR_LDAP_REQUEST_ATTRIBUTE_TYPE, false);
    jsonw_end_object(w);
}

void eve_ldap_request(struct jsonw *w, const struct eve_ldap *m, enum eve_ldap_detail detail)
{
    const struct attrs *attrs = m->attrs;
    struct bytes operation = attrs_get(attrs, ATTR_LDAP_REQUEST_OPERATION);

    jsonw_object(w, NULL);
    put(w, "operation", operation);
    jsonw_u64(w, "message_id", m->message_id);
    if (detail == EVE_LDAP_BARE) {
        jsonw_end_object(w);
        return;
    }
    if (bytes_eq(operation, BYTES_LIT("search_request"))) {
        put_search(w, attrs, m->pdu);
    } else if (bytes_eq(operation, BYTES_LIT("bind_request"))) {
        jsonw_object(w, "bind_request");
        put(w, "name", attrs_get(attrs, ATTR_LDAP_REQUEST_DN));
        eve_ldap_bind(w, m->pdu);
        jsonw_end_object(w);
    } else if (bytes_eq(operation, BYTES_LIT("extended_request"))) {
        jsonw_object(w, "extended_request");
        put(w, "name", attrs_get(attrs, ATTR_LDAP_EXTENSION));
        jsonw_end_object(w);
    }
    jsonw_end_object(w);
}

static void put_result(struct jsonw *w, const struct attrs *attrs)
{
    put(w, "result_code", attrs_get(attrs, ATTR_LDAP_RESPONSES_RESULT_CODE));
    put(w, "matched_dn", attrs_get(attrs, ATTR_LDAP_RESPONSES_DN));
    put(w, "message", attrs_get(attrs, ATTR_LDAP_RESPONSES_MESSAGE));
}

void eve_ldap_response(struct jsonw *w, const struct eve_ldap *m, enum eve_ldap_detail detail)
{
    const struct attrs *attrs = m->attrs;
    bool bare = detail == EVE_LDAP_BARE;
    /* The object of each that holds what came of it; in the order of RFC 4511 section 4. */
    static const char *const results[] = {"bind_response",   "search_result_done", "modify_response",
                                          "add_response",    "del_response",       "mod_dn_response",
                                          "compare_response"};
    struct bytes operation = attrs_get(attrs, ATTR_LDAP_RESPONSES_OPERATION);

    jsonw_object(w, NULL);
    put(w, "operation", operation);
    jsonw_u64(w, "message_id", m->message_id);
    if (bytes_eq(operation, BYTES_LIT("search_result_entry")) && !bare) {
        jsonw_object(w, "search_result_entry");
        put(w, "base_object", attrs_get(attrs, ATTR_LDAP_RESPONSES_DN));
        if (!eve_ldap_attributes(w, m->pdu, detail == EVE_LDAP_VALUES))
            put_attributes(w, attrs, ATTR_LDAP_RESPONSES_ATTRIBUTE_TYPE, true);
        jsonw_end_object(w);
    } else if (bytes_eq(operation, BYTES_LIT("extended_response")) && !bare) {
        jsonw_object(w, "extended_response");
        put_result(w, attrs);
        put(w, "name", attrs_get(attrs, ATTR_LDAP_EXTENSION));
        jsonw_end_object(w);
    }
    for (unsigned i = 0; i < sizeof results / sizeof *results && !bare; i++)
        if (bytes_eq(operation, bytes_str(results[i]))) {
            jsonw_object(w, results[i]);
            put_result(w, attrs);
            jsonw_end_object(w);
        }
    jsonw_end_object(w);
}
