/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The names above 1 << 13 are younger than Debian 12's headers. */
#define FS_TRUNCATE  (UINT64_C(1) << 14)
#define FS_IOCTL_DEV (UINT64_C(1) << 15)
#define FS_UP_TO(x)  (((x) << 1) - 1)

#define NET_BIND_AND_CONNECT_TCP           3
#define SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS 3

/* What each version of the interface added; the last row also serves the versions after it. */
static const struct version {
    int version;
    uint64_t fs, net, scoped;
} versions[] = {
    {1, FS_UP_TO(LANDLOCK_ACCESS_FS_MAKE_SYM), 0, 0},
    {2, FS_UP_TO(LANDLOCK_ACCESS_FS_REFER), 0, 0},
    {3, FS_UP_TO(FS_TRUNCATE), 0, 0},
    {4, FS_UP_TO(FS_TRUNCATE), NET_BIND_AND_CONNECT_TCP, 0},
    {5, FS_UP_TO(FS_IOCTL_DEV), NET_BIND_AND_CONNECT_TCP, 0},
    {6, FS_UP_TO(FS_IOCTL_DEV), NET_BIND_AND_CONNECT_TCP, SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS},
};

/* struct landlock_ruleset_attr as of version 6. Older kernels take a longer one whose tail is zero. */
struct attributes {
    uint64_t fs, net, scoped;
};

static const uint64_t rights_read = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t rights_write = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                                     LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                                     LANDLOCK_ACCESS_FS_REMOVE_FILE | FS_TRUNCATE;
static const uint64_t rights_remove = LANDLOCK_ACCESS_FS_REMOVE_FILE;
/* A rule on anything but a directory may name these only. */
static const uint64_t rights_of_files =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE;

int landlock_version(void)
{
    long v = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);

    return v < 0 ? 0 : (int)v;
}

static const struct version *version_known(void)
{
    const struct version *known = NULL;
    int version = landlock_version();

    for (unsigned i = 0; i < sizeof versions / sizeof *versions; i++)
        if (versions[i].version <= version)
            known = &versions[i];
    return known;
}

int landlock_begin(void)
{
    const struct version *v = version_known();
    struct attributes attributes;

    if (!v) {
        errno = EOPNOTSUPP;
        return -1;
    }
    attributes = (struct attributes){v->fs, v->net, v->scoped};
    return (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0u);
}

static uint64_t rights_of(enum landlock_use use)
{
    switch (use) {
    case LANDLOCK_WRITE:
        return rights_write;
    case LANDLOCK_REMOVE:
        return rights_remove;
    default:
        return rights_read;
    }
}

bool landlock_allow(int rules, const char *path, enum landlock_use use)
{
    const struct version *v = version_known();
    struct landlock_path_beneath_attr beneath = {.parent_fd = open(path, O_PATH | O_CLOEXEC)};
    struct stat st;
    bool done = false;
    int error;

    if (!v || beneath.parent_fd < 0)
        return false;
    beneath.allowed_access = v->fs & rights_of(use);
    if (fstat(beneath.parent_fd, &st) == 0) {
        if (!S_ISDIR(st.st_mode))
            beneath.allowed_access &= rights_of_files;
        done = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0u) == 0;
    }
    error = errno;
    close(beneath.parent_fd);
    errno = error;
    return done;
}

bool landlock_enter(int rules)
{
    bool done = syscall(SYS_landlock_restrict_self, rules, 0u) == 0;
    int error = errno;

    close(rules);
    errno = error;
    return done;
}
