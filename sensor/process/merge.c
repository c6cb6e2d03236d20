/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/merge.h"

#include <assert.h>
#include <stdlib.h>

#define READ_SIZE (128u << 10) /* at least two of the longest records */
/* Live: more than this does not wait for a worker that has nothing to say, or the busy one's pipe would run
 * over: its rate would be one read in each hold_us. */
#define AHEAD RECORD_MAX

struct lane {
    struct buf bytes;         /* what came and was not given */
    size_t given;             /* its first bytes were */
    struct record_place head; /* of the next record; size 0: none is whole */
    struct record_place last; /* of the one before */
    bool ended, bad;
    /* When the bytes before old_end had come at the latest; what came after it, at fresh_us. */
    size_t old_end;
    uint64_t old_us, fresh_us;
};

struct merge {
    struct merge_plan plan;
    struct lane *lanes;
};

struct merge *merge_new(const struct merge_plan *plan)
{
    struct merge *m = calloc(1, sizeof *m);

    if (!m)
        return NULL;
    m->plan = *plan;
    m->lanes = calloc(plan->n, sizeof *m->lanes);
    if (!m->lanes) {
        free(m);
        return NULL;
    }
    for (unsigned i = 0; i < plan->n; i++)
        m->lanes[i].bytes = buf_within(READ_SIZE + AHEAD);
    return m;
}

void merge_free(struct merge *m)
{
    if (!m)
        return;
    for (unsigned i = 0; i < m->plan.n; i++)
        buf_drop(&m->lanes[i].bytes);
    free(m->lanes);
    free(m);
}

static size_t unread(const struct lane *lane)
{
    return lane->bytes.len - lane->given;
}

bool merge_wants(const struct merge *m, unsigned worker)
{
    const struct lane *lane = &m->lanes[worker];

    if (lane->ended || lane->bad)
        return false;
    return m->plan.live ? unread(lane) <= AHEAD : lane->head.size == 0;
}

uint8_t *merge_room(struct merge *m, unsigned worker, size_t *len)
{
    struct lane *lane = &m->lanes[worker];

    buf_cut_front(&lane->bytes, lane->given);
    lane->old_end = lane->old_end > lane->given ? lane->old_end - lane->given : 0;
    lane->given = 0;
    *len = READ_SIZE;
    return buf_room(&lane->bytes, READ_SIZE);
}

/* Live, the numbers of frames start anew with each worker, and its clock may be set back. */
static bool may_follow(const struct merge *m, const struct record_place *last,
                       const struct record_place *next)
{
    return m->plan.live || last->size == 0 || record_order(last, next) <= 0;
}

/* Looks at the next record. False when it is none. */
static bool head_find(const struct merge *m, struct lane *lane)
{
    struct bytes rest = bytes_from(buf_bytes(&lane->bytes), lane->given);
    size_t size = record_size(rest);

    lane->head.size = 0;
    if (size == 0)
        return true;
    if (size == SIZE_MAX || !record_place_read(bytes_slice(rest, 0, size), &lane->head) ||
        !may_follow(m, &lane->last, &lane->head)) {
        lane->head.size = 0;
        lane->bad = true;
        return false;
    }
    return true;
}

bool merge_wrote(struct merge *m, unsigned worker, size_t n, uint64_t now_us)
{
    struct lane *lane = &m->lanes[worker];

    if (lane->old_end <= lane->given) {
        lane->old_end = lane->bytes.len;
        lane->old_us = lane->fresh_us;
    }
    buf_wrote(&lane->bytes, n);
    lane->fresh_us = now_us;
    return head_find(m, lane);
}

void merge_end(struct merge *m, unsigned worker)
{
    m->lanes[worker].ended = true;
}

void merge_begin(struct merge *m, unsigned worker)
{
    struct lane *lane = &m->lanes[worker];

    assert(lane->head.size == 0);
    buf_clear(&lane->bytes);
    lane->given = lane->old_end = 0;
    lane->ended = lane->bad = false;
    lane->last.size = 0;
}

bool merge_is_empty(const struct merge *m, unsigned worker)
{
    return m->lanes[worker].head.size == 0;
}

static uint64_t came_us(const struct lane *lane)
{
    return lane->given < lane->old_end ? lane->old_us : lane->fresh_us;
}

static bool is_before(const struct merge *m, const struct lane *a, const struct lane *b)
{
    if (m->plan.live)
        return a->head.clock_us < b->head.clock_us;
    return record_order(&a->head, &b->head) < 0;
}

/* The lane whose record is the first of all. *all: every lane that may still speak has shown its next. */
static struct lane *first_lane(const struct merge *m, bool *all)
{
    struct lane *first = NULL;

    *all = true;
    for (unsigned i = 0; i < m->plan.n; i++) {
        struct lane *lane = &m->lanes[i];

        if (lane->head.size == 0)
            *all &= lane->ended || lane->bad;
        else if (!first || is_before(m, lane, first))
            first = lane;
    }
    return first;
}

static bool any_is_full(const struct merge *m)
{
    for (unsigned i = 0; i < m->plan.n; i++)
        if (m->lanes[i].head.size && unread(&m->lanes[i]) > AHEAD)
            return true;
    return false;
}

static bool is_due(const struct merge *m, const struct lane *lane, bool all, uint64_t now_us)
{
    return all || (m->plan.live && (now_us >= came_us(lane) + m->plan.hold_us || any_is_full(m)));
}

bool merge_run(struct merge *m, uint64_t now_us, unsigned *bad)
{
    struct lane *lane;
    bool all;

    while ((lane = first_lane(m, &all)) && is_due(m, lane, all, now_us)) {
        size_t size = lane->head.size;
        struct bytes record = bytes_slice(buf_bytes(&lane->bytes), lane->given, lane->given + size);

        lane->last = lane->head;
        m->plan.record(m->plan.arg, (unsigned)(lane - m->lanes), record);
        lane->given += size;
        if (!head_find(m, lane)) {
            *bad = (unsigned)(lane - m->lanes);
            return false;
        }
    }
    return true;
}

uint64_t merge_wait_us(const struct merge *m, uint64_t now_us)
{
    bool all;
    const struct lane *lane = first_lane(m, &all);
    uint64_t due;

    if (!lane || !m->plan.live)
        return UINT64_MAX;
    due = came_us(lane) + m->plan.hold_us;
    return due > now_us ? due - now_us : 0;
}
