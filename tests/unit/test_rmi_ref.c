/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/rmi_ref.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define V1 \
    "\x00\x0aUnicastRef\x00\x03" \
    "a.b\x00\x00\x04\x57"
#define V2 "\x00\x0bUnicastRef2\x00\x00\x03::1\x00\x00\x00\x35"

static void each_kind(void **state)
{
    struct rmi_ref refs[4];
    char text[RMI_REF_TEXT];

    (void)state;
    assert_int_equal(rmi_refs(BYTES_LIT("x" V1 "yy" V2 V1), refs, 4), 3);
    rmi_ref_print(&refs[0], text);
    assert_string_equal(text, "a.b:1111");
    rmi_ref_print(&refs[1], text);
    assert_string_equal(text, "[::1]:53");
    assert_int_equal(rmi_refs(BYTES_LIT(V1 V1 V1), refs, 2), 2);
    assert_int_equal(rmi_refs(BYTES_LIT("no reference"), refs, 4), 0);
    /* a name without an endpoint behind it hides none that follows */
    assert_int_equal(rmi_refs(BYTES_LIT("UnicastRef\xff\xff" V1), refs, 4), 1);
}

static void cut_anywhere(void **state)
{
    const struct bytes all = BYTES_LIT(V2 V1);

    (void)state;
    for (size_t cut = 0; cut <= all.len; cut++) {
        uint8_t *exact = malloc(cut + !cut);
        struct rmi_ref refs[4];

        assert_non_null(exact);
        memcpy(exact, all.p, cut);
        assert_int_equal(rmi_refs(bytes_of(exact, cut), refs, 4), (cut >= sizeof V2 - 1) + (cut == all.len));
        free(exact);
    }
}

static void endpoints(void **state)
{
    struct rmi_ref ref;

    (void)state;
    assert_int_equal(rmi_endpoint_read(BYTES_LIT("\x00\x01"
                                                 "a\x00\x00\x00\x50rest"),
                                       &ref),
                     7);
    assert_int_equal(ref.port, 80);
    assert_int_equal(rmi_endpoint_read(BYTES_LIT("\x00\x01"
                                                 "a\x00\x00\x00"),
                                       &ref),
                     0);
    assert_int_equal(rmi_endpoint_read(BYTES_LIT("\x00\x01"
                                                 "a\x00\x01\x00\x00"),
                                       &ref),
                     SIZE_MAX);                                                                 /* port */
    assert_int_equal(rmi_endpoint_read(BYTES_LIT("\x00\x00\x00\x00\x00\x00"), &ref), SIZE_MAX); /* no host */
    assert_int_equal(rmi_endpoint_read(BYTES_LIT("\x00\x01 \x00\x00\x00\x01"), &ref), SIZE_MAX);
    assert_int_equal(rmi_endpoint_read(BYTES_LIT("\x01\x00"), &ref), SIZE_MAX); /* too long */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(endpoints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
