/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/layers.h"

#include <pcap/dlt.h>

/* In the order of the outermost layer. All of them end in the same request. */
static const char *const words[] = {
    "EM4T",     "EM6T",     "EMM4T",     "EMMMEV4T",  "EMWE4T",  "EMEVV6T", "EVM4T",     "EP4T",
    "EVP6T",    "E44T",     "E46T",      "E64T",      "E66T",    "44T",     "6444T",     "E4G4T",
    "E4G6T",    "E6G4T",    "E4GE4T",    "E4GEV6T",   "E4GM4T",  "E4K4T",   "E4KE6T",    "E41E4T",
    "E41EV4T",  "E42E4T",   "E62EVV4T",  "E43E4T",    "E43E6T",  "E4SE4T",  "E4SEV4T",   "E4XE4T",
    "E6XE6T",   "E4XEV4T",  "E4x4T",     "E4x6T",     "E4xE4T",  "E4NE4T",  "E4N4T",     "E6N6T",
    "E4NEVV4T", "E4U4T",    "E4U6T",     "E6U4T",     "E4u4T",   "E4u6T",   "E4ZE4T",    "E4ZEV4T",
    "E4M4T",    "E4XE4U4T", "E4GE4XE4T", "E42E4XE4T", "E4N4G4T", "EMEP4T",  "E4XE4NE4T", "E4ZE4u6T",
    "E4K4K4T",  "E644G6T",
};

#define N_WORDS (sizeof words / sizeof words[0])

static unsigned n_of(const char *word, const char *letters)
{
    unsigned n = 0;

    for (; *word; word++)
        n += strchr(letters, *word) != NULL;
    return n;
}

static void each_is_opened(void **state)
{
    static const struct {
        enum counter counter;
        const char *letters;
    } rows[] = {
        {COUNT_DECODE_PPPOE, "P"},  {COUNT_DECODE_GRE, "GK123S"}, {COUNT_DECODE_ERSPAN, "123S"},
        {COUNT_DECODE_VXLAN, "Xx"}, {COUNT_DECODE_GENEVE, "N"},   {COUNT_DECODE_GTP, "Uu"},
        {COUNT_DECODE_TZSP, "Z"},   {COUNT_DECODE_IPV4, "4"},     {COUNT_DECODE_IPV6, "6"},
    };
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < N_WORDS; i++) {
        const char *word = words[i], *frame = strrchr(word, 'E');

        count_reset();
        layers_craft(&w, word);
        if (word[strlen(word) - 2] == '4')
            assert_request4(&w, layers_link(word), n_of(frame ? frame : "", "V"));
        else
            assert_request6(&w, layers_link(word));
        for (unsigned k = 0; k < sizeof rows / sizeof rows[0]; k++)
            assert_int_equal(counters[rows[k].counter], n_of(word, rows[k].letters));
        assert_int_equal(counters[COUNT_DECODE_MPLS] > 0, n_of(word, "M") > 0);
        assert_int_equal(counters[COUNT_DECODE_IP_IN_IP],
                         (strstr(word, "44") != NULL) + (strstr(word, "46") != NULL) +
                             (strstr(word, "64") != NULL) + (strstr(word, "66") != NULL) +
                             (strstr(word, "444") != NULL));
        assert_int_equal(counters[COUNT_DECODE_UDP], 0);
        assert_false(count_lost());
    }
}

/* Cut on the wire: the outer length goes beyond the frame, and every receiver drops it. Cut by the snap
 * length: nothing, then perhaps the outer datagram, then from all headers on the request with the length that
 * it had. */
static void cut_everywhere(void **state)
{
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < N_WORDS; i++) {
        const char *word = words[i];
        size_t head;

        layers_craft(&w, word);
        head = w.len - REQUEST_LEN;
        for (size_t cut = 0; cut <= w.len; cut++) {
            enum counter outcome = decode_bytes(w.p, cut, w.len, layers_link(word));

            if (cut >= head) {
                assert_int_equal(outcome, COUNT_DECODE_TCP);
                assert_int_equal(out.payload_len, REQUEST_LEN);
                assert_int_equal(out.payload.len, cut - head);
            } else if (outcome != COUNT_DECODE_MALFORMED) {
                assert_int_equal(outcome, COUNT_DECODE_UDP);
                assert_true(n_of(word, "XxNUuZ") > 0);
            }
            if (cut < w.len)
                assert_int_not_equal(decode_bytes(w.p, cut, cut, layers_link(word)), COUNT_DECODE_TCP);
        }
    }
}

/* Whatever a byte is, one thing becomes of the frame: decode_bytes asserts it. */
static void every_byte_wrong(void **state)
{
    static const uint8_t flips[] = {0x01, 0x08, 0x40, 0x80, 0xff};
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < N_WORDS; i++) {
        layers_craft(&w, words[i]);
        for (size_t at = 0; at < w.len; at++)
            for (unsigned k = 0; k < sizeof flips; k++) {
                w.p[at] ^= flips[k];
                decode_bytes(w.p, w.len, w.len, layers_link(words[i]));
                w.p[at] ^= flips[k];
            }
    }
}

/* Every label, tunnel and IP header is a layer. Below the last one that fits, a UDP tunnel is given as what
 * it is; everything else is lost, and said so. */
static void ceiling(void **state)
{
    static const struct {
        const char *word;
        unsigned layers;
    } rows[] = {
        {"E44T", 2}, {"EMMMEV4T", 5},     {"E4GE4T", 3},   {"E42EV4T", 4}, {"E4XE4T", 3}, {"E4u4T", 3},
        {"EP4T", 2}, {"E4XE4XE4XE4T", 7}, {"E4NE4G4T", 5}, {"E4ZE4T", 3},  {"E4444T", 4},
    };
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (unsigned layers = 0; layers <= rows[i].layers; layers++) {
            unsigned tunnels = n_of(rows[i].word, "XNuZ");
            enum counter outcome;

            decoder_set(CHECKSUM_CHECKS_NO, layers);
            count_reset();
            layers_craft(&w, rows[i].word);
            outcome = craft_decode(&w, DLT_EN10MB);
            if (layers == rows[i].layers) {
                assert_int_equal(outcome, COUNT_DECODE_TCP);
                assert_false(count_lost());
            } else if (tunnels && layers > 0) {
                assert_int_equal(outcome, COUNT_DECODE_UDP);
                assert_int_equal(counters[COUNT_DECODE_TUNNEL_SHUT], 1);
            } else {
                assert_int_equal(outcome, COUNT_DECODE_TOO_DEEP);
            }
        }
}

/* A stack of labels without a bottom, IP in IP without an end. */
static void endless(void **state)
{
    struct craft w;

    (void)state;
    decoder_set(CHECKSUM_CHECKS_NO, 64);
    craft_ethernet(&w, 0x8847);
    while (w.len < 4000)
        craft_put(&w, 0x00064000, 4);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TOO_DEEP);
    craft_ethernet(&w, 0x0800);
    for (uint32_t left = 3960; left > 20; left -= 20)
        craft_ipv4(&w, 4, left, 0);
    craft_ipv4(&w, 4, 20, 0);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TOO_DEEP);
}

static void switches(void **state)
{
    static const struct {
        const char *assignment, *word;
        enum counter outcome;
    } rows[] = {
        {"decoder.mpls=no", "EM4T", COUNT_DECODE_LINK_UNKNOWN},
        {"decoder.pppoe=no", "EP4T", COUNT_DECODE_LINK_UNKNOWN},
        {"decoder.gre=no", "E4G4T", COUNT_DECODE_LINK_UNKNOWN},
        {"decoder.gre=no", "E42E4T", COUNT_DECODE_LINK_UNKNOWN},
        {"decoder.erspan=no", "E42E4T", COUNT_DECODE_LINK_UNKNOWN},
        {"decoder.ip-in-ip=no", "E44T", COUNT_DECODE_LINK_UNKNOWN},
        {"decoder.ip-in-ip=no", "E46T", COUNT_DECODE_LINK_UNKNOWN},
        {"decoder.vxlan=no", "E4XE4T", COUNT_DECODE_UDP},
        {"decoder.vxlan.ports=4799", "E4XE4T", COUNT_DECODE_UDP},
        {"decoder.geneve=no", "E4NE4T", COUNT_DECODE_UDP},
        {"decoder.gtp=no", "E4U4T", COUNT_DECODE_UDP},
        {"decoder.tzsp=no", "E4ZE4T", COUNT_DECODE_UDP},
    };
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        layers_craft(&w, rows[i].word);
        craft_set_up(NULL);
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TCP);
        decoder_assign(rows[i].assignment);
        assert_int_equal(craft_decode(&w, DLT_EN10MB), rows[i].outcome);
        assert_int_equal(counters[COUNT_DECODE_TUNNEL_SHUT], 0);
        if (rows[i].outcome == COUNT_DECODE_UDP)
            assert_int_equal(out.payload_len, w.len - layers_at(2) - 8);
        craft_clean_up(NULL);
    }
    craft_set_up(NULL);
    layers_craft(&w, "E4XE4T");
    craft_set16(&w, layers_at(2) + 2, 7000);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_UDP);
    decoder_assign("decoder.vxlan.ports=[4789, 7000]");
    assert_request4(&w, DLT_EN10MB, 0);
    craft_clean_up(NULL);
}

/* The outer datagram as it came, ports and all. */
static void assert_outer(const struct craft *w, bool lost, enum counter kind, unsigned n)
{
    size_t udp = layers_at(2);

    count_reset();
    memset(&out, 0xa5, sizeof out);
    assert_int_equal(craft_decode(w, DLT_EN10MB), COUNT_DECODE_UDP);
    assert_int_equal(out.src_port, 50000);
    assert_int_equal(out.dst_port, w->p[udp + 2] << 8 | w->p[udp + 3]);
    assert_int_equal(out.src.b[3], 77);
    assert_int_equal(out.payload_len, w->len - udp - 8);
    assert_memory_equal(out.payload.p, w->p + udp + 8, out.payload_len);
    assert_int_equal(out.tcp.flags, 0);
    assert_int_equal(out.n_vlans, 0);
    assert_false(out.fragment);
    assert_int_equal(counters[COUNT_DECODE_IPV4], 1);
    assert_int_equal(counters[COUNT_DECODE_TUNNEL_SHUT], lost);
    assert_int_equal(count_lost(), lost);
    assert_int_equal(counters[kind], n);
}

static void bad_inside_gives_outer(void **state)
{
    struct craft w;
    size_t inner;

    (void)state;
    layers_craft(&w, "E4XEV4T"); /* the inner tag must not stay */
    inner = layers_at(5);
    w.p[inner] = 0x55;
    assert_outer(&w, true, COUNT_DECODE_VXLAN, 0);
    w.p[inner] = 0x45;
    w.p[inner + 9] = 1; /* ICMP: nothing is lost */
    assert_outer(&w, false, COUNT_DECODE_VXLAN, 0);
    w.p[inner + 9] = 50; /* ESP: something is */
    assert_outer(&w, true, COUNT_DECODE_VXLAN, 0);
    w.p[inner + 9] = PROTO_TCP;
    craft_set16(&w, layers_at(4) + 2, 0x0806); /* ARP */
    assert_outer(&w, false, COUNT_DECODE_VXLAN, 0);

    layers_craft(&w, "E4XE4T");
    w.p[layers_at(2) + 8] = 0; /* no VXLAN at all */
    assert_outer(&w, false, COUNT_DECODE_VXLAN, 0);
    layers_craft(&w, "E4NE4T");
    w.p[layers_at(2) + 8] = 0x42; /* version 1 */
    assert_outer(&w, false, COUNT_DECODE_GENEVE, 0);
    w.p[layers_at(2) + 8] = 0x3f; /* options beyond its end */
    assert_outer(&w, false, COUNT_DECODE_GENEVE, 0);
    layers_craft(&w, "E4U4T");
    w.p[layers_at(2) + 9] = 1; /* echo */
    assert_outer(&w, false, COUNT_DECODE_GTP, 0);
    w.p[layers_at(2) + 9] = 255;
    w.p[layers_at(2) + 8] = 0x50; /* version 2 */
    assert_outer(&w, false, COUNT_DECODE_GTP, 0);
    w.p[layers_at(2) + 8] = 0x30;
    w.p[layers_at(2) + 10] = 0x7f; /* longer than the datagram */
    assert_outer(&w, false, COUNT_DECODE_GTP, 0);
    layers_craft(&w, "E4u4T");
    w.p[layers_at(2) + 20] = 0; /* an extension without a length */
    assert_outer(&w, false, COUNT_DECODE_GTP, 0);
    layers_craft(&w, "E4ZE4T");
    w.p[layers_at(2) + 9] = 4; /* keep-alive */
    assert_outer(&w, false, COUNT_DECODE_TZSP, 0);
    w.p[layers_at(2) + 9] = 0;
    w.p[layers_at(2) + 11] = 18; /* 802.11 */
    assert_outer(&w, true, COUNT_DECODE_TZSP, 0);
}

/* What an ICMP error quotes was sent earlier, or never. */
static void quotes_are_no_traffic(void **state)
{
    struct craft w;

    (void)state;
    layers_craft(&w, "E44T");
    w.p[layers_at(1) + 9] = 1;
    memmove(w.p + layers_at(2) + 8, w.p + layers_at(2), w.len - layers_at(2));
    memcpy(w.p + layers_at(2), "\3\3\0\0\0\0\0\0", 8);
    w.len += 8;
    craft_set16(&w, layers_at(1) + 2, (uint32_t)(w.len - layers_at(1)));
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_OTHER);
}

static void gre_odd(void **state)
{
    struct craft w;

    (void)state;
    layers_craft(&w, "E4G4T");
    craft_set16(&w, layers_at(2), 0x2001); /* PPTP carries PPP alone */
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
    craft_set16(&w, layers_at(2), 0x4000); /* routing */
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_LINK_UNKNOWN);
    craft_set16(&w, layers_at(2), 0x0005);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_LINK_UNKNOWN);
    craft_set16(&w, layers_at(2), 0);
    craft_set16(&w, layers_at(2) + 2, 0x883e); /* WCCP 1: nothing between */
    assert_request4(&w, DLT_EN10MB, 0);
    craft_set16(&w, layers_at(2) + 2, 0); /* a keep-alive */
    assert_int_not_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TCP);
    layers_craft(&w, "E42E4T");
    w.p[layers_at(2) + 8] = 0x30; /* an ERSPAN that nobody knows */
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_LINK_UNKNOWN);
    layers_craft(&w, "E43E4T");
    w.p[layers_at(2) + 18] = 0x08; /* III carries IP itself */
    memmove(w.p + layers_at(3), w.p + layers_at(4), w.len - layers_at(4));
    w.len -= 14;
    craft_set16(&w, layers_at(1) + 2, (uint32_t)(w.len - layers_at(1)));
    assert_request4(&w, DLT_EN10MB, 0);
}

static void pptp(void **state)
{
    struct craft w = {.len = 0};
    size_t begin;

    (void)state;
    for (unsigned acks = 0; acks < 2; acks++) {
        craft_ethernet(&w, 0x0800);
        craft_ipv4(&w, 47, 0, 0);
        craft_put(&w, acks ? 0x3081880b : 0x3001880b, 4);
        craft_put(&w, 0, 2);
        craft_put(&w, 7, 2);
        craft_put(&w, 1, 4);
        if (acks)
            craft_put(&w, 1, 4);
        begin = w.len;
        craft_put(&w, 0xff030021, 4);
        craft_request4(&w);
        craft_set16(&w, 38, (uint32_t)(w.len - begin));
        craft_set16(&w, 16, (uint32_t)(w.len - 14));
        assert_request4(&w, DLT_EN10MB, 0);
        craft_set16(&w, begin + 2, 0x00fd); /* compressed or encrypted (RFC 3078) */
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_LINK_UNKNOWN);
        craft_set16(&w, 38, (uint32_t)(w.len - begin + 1));
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
        craft_set16(&w, 38, 0);
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_NOT_IP);
    }
    assert_int_equal(counters[COUNT_DECODE_PPTP], 6);
}

static void gre_wccp_2(void **state)
{
    struct craft w;

    (void)state;
    layers_craft(&w, "E4G4T");
    craft_set16(&w, layers_at(2) + 2, 0x883e);
    memmove(w.p + layers_at(3) + 4, w.p + layers_at(3), w.len - layers_at(3));
    memset(w.p + layers_at(3), 0, 4);
    w.len += 4;
    craft_set16(&w, layers_at(1) + 2, (uint32_t)(w.len - layers_at(1)));
    assert_request4(&w, DLT_EN10MB, 0);
}

/* The switch cut the frame and says so: then the inner length may go beyond it. */
static void cut_by_the_mirror(void **state)
{
    struct craft w;

    (void)state;
    layers_craft(&w, "E42E4T");
    w.len -= 10;
    craft_set16(&w, layers_at(1) + 2, (uint32_t)(w.len - layers_at(1)));
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
    w.p[layers_at(2) + 10] |= 0x04;
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TCP);
    assert_int_equal(out.payload_len, REQUEST_LEN);
    assert_int_equal(out.payload.len, REQUEST_LEN - 10);

    layers_craft(&w, "E4ZE4T"); /* TZSP tag 41: the frame's own length */
    memmove(w.p + layers_at(3) + 3, w.p + layers_at(3) - 1, w.len - layers_at(3) + 1);
    memcpy(w.p + layers_at(3) - 1, "\x29\2\0", 3);
    w.p[layers_at(3) + 2] = (uint8_t)(w.len - layers_at(3));
    w.len -= 6;
    craft_set16(&w, layers_at(1) + 2, (uint32_t)(w.len - layers_at(1)));
    craft_set16(&w, layers_at(2) + 4, (uint32_t)(w.len - layers_at(2)));
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_TCP);
    assert_int_equal(out.payload_len, REQUEST_LEN);
    assert_int_equal(out.payload.len, REQUEST_LEN - 10);
}

/* Hardware addresses may begin as anything does that labels lead to. */
static void mpls_guesses(void **state)
{
    static const uint8_t first[] = {0x00, 0x02, 0x10, 0x40, 0x45, 0x46, 0x4f, 0x60, 0x68, 0xf0};
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < sizeof first; i++)
        for (unsigned control = 0; control < 2; control++) {
            layers_craft(&w, control ? "EMWEV4T" : "EMEV4T");
            memset(w.p + layers_at(control ? 3 : 2), 0xee, 12);
            w.p[layers_at(control ? 3 : 2)] = first[i];
            assert_request4(&w, DLT_EN10MB, 1);
        }
    layers_craft(&w, "EM4T");
    craft_set16(&w, layers_at(1), 0); /* explicit null */
    craft_set16(&w, layers_at(1) + 2, 0x01ff);
    assert_request4(&w, DLT_EN10MB, 0);
    w.p[layers_at(2)] = 0x14; /* the routers' own channel */
    craft_set16(&w, layers_at(1), 0x0006);
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_NOT_IP);
    layers_craft(&w, "EM6T");
    craft_set16(&w, layers_at(1), 0);
    craft_set16(&w, layers_at(1) + 2, 0x21ff);
    assert_request6(&w, DLT_EN10MB);
}

static void ppp_forms(void **state)
{
    struct craft w;
    size_t at;

    (void)state;
    layers_craft(&w, "EP4T");
    at = layers_at(2);
    memmove(w.p + at + 1, w.p + at, w.len - at); /* FF 03, and one byte of protocol */
    memcpy(w.p + at - 2, "\xff\x03\x21", 3);
    w.len++;
    craft_set16(&w, layers_at(1) + 4, (uint32_t)(w.len - layers_at(1) - 6));
    assert_request4(&w, DLT_EN10MB, 0);
    craft_set16(&w, layers_at(1) + 4, (uint32_t)(w.len - layers_at(1) - 6 + 1)); /* beyond the frame */
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
    craft_set16(&w, layers_at(1) + 4, (uint32_t)(w.len - layers_at(1) - 6 - 1)); /* shorter than the packet */
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_MALFORMED);
    layers_craft(&w, "EP4T");
    craft_set16(&w, layers_at(2) - 2, 0x00fd); /* compressed */
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_LINK_UNKNOWN);
    craft_set16(&w, layers_at(2) - 2, 0xc021); /* link control */
    assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_NOT_IP);
}

/* What a tunnel carries may be a fragment: of the inner addresses. */
static void inner_fragment(void **state)
{
    static const char *const carriers[] = {"E44T", "E4XE4T", "E4GE4T", "E4u4T"};
    struct craft w;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        size_t ip;

        layers_craft(&w, carriers[i]);
        ip = layers_at((unsigned)strlen(carriers[i]) - 2);
        craft_set16(&w, ip + 6, 0x2001);
        assert_int_equal(craft_decode(&w, DLT_EN10MB), COUNT_DECODE_FRAGMENTS);
        assert_int_equal(out.src.b[3], 3);
        assert_int_equal(out.fragment_offset, 8);
        assert_int_equal(out.payload_len, 20 + REQUEST_LEN);
        assert_false(count_lost());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRAFT_TEST(each_is_opened),
        CRAFT_TEST(cut_everywhere),
        CRAFT_TEST(every_byte_wrong),
        CRAFT_TEST(ceiling),
        CRAFT_TEST(endless),
        cmocka_unit_test(switches),
        CRAFT_TEST(bad_inside_gives_outer),
        CRAFT_TEST(quotes_are_no_traffic),
        CRAFT_TEST(gre_odd),
        CRAFT_TEST(pptp),
        CRAFT_TEST(gre_wccp_2),
        CRAFT_TEST(cut_by_the_mirror),
        CRAFT_TEST(mpls_guesses),
        CRAFT_TEST(ppp_forms),
        CRAFT_TEST(inner_fragment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
