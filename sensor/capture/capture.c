/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/filter.h"
#include "capture/source.h"

#include "base/count.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct capture {
    const struct capture_plan *plan;
    volatile sig_atomic_t stopped;
    bool failed;
    uint64_t n_frames;
    const char *source;

    struct live *live; /* NULL when files are read */

    struct filters *filters; /* of files */
    struct file *file;       /* the open one, or NULL */
    unsigned n_begun;        /* files reached so far, the open one among them */
    uint64_t *file_sizes;    /* one per path, 0 when unknown */
    uint64_t done_bytes;     /* of the files before the open one */
    uint64_t total_bytes;    /* 0 when one of the sizes is unknown */
    bool all_known;          /* none is */
};

static bool files_measure(struct capture *c)
{
    bool all_known = true;

    c->file_sizes = calloc(c->plan->n_paths ? c->plan->n_paths : 1, sizeof *c->file_sizes);
    if (!c->file_sizes)
        return false;
    for (unsigned i = 0; i < c->plan->n_paths; i++) {
        const char *path = c->plan->paths[i];
        bool is_stdin = strcmp(path, "-") == 0;
        struct stat st;

        if (is_stdin || (stat(path, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))))
            all_known = false;
        else if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
            c->file_sizes[i] = (uint64_t)st.st_size;
        c->total_bytes += c->file_sizes[i];
    }
    c->all_known = all_known;
    if (!all_known)
        c->total_bytes = 0;
    return true;
}

static struct capture *capture_new(const struct capture_plan *plan)
{
    struct capture *c = calloc(1, sizeof *c);

    if (c) {
        c->plan = plan;
        c->source = "";
    }
    return c;
}

struct capture *capture_around(const struct capture_plan *plan, struct live *live)
{
    struct capture *c = capture_new(plan);

    if (c)
        c->live = live;
    else
        live_close(live);
    return c;
}

struct capture *capture_open(const struct capture_plan *plan, struct complaint *why)
{
    struct capture *c;

    c = capture_new(plan);
    if (!c)
        goto out;
    /* Said now and not at the first packet: a mistake in the filter is the operator's, whatever is captured
     * later. */
    if (plan->n_interfaces) {
        c->live = filter_is_sound(plan->bpf, why) ? live_open(plan, why) : NULL;
        if (c->live)
            return c;
    } else {
        c->filters = filters_new(plan->bpf, why);
        if (c->filters && files_measure(c))
            return c;
    }
out:
    complain(why, "out of memory"); /* unless something else was said */
    capture_close(c);
    return NULL;
}

static void file_done(struct capture *c)
{
    c->done_bytes += c->file_sizes[c->n_begun - 1];
    file_close(c->file);
    c->file = NULL;
}

static void file_bad(struct capture *c)
{
    c->failed = true;
    count(COUNT_CAPTURE_BAD_FILES);
}

static int input_open(const struct capture *c, unsigned k)
{
    const char *path = c->plan->paths[k];

    if (c->plan->open_input)
        return c->plan->open_input(c->plan->open_arg, k);
    if (strcmp(path, "-") == 0)
        return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0); /* a copy: closing it leaves standard input */
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* Path k as a capture file, or NULL: reported, unless a stop was the reason. */
static struct file *input_begin(const struct capture *c, unsigned k)
{
    const char *path = c->plan->paths[k];
    int fd = input_open(c, k);

    if (fd >= 0)
        return file_open(path, fd, c->filters, &c->stopped);
    if (!c->stopped) /* a pipe waits for its writer, and a signal ends that */
        log_error("%s: %s", file_name(path), strerror(errno));
    return NULL;
}

/* The next path that can be opened. False when there is none left. */
static bool file_begin(struct capture *c)
{
    while (!c->stopped && c->n_begun < c->plan->n_paths) {
        unsigned k = c->n_begun++;

        c->file = input_begin(c, k);
        if (c->file) {
            c->source = c->plan->paths[k];
            count(COUNT_CAPTURE_FILES);
            return true;
        }
        if (!c->stopped)
            file_bad(c);
        file_done(c);
    }
    return false;
}

static enum capture_result next_from_files(struct capture *c, struct frame *out)
{
    while (!c->stopped && (c->file || file_begin(c))) {
        switch (file_next(c->file, out)) {
        case SOURCE_FRAME:
            return CAPTURE_FRAME;
        case SOURCE_FAILED:
            file_bad(c);
            break;
        case SOURCE_END:
        case SOURCE_IDLE:
            break;
        }
        file_done(c);
    }
    return CAPTURE_END;
}

static enum capture_result next_from_interfaces(struct capture *c, struct frame *out)
{
    switch (live_next(c->live, &c->stopped, out, &c->source)) {
    case SOURCE_FRAME:
        return CAPTURE_FRAME;
    case SOURCE_IDLE:
        return CAPTURE_IDLE;
    default:
        return CAPTURE_END;
    }
}

enum capture_result capture_next(struct capture *c, struct frame *out)
{
    enum capture_result result = c->live ? next_from_interfaces(c, out) : next_from_files(c, out);

    if (result == CAPTURE_FRAME) {
        out->number = ++c->n_frames;
        count(COUNT_CAPTURE_FRAMES);
        count_add(COUNT_CAPTURE_BYTES, out->data.len);
        if (out->wire_len > out->data.len)
            count(COUNT_CAPTURE_SNAPPED);
    }
    return result;
}

bool capture_can_begin_again(const struct capture *c)
{
    return !c->live && c->all_known;
}

unsigned capture_descriptors(const struct capture *c, int *fds, unsigned max)
{
    return c->live ? live_descriptors(c->live, fds, max) : 0;
}

void capture_stop(struct capture *c)
{
    c->stopped = 1;
}

bool capture_failed(const struct capture *c)
{
    return c->failed || (c->live && live_failed(c->live));
}

const char *capture_source(const struct capture *c)
{
    return c->source;
}

void capture_progress(const struct capture *c, uint64_t *done, uint64_t *total, unsigned *file,
                      unsigned *n_files)
{
    *done = c->done_bytes + (c->file ? file_position(c->file) : 0);
    *total = c->total_bytes;
    /* A pipe has no position. */
    if (*total == 0)
        *done = counters[COUNT_CAPTURE_BYTES];
    *file = c->n_begun;
    *n_files = c->live ? 0 : c->plan->n_paths;
    /* A file that grows while it is read. */
    if (*total && *done > *total)
        *done = *total;
}

void capture_update_drops(struct capture *c)
{
    if (c->live)
        live_update_drops(c->live);
}

bool capture_interface(const struct capture *c, unsigned i, uint64_t *packets, uint64_t *drops)
{
    return c->live && live_interface(c->live, i, packets, drops);
}

void capture_close(struct capture *c)
{
    if (!c)
        return;
    file_close(c->file);
    filters_free(c->filters);
    live_close(c->live);
    free(c->file_sizes);
    free(c);
}
