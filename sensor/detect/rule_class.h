/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULE_CLASS_H
#define DETECT_RULE_CLASS_H

#include <stdint.h>

/* Suricata's classification.config, built in: what a classtype is called and how severe it is. */
struct rule_class {
    const char *name, *text;
    uint32_t priority;
};

extern const struct rule_class rule_classes[];
extern const unsigned n_rule_classes;

#endif
