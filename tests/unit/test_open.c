/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/open.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static size_t hear(void *arg, const struct field *f)
{
    struct buf *out = arg;

    assert_int_equal(f->kind, FIELD_RAW);
    buf_clear(out);
    assert_true(buf_add(out, f->value));
    return 0;
}

/* What of a text is read with the next bytes, and nothing when all its expressions end. */
static void what_is_left_open(void **state)
{
    static const struct {
        const char *text, *want;
    } all[] = {
        {"nothing here", ""},
        {"${whole} and ${more}", ""},
        {"a ${jn", "${jn|di:x}"},
        {"${a} ${b ${c} d", "${b ${c} d|di:x}"},
        {"price $", "$|di:x}"},
        {"$5 and }", ""},
        {"", ""},
        {"${a ${b", "${a ${b|di:x}"},
    };
    struct config config = {.app_max_message = 1024};
    struct flow flow = {.id = 1};
    struct chunk chunk = {.flow = &flow};
    struct buf out = buf_within(256), open = {0};
    struct inspecting in = {.config = &config, .fn = hear, .arg = &out, .chunk = &chunk};

    (void)state;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        size_t len = strlen(all[i].text);
        uint8_t *exact = malloc(len ? len : 1);

        assert_non_null(exact);
        memcpy(exact, all[i].text, len);
        buf_clear(&out);
        open_keep(&open, &in, bytes_of(exact, len));
        free(exact);
        open_join(&open, &in, "x", 0, BYTES_LIT("|di:x}"));
        if (strlen(all[i].want) >= 8) /* shorter ones hold no lookup */
            assert_true(bytes_eq(buf_bytes(&out), bytes_str(all[i].want)));
        else
            assert_int_equal(out.len, 0);
        assert_int_equal(holds_bytes(), 0);
    }
    buf_drop(&out);
}

static void ceiling(void **state)
{
    struct config config = {.app_max_message = 8};
    struct flow flow = {.id = 1};
    struct chunk chunk = {.flow = &flow};
    struct buf out = buf_within(256), open = {0};
    struct inspecting in = {.config = &config, .fn = hear, .arg = &out, .chunk = &chunk};

    (void)state;
    open_keep(&open, &in, BYTES_LIT("${longer than 8"));
    assert_int_equal(open.len, 0);
    open_keep(&open, &in, BYTES_LIT("${short"));
    open_join(&open, &in, "x", 0, BYTES_LIT("0123456789"));
    assert_int_equal(out.len, 0);
    assert_int_equal(holds_bytes(), 0);
    buf_drop(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_open),
        cmocka_unit_test(ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
