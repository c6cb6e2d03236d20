/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "support/capture_file.h"

#include <pcap/dlt.h>
#include <unistd.h>

/* Each in its own link type, in the given order, one bad between two good; frames are numbered through. */
static void several_files(void **state)
{
    struct image i;
    struct frame f;
    const char *files[4], *log;
    struct capture *c;
    uint64_t done, total;
    unsigned file, n_files;

    (void)state;
    image_begin(&i, MICRO, 65535, DLT_EN10MB);
    image_frame(&i, 9, 0x0800);
    image_frame(&i, 10, 0x0800);
    files[0] = image_write("second-in-time.pcap", &i, i.len);
    files[1] = folder_file("bad.pcap", "bad");
    files[2] = folder_path("missing.pcap");
    image_begin(&i, MICRO, 65535, 101);
    image_packet(&i, 3, 0, 1, "E", 1);
    files[3] = image_write("first-in-time.pcap", &i, i.len);

    log_catch();
    c = files_open(files, 4, "");
    capture_progress(c, &done, &total, &file, &n_files);
    assert_int_equal(done, 0);
    assert_int_equal(total, 24 + 2 * 76 + 3 + 24 + 17);
    assert_int_equal(file, 0);
    assert_int_equal(n_files, 4);
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.ts_us, 9000005);
    capture_progress(c, &done, &total, &file, &n_files);
    assert_int_equal(done, 24 + 76);
    assert_int_equal(file, 1);
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.number, 3);
    assert_int_equal(f.ts_us, 3000000);
    assert_int_equal(f.link_type, DLT_RAW);
    assert_string_equal(capture_source(c), files[3]);
    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    capture_progress(c, &done, &total, &file, &n_files);
    assert_int_equal(done, total);
    assert_int_equal(file, 4);
    log = log_caught();
    assert_int_equal(lines_of(log), 2);
    assert_true(capture_failed(c));
    assert_int_equal(counters[COUNT_CAPTURE_FILES], 2);
    assert_int_equal(counters[COUNT_CAPTURE_BAD_FILES], 2);
    capture_close(c);
}

static void filter(void **state)
{
    struct image i;
    struct frame f;
    struct capture *c;
    const char *path, *log;

    (void)state;
    image_begin(&i, MICRO, 65535, DLT_EN10MB);
    image_frame(&i, 1, 0x0806);
    image_frame(&i, 2, 0x0800);
    image_frame(&i, 3, 0x0806);
    path = image_write("mixed.pcap", &i, i.len - 1);
    c = files_open(&path, 1, "ip");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.ts_us, 2000005);
    assert_int_equal(f.number, 1);
    /* Filtered packets count in the message: it must lead to the place in any other tool. */
    log_catch();
    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    log = log_caught();
    assert_non_null(strstr(log, "packet 2 was the last good one"));
    assert_int_equal(counters[COUNT_CAPTURE_FRAMES], 1);
    capture_close(c);
}

static void bad_filter(void **state)
{
    const char *path = "never-opened.pcap";
    struct capture_plan plan = {.paths = &path, .n_paths = 1, .bpf = "tcp port and"};
    struct complaint why = {""};

    (void)state;
    assert_null(capture_open(&plan, &why));
    assert_non_null(strstr(why.text, "tcp port and"));
    assert_non_null(strstr(why.text, "pcap-filter"));
    assert_int_equal(counters[COUNT_CAPTURE_BAD_FILES], 0);
}

/* Sound for Ethernet, without meaning for raw IP: that file fails, the next is read. */
static void filter_of_another_link(void **state)
{
    struct image i;
    const char *files[2], *log;
    struct capture *c;

    (void)state;
    image_begin(&i, MICRO, 65535, 101);
    image_packet(&i, 3, 0, 1, "E", 1);
    files[0] = image_write("raw.pcap", &i, i.len);
    image_begin(&i, MICRO, 65535, DLT_EN10MB);
    image_frame(&i, 9, 0x0806);
    files[1] = image_write("ethernet.pcap", &i, i.len);
    log_catch();
    c = files_open(files, 2, "ether src 00:00:00:00:00:00");
    assert_int_equal(files_drain(c), 1);
    log = log_caught();
    assert_true(capture_failed(c));
    assert_int_equal(lines_of(log), 1);
    assert_non_null(strstr(log, "raw.pcap: capture filter 'ether src"));
    capture_close(c);
}

/* Standard input is a pipe here: no position, no total. It can be read once per process, so one test has all
 * of it. */
static void standard_input(void **state)
{
    struct image i;
    struct frame f;
    struct capture *c;
    const char *path = "-", *log;
    int ends[2], saved = dup(STDIN_FILENO);
    uint64_t done, total;
    unsigned file, n_files;

    (void)state;
    image_begin(&i, MICRO, 65535, DLT_EN10MB);
    image_frame(&i, 1, 0x0800);
    image_frame(&i, 2, 0x0800);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], i.p, i.len - 1), (ssize_t)i.len - 1);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    log_catch();
    c = files_open(&path, 1, "");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.ts_us, 1000005);
    capture_progress(c, &done, &total, &file, &n_files);
    assert_int_equal(total, 0);
    assert_int_equal(done, f.wire_len);
    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    log = log_caught();
    assert_int_equal(lines_of(log), 1);
    assert_non_null(strstr(log, "standard input: "));
    assert_true(capture_failed(c));
    capture_close(c);
    dup2(saved, STDIN_FILENO);
    close(saved);
}

static void stop(void **state)
{
    struct image i;
    struct frame f;
    struct capture *c;
    const char *files[2];

    (void)state;
    image_begin(&i, MICRO, 65535, DLT_EN10MB);
    image_frame(&i, 1, 0x0800);
    image_frame(&i, 2, 0x0800);
    files[0] = files[1] = image_write("a.pcap", &i, i.len);
    c = files_open(files, 2, "");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    capture_stop(c);
    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    assert_false(capture_failed(c));
    capture_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(several_files),          FOLDER_TEST(filter),         FOLDER_TEST(bad_filter),
        FOLDER_TEST(filter_of_another_link), FOLDER_TEST(standard_input), FOLDER_TEST(stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
