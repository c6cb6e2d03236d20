/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "base/addr.h"
#include "base/bytes.h"
#include "output/community_id.h"

/* Values that Suricata 7.0.10 writes for flows of the lab captures, and rows of the specification's baseline.
 */
static const struct {
    const char *a;
    uint16_t a_port;
    const char *b;
    uint16_t b_port;
    uint8_t proto;
    uint16_t seed;
    const char *id;
} rows[] = {
    {"10.99.0.1", 53974, "10.99.0.2", 8080, 6, 0, "1:ZLLbXo1SEc0NuyFRZE7yPacxj68="},
    {"10.99.0.2", 59100, "10.99.0.1", 1389, 6, 0, "1:1m6H93QlmIW7PH5mFJNVsAHepQY="},
    {"10.99.0.2", 60254, "10.99.0.1", 8000, 6, 0, "1:FLtwIj/4IL15gOUkbAPjAWOg1mA="},
    {"10.99.0.2", 58422, "10.99.0.1", 53, 17, 0, "1:XL0UpIqwuWR1QbuC3WctzmC6SL0="},
    {"10.99.0.1", 34474, "10.99.0.2", 514, 17, 0, "1:BwCiGYGRswB27mp8uuHtIdDuFM8="},
    {"fd99::1", 39356, "fd99::2", 8080, 6, 0, "1:ruCLxQHfcE+TI7vl8znimge9Mmw="},
    {"fd99::2", 49026, "fd99::1", 1390, 6, 0, "1:wDz8tO9dufQBHSD0/244JwUlHuc="},
    {"128.232.110.120", 34855, "66.35.250.204", 80, 6, 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
    {"128.232.110.120", 34855, "66.35.250.204", 80, 6, 1, "1:3V71V58M3Ksw/yuFALMcW0LAHvc="},
};

static void agrees_in_both_directions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct addr there[2], back[2];
        uint16_t ports[2] = {rows[i].a_port, rows[i].b_port}, sports[2] = {rows[i].b_port, rows[i].a_port};
        char id[COMMUNITY_ID_TEXT];

        assert_true(addr_parse(bytes_str(rows[i].a), &there[0]) &&
                    addr_parse(bytes_str(rows[i].b), &there[1]));
        back[0] = there[1];
        back[1] = there[0];
        community_id_print(there, ports, rows[i].proto, rows[i].seed, id);
        assert_string_equal(id, rows[i].id);
        community_id_print(back, sports, rows[i].proto, rows[i].seed, id);
        assert_string_equal(id, rows[i].id);
    }
}

static void ports_decide_between_equal_addresses(void **state)
{
    struct addr same[2];
    uint16_t there[2] = {1, 65535}, back[2] = {65535, 1};
    char a[COMMUNITY_ID_TEXT], b[COMMUNITY_ID_TEXT];

    (void)state;
    assert_true(addr_parse(BYTES_LIT("127.0.0.1"), &same[0]));
    same[1] = same[0];
    community_id_print(same, there, 6, 0, a);
    community_id_print(same, back, 6, 0, b);
    assert_string_equal(a, b);
    assert_int_equal(strlen(a), COMMUNITY_ID_TEXT - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_in_both_directions),
        cmocka_unit_test(ports_decide_between_equal_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
