/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/status.h"
#include "config/config.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The array fills one page of the usual size. Where pages are larger, something else would lie in the same
 * one. */
#define PAGE sizeof counters

struct shared_status {
    int fd; /* of memory: the status, then the counters, PAGE bytes each */
    struct status *status;
    uint64_t *counters;
};

_Static_assert(sizeof(struct status) <= PAGE, "a status is a page");
_Static_assert(STATUS_INTERFACES >= CONFIG_MAX_INTERFACES, "each interface has its place");

struct shared_status *status_new(void)
{
    struct shared_status *s = calloc(1, sizeof *s);
    void *both;

    if (!s)
        return NULL;
    s->fd = memfd_create("status", MFD_CLOEXEC);
    if (s->fd < 0 || ftruncate(s->fd, 2 * PAGE) != 0)
        goto fail;
    both = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
    if (both == MAP_FAILED)
        goto fail;
    s->status = both;
    s->counters = (uint64_t *)((uint8_t *)both + PAGE);
    return s;
fail:
    if (s->fd >= 0)
        close(s->fd);
    free(s);
    return NULL;
}

void status_free(struct shared_status *s)
{
    if (!s)
        return;
    munmap(s->status, 2 * PAGE);
    close(s->fd);
    free(s);
}

struct status *status_of(struct shared_status *s)
{
    return s->status;
}

const volatile uint64_t *status_counters(const struct shared_status *s)
{
    return s->counters;
}

bool status_take(struct shared_status *s)
{
    if (sysconf(_SC_PAGESIZE) != PAGE)
        return false;
    return mmap(counters, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, s->fd, PAGE) == counters;
}
