/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_DEATH_H
#define PROCESS_DEATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a process ended, in words, and when its successor may begin. */

/* What the collector kills for. */
enum offence { OFFENCE_NONE, OFFENCE_HANG, OFFENCE_NONSENSE };

/* One word for machines ("SIGSEGV", "seccomp", "hang", "nonsense", "exit"), and a phrase for people of at
 * most size bytes, from what waitpid said and from why the collector killed it, if it did. */
const char *death_reason(int wait_status, enum offence offence, char *phrase, size_t size);

#define DEATHS_MANY      5
#define DEATHS_WITHIN_US UINT64_C(60000000)
#define DEATHS_HOPELESS  8

struct deaths {
    uint64_t at_us[DEATHS_MANY]; /* the last ones, in a circle */
    unsigned n;
    uint64_t pause_us; /* the last one; 0: none */
    uint64_t place;    /* of the last one in the input */
    unsigned n_there;  /* in a row, at that place */
};

/* How long to wait before the successor: not at all, until there have been DEATHS_MANY within
 * DEATHS_WITHIN_US; then 1, 2, 4 ... 60 seconds, until a minute passes without so many. now_us: a clock that
 * never jumps. */
uint64_t deaths_note(struct deaths *d, uint64_t now_us);

/* Once for each death. True when DEATHS_HOPELESS in a row were at this place: no successor will come further.
 */
bool deaths_stuck(struct deaths *d, uint64_t place);

#endif
