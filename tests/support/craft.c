/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/craft.h"

#include <stdlib.h>

void craft_put(struct craft *w, uint64_t value, unsigned n)
{
    while (n-- > 0)
        w->p[w->len++] = (uint8_t)(n < 8 ? value >> 8 * n : 0);
}

void craft_text(struct craft *w, const char *text)
{
    memcpy(w->p + w->len, text, strlen(text));
    w->len += strlen(text);
}

void craft_set16(struct craft *w, size_t at, uint32_t value)
{
    w->p[at] = (uint8_t)(value >> 8);
    w->p[at + 1] = (uint8_t)value;
}

void craft_ethernet(struct craft *w, uint16_t type)
{
    w->len = 0;
    craft_put(w, 0x020000000001, 6);
    craft_put(w, 0x020000000002, 6);
    craft_put(w, type, 2);
}

#define SRC4 0x0a630003
#define DST4 0xc6336405

void craft_ipv4(struct craft *w, uint8_t proto, uint32_t total, uint32_t place)
{
    craft_put(w, 0x4500, 2);
    craft_put(w, total, 2);
    craft_put(w, 0xbeef, 2);
    craft_put(w, place, 2);
    craft_put(w, 64, 1);
    craft_put(w, proto, 1);
    craft_put(w, 0, 2);
    craft_put(w, SRC4, 4);
    craft_put(w, DST4, 4);
}

void craft_ipv6(struct craft *w, uint8_t next, uint32_t len)
{
    craft_put(w, 0x60000000, 4);
    craft_put(w, len, 2);
    craft_put(w, next, 1);
    craft_put(w, 64, 1);
    craft_put(w, 0x20010db800000000, 8);
    craft_put(w, 1, 8);
    craft_put(w, 0x20010db800000000, 8);
    craft_put(w, 2, 8);
}

void craft_tcp(struct craft *w, unsigned words, uint8_t flags)
{
    craft_put(w, 40000, 2);
    craft_put(w, 8080, 2);
    craft_put(w, 0x01020304, 4);
    craft_put(w, 0x05060708, 4);
    craft_put(w, words << 12 | flags, 2);
    craft_put(w, 0x7210, 2);
    craft_put(w, 0, 2);
    craft_put(w, 0x0009, 2);
}

void craft_udp(struct craft *w, uint32_t len)
{
    craft_put(w, 40000, 2);
    craft_put(w, 53, 2);
    craft_put(w, len, 2);
    craft_put(w, 0, 2);
}

void craft_request4(struct craft *w)
{
    craft_ipv4(w, PROTO_TCP, 40 + REQUEST_LEN, 0x4000);
    craft_tcp(w, 5, TH_FLAG_ACK | TH_FLAG_PSH);
    craft_text(w, REQUEST);
}

void craft_request6(struct craft *w)
{
    craft_ipv6(w, PROTO_TCP, 20 + REQUEST_LEN);
    craft_tcp(w, 5, TH_FLAG_ACK | TH_FLAG_PSH);
    craft_text(w, REQUEST);
}

/* A chain of headers of 8 bytes each (AH: 16), then the request. */
void craft_chain(struct craft *w, const uint8_t *kinds, unsigned n)
{
    size_t begin;

    craft_ethernet(w, 0x86dd);
    craft_ipv6(w, n ? kinds[0] : PROTO_TCP, 0);
    begin = w->len;
    for (unsigned i = 0; i < n; i++) {
        craft_put(w, i + 1 < n ? kinds[i + 1] : PROTO_TCP, 1);
        if (kinds[i] == 51) {
            craft_put(w, 2, 1);
            craft_put(w, 0, 14);
        } else if (kinds[i] == 44) {
            craft_put(w, 0, 3);
            craft_put(w, 0xcafe0001, 4);
        } else {
            craft_put(w, 0, 1);
            craft_put(w, kinds[i] == 43 ? 0 : 0x010400000000, 6); /* PadN of four; a way at its end */
        }
    }
    craft_tcp(w, 5, TH_FLAG_ACK | TH_FLAG_PSH);
    craft_text(w, REQUEST);
    craft_set16(w, 18, (uint32_t)(w->len - begin));
}

static struct config *config;
struct decode *decoder;
struct packet out;

int craft_set_up(void **state)
{
    (void)state;
    config = config_new();
    assert_non_null(config);
    decoder = decode_new(config);
    count_reset();
    /* Whatever the decoder leaves unwritten shows. */
    memset(&out, 0xa5, sizeof out);
    return decoder ? 0 : -1;
}

int craft_clean_up(void **state)
{
    (void)state;
    decode_free(decoder);
    config_free(config);
    return 0;
}

void decoder_set(enum checksum_checks checksums, unsigned max_layers)
{
    config->checksums = checksums;
    config->max_layers = max_layers;
    decode_free(decoder);
    decoder = decode_new(config);
    assert_non_null(decoder);
}

void decoder_assign(const char *assignment)
{
    assert_true(config_set(config, assignment, NULL));
    decode_free(decoder);
    decoder = decode_new(config);
    assert_non_null(decoder);
}

/* The answers to "what became of this frame?". One of them per frame, never two, never none. */
static const enum counter outcomes[] = {
    COUNT_DECODE_TCP,          COUNT_DECODE_UDP,          COUNT_DECODE_FRAGMENTS, COUNT_DECODE_UNREACHABLE,
    COUNT_DECODE_LINK_UNKNOWN, COUNT_DECODE_NOT_IP,       COUNT_DECODE_MALFORMED, COUNT_DECODE_TOO_DEEP,
    COUNT_DECODE_OTHER,        COUNT_DECODE_BAD_CHECKSUM,
};

enum counter outcome_since(const uint64_t before[COUNT_N])
{
    enum counter which = COUNT_N;
    unsigned n = 0;

    for (unsigned i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        n += (unsigned)(counters[outcomes[i]] - before[outcomes[i]]);
        if (counters[outcomes[i]] != before[outcomes[i]])
            which = outcomes[i];
    }
    assert_int_equal(n, 1);
    return which;
}

/* Decodes a copy in memory of exactly its size, and keeps the copy until the next one: out points into it. */
enum counter decode_bytes(const uint8_t *p, size_t len, size_t wire_len, int link_type)
{
    static uint8_t *exact;
    uint64_t before[COUNT_N];
    struct frame f = {.ts_us = 77, .number = 5, .wire_len = (uint32_t)wire_len, .link_type = link_type};
    bool packet;
    enum counter outcome;

    free(exact);
    exact = malloc(len ? len : 1);
    assert_non_null(exact);
    if (len)
        memcpy(exact, p, len);
    f.data = bytes_of(exact, len);
    memcpy(before, counters, sizeof before);
    packet = decode_frame(decoder, &f, &out);
    outcome = outcome_since(before);
    assert_int_equal(packet, outcome == COUNT_DECODE_TCP || outcome == COUNT_DECODE_UDP ||
                                 outcome == COUNT_DECODE_FRAGMENTS || outcome == COUNT_DECODE_UNREACHABLE);
    if (packet) {
        assert_int_equal(out.ts_us, 77);
        assert_int_equal(out.number, 5);
        assert_true(out.payload.len <= out.payload_len);
        assert_true(out.payload.p >= exact && out.payload.p + out.payload.len <= exact + len);
        assert_int_equal(out.fragment, outcome == COUNT_DECODE_FRAGMENTS);
        assert_int_equal(out.unreachable, outcome == COUNT_DECODE_UNREACHABLE);
        assert_true(out.n_vlans <= PACKET_MAX_VLANS);
    }
    if (len == 0) {
        free(exact);
        exact = NULL;
    }
    return outcome;
}

enum counter craft_decode(const struct craft *w, int link_type)
{
    return decode_bytes(w->p, w->len, w->len, link_type);
}

void assert_request(void)
{
    assert_int_equal(out.proto, PROTO_TCP);
    assert_int_equal(out.src_port, 40000);
    assert_int_equal(out.dst_port, 8080);
    assert_int_equal(out.tcp.seq, 0x01020304);
    assert_int_equal(out.tcp.ack, 0x05060708);
    assert_int_equal(out.tcp.flags, TH_FLAG_ACK | TH_FLAG_PSH);
    assert_int_equal(out.tcp.window, 0x7210);
    assert_int_equal(out.tcp.urgent, 9);
    assert_int_equal(out.tcp.window_shift, 0xff);
    assert_int_equal(out.tcp.options.len, 0);
    assert_int_equal(out.payload_len, REQUEST_LEN);
    assert_int_equal(out.payload.len, REQUEST_LEN);
    assert_memory_equal(out.payload.p, REQUEST, REQUEST_LEN);
    assert_false(out.fragment);
    assert_false(out.more_fragments);
}

static void assert_ends(const char *src, const char *dst)
{
    char text[ADDR_TEXT];

    addr_print(&out.src, text);
    assert_string_equal(text, src);
    addr_print(&out.dst, text);
    assert_string_equal(text, dst);
}

void assert_request4(const struct craft *w, int link_type, unsigned n_vlans)
{
    const uint8_t v4[4] = {10, 99, 0, 3};
    struct addr src = addr_v4(v4);

    memset(&out, 0xa5, sizeof out);
    assert_int_equal(craft_decode(w, link_type), COUNT_DECODE_TCP);
    assert_request();
    assert_ends("10.99.0.3", "198.51.100.5");
    assert_true(addr_eq(&out.src, &src)); /* the unused bytes are zero */
    assert_int_equal(out.n_vlans, n_vlans);
}

void assert_request6(const struct craft *w, int link_type)
{
    memset(&out, 0xa5, sizeof out);
    assert_int_equal(craft_decode(w, link_type), COUNT_DECODE_TCP);
    assert_request();
    assert_ends("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:0db8:0000:0000:0000:0000:0000:0002");
}
