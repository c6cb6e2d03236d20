/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rule_limit.c: threshold and detection_filter as Suricata's manual writes them, and what is refused by name.
 */
#include "detect/rule_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
    const char *text;
    bool filter;
    struct rule_limit limit; /* LIMIT_NONE: refused ... */
    const char *word;        /* ... with this in the reason */
};

static const struct row rows[] = {
    {"type limit, track by_src, count 1, seconds 60", false, {LIMIT_FIRST, TRACK_SRC, 1, 60}, NULL},
    {"type threshold,track by_dst,count 10,seconds 3600", false, {LIMIT_EACH, TRACK_DST, 10, 3600}, NULL},
    {" seconds  5 ,count 2 , track by_both , type both ", false, {LIMIT_ONCE, TRACK_BOTH, 2, 5}, NULL},
    {"type limit, track by_rule, count 1, seconds 1", false, {LIMIT_FIRST, TRACK_RULE, 1, 1}, NULL},
    {"type limit, track by_flow, count 1, seconds 1", false, {LIMIT_FIRST, TRACK_FLOW, 1, 1}, NULL},
    {"TYPE LIMIT, Track BY_SRC, COUNT 4294967295, seconds 4294967295",
     false,
     {LIMIT_FIRST, TRACK_SRC, UINT32_MAX, UINT32_MAX},
     NULL},
    {"track by_src, count 30, seconds 60", true, {LIMIT_BEYOND, TRACK_SRC, 30, 60}, NULL},
    {"count 30, seconds 60, track by_dst", true, {LIMIT_BEYOND, TRACK_DST, 30, 60}, NULL},
    {"", false, {0}, "''"},
    {"type limit", false, {0}, "all needed"},
    {"type limit, track by_src, count 1", false, {0}, "all needed"},
    {"type limit, track by_src, count 1, seconds 60,", false, {0}, "''"},
    {"type limit, track by_src, count 1, seconds 60, count 2", false, {0}, "twice"},
    {"type limit, track by_src, count 0, seconds 60", false, {0}, "count '0'"},
    {"type limit, track by_src, count 1, seconds 0", false, {0}, "seconds '0'"},
    {"type limit, track by_src, count 1, seconds 10m", false, {0}, "seconds '10m'"},
    {"type limit, track by_src, count 4294967296, seconds 1", false, {0}, "count '4294967296'"},
    {"type limit, track by_src, count -1, seconds 1", false, {0}, "count '-1'"},
    {"type limit, track by_either, count 1, seconds 1", false, {0}, "by_either"},
    {"type backoff, track by_flow, count 1, multiplier 10", false, {0}, "backoff"},
    {"type often, track by_src, count 1, seconds 1", false, {0}, "often"},
    {"typo limit, track by_src, count 1, seconds 1", false, {0}, "typo"},
    {"type limit, track by_src, count 1, seconds 1", true, {0}, "no type"},
    {"track by_rule, count 1, seconds 1", true, {0}, "by_rule"},
    {"track by_src, count 1", true, {0}, "all needed"},
};

/* In exactly as much memory as it has bytes. */
static bool read_exact(const char *text, size_t len, bool filter, struct rule_limit *out,
                       struct complaint *why)
{
    char *exact = malloc(len + !len);
    bool good;

    assert_non_null(exact);
    memcpy(exact, text, len);
    *why = (struct complaint){""};
    good = rule_limit_read(bytes_of(exact, len), filter, out, why);
    free(exact);
    return good;
}

static void limits_are_read_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct rule_limit got;
        struct complaint why;
        bool good = read_exact(row->text, strlen(row->text), row->filter, &got, &why);

        if (good != (row->word == NULL))
            fail_msg("%s: %s", row->text, why.text);
        if (!good) {
            if (!strstr(why.text, row->word))
                fail_msg("%s: refused with: %s", row->text, why.text);
            continue;
        }
        assert_int_equal(got.kind, row->limit.kind);
        assert_int_equal(got.track, row->limit.track);
        assert_int_equal(got.count, row->limit.count);
        assert_int_equal(got.seconds, row->limit.seconds);
    }
}

static void a_cut_text_is_refused_or_another_number(void **state)
{
    static const char text[] = "type limit, track by_src, count 1, seconds 60";
    struct rule_limit got;
    struct complaint why;

    (void)state;
    for (size_t cut = 0; cut < sizeof text - 1; cut++) {
        bool good = read_exact(text, cut, false, &got, &why);

        assert_int_equal(good, cut == sizeof text - 2); /* "seconds 6" */
        assert_int_equal(!good, why.text[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_read_or_refused),
        cmocka_unit_test(a_cut_text_is_refused_or_another_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
