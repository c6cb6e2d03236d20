/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_GATES_H
#define DETECT_GATES_H

#include "detect/patterns.h"

/* A few pairs of adjacent bytes, so chosen that each of many literals has one of them: rules against one kind
 * of attack share their "${" or "%7". A text that has none of the pairs has none of the literals either, and
 * memchr shows that for a fraction of what a search for all of them costs. */

#define GATES_MAX          3
#define GATES_PATTERNS_MAX 256 /* more literals than that have hardly anything in common */

struct gates {
    struct gate {
        uint8_t rare, other; /* the one that is looked for, and its neighbour */
        bool rare_first;
    } gate[GATES_MAX];
    unsigned n; /* 0: there are no such pairs, any text may have a literal */
};

/* leads: NULL, or for each literal two bytes without which it does not count in any text, or none. */
void gates_choose(struct gates *g, const struct pattern *list, const struct bytes *leads, unsigned n);

/* Can one of the literals be in the text? True as well when it is not worth finding out. */
bool gates_open(const struct gates *g, struct bytes text);

/* True when the two bytes are one of the pairs. */
bool gates_have(const struct gates *g, struct bytes pair);

#endif
