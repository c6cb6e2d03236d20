/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "channel/record.h"
#include "support/sample.h"

#include <stdlib.h>

static void comes_back_as_it_went(void **state)
{
    struct sample s;
    const struct record_head *h;

    (void)state;
    sample_lookup(&s);
    s.flow.n_vlans = 2;
    s.flow.vlans[0] = 10;
    s.flow.vlans[1] = 20;
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    h = &s.record.head;
    assert_int_equal(h->sid, 1442200);
    assert_int_equal(h->packet, 4);
    assert_int_equal(h->ts_us, s.chunk.ts_us);
    assert_int_equal(h->flow_first_us, s.flow.first_us);
    assert_int_equal(h->packets[0], 3);
    assert_int_equal(h->bytes[1], 40);
    assert_true(addr_eq(&h->addr[1], &s.flow.end[1].addr));
    assert_int_equal(h->n_vlans, 2);
    assert_int_equal(h->vlans[1], 20);
    assert_int_equal(h->http_status, 200);
    assert_int_equal(h->depth, 2);
    assert_int_equal(s.record.attrs.n, s.attrs.n);
    assert_false(s.record.attrs.cut);
    for (unsigned i = 0; i < s.attrs.n; i++) {
        assert_int_equal(s.record.attrs.v[i].id, s.attrs.v[i].id);
        assert_true(bytes_eq(s.record.attrs.v[i].value, s.attrs.v[i].value));
    }
    assert_true(bytes_eq(s.record.item[RECORD_PAYLOAD], s.finding.payload));
    assert_true(bytes_eq(s.record.item[RECORD_RAW], BYTES_LIT(SAMPLE_RAW)));
    assert_true(bytes_eq(s.record.item[RECORD_FIELD_NAME], BYTES_LIT("X-Api")));
    assert_true(bytes_eq(s.record.item[RECORD_LOCATION], BYTES_LIT("http.request_header")));
    assert_true(bytes_eq(s.record.item[RECORD_HTTP_USER_AGENT], BYTES_LIT("curl/7.88")));
    assert_null(s.record.item[RECORD_HTTP_REFERER].p);
    assert_null(s.record.item[RECORD_INEFFECTIVE].p);
    sample_drop(&s);
}

static void no_cut_is_a_record(void **state)
{
    struct sample s;
    struct record r;

    (void)state;
    sample_lookup(&s);
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    for (size_t cut = 0; cut < s.bytes.len; cut++) {
        uint8_t *exact = memcpy(malloc(cut + !cut), s.bytes.p, cut);

        assert_false(record_read(bytes_of(exact, cut), &r));
        if (cut >=
            sizeof(uint32_t)) { /* once more with a size that agrees: only item borders are whole then */
            uint32_t size = (uint32_t)cut;

            memcpy(exact, &size, sizeof size);
            if (record_read(bytes_of(exact, cut), &r))
                assert_true(cut >= sizeof(struct record_head));
        }
        free(exact);
    }
    sample_drop(&s);
}

/* Changes one number of a good record; says whether it is still one. */
static bool reads_with(size_t at, const void *value, size_t len)
{
    struct sample s;
    struct record r;
    bool ok;

    sample_lookup(&s);
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    memcpy(s.bytes.p + at, value, len);
    ok = record_read(buf_bytes(&s.bytes), &r);
    sample_drop(&s);
    return ok;
}

#define HEAD(member) offsetof(struct record_head, member)

static void trusts_no_number(void **state)
{
    static const struct {
        size_t at;
        uint8_t value[4], len;
    } lies[] = {
        {HEAD(size), {1, 0, 0, 0}, 4},
        {HEAD(size), {255, 255, 255, 255}, 4},
        {HEAD(version), {99, 0}, 2},
        {HEAD(kind), {7, 0}, 2},
        {HEAD(n_vlans), {PACKET_MAX_VLANS + 1}, 1},
        {HEAD(proto), {1}, 1},
        {HEAD(client), {2}, 1},
        {HEAD(packet_side), {2}, 1},
        {HEAD(confidence), {101, 0, 0, 0}, 4},
        {HEAD(http_status), {0, 16, 0, 0}, 4},
        {HEAD(has_http), {2, 0, 0, 0}, 4},
        {HEAD(addr) + offsetof(struct addr, version), {5}, 1},
        {HEAD(addr) + offsetof(struct addr, version), {6}, 1},
        {HEAD(addr) + 15, {1}, 1}, /* IPv4 has zeros there: equality of addresses stands on it */
        {HEAD(flow_id) + 7, {1}, 1},
        {sizeof(struct record_head), {0, 0}, 2},                      /* no such tag */
        {sizeof(struct record_head), {RECORD_TAG_N, 0}, 2},           /* no such tag */
        {sizeof(struct record_head), {RECORD_ATTR, 0, ATTR_N, 0}, 4}, /* no such attr */
        {sizeof(struct record_head) + 2, {1, 0}, 2},                  /* an attr where none belongs */
        {sizeof(struct record_head) + 4, {255, 255, 255, 255}, 4},    /* longer than the record */
        {sizeof(struct record_head), {RECORD_FIELD_NAME, 0}, 2},      /* the same item twice */
    };

    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++)
        if (reads_with(lies[i].at, lies[i].value, lies[i].len))
            fail_msg("lie %zu was believed", i);
    assert_true(reads_with(HEAD(packet_side), "\0", 1));
}

static void the_biggest_finding_is_a_record(void **state)
{
    static uint8_t big[200000];
    struct bytes all = bytes_of(big, sizeof big);
    struct sample s;

    (void)state;
    memset(big, 'x', sizeof big);
    sample_lookup(&s);
    s.attrs.n = 1;
    while (!s.attrs.cut)
        attrs_add(&s.attrs, ATTR_JAVA_CLASS, all);
    s.field.name = s.http.method = s.http.url = s.http.host = s.http.user_agent = s.http.referer = all;
    s.http.protocol = s.http.response_content_type = all;
    s.finding.payload = s.finding.decoded = all;
    s.finding.raw = bytes_slice(all, 100000, 150000);
    s.finding.ineffective = s.finding.versions = SAMPLE_PAYLOAD;
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    assert_true(s.bytes.len <= RECORD_MAX);
    assert_int_equal(s.record.attrs.n, ATTRS_MAX);
    assert_true(s.record.attrs.cut);
    assert_true(bytes_eq(s.record.attrs.v[0].value, BYTES_LIT("lookup"))); /* short ones stay whole */
    assert_true(s.record.attrs.v[ATTRS_MAX - 1].value.len > 100);
    assert_true(s.record.item[RECORD_PAYLOAD].len >= 4096);
    sample_drop(&s);
}

static void says_no_when_there_is_no_room(void **state)
{
    struct sample s;
    struct buf small;
    size_t whole;

    (void)state;
    sample_lookup(&s);
    assert_true(sample_seal(&s, STAGE_LOOKUP));
    whole = s.bytes.len;
    for (size_t ceiling = 0; ceiling <= whole + 3; ceiling += 7) {
        small = buf_within(ceiling + 2);
        assert_true(buf_add_str(&small, "ab"));
        assert_int_equal(record_write(&small, &s.finding, RECORD_MAX), ceiling >= whole);
        assert_int_equal(small.len, 2 + (ceiling >= whole ? whole : 0)); /* nothing was added, or all */
        assert_memory_equal(small.p, "ab", 2);
        buf_drop(&small);
    }
    sample_drop(&s);
}

static void the_payload_is_cut_around_the_lookup(void **state)
{
    static uint8_t big[50000];
    struct sample s;
    struct record r;

    (void)state;
    memset(big, '.', sizeof big);
    memcpy(big + 40000, SAMPLE_RAW, sizeof SAMPLE_RAW - 1);
    sample_lookup(&s);
    s.finding.payload = bytes_of(big, sizeof big);
    s.finding.raw = bytes_of(big + 40000, sizeof SAMPLE_RAW - 1);
    assert_true(record_write(&s.bytes, &s.finding, 2048));
    assert_true(record_read(buf_bytes(&s.bytes), &r));
    assert_int_equal(r.item[RECORD_PAYLOAD].len, 2048);
    assert_int_equal(bytes_find(r.item[RECORD_PAYLOAD], BYTES_LIT(SAMPLE_RAW)), 512);
    sample_drop(&s);
}

static void windows_lie_inside(void **state)
{
    static const uint8_t text[100];
    struct bytes b = bytes_of(text, sizeof text), w;

    (void)state;
    for (size_t at = 0; at <= 130; at++)
        for (size_t n = 0; n <= 110; n++) {
            w = record_window(b, at, n);
            assert_int_equal(w.len, n < 100 ? n : 100);
            assert_true(w.p >= text && w.p + w.len <= text + sizeof text);
            if (n >= 4 && at < 100)
                assert_true(w.p <= text + at && text + at < w.p + w.len);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_went),
        cmocka_unit_test(no_cut_is_a_record),
        cmocka_unit_test(trusts_no_number),
        cmocka_unit_test(the_biggest_finding_is_a_record),
        cmocka_unit_test(says_no_when_there_is_no_room),
        cmocka_unit_test(the_payload_is_cut_around_the_lookup),
        cmocka_unit_test(windows_lie_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
