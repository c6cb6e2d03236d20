/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/terms.h"
#include "base/slurp.h"
#include "detect/rule_scope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_CEILING ((size_t)16 << 20)
#define LINE_CEILING ((size_t)32 << 10)

/* Words of the operator in a message: enough to find them, not a page of them. */
#define SHOWN(b) (int)((b).len < 60 ? (b).len : 60), (const char *)(b).p

/* One statement. */
struct term {
    uint32_t gid, sid; /* 0: all of them */
    bool suppress;
    struct rule_limit limit; /* unless it suppresses */
    enum limit_track track;  /* of suppress ... */
    const struct scope *who; /* ... NULL: whoever it was */
    unsigned at;             /* its place in the file among all statements */
};

struct terms {
    struct pool pool; /* address lists and variables */
    struct scope_vars *vars;
    struct term *v; /* by gid, sid, place */
    unsigned n, room;
};

/* Where the reader stands. */
struct reading {
    struct terms *terms;
    const struct ruleset *rules;
    const char *name;
    struct bytes rest;
    unsigned line, first; /* the next line; where the statement at hand begins */
    struct buf joined;
    struct complaint *why;
};

static bool refuse(struct reading *r, const char *reason)
{
    return complain(r->why, "%s:%u: %s", r->name, r->first, reason);
}

/* --- lines --- */

static struct bytes line_take(struct reading *r)
{
    size_t end = bytes_find_byte(r->rest, '\n');
    struct bytes line = bytes_slice(r->rest, 0, end == BYTES_NONE ? r->rest.len : end);

    r->rest = bytes_from(r->rest, line.len + 1);
    r->line++;
    return bytes_trim(line);
}

/* The next statement, lines that end in a backslash joined. False at the end, or with a complaint. */
static bool statement_take(struct reading *r, struct bytes *out)
{
    while (r->rest.len) {
        struct bytes line;

        r->first = r->line;
        buf_clear(&r->joined);
        do {
            line = line_take(r);
            if (!r->joined.len && line.len && line.p[0] == '#')
                break;
            if (!buf_add(&r->joined, line))
                return refuse(r, "the statement is longer than 32 KB: split it");
            if (bytes_ends(line, BYTES_LIT("\\")))
                r->joined.p[r->joined.len - 1] = ' ';
        } while (bytes_ends(line, BYTES_LIT("\\")) && r->rest.len);
        *out = bytes_trim(buf_bytes(&r->joined));
        if (out->len)
            return true;
    }
    return false;
}

/* --- one statement --- */

/* The word in front of blanks or a comma; what follows the comma or the blanks stays in *text. */
static struct bytes word_take(struct bytes *text)
{
    struct bytes t = bytes_trim(*text), word;
    size_t n = 0;

    while (n < t.len && t.p[n] != ' ' && t.p[n] != '\t' && t.p[n] != ',')
        n++;
    word = bytes_slice(t, 0, n);
    t = bytes_trim(bytes_from(t, n));
    if (t.len && t.p[0] == ',')
        t = bytes_trim(bytes_from(t, 1));
    *text = t;
    return word;
}

static bool number_take(struct reading *r, struct bytes *text, const char *name, uint32_t *out)
{
    struct bytes word = word_take(text), value;
    uint64_t n;

    if (!bytes_eq_nocase(word, bytes_str(name)))
        return complain(r->why, "%s:%u: '%.*s' stands where %s should: write gen_id 1, sig_id 1442200",
                        r->name, r->first, SHOWN(word), name);
    value = word_take(text);
    if (!bytes_to_u64(value, UINT32_MAX, &n))
        return complain(r->why, "%s:%u: %s '%.*s' is no whole number", r->name, r->first, name, SHOWN(value));
    *out = (uint32_t)n;
    return true;
}

/* "10.0.0.1,10.0.0.2" without brackets is a list, too. */
static bool list_read(struct reading *r, struct term *term, struct bytes text)
{
    struct complaint reason = {""};
    struct buf list = buf_within(LINE_CEILING + 2);

    if (buf_add_byte(&list, '[') && buf_add(&list, text) && buf_add_byte(&list, ']'))
        term->who = scope_read(r->terms->vars, SCOPE_ADDRESSES, buf_bytes(&list), &r->terms->pool, &reason);
    buf_drop(&list);
    return term->who || complain(r->why, "%s:%u: ip: %s", r->name, r->first,
                                 reason.text[0] ? reason.text : "out of memory");
}

static bool suppress_read(struct reading *r, struct term *term, struct bytes text)
{
    struct bytes word;

    term->suppress = true;
    if (!text.len)
        return true;
    if (!bytes_eq_nocase(word_take(&text), BYTES_LIT("track")))
        return refuse(r, "after sig_id comes nothing, or: track by_src|by_dst|by_either, ip LIST");
    word = word_take(&text);
    if (!limit_track_read(word, &term->track) || term->track > TRACK_EITHER)
        return complain(r->why, "%s:%u: track '%.*s': suppress tracks by_src, by_dst or by_either", r->name,
                        r->first, SHOWN(word));
    if (!bytes_eq_nocase(word_take(&text), BYTES_LIT("ip")) || !text.len)
        return refuse(r,
                      "suppress with track needs addresses: write ip 192.0.2.1 or ip [192.0.2.0/24,$NAME]");
    return list_read(r, term, text);
}

static bool limit_read(struct reading *r, struct term *term, struct bytes text)
{
    struct complaint reason = {""};

    if (rule_limit_read(text, false, &term->limit, &reason))
        return true;
    return complain(r->why, "%s:%u: %s", r->name, r->first, reason.text);
}

/* Warned of, as Suricata does: a rule may come and go while the file stays. */
static void rule_look_for(const struct reading *r, const struct term *term)
{
    if (term->sid && !ruleset_by_sid(r->rules, term->gid, term->sid))
        log_warning("%s:%u: there is no rule with gid %u and sid %u: the statement has no effect", r->name,
                    r->first, term->gid, term->sid);
}

static bool term_read(struct reading *r, struct bytes text, struct term *term)
{
    struct bytes word = word_take(&text);
    bool limits =
        bytes_eq_nocase(word, BYTES_LIT("threshold")) || bytes_eq_nocase(word, BYTES_LIT("event_filter"));

    if (bytes_eq_nocase(word, BYTES_LIT("rate_filter")))
        return refuse(
            r, "rate_filter changes what is done with packets, and the sensor only listens: leave it out, or "
               "use threshold");
    if (!limits && !bytes_eq_nocase(word, BYTES_LIT("suppress")))
        return complain(r->why, "%s:%u: '%.*s' is unknown: use threshold, event_filter or suppress", r->name,
                        r->first, SHOWN(word));
    if (!number_take(r, &text, "gen_id", &term->gid) || !number_take(r, &text, "sig_id", &term->sid))
        return false;
    if (term->sid && !term->gid)
        return refuse(r, "sig_id with gen_id 0 names no rule: write gen_id 1, or sig_id 0 for all rules");
    if (limits ? !limit_read(r, term, text) : !suppress_read(r, term, text))
        return false;
    rule_look_for(r, term);
    return true;
}

/* --- the whole --- */

static struct term *term_room(struct terms *t)
{
    unsigned room = t->room ? 2 * t->room : 16;
    struct term *v;

    if (t->n == t->room) {
        v = realloc(t->v, room * sizeof *v);
        if (!v)
            return NULL;
        t->v = v;
        t->room = room;
    }
    t->v[t->n] = (struct term){.at = t->n};
    return &t->v[t->n];
}

static int compare(const void *a, const void *b)
{
    const struct term *x = a, *y = b;

    if (x->gid != y->gid)
        return x->gid < y->gid ? -1 : 1;
    if (x->sid != y->sid)
        return x->sid < y->sid ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

static bool read_all(struct reading *r)
{
    struct bytes text;

    while (statement_take(r, &text)) {
        struct term *term = term_room(r->terms);

        if (!term)
            return refuse(r, "out of memory");
        if (r->terms->n == TERMS_MAX)
            return refuse(r, "more than 65536 statements: take out those you do not need");
        if (!term_read(r, text, term))
            return false;
        r->terms->n++;
    }
    if (r->why->text[0])
        return false;
    if (r->terms->n)
        qsort(r->terms->v, r->terms->n, sizeof *r->terms->v, compare);
    return true;
}

struct terms *terms_read(const struct config *config, const struct ruleset *rules, const char *name,
                         struct bytes text, struct complaint *why)
{
    struct terms *t = calloc(1, sizeof *t);
    struct reading r = {.terms = t,
                        .rules = rules,
                        .name = name,
                        .rest = text,
                        .line = 1,
                        .joined = buf_within(LINE_CEILING),
                        .why = why};
    bool good;

    *why = (struct complaint){""};
    if (t)
        t->vars = scope_vars_new(config, &t->pool, why);
    else
        complain(why, "%s: out of memory", name);
    good = t && t->vars && read_all(&r);
    buf_drop(&r.joined);
    if (good)
        return t;
    terms_free(t);
    return NULL;
}

static bool file_read(const char *path, struct buf *text, struct complaint *why)
{
    int error = slurp(path, text);

    if (error == EFBIG)
        return complain(why, "threshold-file %.256s: larger than 16 MB: split it", path);
    return !error || complain(why, "threshold-file %.256s: %s", path, strerror(error));
}

struct terms *terms_read_file(const struct config *config, const struct ruleset *rules, const char *path,
                              struct complaint *why)
{
    struct buf text = buf_within(FILE_CEILING);
    struct terms *t = NULL;

    if (file_read(path, &text, why))
        t = terms_read(config, rules, path, buf_bytes(&text), why);
    buf_drop(&text);
    return t;
}

void terms_free(struct terms *t)
{
    if (!t)
        return;
    free(t->v);
    pool_drop(&t->pool);
    free(t);
}

unsigned terms_n(const struct terms *t)
{
    return t ? t->n : 0;
}

/* The first statement about (gid, sid) or whatever comes after it. */
static unsigned term_find(const struct terms *t, uint32_t gid, uint32_t sid)
{
    const struct term wanted = {.gid = gid, .sid = sid, .at = 0};
    unsigned from = 0, to = t->n;

    while (from < to) {
        unsigned middle = from + (to - from) / 2;

        if (compare(&t->v[middle], &wanted) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static bool is_about(const struct terms *t, unsigned i, uint32_t gid, uint32_t sid)
{
    return i < t->n && t->v[i].gid == gid && t->v[i].sid == sid;
}

/* Of those about all rules the one that stands first in the file. */
static const struct term *general_limit(const struct terms *t, uint32_t gid)
{
    const uint32_t gids[2] = {0, gid};
    const struct term *first = NULL;

    for (unsigned k = 0; k < 2; k++)
        for (unsigned i = term_find(t, gids[k], 0); is_about(t, i, gids[k], 0); i++) {
            if (t->v[i].suppress)
                continue;
            if (!first || t->v[i].at < first->at)
                first = &t->v[i];
            break; /* those of one generator stand as in the file */
        }
    return first;
}

const struct rule_limit *terms_limit(const struct terms *t, const struct rule *rule)
{
    const struct term *found = NULL;

    if (!t)
        return &rule->limit;
    for (unsigned i = term_find(t, rule->gid, rule->sid); is_about(t, i, rule->gid, rule->sid); i++)
        if (!t->v[i].suppress)
            found = &t->v[i];
    if (!found && rule->limit.kind == LIMIT_NONE)
        found = general_limit(t, rule->gid);
    return found ? &found->limit : &rule->limit;
}

static bool names(const struct term *term, const struct limit_subject *who)
{
    bool src, dst;

    if (!term->suppress)
        return false;
    if (!term->who)
        return true;
    src = term->track != TRACK_DST && scope_has_addr(term->who, &who->src);
    dst = term->track != TRACK_SRC && scope_has_addr(term->who, &who->dst);
    return src || dst;
}

bool terms_suppress(const struct terms *t, const struct rule *rule, const struct limit_subject *who)
{
    const struct {
        uint32_t gid, sid;
    } about[3] = {{rule->gid, rule->sid}, {rule->gid, 0}, {0, 0}};

    for (unsigned k = 0; t && k < 3; k++)
        for (unsigned i = term_find(t, about[k].gid, about[k].sid);
             is_about(t, i, about[k].gid, about[k].sid); i++)
            if (names(&t->v[i], who))
                return true;
    return false;
}
