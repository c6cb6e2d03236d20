/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "channel/outlet.h"
#include "base/count.h"
#include "channel/record.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define COMPANY (64u << 10) /* lines and facts wait until there are so many bytes of them */
#define WAIT_MS 500

struct outlet {
    struct outlet_plan plan;
    struct buf queue;
    size_t written; /* of the queue: its first bytes are gone */
    bool broken;
};

struct outlet *outlet_new(const struct outlet_plan *plan)
{
    struct outlet *o = calloc(1, sizeof *o);

    if (!o)
        return NULL;
    o->plan = *plan;
    /* A patient one takes all that it is given at once, and then waits. */
    o->queue = buf_within(SIZE_MAX / 4);
    return o;
}

void outlet_free(struct outlet *o)
{
    if (!o)
        return;
    buf_drop(&o->queue);
    free(o);
}

/* How much may wait before a record of this kind is dropped, and how that is counted. */
static size_t room_for(const struct outlet *o, unsigned kind, enum counter *loss)
{
    switch (kind) {
    case RECORD_LINE:
        *loss = COUNT_CHANNEL_DROPPED_LINES;
        return o->plan.max_bytes / 2;
    case RECORD_FACT:
        *loss = COUNT_CHANNEL_DROPPED_FACTS;
        return o->plan.max_bytes / 2;
    case RECORD_ANOMALY:
        *loss = COUNT_CHANNEL_DROPPED_ANOMALIES;
        return o->plan.max_bytes / 4 * 3;
    default: /* the rest is rare, small, and needed to make sense of what was dropped */
        *loss = COUNT_CHANNEL_DROPPED;
        return o->plan.max_bytes;
    }
}

/* Forgets what is written, once that is worth a move. */
static void queue_tidy(struct outlet *o)
{
    if (o->written == o->queue.len) {
        buf_clear(&o->queue);
        o->written = 0;
    } else if (o->written > COMPANY && o->written > o->queue.len / 2) {
        buf_cut_front(&o->queue, o->written);
        o->written = 0;
    }
}

/* Writes what the pipe takes now. False when it takes no more. */
static bool write_some(struct outlet *o)
{
    while (o->written < o->queue.len && !o->broken) {
        ssize_t n = write(o->plan.fd, o->queue.p + o->written, o->queue.len - o->written);

        if (n > 0)
            o->written += (size_t)n;
        else if (n < 0 && errno == EAGAIN)
            return false;
        else if (n < 0 && errno != EINTR)
            o->broken = true;
    }
    queue_tidy(o);
    return true;
}

static void wait_for_room(struct outlet *o, int ms)
{
    struct pollfd fd = {.fd = o->plan.fd, .events = POLLOUT};

    o->plan.beat(o->plan.arg);
    poll(&fd, 1, ms);
}

void outlet_flush(struct outlet *o)
{
    while (!write_some(o) && o->plan.patient)
        wait_for_room(o, WAIT_MS);
}

void outlet_drain(struct outlet *o, unsigned max_ms)
{
    for (unsigned waited = 0; !write_some(o) && waited < max_ms; waited += WAIT_MS)
        wait_for_room(o, WAIT_MS);
}

/* True when it should be written now. */
static bool take(struct outlet *o, struct bytes record)
{
    struct record_place place;
    enum counter loss;
    size_t room;

    memcpy(&place, record.p, sizeof place);
    room = room_for(o, place.kind, &loss);
    if ((!o->plan.patient && outlet_waiting(o) + record.len > room) || !buf_add(&o->queue, record)) {
        count(loss);
        return false;
    }
    return (place.kind != RECORD_LINE && place.kind != RECORD_FACT) || !o->plan.patient;
}

void outlet_send(void *outlet, struct bytes records)
{
    struct outlet *o = outlet;
    bool urgent = false;

    while (records.len > 0) {
        size_t size = record_size(records);

        assert(size > 0 && size <= records.len);
        urgent |= take(o, bytes_slice(records, 0, size));
        records = bytes_from(records, size);
    }
    if (urgent || outlet_waiting(o) > COMPANY)
        outlet_flush(o);
}

bool outlet_broken(const struct outlet *o)
{
    return o->broken;
}

size_t outlet_waiting(const struct outlet *o)
{
    return o->queue.len - o->written;
}
