/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/eve.h"
#include "output/text.h"

/* Keys of alert.context.jndi that are an attr written down. The set is fixed, and so is each type: a search
 * engine maps a key once. */
enum shape { ONE, MANY };

struct row {
    enum attr_id id;
    const char *key;
    enum shape shape;
};

static const struct row top_rows[] = {
    {ATTR_JNDI_KEY, "key", ONE},
    {ATTR_JNDI_PART, "part", ONE},
    {ATTR_JNDI_TECHNIQUE, "techniques", MANY},
    {ATTR_JNDI_LEAK, "exfil", MANY},
    {ATTR_JNDI_KIT, "kit", ONE},
    {ATTR_JNDI_PAYLOAD, "payload", ONE},
    {ATTR_JNDI_COMMAND, "command", ONE},
    {ATTR_JNDI_ANSWER, "answer", ONE},
    {ATTR_JAVA_CLASS, "classes", MANY},
    {ATTR_JAVA_CODEBASE, "codebase", ONE},
    {ATTR_JAVA_FACTORY, "factory", ONE},
    {ATTR_JAVA_ADDRESS, "addresses", MANY},
    {ATTR_JAVA_CONTENT, "content", ONE},
    {ATTR_JAVA_GADGET, "gadgets", MANY},
    {ATTR_JAVA_NESTED, "nested", MANY},
    {ATTR_JAVA_COMMAND, "commands", MANY},
    {ATTR_JAVA_API, "apis", MANY},
    {ATTR_JAVA_HOST, "hosts", MANY},
    {ATTR_JAVA_URL, "urls", MANY},
    {ATTR_JAVA_SUPER, "superclass", ONE},
    {ATTR_JAVA_VERSION, "class_version", ONE},
    {ATTR_JAVA_SHA256, "sha256", ONE},
    {ATTR_JAVA_FETCH, "fetch", ONE},
    {ATTR_HTTP_LOCATION, "redirect", ONE},
    {ATTR_DNS_RRNAME, "rrname", ONE},
};

static const struct row ldap_rows[] = {
    {ATTR_LDAP_REQUEST_OPERATION, "request_operation", ONE},
    {ATTR_LDAP_REQUEST_DN, "request_dn", ONE},
    {ATTR_LDAP_REQUEST_AUTH, "request_auth", ONE},
    {ATTR_LDAP_REQUEST_SCOPE, "request_scope", ONE},
    {ATTR_LDAP_REQUEST_DEREF, "request_deref", ONE},
    {ATTR_LDAP_REQUEST_FILTER, "request_filter", ONE},
    {ATTR_LDAP_REQUEST_ATTRIBUTE_TYPE, "request_attribute_types", MANY},
    {ATTR_LDAP_REQUEST_CONTROL, "request_controls", MANY},
    {ATTR_LDAP_CLIENT, "client", ONE},
    {ATTR_LDAP_EXTENSION, "extension", ONE},
    {ATTR_LDAP_RESPONSES_OPERATION, "response_operations", MANY},
    {ATTR_LDAP_RESPONSES_RESULT_CODE, "result_code", ONE},
    {ATTR_LDAP_RESPONSES_MESSAGE, "message", ONE},
    {ATTR_LDAP_RESPONSES_DN, "response_dn", ONE},
    {ATTR_LDAP_RESPONSES_ATTRIBUTE_TYPE, "attribute_types", MANY},
    {ATTR_LDAP_REFERRAL, "referrals", MANY},
};

static const struct row rmi_rows[] = {
    {ATTR_RMI_OPERATION, "operation", ONE},
    {ATTR_RMI_METHOD, "method", ONE},
    {ATTR_RMI_NAME, "name", ONE},
    {ATTR_RMI_ENDPOINT, "endpoints", MANY},
};

static const struct row giop_rows[] = {
    {ATTR_GIOP_MESSAGE, "message", ONE}, {ATTR_GIOP_OPERATION, "operation", ONE},
    {ATTR_GIOP_OBJECT, "object", ONE},   {ATTR_GIOP_NAME, "name", ONE},
    {ATTR_GIOP_STATUS, "status", ONE},   {ATTR_GIOP_ENDPOINT, "endpoints", MANY},
};

static void put_text(struct jsonw *w, const char *key, struct bytes value, size_t max)
{
    if (value.len > 0)
        jsonw_bytes(w, key, text_cut(value, max));
}

static void put_many(struct jsonw *w, const char *key, const struct attrs *attrs, enum attr_id id,
                     const struct eve_limits *limits)
{
    unsigned written = 0;

    jsonw_array(w, key);
    for (unsigned i = 0; i < attrs->n && written < limits->items; i++)
        if (attrs->v[i].id == id) {
            jsonw_bytes(w, NULL, text_cut(attrs->v[i].value, limits->text));
            written++;
        }
    jsonw_end_array(w);
}

static void put_rows(struct jsonw *w, const struct row *rows, size_t n, const struct attrs *attrs,
                     const struct eve_limits *limits)
{
    for (size_t i = 0; i < n; i++) {
        struct bytes value = attrs_get(attrs, rows[i].id);

        if (rows[i].shape == ONE)
            put_text(w, rows[i].key, value, limits->text);
        else if (value.p)
            put_many(w, rows[i].key, attrs, rows[i].id, limits);
    }
}

static void put_object(struct jsonw *w, const char *key, const struct row *rows, size_t n,
                       const struct attrs *attrs, const struct eve_limits *limits)
{
    bool any = false;

    for (size_t i = 0; i < n; i++)
        any = any || attrs_get(attrs, rows[i].id).len > 0;
    if (!any)
        return;
    jsonw_object(w, key);
    put_rows(w, rows, n, attrs, limits);
    jsonw_end_object(w);
}

static unsigned count_of(const struct attrs *attrs, enum attr_id id)
{
    unsigned n = 0;

    for (unsigned i = 0; i < attrs->n; i++)
        n += attrs->v[i].id == id;
    return n;
}

static void put_place(struct jsonw *w, const struct facts *f, const struct eve_limits *limits)
{
    put_text(w, "scheme", f->scheme, limits->text);
    put_text(w, "host", f->host, limits->text);
    if (f->port_known)
        jsonw_u64(w, "port", f->port);
}

/* What only a lookup has: how it was hidden, and whether it would work. */
static void put_lookup(struct jsonw *w, const struct alert *a, const struct eve_limits *limits)
{
    const struct record *r = a->record;
    struct bytes effective = attrs_get(&r->attrs, ATTR_JNDI_EFFECTIVE);

    if (a->stage != STAGE_LOOKUP || a->story || a->fold) /* these have no text of their own */
        return;
    if (limits->raw > 0) {
        put_text(w, "raw", r->item[RECORD_RAW], limits->raw);
        put_text(w, "decoded", r->item[RECORD_DECODED], limits->raw);
    }
    jsonw_u64(w, "depth", r->head.depth);
    if (effective.len > 0)
        jsonw_bool(w, "effective", !bytes_eq(effective, BYTES_LIT("no")));
    if (limits->bare)
        return;
    put_text(w, "reason", r->item[RECORD_INEFFECTIVE], limits->text);
    if (r->item[RECORD_VERSIONS].len > 0)
        put_text(w, "versions", r->item[RECORD_VERSIONS], limits->text);
    else
        jsonw_str(w, "versions", "before 2.15.0"); /* finding.h: unless the finding says less */
}

void eve_jndi(struct jsonw *w, const struct alert *a, const struct facts *f, const struct eve_limits *limits)
{
    const struct attrs *attrs = &a->record->attrs;
    struct bytes java_client = attrs_get(attrs, ATTR_JAVA_CLIENT);

    jsonw_str(w, "stage", stage_name(a->stage));
    put_text(w, "lookup", f->lookup, limits->text);
    put_place(w, f, limits);
    put_text(w, "path", attrs_get(attrs, ATTR_JNDI_PATH), limits->text);
    put_text(w, "location", f->location, limits->text);
    put_text(w, "name", f->name, limits->text);
    jsonw_u64(w, "confidence", a->record->head.confidence);
    if (a->record->head
            .conflict) /* two versions of these bytes were sent: this one is perhaps not the victim's */
        jsonw_bool(w, "conflict", true);
    eve_labels(w, a, limits);
    eve_incident(w, a, limits);
    put_lookup(w, a, limits);
    if (!limits->bare) {
        if (count_of(attrs, ATTR_JNDI_NAME) > 1)
            put_many(w, "lookups", attrs, ATTR_JNDI_NAME, limits);
        put_rows(w, top_rows, sizeof top_rows / sizeof top_rows[0], attrs, limits);
        if (java_client.len > 0)
            jsonw_bool(w, "java_client", bytes_eq(java_client, BYTES_LIT("yes")));
        put_object(w, "ldap", ldap_rows, sizeof ldap_rows / sizeof ldap_rows[0], attrs, limits);
        put_object(w, "rmi", rmi_rows, sizeof rmi_rows / sizeof rmi_rows[0], attrs, limits);
        put_object(w, "giop", giop_rows, sizeof giop_rows / sizeof giop_rows[0], attrs, limits);
    }
}
