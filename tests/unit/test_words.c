/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void decoding(void **state)
{
    static const struct {
        const char *in, *want; /* NULL: no word in it */
    } all[] = {
        {"plain", NULL},
        {"=?utf-8?b?YQ==?=", "a"},
        {"x =?utf-8?Q?a_b=3D?= y", "x a b= y"},
        {"=?a?b?JHtq?= \t=?a?q?ndi=7d?=", "${jndi}"},
        {"=?a?b?YQ==?= b =?a?b?Yw==?=", "a b c"},
        {"=?a?x?YQ==?=", NULL},
        {"=?a?q?never ended", NULL},
        {"=?=?a?q?b?=", "=?b"},
        {"=?a?q?=4?=", "=4"},
        {"=?a?q?\?=", ""},
        {"=?", NULL},
        {"", NULL},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        size_t len = strlen(all[i].in);

        for (size_t cut = 0; cut <= len; cut++) {
            uint8_t *exact = malloc(cut ? cut : 1);
            struct buf out = buf_within(cut);
            bool any;

            assert_non_null(exact);
            memcpy(exact, all[i].in, cut);
            any = words_decode(bytes_of(exact, cut), &out);
            assert_true(any || out.len == 0);
            if (cut == len &&
                (any != (all[i].want != NULL) || !bytes_eq(buf_bytes(&out), bytes_str(all[i].want))))
                fail_msg("%s: %.*s", all[i].in, (int)out.len, (const char *)out.p);
            buf_drop(&out);
            free(exact);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
