/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULE_CLASS_H
#define DETECT_RULE_CLASS_H

#include "base/log.h"
#include "detect/pool.h"

#include <stdint.h>

/* What a classtype is called and how severe it is: as Suricata's classification.config has them, which is
 * built in, and as an operator's file in its syntax has them, which goes before. */
struct rule_class {
    const char *name, *text;
    uint32_t priority;
};

#define RULE_CLASSES_MAX 1024 /* of an operator's */

struct rule_classes {
    struct rule_class *own; /* an operator's */
    unsigned n, room;
};

/* "config classification: name,text,priority", one a line; of two with one name the first counts. name
 * stands for the file in complaints. False with a complaint. */
bool rule_classes_read(struct rule_classes *c, struct pool *pool, const char *name, struct bytes text,
                       struct complaint *why);
void rule_classes_drop(struct rule_classes *c);

/* c may be NULL: those built in. NULL when it is not known. */
const struct rule_class *rule_class_find(const struct rule_classes *c, struct bytes name);

/* What Suricata makes of one that it does not know. */
#define UNKNOWN_CLASS_TEXT     "Unknown Classtype"
#define UNKNOWN_CLASS_PRIORITY 3

/* The i-th of those built in; NULL beyond the last. */
const struct rule_class *rule_class_built_in(unsigned i);

/* The name that was meant, perhaps; NULL. */
const char *rule_class_nearest(const struct rule_classes *c, const char *name);

#endif
