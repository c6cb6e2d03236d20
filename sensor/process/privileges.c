/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/privileges.h"

#include <cap-ng.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_USER  "jndi-sensor" /* what a package or an operator creates for the service */
#define NO_USER   "nobody"
#define NO_NUMBER 65534 /* nobody, where the user database does not know it */

struct identity {
    uid_t uid, file_uid;
    gid_t gid, file_gid;
    const char *login; /* whose further groups it gets; NULL for none */
};

static bool number_read(const char *text, uint64_t *n)
{
    return bytes_to_u64(bytes_str(text), UINT32_MAX - 1, n);
}

static void identity_take(struct identity *id, const struct passwd *pw, const char *login)
{
    id->uid = pw->pw_uid;
    id->gid = pw->pw_gid;
    id->login = login;
}

static bool user_named(struct identity *id, const char *user, bool group_follows, struct complaint *why)
{
    const struct passwd *pw = getpwnam(user);
    uint64_t n;

    if (pw) {
        identity_take(id, pw, user);
        return true;
    }
    if (!number_read(user, &n))
        return complain(why,
                        "run-as.user: there is no user '%.64s' (useradd --system --no-create-home %.64s)",
                        user, user);
    id->uid = (uid_t)n;
    pw = getpwuid(id->uid);
    if (pw)
        id->gid = pw->pw_gid;
    else if (!group_follows)
        return complain(why, "run-as.user: %.64s is no user of this machine: name run-as.group, too", user);
    return true;
}

static void user_chosen(struct identity *id)
{
    const struct passwd *pw = getpwnam(OWN_USER);

    *id = (struct identity){.uid = NO_NUMBER, .gid = NO_NUMBER};
    if (pw)
        identity_take(id, pw, OWN_USER);
    else if ((pw = getpwnam(NO_USER)))
        identity_take(id, pw, NULL);
}

static bool group_named(struct identity *id, const char *group, struct complaint *why)
{
    const struct group *gr = getgrnam(group);
    uint64_t n;

    if (gr)
        id->gid = gr->gr_gid;
    else if (number_read(group, &n))
        id->gid = (gid_t)n;
    else
        return complain(why, "run-as.group: there is no group '%.64s' (groupadd --system %.64s)", group,
                        group);
    return true;
}

static bool identity_choose(struct identity *id, const struct privileges_plan *plan, struct complaint *why)
{
    struct stat st;

    *id = (struct identity){.login = NULL};
    if (!*plan->user)
        user_chosen(id);
    else if (!user_named(id, plan->user, *plan->group, why))
        return false;
    if (*plan->group && !group_named(id, plan->group, why))
        return false;
    id->file_uid = id->uid;
    id->file_gid = id->gid;
    if (*plan->user)
        return true;
    id->file_uid = 0;
    id->file_gid = 0;
    if (plan->log_dir && stat(plan->log_dir, &st) == 0) {
        id->file_uid = st.st_uid;
        id->file_gid = st.st_gid;
    }
    return true;
}

/* setfsuid() has no error: it answers what was set before. */
static bool files_as(uid_t uid, gid_t gid)
{
    setfsgid(gid);
    setfsuid(uid);
    return setfsgid((gid_t)-1) == (int)gid && setfsuid((uid_t)-1) == (int)uid;
}

static bool files_as_owner(const struct identity *id)
{
    /* The kernel has emptied the effective set with the change of the user; these two were kept aside. */
    if (capng_get_caps_process() != 0 ||
        capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE, CAP_SETUID, CAP_SETGID, CAP_SETPCAP, -1) != 0 ||
        capng_apply(CAPNG_SELECT_CAPS) != 0)
        return false;
    return files_as(id->file_uid, id->file_gid);
}

static bool identity_refused(const struct privileges_plan *plan, const struct identity *id,
                             struct complaint *why)
{
    int error = errno;

    if (*plan->user)
        return complain(why,
                        "cannot become user %.64s (run-as.user): %s; give CAP_SETUID and CAP_SETGID as well, "
                        "or start as that user",
                        plan->user, strerror(error));
    log_info("stays user 0: there is no becoming user %u here: %s", (unsigned)id->uid, strerror(error));
    return true;
}

static bool identity_change(const struct privileges_plan *plan, struct complaint *why)
{
    struct identity id;

    if (!identity_choose(&id, plan, why))
        return false;
    /* The group first, because a name space that maps root alone says no to it while nothing is done yet. */
    if (prctl(PR_SET_KEEPCAPS, 1) != 0 || setresgid(id.gid, id.gid, id.gid) != 0)
        return identity_refused(plan, &id, why);
    if ((id.login ? initgroups(id.login, id.gid) : setgroups(0, NULL)) != 0 ||
        setresuid(id.uid, id.uid, id.uid) != 0)
        return complain(why, "cannot become user %u: %s", (unsigned)id.uid, strerror(errno));
    if (!files_as_owner(&id))
        return complain(why, "cannot open files as user %u: %s", (unsigned)id.file_uid, strerror(errno));
    return true;
}

/* By fsuid and the effective capabilities, as open() would be. */
static bool readable(int dir, const char *path)
{
    return faccessat(dir, path, R_OK, AT_EACCESS) == 0 || errno != EACCES;
}

static bool directory_readable(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    bool good = true;

    while (good && dir && (entry = readdir(dir)))
        good = readable(dirfd(dir), entry->d_name);
    if (dir)
        closedir(dir);
    return good;
}

/* What root could read a moment ago, and the owner of the log directory cannot. */
static bool inputs_closed(const struct privileges_plan *plan)
{
    for (unsigned i = 0; i < plan->n_inputs; i++)
        if (!readable(AT_FDCWD, plan->inputs[i]) || !directory_readable(plan->inputs[i]))
            return true;
    return false;
}

static bool keep(int capability)
{
    return capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, (unsigned)capability) == 0;
}

/* Leaves what is asked for and held; the bounding set can only be emptied with CAP_SETPCAP, and does not
 * matter without: a program with no_new_privs gains nothing from it. */
static bool capabilities_leave(bool net_raw, bool read_all)
{
    bool bounds;

    if (capng_get_caps_process() != 0)
        return false;
    bounds = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) == 1;
    net_raw = net_raw && capng_have_capability(CAPNG_PERMITTED, CAP_NET_RAW) == 1;
    read_all = read_all && capng_have_capability(CAPNG_PERMITTED, CAP_DAC_READ_SEARCH) == 1;
    capng_clear(CAPNG_SELECT_ALL);
    if ((net_raw && !keep(CAP_NET_RAW)) || (read_all && !keep(CAP_DAC_READ_SEARCH)))
        return false;
    return (!bounds || capng_apply(CAPNG_SELECT_BOUNDS) == 0) && capng_apply(CAPNG_SELECT_AMBIENT) == 0 &&
           capng_apply(CAPNG_SELECT_CAPS) == 0;
}

static int parent_death_signal(void)
{
    int sig = 0;

    return prctl(PR_GET_PDEATHSIG, &sig) == 0 ? sig : 0;
}

/* The parent may have died while nothing was asked for: then the signal would never come. */
static void parent_death_ask(int sig, pid_t parent)
{
    if (sig == 0)
        return;
    prctl(PR_SET_PDEATHSIG, sig);
    if (getppid() != parent)
        raise(sig);
}

bool privileges_drop(const struct privileges_plan *plan, struct complaint *why)
{
    const bool root = geteuid() == 0;
    const int sig = parent_death_signal();
    const pid_t parent = getppid();
    bool read_all;

    if (root && !identity_change(plan, why))
        return false;
    /* Looked at with the capabilities that will remain, so that root's own do not answer. */
    read_all = root && !*plan->user && plan->n_inputs > 0;
    if (read_all) {
        if (capng_get_caps_process() != 0 ||
            capng_updatev(CAPNG_DROP, CAPNG_EFFECTIVE, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, -1) != 0 ||
            capng_apply(CAPNG_SELECT_CAPS) != 0)
            return complain(why, "cannot put capabilities aside: %s", strerror(errno));
        read_all = inputs_closed(plan);
    }
    if (!capabilities_leave(plan->live, read_all))
        return complain(why, "cannot drop capabilities: %s", strerror(errno));
    parent_death_ask(sig, parent);
    return true;
}

bool privileges_forget(void)
{
    const int sig = parent_death_signal();
    const pid_t parent = getppid();

    if (!files_as(geteuid(), getegid()) || !capabilities_leave(false, false))
        return false;
    parent_death_ask(sig, parent);
    return true;
}

static void user_print(struct buf *out, uid_t uid)
{
    const struct passwd *pw = getpwuid(uid);

    if (pw)
        buf_add_str(out, pw->pw_name);
    else
        buf_addf(out, "%u", (unsigned)uid);
}

void privileges_describe(struct buf *out)
{
    const uid_t file_uid = (uid_t)setfsuid((uid_t)-1);
    char *held;

    buf_add_str(out, "user ");
    user_print(out, geteuid());
    if (file_uid != geteuid()) {
        buf_add_str(out, ", files of ");
        user_print(out, file_uid);
    }
    capng_get_caps_process();
    held = capng_print_caps_text(CAPNG_PRINT_BUFFER, CAPNG_PERMITTED);
    buf_addf(out, ", capabilities: %s", held ? held : "unknown");
    free(held);
}
