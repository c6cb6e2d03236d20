/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_jvm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void agents(void **state)
{
    static const struct {
        const char *text;
        enum http_jvm jvm;
    } rows[] = {
        {"Java/1.8.0_181", HTTP_JVM_URL},
        {"Java/17.0.15", HTTP_JVM_URL},
        {"Our Shop Java/17.0.15", HTTP_JVM_URL}, /* -Dhttp.agent="Our Shop" */
        {"Mozilla/4.0 (Windows 10 10.0) Java/1.8.0_40", HTTP_JVM_URL},
        {"x (Java/1.8.0)", HTTP_JVM_URL},
        {"aws-sdk-Java/1.11 Java/11.0.1", HTTP_JVM_URL},
        {"Java-http-client/17.0.15", HTTP_JVM_CLIENT},
        {"aws-sdk-Java/1.11", HTTP_JVM_NONE},
        {"LiveJava/1.0", HTTP_JVM_NONE},
        {"Apache-Maven/3.8.7 (Java 17.0.15; Linux 6.1.0)", HTTP_JVM_NONE},
        {"Apache-HttpClient/4.5.13 (Java/11.0.1)", HTTP_JVM_URL},
        {"Java/", HTTP_JVM_NONE},
        {"Java/x", HTTP_JVM_NONE},
        {"java/1.8", HTTP_JVM_NONE},
        {"curl/7.88.1", HTTP_JVM_NONE},
        {"", HTTP_JVM_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len = strlen(rows[i].text);
        char *exact = memcpy(malloc(len + !len), rows[i].text, len);

        if (http_jvm_of(bytes_of(exact, len)) != rows[i].jvm)
            fail_msg("%s", rows[i].text);
        free(exact);
    }
}

/* Each row is what a URLClassLoader of JDK 17 did with a class in such an answer. */
static void uses(void **state)
{
    static const struct {
        unsigned status;
        const char *location;
        enum http_jvm_use use;
    } rows[] = {
        {200, "", HTTP_JVM_READ},
        {203, "", HTTP_JVM_READ},
        {206, "", HTTP_JVM_READ},
        {299, "", HTTP_JVM_READ},
        {301, "http://203.0.113.9/a", HTTP_JVM_MOVED},
        {302, "/other/P.class", HTTP_JVM_MOVED},
        {303, "HTTP://203.0.113.9/a", HTTP_JVM_MOVED},
        {307, "other", HTTP_JVM_MOVED},
        {302, "unknown:x", HTTP_JVM_MOVED},
        {302, "https://203.0.113.9/a", HTTP_JVM_READ},
        {302, "url:https://203.0.113.9/a", HTTP_JVM_READ},
        {302, "\x01https://203.0.113.9/a", HTTP_JVM_READ},
        {302, "", HTTP_JVM_READ},
        {304, "http://203.0.113.9/a", HTTP_JVM_READ},
        {306, "http://203.0.113.9/a", HTTP_JVM_READ},
        {308, "http://203.0.113.9/a", HTTP_JVM_READ},
        {400, "", HTTP_JVM_FAILED},
        {404, "", HTTP_JVM_FAILED},
        {404, "http://203.0.113.9/a", HTTP_JVM_FAILED},
        {500, "", HTTP_JVM_FAILED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (http_jvm_use(rows[i].status, bytes_str(rows[i].location)) != rows[i].use)
            fail_msg("%u %s", rows[i].status, rows[i].location);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agents),
        cmocka_unit_test(uses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
