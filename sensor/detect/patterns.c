/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/patterns.h"
#include "base/buf.h"
#include "base/count.h"

#include <hs.h>
#include <stdlib.h>

/* Every byte as \xHH: a literal has no meaning but itself. hs_compile_lit_multi is broken in 5.4.0. */
#define ESCAPED 4

struct patterns {
    hs_database_t *db;
    hs_scratch_t *scratch;
};

static void escape(struct bytes text, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < text.len; i++) {
        *out++ = '\\';
        *out++ = 'x';
        *out++ = digits[text.p[i] >> 4];
        *out++ = digits[text.p[i] & 15];
    }
    *out = '\0';
}

/* What hs_compile_multi wants, in one piece of memory each. */
struct sources {
    char *text;
    const char **regexes;
    unsigned *flags, *ids;
};

static void sources_free(struct sources *s)
{
    free(s->text);
    free(s->regexes);
    free(s->flags);
    free(s->ids);
}

static bool sources_make(struct sources *s, const struct pattern *list, unsigned n)
{
    size_t room = 0;
    char *at;

    for (unsigned i = 0; i < n; i++)
        room += list[i].text.len * ESCAPED + 1;
    s->text = malloc(room);
    s->regexes = malloc(n * sizeof *s->regexes);
    s->flags = malloc(n * sizeof *s->flags);
    s->ids = malloc(n * sizeof *s->ids);
    if (!s->text || !s->regexes || !s->flags || !s->ids)
        return false;
    at = s->text;
    for (unsigned i = 0; i < n; i++) {
        s->regexes[i] = at;
        s->flags[i] = HS_FLAG_DOTALL | (list[i].nocase ? HS_FLAG_CASELESS : 0);
        s->ids[i] = list[i].id;
        escape(list[i].text, at);
        at += list[i].text.len * ESCAPED + 1;
    }
    return true;
}

static bool compile(struct patterns *p, const struct pattern *list, unsigned n, struct complaint *why)
{
    struct sources s = {0};
    hs_compile_error_t *error = NULL;
    bool good = sources_make(&s, list, n);

    if (!good)
        complain(why, "memory is short for the patterns of rules");
    else if (hs_compile_multi(s.regexes, s.flags, s.ids, n, HS_MODE_BLOCK, NULL, &p->db, &error) !=
             HS_SUCCESS) {
        good = complain(why, "the patterns of rules do not compile: %s",
                        error ? error->message : "no reason given");
        hs_free_compile_error(error);
    }
    sources_free(&s);
    return good;
}

struct patterns *patterns_new(const struct pattern *list, unsigned n, struct complaint *why)
{
    struct patterns *p = calloc(1, sizeof *p);

    if (!p) {
        complain(why, "memory is short for the patterns of rules");
        return NULL;
    }
    if (!compile(p, list, n, why)) {
        patterns_free(p);
        return NULL;
    }
    if (hs_alloc_scratch(p->db, &p->scratch) != HS_SUCCESS) {
        complain(why, "memory is short for the patterns of rules");
        patterns_free(p);
        return NULL;
    }
    return p;
}

void patterns_free(struct patterns *p)
{
    if (!p)
        return;
    hs_free_scratch(p->scratch);
    hs_free_database(p->db);
    free(p);
}

struct hits {
    patterns_fn *fn;
    void *arg;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
    const struct hits *hits = arg;

    (void)from;
    (void)flags;
    hits->fn(hits->arg, id, to);
    return 0;
}

bool patterns_scan(struct patterns *p, struct bytes text, patterns_fn *fn, void *arg)
{
    struct hits hits = {fn, arg};

    if (text.len < PATTERNS_MIN || hs_scan(p->db, (const char *)text.p, (unsigned)text.len, 0, p->scratch,
                                           on_match, &hits) == HS_SUCCESS)
        return true;
    count(COUNT_DETECT_SCAN_FAILED);
    return false;
}
