/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine of traffic rules over one flow: rules compiled once, and a script of pieces, gaps, other
 * readings, changes of direction, ends and exchanges of the rules. All memory is given back with the flow; no
 * rule speaks more often than the script gives it reason to; and where nothing is arbitrary about it (one
 * side, less than one piece of Suricata's), the same rules speak however the bytes are cut. */
#include "traffic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MEMCAP 49152
#define DEPTH  8192
#define PIECE  2560

#define TS "alert tcp any any -> any any (msg:\"m\"; flow:to_server; "
#define TX "alert tcp any any -> any any (msg:\"m\"; "

static const char plain[] =
    TS "content:\"jndi|3a|\"; content:\"|3a 2f 2f|\"; distance:0; sid:1;)\n" TS
       "content:\"${jndi\"; nocase; content:\"}\"; within:20; sid:2;)\n" TS
       "content:\"abc\"; content:!\"xyz\"; sid:3;)\n" TS "content:\"abc\"; endswith; sid:4;)\n" TS
       "content:\"abc\"; isdataat:!1,relative; sid:5;)\n" TS
       "content:\"abc\"; content:!\"d\"; within:3; sid:6;)\n" TS
       "content:\"ab\"; offset:2; depth:9; sid:7;)\n" TS
       "content:\"GET\"; startswith; content:\"HTTP\"; within:30; sid:8;)\n" TS
       "content:\"abc\"; isdataat:4,relative; sid:9;)\n" TS
       "content:\"abc\"; byte_jump:1,0,relative,post_offset -2; content:\"d\"; within:1; sid:10;)\n" TS
       "content:\"len\"; byte_extract:1,0,n,relative; content:\"end\"; within:n; sid:11;)\n" TS
       "content:\"len\"; byte_extract:1,0,n,relative; content:\"end\"; depth:n; sid:12;)\n" TS
       "content:\"len\"; byte_jump:2,0,relative,string,dec; isdataat:!1,relative; sid:13;)\n" TS
       "content:\"abc\"; byte_jump:1,0,from_end,post_offset -9; content:\"x\"; within:3; sid:14;)\n" TS
       "content:\"abc\"; byte_test:2,>,100,1,relative,string,dec; sid:15;)\n" TS
       "content:\"abc\"; pcre:\"/^[0-9]+-/R\"; sid:16;)\n" TS
       "content:\"a\"; content:\"b\"; distance:-2; within:4; sid:17;)\n" TS "content:!\"abc\"; sid:18;)\n" TS
       "content:\"abc\"; offset:3; endswith; sid:19;)\n" TS "pcre:\"/x[yz]{3,9}w/i\"; sid:20;)\n" TX
       "flow:to_server,only_stream; content:\"|00 00|\"; content:\"abc\"; distance:1; within:5; sid:21;)\n" TX
       "flow:to_server,no_stream; content:\"abc\"; sid:60;)\n" TX "content:\"abc\"; dsize:<9; sid:61;)\n" TX
       "content:\"abc\"; stream_size:server,>,5; sid:62;)\n" TX
       "flow:to_client; content:\"abc\"; content:!\"xyz\"; sid:63;)\n" TX
       "flow:to_client; content:\"200\"; depth:12; sid:64;)\n" TX "flow:established; sid:65;)\n" TX
       "content:\"one\"; flowbits:set,f; noalert; sid:66;)\n" TX
       "content:\"two\"; flowbits:isset,f; flowbits:unset,f; sid:67;)\n" TX
       "content:\"tog\"; flowbits:toggle,g; flowint:n,+,1; sid:68;)\n" TX
       "content:\"abc\"; flowint:n,>,2; flowbits:isnotset,f|g; sid:69;)\n" TX
       "content:\"one\"; xbits:set,x,track ip_src,expire 5; sid:70;)\n" TX
       "content:\"two\"; xbits:isset,x,track ip_dst,expire 5; xbits:unset,x,track ip_dst; sid:71;)\n"
       "alert ip any any <> any any (msg:\"m\"; content:\"both\"; sid:72;)\n"
       "alert udp any any -> any any (msg:\"m\"; content:\"abc\"; depth:5; content:!\"d\"; distance:0; "
       "sid:73;)\n"
       "alert udp any any -> any any (msg:\"m\"; byte_test:1,>,200,0; content:\"|00|\"; endswith; sid:74;)\n"
       "alert tcp any any -> any any (msg:\"m\"; content:\"abc\"; app-layer-protocol:!http; sid:75;)\n" TX
       "content:\"once\"; threshold:type limit,track by_src,count 1,seconds 9; sid:76;)\n"
       "alert tcp 192.0.2.0/24 any -> any [80,1000:2000] (msg:\"m\"; content:\"abc\"; within:80; sid:77;)\n";

/* Some stay, some go, some change, one lets pass. */
static const char other[] =
    TS "content:\"jndi|3a|\"; content:\"|3a 2f 2f|\"; distance:0; sid:1;)\n" TS
       "content:\"abd\"; content:!\"xyz\"; sid:3;)\n" TX "flow:to_client; content:\"jndi\"; sid:2;)\n" TX
       "content:\"two\"; flowbits:isset,f; sid:67;)\n" TX
       "content:\"new\"; flowbits:isset,g; flowbits:set,h; sid:80;)\n" TX "content:!\"quiet\"; sid:81;)\n"
       "pass tcp any any -> any any (msg:\"m\"; content:\"please\"; sid:82;)\n"
       "alert udp any any -> any any (msg:\"m\"; content:\"abc\"; sid:83;)\n";

static struct {
    bool over, enough;
    uint64_t at, unread;
} sides[2];
static bool stops; /* streams do, once nobody wants more of them; else others still do */

/* Ends both sides first. */
static void both_over(void)
{
    for (unsigned side = 0; side < 2; side++) {
        struct chunk c = {
            .flow = &all.flow, .side = side, .end = true, .ts_us = all.now_us, .packet = all.packet};

        if (!sides[side].over)
            (void)traffic_chunk(all.traffic, &c);
    }
    flow_over();
    memset(sides, 0, sizeof sides);
}

/* Twice for a header that goes both ways; for the other side's words, which this step completes, as well; and
 * for the packet, the stream and another reading each, where their packet is not the same. */
static void check_step(const unsigned *before)
{
    for (unsigned i = 0; i < N_SIDS; i++)
        assert(all.told[i] <= before[i] + 6);
    assert(all.traffic->room.finds.n == 0 && all.traffic->memory <= MEMCAP + 65536);
}

static void packet(unsigned side, struct bytes data)
{
    struct packet p = {.ts_us = all.now_us,
                       .number = all.packet,
                       .proto = all.flow.proto,
                       .payload = data,
                       .payload_len = (uint32_t)data.len};

    all.flow.end[side].packets++;
    traffic_packet(all.traffic, &all.flow, side, &p);
}

/* Says where it is. False when nobody wants it: then it is part of the next gap. */
static bool place(struct chunk *c, size_t len)
{
    if (stops && sides[c->side].enough && !c->end) {
        sides[c->side].unread += c->gap + len;
        return false;
    }
    c->gap += c->end ? 0 : sides[c->side].unread;
    c->at = sides[c->side].at + c->gap;
    sides[c->side].at = c->at + len;
    sides[c->side].unread = 0;
    return true;
}

static void chunk(struct chunk c, struct bytes data, bool as_packet)
{
    unsigned before[N_SIDS];

    memcpy(before, all.told, sizeof before);
    if (!c.alternative && !place(&c, data.len))
        return;
    c.flow = &all.flow;
    c.data = exact(data);
    c.ts_us = all.now_us += 1000000;
    c.packet = ++all.packet;
    traffic_before_chunk(all.traffic, &c);
    if (traffic_chunk(all.traffic, &c) == APPETITE_ENOUGH && !c.alternative)
        sides[c.side].enough = true;
    if (as_packet)
        packet(c.side, c.data);
    free((void *)c.data.p);
    check_step(before);
}

enum step {
    STEP_DATA,
    STEP_FILL,
    STEP_GAP,
    STEP_END,
    STEP_RELOAD,
    STEP_PACKET,
    STEP_ALTERNATIVE,
    STEP_CLIENT,
    STEP_N
};

#define WITH_DATA (1u << STEP_DATA | 1u << STEP_GAP | 1u << STEP_PACKET | 1u << STEP_ALTERNATIVE)

static void script_do(const struct script *s)
{
    struct chunk c = {.side = s->side};

    if (s->step == STEP_RELOAD) {
        use_rules(s->n & 1);
        sides[0].enough = sides[1].enough = false;
        return;
    }
    if (s->step == STEP_CLIENT && !all.flow.client_known)
        all.flow.client = s->n & 1;
    if (s->step == STEP_CLIENT || sides[s->side].over)
        return;
    c.alternative = s->step == STEP_ALTERNATIVE;
    c.gap = s->step == STEP_GAP ? 1 + (s->n & 0xc0) * 30 : 0;
    c.end = sides[s->side].over = s->step == STEP_END;
    chunk(c, s->step == STEP_FILL ? filler(64 * s->n) : s->data, s->step == STEP_PACKET);
}

/* Who speaks is no matter of how it was cut. */
static void check_cuts(bool client_known, struct bytes whole)
{
    unsigned before[N_SIDS];

    memcpy(before, all.told, sizeof before);
    for (unsigned way = 0; way < 2; way++) {
        size_t each = way ? 1 : whole.len;

        flow_begin(PROTO_TCP, client_known);
        for (size_t at = 0; at < whole.len; at += each)
            chunk((struct chunk){.side = 0}, bytes_slice(whole, at, at + each), false);
        both_over();
        for (unsigned i = 0; i < STATEFUL; i++)
            assert(!before[i] == !all.told[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script s = {.rest = bytes_of(data, size)};
    uint8_t how, whole[PIECE];
    size_t len = 0;
    bool same = true;

    if (!all.traffic) {
        begin_all(plain, other);
        all.config->traffic_memcap = MEMCAP;
        all.config->traffic_stream_depth = DEPTH;
    }
    how = script_byte(&s);
    use_rules(how >> 3 & 1);
    stops = how & 16;
    flow_begin(how & 1 ? PROTO_UDP : PROTO_TCP, how & 2);
    all.flow.end[0].packets = all.flow.end[1].packets = how >> 2 & 1;
    while (script_next(&s, STEP_N, WITH_DATA)) {
        struct bytes add = s.step == STEP_FILL ? filler(64 * s.n) : s.data;

        same = same && s.step <= STEP_FILL && s.side == 0 && len + add.len < PIECE;
        if (same && add.len)
            memcpy(whole + len, add.p, add.len);
        len += same ? add.len : 0;
        script_do(&s);
    }
    both_over();
    if (same && len && !(how & 9))
        check_cuts(how & 2, bytes_of(whole, len));
    return 0;
}
