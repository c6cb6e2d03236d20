/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "support/capture_file.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <sys/stat.h>

static void one_file(const char *path, unsigned frames, bool failed)
{
    struct capture *c = files_open(&path, 1, "");

    assert_int_equal(files_drain(c), frames);
    assert_int_equal(capture_failed(c), failed);
    assert_int_equal(counters[COUNT_CAPTURE_BAD_FILES], failed);
    assert_int_equal(counters[COUNT_CAPTURE_FRAMES], frames);
    capture_close(c);
}

static void good_file(void **state)
{
    struct image i;
    struct frame f;
    struct capture *c;
    const char *path;

    (void)state;
    image_begin(&i, MICRO, 65535, DLT_EN10MB);
    image_packet(&i, 1639130400, 123456, 9, "abcdef", 6);
    path = image_write("a.pcap", &i, i.len);
    c = files_open(&path, 1, "");
    assert_string_equal(capture_source(c), "");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_string_equal(capture_source(c), path);
    assert_int_equal(f.ts_us, 1639130400123456);
    assert_int_equal(f.number, 1);
    assert_int_equal(f.wire_len, 9);
    assert_int_equal(f.link_type, DLT_EN10MB);
    assert_int_equal(f.data.len, 6);
    assert_memory_equal(f.data.p, "abcdef", 6);
    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    assert_false(capture_failed(c));
    assert_int_equal(counters[COUNT_CAPTURE_FILES], 1);
    assert_int_equal(counters[COUNT_CAPTURE_BYTES], 6);
    assert_int_equal(counters[COUNT_CAPTURE_SNAPPED], 1);
    capture_close(c);
}

/* A header without packets is a whole capture of a quiet minute. */
static void no_packets(void **state)
{
    struct image i;

    (void)state;
    image_begin(&i, MICRO, 65535, DLT_EN10MB);
    one_file(image_write("quiet.pcap", &i, i.len), 0, false);
}

static void nanoseconds(void **state)
{
    struct image i;
    struct frame f;
    struct capture *c;
    const char *path;

    (void)state;
    image_begin(&i, NANO, 65535, DLT_RAW);
    image_packet(&i, 7, 123456789, 1, "x", 1);
    path = image_write("nano.pcap", &i, i.len);
    c = files_open(&path, 1, "");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.ts_us, 7123456);
    assert_int_equal(f.link_type, DLT_RAW);
    capture_close(c);
}

/* What libpcap lets through: impossible fractions, times after 2038, more captured than sent, no snap length.
 */
static void odd_headers(void **state)
{
    struct image i;
    struct frame f;
    struct capture *c;
    const char *path;

    (void)state;
    image_begin(&i, MICRO, 0, DLT_EN10MB);
    image_packet(&i, 10, 1000000, 4, "abcd", 4);
    image_packet(&i, 10, 0xffffffff, 4, "abcd", 4);
    image_packet(&i, 0x83aa7e80, 1, 4, "abcd", 4); /* in 2040 */
    image_packet(&i, 10, 1, 2, "abcd", 4);
    path = image_write("odd.pcap", &i, i.len);
    c = files_open(&path, 1, "");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.ts_us, 10999999);
    assert_int_equal(f.data.len, 4);
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.ts_us, 10999999);
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.ts_us, 0x83aa7e80 * UINT64_C(1000000) + 1);
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.wire_len, 4);
    assert_int_equal(f.data.len, 4);
    assert_int_equal(counters[COUNT_CAPTURE_SNAPPED], 0);
    assert_int_equal(files_drain(c), 0);
    assert_false(capture_failed(c));
    capture_close(c);
}

/* Cut anywhere: all whole packets are given, and anything but a cut between packets is said in one line that
 * names the file and, inside the packets, the last good one and where reading stopped. */
static void cut_everywhere(void **state)
{
    struct image i;
    char wanted[96];

    (void)state;
    image_begin(&i, MICRO, 65535, DLT_EN10MB);
    image_packet(&i, 1, 0, 10, "0123456789", 10);
    image_packet(&i, 2, 0, 10, "0123456789", 10);
    for (size_t cut = 0; cut <= i.len; cut++) {
        unsigned whole = cut < 24 ? 0 : (unsigned)((cut - 24) / 26);
        bool between = cut >= 24 && (cut - 24) % 26 == 0;
        const char *path, *log;

        folder_forget(); /* each round writes over the files of the one before */
        path = image_write("cut.pcap", &i, cut);
        count_reset();
        log_catch();
        one_file(path, whole, !between);
        log = log_caught();
        assert_int_equal(lines_of(log), !between);
        if (!between)
            assert_non_null(strstr(log, "cut.pcap: "));
        if (cut > 24 && !between) {
            snprintf(wanted, sizeof wanted, "packet %u was the last good one; stopped at byte %zu", whole,
                     cut);
            assert_non_null(strstr(log, wanted));
        }
    }
}

/* A length that cannot be: what stands before it has been given. */
static void corrupt_length(void **state)
{
    struct image i;
    const char *path, *log;

    (void)state;
    image_begin(&i, MICRO, 65535, DLT_EN10MB);
    image_frame(&i, 1, 0x0800);
    image_frame(&i, 2, 0x0800);
    i.p[24 + 76 + 11] = 0x7f;
    path = image_write("bad.pcap", &i, i.len);
    log_catch();
    one_file(path, 1, true);
    log = log_caught();
    assert_int_equal(lines_of(log), 1);
    assert_non_null(strstr(log, "packet 1 was the last good one"));
}

static void no_capture(const char *path, const char *reason)
{
    const char *log;

    count_reset();
    log_catch();
    one_file(path, 0, true);
    log = log_caught();
    assert_int_equal(lines_of(log), 1);
    assert_non_null(strstr(log, path));
    assert_non_null(strstr(log, reason));
}

static void empty_file(void **state)
{
    (void)state;
    no_capture(folder_file("empty.pcap", ""), "empty");
}

static void text_file(void **state)
{
    (void)state;
    no_capture(folder_file("text.pcap", "Dec 10 10:00:00 host app: nothing to see here\n"),
               "unknown file format");
}

static void compressed_file(void **state)
{
    (void)state;
    no_capture(folder_file("a.pcap.gz", "\x1f\x8b\x08 and then twenty-four bytes or more"), "zcat");
}

static void missing_file(void **state)
{
    (void)state;
    no_capture(folder_path("missing.pcap"), "No such file or directory");
}

static void directory(void **state)
{
    const char *path = folder_path("dir");

    (void)state;
    assert_int_equal(mkdir(path, 0700), 0);
    no_capture(path, "Is a directory");
}

/* Section, interface (micro-seconds by default), one enhanced packet: the least pcapng there is. */
static void pcapng_image(struct image *i, uint64_t ts_us)
{
    i->len = 0;
    image_put(i, 0x0a0d0d0a, 4);
    image_put(i, 28, 4);
    image_put(i, 0x1a2b3c4d, 4);
    image_put(i, 1, 2);
    image_put(i, 0, 2);
    image_put(i, 0xffffffff, 4);
    image_put(i, 0xffffffff, 4);
    image_put(i, 28, 4);
    image_put(i, 1, 4);
    image_put(i, 20, 4);
    image_put(i, DLT_EN10MB, 4);
    image_put(i, 65535, 4);
    image_put(i, 20, 4);
    image_put(i, 6, 4);
    image_put(i, 36, 4);
    image_put(i, 0, 4);
    image_put(i, (uint32_t)(ts_us >> 32), 4);
    image_put(i, (uint32_t)ts_us, 4);
    image_put(i, 4, 4);
    image_put(i, 8, 4);
    memcpy(i->p + i->len, "wxyz", 4);
    i->len += 4;
    image_put(i, 36, 4);
}

static void pcapng(void **state)
{
    struct image i;
    struct frame f;
    struct capture *c;
    const char *path, *log;

    (void)state;
    pcapng_image(&i, 1639130400654321);
    path = image_write("a.pcapng", &i, i.len);
    c = files_open(&path, 1, "");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.ts_us, 1639130400654321);
    assert_int_equal(f.data.len, 4);
    assert_int_equal(f.wire_len, 8);
    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    assert_false(capture_failed(c));
    capture_close(c);

    count_reset();
    path = image_write("cut.pcapng", &i, i.len - 5);
    log_catch();
    one_file(path, 0, true);
    log = log_caught();
    assert_int_equal(lines_of(log), 1);
}

/* A second link type in one file is more than libpcap can do: said, not skipped in silence. */
static void pcapng_two_link_types(void **state)
{
    struct image i;
    const char *path, *log;

    (void)state;
    pcapng_image(&i, 1);
    image_put(&i, 1, 4);
    image_put(&i, 20, 4);
    image_put(&i, 101, 4);
    image_put(&i, 65535, 4);
    image_put(&i, 20, 4);
    path = image_write("two.pcapng", &i, i.len);
    log_catch();
    one_file(path, 1, true);
    log = log_caught();
    assert_non_null(strstr(log, "packet 1 was the last good one"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(good_file),
        FOLDER_TEST(no_packets),
        FOLDER_TEST(nanoseconds),
        FOLDER_TEST(odd_headers),
        FOLDER_TEST(cut_everywhere),
        FOLDER_TEST(corrupt_length),
        FOLDER_TEST(empty_file),
        FOLDER_TEST(text_file),
        FOLDER_TEST(compressed_file),
        FOLDER_TEST(missing_file),
        FOLDER_TEST(directory),
        FOLDER_TEST(pcapng),
        FOLDER_TEST(pcapng_two_link_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
