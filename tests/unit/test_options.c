/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"
#include "options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define MAX_ARGUMENTS 48

/* The words of a command line, without quotes. argv lives until the next call. */
static char *argv_of(const char *line, char **argv, int *argc)
{
    char *copy = strdup(line);

    *argc = 0;
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[(*argc)++] = word;
    return copy;
}

static void assert_refused(const char *line, const char *message)
{
    char *argv[MAX_ARGUMENTS], *copy;
    struct complaint why = {""};
    struct options o;
    int argc;

    copy = argv_of(line, argv, &argc);
    assert_false(options_parse(&o, argc, argv, &why));
    assert_string_equal(why.text, message);
    options_free(&o);
    free(copy);
}

static char *parsed(const char *line, struct options *o)
{
    static char *argv[MAX_ARGUMENTS];
    struct complaint why = {""};
    int argc;
    char *copy = argv_of(line, argv, &argc);

    if (!options_parse(o, argc, argv, &why))
        fail_msg("refused: %s", why.text);
    return copy;
}

static void test_nothing(void **state)
{
    struct options o;
    char *copy = parsed("jndi-sensor", &o);

    (void)state;
    assert_null(o.config);
    assert_int_equal(o.reads.n + o.interfaces.n + o.words.n + o.sets.n, 0);
    assert_int_equal(o.color, WHEN_AUTO);
    assert_int_equal(o.checksums, CHECKSUMS_AS_SET);
    options_free(&o);
    free(copy);
}

static void test_every_kind(void **state)
{
    struct options o;
    char *copy =
        parsed("jndi-sensor -qe -r a -rb --read=c --read d -c x.yaml --set a.b=c=d -n 12 -k none tcp port "
               "80 --color never -j -- -r -",
               &o);

    (void)state;
    assert_true(o.quiet && o.exit_code && o.json);
    assert_int_equal(o.reads.n, 4);
    assert_string_equal(o.reads.v[0], "a");
    assert_string_equal(o.reads.v[1], "b");
    assert_string_equal(o.reads.v[2], "c");
    assert_string_equal(o.reads.v[3], "d");
    assert_string_equal(o.config, "x.yaml");
    assert_string_equal(o.sets.v[0], "a.b=c=d");
    assert_int_equal(o.max_packets, 12);
    assert_int_equal(o.checksums, CHECKSUMS_NONE);
    assert_int_equal(o.color, WHEN_NEVER);
    assert_int_equal(o.words.n, 5);
    assert_string_equal(o.words.v[2], "80");
    assert_string_equal(o.words.v[3], "-r");
    assert_string_equal(o.words.v[4], "-");
    options_free(&o);
    free(copy);
}

static void test_standard_input_is_a_file(void **state)
{
    struct options o;
    char *copy = parsed("jndi-sensor -r - -vvv --strict", &o);

    (void)state;
    assert_string_equal(o.reads.v[0], "-");
    assert_int_equal(o.verbose, 3);
    assert_true(o.strict);
    options_free(&o);
    free(copy);
}

static void test_refusals(void **state)
{
    (void)state;
    assert_refused("s --jsno", "unknown option '--jsno', did you mean '--json'?");
    assert_refused("s --determ", "unknown option '--determ', did you mean '--deterministic'?");
    assert_refused("s --zzzzzzzzz", "unknown option '--zzzzzzzzz' (--help lists all)");
    assert_refused("s --=x", "unknown option '--' (--help lists all)");
    assert_refused("s -qx", "unknown option '-x' (--help lists all)");
    assert_refused("s -r",
                   "--read wants FILE (read a capture (pcap, pcapng; also packed), a directory of them, "
                   "or -; repeatable)");
    assert_refused("s --set", "--set wants KEY=VALUE (one setting (stream.depth=4mb); repeatable)");
    assert_refused("s --json=yes", "--json takes no argument");
    assert_refused("s -n 0", "--packets '0': write a number from 1");
    assert_refused("s -n 1k", "--packets '1k': write a number from 1");
    assert_refused("s -k some", "--checksums 'some': write all, none or auto");
    assert_refused("s --color=red", "--color 'red': write auto, always or never");
    assert_refused("s -c a -c b", "--config is given twice");
    assert_refused("s --config=", "--config '': write a name that is not empty");
    assert_refused("s --read=", "--read '': write something that is not empty");
    assert_refused("s -r a -i b", "-r and -i at once: read files or watch interfaces");
    assert_refused("s -q -v", "-q and -v at once: choose one");
    assert_refused("s -F f tcp", "-F and a filter in words ('tcp') at once: choose one");
}

static void test_help_is_complete_and_narrow(void **state)
{
    struct buf help = buf_within(1 << 16), usage = buf_within(1 << 16);
    struct bytes rest;
    unsigned lines = 0;

    (void)state;
    options_help(&help);
    options_usage(&usage);
    assert_int_not_equal(bytes_find(buf_bytes(&help), BYTES_LIT("  -r, --read FILE")), BYTES_NONE);
    assert_int_not_equal(bytes_find(buf_bytes(&help), BYTES_LIT("      --strict ")), BYTES_NONE);
    rest = buf_bytes(&usage);
    for (size_t end; (end = bytes_find_byte(rest, '\n')) != BYTES_NONE;
         rest = bytes_from(rest, end + 1), lines++)
        assert_true(end <= 100);
    assert_int_equal(lines, 15);
    rest = buf_bytes(&help);
    for (size_t end; (end = bytes_find_byte(rest, '\n')) != BYTES_NONE; rest = bytes_from(rest, end + 1))
        assert_true(end <= 110);
    buf_drop(&help);
    buf_drop(&usage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_standard_input_is_a_file),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_help_is_complete_and_narrow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
