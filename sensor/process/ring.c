/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/ring.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Holds milliseconds of work: enough that neither side waits for the other's next time slice, little enough
 * to stay in a cache's reach. */
#define RING_SIZE (4u << 20)
#define LINE      64
#define ALIGN     8
#define PUBLISH   (64u << 10) /* the reader says so often how far it has come */

/* In shared memory, before the data. Positions only grow; modulo RING_SIZE they are places. */
struct ring_head {
    _Alignas(LINE) _Atomic uint64_t written;
    _Alignas(LINE) _Atomic uint64_t taken;
    _Alignas(LINE) _Atomic uint32_t closed;
};

struct entry_head {
    uint64_t ts_us, number;
    uint32_t kind, len, wire_len;
    int32_t link_type;
};

struct ring {
    struct ring_head *head;
    uint8_t *data;    /* mapped twice, one after the other: no entry is cut in two */
    uint64_t written; /* the writer's own count, and the reader's last look at it */
    uint64_t taken;   /* the reader's own count, and the writer's last look at it */
    uint64_t next;    /* where the entry after the one at hand begins */
};

#define HEAD_SIZE 4096

_Static_assert(sizeof(struct ring_head) <= HEAD_SIZE, "the head is a page");
_Static_assert(RING_DATA_MAX + sizeof(struct entry_head) + ALIGN < RING_SIZE / 2,
               "the longest frame fits, and another");

static bool map(struct ring *r, int fd)
{
    uint8_t *place;

    r->head = mmap(NULL, HEAD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (r->head == MAP_FAILED)
        return false;
    place = mmap(NULL, 2 * (size_t)RING_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) {
        munmap(r->head, HEAD_SIZE);
        return false;
    }
    r->data = place;
    for (unsigned half = 0; half < 2; half++)
        if (mmap(place + half * (size_t)RING_SIZE, RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                 fd, HEAD_SIZE) == MAP_FAILED) {
            munmap(r->head, HEAD_SIZE);
            munmap(place, 2 * (size_t)RING_SIZE);
            return false;
        }
    return true;
}

struct ring *ring_new(void)
{
    struct ring *r = calloc(1, sizeof *r);
    int fd = r ? memfd_create("frames", MFD_CLOEXEC) : -1;
    bool mapped = fd >= 0 && ftruncate(fd, HEAD_SIZE + RING_SIZE) == 0 && map(r, fd);

    if (fd >= 0)
        close(fd);
    if (mapped)
        return r;
    free(r);
    return NULL;
}

void ring_free(struct ring *r)
{
    if (!r)
        return;
    munmap(r->head, HEAD_SIZE);
    munmap(r->data, 2 * (size_t)RING_SIZE);
    free(r);
}

void ring_take_over(struct ring *r)
{
    r->written = atomic_load_explicit(&r->head->written, memory_order_acquire);
    r->taken = r->next = atomic_load_explicit(&r->head->taken, memory_order_acquire);
}

static size_t entry_size(size_t len)
{
    return sizeof(struct entry_head) + (len + ALIGN - 1) / ALIGN * ALIGN;
}

bool ring_put(struct ring *r, const struct ring_entry *e)
{
    struct entry_head head = {.ts_us = e->ts_us,
                              .number = e->number,
                              .kind = e->kind,
                              .len = (uint32_t)(e->data.len < RING_DATA_MAX ? e->data.len : RING_DATA_MAX),
                              .wire_len = e->wire_len,
                              .link_type = e->link_type};
    uint64_t end;
    uint8_t *at;

    end = r->written + entry_size(head.len);
    if (end - r->taken > RING_SIZE) {
        r->taken = atomic_load_explicit(&r->head->taken, memory_order_acquire);
        if (end - r->taken > RING_SIZE)
            return false;
    }
    at = r->data + r->written % RING_SIZE;
    memcpy(at, &head, sizeof head);
    if (head.len)
        memcpy(at + sizeof head, e->data.p, head.len);
    r->written = end;
    atomic_store_explicit(&r->head->written, end, memory_order_release);
    return true;
}

void ring_close(struct ring *r)
{
    atomic_store_explicit(&r->head->closed, 1, memory_order_release);
}

bool ring_get(struct ring *r, struct ring_entry *e)
{
    struct entry_head head;
    const uint8_t *at;

    if (r->next == r->written) {
        r->written = atomic_load_explicit(&r->head->written, memory_order_acquire);
        if (r->next == r->written)
            return false;
    }
    at = r->data + r->next % RING_SIZE;
    memcpy(&head, at, sizeof head);
    if (head.len > RING_DATA_MAX) /* cannot be: better cut than read on */
        head.len = RING_DATA_MAX;
    *e = (struct ring_entry){.kind = (enum ring_kind)head.kind,
                             .ts_us = head.ts_us,
                             .number = head.number,
                             .wire_len = head.wire_len,
                             .link_type = head.link_type,
                             .data = bytes_of(at + sizeof head, head.len)};
    r->next += entry_size(head.len);
    return true;
}

/* Told now and then: each time would have both sides fight for a cache line. A successor skips what was done
 * (by the numbers of frames). */
void ring_done(struct ring *r)
{
    if (r->next - r->taken < PUBLISH && r->next != r->written)
        return;
    r->taken = r->next;
    atomic_store_explicit(&r->head->taken, r->taken, memory_order_release);
}

bool ring_is_closed(const struct ring *r)
{
    return atomic_load_explicit(&r->head->closed, memory_order_acquire) &&
           r->next == atomic_load_explicit(&r->head->written, memory_order_acquire);
}

size_t ring_waiting(const struct ring *r)
{
    return atomic_load_explicit(&r->head->written, memory_order_relaxed) -
           atomic_load_explicit(&r->head->taken, memory_order_relaxed);
}

void ring_nap(unsigned *naps)
{
    static const long us[] = {50, 50, 100, 100, 200, 500, 1000, 2000, 5000};
    unsigned last = sizeof us / sizeof *us - 1;
    struct timespec nap = {.tv_nsec = us[*naps < last ? *naps : last] * 1000};

    ++*naps;
    nanosleep(&nap, NULL);
}
