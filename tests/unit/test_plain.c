/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct row {
    const char *begins, *name;
};

static const struct row rows[] = {
    {"SSH-2.0-OpenSSH_9.2\r\n", "ssh"},
    {"SSH-1.99-x", "ssh"},
    {"USER anonymous\r\n", "ftp"},
    {"user x\r\n", "ftp"},
    {"SSH", NULL},
    {"USERS", NULL},
    {"220 FTP server\r\n", NULL},
    {" SSH-2.0-x", NULL},
    {"", NULL},
};

static const char *name_of_exact(const char *text, size_t len)
{
    uint8_t *exact = malloc(len + !len);
    const char *name;

    assert_non_null(exact);
    memcpy(exact, text, len);
    name = plain_name(bytes_of(exact, len));
    free(exact);
    return name;
}

static void names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *name = name_of_exact(rows[i].begins, strlen(rows[i].begins));

        if (!rows[i].name)
            assert_null(name);
        else
            assert_string_equal(name, rows[i].name);
    }
}

static void cut_at_every_byte(void **state)
{
    static const char first[] = "SSH-2.0-x";

    (void)state;
    for (size_t cut = 0; cut < sizeof first; cut++)
        assert_int_equal(name_of_exact(first, cut) != NULL, cut >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(cut_at_every_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
