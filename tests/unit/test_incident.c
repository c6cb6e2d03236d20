/* SPDX-License-Identifier: GPL-2.0-or-later */
/* incident.c, as whoever looks on sees it: by number, the latest, page by page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "correlate/incident.h"

#include <stdio.h>

static struct incident *make(struct incidents *s, unsigned n, uint64_t ts_us)
{
    const uint8_t b[4] = {10, 0, (uint8_t)(n / 256), (uint8_t)n};
    struct addr victim = addr_v4(b);
    char host[32];
    struct incident *i;

    snprintf(host, sizeof host, "h%u.example", n);
    i = incidents_open(s, &victim, bytes_str(host), 389, ts_us);
    assert_non_null(i);
    i->visible = true;
    return i;
}

static void found_by_their_number(void **state)
{
    struct incidents *s = incidents_new(1 << 20, 5);
    struct incident *i[100];
    uint64_t id;

    (void)state;
    for (unsigned n = 0; n < 100; n++)
        i[n] = make(s, n, 1000 + n);
    for (unsigned n = 0; n < 100; n++)
        assert_ptr_equal(incidents_by_id(s, i[n]->id), i[n]);
    id = i[7]->id;
    incidents_drop(s, i[7]);
    assert_null(incidents_by_id(s, id));
    incidents_set_id(s, i[8], id); /* it has become a part of another */
    assert_ptr_equal(incidents_by_id(s, id), i[8]);
    incidents_drop(s, i[8]);
    assert_null(incidents_by_id(s, id));
    incidents_free(s);
}

static void the_latest_of_both_lists(void **state)
{
    struct incidents *s = incidents_new(1 << 20, 5);
    const struct incident *out[64];
    struct incident *first, *hidden, *third;

    (void)state;
    assert_int_equal(incidents_latest(s, out, 64), 0);
    first = make(s, 1, 100);
    hidden = make(s, 2, 200);
    hidden->visible = false;
    third = make(s, 3, 300);
    incident_mark(s, first, STAGE_CALLBACK)->confidence = 90;
    incidents_touch(s, first, 250); /* it has come further: in the other list now */
    assert_int_equal(incidents_latest(s, out, 64), 2);
    assert_ptr_equal(out[0], third);
    assert_ptr_equal(out[1], first);
    incidents_touch(s, first, 400);
    assert_int_equal(incidents_latest(s, out, 1), 1);
    assert_ptr_equal(out[0], first);
    incidents_free(s);
}

/* Among very many that are not told of, looking ends. */
static void looking_has_a_ceiling(void **state)
{
    struct incidents *s = incidents_new(64 << 20, 5);
    const struct incident *out[64];

    (void)state;
    make(s, 0, 1);
    for (unsigned n = 1; n <= INCIDENTS_LOOK; n++)
        make(s, n, 1 + n)->visible = false;
    assert_int_equal(incidents_latest(s, out, 64), 0);
    incidents_free(s);
}

static void pages_hold_every_incident_once(void **state)
{
    struct incidents *s = incidents_new(8 << 20, 5);
    static struct incident *i[3000];
    static unsigned seen[3000];
    const struct incident *out[64];
    unsigned fresh = 2000, pages = 0;
    size_t at = 0;

    (void)state;
    for (unsigned n = 0; n < 2000; n++) {
        i[n] = make(s, n, 1000 + n);
        i[n]->origin = n;
    }
    while (at != SIZE_MAX) {
        size_t n = incidents_page(s, &at, out, 64);

        assert_true(n <= 64);
        for (size_t k = 0; k < n; k++)
            seen[out[k]->origin]++;
        if (fresh < 3000) { /* life goes on */
            i[fresh] = make(s, fresh, 5000 + fresh);
            i[fresh]->origin = fresh;
            fresh++;
        }
        incidents_touch(s, i[pages * 7 % 2000], 9000 + pages);
        pages++;
    }
    for (unsigned n = 0; n < 2000; n++)
        assert_int_equal(seen[n], 1);
    for (unsigned n = 2000; n < 3000; n++)
        assert_true(seen[n] <= 1);
    assert_int_equal(incidents_page(s, &at, out, 64), 0);
    incidents_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_by_their_number),
        cmocka_unit_test(the_latest_of_both_lists),
        cmocka_unit_test(looking_has_a_ceiling),
        cmocka_unit_test(pages_hold_every_incident_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
