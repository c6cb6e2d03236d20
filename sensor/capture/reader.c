/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/reader.h"

#include "base/unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct reader {
    int fd;
    struct unpack *unpack;
    uint8_t *buffer; /* [from, to) is still to be taken */
    size_t from, to, size;
    bool ended; /* or failed */
    FILE *stream;
    char *stream_buffer; /* glibc takes no size without one */
    uint64_t taken;      /* by those who peek, or by the stream */
    struct complaint why;
};

static ptrdiff_t read_into(struct reader *r, uint8_t *to, size_t room)
{
    ptrdiff_t n = r->ended ? 0 : unpack_read(r->unpack, to, room, &r->why);

    r->ended = n <= 0;
    return n;
}

/* What is still to be taken moves to the front: it is less than what was asked for. */
static bool make_room(struct reader *r, size_t len)
{
    uint8_t *grown;

    if (r->from) {
        memmove(r->buffer, r->buffer + r->from, r->to - r->from);
        r->to -= r->from;
        r->from = 0;
    }
    if (len <= r->size || r->to < r->size)
        return true;
    grown = realloc(r->buffer, r->size * 2); /* with what came, not with what is claimed */
    if (!grown) {
        r->ended = true;
        return complain(&r->why, "memory is short for a piece of %zu bytes", len);
    }
    r->buffer = grown;
    r->size *= 2;
    return true;
}

struct bytes reader_held(const struct reader *r)
{
    return bytes_of(r->buffer + r->from, r->to - r->from);
}

struct bytes reader_peek(struct reader *r, size_t len)
{
    while (r->to - r->from < len && !r->ended && make_room(r, len)) {
        ptrdiff_t n = read_into(r, r->buffer + r->to, r->size - r->to);

        if (n > 0)
            r->to += (size_t)n;
    }
    return bytes_slice(bytes_of(r->buffer + r->from, r->to - r->from), 0, len);
}

void reader_pass(struct reader *r, size_t len)
{
    r->from += len;
    r->taken += len;
}

uint64_t reader_passed(const struct reader *r)
{
    return r->taken;
}

static ssize_t on_read(void *arg, char *to, size_t room)
{
    struct reader *r = arg;
    size_t peeked = r->to - r->from;
    ptrdiff_t n;

    if (peeked) {
        n = (ptrdiff_t)(peeked < room ? peeked : room);
        memcpy(to, r->buffer + r->from, (size_t)n);
        r->from += (size_t)n;
    } else {
        n = read_into(r, (uint8_t *)to, room);
    }
    if (n < 0)
        errno = EIO; /* the complaint says more */
    else
        r->taken += (uint64_t)n;
    return n;
}

/* Only what ftell asks: where are we? A pipe could not answer more, and nobody asks for more. */
static int on_seek(void *arg, off64_t *at, int whence)
{
    const struct reader *r = arg;

    if (whence != SEEK_CUR || *at != 0) {
        errno = ESPIPE;
        return -1;
    }
    *at = (off64_t)r->taken;
    return 0;
}

struct reader *reader_new(int fd, size_t buffer_size, const volatile sig_atomic_t *stopped)
{
    struct reader *r = calloc(1, sizeof *r);

    if (!r) {
        close(fd);
        return NULL;
    }
    r->fd = fd;
    r->unpack = unpack_new();
    r->size = buffer_size;
    r->buffer = malloc(buffer_size);
    r->stream_buffer = malloc(buffer_size);
    if (r->unpack && r->buffer && r->stream_buffer)
        r->stream = fopencookie(r, "rb", (cookie_io_functions_t){.read = on_read, .seek = on_seek});
    if (!r->stream) {
        reader_free(r);
        return NULL;
    }
    setvbuf(r->stream, r->stream_buffer, _IOFBF, buffer_size);
    unpack_begin(r->unpack, fd);
    unpack_stop_with(r->unpack, stopped);
    return r;
}

FILE *reader_stream(const struct reader *r)
{
    return r->stream;
}

const char *reader_complaint(const struct reader *r)
{
    return r->why.text;
}

uint64_t reader_position(const struct reader *r)
{
    return unpack_position(r->unpack);
}

bool reader_is_packed(const struct reader *r)
{
    return unpack_is_packed(r->unpack);
}

void reader_free(struct reader *r)
{
    if (!r)
        return;
    unpack_free(r->unpack);
    free(r->buffer);
    free(r->stream_buffer);
    close(r->fd);
    free(r);
}
