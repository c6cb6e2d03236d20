/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/labels.h"
#include "correlate/incident.h"
#include "correlate/ioc_key.h"
#include "detect/rule_scope.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define URL_MAX 2048

struct labeller {
    struct pool pool;
    const struct scope *home, *scanners, *directories;
    struct iocs *bad, *allowed;
};

static const char *const label_names[LABEL_N] = {
    [LABEL_IOC] = "ioc",
    [LABEL_ALLOWED] = "allowed",
    [LABEL_SCANNER] = "scanner",
    [LABEL_DIRECTORY] = "ldap-allowed",
};

static const char *const where_names[HIT_WHERE_N] = {
    [HIT_LOOKUP] = "lookup",   [HIT_DNS] = "dns",       [HIT_HTTP] = "http", [HIT_TLS] = "tls",
    [HIT_ADDRESS] = "address", [HIT_ANSWER] = "answer", [HIT_FILE] = "file",
};

const char *label_name(enum label l)
{
    assert(l < LABEL_N);
    return label_names[l];
}

const char *hit_where_name(enum hit_where w)
{
    assert(w < HIT_WHERE_N);
    return where_names[w];
}

unsigned labels_severity(const struct labels *l, unsigned severity, enum label_stage stage)
{
    bool explained =
        labels_have(l, LABEL_ALLOWED) || labels_have(l, LABEL_SCANNER) || labels_have(l, LABEL_DIRECTORY);

    if (explained && severity < 3)
        return stage == LABEL_OF_STORY ? severity + 1 : 3;
    if (!explained && labels_have(l, LABEL_IOC) && severity > (stage == LABEL_OF_LOOKUP ? 2u : 1u))
        return severity - 1;
    return severity;
}

/* Mistakes in the groups were told when the rules were read; a group that is not there is empty. */
struct labeller *labeller_new(const struct config *config)
{
    struct labeller *l = calloc(1, sizeof *l);
    struct complaint why = {{0}};
    struct scope_vars *vars = l ? scope_vars_new(config, &l->pool, &why) : NULL;

    if (!vars)
        return l;
    l->home = scope_read(vars, SCOPE_ADDRESSES, BYTES_LIT("$HOME_NET"), &l->pool, &why);
    l->scanners = scope_read(vars, SCOPE_ADDRESSES, BYTES_LIT("$SCANNERS"), &l->pool, &why);
    l->directories = scope_read(vars, SCOPE_ADDRESSES, BYTES_LIT("$LDAP_ALLOWED"), &l->pool, &why);
    return l;
}

void labeller_free(struct labeller *l)
{
    if (!l)
        return;
    iocs_free(l->bad);
    iocs_free(l->allowed);
    pool_drop(&l->pool);
    free(l);
}

void labeller_set_lists(struct labeller *l, struct iocs *bad, struct iocs *allowed)
{
    iocs_free(l->bad);
    iocs_free(l->allowed);
    l->bad = bad;
    l->allowed = allowed;
}

const struct iocs *labeller_bad(const struct labeller *l)
{
    return l->bad;
}

const struct iocs *labeller_allowed(const struct labeller *l)
{
    return l->allowed;
}

static void label(struct labels *out, enum label l)
{
    out->set |= UINT32_C(1) << l;
}

static void hit(struct labels *out, const struct ioc *ioc, enum hit_where where)
{
    if (!ioc)
        return;
    label(out, LABEL_IOC);
    for (unsigned i = 0; i < out->n_hits; i++)
        if (out->hits[i].ioc == ioc)
            return;
    if (out->n_hits < HITS_MAX)
        out->hits[out->n_hits++] = (struct hit){.ioc = ioc, .where = where};
}

static bool is_in(const struct scope *s, const struct addr *a)
{
    return s && scope_has_addr(s, a);
}

bool labeller_is_ours(const struct labeller *l, const struct addr *a)
{
    return is_in(l->scanners, a) || is_in(l->directories, a);
}

bool labeller_is_home(const struct labeller *l, const struct addr *a)
{
    return is_in(l->home, a);
}

static void add_server(struct labels *out, const struct labeller *l, struct bytes host, uint16_t port,
                       enum hit_where where)
{
    hit(out, iocs_by_server(l->bad, host, port), where);
    hit(out, iocs_by_host(l->bad, host), where);
    if (iocs_by_server(l->allowed, host, port) || iocs_by_host(l->allowed, host))
        label(out, LABEL_ALLOWED);
}

void labels_add_text(struct labels *out, const struct labeller *l, struct bytes text, enum hit_where where)
{
    struct ioc_url url;
    struct bytes host;
    uint16_t port = 0;

    if (text.len == 0 || (iocs_n(l->bad) == 0 && iocs_n(l->allowed) == 0))
        return;
    if (ioc_url_split(text, &url)) {
        hit(out, iocs_by_url(l->bad, text), where);
        if (iocs_by_url(l->allowed, text))
            label(out, LABEL_ALLOWED);
        add_server(out, l, url.host, url.port, where);
        return;
    }
    if (!ioc_server_split(text, &host, &port))
        host = text;
    add_server(out, l, host, port, where);
}

void labels_add_addr(struct labels *out, const struct labeller *l, const struct addr *a, uint16_t port,
                     enum hit_where where)
{
    if (a->version == 0)
        return;
    hit(out, iocs_by_server_addr(l->bad, a, port), where);
    hit(out, iocs_by_addr(l->bad, a), where);
    if (iocs_by_server_addr(l->allowed, a, port) || iocs_by_addr(l->allowed, a))
        label(out, LABEL_ALLOWED);
}

void labels_add_file(struct labels *out, const struct labeller *l, struct bytes sha256)
{
    hit(out, iocs_by_sha256(l->bad, sha256), HIT_FILE);
    if (iocs_by_sha256(l->allowed, sha256))
        label(out, LABEL_ALLOWED);
}

void labels_add_end(struct labels *out, const struct labeller *l, const struct addr *a)
{
    if (is_in(l->scanners, a))
        label(out, LABEL_SCANNER);
    if (iocs_by_addr(l->allowed, a))
        label(out, LABEL_ALLOWED);
}

/* What of a finding may be on a list. */
static const struct {
    enum attr_id id;
    enum hit_where where;
} texts[] = {
    {ATTR_JNDI_NAME, HIT_LOOKUP},     {ATTR_JNDI_HOST, HIT_LOOKUP},     {ATTR_JNDI_COMMAND, HIT_LOOKUP},
    {ATTR_JAVA_CODEBASE, HIT_ANSWER}, {ATTR_JAVA_ADDRESS, HIT_ANSWER},  {ATTR_JAVA_HOST, HIT_ANSWER},
    {ATTR_JAVA_URL, HIT_ANSWER},      {ATTR_LDAP_REFERRAL, HIT_ANSWER}, {ATTR_RMI_ENDPOINT, HIT_ANSWER},
    {ATTR_GIOP_ENDPOINT, HIT_ANSWER}, {ATTR_HTTP_LOCATION, HIT_ANSWER}, {ATTR_DNS_RRNAME, HIT_DNS},
};

static void add_attrs(struct labels *out, const struct labeller *l, const struct attrs *attrs)
{
    for (unsigned k = 0; k < attrs->n; k++) {
        if (attrs->v[k].id == ATTR_JAVA_SHA256)
            labels_add_file(out, l, attrs->v[k].value);
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            if (attrs->v[k].id == texts[i].id)
                labels_add_text(out, l, attrs->v[k].value, texts[i].where);
    }
}

/* Of a request that a home host sent: what it calls is the other side's. */
static void add_http(struct labels *out, const struct labeller *l, const struct record *r)
{
    struct bytes host = r->item[RECORD_HTTP_HOST], url = r->item[RECORD_HTTP_URL];
    struct buf whole = buf_within(URL_MAX);

    if (host.len == 0 || !is_in(l->home, &r->head.addr[r->head.client]))
        return;
    buf_add_str(&whole, "http://");
    buf_add(&whole, host);
    buf_add(&whole, url);
    labels_add_text(out, l, buf_bytes(&whole), HIT_HTTP);
    buf_drop(&whole);
}

/* A home host is not what lists are about, unless there is nobody else. */
static void add_ends(struct labels *out, const struct labeller *l, const struct record_head *h)
{
    bool home[2] = {is_in(l->home, &h->addr[0]), is_in(l->home, &h->addr[1])};

    for (unsigned side = 0; side < 2; side++) {
        if (!home[side] || home[!side])
            labels_add_addr(out, l, &h->addr[side], side == h->client ? 0 : h->port[side], HIT_ADDRESS);
        if (is_in(l->scanners, &h->addr[side]))
            label(out, LABEL_SCANNER);
    }
}

/* Only as long as nobody else sent the same. */
static void learn_scanner(const struct labeller *l, const struct record_head *h, struct incident *i)
{
    bool scanner = is_in(l->scanners, &h->addr[h->packet_side]);
    const struct mark *m = incident_seen(i, STAGE_LOOKUP);

    i->scanner = scanner && (i->scanner || !m || m->n <= 1);
}

void labels_of_record(struct labels *out, const struct labeller *l, const struct record *r,
                      enum label_stage stage, struct incident *i)
{
    *out = (struct labels){.set = 0};
    add_attrs(out, l, &r->attrs);
    add_ends(out, l, &r->head);
    add_http(out, l, r);
    if (stage != LABEL_OF_LOOKUP && is_in(l->directories, &r->head.addr[!r->head.client]))
        label(out, LABEL_DIRECTORY);
    if (!i)
        return;
    if (stage == LABEL_OF_LOOKUP)
        learn_scanner(l, &r->head, i);
    i->heard |= out->set & (UINT32_C(1) << LABEL_IOC | UINT32_C(1) << LABEL_ALLOWED);
    out->set |= i->heard;
    if (i->scanner)
        label(out, LABEL_SCANNER);
}
