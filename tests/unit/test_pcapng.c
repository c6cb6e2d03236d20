/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "support/capture_file.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>

/* A pcapng file in the making, in either byte order. */
static struct image file;
static bool big;

static void put(uint64_t value, unsigned n)
{
    for (unsigned k = 0; k < n; k++)
        file.p[file.len++] = (uint8_t)(value >> 8 * (big ? n - 1 - k : k));
}

static void put_bytes(const char *text, size_t len)
{
    memcpy(file.p + file.len, text, len);
    file.len += len;
    while (file.len % 4)
        file.p[file.len++] = 0xee;
}

/* Puts both lengths of the block that began at `at`. */
static void block_end(size_t at)
{
    size_t len = file.len + 4 - at;

    put(len, 4);
    file.len = at + 4;
    put(len, 4);
    file.len = at + len;
}

static size_t block_begin(uint32_t type)
{
    size_t at = file.len;

    put(type, 4);
    put(0, 4);
    return at;
}

static void section(void)
{
    size_t at = block_begin(0x0a0d0d0a);

    put(0x1a2b3c4d, 4);
    put(1, 2);
    put(0, 2);
    put(UINT64_MAX, 8);
    block_end(at);
}

/* units: if_tsresol, 0 for none. */
static void interface(uint16_t link_type, uint32_t snaplen, unsigned units, int64_t base)
{
    size_t at = block_begin(1);

    put(link_type, 2);
    put(0, 2);
    put(snaplen, 4);
    put(2, 2); /* a name before, which nobody needs */
    put(4, 2);
    put_bytes("eth0", 4);
    if (units) {
        put(9, 2);
        put(1, 2);
        file.p[file.len++] = (uint8_t)units;
        put_bytes("", 0);
    }
    if (base) {
        put(14, 2);
        put(8, 2);
        put((uint64_t)base, 8);
    }
    put(0, 4);
    block_end(at);
}

static void enhanced(uint32_t port, uint64_t time, const char *data, size_t len, uint32_t wire_len)
{
    size_t at = block_begin(6);

    put(port, 4);
    put(time >> 32, 4);
    put(time & 0xffffffff, 4);
    put(len, 4);
    put(wire_len, 4);
    put_bytes(data, len);
    put(1, 2); /* a comment */
    put(2, 2);
    put_bytes("hi", 2);
    put(0, 4);
    block_end(at);
}

static void older(uint16_t port, uint64_t time, const char *data, size_t len, uint32_t wire_len)
{
    size_t at = block_begin(2);

    put(port, 2);
    put(0xffff, 2);
    put(time >> 32, 4);
    put(time & 0xffffffff, 4);
    put(len, 4);
    put(wire_len, 4);
    put_bytes(data, len);
    block_end(at);
}

static void simple(const char *data, size_t len, uint32_t wire_len)
{
    size_t at = block_begin(3);

    put(wire_len, 4);
    put_bytes(data, len);
    block_end(at);
}

static void unknown(uint32_t type, size_t len)
{
    size_t at = block_begin(type);

    while (len-- > 0)
        file.p[file.len++] = 0x41;
    block_end(at);
}

static int begin(void **state)
{
    file.len = 0;
    big = false;
    return folder_set_up(state);
}

#define NG_TEST(name) cmocka_unit_test_setup_teardown(name, begin, folder_clean_up)

static struct capture *opened(const char *bpf)
{
    static const char *path;

    path = image_write("a.pcapng", &file, file.len);
    return files_open(&path, 1, bpf);
}

static void assert_frame(struct capture *c, uint64_t ts_us, int link_type, const char *data,
                         uint32_t wire_len)
{
    struct frame f;

    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.ts_us, ts_us);
    assert_int_equal(f.link_type, link_type);
    assert_int_equal(f.data.len, strlen(data));
    assert_memory_equal(f.data.p, data, f.data.len);
    assert_int_equal(f.wire_len, wire_len);
}

static void assert_end(struct capture *c, bool failed)
{
    struct frame f;

    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    assert_int_equal(capture_failed(c), failed);
    assert_int_equal(counters[COUNT_CAPTURE_BAD_FILES], failed);
    capture_close(c);
}

/* Link types, snap lengths and clocks as they come, in both byte orders; what is not known is stepped over.
 */
static void several_interfaces(void **state)
{
    (void)state;
    for (unsigned order = 0; order < 2; order++) {
        struct capture *c;

        count_reset();
        folder_forget();
        file.len = 0;
        big = order;
        section();
        interface(DLT_EN10MB, 65535, 0, 0);
        interface(101, 96, 9, 0);
        unknown(5, 40);
        enhanced(0, 1639130400654321, "wxyz", 4, 8);
        enhanced(1, 1639130401123456789, "E", 1, 1);
        unknown(0x0bad, 0);
        interface(113, 0, 3, 1000000000); /* in the middle; milliseconds since 2001 */
        enhanced(2, 639130402005, "sll", 3, 3);
        older(0, 1639130403000001, "abcde", 5, 5);
        enhanced(0, 1639130400654322, "wxyz", 4, 4);
        c = opened("");
        assert_frame(c, 1639130400654321, DLT_EN10MB, "wxyz", 8);
        assert_frame(c, 1639130401123456, DLT_RAW, "E", 1);
        assert_frame(c, 1639130402005000, DLT_LINUX_SLL, "sll", 3);
        assert_frame(c, 1639130403000001, DLT_EN10MB, "abcde", 5);
        assert_frame(c, 1639130400654322, DLT_EN10MB, "wxyz", 4);
        assert_int_equal(counters[COUNT_CAPTURE_SNAPPED], 1);
        assert_end(c, false);
    }
}

/* A new section forgets the interfaces, and may have another byte order. */
static void several_sections(void **state)
{
    struct capture *c;

    (void)state;
    section();
    interface(DLT_EN10MB, 0, 0, 0);
    enhanced(0, 1000000, "one", 3, 3);
    big = true;
    section();
    interface(101, 0, 0, 0);
    enhanced(0, 2000000, "two", 3, 3);
    big = false;
    section();
    interface(113, 0, 0, 0);
    enhanced(0, 3000000, "three", 5, 5);
    c = opened("");
    assert_frame(c, 1000000, DLT_EN10MB, "one", 3);
    assert_frame(c, 2000000, DLT_RAW, "two", 3);
    assert_frame(c, 3000000, DLT_LINUX_SLL, "three", 5);
    assert_end(c, false);
}

static void section_forgets(void **state)
{
    struct capture *c;
    const char *log;

    (void)state;
    section();
    interface(DLT_EN10MB, 0, 0, 0);
    enhanced(0, 1000000, "one", 3, 3);
    section();
    enhanced(0, 2000000, "two", 3, 3);
    log_catch();
    c = opened("");
    assert_frame(c, 1000000, DLT_EN10MB, "one", 3);
    assert_end(c, true);
    log = log_caught();
    assert_int_equal(lines_of(log), 1);
    assert_non_null(strstr(log, "a packet of interface 0, of which there is no description"));
    assert_non_null(strstr(log, "packet 1 was the last good one"));
}

/* Without a time: the last one that was seen. Without a length: as the snap length cut it. */
static void simple_packets(void **state)
{
    struct capture *c;

    (void)state;
    section();
    interface(DLT_EN10MB, 4, 0, 0);
    simple("abc", 3, 3);
    enhanced(0, 5000000, "wxyz", 4, 9);
    simple("efgh", 4, 100);
    c = opened("");
    assert_frame(c, 0, DLT_EN10MB, "abc", 3);
    assert_frame(c, 5000000, DLT_EN10MB, "wxyz", 9);
    assert_frame(c, 5000000, DLT_EN10MB, "efgh", 100);
    assert_int_equal(counters[COUNT_CAPTURE_SNAPPED], 2);
    assert_end(c, false);
}

static void clocks(void **state)
{
    static const struct {
        unsigned units;
        int64_t base;
        uint64_t time, ts_us;
    } rows[] = {
        {6, 0, 1, 1},
        {6, 0, UINT64_MAX, UINT64_MAX / 1000000 * 1000000 + UINT64_MAX % 1000000},
        {12, 0, 1500000999999, 1500000},
        {19, 0, UINT64_MAX, 1844674},
        {20, 0, UINT64_MAX, 184467},
        {25, 0, UINT64_MAX, 1},
        {26, 0, UINT64_MAX, 0},
        {0x7f, 0, UINT64_MAX, 0},
        {0x80, 0, 3, 3000000},
        {0x81, 0, 3, 1500000},
        {0x80 | 20, 0, (5 << 20) + (1 << 19), 5500000},
        {0x80 | 63, 0, UINT64_MAX, 1999999},
        {0x80 | 64, 0, UINT64_MAX, 999999},
        {0xff, 0, UINT64_MAX, 0}, /* 2^-127 */
        {6, 100, 5, 100000005},
        {6, -100, 250000007, 150000007},
        {6, -100, 7, 7}, /* before 1970: the fraction stays */
        {6, INT64_MIN, 7, 7},
        {6, INT64_MAX, 7000000, 253402300799000000}, /* the last second of 9999 */
        {6, 1000000000000, 0, 253402300799000000},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct capture *c;
        uint64_t wanted = rows[i].ts_us;

        if (wanted / 1000000 > 253402300799)
            wanted = UINT64_C(253402300799) * 1000000 + wanted % 1000000;
        count_reset();
        folder_forget();
        file.len = 0;
        section();
        interface(DLT_EN10MB, 0, rows[i].units, rows[i].base);
        enhanced(0, rows[i].time, "abc", 3, 3);
        c = opened("");
        assert_frame(c, wanted, DLT_EN10MB, "abc", 3);
        assert_end(c, false);
    }
}

/* Cut anywhere but between blocks: one line, and all packets before it. */
static void cut_everywhere(void **state)
{
    size_t ends[8], n_ends = 0;

    (void)state;
    section();
    ends[n_ends++] = file.len;
    interface(DLT_EN10MB, 0, 0, 0);
    ends[n_ends++] = file.len;
    enhanced(0, 1, "abc", 3, 3);
    ends[n_ends++] = file.len;
    unknown(5, 8);
    ends[n_ends++] = file.len;
    simple("abc", 3, 3);
    ends[n_ends++] = file.len;
    for (size_t len = file.len, cut = 1; cut <= len; cut++) {
        unsigned frames = cut >= ends[4] ? 2 : cut >= ends[2];
        bool between = false;
        struct capture *c;
        const char *log;

        for (unsigned i = 0; i < n_ends; i++)
            between |= cut == ends[i];
        count_reset();
        folder_forget();
        file.len = cut;
        log_catch();
        c = opened("");
        assert_int_equal(files_drain(c), frames);
        assert_end(c, !between);
        log = log_caught();
        assert_int_equal(lines_of(log), !between);
        if (!between)
            assert_non_null(strstr(log, "a.pcapng: "));
    }
}

static void wrong(const char *reason, unsigned frames)
{
    struct capture *c;
    const char *log;

    count_reset();
    folder_forget();
    log_catch();
    c = opened("");
    assert_int_equal(files_drain(c), frames);
    assert_end(c, true);
    log = log_caught();
    assert_int_equal(lines_of(log), 1);
    if (!strstr(log, reason))
        fail_msg("not '%s' but: %s", reason, log);
}

static size_t good_file(void)
{
    size_t at;

    file.len = 0;
    section();
    interface(DLT_EN10MB, 0, 0, 0);
    enhanced(0, 1, "abc", 3, 3);
    at = file.len;
    enhanced(0, 2, "abc", 3, 3);
    return at;
}

static void set32(size_t at, uint32_t value)
{
    size_t len = file.len;

    file.len = at;
    put(value, 4);
    file.len = len;
}

static void broken_blocks(void **state)
{
    size_t at;

    (void)state;
    at = good_file();
    set32(at + 4, 8);
    wrong("a block of impossible length 8", 1);
    at = good_file();
    set32(at + 4, 0xfffffffc);
    wrong("a block of impossible length 4294967292", 1);
    at = good_file();
    set32(at + 4, (16u << 20) + 4);
    wrong("a block of impossible length 16777220", 1);
    at = good_file();
    set32(at + 4, 16u << 20);
    wrong("the file ends within a block", 1);
    at = good_file();
    set32(at + 4, 13);
    wrong("a block of impossible length 13", 1);
    at = good_file();
    set32(file.len - 4, 44);
    wrong("a block whose two lengths differ", 1);
    at = good_file();
    set32(at + 8, 1);
    wrong("a packet of interface 1, of which", 1);
    at = good_file();
    set32(at + 20, 2000);
    wrong("a packet of 2000 bytes in a shorter block", 1);
    at = good_file();
    set32(at + 20, 0xffffffff);
    wrong("a packet of 4294967295 bytes in a shorter block", 1);
    good_file();
    set32(8, 0x11111111);
    wrong("a section without its byte order mark", 0);
    good_file();
    file.p[12] = 2;
    wrong("version 2 of the format", 0);
    good_file();
    memcpy(file.p, "\x0a\x0a\x0a\x0a", 4);
    wrong("no pcapng file", 0);
    file.len = 0;
    section();
    unknown(1, 4);
    wrong("an interface block that is too short", 0);
    file.len = 0;
    section();
    unknown(6, 16);
    wrong("a packet block that is too short", 0);
    file.len = 0;
    section();
    unknown(3, 0);
    wrong("a packet block that is too short", 0);
}

/* An option that claims more than there is; the clock stays the default's. */
static void broken_options(void **state)
{
    struct capture *c;
    size_t at;

    (void)state;
    section();
    at = block_begin(1);
    put(1, 2);
    put(0, 2);
    put(0, 4);
    put(9, 2);
    put(0xffff, 2);
    put(3, 4);
    block_end(at);
    enhanced(0, 7, "abc", 3, 3);
    c = opened("");
    assert_frame(c, 7, DLT_EN10MB, "abc", 3);
    assert_end(c, false);
}

/* Frames longer than any link has are cut, and the cut is counted. */
static void huge_frame(void **state)
{
    static char data[300001];
    struct frame f;
    struct capture *c;
    const char *path = folder_path("huge.pcapng");
    FILE *out = fopen(path, "wb");

    (void)state;
    memset(data, 'x', 300000);
    assert_non_null(out);
    section();
    interface(DLT_EN10MB, 0, 0, 0);
    fwrite(file.p, 1, file.len, out);
    file.len = 0;
    put(6, 4);
    put(32 + 300000, 4);
    put(0, 8);
    put(0, 4);
    put(300000, 4);
    put(300000, 4);
    fwrite(file.p, 1, file.len, out);
    fwrite(data, 1, 300000, out);
    file.len = 0;
    put(32 + 300000, 4);
    fwrite(file.p, 1, file.len, out);
    assert_int_equal(fclose(out), 0);
    c = files_open(&path, 1, "");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.data.len, 262144);
    assert_int_equal(f.wire_len, 300000);
    assert_int_equal(counters[COUNT_CAPTURE_SNAPPED], 1);
    assert_end(c, false);
}

static void many_interfaces(void **state)
{
    const char *path = folder_path("many.pcapng"), *log;
    struct frame f;
    struct capture *c;
    FILE *out = fopen(path, "wb");

    (void)state;
    assert_non_null(out);
    section();
    fwrite(file.p, 1, file.len, out);
    for (unsigned i = 0; i <= 4096; i++) {
        file.len = 0;
        interface((uint16_t)(i % 300), 0, 0, 0);
        if (i == 4095)
            enhanced(4095, 1, "abc", 3, 3);
        fwrite(file.p, 1, file.len, out);
    }
    assert_int_equal(fclose(out), 0);
    log_catch();
    c = files_open(&path, 1, "");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.link_type, 4095 % 300);
    assert_end(c, true);
    log = log_caught();
    assert_non_null(strstr(log, "more than 4096 interfaces in a section"));
}

/* The filter means something else on each link; where it means nothing, frames are passed over and it is
 * said. */
static void filter(void **state)
{
    static const char ethernet[60] = {[12] = 0x08, [14] = 0x45, [23] = 6};
    static const char other[60] = {[12] = 0x08, [13] = 0x06};
    struct frame f;
    struct capture *c;
    const char *log;

    (void)state;
    section();
    interface(DLT_EN10MB, 0, 0, 0);
    interface(101, 0, 0, 0);
    enhanced(0, 1, ethernet, sizeof ethernet, 60);
    enhanced(1, 2, ethernet + 14, 46, 46);
    enhanced(0, 3, other, sizeof other, 60);
    enhanced(1, 4, other, 46, 46);
    c = opened("ip proto 6");
    for (unsigned i = 1; i <= 2; i++) {
        assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
        assert_int_equal(f.ts_us, i);
        assert_int_equal(f.number, i);
    }
    assert_end(c, false);

    folder_forget();
    log_catch();
    c = opened("ether proto 0x0806");
    assert_int_equal(files_drain(c), 1);
    assert_end(c, true);
    log = log_caught();
    assert_int_equal(lines_of(log), 1);
    assert_non_null(strstr(log, "capture filter 'ether proto 0x0806' does not fit link type 12"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NG_TEST(several_interfaces), NG_TEST(several_sections), NG_TEST(section_forgets),
        NG_TEST(simple_packets),     NG_TEST(clocks),           NG_TEST(cut_everywhere),
        NG_TEST(broken_blocks),      NG_TEST(broken_options),   NG_TEST(huge_frame),
        NG_TEST(many_interfaces),    NG_TEST(filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
