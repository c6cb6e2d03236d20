/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the pages say that workers share with the collector, added up. */
#include "process/replace.h"

void supervisor_count(struct supervisor *s)
{
    const volatile uint64_t *pages[CONFIG_MAX_WORKERS];

    for (unsigned i = 0; i < s->n; i++)
        pages[i] = status_counters(s->workers[i].status);
    tally_count(s->tally, pages);
}

void supervisor_times(const struct supervisor *s, uint64_t *first_us, uint64_t *last_us)
{
    *first_us = *last_us = 0;
    for (unsigned i = 0; i < s->n; i++) {
        const struct status *status = status_of(s->workers[i].status);

        if (status->first_us && (status->first_us < *first_us || *first_us == 0))
            *first_us = status->first_us;
        if (status->last_us > *last_us)
            *last_us = status->last_us;
    }
}

uint64_t supervisor_n_flows(const struct supervisor *s)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < s->n; i++)
        n += status_of(s->workers[i].status)->n_flows;
    return n;
}

struct child *who_reads(const struct supervisor *s)
{
    return (struct child *)(s->rings ? &s->reader : &s->workers[0]);
}

void supervisor_progress(const struct supervisor *s, uint64_t *done, uint64_t *total, unsigned *file,
                         unsigned *n_files, const char **source)
{
    static char name[sizeof((struct status *)NULL)->source];
    const struct status *status = status_of(who_reads(s)->status);

    *done = status->bytes_done;
    *total = status->bytes_total;
    *file = status->file;
    *n_files = status->n_files;
    for (size_t i = 0; i < sizeof name - 1; i++)
        name[i] = status->source[i];
    *source = name;
}

bool supervisor_interface(const struct supervisor *s, unsigned interface, uint64_t *packets, uint64_t *drops)
{
    *packets = *drops = 0;
    if (!s->plan.live || interface >= STATUS_INTERFACES)
        return false;
    for (unsigned i = 0; i < s->n; i++) {
        const struct status *status = status_of(s->workers[i].status);

        *packets += status->interfaces[interface].packets;
        *drops += status->interfaces[interface].drops;
    }
    return true;
}

void supervisor_held(const struct supervisor *s, uint64_t *streams, uint64_t *fragments)
{
    *streams = *fragments = 0;
    for (unsigned i = 0; i < s->n; i++) {
        *streams += status_of(s->workers[i].status)->stream_bytes;
        *fragments += status_of(s->workers[i].status)->fragment_bytes;
    }
}
