/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULE_USE_H
#define DETECT_RULE_USE_H

#include <stdint.h>
#include <time.h>

/* What a rule costs while it is asked, for whoever wants to know (ruleset_watch). */
struct rule_use {
    uint64_t asked; /* times that its contents were looked for */
    uint64_t held;  /* of those, that all of one buffer's held */
    uint64_t ns;
};

/* use may be NULL: then neither costs more than that. */
static inline uint64_t rule_use_begin(const struct rule_use *use)
{
    struct timespec now;

    if (!use || clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline void rule_use_end(struct rule_use *use, uint64_t begun, int held)
{
    if (!use)
        return;
    use->asked++;
    use->held += held != 0;
    use->ns += rule_use_begin(use) - begun;
}

#endif
