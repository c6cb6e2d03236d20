/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/inputs.h"

#include "capture/pcapng.h"
#include "capture/reader.h"
#include "capture/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PEEK_SIZE 4096 /* the first packet is near */
#define NO_TIME   UINT64_MAX

struct found {
    char *path;
    uint64_t first_us; /* NO_TIME: no packet, or nobody can tell */
};

struct folder {
    const char *path;
    struct found *found;
    size_t n, max;
    unsigned n_passed_over;
    char *passed_over; /* the name of one of them */
};

/* The first four bytes of files that libpcap or we can read, in both byte orders. */
static bool is_capture_magic(const uint8_t magic[4])
{
    static const uint32_t magics[] = {
        0x0a0d0d0a,             /* pcapng */
        0xa1b2c3d4, 0xd4c3b2a1, /* pcap */
        0xa1b23c4d, 0x4d3cb2a1, /* with nanoseconds */
        0xa1b2cd34, 0x34cdb2a1, /* with more in each packet's header: Kuznetzov's */
    };
    uint32_t value = (uint32_t)magic[0] << 24 | (uint32_t)magic[1] << 16 | (uint32_t)magic[2] << 8 | magic[3];

    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (magics[i] == value)
            return true;
    return false;
}

static bool has_capture_magic(int fd)
{
    struct reader *r = reader_new(fd, PEEK_SIZE, NULL);
    uint8_t magic[4];
    bool has;

    if (!r)
        return false;
    has = fread(magic, 1, sizeof magic, reader_stream(r)) == sizeof magic && is_capture_magic(magic);
    fclose(reader_stream(r));
    reader_free(r);
    return has;
}

static uint64_t first_of_pcapng(FILE *stream)
{
    struct pcapng *n = pcapng_new(stream);
    struct frame frame;
    uint64_t us = n && pcapng_next(n, &frame) == PCAPNG_FRAME ? frame.ts_us : NO_TIME;

    pcapng_free(n);
    fclose(stream);
    return us;
}

static uint64_t first_of_pcap(FILE *stream)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_MICRO, reason);
    struct pcap_pkthdr *header;
    const uint8_t *data;
    uint64_t us = NO_TIME;

    if (!pcap) {
        fclose(stream);
        return NO_TIME;
    }
    if (pcap_next_ex(pcap, &header, &data) == 1)
        us = frame_time(&header->ts);
    pcap_close(pcap); /* and the stream */
    return us;
}

static uint64_t first_time(int fd)
{
    struct reader *r = reader_new(fd, PEEK_SIZE, NULL);
    uint64_t us;
    int first;

    if (!r)
        return NO_TIME;
    first = getc(reader_stream(r));
    ungetc(first, reader_stream(r));
    us = pcapng_begins_with(first) ? first_of_pcapng(reader_stream(r)) : first_of_pcap(reader_stream(r));
    reader_free(r);
    return us;
}

/* Nothing that would wait for somebody else (a pipe), or do something (a device), is opened. */
static int open_to_look(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* True when it is a capture, or may be one. A file that may not be read is kept: reading it says so. Opened
 * twice: the first look may have unpacked what the second needs. */
static bool look_into(const char *path, uint64_t *first_us)
{
    int fd = open_to_look(path);

    *first_us = NO_TIME;
    if (fd < 0)
        return errno == EACCES || errno == EIO;
    if (!has_capture_magic(fd))
        return false;
    fd = open_to_look(path);
    if (fd >= 0)
        *first_us = first_time(fd);
    return true;
}

static bool folder_keep(struct folder *f, char *path, uint64_t first_us)
{
    if (f->n == f->max) {
        size_t max = f->max ? f->max * 2 : 64;
        struct found *grown = realloc(f->found, max * sizeof *grown);

        if (!grown)
            return false;
        f->found = grown;
        f->max = max;
    }
    f->found[f->n++] = (struct found){path, first_us};
    return true;
}

/* One name of the directory. False when memory is short. */
static bool folder_look(struct folder *f, const struct dirent *entry)
{
    const char *slash = f->path[strlen(f->path) - 1] == '/' ? "" : "/";
    uint64_t first_us;
    struct stat st;
    char *path;

    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
        return true;
    if (asprintf(&path, "%s%s%s", f->path, slash, entry->d_name) < 0)
        return false;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && look_into(path, &first_us)) {
        if (folder_keep(f, path, first_us))
            return true;
        free(path);
        return false;
    }
    free(path);
    if (f->n_passed_over++ == 0)
        f->passed_over = strdup(entry->d_name);
    return true;
}

static int by_time_then_name(const void *a, const void *b)
{
    const struct found *x = a, *y = b;

    if (x->first_us != y->first_us)
        return x->first_us < y->first_us ? -1 : 1;
    return strcmp(x->path, y->path);
}

static bool inputs_add(struct inputs *in, char *path, struct complaint *why)
{
    if (in->n == INPUTS_MAX)
        return complain(why, "more than %d files to read", INPUTS_MAX);
    if (in->n == in->max) {
        unsigned max = in->max ? in->max * 2 : 16;
        char **grown = realloc(in->paths, max * sizeof *grown);

        if (!grown)
            return complain(why, "out of memory");
        in->paths = grown;
        in->max = max;
    }
    in->paths[in->n++] = path;
    return true;
}

static bool folder_read(struct folder *f, struct complaint *why)
{
    DIR *dir = opendir(f->path);
    const struct dirent *entry;
    bool good = true;

    if (!dir)
        return complain(why, "%s: %s", f->path, strerror(errno));
    while (good && (errno = 0, entry = readdir(dir)) != NULL)
        good = folder_look(f, entry) || complain(why, "out of memory");
    if (good && errno)
        good = complain(why, "%s: %s", f->path, strerror(errno));
    closedir(dir);
    if (good && f->n_passed_over)
        log_notice("%s: %u name%s passed over that %s no capture file (%s%s)", f->path, f->n_passed_over,
                   f->n_passed_over == 1 ? "" : "s", f->n_passed_over == 1 ? "is" : "are",
                   f->passed_over ? f->passed_over : "", f->n_passed_over == 1 ? "" : " ...");
    return good && (f->n || complain(why, "%s: no capture file in this directory", f->path));
}

static bool add_folder(struct inputs *in, const char *path, struct complaint *why)
{
    struct folder f = {.path = path};
    bool good = folder_read(&f, why);

    if (f.n > 1)
        qsort(f.found, f.n, sizeof *f.found, by_time_then_name);
    for (size_t i = 0; i < f.n; i++) {
        good = good && inputs_add(in, f.found[i].path, why);
        if (!good)
            free(f.found[i].path);
    }
    free(f.found);
    free(f.passed_over);
    return good;
}

static bool add_path(struct inputs *in, const char *path, struct complaint *why)
{
    struct stat st;
    char *copy;

    if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return add_folder(in, path, why);
    copy = strdup(path);
    if (!copy)
        return complain(why, "out of memory");
    if (inputs_add(in, copy, why))
        return true;
    free(copy);
    return false;
}

bool inputs_find(struct inputs *out, const char *const *paths, unsigned n, struct complaint *why)
{
    *out = (struct inputs){0};
    for (unsigned i = 0; i < n; i++)
        if (!add_path(out, paths[i], why)) {
            inputs_drop(out);
            return false;
        }
    return true;
}

void inputs_drop(struct inputs *in)
{
    for (unsigned i = 0; i < in->n; i++)
        free(in->paths[i]);
    free(in->paths);
    *in = (struct inputs){0};
}
