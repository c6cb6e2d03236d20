/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/reader.h"

#include "base/unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct reader {
    int fd;
    struct unpack *unpack;
    char *buffer; /* the stream's: glibc takes no size without one */
    FILE *stream;
    uint64_t given; /* bytes that went into the stream's buffer */
    struct complaint why;
};

static ssize_t on_read(void *arg, char *to, size_t room)
{
    struct reader *r = arg;
    ptrdiff_t n = unpack_read(r->unpack, (uint8_t *)to, room, &r->why);

    if (n < 0)
        errno = EIO; /* the complaint says more */
    else
        r->given += (uint64_t)n;
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
    *at = (off64_t)r->given;
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
    r->buffer = malloc(buffer_size);
    if (r->unpack && r->buffer)
        r->stream = fopencookie(r, "rb", (cookie_io_functions_t){.read = on_read, .seek = on_seek});
    if (!r->stream) {
        reader_free(r);
        return NULL;
    }
    setvbuf(r->stream, r->buffer, _IOFBF, buffer_size);
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
    close(r->fd);
    free(r);
}
