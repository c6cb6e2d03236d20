/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "correlate/table.h"

struct thing {
    struct table_entry entry;
    unsigned n;
};

static unsigned evicted[8], n_evicted;

static void note(void *arg, void *entry)
{
    struct thing *t = entry;

    (void)arg;
    if (n_evicted < 8)
        evicted[n_evicted++] = t->n;
}

static struct table_key key(unsigned n, uint64_t seed)
{
    struct table_text t;

    key_begin(&t, 1);
    key_number(&t, n);
    return key_end(&t, seed);
}

static void add(struct table *t, unsigned n, uint64_t seed)
{
    struct table_key k = key(n, seed);
    struct thing *e = table_add(t, &k);

    assert_non_null(e);
    assert_int_equal(e->n, 0);
    e->n = n;
}

static void the_least_recently_touched_makes_room(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 3; seed++) { /* whatever the secret */
        struct table_plan plan = {
            .entry_size = sizeof(struct thing), .evicted = COUNT_CORRELATE_FORGOTTEN, .on_evict = note};
        struct table *t = table_new(&plan); /* the least it may be: 16 */
        struct table_key k;

        count_reset();
        n_evicted = 0;
        for (unsigned n = 1; n <= 16; n++)
            add(t, n, seed);
        assert_int_equal(n_evicted, 0);
        k = key(1, seed);
        table_touch(t, table_find(t, &k));
        add(t, 17, seed);
        add(t, 18, seed);
        assert_int_equal(table_n(t), 16);
        assert_int_equal(n_evicted, 2);
        assert_int_equal(evicted[0], 2);
        assert_int_equal(evicted[1], 3);
        assert_int_equal(counters[COUNT_CORRELATE_FORGOTTEN], 2);
        assert_non_null(table_find(t, &k));
        assert_int_equal(((struct thing *)table_oldest(t))->n, 4);
        k = key(3, seed);
        assert_null(table_find(t, &k));
        table_remove(t, table_oldest(t));
        assert_int_equal(table_n(t), 15);
        table_free(t);
    }
    count_reset();
}

/* Not one fewer than promised, and not one more. */
static void holds_as_many_entries_as_planned(void **state)
{
    struct table *t = table_new(&(struct table_plan){
        .entry_size = sizeof(struct thing), .max_entries = 1000, .evicted = COUNT_CORRELATE_FORGOTTEN});

    (void)state;
    count_reset();
    for (unsigned n = 1; n <= 1000; n++)
        add(t, n, 7);
    assert_int_equal(counters[COUNT_CORRELATE_FORGOTTEN], 0);
    add(t, 1001, 7);
    assert_int_equal(table_n(t), 1000);
    assert_int_equal(counters[COUNT_CORRELATE_FORGOTTEN], 1);
    table_free(t);
    count_reset();
}

/* All are found whatever the buckets have grown to, and the oldest stays the oldest. */
static void grows_with_its_entries(void **state)
{
    struct table_plan plan = {.entry_size = sizeof(struct thing),
                              .max_bytes = 10000 * (sizeof(struct thing) + 32),
                              .evicted = COUNT_CORRELATE_FORGOTTEN};
    struct table *t = table_new(&plan);
    struct table_key k;

    (void)state;
    count_reset();
    for (unsigned n = 1; n <= 10000; n++)
        add(t, n, 7);
    for (unsigned n = 1; n <= 10000; n++) {
        struct thing *e;

        k = key(n, 7);
        e = table_find(t, &k);
        assert_non_null(e);
        assert_int_equal(e->n, n);
        if (n % 2)
            table_remove(t, e);
    }
    assert_int_equal(table_n(t), 5000);
    assert_int_equal(((struct thing *)table_oldest(t))->n, 2);
    k = key(9999, 7);
    assert_null(table_find(t, &k));
    assert_int_equal(counters[COUNT_CORRELATE_FORGOTTEN], 0);
    table_free(t);
}

static void keys_differ_by_every_part(void **state)
{
    const uint8_t b[4] = {10, 0, 0, 1};
    struct addr a = addr_v4(b);
    struct table_text t, u;
    struct table_key one, two;

    (void)state;
    key_begin(&t, 1);
    key_addr(&t, &a);
    key_name(&t, BYTES_LIT("Evil.Example"));
    key_begin(&u, 1);
    key_addr(&u, &a);
    key_name(&u, BYTES_LIT("evil.example"));
    one = key_end(&t, 5);
    two = key_end(&u, 5);
    assert_memory_equal(&one, &two, sizeof one);
    two = key_end(&u, 6);
    assert_true(one.low != two.low || one.high != two.high);
    key_number(&u, 0);
    two = key_end(&u, 5);
    assert_true(one.low != two.low);
}

/* While others come and go between two pages, an entry that stays is seen once. */
static void pages_hold_every_entry_once(void **state)
{
    struct table_plan plan = {
        .entry_size = sizeof(struct thing), .max_bytes = 1 << 20, .evicted = COUNT_CORRELATE_FORGOTTEN};
    struct table *t = table_new(&plan);
    static unsigned seen[4000];
    unsigned pages = 0;
    void *out[16];
    size_t at = 0;

    (void)state;
    memset(seen, 0, sizeof seen);
    for (unsigned n = 0; n < 2000; n++)
        add(t, n, 7);
    for (unsigned fresh = 2000; at != SIZE_MAX; pages++) {
        size_t n = table_page(t, &at, out, 16);

        assert_true(n <= 16);
        for (size_t i = 0; i < n; i++)
            seen[((struct thing *)out[i])->n]++;
        for (unsigned i = 0; i < 5 && fresh < 4000; i++) {
            struct table_key k = key(fresh / 2, 7);

            add(t, fresh++, 7);
            table_touch(t, table_find(t, &k));
        }
    }
    for (unsigned n = 0; n < 2000; n++)
        assert_int_equal(seen[n], 1);
    for (unsigned n = 2000; n < 4000; n++)
        assert_true(seen[n] <= 1);
    assert_true(pages >= 2000 / 16);
    assert_int_equal(table_page(t, &at, out, 16), 0); /* still at the end */
    table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_recently_touched_makes_room),
        cmocka_unit_test(holds_as_many_entries_as_planned),
        cmocka_unit_test(grows_with_its_entries),
        cmocka_unit_test(keys_differ_by_every_part),
        cmocka_unit_test(pages_hold_every_entry_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
