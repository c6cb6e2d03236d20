/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reload.h"
#include "base/buf.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX ((size_t)64 << 10)

struct reload {
    struct reload_plan plan;
    struct reload_part parts[RELOAD_PARTS];
    void *fresh[RELOAD_PARTS];
    unsigned n;
    bool asked, reading;
    uint64_t n_begun, n_settled; /* readings; of the last that is settled: */
    bool settled_good;
    struct complaint settled_why;
    pthread_t thread;
    atomic_bool done;
    /* The thread's, until it is done. */
    bool good;
    struct complaint why;
    struct buf words; /* what it logged: a byte of level and a line for each */
};

struct reload *reload_new(const struct reload_plan *plan)
{
    struct reload *r = calloc(1, sizeof *r);

    if (!r)
        return NULL;
    r->plan = *plan;
    r->words = buf_within(WORDS_MAX);
    return r;
}

void reload_add(struct reload *r, const struct reload_part *part)
{
    assert(r->n < RELOAD_PARTS);
    r->parts[r->n++] = *part;
}

static void fresh_drop(struct reload *r)
{
    for (unsigned i = 0; i < r->n; i++)
        if (r->fresh[i])
            r->parts[i].drop(r->parts[i].arg, r->fresh[i]);
    memset(r->fresh, 0, sizeof r->fresh);
}

void reload_free(struct reload *r)
{
    if (!r)
        return;
    if (r->reading)
        pthread_join(r->thread, NULL);
    fresh_drop(r);
    buf_drop(&r->words);
    free(r);
}

uint64_t reload_ask(struct reload *r)
{
    r->asked = true;
    return r->n_begun + 1;
}

enum reload_state reload_result(const struct reload *r, uint64_t number, struct complaint *why)
{
    if (number > r->n_settled)
        return RELOAD_UNDER_WAY;
    if (r->settled_good)
        return RELOAD_IN_USE;
    *why = r->settled_why;
    return RELOAD_REFUSED;
}

/* --- the reading thread --- */

static void on_log(void *arg, enum log_level level, const char *text)
{
    struct reload *r = arg;
    size_t len = strlen(text) + 1;

    if (r->words.len + len + 1 > WORDS_MAX) /* whole lines only */
        return;
    buf_add_byte(&r->words, (uint8_t)level);
    buf_add(&r->words, bytes_of(text, len));
}

static void *read_all(void *arg)
{
    struct reload *r = arg;

    log_set_thread_sink(on_log, r);
    r->good = true;
    for (unsigned i = 0; i < r->n && r->good; i++) {
        r->fresh[i] = r->parts[i].read(r->parts[i].arg, &r->why);
        r->good = r->fresh[i] != NULL;
    }
    atomic_store(&r->done, true);
    r->plan.wake(r->plan.arg);
    return NULL;
}

/* --- the first thread --- */

/* Signals stay its own. */
static bool thread_begin(struct reload *r)
{
    sigset_t all, before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&r->thread, NULL, read_all, r);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error == 0 || complain(&r->why, "no thread to read them in: %s", strerror(error));
}

static void words_tell(struct reload *r)
{
    for (size_t at = 0; at < r->words.len;) {
        const char *text = (const char *)r->words.p + at + 1;

        log_as((enum log_level)r->words.p[at], text);
        at += strlen(text) + 2;
    }
    buf_clear(&r->words);
}

static void tell(struct reload *r)
{
    char message[sizeof r->why.text + 64];

    complain(&r->why, "out of memory"); /* the first complaint stays */
    if (r->good)
        snprintf(message, sizeof message, "reloaded");
    else
        snprintf(message, sizeof message, "nothing was reloaded: %s", r->why.text);
    r->plan.told(r->plan.arg, r->good, message);
}

static void finish(struct reload *r)
{
    words_tell(r);
    if (!r->good) {
        fresh_drop(r);
    } else {
        for (unsigned i = 0; i < r->n; i++)
            r->parts[i].use(r->parts[i].arg, r->fresh[i]);
        memset(r->fresh, 0, sizeof r->fresh);
    }
    tell(r);
}

static bool is_busy(const struct reload *r)
{
    for (unsigned i = 0; i < r->n; i++)
        if (r->parts[i].busy && r->parts[i].busy(r->parts[i].arg))
            return true;
    return false;
}

static void settle(struct reload *r)
{
    if (r->n_settled == r->n_begun)
        return;
    r->n_settled = r->n_begun;
    r->settled_good = r->good;
    r->settled_why = r->why;
}

void reload_look(struct reload *r)
{
    if (r->reading && atomic_load(&r->done)) {
        pthread_join(r->thread, NULL);
        r->reading = false;
        finish(r);
    }
    if (r->reading || is_busy(r))
        return;
    settle(r);
    if (!r->asked)
        return;
    r->asked = false;
    r->n_begun++;
    r->why = (struct complaint){""};
    atomic_store(&r->done, false);
    r->reading = thread_begin(r);
    if (!r->reading) {
        r->good = false;
        tell(r);
    }
}
