/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "capture/capture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Every test works in a fresh folder and leaves what it wrote there to clean_up. */
static char folder[256];
static char paths[8][320];
static unsigned n_paths;

static const char *path_of(const char *name)
{
    assert_true(n_paths < 8);
    snprintf(paths[n_paths], sizeof paths[0], "%s/%s", folder, name);
    return paths[n_paths++];
}

static int set_up(void **state)
{
    const char *base = getenv("TMPDIR");

    (void)state;
    snprintf(folder, sizeof folder, "%s/test-capture-XXXXXX", base ? base : P_tmpdir);
    n_paths = 0;
    count_reset();
    return mkdtemp(folder) ? 0 : -1;
}

static int clean_up(void **state)
{
    (void)state;
    for (unsigned i = 0; i < n_paths; i++)
        remove(paths[i]);
    return rmdir(folder);
}

/* What the log says while a test runs: the one line about a bad file is part of the promise. */
static int saved_stderr = -1;
static const char *log_path;

static void log_begin(void)
{
    int fd;

    log_path = path_of("log");
    fflush(stderr);
    saved_stderr = dup(STDERR_FILENO);
    fd = open(log_path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true(fd >= 0);
    dup2(fd, STDERR_FILENO);
    close(fd);
}

static const char *log_end(void)
{
    static char text[4096];
    FILE *log;
    size_t len;

    fflush(stderr);
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    log = fopen(log_path, "rb");
    assert_non_null(log);
    len = fread(text, 1, sizeof text - 1, log);
    text[len] = 0;
    fclose(log);
    return text;
}

static unsigned lines_of(const char *text)
{
    unsigned n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* A little-endian pcap file in memory, field by field, so that any of them can be wrong. */
struct image {
    uint8_t p[4096];
    size_t len;
};

static void put(struct image *i, uint64_t value, unsigned n)
{
    for (unsigned k = 0; k < n; k++)
        i->p[i->len++] = (uint8_t)(value >> 8 * k);
}

static void image_begin(struct image *i, uint32_t magic, uint32_t snaplen, uint32_t link_type)
{
    i->len = 0;
    put(i, magic, 4);
    put(i, 2, 2);
    put(i, 4, 2);
    put(i, 0, 8);
    put(i, snaplen, 4);
    put(i, link_type, 4);
}

#define MICRO 0xa1b2c3d4u
#define NANO  0xa1b23c4du

static void image_packet(struct image *i, uint32_t sec, uint32_t fraction, uint32_t wire_len,
                         const char *data, uint32_t len)
{
    put(i, sec, 4);
    put(i, fraction, 4);
    put(i, len, 4);
    put(i, wire_len, 4);
    memcpy(i->p + i->len, data, len);
    i->len += len;
}

/* An Ethernet frame of a type: enough for a filter to tell them apart. */
static void image_frame(struct image *i, uint32_t sec, uint16_t type)
{
    char frame[60] = {[12] = (char)(type >> 8), [13] = (char)type, [14] = 0x45};

    image_packet(i, sec, 5, sizeof frame, frame, sizeof frame);
}

static const char *image_write(const char *name, const struct image *i, size_t len)
{
    const char *path = path_of(name);
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(i->p, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    return path;
}

static struct capture *open_files(const char *const *files, unsigned n, const char *bpf)
{
    static struct capture_plan plan;
    struct complaint why = {""};
    struct capture *c;

    plan = (struct capture_plan){.paths = files, .n_paths = n, .bpf = bpf};
    c = capture_open(&plan, &why);
    assert_string_equal(why.text, "");
    assert_non_null(c);
    return c;
}

/* Reads to the end; the number of frames. */
static unsigned drain(struct capture *c)
{
    struct frame f;
    unsigned n = 0;

    while (capture_next(c, &f) == CAPTURE_FRAME) {
        assert_int_equal(f.number, ++n);
        assert_true(f.wire_len >= f.data.len);
    }
    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    return n;
}

static void one_file(const char *path, unsigned frames, bool failed)
{
    struct capture *c = open_files(&path, 1, "");

    assert_int_equal(drain(c), frames);
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
    c = open_files(&path, 1, "");
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
    c = open_files(&path, 1, "");
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
    c = open_files(&path, 1, "");
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
    assert_int_equal(drain(c), 0);
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

        n_paths = 0; /* each round writes over the files of the one before */
        path = image_write("cut.pcap", &i, cut);
        count_reset();
        log_begin();
        one_file(path, whole, !between);
        log = log_end();
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
    log_begin();
    one_file(path, 1, true);
    log = log_end();
    assert_int_equal(lines_of(log), 1);
    assert_non_null(strstr(log, "packet 1 was the last good one"));
}

static void no_capture(const char *path, const char *reason)
{
    const char *log;

    count_reset();
    log_begin();
    one_file(path, 0, true);
    log = log_end();
    assert_int_equal(lines_of(log), 1);
    assert_non_null(strstr(log, path));
    assert_non_null(strstr(log, reason));
}

static const char *file_holding(const char *name, const char *text)
{
    struct image i = {.len = strlen(text)};

    memcpy(i.p, text, i.len);
    return image_write(name, &i, i.len);
}

static void empty_file(void **state)
{
    (void)state;
    no_capture(file_holding("empty.pcap", ""), "empty");
}

static void text_file(void **state)
{
    (void)state;
    no_capture(file_holding("text.pcap", "Dec 10 10:00:00 host app: nothing to see here\n"),
               "unknown file format");
}

static void compressed_file(void **state)
{
    (void)state;
    no_capture(file_holding("a.pcap.gz", "\x1f\x8b\x08 and then twenty-four bytes or more"), "zcat");
}

static void missing_file(void **state)
{
    (void)state;
    no_capture(path_of("missing.pcap"), "No such file or directory");
}

static void directory(void **state)
{
    const char *path = path_of("dir");

    (void)state;
    assert_int_equal(mkdir(path, 0700), 0);
    no_capture(path, "Is a directory");
}

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
    files[1] = file_holding("bad.pcap", "bad");
    files[2] = path_of("missing.pcap");
    image_begin(&i, MICRO, 65535, 101);
    image_packet(&i, 3, 0, 1, "E", 1);
    files[3] = image_write("first-in-time.pcap", &i, i.len);

    log_begin();
    c = open_files(files, 4, "");
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
    log = log_end();
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
    c = open_files(&path, 1, "ip");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.ts_us, 2000005);
    assert_int_equal(f.number, 1);
    /* Filtered packets count in the message: it must lead to the place in any other tool. */
    log_begin();
    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    log = log_end();
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
    log_begin();
    c = open_files(files, 2, "ether src 00:00:00:00:00:00");
    assert_int_equal(drain(c), 1);
    log = log_end();
    assert_true(capture_failed(c));
    assert_int_equal(lines_of(log), 1);
    assert_non_null(strstr(log, "raw.pcap: capture filter 'ether src"));
    capture_close(c);
}

/* Section, interface (micro-seconds by default), one enhanced packet: the least pcapng there is. */
static void pcapng_image(struct image *i, uint64_t ts_us)
{
    i->len = 0;
    put(i, 0x0a0d0d0a, 4);
    put(i, 28, 4);
    put(i, 0x1a2b3c4d, 4);
    put(i, 1, 2);
    put(i, 0, 2);
    put(i, 0xffffffff, 4);
    put(i, 0xffffffff, 4);
    put(i, 28, 4);
    put(i, 1, 4);
    put(i, 20, 4);
    put(i, DLT_EN10MB, 4);
    put(i, 65535, 4);
    put(i, 20, 4);
    put(i, 6, 4);
    put(i, 36, 4);
    put(i, 0, 4);
    put(i, (uint32_t)(ts_us >> 32), 4);
    put(i, (uint32_t)ts_us, 4);
    put(i, 4, 4);
    put(i, 8, 4);
    memcpy(i->p + i->len, "wxyz", 4);
    i->len += 4;
    put(i, 36, 4);
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
    c = open_files(&path, 1, "");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.ts_us, 1639130400654321);
    assert_int_equal(f.data.len, 4);
    assert_int_equal(f.wire_len, 8);
    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    assert_false(capture_failed(c));
    capture_close(c);

    count_reset();
    path = image_write("cut.pcapng", &i, i.len - 5);
    log_begin();
    one_file(path, 0, true);
    log = log_end();
    assert_int_equal(lines_of(log), 1);
}

/* A second link type in one file is more than libpcap can do: said, not skipped in silence. */
static void pcapng_two_link_types(void **state)
{
    struct image i;
    const char *path, *log;

    (void)state;
    pcapng_image(&i, 1);
    put(&i, 1, 4);
    put(&i, 20, 4);
    put(&i, 101, 4);
    put(&i, 65535, 4);
    put(&i, 20, 4);
    path = image_write("two.pcapng", &i, i.len);
    log_begin();
    one_file(path, 1, true);
    log = log_end();
    assert_non_null(strstr(log, "packet 1 was the last good one"));
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
    log_begin();
    c = open_files(&path, 1, "");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    assert_int_equal(f.ts_us, 1000005);
    capture_progress(c, &done, &total, &file, &n_files);
    assert_int_equal(total, 0);
    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    log = log_end();
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
    c = open_files(files, 2, "");
    assert_int_equal(capture_next(c, &f), CAPTURE_FRAME);
    capture_stop(c);
    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    assert_int_equal(capture_next(c, &f), CAPTURE_END);
    assert_false(capture_failed(c));
    capture_close(c);
}

static void no_such_interface(void **state)
{
    struct config_interface interface = {.name = (char *)"no-such-if0", .bpf_filter = (char *)""};
    struct capture_plan plan = {.interfaces = &interface, .n_interfaces = 1, .bpf = ""};
    struct complaint why = {""};

    (void)state;
    assert_null(capture_open(&plan, &why));
    assert_non_null(strstr(why.text, "no-such-if0"));
    /* Without the right to look, the kernel does not say that there is none: then the cure is named. */
    assert_true(strstr(why.text, "no such interface") || strstr(why.text, "CAP_NET_RAW"));
}

static void send_datagrams(const char *text, unsigned n)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    assert_true(fd >= 0);
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(sendto(fd, text, strlen(text), 0, (struct sockaddr *)&to, sizeof to),
                         (ssize_t)strlen(text));
    close(fd);
}

static bool frame_ends_in(const struct frame *f, const char *text)
{
    return bytes_ends(f->data, bytes_str(text));
}

/* The loopback interface, where captures are permitted: what was sent before the stop is given after it,
 * although the kernel has not closed its block of the ring then; what is sent after the stop is not. */
static void live_loopback(void **state)
{
    struct config_interface interface = {
        .name = (char *)"lo", .bpf_filter = (char *)"udp", .buffer_size = 4 * 1024 * 1024, .snaplen = 65535};
    struct capture_plan plan = {.interfaces = &interface, .n_interfaces = 1, .bpf = "dst port 9"};
    struct complaint why = {""};
    struct capture *c = capture_open(&plan, &why);
    struct frame f;
    enum capture_result result;
    unsigned seen = 0, late = 0;

    (void)state;
    if (!c) {
        assert_non_null(strstr(why.text, "interface lo: "));
        skip();
    }
    assert_int_equal(capture_next(c, &f), CAPTURE_IDLE);
    send_datagrams("seen by the test", 20);
    capture_stop(c);
    usleep(2000);
    send_datagrams("too late", 1);
    while ((result = capture_next(c, &f)) != CAPTURE_END) {
        if (result != CAPTURE_FRAME)
            continue;
        assert_int_equal(f.link_type, DLT_EN10MB);
        assert_string_equal(capture_source(c), "lo");
        seen += frame_ends_in(&f, "seen by the test");
        late += frame_ends_in(&f, "too late");
    }
    capture_update_drops(c);
    assert_int_equal(seen, 20);
    /* The stop is noticed by the next capture_next, so this frame may come before or after: never more than
     * it. */
    assert_true(late <= 1);
    assert_int_equal(counters[COUNT_CAPTURE_KERNEL_DROPS], 0);
    assert_false(capture_failed(c));
    capture_close(c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(good_file),
        TEST(no_packets),
        TEST(nanoseconds),
        TEST(odd_headers),
        TEST(cut_everywhere),
        TEST(corrupt_length),
        TEST(empty_file),
        TEST(text_file),
        TEST(compressed_file),
        TEST(missing_file),
        TEST(directory),
        TEST(several_files),
        TEST(filter),
        TEST(bad_filter),
        TEST(pcapng),
        TEST(filter_of_another_link),
        TEST(standard_input),
        TEST(pcapng_two_link_types),
        TEST(no_such_interface),
        TEST(stop),
        TEST(live_loopback),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
