/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reload.c: all parts or none, in their order; one at a time; words of the reading thread are told by the
 * first. */
#include "reload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct thing {
    char letter;
    bool bad, busy;
    atomic_uint n_read;
};

static char story[256]; /* what happened to the parts: a letter for each */
static char told[256], logged[256];
static unsigned n_told;
static atomic_uint n_woken;

static void note(char c)
{
    size_t n = strlen(story);

    story[n] = c;
    story[n + 1] = '\0';
}

static void *read_thing(void *arg, struct complaint *why)
{
    struct thing *t = arg;

    atomic_fetch_add(&t->n_read, 1);
    log_warning("reading %c", t->letter);
    if (t->bad) {
        complain(why, "%c is bad", t->letter);
        return NULL;
    }
    return malloc(1);
}

static void use_thing(void *arg, void *fresh)
{
    note(((struct thing *)arg)->letter);
    free(fresh);
}

static void drop_thing(void *arg, void *fresh)
{
    (void)arg;
    note('-');
    free(fresh);
}

static bool busy_thing(void *arg)
{
    return ((struct thing *)arg)->busy;
}

static void on_wake(void *arg)
{
    (void)arg;
    atomic_fetch_add(&n_woken, 1);
}

static void on_told(void *arg, bool good, const char *message)
{
    (void)arg;
    (void)good;
    n_told++;
    snprintf(told, sizeof told, "%s", message);
}

static void on_log(void *arg, enum log_level level, const char *text)
{
    (void)arg;
    (void)level;
    snprintf(logged, sizeof logged, "%s", text);
}

static struct reload *reload_of(struct thing *things, unsigned n)
{
    const struct reload_plan plan = {.wake = on_wake, .told = on_told};
    struct reload *r = reload_new(&plan);

    assert_non_null(r);
    for (unsigned i = 0; i < n; i++)
        reload_add(r, &(struct reload_part){.name = "thing",
                                            .read = read_thing,
                                            .use = use_thing,
                                            .drop = drop_thing,
                                            .busy = busy_thing,
                                            .arg = &things[i]});
    story[0] = told[0] = logged[0] = '\0';
    n_told = 0;
    return r;
}

static void until_told(struct reload *r, unsigned n)
{
    for (unsigned i = 0; n_told < n; i++) {
        assert_true(i < 30000);
        reload_look(r);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static void all_parts_are_used_in_their_order(void **state)
{
    struct thing things[2] = {{.letter = 'a'}, {.letter = 'b'}};
    struct reload *r = reload_of(things, 2);

    (void)state;
    reload_look(r); /* nobody has asked */
    assert_int_equal(atomic_load(&things[0].n_read), 0);
    reload_ask(r);
    until_told(r, 1);
    assert_string_equal(story, "ab");
    assert_string_equal(told, "reloaded");
    assert_string_equal(logged, "reading b");
    assert_true(atomic_load(&n_woken) > 0);
    reload_look(r);
    assert_int_equal(atomic_load(&things[0].n_read), 1);
    reload_free(r);
}

/* Who asks for a reading is told of that one or a later one, never of one that was begun before; and not
 * before what was read has arrived everywhere. */
static void each_asking_has_its_result(void **state)
{
    struct thing things[1] = {{.letter = 'a', .bad = true}};
    struct reload *r = reload_of(things, 1);
    struct complaint why = {""};
    uint64_t first = reload_ask(r), second;

    (void)state;
    assert_int_equal(first, 1);
    assert_int_equal(reload_ask(r), 1); /* not begun: the same will do */
    assert_int_equal(reload_result(r, first, &why), RELOAD_UNDER_WAY);
    reload_look(r);
    second = reload_ask(r); /* who knows what the first has read by now */
    assert_int_equal(second, 2);
    until_told(r, 1);
    assert_int_equal(reload_result(r, first, &why), RELOAD_REFUSED);
    assert_string_equal(why.text, "a is bad");
    assert_int_equal(reload_result(r, second, &why), RELOAD_UNDER_WAY);
    until_told(r, 2);
    things[0].bad = false;
    reload_ask(r);
    things[0].busy = false;
    reload_look(r);
    things[0].busy = true; /* from the moment on at which it is used */
    until_told(r, 3);
    reload_look(r);
    assert_int_equal(reload_result(r, second, &why), RELOAD_REFUSED);
    assert_int_equal(reload_result(r, 3, &why), RELOAD_UNDER_WAY);
    things[0].busy = false;
    reload_look(r);
    assert_int_equal(reload_result(r, 3, &why), RELOAD_IN_USE);
    reload_free(r);
}

static void one_bad_part_and_none_is_used(void **state)
{
    struct thing things[3] = {{.letter = 'a'}, {.letter = 'b', .bad = true}, {.letter = 'c'}};
    struct reload *r = reload_of(things, 3);

    (void)state;
    reload_ask(r);
    until_told(r, 1);
    assert_string_equal(story, "-");
    assert_string_equal(told, "nothing was reloaded: b is bad");
    assert_int_equal(atomic_load(&things[2].n_read), 0);
    things[1].bad = false;
    reload_ask(r);
    until_told(r, 2);
    assert_string_equal(story, "-abc");
    reload_free(r);
}

static void many_requests_are_one_more(void **state)
{
    struct thing things[1] = {{.letter = 'a'}};
    struct reload *r = reload_of(things, 1);

    (void)state;
    reload_ask(r);
    reload_look(r); /* under way */
    for (unsigned i = 0; i < 5; i++)
        reload_ask(r);
    until_told(r, 2);
    for (unsigned i = 0; i < 20; i++)
        reload_look(r);
    assert_int_equal(atomic_load(&things[0].n_read), 2);
    reload_free(r);
}

static void nothing_is_read_while_the_last_is_on_its_way(void **state)
{
    struct thing things[1] = {{.letter = 'a', .busy = true}};
    struct reload *r = reload_of(things, 1);

    (void)state;
    reload_ask(r);
    for (unsigned i = 0; i < 20; i++)
        reload_look(r);
    assert_int_equal(atomic_load(&things[0].n_read), 0);
    things[0].busy = false;
    until_told(r, 1);
    assert_string_equal(story, "a");
    reload_free(r);
}

static void an_end_amid_a_reading_leaves_nothing(void **state)
{
    struct thing things[2] = {{.letter = 'a'}, {.letter = 'b'}};
    struct reload *r = reload_of(things, 2);

    (void)state;
    reload_ask(r);
    reload_look(r);
    reload_free(r);
    assert_string_equal(story, "--");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_parts_are_used_in_their_order),
        cmocka_unit_test(one_bad_part_and_none_is_used),
        cmocka_unit_test(each_asking_has_its_result),
        cmocka_unit_test(many_requests_are_one_more),
        cmocka_unit_test(nothing_is_read_while_the_last_is_on_its_way),
        cmocka_unit_test(an_end_amid_a_reading_leaves_nothing),
    };

    log_set_sink(on_log, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
