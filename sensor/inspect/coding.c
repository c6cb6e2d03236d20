/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/coding.h"

#include <brotli/decode.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#define ZLIB_MEMORY     45000 /* what inflate holds, with its window of 32 KB (zconf.h) */
#define ZSTD_WINDOW_LOG 23    /* 8 MB: what RFC 8878 3.1.1.1.2 asks of every decoder */

enum engine { ENGINE_NONE, ENGINE_ZLIB, ENGINE_ZSTD, ENGINE_BROTLI };

enum state {
    DECIDING, /* the first bytes are not all here, of the text or of another member */
    RUNNING,
    PASSING, /* as it is */
};

#define FIRST_MAX 4

struct coding {
    uint8_t label, engine, state;
    int8_t window_bits; /* zlib's word for the format */
    bool again;         /* a member has ended: another may follow (RFC 1952 2.2, RFC 8878 3) */
    bool bad, refused, gave, anew;
    uint8_t first[FIRST_MAX]; /* what decides which engine it is */
    unsigned n_first, n_fed;  /* bytes of first that are here, and those that the engine took */
    struct buf sent;          /* the first bytes that came in, as long as the coding is in doubt */
    bool long_good;           /* more than CODING_HELD bytes were good */
    size_t waiting;           /* PASSING: so many bytes at the end of sent are still to be given */
    z_stream z;
    bool z_ready;
    ZSTD_DStream *zstd;
    BrotliDecoderState *brotli;
    uint64_t memory; /* of the engine */
};

static uint64_t memory_now, memcap = 48 * 1024 * 1024;

void codings_set_memcap(uint64_t bytes)
{
    memcap = bytes;
}

uint64_t codings_bytes(void)
{
    return memory_now;
}

struct coding *coding_new(enum coding_label label)
{
    struct coding *c = calloc(1, sizeof *c);

    if (c) {
        c->label = (uint8_t)label;
        c->sent = buf_within(CODING_HELD);
    }
    return c;
}

/* False when it is too much for all together. */
static bool memory_take(struct coding *c, uint64_t bytes)
{
    if (memory_now + bytes > memcap) {
        c->refused = true;
        return false;
    }
    memory_now += bytes;
    c->memory += bytes;
    return true;
}

static void engine_close(struct coding *c)
{
    if (c->z_ready)
        (void)inflateEnd(&c->z);
    c->z_ready = false;
    ZSTD_freeDStream(c->zstd);
    c->zstd = NULL;
    if (c->brotli)
        BrotliDecoderDestroyInstance(c->brotli);
    c->brotli = NULL;
    memory_now -= c->memory;
    c->memory = 0;
    c->engine = ENGINE_NONE;
}

void coding_free(struct coding *c)
{
    if (!c)
        return;
    engine_close(c);
    buf_drop(&c->sent);
    free(c);
}

/* --- engines --- */

static bool zlib_open(struct coding *c)
{
    if (c->z_ready)
        return inflateReset2(&c->z, c->window_bits) == Z_OK;
    if (!memory_take(c, ZLIB_MEMORY))
        return false;
    c->z = (z_stream){.next_in = NULL};
    c->z_ready = inflateInit2(&c->z, c->window_bits) == Z_OK;
    return c->z_ready;
}

static bool zstd_open(struct coding *c)
{
    if (!c->zstd) {
        c->zstd = ZSTD_createDStream();
        if (!c->zstd || !memory_take(c, ZSTD_sizeof_DStream(c->zstd)))
            return false;
    }
    /* In this order: within a frame, be it a broken one, no parameter may be set. */
    return !ZSTD_isError(ZSTD_initDStream(c->zstd)) &&
           !ZSTD_isError(ZSTD_DCtx_setParameter(c->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG));
}

/* Brotli says how much it wants, so that it can be refused in time; the size is kept in front. */
#define BROTLI_HEAD 16

static void *brotli_allocate(void *coding, size_t size)
{
    uint8_t *p;

    if (size > SIZE_MAX - BROTLI_HEAD || !memory_take(coding, size))
        return NULL;
    p = malloc(size + BROTLI_HEAD);
    return p ? p + BROTLI_HEAD : NULL;
}

/* What it held is given back at the end, all at once. */
static void brotli_release(void *coding, void *address)
{
    (void)coding;
    if (address)
        free((uint8_t *)address - BROTLI_HEAD);
}

static bool brotli_open(struct coding *c)
{
    c->brotli = BrotliDecoderCreateInstance(brotli_allocate, brotli_release, c);
    return c->brotli != NULL;
}

static bool engine_open(struct coding *c, enum engine engine)
{
    if (c->engine != ENGINE_NONE && c->engine != engine)
        engine_close(c);
    c->engine = (uint8_t)engine;
    switch (engine) {
    case ENGINE_ZLIB:
        return zlib_open(c);
    case ENGINE_ZSTD:
        return zstd_open(c);
    case ENGINE_BROTLI:
        return brotli_open(c);
    case ENGINE_NONE:
        break;
    }
    return false;
}

enum outcome { GOES_ON, ENDED, BROKEN };

static enum outcome zlib_run(struct coding *c, struct bytes in, uint8_t *out, size_t room, size_t *used,
                             size_t *n)
{
    int result;

    c->z.next_in = (z_const Bytef *)in.p;
    c->z.avail_in = (uInt)(in.len < INT32_MAX ? in.len : INT32_MAX);
    c->z.next_out = out;
    c->z.avail_out = (uInt)(room < INT32_MAX ? room : INT32_MAX);
    result = inflate(&c->z, Z_NO_FLUSH);
    *used = (size_t)((const uint8_t *)c->z.next_in - in.p);
    *n = (size_t)(c->z.next_out - out);
    if (result == Z_STREAM_END)
        return ENDED;
    return result == Z_OK || result == Z_BUF_ERROR ? GOES_ON : BROKEN;
}

static enum outcome zstd_run(struct coding *c, struct bytes in, uint8_t *out, size_t room, size_t *used,
                             size_t *n)
{
    ZSTD_inBuffer from = {in.p, in.len, 0};
    ZSTD_outBuffer to = {out, room, 0};
    size_t result = ZSTD_decompressStream(c->zstd, &to, &from), size = ZSTD_sizeof_DStream(c->zstd);

    *used = from.pos;
    *n = to.pos;
    if (ZSTD_isError(result) || (size > c->memory && !memory_take(c, size - c->memory)))
        return BROKEN;
    return result == 0 ? ENDED : GOES_ON;
}

static enum outcome brotli_run(struct coding *c, struct bytes in, uint8_t *out, size_t room, size_t *used,
                               size_t *n)
{
    const uint8_t *from = in.p;
    size_t left = in.len, free_room = room;
    BrotliDecoderResult result =
        BrotliDecoderDecompressStream(c->brotli, &left, &from, &free_room, &out, NULL);

    *used = in.len - left;
    *n = room - free_room;
    if (result == BROTLI_DECODER_RESULT_ERROR)
        return BROKEN;
    return result == BROTLI_DECODER_RESULT_SUCCESS ? ENDED : GOES_ON;
}

static enum outcome engine_run(struct coding *c, struct bytes in, uint8_t *out, size_t room, size_t *used,
                               size_t *n)
{
    switch ((enum engine)c->engine) {
    case ENGINE_ZLIB:
        return zlib_run(c, in, out, room, used, n);
    case ENGINE_ZSTD:
        return zstd_run(c, in, out, room, used, n);
    case ENGINE_BROTLI:
        return brotli_run(c, in, out, room, used, n);
    case ENGINE_NONE:
        break;
    }
    *used = *n = 0;
    return BROKEN;
}

/* --- deciding --- */

enum decision { UNDECIDED, IS_CODED, IS_PLAIN };

/* True when the bytes that are here are the start of the magic, or have it whole. */
static bool agrees(const struct coding *c, struct bytes magic)
{
    size_t len = c->n_first < magic.len ? c->n_first : magic.len;

    return bytes_eq(bytes_of(c->first, len), bytes_slice(magic, 0, len));
}

/* CM 8, CINFO at most 7, and a check of both (RFC 1950 2.2). */
static bool is_zlib(const uint8_t first[2])
{
    return (first[0] & 0x0f) == 8 && first[0] >> 4 <= 7 && (first[0] << 8 | first[1]) % 31 == 0;
}

/* Without a label only the windows that compressors write, and of those not what reads "x^": few texts begin
 * so, but where they do, more is lost than a try. */
static bool is_plain_zlib(const struct coding *c)
{
    const uint8_t *first = c->first;

    return first[0] == 0x78 && (first[1] == 0x01 || first[1] == 0x9c || first[1] == 0xda ||
                                (first[1] == 0x5e && c->label == CODING_ALONE));
}

/* Skippable frames come in front of others (RFC 8878 3.1.2). */
static bool is_skippable(const struct coding *c)
{
    static const uint8_t behind[] = {0x2a, 0x4d, 0x18};

    return c->n_first && c->first[0] >> 4 == 5 &&
           bytes_eq(bytes_of(c->first + 1, c->n_first - 1), bytes_of(behind, c->n_first - 1));
}

static enum decision coded(struct coding *c, enum engine engine, int window_bits)
{
    c->window_bits = (int8_t)window_bits;
    return engine_open(c, engine) ? IS_CODED : IS_PLAIN;
}

static enum decision decide(struct coding *c)
{
    static const uint8_t gzip[] = {0x1f, 0x8b, 0x08}, zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
    bool labelled = c->label == CODING_DEFLATE || c->label == CODING_BROTLI;
    size_t gzip_len = labelled && !c->again ? 2 : sizeof gzip;

    if (agrees(c, bytes_of(gzip, gzip_len)))
        return c->n_first < gzip_len ? UNDECIDED : coded(c, ENGINE_ZLIB, 15 + 16);
    if (agrees(c, bytes_of(zstd, sizeof zstd)) || ((labelled || c->again) && is_skippable(c)))
        return c->n_first < sizeof zstd ? UNDECIDED : coded(c, ENGINE_ZSTD, 0);
    if (c->again)
        return IS_PLAIN;
    if (c->label == CODING_BROTLI)
        return coded(c, ENGINE_BROTLI, 0);
    if (c->n_first < 2 && (labelled || c->first[0] == 0x78))
        return UNDECIDED;
    if (labelled ? is_zlib(c->first) : c->n_first >= 2 && is_plain_zlib(c))
        return coded(c, ENGINE_ZLIB, 15);
    return labelled ? coded(c, ENGINE_ZLIB, -15) : IS_PLAIN;
}

/* --- running --- */

/* Remembers what is being taken, as long as it may have to be given again. */
static void remember(struct coding *c, struct bytes taken)
{
    if (!c->long_good && c->label != CODING_ALONE && !buf_add(&c->sent, taken)) {
        buf_drop(&c->sent);
        c->long_good = true;
    }
}

/* From here on as it is; what waits are the bytes that were taken and are no part of a coded text. */
static void pass(struct coding *c, size_t waiting)
{
    if (c->label == CODING_ALONE)
        waiting = 0;
    else
        engine_close(c);
    c->state = PASSING;
    c->waiting = waiting;
}

/* The bytes that decide, between two members, are the last that came; they may be all that is remembered. */
static void pass_first(struct coding *c)
{
    if (c->long_good) {
        c->sent = buf_within(CODING_HELD);
        (void)buf_add(&c->sent, bytes_of(c->first, c->n_first));
    }
    pass(c, c->n_first);
}

static void break_off(struct coding *c)
{
    c->bad = true;
    c->anew = c->gave && !c->long_good && c->label != CODING_ALONE;
    pass(c, c->long_good ? 0 : c->sent.len);
}

/* Takes the bytes that decide. */
static enum coding_next run_deciding(struct coding *c, struct bytes *in, bool last)
{
    enum decision decision = UNDECIDED;

    while (decision == UNDECIDED && in->len) {
        c->first[c->n_first++] = in->p[0];
        remember(c, bytes_slice(*in, 0, 1));
        *in = bytes_from(*in, 1);
        decision = decide(c);
    }
    if (decision == UNDECIDED && !last)
        return CODING_MORE;
    if (decision == IS_CODED) {
        c->state = RUNNING;
        c->again = false;
        c->n_fed = 0;
        return CODING_ROOM;
    }
    /* Between two members the end is a good end. */
    c->bad |= !c->again && c->label != CODING_UNLABELLED && c->n_first > 0;
    pass_first(c);
    return CODING_ROOM;
}

static enum coding_next run_engine(struct coding *c, struct bytes *in, bool last, uint8_t *out, size_t room,
                                   size_t *n)
{
    bool early = c->n_fed < c->n_first;
    struct bytes from = early ? bytes_of(c->first + c->n_fed, c->n_first - c->n_fed) : *in;
    size_t used;
    enum outcome outcome = engine_run(c, from, out, room, &used, n);

    c->gave |= *n > 0;
    if (early) {
        c->n_fed += (unsigned)used;
    } else {
        remember(c, bytes_slice(*in, 0, used));
        *in = bytes_from(*in, used);
    }
    if (outcome == ENDED && !early && c->label == CODING_ALONE) {
        pass(c, 0);
        return CODING_ROOM;
    }
    if (outcome == ENDED && !early) {
        c->state = DECIDING;
        c->again = true;
        c->n_first = 0;
        return CODING_ROOM;
    }
    /* A text that ends within its first bytes is an accident, and one that stands still will not move again.
     */
    if (outcome != GOES_ON || (used == 0 && *n == 0 && (from.len || last))) {
        break_off(c);
        return CODING_ROOM;
    }
    return early || in->len || *n == room || last ? CODING_ROOM : CODING_MORE;
}

static enum coding_next run_passing(struct coding *c, struct bytes *in, uint8_t *out, size_t room, size_t *n)
{
    struct bytes waiting = bytes_from(buf_bytes(&c->sent), c->sent.len - c->waiting), part;

    if (c->anew) {
        c->anew = false;
        return CODING_ANEW;
    }
    if (c->waiting) {
        part = bytes_slice(waiting, 0, room);
        c->waiting -= part.len;
    } else {
        part = bytes_slice(*in, 0, room);
        *in = bytes_from(*in, part.len);
    }
    if (part.len)
        memcpy(out, part.p, part.len);
    *n = part.len;
    if (c->waiting == 0)
        buf_drop(&c->sent);
    return c->waiting || in->len ? CODING_ROOM : CODING_MORE;
}

enum coding_next coding_run(struct coding *c, struct bytes *in, bool last, uint8_t *out, size_t room,
                            size_t *n)
{
    *n = 0;
    if (c->state == DECIDING)
        return run_deciding(c, in, last);
    if (c->state == RUNNING)
        return run_engine(c, in, last, out, room, n);
    return run_passing(c, in, out, room, n);
}

void coding_reset(struct coding *c)
{
    c->state = DECIDING;
    c->n_first = c->n_fed = 0;
    c->bad = c->gave = false;
}

bool coding_is_open(const struct coding *c)
{
    return c->state == RUNNING;
}

bool coding_is_plain(const struct coding *c)
{
    return c->state == PASSING && c->waiting == 0 && !c->anew;
}

bool coding_is_bad(const struct coding *c)
{
    return c->bad;
}

bool coding_is_refused(const struct coding *c)
{
    return c->refused;
}
