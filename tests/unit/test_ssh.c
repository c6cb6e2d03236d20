/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/ssh.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/count.h"
#include "support/conversation.h"

#define BANNER "SSH-2.0-OpenSSH_9.2\r\n"
#define KEX \
    "\0\0\0\x0c\x06\x1e" \
    "0123PADDIN"
#define NEWKEYS \
    "\0\0\0\x0c\x0a\x15" \
    "PADDINGPAD"
#define CLEAR \
    BANNER "\0\0\0\x1c\x04\x14" \
           "0123456789abcdef012345PADD" KEX NEWKEYS
#define LOOKUP "${jndi:ldap://h/a}"

/* However the bytes come, the same of them are in clear. */
static void newkeys_ends_the_clear(void **state)
{
    const struct bytes in = BYTES_LIT(CLEAR "and what is encrypted, NEWKEYS or not");

    (void)state;
    for (size_t step = 1; step <= in.len; step++) {
        struct ssh_side s = {0};
        size_t clear = 0;

        for (size_t at = 0; at < in.len; at += step) {
            struct bytes piece = bytes_slice(in, at, at + step);
            uint8_t *exact = memcpy(malloc(piece.len), piece.p, piece.len);

            clear += ssh_side_feed(&s, bytes_of(exact, piece.len));
            free(exact);
        }
        assert_int_equal(s.state, SSH_ENCRYPTED);
        assert_int_equal(clear, sizeof CLEAR - 1);
    }
}

static void nonsense_is_no_ssh(void **state)
{
    static const struct bytes rows[] = {
        {(const uint8_t *)"SSH", 3},
        {(const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18},
        {(const uint8_t *)BANNER "\0\0\0\x0c\x0a\x5e"
                                 "PADDINGPAD",
         sizeof BANNER + 15}, /* data before the keys */
        {(const uint8_t *)BANNER "\0\0\0\x0b\x09\x15"
                                 "PADDINGPA",
         sizeof BANNER + 14},
        {(const uint8_t *)BANNER "\0\0\0\x14\x04\x15" LOOKUP,
         sizeof BANNER + 5 + sizeof LOOKUP - 1}, /* keys with text */
        {(const uint8_t *)BANNER "\xff\xff\xff\xff\x0a\x15"
                                 "PADDINGPAD",
         sizeof BANNER + 15},
    };
    struct ssh_side s = {0};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        s = (struct ssh_side){0};
        assert_int_equal(ssh_side_feed(&s, rows[i]), rows[i].len);
        assert_int_equal(s.state, i ? SSH_NONE : SSH_BANNER);
        assert_int_equal(ssh_side_feed(&s, BYTES_LIT(LOOKUP)), sizeof LOOKUP - 1);
    }
    s = (struct ssh_side){0};
    (void)ssh_side_feed(&s, BYTES_LIT(BANNER));
    ssh_side_gap(&s);
    assert_int_equal(s.state, SSH_NONE);
}

/* Both sides must have said their part, or one could shut our eyes on what the other takes in clear. */
static void one_side_proves_nothing(void **state)
{
    const struct bytes both = BYTES_LIT(CLEAR), text = BYTES_LIT(LOOKUP);
    struct said real[] = {{0, both, 0}, {1, both, 0}, {0, text, 0}, {1, text, 0}};
    struct said false_client[] = {{0, both, 0}, {1, BYTES_LIT(BANNER "welcome\n"), 0}, {0, text, 0}};
    struct said false_server[] = {{0, BYTES_LIT("hello\n"), 0}, {1, both, 0}, {1, text, 0}};
    struct transcript t;

    (void)state;
    count_reset();
    t = conversation_of(PROTO_TCP, real, 4);
    assert_true(transcript_raw_has(&t, 0, "OpenSSH_9.2") && transcript_raw_has(&t, 1, "OpenSSH_9.2"));
    assert_false(transcript_raw_has(&t, 0, LOOKUP) || transcript_raw_has(&t, 1, LOOKUP));
    assert_true(counters[COUNT_INSPECT_SSH_BYTES] >= 2 * text.len);
    assert_int_equal(counters[COUNT_INSPECT_TLS_BYTES], 0);
    transcript_drop(&t);
    t = conversation_of(PROTO_TCP, false_client, 3);
    assert_true(transcript_raw_has(&t, 0, LOOKUP));
    transcript_drop(&t);
    t = conversation_of(PROTO_TCP, false_server, 3);
    assert_true(transcript_raw_has(&t, 1, LOOKUP));
    transcript_drop(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newkeys_ends_the_clear),
        cmocka_unit_test(nonsense_is_no_ssh),
        cmocka_unit_test(one_side_proves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
