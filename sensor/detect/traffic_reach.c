/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic_reach.h"

#include <xxhash.h>

static bool same_header(const struct rule_match *a, const struct rule_match *b)
{
    return a->proto == b->proto && a->version == b->version && a->both_ways == b->both_ways &&
           strcmp(a->src_written, b->src_written) == 0 && strcmp(a->dst_written, b->dst_written) == 0 &&
           strcmp(a->src_port_written, b->src_port_written) == 0 &&
           strcmp(a->dst_port_written, b->dst_port_written) == 0;
}

/* The number of a list; n_lists when there is no room for it. */
static unsigned list_of(struct traffic_reach *r, const struct scope *scope, const char *written)
{
    unsigned i = 0;

    while (i < r->n_lists && strcmp(r->lists[i].written, written) != 0)
        i++;
    if (i == r->n_lists && i < REACH_ADDRESSES)
        r->lists[r->n_lists++] = (struct reach_list){scope, written};
    return i;
}

unsigned traffic_reach_class(struct traffic_reach *r, const struct rule_match *m)
{
    struct reach_class class = {.header = m};

    for (unsigned i = 0; i < r->n; i++)
        if (same_header(r->classes[i].header, m))
            return i;
    class.src = list_of(r, m->src, m->src_written);
    class.dst = list_of(r, m->dst, m->dst_written);
    if (r->n == REACH_OTHERS || class.src == REACH_ADDRESSES || class.dst == REACH_ADDRESSES)
        return REACH_OTHERS;
    r->classes[r->n] = class;
    return r->n++;
}

static uint64_t lists_of(const struct traffic_reach *r, struct reach_known *known, const struct addr *a)
{
    struct reach_address *at = &known->known[XXH3_64bits(a, sizeof *a) % REACH_KNOWN];

    if (at->used && addr_eq(&at->addr, a))
        return at->lists;
    *at = (struct reach_address){.addr = *a, .used = true};
    for (unsigned i = 0; i < r->n_lists; i++)
        if (scope_has_addr(r->lists[i].scope, a) && scope_names_family(r->lists[i].scope, a->version))
            at->lists |= UINT64_C(1) << i;
    return at->lists;
}

/* from, to: the lists that the two ends stand in. */
static bool ends_hold(const struct reach_class *c, uint64_t from, uint16_t from_port, uint64_t to,
                      uint16_t to_port)
{
    return (from >> c->src & 1) && (to >> c->dst & 1) && scope_has_port(c->header->src_port, from_port) &&
           scope_has_port(c->header->dst_port, to_port);
}

static bool reaches(const struct reach_class *c, const struct sighting *s, uint64_t from, uint64_t to)
{
    const struct rule_match *m = c->header;

    if ((m->proto && m->proto != s->proto) || (m->version && m->version != s->src->version))
        return false;
    return ends_hold(c, from, s->src_port, to, s->dst_port) ||
           (m->both_ways && ends_hold(c, to, s->dst_port, from, s->src_port));
}

reach_classes traffic_reach_of(const struct traffic_reach *r, struct reach_known *known,
                               const struct sighting *s)
{
    uint64_t from = lists_of(r, known, s->src), to = lists_of(r, known, s->dst);
    reach_classes out = UINT64_C(1) << REACH_OTHERS;

    for (unsigned i = 0; i < r->n; i++)
        if (reaches(&r->classes[i], s, from, to))
            out |= UINT64_C(1) << i;
    return out;
}
