/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/capture_file.h"

#include "base/count.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Every test works in a fresh folder and leaves what it wrote there to clean_up. */
static char folder[256];
static char paths[8][320];
static unsigned n_paths;

const char *folder_path(const char *name)
{
    assert_true(n_paths < 8);
    snprintf(paths[n_paths], sizeof paths[0], "%s/%s", folder, name);
    return paths[n_paths++];
}

int folder_set_up(void **state)
{
    const char *base = getenv("TMPDIR");

    (void)state;
    snprintf(folder, sizeof folder, "%s/test-capture-XXXXXX", base ? base : P_tmpdir);
    n_paths = 0;
    count_reset();
    return mkdtemp(folder) ? 0 : -1;
}

int folder_clean_up(void **state)
{
    (void)state;
    for (unsigned i = 0; i < n_paths; i++)
        remove(paths[i]);
    return rmdir(folder);
}

/* What the log says while a test runs: the one line about a bad file is part of the promise. */
static int saved_stderr = -1;
static const char *log_path;

void log_catch(void)
{
    int fd;

    log_path = folder_path("log");
    fflush(stderr);
    saved_stderr = dup(STDERR_FILENO);
    fd = open(log_path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true(fd >= 0);
    dup2(fd, STDERR_FILENO);
    close(fd);
}

const char *log_caught(void)
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

unsigned lines_of(const char *text)
{
    unsigned n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

void image_put(struct image *i, uint64_t value, unsigned n)
{
    for (unsigned k = 0; k < n; k++)
        i->p[i->len++] = (uint8_t)(value >> 8 * k);
}

void image_begin(struct image *i, uint32_t magic, uint32_t snaplen, uint32_t link_type)
{
    i->len = 0;
    image_put(i, magic, 4);
    image_put(i, 2, 2);
    image_put(i, 4, 2);
    image_put(i, 0, 8);
    image_put(i, snaplen, 4);
    image_put(i, link_type, 4);
}

void image_packet(struct image *i, uint32_t sec, uint32_t fraction, uint32_t wire_len, const char *data,
                  uint32_t len)
{
    image_put(i, sec, 4);
    image_put(i, fraction, 4);
    image_put(i, len, 4);
    image_put(i, wire_len, 4);
    memcpy(i->p + i->len, data, len);
    i->len += len;
}

/* An Ethernet frame of a type: enough for a filter to tell them apart. */
void image_frame(struct image *i, uint32_t sec, uint16_t type)
{
    char frame[60] = {[12] = (char)(type >> 8), [13] = (char)type, [14] = 0x45};

    image_packet(i, sec, 5, sizeof frame, frame, sizeof frame);
}

const char *image_write(const char *name, const struct image *i, size_t len)
{
    const char *path = folder_path(name);
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(i->p, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    return path;
}

struct capture *files_open(const char *const *files, unsigned n, const char *bpf)
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
unsigned files_drain(struct capture *c)
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

const char *folder_file(const char *name, const char *text)
{
    struct image i = {.len = strlen(text)};

    memcpy(i.p, text, i.len);
    return image_write(name, &i, i.len);
}

void folder_forget(void)
{
    n_paths = 0;
}
