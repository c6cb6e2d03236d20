/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/unpack.h"

#include <bzlib.h>
#include <errno.h>
#include <lzma.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define PACKED_SPACE  65536
#define HEAD          8 /* enough to know a format by */
#define PACKER_MEMORY ((uint64_t)128 << 20)
#define ZSTD_WINDOW   27 /* the binary logarithm of the same */

enum step {
    STEP_GOES_ON,
    STEP_PART_ENDS,
    STEP_DAMAGED,
    STEP_TOO_LARGE, /* wants more memory than it gets */
};

struct format {
    const char *name;
    bool (*recognise)(struct bytes head);
    bool (*begin)(struct unpack *u); /* of a part; false: memory is short */
    enum step (*step)(struct unpack *u, uint8_t *out, size_t room, size_t *n);
    void (*end)(struct unpack *u);
};

struct unpack {
    int fd;
    const volatile sig_atomic_t *stopped; /* may be NULL */
    uint64_t position;
    bool at_eof, begun;
    const struct format *format; /* NULL: the text as it is */
    bool in_part;
    uint8_t packed[PACKED_SPACE]; /* [from, to) is still to be unpacked */
    size_t from, to;
    z_stream gzip;
    bz_stream bzip2;
    lzma_stream xz;
    ZSTD_DStream *zstd;
};

static unsigned left_in(const struct unpack *u)
{
    return (unsigned)(u->to - u->from);
}

/* What a library took, and gave. */
static void took(struct unpack *u, size_t still_there, size_t room, size_t room_left, size_t *n)
{
    u->from = u->to - still_there;
    *n = room - room_left;
}

static bool gzip_recognise(struct bytes head)
{
    return bytes_starts(head, BYTES_LIT("\x1f\x8b\x08")); /* RFC 1952 2.3: deflate is the only method */
}

static bool gzip_begin(struct unpack *u)
{
    u->gzip = (z_stream){.next_in = NULL};
    return inflateInit2(&u->gzip, 15 + 16) == Z_OK; /* the largest window, gzip's header */
}

static enum step gzip_step(struct unpack *u, uint8_t *out, size_t room, size_t *n)
{
    int rc;

    u->gzip.next_in = u->packed + u->from;
    u->gzip.avail_in = left_in(u);
    u->gzip.next_out = out;
    u->gzip.avail_out = (unsigned)room;
    rc = inflate(&u->gzip, Z_NO_FLUSH);
    took(u, u->gzip.avail_in, room, u->gzip.avail_out, n);
    if (rc == Z_STREAM_END)
        return STEP_PART_ENDS;
    return rc == Z_OK || rc == Z_BUF_ERROR ? STEP_GOES_ON : STEP_DAMAGED;
}

static void gzip_end(struct unpack *u)
{
    inflateEnd(&u->gzip);
}

static bool bzip2_recognise(struct bytes head)
{
    return head.len >= 4 && bytes_starts(head, BYTES_LIT("BZh")) && head.p[3] >= '1' && head.p[3] <= '9' &&
           (bytes_starts(bytes_from(head, 4), BYTES_LIT("\x31\x41\x59\x26")) || /* a block, or none at all */
            bytes_starts(bytes_from(head, 4), BYTES_LIT("\x17\x72\x45\x38")));
}

static bool bzip2_begin(struct unpack *u)
{
    u->bzip2 = (bz_stream){.next_in = NULL};
    return BZ2_bzDecompressInit(&u->bzip2, 0, 0) == BZ_OK;
}

static enum step bzip2_step(struct unpack *u, uint8_t *out, size_t room, size_t *n)
{
    int rc;

    u->bzip2.next_in = (char *)u->packed + u->from;
    u->bzip2.avail_in = left_in(u);
    u->bzip2.next_out = (char *)out;
    u->bzip2.avail_out = (unsigned)room;
    rc = BZ2_bzDecompress(&u->bzip2);
    took(u, u->bzip2.avail_in, room, u->bzip2.avail_out, n);
    if (rc == BZ_STREAM_END)
        return STEP_PART_ENDS;
    return rc == BZ_OK ? STEP_GOES_ON : rc == BZ_MEM_ERROR ? STEP_TOO_LARGE : STEP_DAMAGED;
}

static void bzip2_end(struct unpack *u)
{
    BZ2_bzDecompressEnd(&u->bzip2);
}

static bool xz_recognise(struct bytes head)
{
    return bytes_starts(head, BYTES_LIT("\xfd"
                                        "7zXZ\0"));
}

static bool xz_begin(struct unpack *u)
{
    u->xz = (lzma_stream)LZMA_STREAM_INIT;
    return lzma_stream_decoder(&u->xz, PACKER_MEMORY, 0) == LZMA_OK;
}

static enum step xz_step(struct unpack *u, uint8_t *out, size_t room, size_t *n)
{
    lzma_ret rc;

    u->xz.next_in = u->packed + u->from;
    u->xz.avail_in = left_in(u);
    u->xz.next_out = out;
    u->xz.avail_out = room;
    rc = lzma_code(&u->xz, LZMA_RUN);
    took(u, u->xz.avail_in, room, u->xz.avail_out, n);
    switch (rc) {
    case LZMA_OK:
    case LZMA_BUF_ERROR:
        return STEP_GOES_ON;
    case LZMA_STREAM_END:
        return STEP_PART_ENDS;
    case LZMA_MEM_ERROR:
    case LZMA_MEMLIMIT_ERROR:
        return STEP_TOO_LARGE;
    default:
        return STEP_DAMAGED;
    }
}

static void xz_end(struct unpack *u)
{
    lzma_end(&u->xz);
}

static bool zstd_recognise(struct bytes head)
{
    /* RFC 8878 3.1: a frame, or a skippable one. */
    return bytes_starts(head, BYTES_LIT("\x28\xb5\x2f\xfd")) ||
           (head.len >= 4 && head.p[0] >> 4 == 5 &&
            bytes_starts(bytes_from(head, 1), BYTES_LIT("\x2a\x4d\x18")));
}

static bool zstd_begin(struct unpack *u)
{
    u->zstd = ZSTD_createDStream();
    return u->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW));
}

static enum step zstd_step(struct unpack *u, uint8_t *out, size_t room, size_t *n)
{
    ZSTD_inBuffer in = {u->packed + u->from, u->to - u->from, 0};
    ZSTD_outBuffer to = {out, room, 0};
    size_t rc = ZSTD_decompressStream(u->zstd, &to, &in);

    took(u, in.size - in.pos, room, room - to.pos, n);
    if (rc == 0)
        return STEP_PART_ENDS;
    if (!ZSTD_isError(rc))
        return STEP_GOES_ON;
    switch (ZSTD_getErrorCode(rc)) {
    case ZSTD_error_frameParameter_windowTooLarge:
    case ZSTD_error_memory_allocation:
        return STEP_TOO_LARGE;
    default:
        return STEP_DAMAGED;
    }
}

static void zstd_end(struct unpack *u)
{
    ZSTD_freeDStream(u->zstd);
    u->zstd = NULL;
}

static const struct format formats[] = {
    {"gzip", gzip_recognise, gzip_begin, gzip_step, gzip_end},
    {"bzip2", bzip2_recognise, bzip2_begin, bzip2_step, bzip2_end},
    {"xz", xz_recognise, xz_begin, xz_step, xz_end},
    {"zstd", zstd_recognise, zstd_begin, zstd_step, zstd_end},
};

struct unpack *unpack_new(void)
{
    return calloc(1, sizeof(struct unpack));
}

static void end_part(struct unpack *u)
{
    if (u->in_part)
        u->format->end(u);
    u->in_part = false;
}

void unpack_free(struct unpack *u)
{
    if (!u)
        return;
    end_part(u);
    free(u);
}

void unpack_begin(struct unpack *u, int fd)
{
    end_part(u);
    u->fd = fd;
    u->position = 0;
    u->at_eof = u->begun = false;
    u->format = NULL;
    u->from = u->to = 0;
}

void unpack_stop_with(struct unpack *u, const volatile sig_atomic_t *stopped)
{
    u->stopped = stopped;
}

uint64_t unpack_position(const struct unpack *u)
{
    return u->position;
}

bool unpack_is_packed(const struct unpack *u)
{
    return u->format != NULL;
}

static ptrdiff_t read_some(struct unpack *u, uint8_t *out, size_t room, struct complaint *why)
{
    ssize_t n;

    do
        n = read(u->fd, out, room);
    while (n < 0 && errno == EINTR && !(u->stopped && *u->stopped));
    if (n < 0) {
        complain(why, "%s", strerror(errno));
        return -1;
    }
    u->at_eof = n == 0;
    u->position += (uint64_t)n;
    return n;
}

/* Until there are so many packed bytes, or no more. */
static bool fill(struct unpack *u, size_t wanted, struct complaint *why)
{
    while (u->to - u->from < wanted && !u->at_eof) {
        ptrdiff_t n;

        memmove(u->packed, u->packed + u->from, u->to - u->from);
        u->to -= u->from;
        u->from = 0;
        n = read_some(u, u->packed + u->to, PACKED_SPACE - u->to, why);
        if (n < 0)
            return false;
        u->to += (size_t)n;
    }
    return true;
}

static struct bytes packed_left(const struct unpack *u)
{
    return (struct bytes){u->packed + u->from, u->to - u->from};
}

static bool begin_file(struct unpack *u, struct complaint *why)
{
    u->begun = true;
    if (!fill(u, HEAD, why))
        return false;
    for (size_t i = 0; i < sizeof formats / sizeof *formats && !u->format; i++)
        if (formats[i].recognise(packed_left(u)))
            u->format = &formats[i];
    return true;
}

static ptrdiff_t read_plain(struct unpack *u, uint8_t *out, size_t room, struct complaint *why)
{
    size_t n = u->to - u->from < room ? u->to - u->from : room;

    if (n == 0)
        return u->at_eof ? 0 : read_some(u, out, room, why);
    memcpy(out, u->packed + u->from, n);
    u->from += n;
    return (ptrdiff_t)n;
}

/* Writers to tapes and disks fill up with zeros, and so may xz itself. */
static bool pass_padding(struct unpack *u, struct complaint *why)
{
    do {
        if (!fill(u, HEAD, why))
            return false;
        while (u->from < u->to && u->packed[u->from] == 0)
            u->from++;
    } while (u->from == u->to && !u->at_eof);
    return fill(u, HEAD, why);
}

static bool begin_part(struct unpack *u, struct complaint *why)
{
    if (!u->format->recognise(packed_left(u)))
        return complain(why, "something else stands behind the end of the %s data", u->format->name);
    u->in_part = true;
    return u->format->begin(u) || complain(why, "memory is short");
}

static bool complain_step(const struct unpack *u, enum step step, struct complaint *why)
{
    if (step == STEP_TOO_LARGE)
        return complain(why, "unpacking the %s data would take more than 128 MB of memory", u->format->name);
    return complain(why, "damaged %s data", u->format->name);
}

static ptrdiff_t read_packed(struct unpack *u, uint8_t *out, size_t room, struct complaint *why)
{
    for (;;) {
        size_t n = 0, before;
        enum step step;

        if (!u->in_part) {
            if (!pass_padding(u, why))
                return -1;
            if (u->from == u->to)
                return 0;
            if (!begin_part(u, why))
                return -1;
        }
        if (!fill(u, 1, why))
            return -1;
        before = u->to - u->from;
        step = u->format->step(u, out, room, &n);
        if (step == STEP_PART_ENDS)
            end_part(u);
        if (n > 0)
            return (ptrdiff_t)n;
        if (step == STEP_PART_ENDS)
            continue;
        if (step == STEP_GOES_ON && before == 0) {
            complain(why, "the file ends in the middle of its %s data", u->format->name);
            return -1;
        }
        if (step != STEP_GOES_ON || before == u->to - u->from) {
            complain_step(u, step, why);
            return -1;
        }
    }
}

ptrdiff_t unpack_read(struct unpack *u, uint8_t *out, size_t room, struct complaint *why)
{
    if (!u->begun && !begin_file(u, why))
        return -1;
    return u->format ? read_packed(u, out, room, why) : read_plain(u, out, room, why);
}
