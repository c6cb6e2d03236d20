/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who a program that root started becomes, and what it may still do. The tests that need root are skipped
 * without. */
#include "process/privileges.h"
#include "support/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NET_RAW         "0000000000002000" /* 1 << CAP_NET_RAW, which is 13 */
#define READ_ALL        "0000000000000004" /* 1 << CAP_DAC_READ_SEARCH, which is 2 */
#define NONE            "0000000000000000"
#define SOMEBODY        "12345" /* a number that no user database should know */
#define SOMEBODY_NUMBER 12345

static const struct privileges_plan live = {.user = "", .group = "", .live = true};
static const struct privileges_plan named = {.user = SOMEBODY, .group = SOMEBODY};
static char place[64]; /* 0700, root's */
static const char *place_inputs[1] = {place};
static const struct privileges_plan in_place = {.user = "", .group = "", .log_dir = place, .live = true};

static bool drop(const struct privileges_plan *plan)
{
    struct complaint why = {""};
    bool done = privileges_drop(plan, &why);

    if (!done)
        fprintf(stderr, "%s\n", why.text);
    return done;
}

static bool drop_live(void)
{
    return drop(&live);
}

static bool drop_named(void)
{
    return drop(&named);
}

static void is_root_or_skip(void)
{
    if (geteuid() != 0)
        skip();
}

/* Real, effective, saved and file system id stand in one line. */
static void assert_ids(int pid, const char *name, unsigned id, unsigned file_id)
{
    unsigned r, e, s, f;

    assert_int_equal(sscanf(apart_proc(pid, "status", name), "%u %u %u %u", &r, &e, &s, &f), 4);
    assert_int_equal(r, id);
    assert_int_equal(e, id);
    assert_int_equal(s, id);
    assert_int_equal(f, file_id);
}

static unsigned chosen_user(void)
{
    const struct passwd *pw = getpwnam("jndi-sensor");

    if (!pw)
        pw = getpwnam("nobody");
    return pw ? pw->pw_uid : 65534;
}

static void assert_capabilities(int pid, const char *held)
{
    assert_string_equal(apart_proc(pid, "status", "CapEff"), held);
    assert_string_equal(apart_proc(pid, "status", "CapPrm"), held);
    assert_string_equal(apart_proc(pid, "status", "CapInh"), NONE);
    assert_string_equal(apart_proc(pid, "status", "CapAmb"), NONE);
    assert_string_equal(apart_proc(pid, "status", "CapBnd"), NONE);
}

static void look_live(int pid)
{
    assert_ids(pid, "Uid", chosen_user(), 0);
    assert_capabilities(pid, NET_RAW);
}

static void root_becomes_nobody_who_captures(void **state)
{
    (void)state;
    is_root_or_skip();
    assert_int_equal(apart_watched(drop_live, look_live), APART_GOOD);
}

static void look_named(int pid)
{
    assert_ids(pid, "Uid", SOMEBODY_NUMBER, SOMEBODY_NUMBER);
    assert_ids(pid, "Gid", SOMEBODY_NUMBER, SOMEBODY_NUMBER);
    assert_capabilities(pid, NONE);
    assert_string_equal(apart_proc(pid, "status", "Groups"), "");
}

static void root_becomes_who_is_named(void **state)
{
    (void)state;
    is_root_or_skip();
    assert_int_equal(apart_watched(drop_named, look_named), APART_GOOD);
}

static int complain_of(const char *user, const char *group, const char *words)
{
    struct complaint why = {""};
    const struct privileges_plan plan = {.user = user, .group = group};

    return !privileges_drop(&plan, &why) && strstr(why.text, words) ? APART_GOOD : APART_BAD;
}

static int unknown_user(void)
{
    return complain_of("no-such-user-here", "", "run-as.user: there is no user 'no-such-user-here' (useradd");
}

static int unknown_number(void)
{
    return complain_of(SOMEBODY, "", "name run-as.group");
}

static int unknown_group(void)
{
    return complain_of("", "no-such-group-here", "run-as.group: there is no group 'no-such-group-here'");
}

static void unknown_names(void **state)
{
    (void)state;
    is_root_or_skip();
    assert_int_equal(apart(unknown_user), APART_GOOD);
    assert_int_equal(apart(unknown_number), APART_GOOD);
    assert_int_equal(apart(unknown_group), APART_GOOD);
}

static bool can_write(const char *name)
{
    int fd = openat(AT_FDCWD, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool in_the_directory(void)
{
    return chdir(place) == 0;
}

/* What root was told to write stays writable, in a directory that is closed to everybody else. */
static int write_on(void)
{
    if (!in_the_directory() || !drop(&in_place))
        return APART_BAD;
    if (!can_write("eve.json") || rename("eve.json", "eve.json.1") != 0 || !can_write("eve.json"))
        return 2;
    if (socket(AF_PACKET, SOCK_RAW, 0) < 0)
        return 3;
    if (kill(getppid(), 0) == 0 || errno != EPERM) /* root's processes are another user's */
        return 4;
    if (!privileges_forget() || can_write("eve.json"))
        return 5;
    if (socket(AF_PACKET, SOCK_RAW, 0) >= 0)
        return 6;
    setfsuid(0); /* and there is no way back */
    return can_write("eve.json") ? 7 : APART_GOOD;
}

static int write_named(void)
{
    return in_the_directory() && drop(&named) && !can_write("eve.json") ? APART_GOOD : APART_BAD;
}

static int place_make(void **state)
{
    (void)state;
    snprintf(place, sizeof place, "/tmp/test-privileges-XXXXXX");
    return mkdtemp(place) ? 0 : -1;
}

static int place_drop(void **state)
{
    (void)state;
    if (chdir(place) == 0) {
        unlink("eve.json");
        unlink("eve.json.1");
        unlink("x.pcap");
    }
    return chdir("/") == 0 ? rmdir(place) : -1;
}

static void the_log_directory_stays_writable(void **state)
{
    (void)state;
    is_root_or_skip();
    assert_int_equal(apart(write_on), APART_GOOD);
    assert_int_equal(apart(write_named), APART_GOOD);
}

static void look_owner(int pid)
{
    assert_ids(pid, "Uid", chosen_user(), SOMEBODY_NUMBER);
}

static bool drop_in_place(void)
{
    return drop(&in_place);
}

static void files_are_those_of_the_directorys_owner(void **state)
{
    (void)state;
    is_root_or_skip();
    assert_int_equal(chown(place, SOMEBODY_NUMBER, SOMEBODY_NUMBER), 0);
    assert_int_equal(apart_watched(drop_in_place, look_owner), APART_GOOD);
}

static bool drop_offline(void)
{
    const struct privileges_plan plan = {.user = "", .group = "", .inputs = place_inputs, .n_inputs = 1};

    return drop(&plan) && open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0;
}

static void look_none(int pid)
{
    assert_capabilities(pid, NONE);
}

static void look_read_all(int pid)
{
    assert_capabilities(pid, READ_ALL);
}

static void offline_needs_nothing_as_a_rule(void **state)
{
    (void)state;
    is_root_or_skip();
    assert_int_equal(apart_watched(drop_offline, look_none), APART_GOOD);
    /* "sudo" in front of the name of somebody's private capture. */
    assert_int_equal(chown(place, SOMEBODY_NUMBER, SOMEBODY_NUMBER), 0);
    assert_int_equal(apart_watched(drop_offline, look_read_all), APART_GOOD);
}

static void a_private_file_in_a_directory(void **state)
{
    int fd;

    (void)state;
    is_root_or_skip();
    assert_int_equal(chdir(place), 0);
    fd = open("x.pcap", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fchown(fd, SOMEBODY_NUMBER, SOMEBODY_NUMBER), 0);
    close(fd);
    assert_int_equal(apart_watched(drop_offline, look_read_all), APART_GOOD);
}

static bool map_root_alone(void)
{
    int fd = -1;
    char line[32];
    int len = snprintf(line, sizeof line, "0 %u 1", (unsigned)geteuid());

    if (unshare(CLONE_NEWUSER) != 0 || (fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC)) < 0 ||
        write(fd, line, (size_t)len) != len)
        return false;
    close(fd);
    return geteuid() == 0;
}

static int drop_where_there_is_nobody(void)
{
    if (!map_root_alone())
        return 77;
    return drop(&live) && geteuid() == 0 ? APART_GOOD : APART_BAD;
}

static int drop_to_whom_there_is_not(void)
{
    struct complaint why = {""};

    if (!map_root_alone())
        return 77;
    return !privileges_drop(&named, &why) && strstr(why.text, "cannot become user") ? APART_GOOD : APART_BAD;
}

static void where_root_is_alone(void **state)
{
    int end = apart(drop_where_there_is_nobody);

    (void)state;
    if (end == 77)
        skip(); /* no user name spaces here */
    assert_int_equal(end, APART_GOOD);
    assert_int_equal(apart(drop_to_whom_there_is_not), APART_GOOD);
}

static int drop_as_plain_user(void)
{
    if (geteuid() == 0 && (setgid(SOMEBODY_NUMBER) != 0 || setuid(SOMEBODY_NUMBER) != 0))
        return APART_BAD;
    /* The service's settings, in an analyst's hands. */
    return drop(&(struct privileges_plan){.user = "no-such-user-here", .group = ""}) ? APART_GOOD : APART_BAD;
}

static void a_plain_user_stays(void **state)
{
    (void)state;
    assert_int_equal(apart(drop_as_plain_user), APART_GOOD);
}

static int death_signal_kept(void)
{
    int sig = 0;

    return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && drop(&live) && prctl(PR_GET_PDEATHSIG, &sig) == 0 &&
                   sig == SIGTERM
               ? APART_GOOD
               : APART_BAD;
}

static void the_parents_death_is_still_heard_of(void **state)
{
    (void)state;
    assert_int_equal(apart(death_signal_kept), APART_GOOD);
}

static int described(void)
{
    struct buf text = buf_within(512);
    bool good;

    if (!drop(&live))
        return APART_BAD;
    privileges_describe(&text);
    buf_add_byte(&text, '\0');
    good = strstr((const char *)text.p, ", files of root, capabilities: net_raw") != NULL;
    buf_drop(&text);
    return good ? APART_GOOD : 2;
}

static void words_for_the_operator(void **state)
{
    (void)state;
    is_root_or_skip();
    assert_int_equal(apart(described), APART_GOOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(root_becomes_nobody_who_captures),
        cmocka_unit_test(root_becomes_who_is_named),
        cmocka_unit_test(unknown_names),
        cmocka_unit_test_setup_teardown(the_log_directory_stays_writable, place_make, place_drop),
        cmocka_unit_test_setup_teardown(files_are_those_of_the_directorys_owner, place_make, place_drop),
        cmocka_unit_test_setup_teardown(offline_needs_nothing_as_a_rule, place_make, place_drop),
        cmocka_unit_test_setup_teardown(a_private_file_in_a_directory, place_make, place_drop),
        cmocka_unit_test(where_root_is_alone),
        cmocka_unit_test(a_plain_user_stays),
        cmocka_unit_test(the_parents_death_is_still_heard_of),
        cmocka_unit_test(words_for_the_operator),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
