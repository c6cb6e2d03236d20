/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/lookup.h"
#include "detect/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* The texts of tests/oracle/vectors.tsv; the verdicts there are those of the real engine, and
 * tests/oracle/compare.py holds both to them. */
struct vector {
    char note[128];
    bool lost; /* Log4j gives the message up */
    struct buf text, names[LOOKUP_MAX_HITS];
    unsigned n_names;
};

static struct vector *vectors;
static size_t n_vectors;

static struct config *config;
static struct lookup *lookup;

/* One field without its escapes; *line moves behind its tab. */
static struct buf next_field(const char **line)
{
    struct buf field = buf_within(1 << 16);
    const char *p = *line;

    for (; *p && *p != '\t' && *p != '\n'; p++) {
        if (*p != '\\') {
            buf_add_byte(&field, (uint8_t)*p);
            continue;
        }
        if (p[1] == 'x') {
            buf_add_byte(&field, (uint8_t)(hex_value((uint8_t)p[2]) << 4 | hex_value((uint8_t)p[3])));
            p += 3;
            continue;
        }
        assert_int_equal(p[1], '\\');
        buf_add_byte(&field, (uint8_t) * ++p);
    }
    *line = p + (*p == '\t');
    return field;
}

static void read_vector(const char *line, struct vector *v)
{
    struct buf note = next_field(&line), end = next_field(&line);

    *v = (struct vector){0};
    assert_true(note.len < sizeof v->note);
    memcpy(v->note, note.p, note.len);
    v->lost = bytes_eq(buf_bytes(&end), BYTES_LIT("lost"));
    v->text = next_field(&line);
    while (*line && *line != '\n') {
        assert_true(v->n_names < LOOKUP_MAX_HITS);
        v->names[v->n_names] = next_field(&line);
        if (bytes_eq(buf_bytes(&v->names[v->n_names]), BYTES_LIT("-")))
            buf_clear(&v->names[v->n_names]); /* JNDI is asked for the empty name */
        v->n_names++;
    }
    buf_drop(&note);
    buf_drop(&end);
}

static void read_vectors(void)
{
    FILE *file = fopen("tests/oracle/vectors.tsv", "r");
    char *line = NULL;
    size_t room = 0;

    if (!file)
        fail_msg("tests/oracle/vectors.tsv: run this from the top of the source tree");
    while (getline(&line, &room, file) > 0) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        vectors = realloc(vectors, (n_vectors + 1) * sizeof *vectors);
        assert_non_null(vectors);
        read_vector(line, &vectors[n_vectors++]);
    }
    assert_true(n_vectors > 150);
    free(line);
    fclose(file);
}

static int set_up(void **state)
{
    (void)state;
    read_vectors();
    config = config_new();
    assert_non_null(config);
    lookup = lookup_new(config);
    assert_non_null(lookup);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_vectors; i++) {
        buf_drop(&vectors[i].text);
        for (unsigned k = 0; k < vectors[i].n_names; k++)
            buf_drop(&vectors[i].names[k]);
    }
    free(vectors);
    lookup_free(lookup);
    config_free(config);
    return 0;
}

static void names_are_log4js(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_vectors; i++) {
        const struct vector *v = &vectors[i];
        struct lookup_result r;

        assert_int_equal(lookup_resolve(lookup, buf_bytes(&v->text), &r), v->n_names > 0);
        if (r.n_hits != v->n_names || r.aborted != v->lost)
            fail_msg("%s: %u names, not %u%s", v->note, r.n_hits, v->n_names, r.aborted ? ", and lost" : "");
        for (unsigned k = 0; k < v->n_names; k++)
            if (!bytes_eq(r.hits[k].name, buf_bytes(&v->names[k])))
                fail_msg("%s: name %u is \"%.*s\"", v->note, k, (int)r.hits[k].name.len,
                         (const char *)r.hits[k].name.p);
    }
}

/* Whatever is cut off, the evaluation reads no byte behind the end. */
static void every_cut_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_vectors; i++) {
        struct bytes text = buf_bytes(&vectors[i].text);

        for (size_t cut = 0; cut <= text.len; cut++) {
            uint8_t *exact = malloc(cut + !cut);
            struct lookup_result r;

            assert_non_null(exact);
            memcpy(exact, text.p, cut);
            lookup_resolve(lookup, bytes_of(exact, cut), &r);
            for (unsigned k = 0; k < r.n_hits; k++)
                assert_true(r.hits[k].from <= r.hits[k].to && r.hits[k].to <= cut);
            free(exact);
        }
    }
}

static unsigned techniques_of(const char *text)
{
    struct lookup_result r;

    assert_true(lookup_resolve(lookup, bytes_str(text), &r));
    return r.hits[0].techniques;
}

static void techniques_are_told(void **state)
{
    (void)state;
    assert_int_equal(techniques_of("${jndi:ldap://h/a}"), 0);
    assert_int_equal(techniques_of("${JNDI:ldap://h/a}"), LOOKUP_PREFIX_CASE);
    assert_int_equal(techniques_of("${${lower:j}ndi:ldap://h/a}"), LOOKUP_NESTED | LOOKUP_LOWER);
    assert_int_equal(techniques_of("${${::-j}ndi:ldap://h/a}"), LOOKUP_NESTED | LOOKUP_DEFAULT);
    assert_int_equal(techniques_of("${${env:X:-j}ndi:ldap://h/a}"),
                     LOOKUP_NESTED | LOOKUP_DEFAULT | LOOKUP_ENV);
    assert_int_equal(techniques_of("${${date:'j'}ndi:ldap://h/a}"), LOOKUP_NESTED | LOOKUP_DATE);
    assert_int_equal(techniques_of("${jnd${upper:\xc4\xb1}:ldap://h/a}"),
                     LOOKUP_NESTED | LOOKUP_UPPER | LOOKUP_UNICODE_CASE | LOOKUP_PREFIX_CASE);
    assert_true(techniques_of("$${jndi:ldap://h/a} ${x}") & LOOKUP_MULTI_PASS);
    assert_true(techniques_of("$${jndi:ldap://h/a} ${x}") & LOOKUP_ESCAPE);
    assert_true(techniques_of("${jndi:ldap:\\-x}") & LOOKUP_DELIMITER);
    assert_string_equal(lookup_versions(LOOKUP_LOWER, false), "2.13.0-2.14.1");
    assert_string_equal(lookup_versions(LOOKUP_PREFIX_CASE, false), "2.8-2.14.1");
    assert_string_equal(lookup_versions(LOOKUP_DELIMITER | LOOKUP_LOWER, false), "2.13.1-2.14.1");
    assert_string_equal(lookup_versions(0, false), "2.0-2.14.1");
    assert_string_equal(lookup_versions(LOOKUP_LOWER | LOOKUP_PREFIX_CASE, true), "2.13.0-2.15.0");
    assert_string_equal(lookup_versions(0, true), "2.0-2.15.0");
    assert_string_equal(lookup_versions(LOOKUP_MULTI_PASS | LOOKUP_ESCAPE, true), "2.0-2.14.1");
}

static void the_slice_is_the_expression(void **state)
{
    struct bytes text = BYTES_LIT("caf\303\251 ${lower:ABC} ${jndi:ldap://h/a} end");
    struct lookup_result r;

    (void)state;
    assert_true(lookup_resolve(lookup, text, &r));
    text = bytes_slice(text, r.hits[0].from, r.hits[0].to);
    assert_true(bytes_eq(text, BYTES_LIT("${jndi:ldap://h/a}")));
}

static uint8_t *repeated(const char *unit, size_t n, size_t *len)
{
    size_t unit_len = strlen(unit);
    uint8_t *text = malloc(n * unit_len + 1);

    assert_non_null(text);
    for (size_t i = 0; i < n; i++)
        memcpy(text + i * unit_len, unit, unit_len);
    *len = n * unit_len;
    return text;
}

/* What would never end, or cost more than a constant per byte, ends and says so. */
static void budgets_are_told(void **state)
{
    static const char *const units[] = {"${lower:", "${", "$${a:-$}", "${::-$}{", "$$${x}", "${a:-${b:-c}}"};
    struct lookup_result r;

    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len;
        uint8_t *text = repeated(units[i], 65000 / strlen(units[i]), &len);

        lookup_resolve(lookup, bytes_of(text, len), &r);
        free(text);
    }
    {
        size_t len;
        uint8_t *open = repeated("${lower:", 60, &len);
        struct buf whole = buf_within(4096);

        buf_add(&whole, bytes_of(open, len));
        buf_add_str(&whole, "x");
        for (unsigned i = 0; i < 60; i++)
            buf_add_byte(&whole, '}');
        assert_false(lookup_resolve(lookup, buf_bytes(&whole), &r));
        assert_true(r.spent);
        buf_drop(&whole);
        free(open);
    }
    {
        size_t len;
        uint8_t *long_text = repeated("x", 70000, &len);

        lookup_resolve(lookup, bytes_of(long_text, len), &r);
        assert_true(r.spent);
        free(long_text);
    }
}

/* Many readings of one text: together they get what three would, and the next text begins anew. */
static void readings_share_a_budget(void **state)
{
    struct lookup_result r;
    unsigned n;
    size_t len;
    uint8_t *text = repeated("$$${x}", 4000, &len);

    (void)state;
    lookup_share(lookup, len);
    for (n = 0; n < 20 && lookup_resolve(lookup, BYTES_LIT("${jndi:ldap://h/a}"), &r); n++)
        lookup_resolve(lookup, bytes_of(text, len), &r);
    assert_int_equal(n, 3);
    assert_true(r.spent);
    lookup_share(lookup, 20);
    assert_true(lookup_resolve(lookup, BYTES_LIT("${jndi:ldap://h/a}"), &r));
    assert_false(r.spent);
    lookup_share(lookup, 1 << 20);
    free(text);
}

static void more_names_than_fit_are_told(void **state)
{
    struct buf text = buf_within(4096);
    struct lookup_result r;

    (void)state;
    for (unsigned i = 0; i < LOOKUP_MAX_HITS + 2; i++)
        buf_addf(&text, "${jndi:ldap://h/%u}", i);
    assert_true(lookup_resolve(lookup, buf_bytes(&text), &r));
    assert_int_equal(r.n_hits, LOOKUP_MAX_HITS);
    assert_true(r.cut);
    buf_drop(&text);
}

/* The prefilter must not miss what the resolver would report: random texts of the pieces that lookups are
 * made of. */
static void the_trigger_misses_nothing(void **state)
{
    static const char *const words[] = {
        "jndi:", "jn", "di",  "${",     "${",     "${", "}",          "}",     "$",        "$$",       "{",
        ":",     ":-", "::-", "lower:", "upper:", "x",  "ldap://h/a", "env:A", "date:'j'", "\xc4\xb1", " "};
    struct complaint why = {{0}};
    struct scan *scan = scan_new(&why);
    unsigned seed = 4711, n_hits = 0;

    (void)state;
    assert_non_null(scan);
    for (unsigned round = 0; round < 60000; round++) {
        struct buf text = buf_within(1024);
        struct lookup_result r;
        unsigned n = 1;

        for (unsigned i = 0; i < n; i++) {
            seed = seed * 1103515245u + 12345u;
            if (i == 0)
                n = 2 + (seed >> 16) % 20;
            buf_add_str(&text, words[(seed >> 8) % (sizeof words / sizeof *words)]);
        }
        if (lookup_resolve(lookup, buf_bytes(&text), &r)) {
            n_hits++;
            if (!(scan_block(scan, buf_bytes(&text)) & SCAN_HIT))
                fail_msg("missed: %.*s", (int)text.len, (const char *)text.p);
        }
        buf_drop(&text);
    }
    assert_true(n_hits > 500);
    scan_free(scan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_log4js),
        cmocka_unit_test(every_cut_is_safe),
        cmocka_unit_test(techniques_are_told),
        cmocka_unit_test(the_slice_is_the_expression),
        cmocka_unit_test(budgets_are_told),
        cmocka_unit_test(readings_share_a_budget),
        cmocka_unit_test(more_names_than_fit_are_told),
        cmocka_unit_test(the_trigger_misses_nothing),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
