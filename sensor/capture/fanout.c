/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/fanout.h"

#include <assert.h>
#include <linux/if_arp.h>

/* Classic BPF has an accumulator (A), an index (X), sixteen cells and jumps forward. Throughout, X is where
 * the header at hand begins: an offset to the kernel's own mark of the link or network header, so that the
 * same code serves both. A load beyond the frame ends the program with 0: share 0 of what is cut short. */

enum cell { CELL_PAIR, CELL_AT, CELL_KEPT, CELL_FLAGS };

/* Places that jumps lead to. Each level of headers has its own set. */
enum label {
    LABEL_ETHERNET,     /* X: an Ethernet header */
    LABEL_TYPE,         /* A: an Ethernet type; X: what it says */
    LABEL_TYPE_NOT_IP4, /* the same, and it is not IPv4 */
    LABEL_MPLS,
    LABEL_PPPOE,
    LABEL_IP,  /* X: a header whose first four bits tell the version */
    LABEL_IP4, /* X: an IPv4 header */
    LABEL_IP6,
    LABEL_INSIDE, /* A: an IP protocol; X: what it says */
    LABEL_UDP,
    LABEL_VXLAN,
    LABEL_GENEVE,
    LABEL_GTP,
    LABEL_GTP_END,
    LABEL_GRE,
    LABEL_ERSPAN_2,
    LABEL_ICMP4,
    LABEL_ICMP6,
    LABEL_N
};

#define LEVELS      3 /* the outermost and two inside it */
#define LABEL_DONE  (LEVELS * LABEL_N)
#define N_LABELS    (LABEL_DONE + 1)
#define MAX_JUMPS   1024
#define VLAN_TAGS   3
#define MPLS_LABELS 4

struct maker {
    struct sock_filter *code;
    unsigned n;
    unsigned place[N_LABELS];
    struct {
        unsigned at, label;
    } jumps[MAX_JUMPS];
    unsigned n_jumps;
    unsigned level;
    const struct config *config;
};

static void emit(struct maker *m, unsigned code, uint32_t k)
{
    assert(m->n < FANOUT_MAX_CODE);
    m->code[m->n++] = (struct sock_filter)BPF_STMT((unsigned short)code, k);
}

static void set_place(struct maker *m, unsigned label)
{
    m->place[label] = m->n;
}

/* A label of this level, and of the one inside it. */
static unsigned here(const struct maker *m, enum label label)
{
    return m->level * LABEL_N + label;
}

static unsigned inside(const struct maker *m, enum label label)
{
    return m->level + 1 < LEVELS ? (m->level + 1) * LABEL_N + label : LABEL_DONE;
}

static void jump(struct maker *m, unsigned label)
{
    assert(m->n_jumps < MAX_JUMPS);
    m->jumps[m->n_jumps].at = m->n;
    m->jumps[m->n_jumps++].label = label;
    emit(m, BPF_JMP | BPF_JA, 0);
}

/* Conditional jumps reach 255 instructions; the others any number. */
static void jump_if(struct maker *m, unsigned test, uint32_t k, unsigned label)
{
    emit(m, BPF_JMP | test | BPF_K, k);
    m->code[m->n - 1].jf = 1;
    jump(m, label);
}

static void jump_unless(struct maker *m, unsigned test, uint32_t k, unsigned label)
{
    emit(m, BPF_JMP | test | BPF_K, k);
    m->code[m->n - 1].jt = 1;
    jump(m, label);
}

static void jumps_finish(struct maker *m)
{
    for (unsigned i = 0; i < m->n_jumps; i++) {
        unsigned at = m->jumps[i].at, to = m->place[m->jumps[i].label];

        assert(to > at); /* the kernel takes no other */
        m->code[at].k = to - at - 1;
    }
}

/* A = size bytes at X + offset */
static void load(struct maker *m, unsigned size, uint32_t offset)
{
    emit(m, BPF_LD | size | BPF_IND, offset);
}

/* X += n; A is lost */
static void advance(struct maker *m, uint32_t n)
{
    emit(m, BPF_MISC | BPF_TXA, 0);
    emit(m, BPF_ALU | BPF_ADD | BPF_K, n);
    emit(m, BPF_MISC | BPF_TAX, 0);
}

/* X += n; A is kept */
static void advance_keeping(struct maker *m, uint32_t n)
{
    emit(m, BPF_ST, CELL_KEPT);
    advance(m, n);
    emit(m, BPF_LD | BPF_MEM, CELL_KEPT);
}

/* X += A + n */
static void advance_by(struct maker *m, uint32_t n)
{
    emit(m, BPF_ALU | BPF_ADD | BPF_X, 0);
    emit(m, BPF_ALU | BPF_ADD | BPF_K, n);
    emit(m, BPF_MISC | BPF_TAX, 0);
}

/* Knuth's multiplier: it spreads neighbouring addresses. */
#define SPREAD 2654435761u

/* CELL_PAIR = the sum, over n words from X + offset on, of each word well stirred; X is as before. A sum is
 * equal for both directions; of plain words, or their XOR, it would also be for too many other pairs. */
static void make_pair(struct maker *m, uint32_t offset, unsigned n)
{
    emit(m, BPF_STX, CELL_AT);
    emit(m, BPF_LD | BPF_IMM, 0);
    emit(m, BPF_ST, CELL_PAIR);
    for (unsigned i = 0; i < n; i++) {
        load(m, BPF_W, offset + 4 * i);
        emit(m, BPF_ALU | BPF_MUL | BPF_K, SPREAD);
        emit(m, BPF_MISC | BPF_TAX, 0);
        emit(m, BPF_ALU | BPF_RSH | BPF_K, 15);
        emit(m, BPF_ALU | BPF_XOR | BPF_X, 0);
        emit(m, BPF_LDX | BPF_MEM, CELL_PAIR);
        emit(m, BPF_ALU | BPF_ADD | BPF_X, 0);
        emit(m, BPF_ST, CELL_PAIR);
        emit(m, BPF_LDX | BPF_MEM, CELL_AT);
    }
}

/* destination, 6 bytes | source, 6 | type, 2 */
static void make_ethernet(struct maker *m)
{
    set_place(m, here(m, LABEL_ETHERNET));
    load(m, BPF_H, 12);
    advance_keeping(m, 14);
}

/* 802.1Q: control, 2 bytes | type, 2 */
static void make_vlans(struct maker *m)
{
    static const uint32_t tags[] = {0x8100, 0x88a8, 0x9100, 0x9200};

    for (unsigned i = 0; i < VLAN_TAGS; i++) {
        unsigned n = sizeof tags / sizeof *tags;

        for (unsigned k = 0; k < n; k++) {
            emit(m, BPF_JMP | BPF_JEQ | BPF_K, tags[k]);
            m->code[m->n - 1].jt = (uint8_t)(n - k); /* to the load below */
        }
        jump(m, here(m, LABEL_TYPE_NOT_IP4));
        load(m, BPF_H, 2);
        advance_keeping(m, 4);
        jump_if(m, BPF_JEQ, 0x0800, here(m, LABEL_IP4));
    }
}

static void make_type(struct maker *m)
{
    set_place(m, here(m, LABEL_TYPE));
    jump_if(m, BPF_JEQ, 0x0800, here(m, LABEL_IP4));
    make_vlans(m);
    set_place(m, here(m, LABEL_TYPE_NOT_IP4));
    jump_if(m, BPF_JEQ, 0x86dd, here(m, LABEL_IP6));
    if (m->config && m->config->mpls) {
        jump_if(m, BPF_JEQ, 0x8847, here(m, LABEL_MPLS));
        jump_if(m, BPF_JEQ, 0x8848, here(m, LABEL_MPLS));
    }
    if (m->config && m->config->pppoe)
        jump_if(m, BPF_JEQ, 0x8864, here(m, LABEL_PPPOE));
    jump(m, LABEL_DONE);
}

/* RFC 3032: label, 20 bits | class, 3 | bottom of stack, 1 | time to live, 8. What follows is told by nothing
 * but itself; an Ethernet frame in it (a pseudowire) stays with what is outside. */
static void make_mpls(struct maker *m)
{
    set_place(m, here(m, LABEL_MPLS));
    for (unsigned i = 0; i < MPLS_LABELS; i++) {
        load(m, BPF_B, 2);
        advance_keeping(m, 4);
        jump_if(m, BPF_JSET, 1, here(m, LABEL_IP));
    }
    jump(m, LABEL_DONE);
}

/* RFC 2516: version and type, 1 byte | code, 1 | session, 2 | length, 2 | PPP protocol, 2 */
static void make_pppoe(struct maker *m)
{
    set_place(m, here(m, LABEL_PPPOE));
    load(m, BPF_H, 6);
    advance_keeping(m, 8);
    jump_if(m, BPF_JEQ, 0x0021, here(m, LABEL_IP4));
    jump_if(m, BPF_JEQ, 0x0057, here(m, LABEL_IP6));
    jump(m, LABEL_DONE);
}

static void make_ip(struct maker *m)
{
    set_place(m, here(m, LABEL_IP));
    load(m, BPF_B, 0);
    emit(m, BPF_ALU | BPF_RSH | BPF_K, 4);
    jump_if(m, BPF_JEQ, 4, here(m, LABEL_IP4));
    jump_if(m, BPF_JEQ, 6, here(m, LABEL_IP6));
    jump(m, LABEL_DONE);
}

/* RFC 791 3.1 */
static void make_ip4(struct maker *m)
{
    set_place(m, here(m, LABEL_IP4));
    make_pair(m, 12, 2);
    load(m, BPF_H, 6);
    /* Only the first fragment has the tunnel's header: all of them go by what they have. */
    jump_if(m, BPF_JSET, 0x3fff, LABEL_DONE);
    load(m, BPF_B, 9);
    emit(m, BPF_ST, CELL_KEPT);
    load(m, BPF_B, 0);
    emit(m, BPF_ALU | BPF_AND | BPF_K, 0x0f);
    emit(m, BPF_ALU | BPF_LSH | BPF_K, 2);
    advance_by(m, 0);
    emit(m, BPF_LD | BPF_MEM, CELL_KEPT);
    jump(m, here(m, LABEL_INSIDE));
}

/* RFC 8200 3. Extension headers before a tunnel are rare: it then stays with what is outside. */
static void make_ip6(struct maker *m)
{
    set_place(m, here(m, LABEL_IP6));
    make_pair(m, 8, 8);
    load(m, BPF_B, 6);
    advance_keeping(m, 40);
}

static void make_inside(struct maker *m)
{
    const struct config *c = m->config;

    set_place(m, here(m, LABEL_INSIDE));
    if (m->level + 1 < LEVELS) {
        jump_if(m, BPF_JEQ, 1, here(m, LABEL_ICMP4));
        jump_if(m, BPF_JEQ, 58, here(m, LABEL_ICMP6));
    }
    if (c && m->level + 1 < LEVELS) {
        if (c->vxlan || c->geneve || c->gtp)
            jump_if(m, BPF_JEQ, 17, here(m, LABEL_UDP));
        if (c->gre)
            jump_if(m, BPF_JEQ, 47, here(m, LABEL_GRE));
        if (c->ip_in_ip) {
            jump_if(m, BPF_JEQ, 4, inside(m, LABEL_IP4));
            jump_if(m, BPF_JEQ, 41, inside(m, LABEL_IP6));
        }
    }
    jump(m, LABEL_DONE);
}

/* type, 1 byte | code, 1 | checksum, 2 | 4 more | a packet that could not be delivered: its own pair is the
 * one that somebody waits for. */
static void make_icmp(struct maker *m)
{
    set_place(m, here(m, LABEL_ICMP4));
    load(m, BPF_B, 0);
    advance_keeping(m, 8);
    jump_if(m, BPF_JEQ, 3, inside(m, LABEL_IP4));
    jump(m, LABEL_DONE);
    set_place(m, here(m, LABEL_ICMP6));
    load(m, BPF_B, 0);
    advance_keeping(m, 8);
    jump_if(m, BPF_JEQ, 1, inside(m, LABEL_IP6));
    jump(m, LABEL_DONE);
}

static void ports_jump(struct maker *m, bool wanted, const struct config_ports *ports, enum label label)
{
    for (unsigned i = 0; wanted && i < ports->n; i++)
        jump_if(m, BPF_JEQ, ports->v[i], here(m, label));
}

/* source port, 2 bytes | destination port, 2 | length, 2 | checksum, 2 */
static void make_udp(struct maker *m)
{
    const struct config *c = m->config;

    set_place(m, here(m, LABEL_UDP));
    load(m, BPF_H, 2);
    advance_keeping(m, 8);
    ports_jump(m, c->vxlan, &c->vxlan_ports, LABEL_VXLAN);
    ports_jump(m, c->geneve, &c->geneve_ports, LABEL_GENEVE);
    ports_jump(m, c->gtp, &c->gtp_ports, LABEL_GTP);
    jump(m, LABEL_DONE);
}

/* RFC 7348 5: flags, 1 byte | reserved, 3 | network, 3 | reserved, 1. With the flag of VXLAN-GPE the fourth
 * byte says what is inside. */
static void make_vxlan(struct maker *m)
{
    set_place(m, here(m, LABEL_VXLAN));
    load(m, BPF_B, 0);
    jump_unless(m, BPF_JSET, 0x08, LABEL_DONE);
    emit(m, BPF_ST, CELL_FLAGS);
    load(m, BPF_B, 3);
    advance_keeping(m, 8);
    emit(m, BPF_ST, CELL_KEPT);
    emit(m, BPF_LD | BPF_MEM, CELL_FLAGS);
    jump_unless(m, BPF_JSET, 0x04, inside(m, LABEL_ETHERNET));
    emit(m, BPF_LD | BPF_MEM, CELL_KEPT);
    jump_if(m, BPF_JEQ, 1, inside(m, LABEL_IP4));
    jump_if(m, BPF_JEQ, 2, inside(m, LABEL_IP6));
    jump_if(m, BPF_JEQ, 3, inside(m, LABEL_ETHERNET));
    jump(m, LABEL_DONE);
}

/* A: an Ethernet type, X: what it says, inside. */
static void jump_by_type(struct maker *m)
{
    jump_if(m, BPF_JEQ, 0x6558, inside(m, LABEL_ETHERNET));
    jump_if(m, BPF_JEQ, 0x0800, inside(m, LABEL_IP4));
    jump_if(m, BPF_JEQ, 0x86dd, inside(m, LABEL_IP6));
}

/* RFC 8926 3.4: version, 2 bits | length of options in words, 6 | flags, 8 | type, 16 | network, 24 | - */
static void make_geneve(struct maker *m)
{
    set_place(m, here(m, LABEL_GENEVE));
    load(m, BPF_H, 2);
    emit(m, BPF_ST, CELL_KEPT);
    load(m, BPF_B, 0);
    emit(m, BPF_ALU | BPF_AND | BPF_K, 0x3f);
    emit(m, BPF_ALU | BPF_LSH | BPF_K, 2);
    advance_by(m, 8);
    emit(m, BPF_LD | BPF_MEM, CELL_KEPT);
    jump_by_type(m);
    jump(m, LABEL_DONE);
}

#define GTP_EXTENSIONS 2

/* TS 29.281 5.1: flags, 1 byte | type, 1 (255: a packet) | length, 2 | tunnel, 4 | with any of three flags:
 * sequence, 2 | N-PDU, 1 | next extension, 1. An extension: length in words, 1 | .. | next extension, 1 */
static void make_gtp(struct maker *m)
{
    set_place(m, here(m, LABEL_GTP));
    load(m, BPF_B, 1);
    jump_unless(m, BPF_JEQ, 255, LABEL_DONE);
    load(m, BPF_B, 0);
    advance_keeping(m, 8);
    jump_unless(m, BPF_JSET, 0x07, here(m, LABEL_GTP_END));
    emit(m, BPF_ST, CELL_FLAGS);
    load(m, BPF_B, 3);
    advance_keeping(m, 4);
    emit(m, BPF_ST, CELL_KEPT);
    emit(m, BPF_LD | BPF_MEM, CELL_FLAGS);
    jump_unless(m, BPF_JSET, 0x04, here(m, LABEL_GTP_END));
    emit(m, BPF_LD | BPF_MEM, CELL_KEPT);
    for (unsigned i = 0; i < GTP_EXTENSIONS; i++) {
        jump_if(m, BPF_JEQ, 0, here(m, LABEL_GTP_END));
        load(m, BPF_B, 0);
        emit(m, BPF_ALU | BPF_LSH | BPF_K, 2);
        emit(m, BPF_ALU | BPF_ADD | BPF_X, 0);
        emit(m, BPF_ALU | BPF_SUB | BPF_K, 1);
        emit(m, BPF_MISC | BPF_TAX, 0);
        load(m, BPF_B, 0);
        advance_keeping(m, 1);
    }
    jump_unless(m, BPF_JEQ, 0, LABEL_DONE);
    set_place(m, here(m, LABEL_GTP_END));
    load(m, BPF_B, 0);
    emit(m, BPF_ALU | BPF_RSH | BPF_K, 4);
    jump_if(m, BPF_JEQ, 4, inside(m, LABEL_IP4));
    jump_if(m, BPF_JEQ, 6, inside(m, LABEL_IP6));
    jump(m, LABEL_DONE);
}

/* X += n when the flag is set in CELL_FLAGS; A is lost */
static void advance_if(struct maker *m, uint32_t flag, uint32_t n)
{
    emit(m, BPF_LD | BPF_MEM, CELL_FLAGS);
    emit(m, BPF_JMP | BPF_JSET | BPF_K, flag);
    m->code[m->n - 1].jf = 3;
    advance(m, n);
}

/* Ethernet inside ERSPAN: II has 8 bytes before it (I, without a sequence number in GRE, none), III 12, or
 * 20 when the lowest bit of the twelfth says so. */
static void make_erspan(struct maker *m)
{
    jump_unless(m, BPF_JEQ, 0x22eb, here(m, LABEL_ERSPAN_2));
    load(m, BPF_B, 11);
    emit(m, BPF_ST, CELL_FLAGS);
    advance(m, 12);
    advance_if(m, 0x01, 8);
    jump(m, inside(m, LABEL_ETHERNET));
    set_place(m, here(m, LABEL_ERSPAN_2));
    jump_unless(m, BPF_JEQ, 0x88be, LABEL_DONE);
    advance_if(m, 0x1000, 8);
    jump(m, inside(m, LABEL_ETHERNET));
}

/* RFC 2784, 2890: flags and version, 2 bytes | type, 2 | checksum, key, sequence: 4 each, as flagged */
static void make_gre(struct maker *m)
{
    set_place(m, here(m, LABEL_GRE));
    load(m, BPF_H, 0);
    jump_if(m, BPF_JSET, 0x4007, LABEL_DONE); /* source routes, PPTP */
    emit(m, BPF_ST, CELL_FLAGS);
    load(m, BPF_H, 2);
    emit(m, BPF_ST, CELL_KEPT);
    advance(m, 4);
    advance_if(m, 0x8000, 4);
    advance_if(m, 0x2000, 4);
    advance_if(m, 0x1000, 4);
    emit(m, BPF_LD | BPF_MEM, CELL_KEPT);
    jump_by_type(m);
    if (m->config->erspan)
        make_erspan(m);
    else
        jump(m, LABEL_DONE);
}

static void make_level(struct maker *m)
{
    const struct config *c = m->config;

    make_ethernet(m);
    make_type(m);
    if (c && c->mpls)
        make_mpls(m);
    if (c && c->pppoe)
        make_pppoe(m);
    make_ip(m);
    make_ip4(m);
    make_ip6(m);
    make_inside(m);
    if (m->level + 1 < LEVELS)
        make_icmp(m);
    if (!c || m->level + 1 == LEVELS)
        return;
    if (c->vxlan || c->geneve || c->gtp)
        make_udp(m);
    if (c->vxlan)
        make_vxlan(m);
    if (c->geneve)
        make_geneve(m);
    if (c->gtp)
        make_gtp(m);
    if (c->gre)
        make_gre(m);
}

/* Where the kernel's marks are: the link header of Ethernet (and of the loopback interface, which has one,
 * too), with the outermost VLAN tag taken out of it; else the network header. */
static void make_start(struct maker *m)
{
    emit(m, BPF_LD | BPF_IMM, 0);
    emit(m, BPF_ST, CELL_PAIR);
    emit(m, BPF_LDX | BPF_IMM, (uint32_t)SKF_LL_OFF);
    emit(m, BPF_LD | BPF_H | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_HATYPE));
    jump_if(m, BPF_JEQ, ARPHRD_ETHER, here(m, LABEL_ETHERNET));
    jump_if(m, BPF_JEQ, ARPHRD_LOOPBACK, here(m, LABEL_ETHERNET));
    emit(m, BPF_LDX | BPF_IMM, (uint32_t)SKF_NET_OFF);
    emit(m, BPF_LD | BPF_H | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
    jump(m, here(m, LABEL_TYPE));
}

/* The upper half of a product is the better mixed one. */
static void make_share(struct maker *m, const struct fanout_plan *plan, const unsigned char *place)
{
    set_place(m, LABEL_DONE);
    emit(m, BPF_LD | BPF_MEM, CELL_PAIR);
    emit(m, BPF_ALU | BPF_XOR | BPF_K, plan->seed);
    emit(m, BPF_ALU | BPF_MUL | BPF_K, SPREAD);
    emit(m, BPF_ALU | BPF_RSH | BPF_K, 16);
    emit(m, BPF_ALU | BPF_MOD | BPF_K, plan->n_workers);
    for (unsigned k = 0; k < plan->n_workers; k++) {
        if (place[k] == k)
            continue;
        emit(m, BPF_JMP | BPF_JEQ | BPF_K, k);
        m->code[m->n - 1].jf = 1;
        emit(m, BPF_RET | BPF_K, place[k]);
    }
    emit(m, BPF_RET | BPF_A, 0);
}

unsigned fanout_program(const struct fanout_plan *plan, const unsigned char *place, struct sock_filter *code)
{
    struct maker m = {.code = code, .config = plan->config};

    assert(plan->n_workers >= 1 && plan->n_workers <= FANOUT_MAX_WORKERS);
    if (plan->n_workers == 1) {
        emit(&m, BPF_RET | BPF_K, place[0]);
        return m.n;
    }
    make_start(&m);
    for (m.level = 0; m.level < LEVELS; m.level++)
        make_level(&m);
    m.level = 0;
    make_share(&m, plan, place);
    jumps_finish(&m);
    return m.n;
}
