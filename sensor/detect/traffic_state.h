/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_TRAFFIC_STATE_H
#define DETECT_TRAFFIC_STATE_H

#include "detect/rule_traffic.h"

/* What rules remember between matches: flowbits and flowints of a flow, xbits of addresses (Suricata
 * rules/flow-keywords, rules/xbits). Names are numbers here, the same for all rulesets of a process. */

#define STATE_NONE UINT32_MAX

struct state_names;
struct state_names *state_names_new(void); /* NULL when memory is short */
void state_names_free(struct state_names *n);

/* The number of a name, a new one when there is none yet. STATE_NONE when memory is short. Flowbits, xbits
 * and flowints have names of their own each. */
uint32_t state_number(struct state_names *n, enum state_kind kind, const char *name);

/* One rule_state with its names as numbers. */
struct state_ask {
    const struct rule_state *state;
    uint32_t names[STATE_MAX_NAMES];
    uint32_t value_name; /* STATE_NONE: none */
};

/* How many there are of a kind. */
uint32_t state_names_n(const struct state_names *n, enum state_kind kind);

bool state_ask_init(struct state_ask *a, const struct rule_state *state, struct state_names *names);

/* What a flow has. All zero at first. */
#define STATE_FLOWINTS_MAX 64
struct flow_marks {
    uint64_t *bits;
    uint32_t n_words;
    uint32_t n_ints;
    struct flow_int {
        uint32_t name, value;
    } * ints;
};

void flow_marks_drop(struct flow_marks *s);
size_t flow_marks_size(const struct flow_marks *s); /* bytes taken */

/* Bits of addresses, as many as STATE_XBITS_MAX for the process: the one that expires first makes room. */
#define STATE_XBITS_MAX 65536
struct xbits;
struct xbits *xbits_new(bool fixed); /* fixed: mix_secrets. NULL when memory is short */
void xbits_free(struct xbits *x);

/* Where and when a rule is asked. */
struct state_place {
    struct flow_marks *flow;
    struct xbits *xbits;
    const struct addr *src, *dst;
    uint64_t now_us;
};

bool state_holds(const struct state_ask *a, const struct state_place *p);

/* Does what it says. What finds no memory is left undone and counted (traffic.memory). */
void state_do(const struct state_ask *a, const struct state_place *p);

#endif
