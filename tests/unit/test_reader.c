/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packed captures, through the same door as plain ones. What unpacking itself does is in test_unpack.c. */
#include "base/count.h"
#include "support/capture_file.h"

#include <fcntl.h>
#include <pcap/dlt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

static void pack_gzip(const struct image *in, struct image *out)
{
    z_stream z = {.next_in = (uint8_t *)(uintptr_t)in->p,
                  .avail_in = (unsigned)in->len,
                  .next_out = out->p + out->len,
                  .avail_out = (unsigned)(sizeof out->p - out->len)};

    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    out->len = sizeof out->p - z.avail_out;
}

static void pack_zstd(const struct image *in, struct image *out)
{
    size_t n = ZSTD_compress(out->p + out->len, sizeof out->p - out->len, in->p, in->len, 3);

    assert_false(ZSTD_isError(n));
    out->len += n;
}

static void (*const packers[])(const struct image *, struct image *) = {pack_gzip, pack_zstd};

#define N_FRAMES 3

static void three_frames(struct image *i)
{
    image_begin(i, MICRO, 65535, DLT_EN10MB);
    for (unsigned k = 1; k <= N_FRAMES; k++)
        image_frame(i, k, 0x0800);
}

static void whole(void **state)
{
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct image plain, packed = {.len = 0};
        const char *path;
        struct capture *c;
        uint64_t done, total;
        unsigned file, n_files;

        three_frames(&plain);
        packers[k](&plain, &packed);
        path = image_write(k ? "b" : "a", &packed, packed.len);
        c = files_open(&path, 1, "");
        assert_int_equal(files_drain(c), N_FRAMES);
        assert_false(capture_failed(c));
        capture_progress(c, &done, &total, &file, &n_files);
        assert_int_equal(total, packed.len);
        assert_int_equal(done, packed.len);
        capture_close(c);
    }
}

/* cat a.pcap.gz b.gz: the second part goes on where the first ended, in the middle of a packet even. */
static void concatenated(void **state)
{
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        struct image plain, part = {.len = 0}, packed = {.len = 0};
        const size_t cut = 24 + 76 + 30;
        const char *path;
        struct capture *c;

        three_frames(&plain);
        memcpy(part.p, plain.p, cut);
        part.len = cut;
        packers[k & 1](&part, &packed);
        part.len = plain.len - cut;
        memcpy(part.p, plain.p + cut, part.len);
        packers[k & 1](&part, &packed);
        folder_forget();
        path = image_write("a", &packed, packed.len);
        c = files_open(&path, 1, "");
        assert_int_equal(files_drain(c), N_FRAMES);
        assert_false(capture_failed(c));
        capture_close(c);
    }
}

/* Cut at every byte: what can be read is given, one line says that there was more, and nothing else is
 * claimed. */
static void cut_anywhere(void **state)
{
    struct image plain, packed = {.len = 0};

    (void)state;
    three_frames(&plain);
    pack_zstd(&plain, &packed);
    for (size_t cut = 1; cut < packed.len; cut++) {
        const char *path, *log;
        struct capture *c;
        unsigned n;

        folder_forget();
        path = image_write("cut", &packed, cut);
        log_catch();
        c = files_open(&path, 1, "");
        n = files_drain(c);
        log = log_caught();
        assert_true(n <= N_FRAMES);
        assert_true(capture_failed(c));
        assert_int_equal(lines_of(log), 1);
        capture_close(c);
    }
}

/* A deflate block that is stored gives its bytes at once: the frames before the cut are there. */
static void cut_gives_what_came_before(void **state)
{
    struct image plain, packed = {.len = 0};
    z_stream z = {.next_out = packed.p, .avail_out = sizeof packed.p};
    const char *path, *log;
    struct capture *c;

    (void)state;
    three_frames(&plain);
    z.next_in = plain.p;
    z.avail_in = (unsigned)plain.len;
    assert_int_equal(deflateInit2(&z, 0, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    /* Between two packets, where libpcap alone would see nothing but an end; 15 bytes are gzip's and the
     * block's heads. */
    path = image_write("cut", &packed, 15 + 24 + 2 * 76);
    log_catch();
    c = files_open(&path, 1, "");
    assert_int_equal(files_drain(c), 2);
    log = log_caught();
    assert_non_null(strstr(log, "the file ends in the middle of its gzip data (packet 2 was the last"));
    assert_non_null(strstr(log, "stopped at byte 176 of what is packed in it"));
    assert_true(capture_failed(c));
    capture_close(c);
}

/* A megabyte of nothing but padding costs no memory, and is no capture. */
static void no_capture_in_it(void **state)
{
    static const uint8_t zeros[1 << 20];
    uint8_t *packed = malloc(sizeof zeros);
    size_t len = ZSTD_compress(packed, sizeof zeros, zeros, sizeof zeros, 3);
    struct image i = {.len = len};
    const char *path, *log;
    struct capture *c;

    (void)state;
    assert_true(len < sizeof i.p);
    memcpy(i.p, packed, len);
    free(packed);
    path = image_write("zeros.zst", &i, i.len);
    log_catch();
    c = files_open(&path, 1, "");
    assert_int_equal(files_drain(c), 0);
    log = log_caught();
    assert_non_null(strstr(log, "zeros.zst: no capture file"));
    capture_close(c);
}

/* A worker without a file system: descriptors come from elsewhere, asked for in order, closed when read. */
struct supply {
    const char *const *paths;
    unsigned n_asked;
    int last_fd;
};

static int supply_give(void *arg, unsigned k)
{
    struct supply *s = arg;

    assert_int_equal(k, s->n_asked++);
    if (s->last_fd >= 0)
        assert_int_equal(fcntl(s->last_fd, F_GETFD), -1);
    s->last_fd = open(s->paths[k], O_RDONLY | O_CLOEXEC);
    return s->last_fd;
}

static void descriptors_from_elsewhere(void **state)
{
    const char *names[3] = {"first", "missing", "-"}, *real[3], *log;
    struct supply supply = {.paths = real, .last_fd = -1};
    struct capture_plan plan = {
        .paths = names, .n_paths = 3, .bpf = "", .open_input = supply_give, .open_arg = &supply};
    struct image i, packed = {.len = 0};
    struct capture *c;

    (void)state;
    three_frames(&i);
    pack_gzip(&i, &packed);
    real[0] = image_write("a", &i, i.len);
    real[1] = folder_path("nothing");
    real[2] = image_write("b", &packed, packed.len);
    log_catch();
    c = capture_open(&plan, NULL);
    assert_non_null(c);
    assert_int_equal(files_drain(c), 2 * N_FRAMES);
    log = log_caught();
    assert_int_equal(lines_of(log), 1);
    assert_non_null(strstr(log, "missing: No such file or directory"));
    assert_string_equal(capture_source(c), "-");
    capture_close(c);
    assert_int_equal(supply.n_asked, 3);
    assert_int_equal(fcntl(supply.last_fd, F_GETFD), -1);
}

/* A pipe that says nothing more must not hold up a stop: the signal ends the read, without a complaint. */
static struct capture *stoppable;

static void on_alarm(int sig)
{
    (void)sig;
    capture_stop(stoppable);
}

static void stop_while_waiting(void **state)
{
    struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART */
    const char *path = "-", *log;
    struct image i, packed = {.len = 0};
    struct frame f;
    int ends[2], saved = dup(STDIN_FILENO);

    (void)state;
    three_frames(&i);
    pack_gzip(&i, &packed);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], packed.p, packed.len), (ssize_t)packed.len);
    dup2(ends[0], STDIN_FILENO);
    log_catch();
    stoppable = files_open(&path, 1, "");
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    alarm(1);
    /* What is there comes at once, though the writer is not done. */
    for (unsigned k = 0; k < N_FRAMES; k++)
        assert_int_equal(capture_next(stoppable, &f), CAPTURE_FRAME);
    assert_int_equal(capture_next(stoppable, &f), CAPTURE_END);
    log = log_caught();
    assert_string_equal(log, "");
    assert_false(capture_failed(stoppable));
    capture_close(stoppable);
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(whole),
        FOLDER_TEST(concatenated),
        FOLDER_TEST(cut_anywhere),
        FOLDER_TEST(cut_gives_what_came_before),
        FOLDER_TEST(no_capture_in_it),
        FOLDER_TEST(descriptors_from_elsewhere),
        FOLDER_TEST(stop_while_waiting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
