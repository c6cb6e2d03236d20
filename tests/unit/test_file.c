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
    no_capture(folder_file("a.pcap.gz", "\x1f\x8b\x08 and then twenty-four bytes or more"),
               "damaged gzip data");
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

/* A billion nanoseconds and more; and a file from a machine of the other byte order. */
static void nanosecond_oddities(void **state)
{
    struct image i;
    struct frame f;
    struct capture *c;
    const char *path;

    (void)state;
    image_begin(&i, NANO, 0, DLT_EN10MB);
    image_packet(&i, 7, 1000000000, 4, "abcd", 4);
    image_packet(&i, 7, 0x7fffffff, 2, "abcd", 4);
    image_packet(&i, 7, 0xffffffff, 4, "abcd", 4);
    path = image_write("nano.pcap", &i, i.len);
    c = files_open(&path, 1, "");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.ts_us, 7999999);
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.ts_us, 7999999);
    assert_int_equal(f.wire_len, 4);
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_in_range(f.ts_us, 7000000, 7999999);
    assert_int_equal(files_drain(c), 0);
    assert_false(capture_failed(c));
    capture_close(c);
}

static void put_big(struct image *i, uint64_t value, unsigned n)
{
    while (n-- > 0)
        i->p[i->len++] = (uint8_t)(value >> 8 * n);
}

static void byte_orders(void **state)
{
    static const uint32_t magics[] = {MICRO, NANO};
    struct frame f;

    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        struct image i = {.len = 0};
        struct capture *c;
        const char *path;

        put_big(&i, magics[k], 4);
        put_big(&i, 0x00020004, 4);
        put_big(&i, 0, 8);
        put_big(&i, 65535, 4);
        put_big(&i, 101, 4);
        put_big(&i, 1639130400, 4);
        put_big(&i, k ? 123456789 : 123456, 4);
        put_big(&i, 1, 4);
        put_big(&i, 9, 4);
        put_big(&i, 'E', 1);
        path = image_write(k ? "big-nano.pcap" : "big.pcap", &i, i.len);
        c = files_open(&path, 1, "");
        assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
        assert_int_equal(f.ts_us, 1639130400123456);
        assert_int_equal(f.wire_len, 9);
        assert_int_equal(f.link_type, DLT_RAW);
        assert_int_equal(files_drain(c), 0);
        capture_close(c);
    }
}

/* Alexey Kuznetzov's, with eight bytes more before each packet; and one whose last field has a frame check
 * sequence's length beside the link type. */
static void variants_of_pcap(void **state)
{
    struct image i;
    struct frame f;
    struct capture *c;
    const char *path;

    (void)state;
    image_begin(&i, 0xa1b2cd34, 65535, DLT_EN10MB);
    for (unsigned k = 0; k < 2; k++) {
        image_put(&i, 5 + k, 4);
        image_put(&i, 17, 4);
        image_put(&i, 4, 4);
        image_put(&i, 8, 4);
        image_put(&i, 2, 4); /* interface */
        image_put(&i, 0x0800, 2);
        image_put(&i, 0, 2);
        image_put(&i, 0x64636261, 4);
    }
    path = image_write("modified.pcap", &i, i.len);
    c = files_open(&path, 1, "");
    for (unsigned k = 0; k < 2; k++) {
        assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
        assert_int_equal(f.ts_us, (5 + k) * 1000000 + 17);
        assert_int_equal(f.wire_len, 8);
        assert_int_equal(f.data.len, 4);
        assert_memory_equal(f.data.p, "abcd", 4);
    }
    assert_int_equal(files_drain(c), 0);
    assert_false(capture_failed(c));
    capture_close(c);

    image_begin(&i, MICRO, 65535, 0x14000000u | DLT_EN10MB);
    image_packet(&i, 1, 2, 4, "abcd", 4);
    path = image_write("fcs.pcap", &i, i.len);
    c = files_open(&path, 1, "");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.link_type, DLT_EN10MB);
    capture_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(good_file),    FOLDER_TEST(no_packets),       FOLDER_TEST(nanoseconds),
        FOLDER_TEST(odd_headers),  FOLDER_TEST(cut_everywhere),   FOLDER_TEST(corrupt_length),
        FOLDER_TEST(empty_file),   FOLDER_TEST(text_file),        FOLDER_TEST(compressed_file),
        FOLDER_TEST(missing_file), FOLDER_TEST(directory),        FOLDER_TEST(nanosecond_oddities),
        FOLDER_TEST(byte_orders),  FOLDER_TEST(variants_of_pcap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
