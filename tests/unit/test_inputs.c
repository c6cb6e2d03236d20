/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/inputs.h"
#include "support/capture_file.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* The folder that the files of the test lie in. */
static const char *the_folder(void)
{
    static char path[320];
    const char *inside = folder_path("x");

    snprintf(path, sizeof path, "%.*s", (int)(strrchr(inside, '/') - inside), inside);
    return path;
}

static const char *capture_at(const char *name, uint32_t sec)
{
    struct image i;

    image_begin(&i, MICRO, 65535, DLT_EN10MB);
    if (sec)
        image_frame(&i, sec, 0x0800);
    return image_write(name, &i, i.len);
}

/* section header, interface (microseconds), one packet without bytes */
static const char *pcapng_at(const char *name, uint32_t sec)
{
    const uint64_t us = (uint64_t)sec * 1000000;
    struct image i = {.len = 0};

    image_put(&i, 0x0a0d0d0a, 4);
    image_put(&i, 28, 4);
    image_put(&i, 0x1a2b3c4d, 4);
    image_put(&i, 1, 4);
    image_put(&i, UINT64_MAX, 8);
    image_put(&i, 28, 4);
    image_put(&i, 1, 4);
    image_put(&i, 20, 4);
    image_put(&i, DLT_EN10MB, 4);
    image_put(&i, 0, 4);
    image_put(&i, 20, 4);
    image_put(&i, 6, 4);
    image_put(&i, 32, 4);
    image_put(&i, 0, 4);
    image_put(&i, us >> 32, 4);
    image_put(&i, us, 4);
    image_put(&i, 0, 8);
    image_put(&i, 32, 4);
    return image_write(name, &i, i.len);
}

static const char *packed_at(const char *name, uint32_t sec)
{
    const char *path = capture_at(name, sec);
    FILE *plain = fopen(path, "rb");
    struct image i;
    gzFile packed;

    assert_non_null(plain);
    i.len = fread(i.p, 1, sizeof i.p, plain);
    fclose(plain);
    packed = gzopen(path, "wb");
    assert_int_equal(gzwrite(packed, i.p, (unsigned)i.len), (int)i.len);
    assert_int_equal(gzclose(packed), Z_OK);
    return path;
}

static void in_order(const struct inputs *in, const char *const *paths, unsigned n)
{
    assert_int_equal(in->n, n);
    for (unsigned i = 0; i < n; i++)
        assert_string_equal(in->paths[i], paths[i]);
}

/* By the time of their first packet whatever they are called and however they are written; equal ones by
 * name; without a packet last. */
static void time_order(void **state)
{
    const char *folder = the_folder(), *log;
    const char *expected[6] = {
        [5] = capture_at("a-quiet.pcap", 0), [3] = capture_at("b.pcap", 300),
        [1] = pcapng_at("y.pcapng", 100),    [0] = packed_at("z.pcap.gz", 50),
        [2] = capture_at("a.pcap", 300),     [4] = pcapng_at("c", 4000000000),
    };
    struct inputs in;

    (void)state;
    log_catch(); /* its own file is the one that is passed over */
    assert_true(inputs_find(&in, &folder, 1, NULL));
    log = log_caught();
    in_order(&in, expected, 6);
    assert_int_equal(lines_of(log), 1);
    assert_non_null(strstr(log, "1 name passed over that is no capture file (log)"));
    inputs_drop(&in);
}

/* Directories below it, pipes, text, links to nowhere: one line. A capture cut inside its head is one. */
static void passed_over(void **state)
{
    const char *folder = the_folder(), *log;
    const char *below = folder_path("below"), *fifo = folder_path("fifo"), *nowhere = folder_path("nowhere");
    const char *cut = folder_file("cut", "\xd4\xc3\xb2\xa1 and no more");
    struct inputs in;

    (void)state;
    assert_int_equal(mkdir(below, 0700), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(symlink("/nowhere/at/all", nowhere), 0);
    log_catch();
    assert_true(inputs_find(&in, &folder, 1, NULL));
    log = log_caught();
    in_order(&in, &cut, 1);
    assert_int_equal(lines_of(log), 1);
    assert_non_null(strstr(log, "4 names passed over that are no capture file"));
    inputs_drop(&in);
}

/* What is no directory is nobody's business here, not even whether it exists. */
static void plain_paths(void **state)
{
    const char *paths[] = {"-", "missing.pcap", "a", "a"};
    struct inputs in;

    (void)state;
    assert_true(inputs_find(&in, paths, 4, NULL));
    in_order(&in, paths, 4);
    inputs_drop(&in);
    assert_int_equal(in.n, 0);
}

static void nothing_there(void **state)
{
    const char *folder = the_folder();
    struct complaint why = {""};
    struct inputs in;

    (void)state;
    assert_false(inputs_find(&in, &folder, 1, &why));
    assert_non_null(strstr(why.text, "no capture file in this directory"));
    inputs_drop(&in);
}

/* More files than descriptors. */
static void many_files(void **state)
{
    const char *folder = the_folder();
    struct rlimit before;
    struct capture_plan plan = {.bpf = ""};
    struct capture *c;
    struct inputs in;

    (void)state;
    folder_forget();
    for (unsigned i = 0; i < 100; i++) {
        char name[16];

        snprintf(name, sizeof name, "%02u", i);
        capture_at(name, 1000 - i);
        folder_forget();
    }
    getrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){32, before.rlim_max}), 0);
    assert_true(inputs_find(&in, &folder, 1, NULL));
    assert_int_equal(in.n, 100);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(atoi(strrchr(in.paths[i], '/') + 1), 99 - (int)i);
    plan.paths = (const char *const *)in.paths;
    plan.n_paths = in.n;
    c = capture_open(&plan, NULL);
    assert_non_null(c);
    assert_int_equal(files_drain(c), 100);
    assert_false(capture_failed(c));
    capture_close(c);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    for (unsigned i = 0; i < in.n; i++)
        remove(in.paths[i]);
    inputs_drop(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(time_order),    FOLDER_TEST(passed_over), FOLDER_TEST(plain_paths),
        FOLDER_TEST(nothing_there), FOLDER_TEST(many_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
