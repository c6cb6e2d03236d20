/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define MB UINT64_C(1000000)

static void assert_line(struct progress_view v, unsigned columns, const char *expected)
{
    char *line = malloc(256);

    v.part = "packet";
    v.found = "alert";
    progress_print(&v, columns, line, 256);
    assert_string_equal(line, expected);
    free(line);
}

static void test_known_size(void **state)
{
    struct progress_view v = {.done = 412 * MB,
                              .total = 710 * MB,
                              .elapsed_us = 4000000,
                              .n_found = 12,
                              .file = 3,
                              .n_files = 9,
                              .name = "captures/exploit.pcap"};

    (void)state;
    assert_line(v, 200, "[######------] 58%  412/710 MB  103 MB/s  ETA 3s  12 alerts  exploit.pcap (3/9)");
    v.done = 720 * MB; /* the file grew while it was read */
    v.n_found = 1;
    assert_line(v, 200, "[############] 100%  710/710 MB  180 MB/s  ETA 0s  1 alert  exploit.pcap (3/9)");
    v.done = v.elapsed_us = v.n_found = 0;
    assert_line(v, 200, "[------------] 0%  0/710 MB  0 MB/s  ETA 0s  0 alerts  exploit.pcap (3/9)");
}

static void test_unknown_size(void **state)
{
    struct progress_view v = {
        .done = 5 * MB, .elapsed_us = 1000000, .n_parts = 1234, .file = 1, .n_files = 1, .name = "-"};

    (void)state;
    assert_line(v, 200, "1234 packets  5 MB  5 MB/s  0 alerts  - (1/1)");
    v.n_parts = 1;
    v.n_files = 0;
    assert_line(v, 200, "1 packet  5 MB  5 MB/s  0 alerts  -");
}

/* A name may hold anything; the terminal gets one line that fits and no command. */
static void test_hostile_name(void **state)
{
    struct progress_view v = {.file = 1, .n_files = 1, .name = "a\033[2J\r\xc3\xa9"};

    (void)state;
    assert_line(v, 200, "0 packets  0 MB  0 MB/s  0 alerts  a?[2J?\xc3\xa9 (1/1)");
    assert_line(v, 45, "0 packets  0 MB  0 MB/s  0 alerts  a?[2J?\xc3\xa9 (");
    assert_line(v, 42, "0 packets  0 MB  0 MB/s  0 alerts  a?[2J?");
    assert_line(v, 0, "");
}

static void test_long_name(void **state)
{
    struct progress_view v = {.part = "packet", .found = "alert", .file = 1, .n_files = 1};
    char *name = malloc(5000), *line = malloc(64);

    (void)state;
    memset(name, 'n', 4999);
    name[4999] = '\0';
    v.name = name;
    progress_print(&v, 500, line, 64);
    assert_int_equal(strlen(line), 63);
    free(name);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_size),
        cmocka_unit_test(test_unknown_size),
        cmocka_unit_test(test_hostile_name),
        cmocka_unit_test(test_long_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
