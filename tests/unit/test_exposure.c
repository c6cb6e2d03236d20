/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "correlate/exposure.h"

#include <stdio.h>
#include <stdlib.h>

static void test_versions(void **state)
{
    static const struct {
        const char *agent, *version;
        enum exposure_loads loads;
    } rows[] = {
        {"Java/1.8.0_181", "1.8.0_181", LOADS_LIKELY},
        {"Java/1.8.0_191", "1.8.0_191", LOADS_NO},
        {"Java/1.8.0_412-b08", "1.8.0_412-b08", LOADS_NO},
        {"Java/1.8.0", "1.8.0", LOADS_LIKELY},
        {"Java/1.7.0_201", "1.7.0_201", LOADS_NO},
        {"Java/1.7.0_80", "1.7.0_80", LOADS_LIKELY},
        {"Java/1.6.0_45", "1.6.0_45", LOADS_LIKELY},
        {"Java/1.5.0", "1.5.0", LOADS_LIKELY},
        {"Java/9.0.4", "9.0.4", LOADS_LIKELY},
        {"Java/10.0.2", "10.0.2", LOADS_LIKELY},
        {"Java/11", "11", LOADS_LIKELY},
        {"Java/11.0.1", "11.0.1", LOADS_NO},
        {"Java/17.0.15", "17.0.15", LOADS_NO},
        {"Java/21-ea", "21-ea", LOADS_NO},
        {"Java-http-client/11.0.1", "11.0.1", LOADS_NO},
        {"Apache-HttpClient/4.5.13 (Java/1.8.0_77)", "1.8.0_77", LOADS_LIKELY},
        {"JavaScript/1.8", "", LOADS_UNKNOWN},
        {"NotJava/1.8.0_77", "", LOADS_UNKNOWN},
        {"Java/", "", LOADS_UNKNOWN},
        {"Java/x", "", LOADS_UNKNOWN},
        {"Java/99999999999999999999", "99999999999999999999", LOADS_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes version = exposure_version(bytes_str(rows[i].agent));

        if (!bytes_eq(version, bytes_str(rows[i].version)))
            fail_msg("%s: '%.*s'", rows[i].agent, (int)version.len, (const char *)version.p);
        if (exposure_loads_of(version) != rows[i].loads)
            fail_msg("%s: %s", rows[i].agent, exposure_loads_name(exposure_loads_of(version)));
        for (size_t cut = 0; cut <= strlen(rows[i].agent); cut++) {
            uint8_t *exact = memcpy(malloc(cut + !cut), rows[i].agent, cut);

            exposure_loads_of(exposure_version(bytes_of(exact, cut)));
            free(exact);
        }
    }
    assert_int_equal(exposure_loads_of(BYTES_LIT("8")), LOADS_UNKNOWN); /* by its hello: no update is known */
}

static void shows(struct exposure *e, unsigned host, enum client_shows what, const char *text, uint64_t ts_us)
{
    const uint8_t b[4] = {10, 0, (uint8_t)(host / 256), (uint8_t)host};
    struct fact_client c = {.client = addr_v4(b), .shows = (uint8_t)what, .text_len = (uint8_t)strlen(text)};
    struct fact f = {.ts_us = ts_us};

    snprintf(c.text, sizeof c.text, "%s", text);
    exposure_client(e, &f, &c);
}

static void test_hosts(void **state)
{
    struct config *config = config_new();
    struct exposure *e = exposure_new(config);
    const struct exposure_host **hosts;
    size_t n;

    (void)state;
    assert_null(exposure_sort(e, &n));
    shows(e, 2, SHOWS_AGENT, "Java/1.8.0_181", 50);
    shows(e, 1, SHOWS_TLS, "Java 17", 40);
    shows(e, 2, SHOWS_AGENT, "Java/1.8.0_181", 70);
    shows(e, 2, SHOWS_LDAP, "", 60);
    shows(e, 3, SHOWS_AGENT, "Mozilla/5.0 (JavaFX)", 60); /* says nothing */
    hosts = exposure_sort(e, &n);
    assert_int_equal(n, 2);
    assert_int_equal(hosts[0]->addr.b[3], 1);
    assert_string_equal(hosts[0]->versions[0].text, "17");
    assert_true(hosts[0]->versions[0].tls);
    assert_int_equal(exposure_loads_remote(hosts[0]), LOADS_NO);
    assert_int_equal(hosts[1]->shows[SHOWS_AGENT].n, 2);
    assert_int_equal(hosts[1]->shows[SHOWS_LDAP].n, 1);
    assert_int_equal(hosts[1]->n_versions, 1);
    assert_int_equal(hosts[1]->versions[0].first_us, 50);
    assert_int_equal(hosts[1]->last_us, 70);
    assert_int_equal(exposure_loads_remote(hosts[1]), LOADS_LIKELY);
    free(hosts);
    exposure_free(e);
    config_free(config);
}

static void test_bounded(void **state)
{
    struct config *config = config_new();
    struct complaint why = {{0}};
    struct exposure *e;
    const struct exposure_host **hosts;
    char text[32];
    size_t n;

    (void)state;
    count_reset();
    assert_true(config_set(config, "outputs.exposure.max-hosts=16", &why));
    e = exposure_new(config);
    for (unsigned i = 0; i < 1000; i++)
        shows(e, i, SHOWS_RMI, "", 100 + i);
    for (unsigned i = 0; i < 20; i++) {
        snprintf(text, sizeof text, "Java/17.0.%u", i + 1);
        shows(e, 999, SHOWS_AGENT, text, 2000 + i);
    }
    hosts = exposure_sort(e, &n);
    assert_in_range(n, 16, 17);
    assert_int_equal(counters[COUNT_EXPOSURE_FORGOTTEN], 1000 - n);
    assert_int_equal(hosts[n - 1]->n_versions, EXPOSURE_VERSIONS); /* the latest */
    for (unsigned i = 0; i < EXPOSURE_VERSIONS; i++)
        assert_true(hosts[n - 1]->versions[i].first_us >= 2000 + 20 - EXPOSURE_VERSIONS);
    free(hosts);
    exposure_free(e);
    config_free(config);
    count_reset();
}

static void test_looked_at(void **state)
{
    struct config *config = config_new();
    struct exposure *e = exposure_new(config);
    const struct exposure_host *out[64];
    const uint8_t b[4] = {10, 0, 0, 77};
    struct addr a = addr_v4(b);
    size_t at = 0, n = 0;

    (void)state;
    assert_int_equal(exposure_latest(e, out, 64), 0);
    for (unsigned i = 0; i < 100; i++)
        shows(e, i, SHOWS_RMI, "", 100 + i);
    shows(e, 3, SHOWS_RMI, "", 300);
    assert_int_equal(exposure_n(e), 100);
    assert_int_equal(exposure_latest(e, out, 64), 64);
    assert_int_equal(out[0]->addr.b[3], 3);
    assert_int_equal(out[1]->addr.b[3], 99);
    assert_int_equal(exposure_find(e, &a)->addr.b[3], 77);
    a.b[2] = 9;
    assert_null(exposure_find(e, &a));
    while (at != SIZE_MAX)
        n += exposure_page(e, &at, out, 64);
    assert_int_equal(n, 100);
    exposure_free(e);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
