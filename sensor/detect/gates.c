/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/gates.h"

/* Looks at bytes that are not one of a pair after all: the first ones, and one more for so many bytes of
 * text. Beyond that, searching for the literals themselves is quicker. */
#define TRIES      6
#define TRY_LENGTH 128

static bool is_letter(uint8_t c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Not what most text is made of. */
static bool is_rare(uint8_t c)
{
    static const char rare[] = "!#$%*@[\\]^`{|}~";

    return c && memchr(rare, c, sizeof rare - 1) != NULL;
}

/* False when the pair is none to look for: with a letter in either case, or of common bytes. */
static bool gate_of(const uint8_t *pair, bool nocase, struct gate *out)
{
    uint8_t a = pair[0], b = pair[1];

    if (nocase && (is_letter(a) || is_letter(b)))
        return false;
    *out = is_rare(a) ? (struct gate){a, b, true} : (struct gate){b, a, false};
    return is_rare(out->rare);
}

static bool has_pair(struct bytes text, const struct gate *g)
{
    uint8_t a = g->rare_first ? g->rare : g->other, b = g->rare_first ? g->other : g->rare;

    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.p[i] == a && text.p[i + 1] == b)
            return true;
    return false;
}

struct choice {
    const struct pattern *list;
    const struct bytes *leads;
    unsigned n;
};

/* Whatever matches the literal has the pair, or is nothing without it. */
static bool covers(const struct gate *g, const struct choice *c, unsigned i)
{
    const struct pattern *p = &c->list[i];

    if (c->leads && has_pair(c->leads[i], g))
        return true;
    if (p->nocase && (is_letter(g->rare) || is_letter(g->other)))
        return false;
    return has_pair(p->text, g);
}

static bool is_covered(const struct gates *g, const struct choice *c, unsigned i)
{
    for (unsigned k = 0; k < g->n; k++)
        if (covers(&g->gate[k], c, i))
            return true;
    return false;
}

/* How many that no pair covers yet this one would. */
static unsigned gain_of(const struct gates *g, const struct gate *gate, const struct choice *c)
{
    unsigned gain = 0;

    for (unsigned i = 0; i < c->n; i++)
        gain += covers(gate, c, i) && !is_covered(g, c, i);
    return gain;
}

/* The pair of this text that covers most literals, if it is better than the best so far. */
static unsigned choose_in(const struct gates *g, const struct choice *c, struct bytes text, bool nocase,
                          unsigned most, struct gate *best)
{
    struct gate gate;

    for (size_t at = 0; at + 1 < text.len; at++) {
        unsigned gain = gate_of(text.p + at, nocase, &gate) ? gain_of(g, &gate, c) : 0;

        if (gain > most) {
            most = gain;
            *best = gate;
        }
    }
    return most;
}

/* One for the i-th literal. */
static bool add_for(struct gates *g, const struct choice *c, unsigned i)
{
    struct gate best = {0};
    unsigned most = choose_in(g, c, c->list[i].text, c->list[i].nocase, 0, &best);

    if (c->leads)
        most = choose_in(g, c, c->leads[i], false, most, &best);
    if (most == 0 || g->n == GATES_MAX)
        return false;
    g->gate[g->n++] = best;
    return true;
}

void gates_choose(struct gates *g, const struct pattern *list, const struct bytes *leads, unsigned n)
{
    const struct choice c = {list, leads, n};

    *g = (struct gates){0};
    if (n > GATES_PATTERNS_MAX)
        return;
    for (unsigned i = 0; i < n; i++)
        if (!is_covered(g, &c, i) && !add_for(g, &c, i)) {
            g->n = 0;
            return;
        }
}

static bool is_pair_at(const struct gate *g, struct bytes text, size_t at)
{
    if (g->rare_first)
        return at + 1 < text.len && text.p[at + 1] == g->other;
    return at > 0 && text.p[at - 1] == g->other;
}

bool gates_open(const struct gates *g, struct bytes text)
{
    size_t tries = TRIES + text.len / TRY_LENGTH;

    if (g->n == 0)
        return true;
    for (unsigned i = 0; i < g->n; i++) {
        const uint8_t *p = text.p, *end = text.p + text.len;

        while (p < end && (p = memchr(p, g->gate[i].rare, (size_t)(end - p)))) {
            if (tries-- == 0 || is_pair_at(&g->gate[i], text, (size_t)(p - text.p)))
                return true;
            p++;
        }
    }
    return false;
}

bool gates_have(const struct gates *g, struct bytes pair)
{
    for (unsigned i = 0; i < g->n; i++)
        if (pair.len == 2 && has_pair(pair, &g->gate[i]))
            return true;
    return false;
}
