/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/rules_stats.h"
#include "capture/inputs.h"
#include "channel/record.h"
#include "output/text.h"
#include "pipeline.h"

#include <inttypes.h>
#include <stdlib.h>

/* One rule's, while it is sorted. */
struct row {
    const struct rule *rule;
    struct rule_use use;
    uint64_t matched;
};

struct stats {
    const struct ruleset *rules;
    unsigned n;
    struct rule_use *uses;
    struct row *rows;
    struct capture *capture;
    struct status status;
};

static enum feed_result next(void *arg, struct frame *out, const char **source)
{
    struct stats *s = arg;
    enum capture_result result = capture_next(s->capture, out);

    *source = capture_source(s->capture);
    return result == CAPTURE_FRAME ? FEED_FRAME : result == CAPTURE_IDLE ? FEED_IDLE : FEED_END;
}

static int by_id(const void *left, const void *right)
{
    const struct rule *a = ((const struct row *)left)->rule, *b = ((const struct row *)right)->rule;

    if (a->gid != b->gid)
        return a->gid < b->gid ? -1 : 1;
    return a->sid < b->sid ? -1 : a->sid > b->sid;
}

static void on_records(void *arg, struct bytes records)
{
    struct stats *s = arg;

    while (records.len > 0) {
        size_t size = record_size(records);
        struct record r;

        if (record_read(bytes_slice(records, 0, size), &r) && r.head.kind == RECORD_FINDING) {
            const struct rule id = {.gid = r.head.gid, .sid = r.head.sid};
            struct row key = {.rule = &id}, *row = bsearch(&key, s->rows, s->n, sizeof *s->rows, by_id);

            if (row)
                row->matched++;
        }
        records = bytes_from(records, size);
    }
}

static bool run(struct stats *s, const struct config *config, struct complaint *why)
{
    const struct pipeline_plan plan = {.config = config,
                                       .rules = s->rules,
                                       .feed = {.next = next, .arg = s},
                                       .share_n = 1,
                                       .send = on_records,
                                       .arg = s,
                                       .status = &s->status};
    struct pipeline *p = pipeline_new(&plan, why);
    bool good = p && pipeline_begin(p, why);

    if (good)
        pipeline_run(p);
    pipeline_free(p);
    return good;
}

static int by_cost(const void *left, const void *right)
{
    const struct row *a = left, *b = right;

    if (a->use.ns != b->use.ns)
        return a->use.ns > b->use.ns ? -1 : 1;
    if (a->matched != b->matched)
        return a->matched > b->matched ? -1 : 1;
    return by_id(left, right);
}

static void rows_print(struct stats *s, struct buf *out)
{
    qsort(s->rows, s->n, sizeof *s->rows, by_cost);
    buf_addf(out, "%10s  %12s  %10s  %10s  %10s  message\n", "sid", "microseconds", "asked", "held",
             "matched");
    for (unsigned i = 0; i < s->n; i++) {
        const struct row *row = &s->rows[i];

        if (!row->use.asked && !row->matched)
            continue;
        buf_addf(out, "%10u  %12" PRIu64 "  %10" PRIu64 "  %10" PRIu64 "  %10" PRIu64 "  ", row->rule->sid,
                 row->use.ns / 1000, row->use.asked, row->use.held, row->matched);
        text_visible(out, bytes_str(row->rule->msg), 400);
        buf_add_byte(out, '\n');
    }
}

/* uses is in the order of the ruleset, rows in that of ids. */
static bool begin(struct stats *s, struct ruleset *rules)
{
    s->rules = rules;
    s->n = ruleset_n(rules);
    s->uses = calloc(s->n ? s->n : 1, sizeof *s->uses);
    s->rows = calloc(s->n ? s->n : 1, sizeof *s->rows);
    if (!s->uses || !s->rows)
        return false;
    for (unsigned i = 0; i < s->n; i++)
        s->rows[i].rule = ruleset_at(rules, i);
    qsort(s->rows, s->n, sizeof *s->rows, by_id);
    ruleset_watch(rules, s->uses);
    return true;
}

static void uses_take(struct stats *s)
{
    for (unsigned i = 0; i < s->n; i++) {
        struct row key = {.rule = ruleset_at(s->rules, i)};
        struct row *row = bsearch(&key, s->rows, s->n, sizeof *s->rows, by_id);

        row->use = s->uses[i];
    }
}

bool rules_stats(struct ruleset *rules, const struct config *config, const char *const *paths, unsigned n,
                 struct buf *out, bool *complete, struct complaint *why)
{
    struct stats s = {.rules = rules};
    struct inputs inputs = {.n = 0};
    struct capture_plan plan = {.bpf = "", .config = config};
    bool good = begin(&s, rules) || complain(why, "out of memory");

    good = good && inputs_find(&inputs, paths, n, why);
    plan.paths = (const char *const *)inputs.paths;
    plan.n_paths = inputs.n;
    s.capture = good ? capture_open(&plan, why) : NULL;
    good = s.capture && run(&s, config, why);
    if (good) {
        uses_take(&s);
        rows_print(&s, out);
        *complete = !capture_failed(s.capture);
    }
    capture_close(s.capture);
    inputs_drop(&inputs);
    free(s.rows);
    free(s.uses);
    return good;
}
