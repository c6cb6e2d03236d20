/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/sandbox.h"
#include "base/buf.h"
#include "process/landlock.h"
#include "process/privileges.h"
#include "process/syscalls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What malloc cannot give back or put to use, stacks, buffers that have no ceiling of their own in the
 * settings. The limit is there to end a run-away, not to keep accounts. */
#define SLACK_BYTES (UINT64_C(512) << 20)
#define SLACK_TIMES 2

struct sandbox {
    int rules; /* Landlock's; -1 where there is none */
};

struct sandbox *sandbox_new(void)
{
    struct sandbox *s = calloc(1, sizeof *s);

    if (s)
        s->rules = landlock_begin();
    return s;
}

void sandbox_free(struct sandbox *s)
{
    if (s && s->rules >= 0)
        close(s->rules);
    free(s);
}

static void allow(const struct sandbox *s, const char *path, enum landlock_use use)
{
    /* A place that is not there cannot be opened later either; a pipe (/dev/stdin) is open to all. */
    if (s->rules >= 0)
        (void)landlock_allow(s->rules, path, use);
}

/* A rule holds for what a link leads to, never for the link: those in a directory need rules of their own. */
static void allow_links(const struct sandbox *s, const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        char target[PATH_MAX];

        if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
            continue;
        if (snprintf(target, sizeof target, "%s/%s", path, entry->d_name) < (int)sizeof target &&
            strcmp(entry->d_name, "..") != 0)
            allow(s, target, LANDLOCK_READ);
    }
    if (dir)
        closedir(dir);
}

void sandbox_may_read(struct sandbox *s, const char *path)
{
    allow(s, path, LANDLOCK_READ);
    allow_links(s, path);
}

/* The directory part of path, "." when it has none. False when it is too long to be one. */
static bool directory_of(const char *path, char out[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;

    if (len >= PATH_MAX)
        return false;
    if (!slash)
        strcpy(out, ".");
    else if (len == 0)
        strcpy(out, "/");
    else
        memcpy(out, path, len), out[len] = '\0';
    return true;
}

void sandbox_may_read_beside(struct sandbox *s, const char *path)
{
    char dir[PATH_MAX];

    if (directory_of(path, dir))
        sandbox_may_read(s, dir);
}

void sandbox_may_remove(struct sandbox *s, const char *path)
{
    char dir[PATH_MAX];

    if (directory_of(path, dir))
        allow(s, dir, LANDLOCK_REMOVE);
}

/* Where a link leads that may have nothing at its end yet. */
static bool link_target(const char *dir, const char *path, char out[PATH_MAX])
{
    char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof target - 1);

    if (n <= 0)
        return false;
    target[n] = '\0';
    return snprintf(out, PATH_MAX, "%s%s%s", target[0] == '/' ? "" : dir, target[0] == '/' ? "" : "/",
                    target) < PATH_MAX;
}

void sandbox_may_write(struct sandbox *s, const char *dir, const char *name)
{
    char path[PATH_MAX], target[PATH_MAX], target_dir[PATH_MAX];

    allow(s, dir, LANDLOCK_WRITE);
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
        return;
    if ((realpath(path, target) || link_target(dir, path, target)) && directory_of(target, target_dir))
        allow(s, target_dir, LANDLOCK_WRITE);
}

static bool refused(struct complaint *why, const char *what, int error)
{
    return complain(why, "cannot enter the sandbox: %s: %s (--no-sandbox goes on without it)", what,
                    strerror(error));
}

static bool no_new_privileges(struct complaint *why)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 || refused(why, "no_new_privs", errno);
}

/* What libpcap and its filter compiler look up when an interface is opened again. */
static void allow_capture(const struct sandbox *s)
{
    static const char *const places[] = {"/sys/class/net", "/sys/devices", "/etc/services",
                                         "/etc/protocols", "/etc/ethers",  "/etc/networks"};

    for (unsigned i = 0; i < sizeof places / sizeof *places; i++)
        allow(s, places[i], LANDLOCK_READ);
}

bool sandbox_collector(struct sandbox *s, bool live, struct complaint *why)
{
    int rules = s->rules, error;

    tzset(); /* the one file that the C library would open later by itself */
    if (!no_new_privileges(why))
        return false;
    if (rules >= 0) {
        if (live)
            allow_capture(s);
        allow(s, "/dev/null", LANDLOCK_WRITE);
        allow(s, "/proc/self", LANDLOCK_READ); /* memory use for the stats; the leak check of test builds */
        s->rules = -1;
        if (!landlock_enter(rules))
            return refused(why, "Landlock", errno);
    }
    error = syscalls_can_filter() ? syscalls_confine_collector() : 0;
    return error == 0 || refused(why, "seccomp", error);
}

#if defined __SANITIZE_ADDRESS__
#define MAPS_TERABYTES 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define MAPS_TERABYTES 1
#endif
#endif

#ifndef MAPS_TERABYTES
/* Address space in use, from the first number of /proc/self/statm (proc(5)); 0 when it cannot be told. */
static uint64_t mapped_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;

    if (file && fscanf(file, "%lu", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
#endif

uint64_t sandbox_memory(const struct config *config)
{
#ifdef MAPS_TERABYTES
    (void)config;
    return 0;
#else
    uint64_t mapped = mapped_bytes(), more = 0;

    more = (config->flow_memcap + config->stream_memcap + config->defrag_memcap) * SLACK_TIMES + SLACK_BYTES;
    for (unsigned i = 0; i < config->n_interfaces; i++)
        more += config->interfaces[i].buffer_size;
    return mapped ? mapped + more : 0;
#endif
}

static bool limit(int resource, uint64_t value)
{
    struct rlimit now, wanted = {value, value};

    /* Never up: that needs a right, and the operator's own limit may be lower. */
    if (getrlimit((__rlimit_resource_t)resource, &now) == 0 && now.rlim_max < value)
        wanted.rlim_cur = wanted.rlim_max = now.rlim_max;
    return setrlimit((__rlimit_resource_t)resource, &wanted) == 0;
}

/* A message to a file makes it grow. */
static bool is_file(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static bool limits(const struct sandbox_worker_plan *plan, struct complaint *why)
{
    bool good = limit(RLIMIT_CORE, 0) && limit(RLIMIT_NPROC, 0) && limit(RLIMIT_MSGQUEUE, 0);

    for (unsigned i = 0; good && i < plan->n_writable; i++)
        if (is_file(plan->writable[i]))
            return refused(why, "a channel that is a file", EINVAL);
    if (good && !is_file(STDERR_FILENO))
        good = limit(RLIMIT_FSIZE, 0);
    if (good && plan->memory)
        good = limit(RLIMIT_AS, plan->memory);
    return good || refused(why, "limits", errno);
}

bool sandbox_thread(struct complaint *why)
{
    int rules;

    if (!privileges_forget())
        return refused(why, "capabilities", errno);
    if (prctl(PR_SET_DUMPABLE, 0) != 0)
        return refused(why, "dumpable", errno);
    if (!no_new_privileges(why))
        return false;
    rules = landlock_begin();
    if (rules >= 0 ? !landlock_enter(rules) : landlock_version() > 0)
        return refused(why, "Landlock", errno);
    return true;
}

bool sandbox_worker(const struct sandbox_worker_plan *plan, struct complaint *why)
{
    int error;

    tzset();
    if (!limits(plan, why) || !sandbox_thread(why))
        return false;
    error = syscalls_can_filter() ? syscalls_confine_worker(plan->writable, plan->n_writable) : 0;
    return error == 0 || refused(why, "seccomp", error);
}

void sandbox_report(void)
{
    struct buf who = buf_within(512);
    const int version = landlock_version(), error = errno;
    const bool filters = syscalls_can_filter();

    if (!version)
        log_warning("sandbox: no Landlock in this kernel (%s): workers are held by seccomp alone, and the "
                    "collector may open every file of its user",
                    strerror(error));
    if (!filters)
        log_warning("sandbox: no seccomp filters in this kernel: workers may make any system call");
    privileges_describe(&who);
    log_info("sandbox: collector: %.*s; workers: no capabilities, %s, %s", (int)who.len,
             who.p ? (const char *)who.p : "", version ? "Landlock without files" : "no Landlock",
             filters ? "seccomp" : "no seccomp");
    buf_drop(&who);
}

void sandbox_report_none(void)
{
    log_warning(
        "--no-sandbox: packets are parsed with all the rights that this program was started with; for "
        "debuggers only");
}
