/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "correlate/folds.h"
#include "support/sample.h"

#define S  UINT64_C(1000000)
#define T0 (1000 * S)

/* What was told of the folds that ended. */
struct heard {
    unsigned n;
    struct fold last;
    uint64_t first_us[8];
};

static void on_end(void *arg, const struct fold *fold)
{
    struct heard *h = arg;

    assert_true(fold->n > 1);
    h->last = *fold;
    if (h->n < 8)
        h->first_us[h->n] = fold->first_us;
    h->n++;
}

struct setting {
    struct folds *folds;
    struct heard heard;
    struct sample s;
};

static void start(struct setting *t, size_t memory)
{
    *t = (struct setting){.heard = {.n = 0}};
    count_reset();
    t->folds = folds_new(memory, 60 * S, 1, on_end, &t->heard);
    assert_non_null(t->folds);
    sample_lookup(&t->s);
}

static void stop(struct setting *t)
{
    folds_free(t->folds);
    sample_drop(&t->s);
    count_reset();
}

/* The sample as it stands, seen at that time: true when it is a repeat. */
static bool see(struct setting *t, uint64_t ts_us, uint64_t incident)
{
    struct table_key key;
    bool repeat;

    buf_clear(&t->s.bytes);
    t->s.chunk.ts_us = ts_us;
    assert_true(sample_seal(&t->s, STAGE_LOOKUP));
    folds_clock(t->folds, ts_us);
    key = folds_key(t->folds, &t->s.record, incident);
    repeat = folds_count(t->folds, &key, &t->s.record);
    if (!repeat)
        folds_begin(t->folds, &key, &t->s.record, STAGE_LOOKUP, incident, VERDICT_ATTEMPTED, 90);
    return repeat;
}

static void repeats_are_told_once_at_the_end(void **state)
{
    struct setting t;

    (void)state;
    start(&t, 1 << 20);
    assert_false(see(&t, T0, 7));
    assert_true(see(&t, T0 + S, 7));
    t.s.flow.end[t.s.flow.client].port++; /* another connection */
    assert_true(see(&t, T0 + 59 * S, 7));
    folds_clock(t.folds, T0 + 60 * S - 1);
    assert_int_equal(t.heard.n, 0);
    folds_clock(t.folds, T0 + 60 * S);
    assert_int_equal(t.heard.n, 1);
    assert_int_equal(t.heard.last.n, 3);
    assert_int_equal(t.heard.last.first_us, T0);
    assert_int_equal(t.heard.last.last.ts_us, T0 + 59 * S);
    assert_int_equal(t.heard.last.incident, 7);
    assert_int_equal(t.heard.last.verdict, VERDICT_ATTEMPTED);
    assert_string_equal(t.heard.last.name, "ldap://203.0.113.9:1389/a");
    assert_int_equal(counters[COUNT_ALERTS_FOLDED], 2);
    /* A new window, whose only sighting is told by itself. */
    assert_false(see(&t, T0 + 61 * S, 7));
    folds_finish(t.folds);
    assert_int_equal(t.heard.n, 1);
    stop(&t);
}

static void the_end_of_the_input_ends_all_in_their_order(void **state)
{
    struct setting t;

    (void)state;
    start(&t, 1 << 20);
    for (unsigned k = 0; k < 5; k++) {
        see(&t, T0 + k, 100 - k);
        see(&t, T0 + S, 100 - k);
    }
    folds_finish(t.folds);
    assert_int_equal(t.heard.n, 5);
    for (unsigned k = 0; k < 5; k++)
        assert_int_equal(t.heard.first_us[k], T0 + k);
    folds_finish(t.folds);
    assert_int_equal(t.heard.n, 5);
    stop(&t);
}

/* Each changes the sighting that is at hand into another one. */
static void other_victim(struct sample *s)
{
    s->flow.end[!s->flow.client].addr.b[3]++;
}

static void other_source(struct sample *s)
{
    s->flow.end[s->flow.client].addr.b[3]++;
}

static void other_port(struct sample *s)
{
    s->flow.end[!s->flow.client].port++;
}

static void other_direction(struct sample *s)
{
    s->chunk.side = !s->chunk.side;
}

static void other_rule(struct sample *s)
{
    s->rule.sid++;
}

static void other_header(struct sample *s)
{
    s->field.name = BYTES_LIT("X-Other");
}

static void other_name(struct sample *s)
{
    for (unsigned k = 0; k < s->attrs.n; k++)
        if (s->attrs.v[k].id == ATTR_JNDI_NAME)
            s->attrs.v[k].value = BYTES_LIT("ldap://203.0.113.9:1389/b");
}

static void one_attr_more(struct sample *s)
{
    attrs_add(&s->attrs, ATTR_JNDI_TECHNIQUE, BYTES_LIT("lower"));
}

static void another_vlan(struct sample *s)
{
    s->flow.n_vlans = 1;
    s->flow.vlans[0] = 12;
}

static void what_differs_is_told(void **state)
{
    static void (*const changes[])(struct sample *) = {other_victim,    other_source,  other_port,
                                                       other_direction, other_rule,    other_header,
                                                       other_name,      one_attr_more, another_vlan};
    struct setting t;

    (void)state;
    for (size_t k = 0; k < sizeof changes / sizeof *changes; k++) {
        start(&t, 1 << 20);
        assert_false(see(&t, T0, 7));
        assert_true(see(&t, T0, 7));
        assert_false(see(&t, T0, 8)); /* of another incident */
        changes[k](&t.s);
        if (see(&t, T0, 7))
            fail_msg("change %zu makes no other sighting", k);
        stop(&t);
    }
}

static void what_only_stands_around_it_does_not_count(void **state)
{
    struct setting t;

    (void)state;
    start(&t, 1 << 20);
    attrs_add(&t.s.attrs, ATTR_HTTP_URI, BYTES_LIT("/a"));
    assert_false(see(&t, T0, 7));
    t.s.attrs.v[t.s.attrs.n - 1].value = BYTES_LIT("/b");
    assert_true(see(&t, T0, 7));
    stop(&t);
}

static void full_the_oldest_is_told_early(void **state)
{
    struct setting t;

    (void)state;
    start(&t, 1); /* the least that a table holds: 16 */
    for (uint64_t k = 1; k <= 16; k++)
        assert_false(see(&t, T0, k));
    assert_true(see(&t, T0 + S, 1));
    assert_false(see(&t, T0 + S, 17)); /* 1 makes room */
    assert_int_equal(t.heard.n, 1);
    assert_int_equal(t.heard.last.incident, 1);
    assert_false(see(&t, T0 + S, 18)); /* 2 had no repeats */
    assert_int_equal(t.heard.n, 1);
    assert_int_equal(counters[COUNT_CORRELATE_FOLDS_EARLY], 2);
    stop(&t);
}

static void time_may_be_set_back(void **state)
{
    struct setting t;

    (void)state;
    start(&t, 1 << 20);
    see(&t, T0 + 86400 * S, 7);
    see(&t, T0 + 86400 * S, 7);
    assert_false(see(&t, T0, 7)); /* a file of the day before */
    assert_int_equal(t.heard.n, 1);
    assert_true(see(&t, T0 + S, 7));
    folds_clock(t.folds, T0 + 60 * S);
    assert_int_equal(t.heard.n, 2);
    stop(&t);
}

/* A little earlier than a window: the clock stands still, and yet it is no repeat. */
static void an_earlier_file_begins_its_own_window(void **state)
{
    struct setting t;

    (void)state;
    start(&t, 1 << 20);
    see(&t, T0, 7);
    see(&t, T0, 7);
    assert_false(see(&t, T0 - 61 * S, 7));
    assert_int_equal(t.heard.n, 1);
    stop(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeats_are_told_once_at_the_end),
        cmocka_unit_test(the_end_of_the_input_ends_all_in_their_order),
        cmocka_unit_test(what_differs_is_told),
        cmocka_unit_test(what_only_stands_around_it_does_not_count),
        cmocka_unit_test(full_the_oldest_is_told_early),
        cmocka_unit_test(time_may_be_set_back),
        cmocka_unit_test(an_earlier_file_begins_its_own_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
