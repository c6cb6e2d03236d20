/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_tx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"

/* A request whose URL is as long as what is kept of one. */
static struct http_tx *long_request(uint64_t number)
{
    static uint8_t url[2000];
    struct http_view view = {.method = BYTES_LIT("GET"), .url = {url, sizeof url}};
    struct http_tx *tx = http_tx_new(&view, number);

    assert_non_null(tx);
    return tx;
}

static void a_copy_cut_at_its_ceilings(void **state)
{
    struct http_tx *tx = long_request(7);

    (void)state;
    assert_true(bytes_eq(tx->view.method, BYTES_LIT("GET")));
    assert_int_equal(tx->view.url.len, 1024);
    assert_null(tx->view.host.p);
    assert_int_equal(tx->number, 7);
    http_tx_release(tx);
}

/* Beyond the ceiling a request is remembered without its text; what was given back makes room again. */
static void texts_have_a_ceiling(void **state)
{
    enum { N = 60000 };
    struct http_tx **all = calloc(N, sizeof *all);
    unsigned with_text = 0;

    (void)state;
    assert_non_null(all);
    count_reset();
    for (unsigned round = 0; round < 2; round++) {
        with_text = 0;
        for (unsigned i = 0; i < N; i++) {
            all[i] = long_request(i);
            with_text += all[i]->view.url.p != NULL;
        }
        assert_int_equal(with_text, HTTP_TX_TEXTS_MAX / (1024 + 3));
        for (unsigned i = 0; i < N; i++)
            http_tx_release(all[i]);
    }
    assert_int_equal(counters[COUNT_INSPECT_MEMORY], 2 * (N - with_text));
    free(all);
}

static void answered_in_order(void **state)
{
    struct http_tx_queue q = {0};
    struct http_tx *tx;

    (void)state;
    for (uint64_t i = 0; i < HTTP_TX_PENDING + 5; i++) {
        tx = long_request(i);
        http_tx_push(&q, tx);
        http_tx_release(tx);
    }
    assert_int_equal(q.n, HTTP_TX_PENDING);
    tx = http_tx_pop(&q, 0);
    assert_int_equal(tx->number, 0);
    http_tx_release(tx);
    assert_int_equal(http_tx_peek(&q, 3)->number, 3); /* 1 and 2 are forgotten */
    assert_int_equal(q.n, HTTP_TX_PENDING - 3);
    assert_null(http_tx_pop(&q, 2));
    assert_null(http_tx_pop(&q, HTTP_TX_PENDING)); /* was not remembered */
    assert_int_equal(q.n, 0);
    tx = long_request(50);
    http_tx_push(&q, tx);
    http_tx_release(tx);
    http_tx_queue_drop(&q);
    assert_null(q.first);
    http_tx_release(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_cut_at_its_ceilings),
        cmocka_unit_test(texts_have_a_ceiling),
        cmocka_unit_test(answered_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
