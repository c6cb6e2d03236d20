/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_scope.h"

#include <stdio.h>

enum node { NODE_ANY, NODE_NET, NODE_SPAN, NODE_PORTS, NODE_LIST, NODE_VAR };

struct scope {
    enum node node;
    bool negated;
    uint8_t nesting;
    unsigned weight;
    struct net net;                 /* NODE_NET */
    struct addr first, last;        /* NODE_SPAN */
    uint16_t first_port, last_port; /* NODE_PORTS */
    const struct scope *inner;      /* NODE_LIST: first member; NODE_VAR: what it stands for */
    const struct scope *next;       /* of the same list */
};

enum var_state { VAR_UNREAD, VAR_READING, VAR_READ };

struct var {
    const struct config_group *group;
    enum scope_kind kind;
    enum var_state state;
    const struct scope *scope;
};

struct scope_vars {
    struct pool *pool; /* the variables', which outlives the rules' */
    struct var v[2 * CONFIG_MAX_GROUPS];
    unsigned n;
};

struct reader {
    struct scope_vars *vars;
    enum scope_kind kind;
    struct pool *pool;
    struct complaint *why;
    struct bytes rest;
    unsigned nesting;
};

/* Text of the operator in a message: enough to find it, not a page of it. */
#define SHOWN(b) (int)((b).len < 60 ? (b).len : 60), (const char *)(b).p

static struct scope *read_item(struct reader *r);

static void skip_blanks(struct reader *r)
{
    while (r->rest.len && (r->rest.p[0] == ' ' || r->rest.p[0] == '\t'))
        r->rest = bytes_from(r->rest, 1);
}

static bool take(struct reader *r, char c)
{
    skip_blanks(r);
    if (!r->rest.len || r->rest.p[0] != (uint8_t)c)
        return false;
    r->rest = bytes_from(r->rest, 1);
    return true;
}

static struct bytes take_word(struct reader *r)
{
    size_t n = 0;
    struct bytes word;

    while (n < r->rest.len && r->rest.p[n] != ',' && r->rest.p[n] != ']' && r->rest.p[n] != '[')
        n++;
    word = bytes_trim(bytes_slice(r->rest, 0, n));
    r->rest = bytes_from(r->rest, n);
    return word;
}

static bool count_inner(struct reader *r, struct scope *s, const struct scope *inner)
{
    s->weight += inner->weight;
    if (s->nesting <= inner->nesting)
        s->nesting = (uint8_t)(inner->nesting + 1);
    if (s->nesting > SCOPE_MAX_NESTING)
        return complain(r->why, "lists and variables are nested deeper than %d: write fewer levels",
                        SCOPE_MAX_NESTING);
    if (s->weight > SCOPE_MAX_WEIGHT)
        return complain(r->why, "the list holds more than %d members: join them into larger networks",
                        SCOPE_MAX_WEIGHT);
    return true;
}

static bool read_list(struct reader *r, struct scope *list)
{
    const struct scope **tail = &list->inner;

    list->node = NODE_LIST;
    if (++r->nesting > SCOPE_MAX_NESTING)
        return complain(r->why, "lists are nested deeper than %d: write fewer levels", SCOPE_MAX_NESTING);
    for (bool more = !take(r, ']'); more; more = !take(r, ']')) {
        struct scope *member;

        if (list->inner && !take(r, ','))
            return complain(r->why, "a ',' or ']' is missing before '%.*s'", SHOWN(r->rest));
        member = read_item(r);
        if (!member || !count_inner(r, list, member))
            return false;
        *tail = member;
        tail = &member->next;
    }
    r->nesting--;
    return true;
}

static bool read_port(struct bytes text, uint16_t missing, uint16_t *out)
{
    uint64_t port = missing;

    if (text.len && !bytes_to_u64(text, 65535, &port))
        return false;
    *out = (uint16_t)port;
    return true;
}

static bool read_ports(struct reader *r, struct bytes word, struct scope *s)
{
    size_t colon = bytes_find_byte(word, ':');
    struct bytes first = bytes_slice(word, 0, colon), last = first;

    if (colon != BYTES_NONE)
        last = bytes_from(word, colon + 1);
    s->node = NODE_PORTS;
    if ((!first.len && !last.len) || !read_port(bytes_trim(first), 0, &s->first_port) ||
        !read_port(bytes_trim(last), 65535, &s->last_port))
        return complain(r->why,
                        "'%.*s' is no port: write 1389, a range such as 1024:2048 or 1024:, a list or any",
                        SHOWN(word));
    if (s->first_port > s->last_port)
        return complain(r->why, "the range '%.*s' runs backwards: write the lower port first", SHOWN(word));
    return true;
}

static bool read_addresses(struct reader *r, struct bytes word, struct scope *s)
{
    size_t dash = bytes_find_byte(word, '-');

    s->node = NODE_NET;
    if (net_parse(word, &s->net))
        return true;
    s->node = NODE_SPAN;
    if (dash == BYTES_NONE || !addr_parse(bytes_trim(bytes_slice(word, 0, dash)), &s->first) ||
        !addr_parse(bytes_trim(bytes_from(word, dash + 1)), &s->last))
        return complain(
            r->why,
            "'%.*s' is no address: write 10.0.0.0/8, 2001:db8::/32, a range, a $VARIABLE, a list or any",
            SHOWN(word));
    if (s->first.version != s->last.version || memcmp(s->first.b, s->last.b, sizeof s->first.b) > 0)
        return complain(r->why, "the range '%.*s' runs backwards: write the lower address first",
                        SHOWN(word));
    return true;
}

static bool var_read(struct scope_vars *vars, struct var *v, unsigned nesting, struct complaint *why)
{
    struct reader r = {vars, v->kind, vars->pool, why, bytes_str(v->group->value), nesting};

    if (v->state == VAR_READING)
        return complain(why, "$%s is defined by itself: give it addresses or ports of its own",
                        v->group->name);
    if (v->state == VAR_READ)
        return true;
    v->state = VAR_READING;
    v->scope = read_item(&r);
    skip_blanks(&r);
    if (v->scope && r.rest.len)
        return complain(why, "'%.*s' is left over: write several members as a list, [a,b]", SHOWN(r.rest));
    v->state = VAR_READ;
    return v->scope != NULL;
}

static bool unknown_var(struct reader *r, struct bytes name)
{
    const char *names[2 * CONFIG_MAX_GROUPS], *near;
    const char *where = r->kind == SCOPE_PORTS ? "port-groups" : "address-groups";
    char word[64];
    unsigned n = 0;

    if (!r->why)
        return false;
    for (unsigned i = 0; i < r->vars->n; i++)
        if (r->vars->v[i].kind == r->kind)
            names[n++] = r->vars->v[i].group->name;
    snprintf(word, sizeof word, "%.*s", SHOWN(name));
    near = nearest_word(word, names, n);
    if (near)
        return complain(r->why, "no variable $%s under vars.%s of the settings: did you mean $%s", word,
                        where, near);
    return complain(r->why, "no variable $%s: define it under vars.%s of the settings", word, where);
}

static bool read_var(struct reader *r, struct scope *s)
{
    struct bytes name = bytes_from(take_word(r), 1);

    s->node = NODE_VAR;
    for (unsigned i = 0; i < r->vars->n; i++) {
        struct var *v = &r->vars->v[i];

        if (v->kind != r->kind || !bytes_eq(name, bytes_str(v->group->name)))
            continue;
        if (!var_read(r->vars, v, r->nesting, r->why))
            return false;
        s->inner = v->scope;
        return count_inner(r, s, s->inner);
    }
    return unknown_var(r, name);
}

static bool read_word(struct reader *r, struct scope *s)
{
    struct bytes word = take_word(r);

    s->weight = 1;
    if (!word.len)
        return complain(r->why, "a member is missing: write %s or any",
                        r->kind == SCOPE_PORTS ? "a port" : "an address");
    if (bytes_eq_nocase(word, BYTES_LIT("any"))) {
        s->node = NODE_ANY;
        return !s->negated || complain(r->why, "!any holds nothing: write what it should hold");
    }
    return r->kind == SCOPE_PORTS ? read_ports(r, word, s) : read_addresses(r, word, s);
}

static struct scope *read_item(struct reader *r)
{
    struct scope *s = pool_room(r->pool, sizeof *s);
    bool good;

    if (!s) {
        complain(r->why, "memory is short");
        return NULL;
    }
    s->negated = take(r, '!');
    skip_blanks(r);
    if (take(r, '['))
        good = read_list(r, s);
    else if (r->rest.len && r->rest.p[0] == '$')
        good = read_var(r, s);
    else
        good = read_word(r, s);
    return good ? s : NULL;
}

static void vars_add(struct scope_vars *vars, const struct config_group *groups, unsigned n,
                     enum scope_kind kind)
{
    for (unsigned i = 0; i < n && i < CONFIG_MAX_GROUPS; i++)
        vars->v[vars->n++] = (struct var){.group = &groups[i], .kind = kind};
}

struct scope_vars *scope_vars_new(const struct config *config, struct pool *pool, struct complaint *why)
{
    struct scope_vars *vars = pool_room(pool, sizeof *vars);

    if (!vars) {
        complain(why, "memory is short");
        return NULL;
    }
    vars->pool = pool;
    vars_add(vars, config->address_groups, config->n_address_groups, SCOPE_ADDRESSES);
    vars_add(vars, config->port_groups, config->n_port_groups, SCOPE_PORTS);
    for (unsigned i = 0; i < vars->n; i++) {
        struct var *v = &vars->v[i];
        struct complaint reason = {0};

        if (var_read(vars, v, 0, &reason))
            continue;
        complain(why, "%s: vars.%s.%s: %s", v->group->where,
                 v->kind == SCOPE_PORTS ? "port-groups" : "address-groups", v->group->name, reason.text);
        return NULL;
    }
    return vars;
}

const struct scope *scope_read(struct scope_vars *vars, enum scope_kind kind, struct bytes text,
                               struct pool *pool, struct complaint *why)
{
    struct reader r = {vars, kind, pool, why, text, 0};
    const struct scope *s = read_item(&r);

    skip_blanks(&r);
    if (s && r.rest.len) {
        complain(why, "'%.*s' is left over: write several members as a list, [a,b]", SHOWN(r.rest));
        return NULL;
    }
    return s;
}

bool scope_is_any(const struct scope *s)
{
    return s->node == NODE_ANY || (s->node == NODE_VAR && !s->negated && scope_is_any(s->inner));
}

/* What is asked: an address, or a port when there is none. */
struct question {
    const struct addr *addr;
    uint16_t port;
};

static bool has(const struct scope *s, const struct question *q);

static bool list_has(const struct scope *list, const struct question *q)
{
    bool plain = false, hit = false;

    for (const struct scope *m = list->inner; m; m = m->next) {
        bool held = has(m, q);

        if (m->negated && !held)
            return false;
        if (!m->negated) {
            plain = true;
            hit |= held;
        }
    }
    return list->inner && (hit || !plain);
}

static bool has(const struct scope *s, const struct question *q)
{
    bool hit = true;

    switch (s->node) {
    case NODE_ANY:
        break;
    case NODE_NET:
        hit = net_has(&s->net, q->addr);
        break;
    case NODE_SPAN:
        hit = q->addr->version == s->first.version &&
              memcmp(q->addr->b, s->first.b, sizeof s->first.b) >= 0 &&
              memcmp(q->addr->b, s->last.b, sizeof s->last.b) <= 0;
        break;
    case NODE_PORTS:
        hit = q->port >= s->first_port && q->port <= s->last_port;
        break;
    case NODE_LIST:
        hit = list_has(s, q);
        break;
    case NODE_VAR:
        hit = has(s->inner, q);
        break;
    }
    return hit != s->negated;
}

bool scope_names_family(const struct scope *s, uint8_t version)
{
    bool named = false;

    switch (s->node) {
    case NODE_ANY:
        return true;
    case NODE_NET:
        return s->net.addr.version == version;
    case NODE_SPAN:
        return s->first.version == version;
    case NODE_PORTS:
        return false;
    case NODE_LIST:
        for (const struct scope *m = s->inner; m && !named; m = m->next)
            named = scope_names_family(m, version);
        return named;
    case NODE_VAR:
        return scope_names_family(s->inner, version);
    }
    return false;
}

bool scope_has_addr(const struct scope *s, const struct addr *a)
{
    return has(s, &(struct question){.addr = a});
}

bool scope_has_port(const struct scope *s, uint16_t port)
{
    return has(s, &(struct question){.port = port});
}
