/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/descriptors.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#define FIRST (STDERR_FILENO + 1)

/* poll() says of a thousand descriptors at once which are none. Where it may not be asked about so many
 * (RLIMIT_NOFILE), each is asked about alone. */
void descriptors_now(struct descriptors *d)
{
    struct pollfd fds[DESCRIPTORS_MAX - FIRST];
    bool all;

    for (int fd = FIRST; fd < DESCRIPTORS_MAX; fd++)
        fds[fd - FIRST] = (struct pollfd){.fd = fd};
    all = poll(fds, DESCRIPTORS_MAX - FIRST, 0) >= 0;
    d->n = 0;
    for (int fd = FIRST; fd < DESCRIPTORS_MAX; fd++)
        if (all ? !(fds[fd - FIRST].revents & POLLNVAL) : fcntl(fd, F_GETFD) >= 0)
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
    struct descriptors now;

    if (nothing >= 0) {
        dup2(nothing, STDOUT_FILENO);
        if (!keep_stdin)
            dup2(nothing, STDIN_FILENO);
    }
    descriptors_now(&now);
    for (unsigned i = 0; i < now.n; i++)
        if (now.fd[i] != mine[0] && now.fd[i] != mine[1] && !holds(keep, now.fd[i]))
            close(now.fd[i]);
}
