/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program runs in the kernel; here libpcap's interpreter runs it, after the kernel's marks have been put
 * in. That the kernel takes it is asked of the kernel; that it deals alike is in tests/live. */
#include "capture/fanout.h"
#include "support/layers.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_WORKERS 61

static struct config *config;
static const unsigned char in_order[FANOUT_MAX_WORKERS] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
};

/* Ethernet: everything from the link header on. Else the network header comes first. */
struct view {
    unsigned hardware, protocol;
};

static const struct view ethernet = {ARPHRD_ETHER, 0};

/* What the kernel knows of a frame becomes constants; its marks become offsets into the frame. */
static void put_marks_in(struct bpf_insn *code, unsigned n, const struct view *v)
{
    const bpf_u_int32 ancillary = (bpf_u_int32)SKF_AD_OFF, network = (bpf_u_int32)SKF_NET_OFF,
                      link = (bpf_u_int32)SKF_LL_OFF;

    for (unsigned i = 0; i < n; i++) {
        struct bpf_insn *in = &code[i];

        if (in->code == (BPF_LDX | BPF_IMM) && (in->k == link || in->k == network))
            in->k = 0;
        if (in->code != (BPF_LD | BPF_H | BPF_ABS))
            continue;
        in->code = BPF_LD | BPF_IMM;
        if (in->k == ancillary + SKF_AD_HATYPE)
            in->k = v->hardware;
        else if (in->k == ancillary + SKF_AD_PROTOCOL)
            in->k = v->protocol;
        else
            fail();
    }
}

static unsigned run(const struct fanout_plan *plan, const unsigned char *place, const struct view *v,
                    const uint8_t *p, size_t len)
{
    struct sock_filter code[FANOUT_MAX_CODE];
    struct bpf_insn here[FANOUT_MAX_CODE];
    unsigned n = fanout_program(plan, place, code), answer;
    uint8_t *exact = memcpy(malloc(len + !len), p, len);

    for (unsigned i = 0; i < n; i++)
        here[i] = (struct bpf_insn){code[i].code, code[i].jt, code[i].jf, code[i].k};
    put_marks_in(here, n, v);
    answer = bpf_filter(here, exact, (unsigned)len, (unsigned)len);
    free(exact);
    return answer;
}

static unsigned share_of(const struct craft *w, uint32_t seed)
{
    const struct fanout_plan plan = {.config = config, .n_workers = N_WORKERS, .seed = seed};

    return run(&plan, in_order, &ethernet, w->p, w->len);
}

/* The program's arithmetic, over what the addresses come to. */
static unsigned share_of_pair(uint32_t pair, uint32_t seed)
{
    return (((pair ^ seed) * 2654435761u) >> 16) % N_WORKERS;
}

static uint32_t word_at(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t stirred(const uint8_t *p)
{
    uint32_t product = word_at(p) * 2654435761u;

    return product ^ product >> 15;
}

/* Of the IP header at p. */
static uint32_t pair_at(const uint8_t *p)
{
    uint32_t pair = 0;

    if (p[0] >> 4 == 4)
        return stirred(p + 12) + stirred(p + 16);
    for (unsigned i = 8; i < 40; i += 4)
        pair += stirred(p + i);
    return pair;
}

static void turn_round(uint8_t *ip)
{
    const unsigned len = ip[0] >> 4 == 4 ? 4 : 16, at = len == 4 ? 12 : 8;
    uint8_t kept[16];

    memcpy(kept, ip + at, len);
    memcpy(ip + at, ip + at + len, len);
    memcpy(ip + at + len, kept, len);
}

/* The pair that counts is the one at the n-th letter of the word, in both directions. */
static void assert_by(const char *word, unsigned n)
{
    struct craft w;
    size_t at;

    layers_craft(&w, word);
    at = layers_at(n);
    for (uint32_t seed = 0; seed < 8; seed++) {
        unsigned expected = share_of_pair(pair_at(w.p + at), seed);

        if (share_of(&w, seed) != expected)
            fail_msg("%s: share %u, not %u", word, share_of(&w, seed), expected);
        turn_round(w.p + at);
        if (share_of(&w, seed) != expected)
            fail_msg("%s: the way back goes elsewhere", word);
    }
}

static unsigned last_ip(const char *word)
{
    unsigned n = (unsigned)strlen(word) - 1;

    while (word[n] != '4' && word[n] != '6')
        n--;
    return n;
}

static void innermost_pair(void **state)
{
    static const char *const words[] = {
        "E4T",     "E6T",    "E4D",    "EV4T",    "EVV4T",     "EVVV4T",    "EVVV6T", "EM4T",
        "EMMM6T",  "EP4T",   "EP6T",   "E44T",    "E46T",      "E64T",      "E66T",   "E4G4T",
        "E6G6T",   "E4GE4T", "E4KE4T", "E4K6T",   "E41E4T",    "E42E4T",    "E43E4T", "E4SE4T",
        "E42EV6T", "E4XE4T", "E6XE6T", "E4XEV4T", "EV4XEV6D",  "E4xE4T",    "E4NE4T", "E4N4T",
        "E4U4T",   "E4u4T",  "E4U6T",  "E6u6T",   "E4XE4XE4T", "E4GE4XE4T", "E444T",  "EV4N6G4T",
    };

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_by(words[i], last_ip(words[i]));
}

/* By what is quoted: the host that waits for it is in the pair, the router that says so is not. */
static void what_is_unreachable(void **state)
{
    static const char *const words[] = {"E44T", "E66T", "EV44D", "E4XE44T"};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        unsigned last = last_ip(words[i]);
        struct craft w;
        uint8_t *outer;
        size_t quote;

        layers_craft(&w, words[i]);
        outer = w.p + layers_at(last - 1);
        quote = layers_at(last);
        outer[outer[0] >> 4 == 4 ? 9 : 6] = outer[0] >> 4 == 4 ? 1 : 58;
        memmove(w.p + quote + 8, w.p + quote, w.len - quote);
        memset(w.p + quote, 0, 8);
        w.p[quote] = outer[0] >> 4 == 4 ? 3 : 1;
        w.len += 8;
        assert_int_equal(share_of(&w, 5), share_of_pair(pair_at(w.p + quote + 8), 5));
        w.p[quote] = 11; /* of other messages the outer pair decides */
        assert_int_equal(share_of(&w, 5), share_of_pair(pair_at(outer), 5));
    }
}

/* Beyond its reach it goes by what it has reached; ports of other settings, by the tunnel's ends. */
static void out_of_reach(void **state)
{
    (void)state;
    assert_by("E4XE4XE4XE4T", 7);
    assert_by("E4ZE4T", 1);
    assert_true(config_set(config, "decoder.vxlan.enabled=no", NULL));
    assert_by("E4XE4T", 1);
    assert_true(config_set(config, "decoder.vxlan.enabled=yes", NULL));
    assert_true(config_set(config, "decoder.vxlan.ports=9999", NULL));
    assert_by("E4XE4T", 1);
    assert_true(config_set(config, "decoder.gre=no", NULL));
    assert_by("E4GE4T", 1);
    assert_true(config_set(config, "decoder.ip-in-ip=no", NULL));
    assert_by("E46T", 1);
}

/* The first fragment, which has all headers, and the others, which have none. */
static void fragments_stay_together(void **state)
{
    static const char *const words[] = {"E4T", "E4XE4T", "E44T", "E4G4T"};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (uint32_t place = 0x2000; place < 0x2004; place++) {
            struct craft w;

            layers_craft(&w, words[i]);
            craft_set16(&w, layers_at(1) + 6, place);
            for (uint32_t seed = 0; seed < 8; seed++)
                assert_int_equal(share_of(&w, seed), share_of_pair(pair_at(w.p + layers_at(1)), seed));
        }
    /* Don't-fragment is no fragment. */
    for (uint32_t seed = 0; seed < 8; seed++) {
        struct craft w;

        layers_craft(&w, "E4XE4T");
        craft_set16(&w, layers_at(1) + 6, 0x4000);
        assert_int_equal(share_of(&w, seed), share_of_pair(pair_at(w.p + layers_at(4)), seed));
    }
}

/* A tun device has no link header. */
static void without_a_link_header(void **state)
{
    const struct view v4 = {ARPHRD_NONE, 0x0800}, v6 = {ARPHRD_NONE, 0x86dd}, ppp = {ARPHRD_PPP, 0x0800};
    const struct fanout_plan plan = {.config = config, .n_workers = N_WORKERS, .seed = 5};
    struct craft w;

    (void)state;
    layers_craft(&w, "4T");
    assert_int_equal(run(&plan, in_order, &v4, w.p, w.len), share_of_pair(pair_at(w.p), 5));
    assert_int_equal(run(&plan, in_order, &ppp, w.p, w.len), share_of_pair(pair_at(w.p), 5));
    layers_craft(&w, "6T");
    assert_int_equal(run(&plan, in_order, &v6, w.p, w.len), share_of_pair(pair_at(w.p), 5));
    layers_craft(&w, "4XE6T");
    assert_int_equal(run(&plan, in_order, &v4, w.p, w.len), share_of_pair(pair_at(w.p + layers_at(3)), 5));
}

/* ARP and the like are the first worker's; so is what ends too early to be dealt. */
static void whatever_else(void **state)
{
    static const char *const words[] = {"EVVV4T", "E6T", "EMM4T", "E4XE4T", "E4KE6T", "E4u4T", "E4SE4T"};
    struct craft w;

    (void)state;
    craft_ethernet(&w, 0x0806);
    craft_text(&w, "who has 10.0.0.1, tell 10.0.0.2");
    for (uint32_t seed = 0; seed < 8; seed++)
        assert_int_equal(share_of(&w, seed), share_of_pair(0, seed));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        layers_craft(&w, words[i]);
        for (; w.len; w.len--)
            assert_true(share_of(&w, 1) < N_WORKERS);
        assert_int_equal(share_of(&w, 1), 0);
    }
}

static void assert_fair(const unsigned n[4])
{
    for (unsigned k = 0; k < 4; k++)
        assert_in_range(n[k], 180, 320);
}

/* Of neighbours, as the clients of one server are; and of pairs that differ in both addresses alike, whose
 * XOR is always the same. */
static void fair_shares(void **state)
{
    const struct fanout_plan plan = {.config = config, .n_workers = 4, .seed = 0x12345678};
    unsigned of_clients[4] = {0}, of_pairs[4] = {0};
    struct craft w;

    (void)state;
    layers_craft(&w, "E4T");
    for (unsigned i = 0; i < 1000; i++) {
        craft_set16(&w, layers_at(1) + 14, i);
        of_clients[run(&plan, in_order, &ethernet, w.p, w.len)]++;
    }
    for (unsigned i = 0; i < 1000; i++) {
        craft_set16(&w, layers_at(1) + 14, i);
        craft_set16(&w, layers_at(1) + 18, i);
        of_pairs[run(&plan, in_order, &ethernet, w.p, w.len)]++;
    }
    assert_fair(of_clients);
    assert_fair(of_pairs);
}

/* After a worker's death the others keep their places, and the successor takes the share wherever it stands.
 */
static void shares_have_places(void **state)
{
    static const unsigned char elsewhere[] = {4, 0, 2, 1};
    const struct fanout_plan plan = {.config = config, .n_workers = 4, .seed = 77};
    const struct fanout_plan alone = {.config = config, .n_workers = 1};
    struct craft w;

    (void)state;
    layers_craft(&w, "E4T");
    for (unsigned i = 0; i < 100; i++) {
        unsigned k;

        craft_set16(&w, layers_at(1) + 14, i);
        k = run(&plan, in_order, &ethernet, w.p, w.len);
        assert_int_equal(run(&plan, elsewhere, &ethernet, w.p, w.len), elsewhere[k]);
    }
    assert_int_equal(run(&alone, in_order, &ethernet, w.p, w.len), 0);
    assert_int_equal(run(&alone, elsewhere, &ethernet, w.p, w.len), 4);
}

/* Its checks are the same for every kind of socket. */
static void the_kernel_takes_it(void **state)
{
    const struct fanout_plan plans[] = {{.config = config, .n_workers = FANOUT_MAX_WORKERS},
                                        {.n_workers = 2},
                                        {.config = config, .n_workers = 1}};
    unsigned char elsewhere[FANOUT_MAX_WORKERS];
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

    (void)state;
    assert_true(fd >= 0);
    assert_true(config_set(config, "decoder.vxlan.ports=1,2,3,4,5,6,7,8", NULL));
    assert_true(config_set(config, "decoder.geneve.ports=1,2,3,4,5,6,7,8", NULL));
    assert_true(config_set(config, "decoder.gtp.ports=1,2,3,4,5,6,7,8", NULL));
    for (unsigned k = 0; k < FANOUT_MAX_WORKERS; k++)
        elsewhere[k] = (unsigned char)(FANOUT_MAX_WORKERS - k);
    for (unsigned i = 0; i < 3; i++) {
        struct sock_filter code[FANOUT_MAX_CODE];
        struct sock_fprog program = {.filter = code};

        program.len = (unsigned short)fanout_program(&plans[i], elsewhere, code);
        if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
            fail_msg("program %u of %u instructions: %s", i, program.len, strerror(errno));
    }
    close(fd);
}

static int set_up(void **state)
{
    (void)state;
    config = config_new();
    return config ? 0 : -1;
}

static int clean_up(void **state)
{
    (void)state;
    config_free(config);
    return 0;
}

#define FANOUT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FANOUT_TEST(innermost_pair),        FANOUT_TEST(what_is_unreachable),
        FANOUT_TEST(out_of_reach),          FANOUT_TEST(fragments_stay_together),
        FANOUT_TEST(without_a_link_header), FANOUT_TEST(whatever_else),
        FANOUT_TEST(fair_shares),           FANOUT_TEST(shares_have_places),
        FANOUT_TEST(the_kernel_takes_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
