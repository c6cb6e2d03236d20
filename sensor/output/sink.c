/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/sink.h"
#include "base/count.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_BYTES     65536
#define COMPLAIN_EVERY_S 60

struct sink {
    int fd;
    char *path; /* NULL for stdout */
    unsigned mode;
    struct buf held;   /* whole lines */
    size_t sent;       /* bytes of the first held line that are in the file already */
    off_t torn_size;   /* of the file, when sent bytes of a line had been written to it */
    bool fresh_line;   /* the file ends in half a line that is not ours to finish */
    bool closed;       /* stdout without a reader */
    bool blocked;      /* the last write failed */
    uint64_t n_lost;   /* lines */
    time_t complained; /* monotonic; 0 for never */
};

static struct sink *sink_new(int fd, const char *path, unsigned mode)
{
    struct sink *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->fd = fd;
    s->mode = mode;
    s->held = buf_within(BUFFER_BYTES);
    if (path && !(s->path = strdup(path))) {
        free(s);
        return NULL;
    }
    return s;
}

/* True when a regular file does not end in a newline: an earlier run was killed while it wrote. */
static bool ends_torn(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    char last = '\n';

    if (fd < 0)
        return false; /* a file that we may append to but not read */
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        pread(fd, &last, 1, st.st_size - 1) != 1)
        last = '\n';
    close(fd);
    return last != '\n';
}

static int open_append(const char *path, unsigned mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, (mode_t)mode);
    struct stat st;

    /* The umask has had its say at creation; the operator's setting is the last word. Only on plain files:
     * nobody wants the permissions of /dev/null changed. Refused on a file of another owner, which is fine.
     */
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 07777) != (mode_t)mode)
        (void)!fchmod(fd, (mode_t)mode);
    return fd;
}

struct sink *sink_file(const char *path, unsigned mode, struct complaint *why)
{
    int fd = open_append(path, mode);
    struct sink *s;

    if (fd < 0) {
        complain(why, "%s: %s; name another directory with -l, or another eve-log filename", path,
                 strerror(errno));
        return NULL;
    }
    s = sink_new(fd, path, mode);
    if (!s) {
        close(fd);
        complain(why, "%s: out of memory", path);
        return NULL;
    }
    s->fresh_line = ends_torn(path);
    return s;
}

struct sink *sink_stdout(void)
{
    return sink_new(STDOUT_FILENO, NULL, 0);
}

static const char *sink_name(const struct sink *s)
{
    return s->path ? s->path : "standard output";
}

static void say_blocked(struct sink *s, int error)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    s->blocked = true;
    if (s->complained != 0 && now.tv_sec - s->complained < COMPLAIN_EVERY_S)
        return;
    s->complained = now.tv_sec ? now.tv_sec : 1;
    log_error("cannot write to %s: %s (%llu lines lost so far)", sink_name(s), strerror(error),
              (unsigned long long)s->n_lost);
}

static off_t file_size(const struct sink *s)
{
    struct stat st;

    return fstat(s->fd, &st) == 0 && S_ISREG(st.st_mode) ? st.st_size : -1;
}

/* Half of the first held line stands in the file. If the file is no longer as we left it (logrotate's
 * copytruncate, another writer), the rest of the line would make no sense there: write the line again from
 * its beginning. */
static void mend_torn(struct sink *s)
{
    off_t size;

    if (s->sent == 0 || (size = file_size(s)) == s->torn_size)
        return;
    s->sent = 0;
    s->fresh_line = size > 0;
}

/* One write. False on an error that waiting does not cure. */
static bool write_some(struct sink *s, struct bytes b, size_t *n)
{
    struct pollfd ready = {.fd = s->fd, .events = POLLOUT};
    ssize_t r;

    *n = 0;
    for (;;) {
        r = write(s->fd, b.p, b.len);
        if (r > 0) {
            *n = (size_t)r;
            return true;
        }
        if (r == 0) {
            errno = EIO;
            return false;
        }
        if (errno == EAGAIN) /* a pipe that its other owner made non-blocking: its reader is slow, we wait */
            (void)poll(&ready, 1, 1000);
        else if (errno != EINTR)
            return false;
    }
}

/* Written bytes leave the buffer a whole line at a time, so that a torn line can still be begun anew. */
static void took(struct sink *s, size_t n)
{
    size_t in_file = s->sent + n, whole = in_file;

    while (whole > 0 && s->held.p[whole - 1] != '\n')
        whole--;
    buf_cut_front(&s->held, whole);
    s->sent = in_file - whole;
    if (s->sent > 0)
        s->torn_size = file_size(s);
}

static void reader_gone(struct sink *s)
{
    s->closed = true;
    s->sent = 0;
    buf_clear(&s->held);
}

void sink_flush(struct sink *s)
{
    size_t n;

    if (s->held.len == 0)
        return;
    mend_torn(s);
    if (s->fresh_line) {
        if (!write_some(s, BYTES_LIT("\n"), &n)) {
            say_blocked(s, errno);
            return;
        }
        s->fresh_line = false;
    }
    while (s->held.len > 0) {
        if (!write_some(s, bytes_from(buf_bytes(&s->held), s->sent), &n)) {
            if (!s->path && errno == EPIPE)
                reader_gone(s);
            else
                say_blocked(s, errno);
            return;
        }
        took(s, n);
    }
    s->blocked = false;
}

static bool make_room(struct sink *s, size_t len)
{
    if (s->held.ceiling < len) /* max-event-size bounds it */
        s->held.ceiling = len;
    if (s->held.ceiling - s->held.len < len)
        sink_flush(s);
    return !s->closed && s->held.ceiling - s->held.len >= len;
}

void sink_line(struct sink *s, struct bytes line)
{
    if (s->closed)
        return;
    if (make_room(s, line.len) && buf_add(&s->held, line)) {
        count(COUNT_OUTPUT_LINES);
        return;
    }
    if (s->closed)
        return;
    s->n_lost++;
    count(COUNT_OUTPUT_FAILED);
}

void sink_text(struct sink *s, struct bytes text)
{
    while (text.len > 0 && !s->closed) {
        size_t newline = bytes_find_byte(text, '\n');
        struct bytes line = bytes_slice(text, 0, newline == BYTES_NONE ? text.len : newline + 1);

        if (!make_room(s, line.len) || !buf_add(&s->held, line))
            return;
        text = bytes_from(text, line.len);
    }
}

void sink_reopen(struct sink *s)
{
    int fd;

    if (!s->path)
        return;
    sink_flush(s); /* what belongs to the old file goes there */
    fd = open_append(s->path, s->mode);
    if (fd < 0) {
        log_error("cannot reopen %s: %s; writing on into the old file", s->path, strerror(errno));
        return;
    }
    close(s->fd);
    s->fd = fd;
    s->sent = 0; /* a line that the old file has half of is written whole into the new one */
    s->fresh_line = ends_torn(s->path);
}

bool sink_failed(const struct sink *s)
{
    return s->n_lost > 0 || (s->blocked && s->held.len > 0);
}

bool sink_closed(const struct sink *s)
{
    return s->closed;
}

static size_t count_lines(struct bytes b)
{
    size_t n = 0;

    for (size_t i = 0; i < b.len; i++)
        n += b.p[i] == '\n';
    return n;
}

void sink_free(struct sink *s)
{
    size_t n_left;

    if (!s)
        return;
    sink_flush(s);
    n_left = count_lines(buf_bytes(&s->held));
    if (n_left > 0) {
        count_add(COUNT_OUTPUT_FAILED, n_left);
        log_error("%llu lines for %s could not be written", (unsigned long long)(s->n_lost + n_left),
                  sink_name(s));
    }
    if (s->path)
        close(s->fd);
    buf_drop(&s->held);
    free(s->path);
    free(s);
}
