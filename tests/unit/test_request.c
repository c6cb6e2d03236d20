/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "control/request.h"

#include <stdio.h>
#include <stdlib.h>

#define GREETING "{\"version\": \"0.2\"}"

static void feed(struct session *s, struct bytes b)
{
    size_t len;
    uint8_t *room = session_room(s, &len);

    assert_true(b.len <= len);
    memcpy(room, b.p, b.len);
    session_wrote(s, b.len);
}

static enum session_step next(struct session *s, struct request *r, char words[512])
{
    struct complaint why = {""};
    bool more = session_has_more(s);
    enum session_step step = session_next(s, r, &why);

    assert_int_equal(more, step != SESSION_MORE);
    strcpy(words, why.text);
    return step;
}

static void a_conversation(struct bytes text, size_t piece)
{
    struct session s = {.len = 0};
    struct request r;
    char words[512];
    enum session_step said[4];
    unsigned n = 0;

    for (size_t at = 0; at < text.len; at += piece) {
        enum session_step step;

        feed(&s, bytes_slice(text, at, at + piece));
        while ((step = next(&s, &r, words)) != SESSION_MORE) {
            assert_true(n < 4);
            said[n++] = step;
            if (n == 2) {
                assert_string_equal(r.command, "iface-stat");
                assert_int_equal(r.n, 1);
                assert_string_equal(request_argument(&r, "iface"), "eth1");
                assert_null(request_argument(&r, "ifac"));
            } else if (n == 3) {
                assert_non_null(strstr(words, "no JSON object"));
            }
        }
    }
    assert_int_equal(n, 4);
    assert_int_equal(said[0], SESSION_GREETED);
    assert_int_equal(said[1], SESSION_REQUEST);
    assert_int_equal(said[2], SESSION_REFUSED);
    assert_int_equal(said[3], SESSION_REQUEST);
    assert_string_equal(r.command, "uptime");
}

static const char talk[] = GREETING "{\"command\": \"iface-stat\", \"arguments\": {\"iface\": \"eth1\"}}\n"
                                    "\r\nnonsense\n \n{\"command\":\"uptime\"}\n";

static void pieces_do_not_matter(void **state)
{
    (void)state;
    for (size_t piece = 1; piece <= sizeof talk; piece++)
        a_conversation(bytes_of(talk, sizeof talk - 1), piece);
}

static void a_greeting_needs_no_end_of_its_line(void **state)
{
    static const char *const greetings[] = {GREETING, " \n" GREETING "\n",
                                            "{\"x\":{\"}\":\"\\\"}\"},\"version\":\"0.2\"}"};

    (void)state;
    for (size_t i = 0; i < sizeof greetings / sizeof *greetings; i++) {
        struct bytes all = bytes_str(greetings[i]);
        size_t end = all.len - (all.p[all.len - 1] == '\n');

        for (size_t cut = 0; cut < end; cut++) {
            struct session s = {.len = 0};
            struct request r;
            char words[512];

            feed(&s, bytes_slice(all, 0, cut));
            assert_int_equal(next(&s, &r, words), SESSION_MORE);
            feed(&s, bytes_slice(all, cut, end));
            assert_int_equal(next(&s, &r, words), SESSION_GREETED);
            assert_int_equal(next(&s, &r, words), SESSION_MORE);
        }
    }
}

static void another_greeting_is_the_end(void **state)
{
    static const char *const greetings[] = {"{\"version\": \"0.1\"}",
                                            "{\"version\": 0.2}",
                                            "{}",
                                            "{\"a\" \"b\"}",
                                            "GET / HTTP/1.1\r\n",
                                            "[]",
                                            "\xff\xfe"};

    (void)state;
    for (size_t i = 0; i < sizeof greetings / sizeof *greetings; i++) {
        struct session s = {.len = 0};
        struct request r;
        char words[512];

        feed(&s, bytes_str(greetings[i]));
        assert_int_equal(next(&s, &r, words), SESSION_END);
        assert_true(words[0] != '\0');
    }
}

static void a_line_without_end_is_the_end(void **state)
{
    (void)state;
    for (int greeted = 0; greeted < 2; greeted++) {
        struct session s = {.greeted = greeted};
        struct request r;
        char words[512];
        uint8_t byte = greeted ? 'x' : '{';

        for (unsigned i = 0; i < REQUEST_MAX - 1; i++) {
            feed(&s, bytes_of(&byte, 1));
            assert_int_equal(next(&s, &r, words), SESSION_MORE);
        }
        feed(&s, bytes_of(&byte, 1));
        assert_int_equal(next(&s, &r, words), SESSION_END);
        assert_non_null(strstr(words, "4096 bytes"));
    }
}

static void blanks_without_end_cost_nothing(void **state)
{
    struct session s = {.greeted = true};
    struct request r;
    char words[512];

    (void)state;
    for (unsigned i = 1; i <= 10 * REQUEST_MAX; i++) {
        feed(&s, BYTES_LIT("\n"));
        if (i % REQUEST_MAX == 0) /* full */
            assert_int_equal(next(&s, &r, words), SESSION_MORE);
    }
    assert_int_equal(s.len, 0);
}

struct row {
    const char *line;
    const char *words; /* of the refusal; NULL: it is good */
};

static void lines_that_are_no_requests(void **state)
{
    static const struct row rows[] = {
        {"{\"command\":\"a\",\"arguments\":{\"n\":-5,\"b\":true,\"c\":false,\"d\":\"\\u00e9\"}}", NULL},
        {"{\"command\":\"a\",\"arguments\":{}}", NULL},
        {"{\"command\":\"a\",\"more\":[1]}", NULL},
        {"{\"command\":\"a\",\"arguments\":[]}", "arguments is no object"},
        {"{\"command\":\"a\",\"arguments\":{\"n\":1.5}}", "argument n: no text"},
        {"{\"command\":\"a\",\"arguments\":{\"n\":null}}", "argument n: no text"},
        {"{\"command\":\"a\",\"arguments\":{\"n\":{}}}", "argument n: no text"},
        {"{\"command\":\"a\",\"arguments\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1}}", "more than 4"},
        {"{\"command\":\"a\",\"arguments\":{\"a123456789b123456789c123456789d1\":1}}", "such a long name"},
        {"{\"command\":\"a\",\"command\":\"b\"}", "no JSON object: duplicate"},
        {"{\"command\":\"a\\u0000b\"}", "no JSON object"},
        {"{\"command\":\"\xff\"}", "no JSON object"},
        {"{\"command\":1}", "no command in it"},
        {"{\"arguments\":{}}", "no command in it"},
        {"{\"command\":\"a\"} {}", "no JSON object"},
        {"\"command\"", "no JSON object"},
        {"[]", "no JSON object"},
        {"", "no JSON object"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len = strlen(rows[i].line);
        struct complaint why = {""};
        struct request r;
        bool good = request_read(&r, bytes_of(rows[i].line, len), &why);

        if (good != !rows[i].words || (rows[i].words && !strstr(why.text, rows[i].words)))
            fail_msg("%s: %s", rows[i].line, good ? "taken" : why.text);
        for (size_t cut = 0; cut < len; cut++) {
            uint8_t *exact = memcpy(malloc(cut + !cut), rows[i].line, cut);

            if (request_read(&r, bytes_of(exact, cut), &(struct complaint){""}) && !rows[i].words)
                fail_msg("%.*s", (int)cut, rows[i].line); /* nothing but the whole is one */
            free(exact);
        }
    }
}

static void values_become_texts(void **state)
{
    struct complaint why = {""};
    struct request r;
    char line[2 * REQUEST_WORD_MAX];

    (void)state;
    assert_true(request_read(
        &r,
        bytes_str("{\"command\":\"a\",\"arguments\":{\"n\":-5,\"b\":true,\"c\":false,\"d\":\"\\u00e9\"}}"),
        &why));
    assert_string_equal(request_argument(&r, "n"), "-5");
    assert_string_equal(request_argument(&r, "b"), "true");
    assert_string_equal(request_argument(&r, "c"), "false");
    assert_string_equal(request_argument(&r, "d"), "\xc3\xa9");
    for (int n = REQUEST_WORD_MAX - 2; n <= REQUEST_WORD_MAX + 1; n++) {
        snprintf(line, sizeof line, "{\"command\":\"%0*d\"}", n, 0);
        assert_int_equal(request_read(&r, bytes_str(line), &why), n < REQUEST_WORD_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_do_not_matter),
        cmocka_unit_test(a_greeting_needs_no_end_of_its_line),
        cmocka_unit_test(another_greeting_is_the_end),
        cmocka_unit_test(a_line_without_end_is_the_end),
        cmocka_unit_test(blanks_without_end_cost_nothing),
        cmocka_unit_test(lines_that_are_no_requests),
        cmocka_unit_test(values_become_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
