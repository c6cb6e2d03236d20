/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/evaluation.h"

/* Variables whose values are being evaluated, innermost first: Log4j's priorVariables. */
struct prior {
    const struct u16 *name;
    const struct prior *outer;
};

static bool is_open(const struct u16 *t, size_t at, size_t end)
{
    return at + 1 < end && t->c[at] == '$' && t->c[at + 1] == '{';
}

/* Where name and default part: the first ":-" or ":\-" (StrSubstitutor 2.13.1 to 2.15.0). With ":\-" the name
 * is put together anew: P:\-R is "P:-R"; with a ":-" behind it, P: and what stands between, without the dash.
 */
static void split_default(struct evaluation *ev, struct u16 *expr, size_t *name_len, size_t *default_at,
                          bool *has_default)
{
    *name_len = expr->len;
    *has_default = false;
    for (size_t i = 0; i + 1 < expr->len; i++) {
        if (expr->c[i] != ':')
            continue;
        if (expr->c[i + 1] == '-') {
            *name_len = i;
            *default_at = i + 2;
            *has_default = true;
            return;
        }
        if (expr->c[i + 1] != '\\' || i + 2 >= expr->len || expr->c[i + 2] != '-')
            continue;
        ev->techniques |= LOOKUP_DELIMITER;
        for (size_t j = i + 3; j + 1 < expr->len; j++)
            if (expr->c[j] == ':' && expr->c[j + 1] == '-') {
                size_t middle = j - (i + 3);

                memmove(expr->c + i + 1, expr->c + i + 3, middle * sizeof *expr->c);
                *name_len = i + 1 + middle;
                *default_at = j + 2;
                *has_default = true;
                return;
            }
        u16_replace(expr, i + 1, i + 2, NULL, 0);
        *name_len = expr->len;
        return;
    }
}

static bool is_cyclic(const struct u16 *name, const struct u16 *top, const struct prior *prior)
{
    if (u16_eq(name, top))
        return true;
    for (; prior; prior = prior->outer)
        if (u16_eq(name, prior->name))
            return true;
    return false;
}

static void note_default(struct evaluation *ev, const struct u16 *name)
{
    ev->techniques |= LOOKUP_DEFAULT;
    if (interpolate_is(name, "env"))
        ev->techniques |= LOOKUP_ENV;
    else if (interpolate_is(name, "sys"))
        ev->techniques |= LOOKUP_SYS;
}

static void substitute(struct evaluation *ev, size_t level, struct u16 *buf, size_t offset, size_t *length,
                       struct u16 *top, bool *has_top, const struct prior *prior, bool *altered);

/* The matching "}" of the "${" before at; end when there is none. A bare "{" does not nest. */
static size_t find_close(struct evaluation *ev, const struct u16 *buf, size_t at, size_t end, bool *nested)
{
    size_t from = at;
    unsigned open = 0;

    *nested = false;
    for (; at < end; at++) {
        uint16_t c = buf->c[at];

        if (c != '$' && c != '}')
            continue;
        if (is_open(buf, at, end)) {
            *nested = true;
            open++;
            at++;
        } else if (c == '}' && open-- == 0) {
            break;
        }
    }
    evaluation_spend(ev, at - from);
    return at;
}

/* Works out the inside of an expression (a fresh cycle list of its own). */
static bool evaluate_name(struct evaluation *ev, size_t level, const struct u16 *buf, size_t from, size_t to,
                          bool nested)
{
    struct level *mine = &ev->l->levels[level];
    const struct frame frame = {buf, from, to, ev->frame};
    bool has_top = false, altered = false;
    size_t length;

    mine->name.len = 0;
    if (!u16_add(&mine->name, buf->c + from, to - from)) {
        evaluation_out_of_room(ev);
        return false;
    }
    evaluation_spend(ev, (to - from) / 16);
    if (!nested)
        return true;
    ev->techniques |= LOOKUP_NESTED;
    length = mine->name.len;
    ev->frame = &frame;
    ev->nesting++;
    if (ev->nesting > ev->deepest)
        ev->deepest = ev->nesting;
    if (ev->nesting > ev->l->max_depth)
        evaluation_out_of_room(ev);
    else
        substitute(ev, level + 1, &mine->name, 0, &length, &ev->l->levels[level + 1].top, &has_top, NULL,
                   &altered);
    ev->nesting--;
    ev->frame = frame.outer;
    return !ev->stop;
}

/* One expression [start, end) of buf, its name already worked out in levels[level].name. Returns how much
 * longer buf has become. */
static ptrdiff_t resolve(struct evaluation *ev, size_t level, struct u16 *buf, size_t start, size_t end,
                         const struct u16 *top, const struct prior *prior, bool *altered)
{
    struct level *mine = &ev->l->levels[level];
    struct u16 *value = &mine->value;
    size_t name_len, default_at = 0, value_len;
    const char *what = mine->name.len ? interpolate_word(&mine->name) : "";
    bool has_default;
    struct u16 name;

    evaluation_spend(ev, EVALUATION_STEP + mine->name.len / 4);
    split_default(ev, &mine->name, &name_len, &default_at, &has_default);
    name = (struct u16){.c = mine->name.c, .len = name_len};
    if (is_cyclic(&name, top, prior)) {
        evaluation_give_up(ev);
        return 0;
    }
    value->len = 0;
    if (!interpolate(ev, name.c, name.len, value)) {
        what = "default-value";
        if (!has_default || ev->stop)
            return 0;
        note_default(ev, &name);
        value->len = 0;
        if (!u16_add(value, mine->name.c + default_at, mine->name.len - default_at)) {
            evaluation_out_of_room(ev);
            return 0;
        }
    }
    value_len = value->len;
    if (!u16_replace(buf, start, end, value->c, value_len)) {
        evaluation_out_of_room(ev);
        return 0;
    }
    evaluation_spend(ev, (buf->len - start) / 16); /* the tail was moved */
    evaluation_tell(ev, what, buf);
    *altered = true;
    if (value_len >= 2 && !ev->stop) {
        struct prior frame = {&name, prior};
        bool has_top = true, changed = false;

        substitute(ev, level + 1, buf, start, &value_len, (struct u16 *)top, &has_top, &frame, &changed);
    }
    return (ptrdiff_t)value_len - (ptrdiff_t)(end - start);
}

/* "$${": the escape is eaten, and the rest is passed over in this pass. */
static void eat_escape(struct evaluation *ev, struct u16 *buf, size_t open)
{
    u16_replace(buf, open - 1, open, NULL, 0);
    evaluation_spend(ev, (buf->len - open) / 16 + 1);
    ev->techniques |= LOOKUP_ESCAPE;
    ev->carried |= LOOKUP_ESCAPE;
    evaluation_tell(ev, "escape", buf);
}

/* An expression of the message itself: what is told of a hit begins anew. */
static void begin_expression(struct evaluation *ev)
{
    ev->carried |= ev->techniques;
    ev->techniques = 0;
    ev->deepest = ev->nesting = 1;
}

static bool note_top(struct evaluation *ev, const struct u16 *buf, size_t from, size_t to, struct u16 *top)
{
    top->len = 0;
    if (!u16_add(top, buf->c + from, to - from)) {
        evaluation_out_of_room(ev);
        return false;
    }
    evaluation_spend(ev, (to - from) / 16);
    return true;
}

/* StrSubstitutor.substitute over buf[offset, offset + *length): the value of *length follows the text. top is
 * filled when the first variable is met (has_top), prior are the variables whose values are being evaluated
 * in this buffer. */
static void substitute(struct evaluation *ev, size_t level, struct u16 *buf, size_t offset, size_t *length,
                       struct u16 *top, bool *has_top, const struct prior *prior, bool *altered)
{
    size_t pos = offset, end = offset + *length;
    bool outermost = level == 0, nested;
    ptrdiff_t moved = 0, grown;

    if (level + 1 >= ev->l->n_levels) {
        evaluation_out_of_room(ev);
        return;
    }
    while (pos < end && !ev->stop) {
        size_t close;

        if (!is_open(buf, pos, end)) {
            size_t from = pos++;

            while (pos < end && !is_open(buf, pos, end))
                pos++;
            evaluation_spend(ev, pos - from);
            continue;
        }
        if (pos > offset && buf->c[pos - 1] == '$') {
            eat_escape(ev, buf, pos);
            end--;
            moved--;
            *altered = true;
            continue;
        }
        if (outermost)
            begin_expression(ev);
        close = find_close(ev, buf, pos + 2, end, &nested);
        if (close >= end)
            break; /* not closed: nothing to the right is looked at either */
        if (outermost && ev->pass == 1) {
            ev->from = (size_t)((ptrdiff_t)pos - moved);
            ev->to = (size_t)((ptrdiff_t)close + 1 - moved);
        }
        if (ev->stop || !evaluate_name(ev, level, buf, pos + 2, close, nested))
            break;
        if (!*has_top && !note_top(ev, buf, offset, end, top))
            break;
        *has_top = true;
        grown = resolve(ev, level, buf, pos, close + 1, top, prior, altered);
        pos = (size_t)((ptrdiff_t)close + 1 + grown);
        end = (size_t)((ptrdiff_t)end + grown);
        moved += grown;
    }
    *length = end - offset;
}

bool evaluation_pass(struct evaluation *ev)
{
    struct u16 *message = &ev->l->message;
    bool altered = false, has_top = false;
    size_t length = message->len;

    substitute(ev, 0, message, 0, &length, &ev->l->levels[0].top, &has_top, NULL, &altered);
    return altered;
}
