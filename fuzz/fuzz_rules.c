/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of rules: each rule of any text is read or refused with words, alone; what is read answers every
 * sighting and every value, the same each time. What follows a line "%%" becomes the values of both. */
#include "base/count.h"
#include "detect/rule_confirm.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ruleset *some_ruleset(void)
{
    static struct config config; /* large */
    static char names[3][16] = {"HOME_NET", "EXTERNAL_NET", "PORTS"};
    static char values[3][40] = {"[192.0.2.0/24,2001:db8::/32]", "!$HOME_NET", "[80,1024:2048,!1099]"};
    struct ruleset *r;

    config.address_groups[0] = (struct config_group){names[0], values[0], names[0]};
    config.address_groups[1] = (struct config_group){names[1], values[1], names[1]};
    config.port_groups[0] = (struct config_group){names[2], values[2], names[2]};
    config.n_address_groups = 2;
    config.n_port_groups = 1;
    r = ruleset_new(&config, NULL);
    assert(r);
    return r;
}

/* Kept for the next input, since it is dear to make; emptied by making another once it holds rules. */
static struct ruleset *kept;

/* What the parser promises of a traffic rule, and an answer for each of its sections on any value. */
static void check_traffic(const struct rule_traffic *t, struct bytes values)
{
    static struct confirm_scratch *scratch;
    struct confirm_vars vars = {{0}};

    if (!scratch)
        scratch = confirm_scratch_new();
    assert(scratch && t->inspects && t->n_vars <= TRAFFIC_MAX_VARS);
    for (unsigned i = 0; i < t->n_sections; i++) {
        const struct traffic_section *s = &t->sections[i];

        assert(s->buffer < BUFFER_N && s->n_tests > 0 && s->n_transforms <= TRANSFORM_MAX);
        for (unsigned k = 0; k < 4; k++) {
            const struct confirm_value v = {bytes_slice(values, 0, values.len >> k), k * 3, k > 1};
            bool held = rule_confirm(s, &v, &vars, scratch);

            assert(held == rule_confirm(s, &v, &(struct confirm_vars){{0}}, scratch) || t->n_vars);
        }
    }
}

static void check_rules(const struct ruleset *r)
{
    for (unsigned i = 0; i < ruleset_n(r); i++) {
        const struct rule *rule = ruleset_at(r, i);

        assert(rule->sid && rule->gid && rule->priority >= 1 && rule->priority <= 255);
        assert(rule->msg && rule->msg[0] && rule->category && rule->action[0]);
        assert(ruleset_by_sid(r, rule->gid, rule->sid) == rule);
        for (unsigned k = 0; k < rule->n_metadata; k++)
            assert(rule->metadata[k].key[0] && rule->metadata[k].value[0]);
        for (unsigned k = 0; k < rule->n_references; k++)
            assert(rule->references[k][0]);
    }
}

/* One value per line, dealt to the buffers in turn: every buffer gets several. */
static void deal(struct attrs *attrs, struct bytes text)
{
    for (unsigned i = 0; text.len && !attrs->cut; i++) {
        size_t end = bytes_find_byte(text, '\n');

        attrs_add(attrs, (enum attr_id)(i % ATTR_N), bytes_slice(text, 0, end));
        attrs_add(attrs, (enum attr_id)(i * 7 % ATTR_N), bytes_slice(text, 0, end));
        text = end == BYTES_NONE ? bytes_from(text, text.len) : bytes_from(text, end + 1);
    }
}

/* Every buffer of the transaction has two values, shorter ones with each. */
static bool get_value(void *arg, unsigned buffer, unsigned i, struct bytes *out)
{
    const struct bytes *values = arg;

    assert(buffer < BUFFER_N);
    *out = bytes_slice(*values, 0, values->len >> (i + buffer % 3));
    return i < 2;
}

static void ask(const struct ruleset *r, struct bytes values)
{
    static const char *const protocols[] = {"http", "http2", "websocket", "dns", "ldap", "rmi", "failed"};
    struct attrs attrs = {0};
    struct addr src, dst;
    const struct sighting_tx tx = {get_value, &values};

    assert(addr_parse(BYTES_LIT("192.0.2.1"), &src) && addr_parse(BYTES_LIT("198.51.100.1"), &dst));
    deal(&attrs, values);
    for (unsigned i = 0; i < 10; i++) {
        const struct sighting s = {
            &src, &dst, 40000, 80, i < 9 ? 6 : 17, protocols[i % 5], i < 5, &attrs, i % 3 ? &tx : NULL};
        const struct rule *rule = ruleset_match(r, &s);

        assert(ruleset_match(r, &s) == rule);
        assert(!rule || attrs.n > 0); /* every rule asks for some buffer of the sensor's own */
        (void)ruleset_waits(r, &s);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct complaint why = {""};
    struct bytes text = bytes_of(data, size), rules, values;
    size_t split = bytes_find(text, BYTES_LIT("\n%%\n"));
    unsigned before;
    bool added;

    rules = bytes_slice(text, 0, split);
    values = split == BYTES_NONE ? text : bytes_from(text, split + 4);
    if (!kept)
        kept = some_ruleset();
    before = ruleset_n_refused(kept);
    added = ruleset_add_text(kept, "fuzz", rules, &why);
    assert(added && !why.text[0]);
    for (unsigned i = 0; ruleset_refusal(kept, i); i++)
        assert(strncmp(ruleset_refusal(kept, i), "fuzz:", 5) == 0);
    check_rules(kept);
    if (ruleset_n(kept) > 0) {
        unsigned n = ruleset_n(kept), refused = ruleset_n_refused(kept);

        ask(kept, values);
        for (unsigned i = 0; i < n; i++)
            if (rule_is_traffic(ruleset_at(kept, i)))
                check_traffic(ruleset_at(kept, i)->match->traffic, values);
        /* The same text again: its sids are taken now. */
        assert(ruleset_add_text(kept, "fuzz", rules, &why));
        assert(ruleset_n(kept) == n && ruleset_n_refused(kept) == refused + (refused - before) + n);
        check_rules(kept);
    }
    ruleset_free(kept);
    kept = NULL;
    return 0;
}
