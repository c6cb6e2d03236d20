/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/descriptors.h"

#include <fcntl.h>
#include <unistd.h>

void descriptors_now(struct descriptors *d)
{
    d->n = 0;
    for (int fd = STDERR_FILENO + 1; fd < DESCRIPTORS_MAX; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            d->fd[d->n++] = fd;
}

static bool holds(const struct descriptors *d, int fd)
{
    for (unsigned i = 0; i < d->n; i++)
        if (d->fd[i] == fd)
            return true;
    return false;
}

void descriptors_without(struct descriptors *d, const struct descriptors *other)
{
    unsigned n = 0;

    for (unsigned i = 0; i < d->n; i++)
        if (!holds(other, d->fd[i]))
            d->fd[n++] = d->fd[i];
    d->n = n;
}

void descriptors_close(const struct descriptors *keep, const int mine[2], bool keep_stdin)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (nothing >= 0) {
        dup2(nothing, STDOUT_FILENO);
        if (!keep_stdin)
            dup2(nothing, STDIN_FILENO);
    }
    for (int fd = STDERR_FILENO + 1; fd < DESCRIPTORS_MAX; fd++)
        if (fd != mine[0] && fd != mine[1] && !holds(keep, fd))
            close(fd);
}
