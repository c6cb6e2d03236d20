/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "correlate/ioc_sieve.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct iocs *listed(const char *text)
{
    struct iocs *s = iocs_new(100000);
    struct complaint why = {{0}};

    if (!iocs_add_text(s, "test.list", bytes_str(text), &why))
        fail_msg("%s", why.text);
    return s;
}

static void fill(struct ioc_sieve *s, const char *text)
{
    struct iocs *list = listed(text);

    ioc_sieve_fill(s, list);
    iocs_free(list);
}

static bool host(const struct ioc_sieve *s, const char *name)
{
    return ioc_sieve_host(s, bytes_str(name));
}

static void test_holds_what_is_listed(void **state)
{
    struct ioc_sieve *s = ioc_sieve_new(true);

    (void)state;
    assert_non_null(s);
    assert_false(host(s, "evil.example"));
    assert_false(ioc_sieve_host(NULL, BYTES_LIT("evil.example")));
    fill(s, "evil.example\nserver.example:1389\nldap://url.example/a\n203.0.113.9\n198.51.100.0/24\n"
            "[2001:db8::1]:389\nhttp://192.0.2.1/\n" SHA "\n");
    assert_true(host(s, "a.EVIL.example"));
    assert_true(host(s, "server.example")); /* the collector will ask for the port */
    assert_true(host(s, "url.example."));
    assert_true(host(s, "203.0.113.9"));
    assert_true(host(s, "198.51.100.77"));
    assert_true(host(s, "2001:db8::1"));
    assert_true(host(s, "192.0.2.1"));
    assert_true(ioc_sieve_sha256(s, BYTES_LIT(SHA)));
    assert_false(host(s, "example"));
    assert_false(host(s, "good.example"));
    assert_false(host(s, "198.51.101.77"));
    assert_false(ioc_sieve_sha256(s, BYTES_LIT("00")));
    fill(s, "good.example\n");
    assert_true(host(s, "good.example"));
    assert_false(host(s, "evil.example"));
    ioc_sieve_fill(s, NULL);
    assert_false(host(s, "good.example"));
    ioc_sieve_free(s);
}

/* Nothing that is listed is missed, and little else passes. */
static void test_many(void **state)
{
    struct ioc_sieve *s = ioc_sieve_new(true);
    struct iocs *list = iocs_new(100000);
    struct complaint why = {{0}};
    unsigned passed = 0;
    char name[32];

    (void)state;
    for (unsigned i = 0; i < 50000; i++) {
        snprintf(name, sizeof name, "n%u.example", i);
        assert_true(iocs_add_text(list, "x", bytes_str(name), &why));
    }
    ioc_sieve_fill(s, list);
    for (unsigned i = 0; i < 50000; i++) {
        snprintf(name, sizeof name, "n%u.example", i);
        assert_true(host(s, name));
        snprintf(name, sizeof name, "other%u.test", i);
        passed += host(s, name);
    }
    assert_in_range(passed, 0, 1000);
    iocs_free(list);
    ioc_sieve_free(s);
}

/* A worker made before the lists were read again sees the new ones. */
static void test_in_another_process(void **state)
{
    struct ioc_sieve *s = ioc_sieve_new(true);
    int go[2], looked[2], status;
    pid_t pid;
    char c;

    (void)state;
    assert_int_equal(pipe(go), 0);
    assert_int_equal(pipe(looked), 0);
    fill(s, "before.example\n");
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        bool right = host(s, "before.example") && !host(s, "after.example");

        right = write(looked[1], "x", 1) == 1 && read(go[0], &c, 1) == 1 && right;
        _exit(right && !host(s, "before.example") && host(s, "after.example") ? 0 : 1);
    }
    assert_int_equal(read(looked[0], &c, 1), 1);
    fill(s, "after.example\n");
    assert_int_equal(write(go[1], "x", 1), 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    for (unsigned i = 0; i < 2; i++) {
        close(go[i]);
        close(looked[i]);
    }
    ioc_sieve_free(s);
}

/* Lists of other sizes use more of the words or fewer: what both hold is found all the while. */
static void test_never_missing_between(void **state)
{
    struct ioc_sieve *s = ioc_sieve_new(true);
    struct iocs *many = iocs_new(100000), *one = listed("both.example\n");
    struct complaint why = {{0}};
    int stop[2], status;
    char name[32], c;
    pid_t pid;

    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "n%u.example", i);
        assert_true(iocs_add_text(many, "x", bytes_str(name), &why));
    }
    assert_true(iocs_add_text(many, "x", BYTES_LIT("both.example"), &why));
    assert_int_equal(pipe2(stop, O_NONBLOCK), 0);
    ioc_sieve_fill(s, one);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        bool found = true;

        while (found && read(stop[0], &c, 1) != 1)
            for (unsigned i = 0; i < 100 && found; i++)
                found = host(s, "both.example");
        _exit(found ? 0 : 1);
    }
    for (unsigned i = 0; i < 100; i++)
        ioc_sieve_fill(s, i % 2 ? one : many);
    assert_int_equal(write(stop[1], "x", 1), 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(host(s, "both.example"));
    close(stop[0]);
    close(stop[1]);
    iocs_free(many);
    iocs_free(one);
    ioc_sieve_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holds_what_is_listed),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_in_another_process),
        cmocka_unit_test(test_never_missing_between),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
