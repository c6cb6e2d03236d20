/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/ifdrops.h"

#include "base/count.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int statistic_open(const char *interface, const char *name)
{
    char path[256];
    int n = snprintf(path, sizeof path, "/sys/class/net/%s/statistics/%s", interface, name);

    if (strchr(interface, '/') || n < 0 || (size_t)n >= sizeof path)
        return -1;
    return open(path, O_RDONLY | O_CLOEXEC);
}

static uint64_t statistic_read(int fd)
{
    char text[32];
    ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);

    if (n <= 0)
        return 0;
    text[n] = 0;
    return strtoull(text, NULL, 10);
}

/* Drivers count the same frame under either name, or under both: the larger is believed, as libpcap does. */
static uint64_t drops_now(const struct ifdrops *d)
{
    uint64_t missed = statistic_read(d->missed), fifo = statistic_read(d->fifo);

    return missed > fifo ? missed : fifo;
}

void ifdrops_open(struct ifdrops *d, const char *interface)
{
    d->missed = statistic_open(interface, "rx_missed_errors");
    d->fifo = statistic_open(interface, "rx_fifo_errors");
    d->before = drops_now(d);
}

void ifdrops_update(struct ifdrops *d)
{
    uint64_t now = drops_now(d);

    if (now > d->before) /* a driver that is loaded again begins at 0 */
        count_add(COUNT_CAPTURE_INTERFACE_DROPS, now - d->before);
    if (now)
        d->before = now;
}

void ifdrops_close(struct ifdrops *d)
{
    if (d->missed >= 0)
        close(d->missed);
    if (d->fifo >= 0)
        close(d->fifo);
    d->missed = d->fifo = -1;
}
