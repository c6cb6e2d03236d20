/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threshold files: whatever the text, it is refused with words that name file and line, or its statements
 * give each rule the same limit, and the same silence, every time; read twice over, the later ones count. */
#include "correlate/terms.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct config config; /* large */
static struct ruleset *rules;

static void quiet(void *arg, enum log_level level, const char *text)
{
    (void)arg;
    (void)level;
    assert(strncmp(text, "fuzz:", 5) == 0);
}

static void begin(void)
{
    static const char text[] =
        "alert tcp any any -> any any (msg:\"m\"; content:\"abc\"; sid:1;)\n"
        "alert tcp any any -> any any (msg:\"m\"; content:\"abc\"; sid:2; "
        "threshold:type both, track by_src, count 7, seconds 9;)\n"
        "alert tcp any any -> any any (msg:\"m\"; content:\"abc\"; gid:3; sid:1442200;)\n";
    static char names[2][16] = {"HOME_NET", "FAR"};
    static char values[2][32] = {"[10.0.0.0/8,!10.0.0.9]", "!$HOME_NET"};
    struct complaint why = {""};
    bool good;

    config.address_groups[0] = (struct config_group){names[0], values[0], names[0]};
    config.address_groups[1] = (struct config_group){names[1], values[1], names[1]};
    config.n_address_groups = 2;
    rules = ruleset_new(&config, &why);
    good = rules && ruleset_add_text(rules, "rules", bytes_str(text), &why) && ruleset_n(rules) == 3;
    assert(good);
    log_set_sink(quiet, NULL);
}

static void check_limit(const struct rule_limit *l)
{
    assert(l->kind <= LIMIT_BEYOND && l->track <= TRACK_FLOW && l->track != TRACK_EITHER);
    assert(l->kind == LIMIT_NONE || (l->count > 0 && l->seconds > 0));
}

static void check_terms(const struct terms *t)
{
    for (unsigned i = 0; i < ruleset_n(rules); i++) {
        const struct rule *rule = ruleset_at(rules, i);
        const struct rule_limit *limit = terms_limit(t, rule);

        check_limit(limit);
        assert(limit == terms_limit(t, rule));
        for (uint8_t k = 0; k < 16; k++) {
            struct limit_subject who = {.src = addr_v4((uint8_t[]){10, 0, 0, k}),
                                        .dst = addr_v4((uint8_t[]){192, 0, 2, k}),
                                        .flow_id = 1};

            assert(terms_suppress(t, rule, &who) == terms_suppress(t, rule, &who));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct complaint why = {""};
    struct terms *t;
    unsigned n;

    if (!rules)
        begin();
    t = terms_read(&config, rules, "fuzz", bytes_of(data, size), &why);
    n = terms_n(t);
    assert(t ? !why.text[0] : strncmp(why.text, "fuzz:", 5) == 0);
    assert(n <= size / 24); /* suppress gen_id 0,sig_id 0 */
    if (t)
        check_terms(t);
    terms_free(t);
    return 0;
}
