/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/rules_text.h"
#include "detect/rule_match.h"
#include "detect/traffic_plan.h"
#include "output/text.h"

#include <inttypes.h>
#include <stdio.h>

#define SHOWN_MAX 400 /* bytes of one text */

static void put_text(struct buf *out, struct bytes text)
{
    text_visible(out, text, SHOWN_MAX);
}

static const char *kind_of(const struct rule *rule)
{
    return rule_is_traffic(rule) ? "traffic" : "sighting";
}

static const char *name_of(const struct rule_section *s)
{
    return s->id != ATTR_N ? attr_rows[s->id].name : buffer_rows[s->buffer].name;
}

/* Each name once, in the order asked. */
static void put_buffers(struct buf *out, const struct rule_match *m)
{
    uint64_t seen = 0;
    unsigned n = 0;

    for (unsigned i = 0; !m->traffic && i < m->n_sections; i++) {
        bool again = false;

        for (unsigned k = 0; k < i; k++)
            again |= strcmp(name_of(&m->sections[k]), name_of(&m->sections[i])) == 0;
        if (!again)
            buf_addf(out, "%s%s", n++ ? " " : "", name_of(&m->sections[i]));
    }
    for (unsigned i = 0; m->traffic && i < m->traffic->n_sections; i++) {
        enum buffer_id id = m->traffic->sections[i].buffer;

        if (!(seen >> id & 1))
            buf_addf(out, "%s%s", n++ ? " " : "", id == BUFFER_PAYLOAD ? "payload" : buffer_rows[id].name);
        seen |= UINT64_C(1) << id;
    }
    if (n == 0)
        buf_add_str(out, "-");
}

void rule_print_line(struct buf *out, const struct rule *rule)
{
    struct buf buffers = buf_within(4096);

    put_buffers(&buffers, rule->match);
    buf_addf(out, "%10u  %-8s  %u  %-32.*s  ", rule->sid, kind_of(rule), rule->priority, (int)buffers.len,
             buffers.p ? (const char *)buffers.p : "");
    put_text(out, bytes_str(rule->msg));
    buf_add_byte(out, '\n');
    buf_drop(&buffers);
}

/* --- all of it --- */

static void put_label(struct buf *out, const char *label)
{
    buf_addf(out, "  %-10s ", label);
}

/* Bytes as a rule would write them. */
static void put_content(struct buf *out, struct bytes b)
{
    bool hex = false;

    buf_add_byte(out, '"');
    for (size_t i = 0; i < b.len && i < SHOWN_MAX; i++) {
        uint8_t c = b.p[i];
        bool plain = c >= 0x20 && c < 0x7f && !strchr("\"|;:\\", c);

        if (plain == hex)
            buf_add_byte(out, '|');
        if (!plain)
            buf_addf(out, hex ? " %02x" : "%02x", c);
        else
            buf_add_byte(out, c);
        hex = !plain;
    }
    buf_addf(out, "%s\"%s", hex ? "|" : "", b.len > SHOWN_MAX ? "..." : "");
}

static void put_tests(struct buf *out, unsigned n_contents, unsigned n_pcres, unsigned n_others)
{
    const char *join = "";

    if (n_contents) {
        buf_addf(out, "%u content%s", n_contents, n_contents == 1 ? "" : "s");
        join = ", ";
    }
    if (n_pcres) {
        buf_addf(out, "%s%u pcre", join, n_pcres);
        join = ", ";
    }
    if (n_others)
        buf_addf(out, "%s%u other test%s", join, n_others, n_others == 1 ? "" : "s");
}

static void put_sighting_section(struct buf *out, const struct rule_section *s)
{
    const struct rule_test *tests[2] = {s->chain, s->never};
    const unsigned n_tests[2] = {s->n_chain, s->n_never};
    unsigned contents = 0, pcres = 0, others = s->sized;

    for (unsigned k = 0; k < 2; k++)
        for (unsigned i = 0; i < n_tests[k]; i++) {
            contents += tests[k][i].kind == TEST_CONTENT;
            pcres += tests[k][i].kind == TEST_PCRE;
            others += tests[k][i].kind == TEST_DATAAT;
        }
    put_label(out, "asks");
    buf_addf(out, "%s: ", name_of(s));
    put_tests(out, contents, pcres, others);
    buf_add_byte(out, '\n');
}

static void put_traffic_section(struct buf *out, const struct traffic_section *s)
{
    unsigned contents = 0, pcres = 0, others = 0;

    for (unsigned i = 0; i < s->n_tests; i++) {
        contents += s->tests[i].kind == ASK_CONTENT;
        pcres += s->tests[i].kind == ASK_PCRE;
        others += s->tests[i].kind != ASK_CONTENT && s->tests[i].kind != ASK_PCRE;
    }
    put_label(out, "asks");
    buf_addf(out, "%s", s->buffer == BUFFER_PAYLOAD ? "payload" : buffer_rows[s->buffer].name);
    if (s->n_transforms)
        buf_addf(out, " (%u transform%s)", s->n_transforms, s->n_transforms == 1 ? "" : "s");
    buf_add_str(out, ": ");
    put_tests(out, contents, pcres, others);
    buf_add_byte(out, '\n');
}

static const char *way_of(enum rule_direction d)
{
    return d == RULE_TO_SERVER ? "to server" : d == RULE_TO_CLIENT ? "to client" : "both directions";
}

static void put_found_by(struct buf *out, const struct rule *rule)
{
    struct traffic_found found;
    const char *database;

    put_label(out, "found by");
    if (!rule_is_traffic(rule)) {
        buf_add_str(
            out,
            "what inspectors and resolver have understood; asked with every sighting that has its buffers\n");
        return;
    }
    traffic_plan_explain(rule, &found);
    if (!found.test) {
        buf_add_str(out, "nothing beforehand: no literal of three bytes or more, so it is always asked\n");
        return;
    }
    database = found.section->buffer == BUFFER_PAYLOAD ? "payload" : buffer_rows[found.section->buffer].name;
    put_content(out, found.test->pattern);
    buf_addf(out, "%s in the database of %s, %s", found.test->nocase ? " in either case" : "", database,
             way_of(rule->match->direction));
    if (found.section->buffer == BUFFER_PAYLOAD)
        buf_addf(out, " (%s%s%s)", found.stream ? "stream" : "", found.stream && found.packets ? ", " : "",
                 found.packets ? "packets" : "");
    buf_add_byte(out, '\n');
}

static void put_limit(struct buf *out, const struct rule_limit *l)
{
    static const char *const kinds[] = {[LIMIT_FIRST] = "limit",
                                        [LIMIT_EACH] = "threshold",
                                        [LIMIT_ONCE] = "both",
                                        [LIMIT_BEYOND] = "detection_filter"};
    static const char *const tracks[] = {
        [TRACK_SRC] = "by_src",   [TRACK_DST] = "by_dst",   [TRACK_BOTH] = "by_both",
        [TRACK_RULE] = "by_rule", [TRACK_FLOW] = "by_flow", [TRACK_EITHER] = "by_either"};

    if (l->kind == LIMIT_NONE)
        return;
    put_label(out, "limit");
    buf_addf(out, "%s, %s, count %u, seconds %u\n", kinds[l->kind], tracks[l->track], l->count, l->seconds);
}

static void put_about(struct buf *out, const struct rule *rule)
{
    for (unsigned i = 0; i < rule->n_references; i++) {
        put_label(out, "reference");
        put_text(out, bytes_str(rule->references[i]));
        buf_add_byte(out, '\n');
    }
    for (unsigned i = 0; i < rule->n_metadata; i++) {
        put_label(out, "metadata");
        put_text(out, bytes_str(rule->metadata[i].key));
        buf_add_byte(out, ' ');
        put_text(out, bytes_str(rule->metadata[i].value));
        buf_add_byte(out, '\n');
    }
}

void rule_print(struct buf *out, const struct rule *rule)
{
    const struct rule_match *m = rule->match;

    buf_addf(out, "%u  ", rule->sid);
    put_text(out, bytes_str(rule->msg));
    buf_addf(out, "\n  %-10s %s:%u\n", "file", rule->file, rule->line);
    buf_addf(out, "  %-10s gid %u, rev %u\n", "id", rule->gid, rule->rev);
    buf_addf(out, "  %-10s %s rule, %s%s\n", "kind", kind_of(rule), rule->action,
             rule->noalert ? " (noalert: says nothing)" : "");
    put_label(out, "class");
    put_text(out, bytes_str(*rule->category ? rule->category : "none"));
    buf_addf(out, ", severity %u\n", rule->priority);
    for (unsigned i = 0; !m->traffic && i < m->n_sections; i++)
        put_sighting_section(out, &m->sections[i]);
    for (unsigned i = 0; m->traffic && i < m->traffic->n_sections; i++)
        put_traffic_section(out, &m->traffic->sections[i]);
    put_found_by(out, rule);
    put_limit(out, &rule->limit);
    put_about(out, rule);
}
