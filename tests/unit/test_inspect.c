/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/inspector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"
#include "inspect/hold.h"
#include "support/conversation.h"
#include "support/wire.h"

#define LOOKUP "${jndi:ldap://203.0.113.9/a}"

static struct transcript play_with(const struct config *config, uint8_t proto, const struct said *said,
                                   unsigned n)
{
    struct conversation c = {.said = said, .n = n, .proto = proto};
    struct transcript t;

    count_reset();
    conversation_play(&c, config, &t);
    assert_int_equal(holds_bytes(), 0);
    return t;
}

static struct transcript play(uint8_t proto, const struct said *said, unsigned n)
{
    struct config config = conversation_config();

    return play_with(&config, proto, said, n);
}

static void unknown_text_is_raw(void **state)
{
    struct said said[] = {{0, BYTES_LIT("(13) - vm root - - [x] login failed " LOOKUP "\n"), 0},
                          {1, BYTES_LIT("whatever the server says"), 0}};
    struct config config = conversation_config();
    struct transcript t = play(PROTO_TCP, said, 2);

    (void)state;
    assert_true(bytes_eq(buf_bytes(&t.raw[0]), said[0].data));
    assert_true(bytes_eq(buf_bytes(&t.raw[1]), said[1].data));
    assert_int_equal(counters[COUNT_INSPECT_RAW], 1);
    assert_int_equal(counters[COUNT_INSPECT_GAVE_UP], 0);
    transcript_drop(&t);
    conversation_assert_same_in_pieces(said, 2, &config);
}

static void raw_datagrams_stand_alone(void **state)
{
    struct said said[40];
    struct config config = conversation_config();
    struct transcript t;

    (void)state;
    config.raw_depth = 100; /* of a stream; datagrams go on for days */
    for (unsigned i = 0; i < 40; i++)
        said[i] = (struct said){0, BYTES_LIT("(13) - vm " LOOKUP), 0};
    t = play_with(&config, PROTO_UDP, said, 40);
    assert_int_equal(t.raw[0].len, 40 * said[0].data.len);
    assert_int_equal(counters[COUNT_INSPECT_SKIPPED_BYTES], 0);
    assert_int_equal(t.n_enough, 0);
    transcript_drop(&t);
}

static void depth_is_spent_and_counted(void **state)
{
    struct said said[] = {{0,
                           BYTES_LIT("\x01"
                                     "aaaaaaaaabbbbbbbbbb"),
                           0},
                          {0, BYTES_LIT("cccccccccc"), 0}};
    struct config config = conversation_config();
    struct transcript t;

    (void)state;
    config.raw_depth = 25;
    t = play_with(&config, PROTO_TCP, said, 2);
    assert_int_equal(t.raw[0].len, 25);
    assert_int_equal(counters[COUNT_INSPECT_SKIPPED_BYTES], 5);
    assert_true(t.end[0].unread_counts && t.end[0].unread == COUNT_INSPECT_SKIPPED_BYTES);
    assert_false(t.end[1].unread_counts);
    assert_int_equal(t.n_enough, 2); /* the chunk that went beyond, and the end */
    transcript_drop(&t);
}

static void no_depth_is_all(void **state)
{
    struct said said[200];
    struct config config = conversation_config();
    struct transcript t;

    (void)state;
    config.raw_depth = 0;
    for (unsigned i = 0; i < 200; i++)
        said[i] = (struct said){0, BYTES_LIT("\x01 a stream that goes on for days\n"), 0};
    t = play_with(&config, PROTO_TCP, said, 200);
    assert_int_equal(t.raw[0].len, 200 * said[0].data.len);
    assert_int_equal(counters[COUNT_INSPECT_SKIPPED_BYTES], 0);
    transcript_drop(&t);
}

static void switches_are_heeded(void **state)
{
    struct said said[] = {{0, wire_ldap_search, 0}, {1, wire_ldap_entry, 0}};
    struct config config = conversation_config();
    struct transcript t;

    (void)state;
    config.ldap = false;
    t = play_with(&config, PROTO_TCP, said, 2);
    assert_int_equal(t.text.len, 0);
    assert_true(bytes_eq(buf_bytes(&t.raw[1]), wire_ldap_entry));
    transcript_drop(&t);
    config.raw = false;
    t = play_with(&config, PROTO_TCP, said, 2);
    assert_int_equal(t.raw[1].len, 0);
    assert_int_equal(counters[COUNT_INSPECT_SKIPPED_BYTES], wire_ldap_search.len + wire_ldap_entry.len);
    transcript_drop(&t);
    said[0].data = BYTES_LIT("GET / HTTP/1.1\r\n\r\nno");
    said[1] = (struct said){0, BYTES_LIT("w \x01 something else\n"), 0};
    t = play_with(&config, PROTO_TCP, said, 2);
    assert_true(transcript_has(&t, "http.request_head"));
    assert_int_equal(t.raw[0].len, 0);
    assert_int_equal(counters[COUNT_INSPECT_SKIPPED_BYTES], 2 + said[1].data.len);
    transcript_drop(&t);
    said[0].data = wire_dns_txt_query;
    config.dns = false;
    t = play_with(&config, PROTO_UDP, said, 1);
    assert_int_equal(t.text.len, 0);
    transcript_drop(&t);
}

/* Counts once, knows the client from the content, and lets each side be first. */
static void either_side_may_be_first(void **state)
{
    struct said client_first[] = {{1, wire_ldap_search, 0}, {0, wire_ldap_entry, 0}};
    struct said server_first[] = {{0, wire_ldap_entry, 0}, {1, wire_ldap_search, 0}};
    struct transcript t = play(PROTO_TCP, client_first, 2);

    (void)state;
    assert_true(transcript_has(&t, "1 ldap ldap.search_base"));
    assert_int_equal(counters[COUNT_INSPECT_LDAP], 1);
    assert_int_equal(counters[COUNT_INSPECT_RAW], 0);
    transcript_drop(&t);
    t = play(PROTO_TCP, server_first, 2);
    assert_true(transcript_has(&t, "0 ldap fact #0 ldap.responses.operation=search_result_entry;"));
    assert_true(transcript_has(&t, "1 ldap ldap.search_base"));
    transcript_drop(&t);
}

/* A server's greeting that nobody knows does not hide what the client says, and the other way round. */
static void one_side_unknown(void **state)
{
    struct said said[] = {{1, BYTES_LIT("* middle of something " LOOKUP), 0},
                          {0, wire_ldap_search, 0},
                          {1, wire_ldap_entry, 0}};
    struct transcript t = play(PROTO_TCP, said, 3);

    (void)state;
    assert_true(transcript_raw_has(&t, 1, LOOKUP));
    assert_true(transcript_has(&t, "ldap.search_base #0 a\n"));
    assert_true(transcript_has(&t, "search_result_entry"));
    transcript_drop(&t);
}

/* A capture that begins inside a PDU: the rest of that is raw, the next segment is LDAP again. */
static void midstream_inside_a_message(void **state)
{
    struct said said[] = {
        {1, bytes_from(wire_ldap_entry, 50), 0}, {0, wire_ldap_search, 0}, {1, wire_ldap_done, 0}};
    struct said one_sided[] = {{1, bytes_from(wire_ldap_entry, 50), 0}, {1, wire_rmi_reference, 0}};
    struct transcript t = play(PROTO_TCP, said, 3);

    (void)state;
    assert_true(transcript_has(&t, "ldap.search_base"));
    assert_true(transcript_has(&t, "search_result_done"));
    assert_int_equal(counters[COUNT_INSPECT_LDAP], 1);
    transcript_drop(&t);
    t = play(PROTO_TCP, one_sided, 2);
    assert_true(transcript_has(&t, "jndi.stage=reference"));
    assert_int_equal(counters[COUNT_INSPECT_RMI], 1);
    transcript_drop(&t);
}

static void gap_while_unknown(void **state)
{
    struct said said[] = {{0, BYTES_LIT("JR"), 0}, {0, wire_ldap_search, 5}};
    struct transcript t = play(PROTO_TCP, said, 2);

    (void)state;
    assert_true(transcript_raw_has(&t, 0, "JR"));
    assert_true(transcript_has(&t, "ldap.search_base"));
    transcript_drop(&t);
}

/* What is held for recognition is not lost when the direction ends, or grows too long. */
static void held_bytes_go_raw(void **state)
{
    static uint8_t big[9000] = {0x2e, 0xe0}; /* could be DNS over TCP until it is too long */
    struct said ends[] = {{0, BYTES_LIT("JRM"), 0}};
    struct said grows[] = {{0, bytes_of(big, 4000), 0}, {0, bytes_of(big + 4000, 5000), 0}};
    struct transcript t = play(PROTO_TCP, ends, 1);

    (void)state;
    assert_true(bytes_eq(buf_bytes(&t.raw[0]), ends[0].data));
    transcript_drop(&t);
    t = play(PROTO_TCP, grows, 2);
    assert_true(bytes_eq(buf_bytes(&t.raw[0]), bytes_of(big, sizeof big)));
    transcript_drop(&t);
}

/* A first line beyond what is kept while nobody can say what it is: HTTP all the same, however it is cut. */
static void long_first_line_in_pieces(void **state)
{
    static const char begin[] = "GET /", end[] = LOOKUP " HTTP/1.1\r\nHost: a\r\n\r\n";
    static uint8_t request[sizeof begin + 9000 + sizeof end - 2];
    struct said said[] = {{0, bytes_of(request, sizeof request), 0}};
    static const size_t pieces[] = {0, 1, 1460, 8191, 8192, 8193};
    struct config config = conversation_config();

    (void)state;
    memset(request, 'a', sizeof request);
    memcpy(request, begin, sizeof begin - 1);
    memcpy(request + sizeof request - (sizeof end - 1), end, sizeof end - 1);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct conversation c = {.said = said, .n = 1, .proto = PROTO_TCP, .piece = pieces[i]};
        struct transcript t;

        count_reset();
        conversation_play(&c, &config, &t);
        assert_true(transcript_has(&t, "http.request_head"));
        assert_int_equal(t.raw[0].len, 0);
        assert_int_equal(counters[COUNT_INSPECT_HTTP], 1);
        assert_int_equal(holds_bytes(), 0);
        transcript_drop(&t);
    }
}

static void tls_when_both_say_hello(void **state)
{
    struct said said[] = {{0, wire_tls_client_hello, 0},
                          {1, wire_tls_server_hello, 0},
                          {0, BYTES_LIT("\x17\x03\x03\x00\x10................"), 0}};
    struct transcript t = play(PROTO_TCP, said, 3);

    (void)state;
    assert_true(bytes_eq(buf_bytes(&t.raw[0]), wire_tls_client_hello)); /* a name in it may hold a lookup */
    assert_true(bytes_eq(buf_bytes(&t.raw[1]), wire_tls_server_hello));
    assert_int_equal(counters[COUNT_INSPECT_TLS], 1);
    assert_int_equal(counters[COUNT_INSPECT_TLS_BYTES], wire_tls_server_hello.len + 21);
    assert_int_equal(counters[COUNT_INSPECT_RAW], 0);
    for (unsigned side = 0; side < 2; side++)
        assert_true(t.end[side].unread_counts && t.end[side].unread == COUNT_INSPECT_TLS_BYTES);
    assert_int_equal(t.n_enough, 4);
    transcript_drop(&t);
}

/* A false hello to a server that speaks in clear must not switch the sensor off. */
static void false_hello(void **state)
{
    struct said said[] = {
        {0, wire_tls_client_hello, 0}, {1, BYTES_LIT("500 what?\r\n"), 0}, {0, BYTES_LIT("log " LOOKUP), 0}};
    struct said both_clients[] = {
        {0, wire_tls_client_hello, 0}, {1, wire_tls_client_hello, 0}, {0, BYTES_LIT("log " LOOKUP), 0}};
    struct transcript t = play(PROTO_TCP, said, 3);

    (void)state;
    assert_true(transcript_raw_has(&t, 0, LOOKUP));
    transcript_drop(&t);
    t = play(PROTO_TCP, both_clients, 3);
    assert_true(transcript_raw_has(&t, 0, LOOKUP));
    transcript_drop(&t);
}

/* STARTTLS: the parser leaves, nothing being wrong, both sides say hello, nothing is read any more. */
static void tls_inside_ldap(void **state)
{
    struct said said[] = {{0, wire_ldap_bind, 0},
                          {1, wire_ldap_bind_ok, 0},
                          {0, wire_tls_client_hello, 0},
                          {1, wire_tls_server_hello, 0},
                          {0, BYTES_LIT("\x17\x03\x03\x00\x10................"), 0}};
    struct transcript t = play(PROTO_TCP, said, 5);

    (void)state;
    assert_int_equal(counters[COUNT_INSPECT_TLS], 1);
    assert_int_equal(counters[COUNT_INSPECT_GAVE_UP], 0);
    assert_int_equal(t.n_enough, 4);
    transcript_drop(&t);
}

static void memory_short_for_holds(void **state)
{
    struct config config = conversation_config();
    struct said said[] = {{0, wire_ldap_search, 0}, {1, wire_ldap_serialized, 0}};
    struct conversation c = {.said = said, .n = 2, .proto = PROTO_TCP, .piece = 100};
    struct transcript t;

    (void)state;
    count_reset();
    config.stream_memcap = 600; /* a quarter of it for holds: less than the entry */
    conversation_play(&c, &config, &t);
    assert_true(counters[COUNT_INSPECT_MEMORY] > 0);
    assert_true(transcript_raw_has(&t, 1, "ArrayList")); /* raw, without lookback */
    assert_int_equal(holds_bytes(), 0);
    transcript_drop(&t);
}

static struct buf fields;

static size_t note_field(void *arg, const struct field *f)
{
    (void)arg;
    if (f->kind == FIELD_RAW)
        assert_true(f->first && f->last && f->fresh == 0);
    buf_addf(&fields, "%s%s=%.*s;", f->chunk->alternative ? "other " : "", field_rows[f->kind].name,
             (int)f->value.len, (const char *)f->value.p);
    return 0;
}

/* Whatever the flow is at that moment, another version of some bytes is text of its own. */
static void alternatives_disturb_nobody(void **state)
{
    struct config config = conversation_config();
    struct inspect *i = inspect_new(&config, note_field, NULL);

    (void)state;
    for (unsigned raw = 0; raw < 2; raw++) {
        struct flow flow = {.id = 1, .proto = PROTO_TCP};
        struct bytes pieces[] = {BYTES_LIT("GET /a HT"), BYTES_LIT("TP/1.1\r\nHost: h\r\n\r\n")};

        fields = buf_within(65536);
        for (unsigned n = 0; n < 3; n++) {
            struct chunk other = {.flow = &flow, .data = BYTES_LIT("version"), .alternative = true};
            struct chunk next = {.flow = &flow, .begin = n == 0};

            config.raw = raw;
            assert_int_equal(inspect_chunk(i, &other), APPETITE_MORE);
            next.data = n < 2 ? pieces[n] : bytes_of(NULL, 0);
            next.end = n == 2;
            (void)inspect_chunk(i, &next);
        }
        assert_true(bytes_find(buf_bytes(&fields),
                               BYTES_LIT("http.request_head=GET /a HTTP/1.1\r\nHost: h")) != BYTES_NONE);
        assert_int_equal(bytes_find(buf_bytes(&fields), BYTES_LIT("other raw=version;")) != BYTES_NONE, raw);
        assert_int_equal(bytes_find(buf_bytes(&fields), BYTES_LIT(";raw=")), BYTES_NONE);
        inspect_flow_end(i, &flow);
        buf_drop(&fields);
    }
    inspect_free(i);
}

static void empty_flows(void **state)
{
    struct flow flow = {.id = 1, .proto = PROTO_TCP};
    struct chunk end = {.flow = &flow, .begin = true, .end = true};
    struct config config = conversation_config();
    struct inspect *i = inspect_new(&config, NULL, NULL); /* nothing may be given */

    (void)state;
    count_reset();
    assert_non_null(i);
    inspect_flow_end(i, &flow);
    (void)inspect_chunk(i, &end);
    inspect_flow_end(i, &flow);
    assert_null(flow.inspect_slot);
    assert_int_equal(counters[COUNT_INSPECT_RAW], 0);
    inspect_free(i);
}

/* What the client speaks is said once: for correlation, which waits for it where a callback is due. */
static void words_are_told(void **state)
{
    static const struct said ldap[] = {
        {0, BYTES_LIT("\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00"), 0}};
    static const struct said text[] = {{0, BYTES_LIT("good morning, and no protocol\n"), 0}};
    static const struct said greeted[] = {{1, BYTES_LIT("220 mail.example ESMTP ready\r\n"), 0},
                                          {0, BYTES_LIT("EHLO a.example\r\n"), 0}};
    struct said tls[] = {{0, wire_tls_client_hello, 0}, {1, wire_tls_server_hello, 0}};
    struct said nothing[] = {{0, {NULL, 0}, 0}, {1, BYTES_LIT("nobody has asked"), 0}};
    const struct {
        const struct said *said;
        unsigned n;
        const char *words;
    } rows[] = {
        {ldap, 1, "ldap"}, {text, 1, "failed"}, {greeted, 2, "smtp"}, {tls, 2, "tls"}, {nothing, 2, NULL}};
    struct config config = conversation_config();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct conversation c = {
            .said = rows[i].said, .n = rows[i].n, .proto = PROTO_TCP, .client_known = true};
        struct transcript t;

        conversation_play(&c, &config, &t);
        assert_int_equal(t.n_words, rows[i].words != NULL);
        if (rows[i].words)
            assert_string_equal(t.words, rows[i].words);
        transcript_drop(&t);
    }
}

/* Nobody knows who asked whom: a capture that began later, and text that says nothing of it. */
static void words_of_nobody(void **state)
{
    struct said text[] = {{0, BYTES_LIT("good morning, and no protocol\n"), 0}};
    struct transcript t = play(PROTO_TCP, text, 1);

    (void)state;
    assert_int_equal(t.n_words, 0);
    transcript_drop(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_text_is_raw),
        cmocka_unit_test(raw_datagrams_stand_alone),
        cmocka_unit_test(depth_is_spent_and_counted),
        cmocka_unit_test(no_depth_is_all),
        cmocka_unit_test(switches_are_heeded),
        cmocka_unit_test(either_side_may_be_first),
        cmocka_unit_test(one_side_unknown),
        cmocka_unit_test(midstream_inside_a_message),
        cmocka_unit_test(gap_while_unknown),
        cmocka_unit_test(held_bytes_go_raw),
        cmocka_unit_test(long_first_line_in_pieces),
        cmocka_unit_test(tls_when_both_say_hello),
        cmocka_unit_test(false_hello),
        cmocka_unit_test(tls_inside_ldap),
        cmocka_unit_test(memory_short_for_holds),
        cmocka_unit_test(alternatives_disturb_nobody),
        cmocka_unit_test(empty_flows),
        cmocka_unit_test(words_are_told),
        cmocka_unit_test(words_of_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
