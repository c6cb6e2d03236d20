/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/count.h"
#include "output/ldap_records.h"
#include "support/json.h"

#include <stdio.h>
#include <stdlib.h>

#define T0 UINT64_C(1639130400000000)

struct setting {
    struct eve eve;
    struct config *config;
    struct ldap_records *records;
    char told[4096]; /* "1:search_request>search_result_done ": id, request, answers of each line */
    char *last;      /* the latest line */
    uint64_t ts_us, packet, flow_id;
    unsigned n;
};

static struct flow flow;
static uint64_t packet;

static void add_word(struct setting *t, const char *before, struct bytes word)
{
    size_t len = strlen(t->told);

    if (word.len > 2)
        snprintf(t->told + len, sizeof t->told - len, "%s%.*s", before, (int)word.len - 2, word.p + 1);
}

static void on_line(void *arg, struct bytes line, uint64_t ts_us, uint64_t at, uint64_t flow_id)
{
    struct setting *t = arg;
    struct bytes text = bytes_slice(line, 0, line.len - 1);
    size_t from = 0, found;
    const char *before = ">";

    assert_int_equal(line.p[line.len - 1], '\n');
    assert_true(line.len <= t->config->eve_max_event_size);
    assert_true(json_valid(text));
    assert_json(text, "event_type", "\"ldap\"");
    t->ts_us = ts_us;
    t->packet = at;
    t->flow_id = flow_id;
    t->n++;
    free(t->last);
    t->last = strndup((const char *)text.p, text.len);
    add_word(t, " ", json_get(text, "ldap.request.operation"));
    text = json_get(text, "ldap.responses");
    while ((found = bytes_find(bytes_from(text, from), BYTES_LIT("{\"operation\":"))) != BYTES_NONE) {
        struct bytes word = bytes_from(text, from + found + 13);

        add_word(t, before, bytes_slice(word, 0, bytes_find_byte(bytes_from(word, 1), '"') + 2));
        before = ",";
        from += found + 13;
    }
}

static void begin(struct setting *t)
{
    ldap_records_free(t->records);
    t->records = ldap_records_new(&t->eve, on_line, t);
    assert_non_null(t->records);
    t->told[0] = '\0';
    t->n = 0;
    count_reset();
}

static int setup(void **state)
{
    static struct setting t;

    t = (struct setting){.config = config_new()};
    if (!t.config)
        return -1;
    t.eve = (struct eve){.config = t.config, .offline = true};
    flow = (struct flow){
        .id = 77, .proto = PROTO_TCP, .last_us = T0 + 99, .end = {{.port = 40000}, {.port = 1389}}};
    assert_true(addr_parse(bytes_str("10.0.0.1"), &flow.end[0].addr) &&
                addr_parse(bytes_str("203.0.113.9"), &flow.end[1].addr));
    packet = 0;
    begin(&t);
    *state = &t;
    return 0;
}

static int teardown(void **state)
{
    struct setting *t = *state;

    ldap_records_free(t->records);
    free(t->last);
    config_free(t->config);
    return 0;
}

static void message(struct setting *t, uint8_t id, struct attrs *attrs)
{
    uint8_t pdu[] = {0x30, 0x03, 0x02, 0x01, id};
    struct chunk chunk = {.flow = &flow, .ts_us = T0 + packet, .packet = packet};
    struct field field = {.kind = FIELD_FACT,
                          .app_proto = "ldap",
                          .value = bytes_of(pdu, sizeof pdu),
                          .chunk = &chunk,
                          .attrs = attrs};

    packet++;
    ldap_records_field(t->records, &field);
}

static void asks(struct setting *t, uint8_t id, const char *operation, struct bytes dn)
{
    struct attrs a = {.n = 0};

    attrs_add(&a, ATTR_LDAP_REQUEST_OPERATION, bytes_str(operation));
    attrs_add(&a, ATTR_LDAP_REQUEST_DN, dn);
    message(t, id, &a);
}

static void answers(struct setting *t, uint8_t id, const char *operation, struct bytes dn)
{
    struct attrs a = {.n = 0};

    attrs_add(&a, ATTR_LDAP_RESPONSES_OPERATION, bytes_str(operation));
    attrs_add(&a, ATTR_LDAP_RESPONSES_DN, dn);
    if (strcmp(operation, "search_result_entry") == 0)
        attrs_add(&a, ATTR_LDAP_RESPONSES_ATTRIBUTE_TYPE, BYTES_LIT("javaFactory"));
    else
        attrs_add(&a, ATTR_LDAP_RESPONSES_RESULT_CODE, BYTES_LIT("success"));
    message(t, id, &a);
}

#define SEARCH(t, id)     asks(t, id, "search_request", BYTES_LIT("cn=a"))
#define ENTRY(t, id)      answers(t, id, "search_result_entry", BYTES_LIT("cn=a"))
#define DONE(t, id)       answers(t, id, "search_result_done", BYTES_LIT(""))
#define LINE(t)           bytes_str((t)->last)
#define NOTHING_WAITS(t)  assert_int_equal(ldap_records_n((t)->records), 0)
#define TOLD(t, expected) assert_string_equal((t)->told, expected)
#define WHOLE             " search_request>search_result_entry,search_result_done"

static void one_line_for_a_request_and_its_answers(void **state)
{
    struct setting *t = *state;

    asks(t, 1, "bind_request", BYTES_LIT(""));
    TOLD(t, "");
    answers(t, 1, "bind_response", BYTES_LIT(""));
    TOLD(t, " bind_request>bind_response");
    NOTHING_WAITS(t);
    SEARCH(t, 2);
    ENTRY(t, 2);
    DONE(t, 2);
    TOLD(t, " bind_request>bind_response" WHOLE);
    /* At the place of the last answer, from the client's side. */
    assert_int_equal(t->packet, 4);
    assert_int_equal(t->ts_us, T0 + 4);
    assert_int_equal(t->flow_id, 77);
    assert_json(LINE(t), "pcap_cnt", "4");
    assert_json(LINE(t), "src_ip", "\"10.0.0.1\"");
    assert_json(LINE(t), "ldap.request.message_id", "2");
    assert_json(LINE(t), "ldap.request.search_request.base_object", "\"cn=a\"");
    NOTHING_WAITS(t);
}

static void answers_come_mixed(void **state)
{
    struct setting *t = *state;

    SEARCH(t, 2);
    asks(t, 3, "compare_request", BYTES_LIT("cn=b"));
    ENTRY(t, 2);
    answers(t, 3, "compare_response", BYTES_LIT(""));
    TOLD(t, " compare_request>compare_response");
    assert_json(LINE(t), "ldap.request.message_id", "3");
    DONE(t, 2);
    TOLD(t, " compare_request>compare_response" WHOLE);
    assert_json(LINE(t), "ldap.request.message_id", "2");
    NOTHING_WAITS(t);
}

static void what_nobody_answers(void **state)
{
    struct setting *t = *state;

    asks(t, 4, "unbind_request", BYTES_LIT(""));
    TOLD(t, " unbind_request");
    begin(t);
    SEARCH(t, 2);
    asks(t, 3, "abandon_request", BYTES_LIT(""));
    TOLD(t, " abandon_request");
    ldap_records_flow_end(t->records, &flow);
    TOLD(t, " abandon_request search_request");
    assert_int_equal(t->ts_us, T0 + 99);
    assert_no_json(LINE(t), "ldap.responses");
    NOTHING_WAITS(t);
    ldap_records_flow_end(t->records, &flow); /* nothing is left */
    assert_int_equal(t->n, 2);
    assert_int_equal(counters[COUNT_OUTPUT_LDAP_EARLY], 0);
}

static void answers_to_what_was_not_seen(void **state)
{
    struct setting *t = *state;

    answers(t, 0, "extended_response", BYTES_LIT("")); /* notice of disconnection */
    TOLD(t, ">extended_response");
    begin(t);
    ENTRY(t, 2);
    answers(t, 2, "search_result_reference", BYTES_LIT(""));
    TOLD(t, "");
    DONE(t, 2);
    TOLD(t, ">search_result_entry,search_result_reference,search_result_done");
    assert_no_json(LINE(t), "ldap.request");
}

static void a_number_used_again(void **state)
{
    struct setting *t = *state;

    SEARCH(t, 2);
    ENTRY(t, 2);
    SEARCH(t, 2);
    TOLD(t, " search_request>search_result_entry");
    assert_int_equal(counters[COUNT_OUTPUT_LDAP_EARLY], 1);
    DONE(t, 2);
    TOLD(t, " search_request>search_result_entry search_request>search_result_done");
}

static void a_flow_has_its_ceiling(void **state)
{
    struct setting *t = *state;

    for (uint8_t id = 1; id <= LDAP_RECORDS_OPEN + 3; id++)
        SEARCH(t, id);
    assert_int_equal(t->n, 3);
    assert_json(LINE(t), "ldap.request.message_id", "3");
    assert_json(LINE(t), "pcap_cnt", "2"); /* its own packet, whoever made it go */
    assert_int_equal(t->packet, LDAP_RECORDS_OPEN + 2);
    assert_int_equal(counters[COUNT_OUTPUT_LDAP_EARLY], 3);
    ldap_records_flow_end(t->records, &flow);
    assert_int_equal(t->n, LDAP_RECORDS_OPEN + 3);
}

/* Flows without end, each with something that waits: no line is lost, and the memory stays. */
static void all_have_a_ceiling(void **state)
{
    struct setting *t = *state;
    size_t most = 0;

    t->config->eve_ldap_memcap = 64 * 1024;
    begin(t);
    for (unsigned n = 0; n < 1000; n++) {
        flow.id = n + 1;
        SEARCH(t, 1);
        ENTRY(t, 1);
        if (ldap_records_n(t->records) > most)
            most = ldap_records_n(t->records);
    }
    assert_in_range(most, 16, 200);
    assert_int_equal(t->n + ldap_records_n(t->records), 1000);
    assert_int_equal(counters[COUNT_OUTPUT_LDAP_EARLY], t->n);
    for (unsigned n = 0; n < 1000; n++) {
        flow.id = n + 1;
        ldap_records_flow_end(t->records, &flow);
    }
    assert_int_equal(t->n, 1000);
    NOTHING_WAITS(t);
}

/* More than a line holds: the end is there, and so is the request. */
static void long_lists(void **state)
{
    struct setting *t = *state;
    uint8_t long_name[4000];

    memset(long_name, 0xff, sizeof long_name); /* each four bytes in JSON */
    t->config->eve_max_event_size = 2048;
    for (unsigned size = 0; size < 2; size++) {
        begin(t);
        asks(t, 2, "search_request", bytes_of(long_name, size ? sizeof long_name : 10));
        for (unsigned n = 0; n < 100; n++)
            answers(t, 2, "search_result_entry", bytes_of(long_name, n < 50 ? 10 : sizeof long_name));
        answers(t, 2, "search_result_done", bytes_of(long_name, size ? sizeof long_name : 10));
        assert_int_equal(t->n, 1);
        assert_true(counters[COUNT_OUTPUT_CUT] >= 90);
        assert_json(LINE(t), "ldap.request.operation", "\"search_request\"");
        assert_true(strstr(t->told, ",search_result_done") != NULL);
        NOTHING_WAITS(t);
    }
}

static void other_facts_are_passed_over(void **state)
{
    struct setting *t = *state;
    struct attrs a = {.n = 0};

    attrs_add(&a, ATTR_FLOW_OPENING, BYTES_LIT("ldap"));
    message(t, 1, &a);
    NOTHING_WAITS(t);
    assert_int_equal(t->n, 0);
}

int main(void)
{
#define with_records(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        with_records(one_line_for_a_request_and_its_answers),
        with_records(answers_come_mixed),
        with_records(what_nobody_answers),
        with_records(answers_to_what_was_not_seen),
        with_records(a_number_used_again),
        with_records(a_flow_has_its_ceiling),
        with_records(all_have_a_ceiling),
        with_records(long_lists),
        with_records(other_facts_are_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
