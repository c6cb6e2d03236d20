/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/death.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#define SECOND    UINT64_C(1000000)
#define PAUSE_MAX (60 * SECOND)

static const struct {
    int sig;
    const char *word, *phrase;
} signals[] = {
    {SIGSEGV, "SIGSEGV", "a memory access that is not allowed (SIGSEGV)"},
    {SIGBUS, "SIGBUS", "a memory access that failed (SIGBUS)"},
    {SIGILL, "SIGILL", "an instruction that does not exist (SIGILL)"},
    {SIGFPE, "SIGFPE", "an impossible calculation (SIGFPE)"},
    {SIGABRT, "SIGABRT", "an impossible state (SIGABRT)"},
    {SIGSYS, "seccomp", "a system call that the sandbox forbids (SIGSYS)"},
    {SIGKILL, "SIGKILL", "somebody's SIGKILL, or the kernel's for want of memory"},
    {SIGXCPU, "SIGXCPU", "too much processor time (SIGXCPU)"},
    {SIGTERM, "SIGTERM", "somebody's SIGTERM"},
};

static const char *signal_reason(int sig, char *phrase, size_t size)
{
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (signals[i].sig == sig) {
            snprintf(phrase, size, "%s", signals[i].phrase);
            return signals[i].word;
        }
    snprintf(phrase, size, "signal %d", sig);
    return "signal";
}

const char *death_reason(int wait_status, enum offence offence, char *phrase, size_t size)
{
    if (offence != OFFENCE_NONE) {
        snprintf(phrase, size, "%s", offence == OFFENCE_HANG ? "a hang" : "records that are none");
        return offence == OFFENCE_HANG ? "hang" : "nonsense";
    }
    if (WIFSIGNALED(wait_status))
        return signal_reason(WTERMSIG(wait_status), phrase, size);
    snprintf(phrase, size, "its own end, with exit status %d", WEXITSTATUS(wait_status));
    return "exit";
}

/* The pauses themselves must not make deaths look rare: they are part of the span. */
uint64_t deaths_note(struct deaths *d, uint64_t now_us)
{
    uint64_t first;

    d->at_us[d->n++ % DEATHS_MANY] = now_us;
    first = d->at_us[d->n % DEATHS_MANY]; /* the next place in the circle: the oldest */
    if (d->n < DEATHS_MANY || now_us - first > DEATHS_WITHIN_US + DEATHS_MANY * d->pause_us) {
        d->pause_us = 0;
        return 0;
    }
    d->pause_us = d->pause_us == 0 ? SECOND : 2 * d->pause_us;
    if (d->pause_us > PAUSE_MAX)
        d->pause_us = PAUSE_MAX;
    return d->pause_us;
}

bool deaths_stuck(struct deaths *d, uint64_t place)
{
    d->n_there = place == d->place ? d->n_there + 1 : 1;
    d->place = place;
    return d->n_there >= DEATHS_HOPELESS;
}
