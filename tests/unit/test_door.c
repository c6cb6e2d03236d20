/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "control/door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char dir[32], path[64];

static int setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/door-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/socket", dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(dir);
}

static bool reached(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    bool good;

    strcpy(at.sun_path, path);
    good = connect(fd, (const struct sockaddr *)&at, sizeof at) == 0;
    close(fd);
    return good;
}

static void only_owner_and_group_may_connect(void **state)
{
    struct complaint why = {""};
    struct door d;
    struct stat st;
    mode_t before = umask(0);
    char group[16];

    (void)state;
    snprintf(group, sizeof group, "%u", (unsigned)getgid());
    assert_true(door_open(&d, path, group, &why));
    assert_int_equal(umask(before), 0); /* as it was */
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISSOCK(st.st_mode));
    assert_int_equal(st.st_mode & 07777, 0660);
    assert_int_equal(st.st_gid, getgid());
    assert_true(reached());
    door_close(&d);
    assert_int_equal(lstat(path, &st), -1);
    door_close(&d);
}

static void what_a_dead_sensor_left_is_replaced(void **state)
{
    struct complaint why = {""};
    struct door dead, d, other;

    (void)state;
    assert_true(door_open(&dead, path, "", &why));
    close(dead.fd); /* as a kill does */
    assert_false(reached());
    assert_true(door_open(&d, path, "", &why));
    assert_true(reached());
    /* and one that answers stays */
    assert_false(door_open(&other, path, "", &why));
    assert_non_null(strstr(why.text, "another sensor answers there"));
    assert_int_equal(other.fd, -1);
    assert_true(reached());
    door_close(&d);
}

static void a_successor_s_file_is_left_alone(void **state)
{
    struct complaint why = {""};
    struct door d, next;

    (void)state;
    assert_true(door_open(&d, path, "", &why));
    assert_int_equal(unlink(path), 0);
    assert_true(door_open(&next, path, "", &why));
    door_close(&d);
    assert_true(reached());
    door_close(&next);
}

static void what_is_refused(void **state)
{
    char longer[160], missing[64];
    struct door d;
    FILE *file;

    (void)state;
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    snprintf(missing, sizeof missing, "%s/none/socket", dir);
    file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    const struct {
        const char *path, *group, *words;
    } rows[] = {{path, "", "something else than a socket"},
                {longer, "", "at most 107 bytes"},
                {missing, "", "No such file or directory"},
                {missing, "no such group", "there is no group 'no such group'"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct complaint why = {""};

        assert_false(door_open(&d, rows[i].path, rows[i].group, &why));
        if (!strstr(why.text, rows[i].words))
            fail_msg("%s", why.text);
        assert_int_equal(d.fd, -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_owner_and_group_may_connect, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_dead_sensor_left_is_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(a_successor_s_file_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_refused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
