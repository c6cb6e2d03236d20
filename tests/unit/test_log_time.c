/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/log_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#define TEN_OCLOCK 1639130400 /* 2021-12-10T10:00:00Z */
#define LATEST     1639500000 /* four days later */
#define NONE       INT64_MIN

static const struct {
    const char *line;
    int64_t seconds;
} lines[] = {
    {"2021-12-10T10:00:00Z x", TEN_OCLOCK},
    {"2021-12-10T10:00:00.123456Z x", TEN_OCLOCK},
    {"2021-12-10T10:00:00,123 INFO", TEN_OCLOCK},
    {"2021-12-10T11:00:00+01:00 x", TEN_OCLOCK},
    {"2021-12-10T04:30:00-0530 x", TEN_OCLOCK},
    {"2021-12-10 10:00:00 x", TEN_OCLOCK},
    {"2021-12-10 12:00:00 +0200 x", TEN_OCLOCK},
    {"2021-12-10 10:00:00 UTC x", TEN_OCLOCK},
    {"2021-12-10T10:00Z", TEN_OCLOCK},
    {"2021/12/10 10:00:00 [error] 7#7: nginx", TEN_OCLOCK},
    {"20211210T100000Z x", TEN_OCLOCK},
    {"2021-12-10 x", TEN_OCLOCK - 36000},
    {"[2021-12-10T10:00:00Z] x", TEN_OCLOCK},
    {"  [ 2021-12-10T10:00:00Z] x", TEN_OCLOCK},
    {"<34>1 2021-12-10T10:00:00Z host app", TEN_OCLOCK},
    {"<34>Dec 10 10:00:00 host app", TEN_OCLOCK},
    {"Dec 10 10:00:00 host app[1]: x", TEN_OCLOCK},
    {"Dec  9 10:00:00 host", TEN_OCLOCK - 86400},
    {"Dec 10 2021 10:00:00: %ASA-6", TEN_OCLOCK},
    {"[Fri Dec 10 10:00:00.123456 2021] [core:error]", TEN_OCLOCK},
    {"Fri Dec 10 10:00:00 2021", TEN_OCLOCK},
    {"Dec 10 10:00:00 2021", TEN_OCLOCK},
    {"dec 10 10:00:00", TEN_OCLOCK},
    /* it would lie ahead: last year's */
    {"Dec 31 10:00:00 host", TEN_OCLOCK + 21 * 86400 - 365 * 86400},
    /* a day ahead is a clock that goes wrong, or another zone */
    {"Dec 15 10:00:00 host", TEN_OCLOCK + 5 * 86400},
    {"Feb 29 00:00:00 host", 1582934400}, /* 2020: 2021 has none */
    {"10.0.0.5 - - [10/Dec/2021:10:00:00 +0000] \"GET / HTTP/1.1\"", TEN_OCLOCK},
    {"::1 - al [10/Dec/2021:11:00:00 +0100] \"GET / HTTP/1.1\"", TEN_OCLOCK},
    {"10-Dec-2021 10:00:00.123 INFO [main] org.apache", TEN_OCLOCK},
    {"10/Dec/2021:10:00:00 +0000", TEN_OCLOCK},
    {"1639130400 x", TEN_OCLOCK},
    {"1639130400.123    200 10.0.0.5 TCP_MISS", TEN_OCLOCK},
    {"1639130400123 x", TEN_OCLOCK},
    {"1639130400123456 x", TEN_OCLOCK},
    {"{\"timestamp\":\"2021-12-10T10:00:00.000000+0000\",\"x\":1}", TEN_OCLOCK},
    {"{\"ts\":1639130400.5,\"uid\":1}", TEN_OCLOCK},
    {"{ \"@timestamp\" : \"2021-12-10T10:00:00Z\"}", TEN_OCLOCK},
    /* a client's user name must not age the line */
    {"10.0.0.5 - [01/Jan/1990:00:00:00] [10/Dec/2021:10:00:00 +0000] \"GET\"", TEN_OCLOCK},
    {"10.0.0.5 - a [10/Dec/2021:10:00:00 +0000] \"GET /[01/Jan/1990:00:00:00\"", TEN_OCLOCK},

    {"", NONE},
    {"no time here", NONE},
    {"2021-13-10T10:00:00Z", NONE},
    {"2021-02-29T10:00:00Z", NONE},
    {"2021-12-10T24:00:00Z", NONE},
    {"Dec 32 10:00:00", NONE},
    {"Dez 10 10:00:00", NONE},
    {"Dec 10 host", NONE},
    {"10.0.0.5 - - [10/Dec/2021] x", NONE},
    {"163913040 x", NONE},
    {"16391304001 x", NONE},
    {"0639130400 x", NONE},
    {"99999999999999999999999999", NONE},
    {"<34", NONE},
    {"{\"a\"", NONE},
    {"[", NONE},
};

static int64_t time_of(struct bytes line)
{
    int64_t seconds;

    return log_time_of(line, LATEST, &seconds) ? seconds : NONE;
}

static void lines_have_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (time_of(bytes_str(lines[i].line)) != lines[i].seconds)
            fail_msg("%s: %lld", lines[i].line, (long long)time_of(bytes_str(lines[i].line)));
}

/* Cut anywhere: nothing behind the end is read. */
static void cut_lines_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (size_t cut = 0; cut < strlen(lines[i].line); cut++) {
            uint8_t *exact = memcpy(malloc(cut + !cut), lines[i].line, cut);

            time_of(bytes_of(exact, cut));
            free(exact);
        }
}

static void times_without_zone_are_local(void **state)
{
    (void)state;
    setenv("TZ", "UTC-2", 1); /* POSIX: two hours east */
    tzset();
    assert_int_equal(time_of(BYTES_LIT("2021-12-10 12:00:00 x")), TEN_OCLOCK);
    assert_int_equal(time_of(BYTES_LIT("Dec 10 12:00:00 x")), TEN_OCLOCK);
    assert_int_equal(time_of(BYTES_LIT("2021-12-10 10:00:00Z")), TEN_OCLOCK);
    setenv("TZ", "UTC", 1);
    tzset();
}

static void an_argument_is_all_time(void **state)
{
    int64_t seconds;

    (void)state;
    assert_true(log_time_read(BYTES_LIT("2021-12-10T10:00:00Z"), LATEST, &seconds));
    assert_int_equal(seconds, TEN_OCLOCK);
    assert_true(log_time_read(BYTES_LIT("2021-12-10"), LATEST, &seconds));
    assert_true(log_time_read(BYTES_LIT("Dec 10 10:00:00"), LATEST, &seconds));
    assert_true(log_time_read(BYTES_LIT("1639130400"), LATEST, &seconds));
    assert_int_equal(seconds, TEN_OCLOCK);
    assert_false(log_time_read(BYTES_LIT(""), LATEST, &seconds));
    assert_false(log_time_read(BYTES_LIT("yesterday"), LATEST, &seconds));
    assert_false(log_time_read(BYTES_LIT("2021-12-10T10:00:00Z and more"), LATEST, &seconds));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_times),
        cmocka_unit_test(cut_lines_end),
        cmocka_unit_test(times_without_zone_are_local),
        cmocka_unit_test(an_argument_is_all_time),
    };

    setenv("TZ", "UTC", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
