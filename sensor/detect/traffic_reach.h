/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_TRAFFIC_REACH_H
#define DETECT_TRAFFIC_REACH_H

#include "detect/rule_confirm.h"

/* Rules with the same header stand in one class. Which classes speak of a direction of a flow is found out
 * once for it; text that no rule of a set could speak of needs no look. */

#define REACH_OTHERS    63 /* the class of the rules that found no room in another: they are always asked */
#define REACH_ADDRESSES 64 /* different lists of addresses */

typedef uint64_t reach_classes; /* one bit each */

struct traffic_reach {
    struct reach_class {
        const struct rule_match *header;
        unsigned src, dst; /* of lists */
    } classes[REACH_OTHERS];
    unsigned n;
    struct reach_list {
        const struct scope *scope;
        const char *written;
    } lists[REACH_ADDRESSES];
    unsigned n_lists;
};

/* The class of a rule by transport and ends alone: what it asks beside them may change while a flow goes on.
 */
unsigned traffic_reach_class(struct traffic_reach *r, const struct rule_match *m);

/* The lists that addresses asked about lately stand in. All zero at first, and again for another
 * traffic_reach. */
#define REACH_KNOWN 2048
struct reach_known {
    struct reach_address {
        struct addr addr;
        bool used;
        uint64_t lists; /* one bit each */
    } known[REACH_KNOWN];
};

/* The classes whose headers hold for packets of these ends, and always REACH_OTHERS. */
reach_classes traffic_reach_of(const struct traffic_reach *r, struct reach_known *known,
                               const struct sighting *s);

#endif
