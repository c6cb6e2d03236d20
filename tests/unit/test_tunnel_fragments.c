/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/stream.h"
#include "support/layers.h"

#include <pcap/dlt.h>
#include <stdlib.h>

/* Tunnels whose packets came in fragments, from frames to chunks. */

static struct config *config;
static struct stream *stream;
static struct decode *decode;
static struct flow last_flow;
static char heard[4096];
static uint64_t now_us = 1000000;

static enum appetite on_chunk(void *arg, const struct chunk *c)
{
    (void)arg;
    last_flow = *c->flow;
    assert_int_equal(c->gap, 0);
    if (c->data.len)
        strncat(heard, (const char *)c->data.p, c->data.len);
    return APPETITE_MORE;
}

static void on_flow_end(void *arg, struct flow *f)
{
    (void)arg;
    (void)f;
}

static int open_all(void **state)
{
    struct stream_hooks hooks = {.chunk = on_chunk, .flow_end = on_flow_end};
    struct complaint why = {""};

    (void)state;
    config = config_new();
    config->deterministic = true;
    decode = decode_new(config);
    stream = stream_new(config, decode, &hooks, &why);
    return stream ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    stream_free(stream);
    decode_free(decode);
    config_free(config);
    return 0;
}

static void begin(void)
{
    stream_flush(stream);
    count_reset();
    heard[0] = 0;
    memset(&last_flow, 0, sizeof last_flow);
}

static void play(const struct craft *w)
{
    struct frame f = {
        .ts_us = now_us += 1000, .number = 1, .wire_len = (uint32_t)w->len, .link_type = DLT_EN10MB};
    struct packet p;
    uint8_t *exact = malloc(w->len);

    assert_non_null(exact);
    memcpy(exact, w->p, w->len);
    f.data = bytes_of(exact, w->len);
    if (decode_frame(decode, &f, &p))
        stream_packet(stream, &p);
    free(exact);
}

static void put32(struct craft *w, size_t at, uint32_t value)
{
    craft_set16(w, at, value >> 16);
    craft_set16(w, at + 2, value & 0xffff);
}

/* The piece [from, to) of what the IP header at `ip` carries, as a frame of its own; everything around that
 * header stays, with lengths put right. A version 6 header gets a fragment header. */
static struct craft piece_of(const struct craft *w, size_t ip, size_t from, size_t to, uint32_t id)
{
    struct craft piece = *w;
    bool v4 = w->p[ip] >> 4 == 4;
    size_t body = ip + (v4 ? 20 : 40), at = v4 ? body : body + 8;
    bool more = body + to < w->len;

    if (!more)
        to = w->len - body;
    memcpy(piece.p + at, w->p + body + from, to - from);
    piece.len = at + to - from;
    if (v4) {
        craft_set16(&piece, ip + 2, (uint32_t)(20 + to - from));
        craft_set16(&piece, ip + 4, id);
        craft_set16(&piece, ip + 6, (uint32_t)(from / 8) | (more ? 0x2000 : 0));
    } else {
        craft_set16(&piece, ip + 4, (uint32_t)(8 + to - from));
        craft_set16(&piece, body, (uint32_t)w->p[ip + 6] << 8);
        craft_set16(&piece, body + 2, (uint32_t)from | more);
        put32(&piece, body + 4, id);
        piece.p[ip + 6] = 44;
    }
    return piece;
}

static void assert_heard(unsigned fragments, unsigned datagrams)
{
    const uint8_t dst[4] = {198, 51, 100, 5};

    stream_flush(stream);
    assert_string_equal(heard, REQUEST);
    assert_int_equal(last_flow.end[0].port, 40000);
    assert_memory_equal(last_flow.end[1].addr.b, dst, 4);
    assert_int_equal(counters[COUNT_DECODE_FRAGMENTS], fragments);
    assert_int_equal(counters[COUNT_DEFRAG_DATAGRAMS], datagrams);
    assert_int_equal(counters[COUNT_DECODE_TCP], 1);
    assert_int_equal(counters[COUNT_FLOW_UDP], 0);
    assert_false(count_lost());
}

static void outer_fragments(void **state)
{
    static const char *const words[] = {"E44T",   "E64T",   "E4G4T", "E4K4T",  "E42E4T", "E4SEV4T", "E4XE4T",
                                        "E6XE4T", "E4NE4T", "E6u4T", "E4ZE4T", "E4M4T",  "E4XE4G4T"};
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        for (unsigned reversed = 0; reversed < 2; reversed++) {
            size_t ip;
            struct craft a, b;

            begin();
            layers_craft(&w, words[i]);
            ip = layers_at(1);
            a = piece_of(&w, ip, 0, 24, 5);
            b = piece_of(&w, ip, 24, 4000, 5);
            play(reversed ? &b : &a);
            assert_string_equal(heard, "");
            play(reversed ? &a : &b);
            assert_heard(2, 1);
        }
}

/* Both headers at once: the inner datagram comes in two, each of them in two outer ones. */
static void fragments_in_fragments(void **state)
{
    static const char *const words[] = {"E44T", "E4G4T", "E4XE4T", "E64T"};
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        size_t inner;

        begin();
        layers_craft(&w, words[i]);
        inner = layers_at((unsigned)strlen(words[i]) - 2);
        for (unsigned k = 0; k < 2; k++) {
            struct craft half = piece_of(&w, inner, k * 16, k ? 4000 : 16, 9), quarter;
            size_t outer = layers_at(1), head = w.p[outer] >> 4 == 4 ? 20 : 40;

            /* The headers around are of the whole one. */
            if (head == 20)
                craft_set16(&half, outer + 2, (uint32_t)(half.len - outer));
            else
                craft_set16(&half, outer + 4, (uint32_t)(half.len - outer - 40));
            if (strchr(words[i], 'X'))
                craft_set16(&half, outer + head + 4, (uint32_t)(half.len - outer - head));
            quarter = piece_of(&half, outer, 0, 16, 100 + k);
            play(&quarter);
            quarter = piece_of(&half, outer, 16, 4000, 100 + k);
            play(&quarter);
        }
        assert_heard(6, 3);
    }
}

/* A datagram that is no tunnel after all is heard as what it is. */
static void reassembled_but_no_tunnel(void **state)
{
    struct craft w, a, b;

    (void)state;
    begin();
    layers_craft(&w, "E4XE4T");
    w.p[layers_at(2) + 8] = 0;
    a = piece_of(&w, 14, 0, 24, 5);
    b = piece_of(&w, 14, 24, 4000, 5);
    play(&a);
    play(&b);
    stream_flush(stream);
    assert_int_equal(counters[COUNT_FLOW_UDP], 1);
    assert_int_equal(last_flow.end[1].port, 4789);
    assert_int_equal(counters[COUNT_STREAM_BYTES], w.len - layers_at(2) - 8);
    assert_false(count_lost());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outer_fragments),
        cmocka_unit_test(fragments_in_fragments),
        cmocka_unit_test(reassembled_but_no_tunnel),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
