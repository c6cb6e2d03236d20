/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/tally.h"

#include <stdlib.h>

struct tally_sum {
    unsigned n;
    bool shared;
    uint64_t base[COUNT_N]; /* of counters[]: what is the workers' */
    unsigned n_added;
    struct record_place place;
    struct tally sum;
};

struct tally_sum *tally_new(unsigned n, bool shared)
{
    struct tally_sum *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->n = n;
    s->shared = shared;
    return s;
}

void tally_free(struct tally_sum *s)
{
    free(s);
}

/* What happens to files and to fragments happens in every worker alike, and to the sensor once. Frames are
 * counted by their owners. */
static bool counts(const struct tally_sum *s, unsigned worker, unsigned counter)
{
    if (worker == 0 || !s->shared)
        return true;
    if (counter <= COUNT_CAPTURE_SNAPPED)
        return counter == COUNT_CAPTURE_FRAMES || counter == COUNT_CAPTURE_BYTES ||
               counter == COUNT_CAPTURE_SNAPPED;
    return counter < COUNT_DEFRAG_DATAGRAMS || counter > COUNT_DEFRAG_LOST_BYTES;
}

bool tally_add(struct tally_sum *s, unsigned worker, const struct record_place *place, const struct tally *t)
{
    if (s->n_added++ == 0) {
        s->place = *place;
        s->sum = (struct tally){.first_us = t->first_us};
    }
    if (t->first_us && (t->first_us < s->sum.first_us || !s->sum.first_us))
        s->sum.first_us = t->first_us;
    if (t->last_us > s->sum.last_us)
        s->sum.last_us = t->last_us;
    s->sum.n_flows += t->n_flows;
    for (unsigned i = 0; i < COUNT_N; i++)
        if (counts(s, worker, i))
            s->sum.counters[i] += t->counters[i];
    return s->n_added == s->n;
}

bool tally_is_left(const struct tally_sum *s, const struct record_place *now)
{
    return s->n_added > 0 && record_order(&s->place, now) < 0;
}

/* Takes the workers' part out of counters[] and puts another in. */
static void base_set(struct tally_sum *s, const uint64_t *sum)
{
    for (unsigned i = 0; i < COUNT_N; i++) {
        counters[i] += sum[i] - s->base[i];
        s->base[i] = sum[i];
    }
}

bool tally_take(struct tally_sum *s, struct tally *rest, uint64_t *ts_us)
{
    if (s->n_added == 0)
        return false;
    s->n_added = 0;
    base_set(s, s->sum.counters);
    *rest = s->sum;
    *ts_us = s->place.clock_us;
    return true;
}

void tally_count(struct tally_sum *s, const volatile uint64_t *const *pages)
{
    uint64_t sum[COUNT_N] = {0};

    for (unsigned worker = 0; worker < s->n; worker++)
        for (unsigned i = 0; i < COUNT_N; i++)
            if (counts(s, worker, i))
                sum[i] += pages[worker][i];
    base_set(s, sum);
}
