/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slurp.c: a whole file, or why not. */
#include "base/slurp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <unistd.h>

static void files_of_any_size(void **state)
{
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 200000};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char path[] = "/tmp/jndi-slurp-XXXXXX";
        int fd = mkstemp(path);
        uint8_t *bytes = malloc(sizes[i] + 1);
        struct buf all = buf_within(sizes[i]), less = buf_within(sizes[i] - 1);

        assert_non_null(bytes);
        for (size_t k = 0; k < sizes[i]; k++)
            bytes[k] = (uint8_t)(k * 7);
        assert_int_equal(write(fd, bytes, sizes[i]), sizes[i]);
        close(fd);
        assert_int_equal(slurp(path, &all), 0);
        assert_int_equal(all.len, sizes[i]);
        assert_true(sizes[i] == 0 || memcmp(all.p, bytes, sizes[i]) == 0);
        if (sizes[i])
            assert_int_equal(slurp(path, &less), EFBIG);
        buf_drop(&all);
        buf_drop(&less);
        free(bytes);
        unlink(path);
    }
}

static void what_is_no_file(void **state)
{
    struct buf out = buf_within(10);

    (void)state;
    assert_int_equal(slurp("no/such/file", &out), ENOENT);
    assert_int_equal(slurp("/", &out), EISDIR);
    assert_int_equal(out.len, 0);
    buf_drop(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_any_size),
        cmocka_unit_test(what_is_no_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
