/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One rule: any text is read or refused with words, and a traffic rule keeps what rule_traffic.h promises of
 * it. What rules mean is fuzz_rules.c's. */
#include "detect/rule_parse.h"
#include "detect/rule_traffic.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct scope_vars *some_vars(struct pool *pool)
{
    static struct config config; /* large */
    static char names[2][16] = {"HOME_NET", "PORTS"};
    static char values[2][40] = {"[192.0.2.0/24,2001:db8::/32]", "[80,1024:2048,!1099]"};

    config.address_groups[0] = (struct config_group){names[0], values[0], names[0]};
    config.port_groups[0] = (struct config_group){names[1], values[1], names[1]};
    config.n_address_groups = 1;
    config.n_port_groups = 1;
    return scope_vars_new(&config, pool, NULL);
}

static void check_test(const struct traffic_section *s, unsigned i, unsigned n_vars)
{
    const struct traffic_test *t = &s->tests[i];

    assert(t->from.var <= n_vars && t->reach.var <= n_vars && t->at_least.var <= n_vars);
    assert(t->number.compared.var <= n_vars && t->number.offset.var <= n_vars &&
           t->number.bytes.var <= n_vars);
    if (t->kind == ASK_CONTENT)
        assert(t->pattern.len > 0 && t->pattern.len <= RULE_PATTERN_MAX && !(t->starts && t->has_reach));
    if (t->kind == ASK_BASE64)
        assert(t->decoded && t->decoded->n_tests > 0 && t->number.offset.n >= 0 && t->number.bytes.n >= 0);
    if (t->kind == ASK_PCRE)
        assert(t->pcre && t->relative == rule_pcre_relative(t->pcre));
    if (t->kind == ASK_BYTE_EXTRACT || t->kind == ASK_BYTE_MATH)
        assert(t->number.var < n_vars);
    /* The last one has nobody behind it to depend on it. */
    assert(!t->followed || i + 1 < s->n_tests);
}

static void check_state(const struct rule_state *s)
{
    assert(s->n_names > 0 && s->n_names <= STATE_MAX_NAMES);
    assert(s->n_names == 1 || s->action == STATE_ISSET || s->action == STATE_ISNOTSET);
    assert((s->kind == STATE_XBITS) == (s->track != XBITS_NONE));
    for (unsigned i = 0; i < s->n_names; i++)
        assert(s->names[i][0]);
}

static void check_traffic(const struct rule_traffic *t)
{
    assert(t->inspects && t->n_vars <= TRAFFIC_MAX_VARS && t->n_states <= TRAFFIC_MAX_STATES);
    assert(t->n_stream_sizes <= TRAFFIC_MAX_STREAM_SIZES && t->n_sections <= RULE_MAX_TESTS);
    for (unsigned i = 0; i < t->n_sections; i++) {
        assert(t->sections[i].buffer < BUFFER_N && t->sections[i].n_tests > 0);
        for (unsigned k = 0; k < t->sections[i].n_tests; k++)
            check_test(&t->sections[i], k, t->n_vars);
    }
    for (unsigned i = 0; i < t->n_states; i++)
        check_state(&t->states[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pool pool;
    static struct scope_vars *vars;
    size_t room = RULE_PCRE_ROOM;
    struct complaint why = {""};
    struct rule *r;

    if (!vars)
        vars = some_vars(&pool);
    assert(vars);
    r = rule_read(bytes_of(data, size), "fuzz", 1, NULL, vars, &room, &why);
    assert((r == NULL) == (why.text[0] != 0));
    if (!r) {
        assert(strncmp(why.text, "fuzz:1: ", 8) == 0);
        return 0;
    }
    assert(r->sid && r->gid && r->priority >= 1 && r->priority <= 255 && r->msg[0] && r->category &&
           r->action[0]);
    if (r->match->traffic)
        check_traffic(r->match->traffic);
    else
        assert(r->match->n_sections > 0);
    rule_free(r);
    return 0;
}
