/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/trail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct trail *trail;

static int set_up(void **state)
{
    (void)state;
    trail = trail_new();
    return trail ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    trail_free(trail);
    return 0;
}

static void layer(unsigned taken, const char *what, const char *text)
{
    trail_note(trail, READING_LAYER, taken, what, bytes_str(text));
}

static void begin(unsigned taken)
{
    trail_note(trail, READING_BEGIN, taken, NULL, BYTES_LIT(""));
}

static void step(const char *what, const char *text)
{
    trail_note(trail, READING_STEP, 0, what, bytes_str(text));
}

static void assert_steps(const char *expected)
{
    struct buf seen = buf_within(4096);
    const struct trail_step *s;

    for (unsigned i = 0; (s = trail_step(trail, i)); i++)
        buf_addf(&seen, "%s=%.*s ", s->what, (int)s->text.len, s->text.len ? (const char *)s->text.p : "");
    buf_add_byte(&seen, '\0');
    assert_string_equal((const char *)seen.p, expected);
    buf_drop(&seen);
}

static void the_reading_at_hand_is_kept(void **state)
{
    (void)state;
    trail_clear(trail);
    assert_steps("");
    layer(0, "url", "a");
    begin(1);
    step("lower", "b");
    assert_steps("url=a lower=b ");
    begin(0); /* the text as it stands ... */
    assert_steps("");
    step("upper", "c");
    layer(1, "html-entity", "d"); /* ... and what is inside the first encoding */
    begin(2);
    assert_steps("url=a html-entity=d ");
    layer(0, "base64", "e"); /* another branch */
    begin(1);
    step("date", "f");
    assert_steps("base64=e date=f ");
}

static void runs_are_told_once(void **state)
{
    (void)state;
    begin(0);
    step("lower", "1");
    step("lower", "2");
    step("default-value", "3");
    step("lower", "4");
    step("lower", "5");
    assert_steps("lower=2 default-value=3 lower=5 ");
}

/* An evaluation of any length is bounded; its end is kept. */
static void long_trails_are_cut(void **state)
{
    struct buf large = buf_within(TRAIL_MAX_TEXT / 2 + 1);
    const struct trail_step *last = NULL, *s;
    unsigned n;

    (void)state;
    begin(0);
    for (unsigned i = 0; i < 10000; i++)
        step(i % 2 ? "lower" : "upper", i == 9999 ? "end" : "x");
    for (n = 0; (s = trail_step(trail, n)); n++)
        last = s;
    assert_int_equal(n, TRAIL_MAX_STEPS);
    assert_true(trail->cut);
    assert_true(bytes_eq(buf_bytes(&last->text), BYTES_LIT("end")));

    begin(0);
    assert_false(trail->cut);
    while (buf_add_byte(&large, 'a'))
        ;
    for (unsigned i = 0; i < 100; i++)
        trail_note(trail, READING_STEP, 0, i % 2 ? "lower" : "upper", buf_bytes(&large));
    assert_true(trail->cut && trail->kept <= TRAIL_MAX_TEXT + large.len);
    for (n = 0; trail_step(trail, n); n++)
        ;
    assert_true(n <= 2);
    buf_drop(&large);
    for (unsigned i = 0; i < 2 * TRAIL_MAX_LAYERS; i++)
        layer(i, "url", "x");
    begin(2 * TRAIL_MAX_LAYERS);
    for (n = 0; trail_step(trail, n); n++)
        ;
    assert_int_equal(n, TRAIL_MAX_LAYERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reading_at_hand_is_kept),
        cmocka_unit_test(runs_are_told_once),
        cmocka_unit_test(long_trails_are_cut),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
