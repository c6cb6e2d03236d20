/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_coding.h"

#include <stdlib.h>
#include <zlib.h>

struct http_decoder {
    z_stream z;
    bool open;             /* z is at work */
    bool initialised;      /* z has memory to give back */
    bool again;            /* a stream has ended: another gzip member may follow (RFC 1952 2.2) */
    uint8_t first[2];      /* what decides which decoder there is */
    unsigned n_first, fed; /* bytes of first that are here, and those that z took */
    uint64_t limit, ratio, n_in, n_out;
    struct buf sent; /* the first bytes, as long as the coding is in doubt */
    bool long_good;  /* more than HTTP_DECODE_HELD bytes were good */
};

static unsigned n_decoders;

struct http_decoder *http_decoder_new(uint64_t limit, uint64_t ratio)
{
    struct http_decoder *d = n_decoders < HTTP_DECODERS_MAX ? calloc(1, sizeof *d) : NULL;

    if (!d)
        return NULL;
    n_decoders++;
    d->limit = limit;
    d->ratio = ratio;
    d->sent = buf_within(HTTP_DECODE_HELD);
    return d;
}

void http_decoder_free(struct http_decoder *d)
{
    if (!d)
        return;
    if (d->initialised)
        (void)inflateEnd(&d->z);
    buf_drop(&d->sent);
    free(d);
    n_decoders--;
}

/* gzip (RFC 1952 2.3.1) and zlib (RFC 1950 2.2) say so in two bytes; anything else may be raw deflate. */
static int window_bits(const uint8_t first[2])
{
    if (first[0] == 0x1f && first[1] == 0x8b)
        return 15 + 16;
    if ((first[0] & 0x0f) == 8 && (first[0] >> 4) <= 7 && (first[0] << 8 | first[1]) % 31 == 0)
        return 15;
    return -15;
}

static bool is_gzip(const uint8_t first[2])
{
    return window_bits(first) > 15;
}

static bool decoder_open(struct http_decoder *d)
{
    if (d->initialised)
        d->open = inflateReset2(&d->z, window_bits(d->first)) == Z_OK;
    else
        d->open = d->initialised = inflateInit2(&d->z, window_bits(d->first)) == Z_OK;
    return d->open;
}

/* Runs zlib over in; *used bytes of it were taken, *n came out. */
static int decoder_run(struct http_decoder *d, struct bytes in, uint8_t *out, size_t room, size_t *used,
                       size_t *n)
{
    int result;

    d->z.next_in = (z_const Bytef *)in.p;
    d->z.avail_in = (uInt)(in.len < INT32_MAX ? in.len : INT32_MAX);
    d->z.next_out = out;
    d->z.avail_out = (uInt)(room < INT32_MAX ? room : INT32_MAX);
    result = inflate(&d->z, Z_NO_FLUSH);
    *used = (size_t)((const uint8_t *)d->z.next_in - in.p);
    *n = (size_t)(d->z.next_out - out);
    d->n_in += *used;
    d->n_out += *n;
    return result;
}

/* How many more bytes may come out after n_in bytes of input went in. */
static uint64_t decoder_allowance(const struct http_decoder *d, uint64_t n_in)
{
    uint64_t most = n_in > UINT64_MAX / d->ratio ? UINT64_MAX : n_in * d->ratio;

    if (most < HTTP_DECODE_FREE)
        most = HTTP_DECODE_FREE;
    if (most > d->limit)
        most = d->limit;
    return most > d->n_out ? most - d->n_out : 0;
}

/* Remembers what is being taken, as long as it may have to be judged as sent. */
static void decoder_remember(struct http_decoder *d, struct bytes taken)
{
    if (d->long_good)
        return;
    if (!buf_add(&d->sent, taken)) {
        buf_drop(&d->sent);
        d->long_good = true;
    }
}

struct bytes http_decoder_sent(const struct http_decoder *d)
{
    return d->again ? bytes_of(d->first, d->n_first) : buf_bytes(&d->sent);
}

/* Waits for the two bytes that decide. */
static enum http_decoded decoder_begin(struct http_decoder *d, struct bytes *in)
{
    while (d->n_first < 2 && in->len) {
        d->first[d->n_first++] = in->p[0];
        decoder_remember(d, bytes_slice(*in, 0, 1));
        *in = bytes_from(*in, 1);
    }
    if (d->n_first < 2)
        return HTTP_DECODED_MORE;
    if (d->again && !is_gzip(d->first))
        return HTTP_DECODED_PLAIN;
    d->again = false;
    d->fed = 0;
    return decoder_open(d) ? HTTP_DECODED_ROOM : HTTP_DECODED_BAD;
}

/* The two bytes first, then what is behind them. */
static int decoder_step(struct http_decoder *d, struct bytes *in, uint8_t *out, size_t room, size_t *n)
{
    size_t used;
    int result;

    if (d->fed < d->n_first) {
        result = decoder_run(d, bytes_of(d->first + d->fed, d->n_first - d->fed), out, room, &used, n);
        d->fed += (unsigned)used;
        return result;
    }
    result = decoder_run(d, *in, out, room, &used, n);
    decoder_remember(d, bytes_slice(*in, 0, used));
    *in = bytes_from(*in, used);
    return result;
}

enum http_decoded http_decode(struct http_decoder *d, struct bytes *in, uint8_t *out, size_t room, size_t *n)
{
    enum http_decoded begun;
    bool early;
    unsigned fed;
    uint64_t allowed;
    int result;

    *n = 0;
    if (!d->open) {
        begun = decoder_begin(d, in);
        if (begun != HTTP_DECODED_ROOM)
            return begun;
    }
    /* Counted by what is here, not by what zlib took: it may take a byte and owe much output. */
    allowed = decoder_allowance(d, d->n_in + in->len);
    if (allowed == 0)
        return HTTP_DECODED_BOMB;
    if (room > allowed)
        room = (size_t)allowed;
    fed = d->fed;
    early = fed < d->n_first;
    result = decoder_step(d, in, out, room, n);
    if (result == Z_STREAM_END && !early) {
        d->open = false;
        d->again = true;
        d->n_first = 0;
        return HTTP_DECODED_ROOM;
    }
    if (result != Z_OK && result != Z_BUF_ERROR)
        return HTTP_DECODED_BAD; /* a stream that ends within its first two bytes is an accident as well */
    if (early && *n == 0 && d->fed == fed)
        return HTTP_DECODED_BAD; /* calling again would not help */
    return early || *n == room ? HTTP_DECODED_ROOM : HTTP_DECODED_MORE;
}

enum http_decoded http_decoder_close(const struct http_decoder *d)
{
    return d->again ? HTTP_DECODED_PLAIN : HTTP_DECODED_BAD;
}
