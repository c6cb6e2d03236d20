/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/craft.h"

#include <pcap/dlt.h>
#include <stdlib.h>

static bool transport(const struct craft *w, uint8_t proto, unsigned version, enum counter *outcome)
{
    static uint8_t *exact;
    uint64_t before[COUNT_N];
    bool packet;

    free(exact);
    exact = malloc(w->len ? w->len : 1);
    assert_non_null(exact);
    if (w->len)
        memcpy(exact, w->p, w->len);
    memset(&out, 0, sizeof out);
    out.proto = proto;
    out.src.version = out.dst.version = (uint8_t)version;
    out.fragment = out.more_fragments = true;
    out.fragment_offset = 8;
    memcpy(before, counters, sizeof before);
    packet = decode_transport(decoder, bytes_of(exact, w->len), &out);
    *outcome = outcome_since(before);
    if (packet) {
        assert_false(out.fragment);
        assert_int_equal(out.fragment_offset, 0);
        assert_true(out.payload.p >= exact && out.payload.p + out.payload.len <= exact + w->len);
    }
    if (w->len == 0) {
        free(exact);
        exact = NULL;
    }
    return packet;
}

static void reassembled(void **state)
{
    struct craft w = {.len = 0};
    enum counter outcome;

    (void)state;
    craft_tcp(&w, 5, TH_FLAG_ACK | TH_FLAG_PSH);
    craft_text(&w, REQUEST);
    assert_true(transport(&w, PROTO_TCP, 4, &outcome));
    assert_request();
    for (size_t len = w.len; len-- > 0;) {
        w.len = len;
        assert_int_equal(transport(&w, PROTO_TCP, 4, &outcome), len >= 20);
        assert_int_equal(outcome, len >= 20 ? COUNT_DECODE_TCP : COUNT_DECODE_MALFORMED);
    }
    assert_false(transport(&w, 1, 4, &outcome));
    assert_int_equal(outcome, COUNT_DECODE_OTHER);
    /* Destination options at the head of what was fragmented. */
    w.len = 0;
    craft_put(&w, 0x0600010400000000, 8);
    craft_tcp(&w, 5, TH_FLAG_ACK | TH_FLAG_PSH);
    craft_text(&w, REQUEST);
    assert_true(transport(&w, 60, 6, &outcome));
    assert_request();
    assert_false(transport(&w, 60, 4, &outcome));
    assert_int_equal(outcome, COUNT_DECODE_LINK_UNKNOWN);
    /* A fragment of a fragment is nobody's. */
    w.len = 0;
    craft_put(&w, 0x0600000900000001, 8);
    craft_tcp(&w, 5, TH_FLAG_ACK | TH_FLAG_PSH);
    assert_false(transport(&w, 44, 6, &outcome));
    assert_int_equal(outcome, COUNT_DECODE_MALFORMED);
}

static void all_shapes(struct craft *w, unsigned shape, int *link_type)
{
    static const uint8_t kinds[] = {0, 60, 43, 51, 44};

    *link_type = DLT_EN10MB;
    switch (shape) {
    case 0:
        craft_ethernet(w, 0x0800);
        craft_request4(w);
        break;
    case 1:
        craft_chain(w, kinds, 5);
        break;
    case 2:
        craft_ethernet(w, 0x8100);
        craft_put(w, 0x000188a8, 4);
        craft_put(w, 0x00028864, 4);
        craft_put(w, 0x11000001, 4);
        craft_put(w, 2 + 60 + REQUEST_LEN, 2);
        craft_put(w, 0x0057, 2);
        craft_request6(w);
        break;
    case 3:
        craft_ethernet(w, 100);
        craft_put(w, 0xaaaa03000000, 6);
        craft_put(w, 0x0800, 2);
        craft_ipv4(w, PROTO_UDP, 33, 0);
        craft_udp(w, 13);
        craft_text(w, "query");
        break;
    case 4:
        w->len = 0;
        craft_put(w, 0, 14);
        craft_put(w, 0x0800, 2);
        craft_ipv4(w, PROTO_TCP, 52, 0);
        craft_tcp(w, 8, TH_FLAG_SYN);
        memcpy(w->p + w->len, "\2\4\5\xb4\1\3\3\7\1\1\4\2", 12);
        w->len += 12;
        *link_type = DLT_LINUX_SLL;
        break;
    default:
        w->len = 0;
        craft_put(w, 0x0021, 2);
        craft_request4(w);
        *link_type = DLT_PPP;
        break;
    }
}

/* Cut on the wire: never a packet with less than its header. Cut by the snap length: a packet as soon as all
 * headers are there, and its claimed length is the whole one. No frame without an outcome. */
static void cut_everywhere(void **state)
{
    static const int link_types[] = {DLT_EN10MB, DLT_LINUX_SLL,  DLT_LINUX_SLL2, DLT_RAW,  DLT_NULL, DLT_LOOP,
                                     DLT_PPP,    DLT_PPP_SERIAL, DLT_PPP_ETHER,  DLT_IPV4, DLT_IPV6, 101,
                                     1000};
    struct craft w;

    (void)state;
    for (unsigned checksums = 0; checksums < 2; checksums++) {
        decoder_set(checksums, 8);
        for (unsigned shape = 0; shape < 6; shape++) {
            int link_type;
            uint32_t payload_len;
            bool found = false;

            all_shapes(&w, shape, &link_type);
            craft_decode(&w, link_type);
            payload_len = out.payload_len;
            for (size_t cut = 0; cut <= w.len; cut++) {
                enum counter outcome = decode_bytes(w.p, cut, w.len, link_type);
                bool packet = outcome == COUNT_DECODE_TCP || outcome == COUNT_DECODE_UDP;

                if (!checksums) {
                    assert_true(packet || !found); /* once there, it stays */
                    if (packet)
                        assert_int_equal(out.payload_len, payload_len);
                }
                found |= packet;
                outcome = decode_bytes(w.p, cut, cut, link_type);
                if (cut < w.len)
                    assert_int_not_equal(outcome, COUNT_DECODE_TCP);
                for (unsigned l = 0; l < sizeof link_types / sizeof link_types[0]; l++)
                    decode_bytes(w.p, cut, w.len, link_types[l]);
            }
            assert_true(found || checksums); /* no checksum in these frames is right */
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRAFT_TEST(reassembled),
        CRAFT_TEST(cut_everywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
