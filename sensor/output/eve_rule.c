/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/incident.h"
#include "output/eve.h"
#include "output/text.h"

#include <stdio.h>

/* Distinct keys of one rule's metadata; with ours well below the 100 per level that Arkime's reader takes. */
#define METADATA_KEYS_MAX 64

/* The search keys of alert.context.jndi once more, for consumers that know Suricata 7 only. */
static const struct {
    const char *key;
    enum attr_id id;
} mirrors[] = {
    {"jndi_lookup", ATTR_JNDI_NAME},
    {"jndi_technique", ATTR_JNDI_TECHNIQUE},
};

static const char *const reserved[] = {"jndi_stage",     "jndi_scheme", "jndi_callback",   "jndi_lookup",
                                       "jndi_technique", "incident_id", "incident_verdict"};

static bool is_reserved(const char *key)
{
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (strcmp(key, reserved[i]) == 0)
            return true;
    return false;
}

/* True when an earlier row has the same key: JSON objects name a key once. */
static bool written_before(const struct rule *rule, unsigned i)
{
    for (unsigned j = 0; j < i; j++)
        if (strcmp(rule->metadata[j].key, rule->metadata[i].key) == 0)
            return true;
    return false;
}

static void put_rule_metadata(struct jsonw *w, const struct rule *rule, const struct eve_limits *limits)
{
    unsigned keys = 0;

    for (unsigned i = 0; i < rule->n_metadata && keys < METADATA_KEYS_MAX; i++) {
        const char *key = rule->metadata[i].key;
        unsigned values = 0;

        if (is_reserved(key) || written_before(rule, i))
            continue;
        jsonw_array_named(w, bytes_str(key));
        for (unsigned j = i; j < rule->n_metadata && values < limits->items; j++)
            if (strcmp(rule->metadata[j].key, key) == 0) {
                jsonw_bytes(w, NULL, text_cut(bytes_str(rule->metadata[j].value), limits->text));
                values++;
            }
        jsonw_end_array(w);
        keys++;
    }
}

static void put_single(struct jsonw *w, const char *key, struct bytes value, size_t max)
{
    if (value.len == 0)
        return;
    jsonw_array(w, key);
    jsonw_bytes(w, NULL, text_cut(value, max));
    jsonw_end_array(w);
}

/* host:port, an IPv6 address in brackets. */
static void put_callback(struct jsonw *w, const struct facts *f, size_t max)
{
    uint8_t space[512];
    struct bytes host = text_cut(f->host, max < 255 ? max : 255); /* RFC 1035: a name is no longer */
    bool v6 = bytes_find_byte(host, ':') != BYTES_NONE;
    char port[8] = "";
    size_t len = 0;

    if (host.len == 0)
        return;
    if (v6)
        space[len++] = '[';
    memcpy(space + len, host.p, host.len);
    len += host.len;
    if (v6)
        space[len++] = ']';
    if (f->port_known) {
        int n = snprintf(port, sizeof port, ":%u", f->port);

        memcpy(space + len, port, (size_t)n);
        len += (size_t)n;
    }
    put_single(w, "jndi_callback", bytes_of(space, len), sizeof space);
}

static void put_mirror(struct jsonw *w, const char *key, const struct attrs *attrs, enum attr_id id,
                       const struct eve_limits *limits)
{
    unsigned values = 0;

    if (attrs_get(attrs, id).len == 0)
        return;
    jsonw_array(w, key);
    for (unsigned i = 0; i < attrs->n && values < limits->items; i++)
        if (attrs->v[i].id == id && attrs->v[i].value.len > 0) {
            jsonw_bytes(w, NULL, text_cut(attrs->v[i].value, limits->text));
            values++;
        }
    jsonw_end_array(w);
}

static void put_incident(struct jsonw *w, const struct alert *a, size_t max)
{
    char id[INCIDENT_ID_TEXT];

    if (!a->incident)
        return;
    incident_id_print(a->incident->id, id);
    put_single(w, "incident_id", bytes_str(id), max);
    put_single(w, "incident_verdict", bytes_str(verdict_name(a->verdict)), max);
}

void eve_metadata(struct jsonw *w, const struct alert *a, const struct facts *f,
                  const struct eve_limits *limits)
{
    jsonw_object(w, "metadata");
    if (!limits->bare)
        put_rule_metadata(w, a->rule, limits);
    if (!rule_is_traffic(a->rule))
        put_single(w, "jndi_stage", bytes_str(stage_name(a->stage)), limits->text);
    put_single(w, "jndi_scheme", f->scheme, limits->text);
    put_callback(w, f, limits->text);
    put_incident(w, a, INCIDENT_ID_TEXT);
    eve_label_mirrors(w, a, limits);
    for (size_t i = 0; i < sizeof mirrors / sizeof mirrors[0] && !limits->bare; i++)
        put_mirror(w, mirrors[i].key, &a->record->attrs, mirrors[i].id, limits);
    jsonw_end_object(w);
}

/* A rule's "url,example.org/x" as something to click on. */
static void put_reference(struct jsonw *w, struct bytes text, size_t max)
{
    static const struct {
        struct bytes kind;
        const char *prefix;
    } kinds[] = {
        {BYTES_LIT("url"), "https://"},
        {BYTES_LIT("cve"), "https://nvd.nist.gov/vuln/detail/CVE-"},
    };
    size_t comma = bytes_find_byte(text, ',');
    struct bytes kind = bytes_trim(bytes_slice(text, 0, comma)), value;
    struct buf link = buf_within(2048);

    value = comma == BYTES_NONE ? text : bytes_trim(bytes_from(text, comma + 1));
    if (bytes_starts_nocase(value, BYTES_LIT("CVE-")))
        value = bytes_from(value, 4);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (comma != BYTES_NONE && bytes_eq_nocase(kind, kinds[i].kind) &&
            bytes_find(value, BYTES_LIT("://")) == BYTES_NONE) {
            buf_add_str(&link, kinds[i].prefix);
            buf_add(&link, value);
        }
    jsonw_bytes(w, NULL, text_cut(link.len > 0 ? buf_bytes(&link) : text, max));
    buf_drop(&link);
}

void eve_references(struct jsonw *w, const struct rule *rule, const struct eve_limits *limits)
{
    if (rule->n_references == 0 || limits->bare)
        return;
    jsonw_array(w, "references");
    for (unsigned i = 0; i < rule->n_references && i < limits->items; i++)
        put_reference(w, bytes_str(rule->references[i]), limits->text);
    jsonw_end_array(w);
}
