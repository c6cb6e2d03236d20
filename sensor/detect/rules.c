/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rules.h"
#include "base/buf.h"
#include "detect/rule_class.h"
#include "detect/rule_parse.h"
#include "detect/traffic_plan.h"
#include "detect/rule_transform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULESET_BYTES_MAX (256u * 1024u * 1024u) /* of all rules, but their expressions: RULE_PCRE_ROOM */
#define RULESET_MAX       65536
#define FILE_CEILING      (64 * 1024 * 1024)

/* by_id is an open hash of positions in rules, plus one; a power of two, never more than half full. */
struct ruleset {
    struct pool pool; /* variables, file names */
    struct rule_classes classes;
    struct scope_vars *vars;
    const struct scope *home;
    struct rule_scratch *scratch;
    struct rule **rules;       /* as read */
    const struct rule **order; /* those over sightings, as tried: the first that matches speaks */
    uint32_t *by_id;
    unsigned n, room, id_room, n_order;
    struct complaint *refusals; /* the first RULESET_REFUSALS_KEPT */
    unsigned n_refused, n_kept;
    size_t pcre_room, bytes;
    struct traffic_plan *plan; /* NULL until compiled */
};

static bool home_read(struct ruleset *r, const struct config *config, struct complaint *why)
{
    struct bytes text = BYTES_LIT("any");

    for (unsigned i = 0; i < config->n_address_groups; i++)
        if (strcmp(config->address_groups[i].name, "HOME_NET") == 0)
            text = BYTES_LIT("$HOME_NET");
    r->home = scope_read(r->vars, SCOPE_ADDRESSES, text, &r->pool, why);
    return r->home != NULL;
}

bool ruleset_is_home(const struct ruleset *r, const struct addr *a)
{
    return scope_has_addr(r->home, a);
}

struct ruleset *ruleset_new(const struct config *config, struct complaint *why)
{
    struct ruleset *r = calloc(1, sizeof *r);

    if (r) {
        r->pcre_room = RULE_PCRE_ROOM;
        r->scratch = calloc(1, sizeof *r->scratch);
    }
    if (r && r->scratch) {
        r->scratch->pcre = pcre_scratch_new();
        r->scratch->room = malloc(sizeof *r->scratch->room);
    }
    if (!r || !r->scratch || !r->scratch->pcre || !r->scratch->room)
        complain(why, "memory is short for the rules");
    else
        r->vars = scope_vars_new(config, &r->pool, why);
    if (r && r->vars && home_read(r, config, why))
        return r;
    ruleset_free(r);
    return NULL;
}

void ruleset_free(struct ruleset *r)
{
    if (!r)
        return;
    traffic_plan_free(r->plan);
    for (unsigned i = 0; i < r->n; i++)
        rule_free(r->rules[i]);
    if (r->scratch) {
        pcre_scratch_free(r->scratch->pcre);
        free(r->scratch->room);
    }
    free(r->scratch);
    free(r->rules);
    free(r->order);
    free(r->by_id);
    free(r->refusals);
    rule_classes_drop(&r->classes);
    pool_drop(&r->pool);
    free(r);
}

/* The slot where a rule is, or would be put. */
static uint32_t *id_slot(const struct ruleset *r, uint32_t gid, uint32_t sid)
{
    uint64_t mixed = ((uint64_t)gid << 32 | sid) * 0x9e3779b97f4a7c15u;
    unsigned at = (unsigned)(mixed >> 40) & (r->id_room - 1);

    while (r->by_id[at]) {
        const struct rule *there = r->rules[r->by_id[at] - 1];

        if (there->gid == gid && there->sid == sid)
            break;
        at = (at + 1) & (r->id_room - 1);
    }
    return &r->by_id[at];
}

static void fill_ids(struct ruleset *r)
{
    memset(r->by_id, 0, r->id_room * sizeof *r->by_id);
    for (unsigned i = 0; i < r->n; i++)
        *id_slot(r, r->rules[i]->gid, r->rules[i]->sid) = i + 1;
}

/* Room for one more rule in all three. */
static bool make_room(struct ruleset *r)
{
    unsigned room = r->room ? 2 * r->room : 64;
    void *rules, *order, *by_id;

    if (r->n < r->room)
        return true;
    rules = realloc(r->rules, room * sizeof *r->rules);
    if (rules)
        r->rules = rules;
    order = realloc(r->order, room * sizeof *r->order);
    if (order)
        r->order = order;
    by_id = realloc(r->by_id, 2 * room * sizeof *r->by_id);
    if (by_id)
        r->by_id = by_id;
    if (!rules || !order || !by_id)
        return false;
    r->room = room;
    r->id_room = 2 * room;
    fill_ids(r);
    return true;
}

/* False with a complaint; the rule is then the caller's still. */
static bool keep_rule(struct ruleset *r, struct rule *rule, struct complaint *why)
{
    uint32_t *slot;

    if (r->n == RULESET_MAX)
        return complain(why, "%s:%u: more than %d rules: take out those you do not need", rule->file,
                        rule->line, RULESET_MAX);
    if (r->bytes + rule->match->pool.bytes > RULESET_BYTES_MAX)
        return complain(why, "%s:%u: sid %u: the rules take more than %u MB: take out those you do not need",
                        rule->file, rule->line, rule->sid, RULESET_BYTES_MAX / 1024 / 1024);
    if (!make_room(r))
        return complain(why, "%s:%u: memory is short", rule->file, rule->line);
    slot = id_slot(r, rule->gid, rule->sid);
    if (*slot) {
        const struct rule *other = r->rules[*slot - 1];

        return complain(why, "%s:%u: sid %u: the rule at %s:%u has this sid already: give each its own",
                        rule->file, rule->line, rule->sid, other->file, other->line);
    }
    r->rules[r->n++] = rule;
    r->bytes += rule->match->pool.bytes;
    *slot = r->n;
    return true;
}

/* A rule that passes comes before all that alert. Then most severe first, then the one with more conditions,
 * then the lower sid (and gid). */
static int compare_rules(const void *a, const void *b)
{
    const struct rule *x = *(const struct rule *const *)a, *y = *(const struct rule *const *)b;

    if ((x->acts == RULE_PASS) != (y->acts == RULE_PASS))
        return x->acts == RULE_PASS ? -1 : 1;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    if (x->match->conditions != y->match->conditions)
        return x->match->conditions > y->match->conditions ? -1 : 1;
    if (x->sid != y->sid)
        return x->sid < y->sid ? -1 : 1;
    return x->gid < y->gid ? -1 : 1;
}

/* Where the words of the next refusal go. Those of the first ones are kept: a hostile file has no say in how
 * much memory that is, nor in how long the finding of words takes. */
static struct complaint *refusal_room(struct ruleset *r)
{
    void *more = NULL;

    if (r->n_kept < RULESET_REFUSALS_KEPT)
        more = realloc(r->refusals, (r->n_kept + 1) * sizeof *r->refusals);
    if (!more)
        return NULL;
    r->refusals = more;
    r->refusals[r->n_kept].text[0] = '\0';
    return &r->refusals[r->n_kept];
}

/* Adds the rules that can be honoured and keeps the words for the others. */
static bool add_rules(struct ruleset *r, const char *name, struct bytes text, struct rule_lines *lines,
                      struct complaint *why)
{
    unsigned before = r->n_refused;
    struct bytes one;
    enum rule_line given;

    rule_lines_over(lines, text);
    while ((given = rule_lines_next(lines, &one)) != RULE_LINE_END) {
        struct complaint *reason = refusal_room(r);
        struct rule *rule = NULL;

        if (given == RULE_LINE_TOO_LONG)
            complain(reason, "%s:%u: the rule is longer than %d bytes: split it", name, lines->first,
                     RULE_LINE_MAX);
        else
            rule = rule_read(one, name, lines->first, &r->classes, r->vars, &r->pcre_room, reason);
        if (rule && keep_rule(r, rule, reason))
            continue;
        rule_free(rule);
        r->n_kept += reason != NULL;
        if (++r->n_refused - before == RULESET_REFUSALS_MAX)
            return complain(why, "%s:%u: %d rules are refused until here: name a file of rules", name,
                            lines->first, RULESET_REFUSALS_MAX);
    }
    return true;
}

bool ruleset_add_classes(struct ruleset *r, const char *name, struct bytes text, struct complaint *why)
{
    return rule_classes_read(&r->classes, &r->pool, name, text, why);
}

bool ruleset_add_text(struct ruleset *r, const char *name, struct bytes text, struct complaint *why)
{
    struct rule_lines *lines = malloc(sizeof *lines);
    unsigned before = r->n;
    bool good;

    if (!lines)
        return complain(why, "%s: memory is short", name);
    good = add_rules(r, name, text, lines, why);
    free(lines);
    for (unsigned i = before; i < r->n; i++)
        if (!rule_is_traffic(r->rules[i]))
            r->order[r->n_order++] = r->rules[i];
    if (r->n_order)
        qsort(r->order, r->n_order, sizeof *r->order, compare_rules);
    return good;
}

static bool read_file(const char *path, struct buf *text, struct complaint *why)
{
    FILE *file = fopen(path, "rb");
    size_t got = 1;
    int error = 0;

    if (!file)
        return complain(why, "%s: %s: name a file of rules that can be read", path, strerror(errno));
    while (got) {
        uint8_t *room = buf_room(text, 65536);

        if (!room)
            break;
        got = fread(room, 1, 65536, file);
        buf_wrote(text, got);
    }
    error = ferror(file) ? errno : 0;
    fclose(file);
    if (error)
        return complain(why, "%s: %s: name a file of rules that can be read", path, strerror(error));
    return !got || complain(why, "%s: larger than %d MB: split it", path, FILE_CEILING / 1024 / 1024);
}

bool ruleset_add_file(struct ruleset *r, const char *path, struct complaint *why)
{
    struct buf text = buf_within(FILE_CEILING);
    char *name = pool_str(&r->pool, bytes_str(path));
    bool added;

    if (!name)
        return complain(why, "%s: memory is short", path);
    added = read_file(path, &text, why) && ruleset_add_text(r, name, buf_bytes(&text), why);
    buf_drop(&text);
    return added;
}

unsigned ruleset_n_refused(const struct ruleset *r)
{
    return r->n_refused;
}

const char *ruleset_refusal(const struct ruleset *r, unsigned i)
{
    return i < r->n_kept ? r->refusals[i].text : NULL;
}

unsigned ruleset_n(const struct ruleset *r)
{
    return r->n;
}

unsigned ruleset_n_traffic(const struct ruleset *r)
{
    return r->n - r->n_order;
}

bool rule_is_traffic(const struct rule *r)
{
    return r->match && r->match->traffic;
}

const struct rule *ruleset_at(const struct ruleset *r, unsigned i)
{
    return i < r->n ? r->rules[i] : NULL;
}

#define CLASSES_NAMED 16 /* a hostile file has no say in how many lines that is */

static void class_warn(const struct ruleset *r, const struct rule *rule)
{
    const char *near = rule_class_nearest(&r->classes, rule->unknown_class);

    log_warning("%s:%u: sid %u: no classtype '%.60s'%s%s: its severity is %d unless the rule has a priority",
                rule->file, rule->line, rule->sid, rule->unknown_class, near ? ", did you mean " : "",
                near ? near : "", UNKNOWN_CLASS_PRIORITY);
}

void ruleset_warn(const struct ruleset *r)
{
    const char *named[CLASSES_NAMED];
    unsigned n = 0, k;

    for (unsigned i = 0; i < r->n; i++) {
        const char *name = r->rules[i]->unknown_class;

        for (k = 0; name && k < n && strcmp(named[k], name) != 0; k++)
            ;
        if (!name || k < n)
            continue;
        if (n == CLASSES_NAMED) {
            log_warning("more than %d classtypes are not known", CLASSES_NAMED);
            return;
        }
        class_warn(r, r->rules[i]);
        named[n++] = name;
    }
}

const struct rule *ruleset_by_sid(const struct ruleset *r, uint32_t gid, uint32_t sid)
{
    const uint32_t *slot = r->by_id ? id_slot(r, gid, sid) : NULL;

    return slot && *slot ? r->rules[*slot - 1] : NULL;
}

void ruleset_watch(struct ruleset *r, struct rule_use *uses)
{
    for (unsigned i = 0; i < r->n; i++) {
        struct rule_match *m = r->rules[i]->match;

        m->use = &uses[i];
        for (unsigned k = 0; m->traffic && k < m->traffic->n_sections; k++)
            m->traffic->sections[k].use = &uses[i];
    }
}

const struct rule *ruleset_match(const struct ruleset *r, const struct sighting *s)
{
    struct attr_set present = attrs_present(s->attrs);

    for (unsigned i = 0; i < r->n_order; i++)
        if (rule_match_test(r->order[i]->match, s, &present, r->scratch))
            return r->order[i]->acts == RULE_PASS ? NULL : r->order[i];
    return NULL;
}

uint64_t ruleset_tx_buffers(const struct ruleset *r)
{
    uint64_t all = 0;

    for (unsigned i = 0; i < r->n_order; i++)
        all |= r->order[i]->match->tx_buffers;
    return all;
}

bool ruleset_waits(const struct ruleset *r, const struct sighting *s)
{
    struct attr_set present = attrs_present(s->attrs);

    for (unsigned i = 0; i < r->n_order; i++) {
        const struct rule_match *m = r->order[i]->match;

        if (rule_match_waits(m, s, &present, r->scratch))
            return true;
        if (rule_match_test(m, s, &present, r->scratch))
            return false;
    }
    return false;
}

bool ruleset_compile(struct ruleset *r, struct complaint *why)
{
    traffic_plan_free(r->plan);
    r->plan = traffic_plan_new(r, why);
    return r->plan != NULL;
}

struct traffic_plan *ruleset_plan(const struct ruleset *r)
{
    return r->plan;
}
