/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/door.h"
#include "base/bytes.h"

#include <errno.h>
#include <grp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG  16
#define NO_GROUP ((gid_t)-1)

static bool failed(struct complaint *why, const char *path, const char *what)
{
    return complain(why, "control.socket: %.200s: %s", path, what);
}

static bool group_find(const char *group, gid_t *out, struct complaint *why)
{
    const struct group *found;
    uint64_t number;

    *out = NO_GROUP;
    if (!*group)
        return true;
    if (bytes_to_u64(bytes_str(group), UINT32_MAX - 1, &number)) {
        *out = (gid_t)number;
        return true;
    }
    found = getgrnam(group);
    if (!found)
        return complain(why, "control.group: there is no group '%.64s'", group);
    *out = found->gr_gid;
    return true;
}

/* What a sensor has left behind that was killed goes; whatever somebody still answers stays. */
static bool place_clear(const struct sockaddr_un *at, struct complaint *why)
{
    struct stat st;
    int fd, error;

    if (lstat(at->sun_path, &st) != 0)
        return errno == ENOENT || failed(why, at->sun_path, strerror(errno));
    if (!S_ISSOCK(st.st_mode))
        return failed(why, at->sun_path, "there is something else than a socket under that name");
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return failed(why, at->sun_path, strerror(errno));
    error = connect(fd, (const struct sockaddr *)at, sizeof *at) == 0 ? 0 : errno;
    close(fd);
    if (error == 0 || error == EAGAIN)
        return failed(why, at->sun_path, "another sensor answers there");
    if (error != ECONNREFUSED)
        return failed(why, at->sun_path, strerror(error));
    return unlink(at->sun_path) == 0 || failed(why, at->sun_path, strerror(errno));
}

static bool make(struct door *d, const struct sockaddr_un *at, gid_t group, struct complaint *why)
{
    mode_t before = umask(0117); /* from its first moment on it is nobody else's */
    bool bound = bind(d->fd, (const struct sockaddr *)at, sizeof *at) == 0;
    int error = errno;
    struct stat st;

    umask(before);
    if (!bound)
        return failed(why, d->path, strerror(error));
    if (lstat(d->path, &st) == 0) {
        d->device = st.st_dev;
        d->inode = st.st_ino;
    }
    if (group != NO_GROUP && lchown(d->path, (uid_t)-1, group) != 0)
        return failed(why, d->path, "it cannot be given to control.group (only root, or a member, can)");
    return listen(d->fd, BACKLOG) == 0 || failed(why, d->path, strerror(errno));
}

bool door_open(struct door *d, const char *path, const char *group, struct complaint *why)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    gid_t gid;

    *d = (struct door){.fd = -1};
    if (strlen(path) >= sizeof at.sun_path)
        return failed(why, path, "a socket's name has at most 107 bytes");
    strcpy(at.sun_path, path);
    strcpy(d->path, path);
    if (!group_find(group, &gid, why) || !place_clear(&at, why))
        return false;
    d->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (d->fd < 0)
        return failed(why, path, strerror(errno));
    if (make(d, &at, gid, why))
        return true;
    door_close(d);
    return false;
}

void door_close(struct door *d)
{
    struct stat st;

    if (d->fd < 0)
        return;
    if (d->inode && lstat(d->path, &st) == 0 && st.st_dev == d->device && st.st_ino == d->inode)
        (void)unlink(d->path);
    close(d->fd);
    *d = (struct door){.fd = -1};
}
