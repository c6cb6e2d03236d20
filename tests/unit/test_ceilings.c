/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "support/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <malloc.h>
#include <cmocka.h>

/* Floods, against the smallest settings: what is held stays within them, what is lost is counted, and a
 * conversation that had begun before goes on after. */

enum { FLOOD = 60000 };

static size_t held_before;

/* AddressSanitizer has an allocator of its own, and counts for itself. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t held_now(void)
{
    return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes()
                                                   : mallinfo2().uordblks;
}

static int setup(void **state)
{
    (void)state;
    talk_clear();
    held_before = held_now();
    return 0;
}

/* What a flood made us allocate, at its highest. */
static size_t highest;

static void note_held(void)
{
    size_t held = held_now();

    if (held > held_before && held - held_before > highest)
        highest = held - held_before;
}

static struct packet stranger(uint32_t n, uint8_t flags, struct bytes payload)
{
    struct talk t = talk_new(4);
    uint8_t b[4] = {172, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};

    t.addr[0] = addr_v4(b);
    return talk_packet(&t, 0, flags, n * 7919, 1, payload);
}

static void flood(uint8_t flags, struct bytes payload, uint32_t beyond)
{
    highest = 0;
    for (uint32_t n = 0; n < FLOOD; n++) {
        struct packet p = stranger(n, flags, payload);

        p.tcp.seq += beyond;
        talk_send(p);
        talk_now_us -= 999;
        if (n % 512 == 0)
            note_held();
    }
}

/* The attack's first half before the flood, its second half after it. */
static struct talk half_an_attack(void)
{
    struct talk t = talk_new(4);

    talk_handshake(&t);
    talk_say(&t, 0, "${jndi:");
    return t;
}

static void assert_whole(struct talk *t)
{
    talk_say(t, 0, "ldap://x/a}");
    assert_true(talk_is(talk_heard(0), 0, "${jndi:ldap://x/a}"));
    assert_true(talk_adds_up);
}

static void floods_of_half_open_connections(void **state)
{
    static const uint8_t flags[] = {TH_FLAG_SYN, TH_FLAG_SYN | TH_FLAG_ACK, TH_FLAG_ACK,
                                    TH_FLAG_FIN | TH_FLAG_ACK, TH_FLAG_RST};

    (void)state;
    for (size_t i = 0; i < sizeof flags; i++) {
        struct talk t;

        setup(NULL);
        t = half_an_attack();
        flood(flags[i], bytes_of(NULL, 0), 0);
        assert_int_equal(counters[COUNT_FLOW_EVICTED], 0); /* nothing was lost */
        assert_true(counters[COUNT_FLOW_HALF_OPEN] > FLOOD / 2 || counters[COUNT_FLOW_HALF_OPEN] == 0);
        assert_true(highest < 65536);
        assert_whole(&t);
    }
}

static void flood_of_first_segments(void **state)
{
    struct talk t = half_an_attack();

    (void)state;
    flood(TH_FLAG_ACK, BYTES_LIT("GET /"), 0);
    assert_true(counters[COUNT_FLOW_EVICTED] > FLOOD / 2);
    assert_true(highest < talk_config.flow_memcap);
    assert_whole(&t);
}

/* Far more at once than libnids was started for, and again after all have ended. */
static void many_conversations(void **state)
{
    enum { MANY = 600 };
    static struct talk talks[MANY];

    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        setup(NULL);
        for (unsigned i = 0; i < MANY; i++) {
            talks[i] = talk_new(i % 2 ? 6 : 4);
            talk_handshake(&talks[i]);
            talk_say(&talks[i], 0, "${jndi:");
        }
        assert_int_equal(stream_n_flows(talk_stream), MANY);
        for (unsigned i = MANY; i-- > 0;) {
            struct talk late = talks[i];

            late.seq[0] += 4; /* waits for what is said next */
            talk_say(&late, 0, "://x/a}");
            talk_say(&talks[i], 0, "ldap");
        }
        assert_int_equal(counters[COUNT_STREAM_BYTES], MANY * strlen("${jndi:ldap://x/a}"));
        assert_int_equal(counters[COUNT_FLOW_EVICTED], 0);
        for (unsigned i = 0; talk_heard(i); i++)
            assert_true(talk_is(talk_heard(i), 0, "${jndi:ldap://x/a}"));
        assert_true(talk_adds_up);
    }
}

/* Each flow leaves something waiting behind a hole. */
static void flood_of_unfinished_segments(void **state)
{
    static char block[1000];
    struct talk t = half_an_attack();

    (void)state;
    memset(block, 'u', sizeof block - 1);
    for (uint32_t n = 0; n < FLOOD / 10; n++) {
        struct packet p = stranger(n, TH_FLAG_SYN, bytes_of(NULL, 0));

        talk_send(p);
        p.tcp.flags = TH_FLAG_ACK;
        p.tcp.seq += 100;
        p.payload = bytes_str(block);
        p.payload_len = (uint32_t)p.payload.len;
        talk_send(p);
        talk_now_us -= 1999;
        if (n % 64 == 0)
            note_held();
    }
    assert_in_range(highest, 100000, talk_config.stream_memcap + talk_config.flow_memcap);
    assert_true(counters[COUNT_STREAM_BYTES] >
                UINT64_C(999) * (FLOOD / 10 - 2000)); /* judged before it goes */
    assert_whole(&t);
}

static void flood_of_fragments(void **state)
{
    struct talk t = half_an_attack();

    (void)state;
    highest = 0;
    for (uint32_t n = 0; n < FLOOD; n++) {
        struct packet p = stranger(n, 0, BYTES_LIT("01234567"));

        p.src_port = p.dst_port = 0;
        p.fragment = p.more_fragments = true;
        p.fragment_id = n;
        p.fragment_offset = 8 * (n % 100);
        talk_send(p);
        talk_now_us -= 999;
        if (n % 512 == 0)
            note_held();
    }
    assert_in_range(highest, 100000, talk_config.defrag_memcap + 65536);
    assert_true(counters[COUNT_DEFRAG_EVICTED] > FLOOD / 2);
    assert_int_equal(counters[COUNT_DEFRAG_LOST_BYTES], 8 * counters[COUNT_DEFRAG_EVICTED]);
    assert_whole(&t);
}

/* Conflicts, which keep a copy, and anomalies, which keep a number, in every flow. */
static void flood_of_conflicts(void **state)
{
    struct talk t = half_an_attack();

    (void)state;
    highest = 0;
    for (uint32_t n = 0; n < FLOOD / 10; n++) {
        struct packet p = stranger(n, TH_FLAG_ACK, BYTES_LIT("abcdefgh"));

        talk_send(p);
        p.payload = BYTES_LIT("abcXefgh");
        talk_send(p);
        talk_now_us -= 1999;
        if (n % 64 == 0)
            note_held();
    }
    assert_true(counters[COUNT_STREAM_ANOMALIES] >= FLOOD / 10);
    assert_in_range(highest, 10000, talk_config.flow_memcap);
    assert_whole(&t);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(floods_of_half_open_connections), TEST(flood_of_first_segments), TEST(many_conversations),
        TEST(flood_of_unfinished_segments),    TEST(flood_of_fragments),      TEST(flood_of_conflicts),
    };

    return cmocka_run_group_tests(tests, talk_group_begin, talk_group_end);
}
