/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/lookup.h"
#include "detect/java_case.h"
#include "detect/utf16.h"

#include <stdlib.h>

/* The evaluation works on UTF-16, as Java does: the loop over the message and the case mappings count code units. */

struct level {
    struct u16 name;  /* an expression's inside, being evaluated */
    struct u16 top;   /* the buffer's text when its first variable was met: the cycle check wants it */
    struct u16 value; /* what a lookup gave */
};

struct lookup {
    size_t max_depth, max_input;
    uint64_t max_steps;
    struct u16 message;
    struct level *levels;
    size_t n_levels;
    struct buf names; /* UTF-8 of the hits */
    lookup_step_fn *step;
    void *step_arg;
};

/* An expression whose inside is worked out in a buffer of its own: buf[from, to) is what that buffer stands for. */
struct frame {
    const struct u16 *buf;
    size_t from, to;
    const struct frame *outer;
};

struct evaluation {
    struct lookup *l;
    struct lookup_result *result;
    uint64_t work, max_work; /* code units */
    unsigned techniques;     /* of the expression being worked out */
    unsigned carried;        /* what earlier passes did to the message: part of a later pass's story */
    unsigned nesting, deepest;
    unsigned pass;
    size_t from, to; /* the outermost expression, in units of the message as it came */
    bool stop;       /* aborted or spent */
    const struct frame *frame; /* of the buffer at hand; NULL in the message itself */
};

/* Variables whose values are being evaluated, innermost first: Log4j's priorVariables. */
struct prior {
    const struct u16 *name;
    const struct prior *outer;
};

static const char *const technique_names[LOOKUP_N_TECHNIQUES] = {
    "nested", "default-value", "lower", "upper", "date", "env", "sys", "escape", "multi-pass", "unicode-case",
    "prefix-case", "escaped-delimiter", "budget",
};

const char *lookup_technique_name(unsigned bit)
{
    return bit < LOOKUP_N_TECHNIQUES ? technique_names[bit] : "";
}

const char *lookup_versions(unsigned techniques)
{
    /* lower and upper came with 2.13.0, ":\-" with 2.13.1, caseless prefixes with 2.8. */
    if (techniques & LOOKUP_DELIMITER)
        return "2.13.1-2.14.1";
    if (techniques & (LOOKUP_LOWER | LOOKUP_UPPER))
        return "2.13.0-2.14.1";
    if (techniques & LOOKUP_PREFIX_CASE)
        return "2.8-2.14.1";
    return "2.0-2.14.1";
}

static void spend(struct evaluation *ev, uint64_t units)
{
    ev->work += units;
    if (ev->work > ev->max_work) {
        ev->result->spent = true;
        ev->stop = true;
    }
}

static void out_of_room(struct evaluation *ev)
{
    ev->result->spent = true;
    ev->stop = true;
}

static void give_up(struct evaluation *ev)
{
    ev->result->aborted = true;
    ev->stop = true;
}

/* The message as it stands, put together from the buffers that are being worked on. */
static void tell_step(struct evaluation *ev, const char *what, const struct u16 *buf)
{
    struct buf text = buf_within(8 * ev->l->max_input);
    const struct frame *inside = NULL;

    if (!ev->l->step)
        return;
    /* From the outermost in, what stands before; then the buffer; then, from the innermost out, what stands behind. */
    while (inside != ev->frame) {
        const struct frame *f = ev->frame;

        while (f->outer != inside)
            f = f->outer;
        u16_to_utf8(&text, f->buf->c, f->from);
        inside = f;
    }
    u16_to_utf8(&text, buf->c, buf->len);
    for (const struct frame *f = ev->frame; f; f = f->outer)
        u16_to_utf8(&text, f->buf->c + f->to, f->buf->len - f->to);
    ev->l->step(ev->l->step_arg, what, buf_bytes(&text));
    buf_drop(&text);
}

static bool is_open(const struct u16 *t, size_t at, size_t end)
{
    return at + 1 < end && t->c[at] == '$' && t->c[at + 1] == '{';
}

/* A call to JNDI with a name: noted once. */
static void note_hit(struct evaluation *ev, const uint16_t *name, size_t len, unsigned techniques)
{
    struct lookup_result *r = ev->result;
    size_t start = ev->l->names.len;
    struct bytes text;

    if (r->n_hits == LOOKUP_MAX_HITS) {
        r->cut = true;
        return;
    }
    if (!u16_to_utf8(&ev->l->names, name, len)) {
        ev->l->names.len = start;
        r->cut = true;
        return;
    }
    text = bytes_from(buf_bytes(&ev->l->names), start);
    for (unsigned i = 0; i < r->n_hits; i++)
        if (bytes_eq(text, r->hits[i].name)) {
            ev->l->names.len = start;
            return;
        }
    r->hits[r->n_hits++] = (struct lookup_hit){
        .name = text, .from = ev->from, .to = ev->to, .techniques = techniques, .depth = ev->deepest};
}

/* SimpleDateFormat over a clock that is not known. Known: quoted text, what is no letter, and the letters that do not
 * depend on the time (era; the zone as UTC). False when the clock would show, or the pattern is bad (Log4j then
 * writes the date in its default form). */
static bool date_value(const uint16_t *pattern, size_t len, struct u16 *out)
{
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        uint16_t c = pattern[i];
        size_t run = 1;
        const char *text = NULL;

        if (c == '\'') {
            if (i + 1 < len && pattern[i + 1] == '\'') {
                i++;
                if (!u16_add(out, &c, 1))
                    return false;
            } else {
                quoted = !quoted;
            }
            continue;
        }
        if (quoted || !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
            if (!u16_add(out, &c, 1))
                return false;
            continue;
        }
        while (i + run < len && pattern[i + run] == c)
            run++;
        if (c == 'G')
            text = "AD";
        else if (c == 'z')
            text = run < 4 ? "UTC" : "Coordinated Universal Time";
        else if (c == 'Z')
            text = "+0000";
        else if (c == 'X' && run < 4)
            text = "Z";
        if (!text || !u16_add_ascii(out, text))
            return false;
        i += run - 1;
    }
    return !quoted;
}

enum answer { ANSWER_NULL, ANSWER_VALUE };

/* The part before the first colon, as Locale.US lower-cases it, compared with an ASCII word. Beyond ASCII only the
 * Kelvin sign becomes an ASCII letter. */
static bool prefix_is(const uint16_t *prefix, size_t len, const char *word)
{
    size_t i;

    for (i = 0; i < len && word[i]; i++) {
        uint16_t c = prefix[i];

        if (c == 0x212a)
            c = 'k';
        else if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        if (c != (uint8_t)word[i])
            return false;
    }
    return i == len && !word[i];
}

static bool key_is(const uint16_t *key, size_t len, const char *word)
{
    size_t i;

    for (i = 0; i < len && word[i]; i++)
        if (key[i] != (uint8_t)word[i])
            return false;
    return i == len && !word[i];
}

static bool gained_ascii(const uint16_t *from, size_t from_len, const struct u16 *to)
{
    size_t before = 0, after = 0;

    for (size_t i = 0; i < from_len; i++)
        before += from[i] < 0x80;
    for (size_t i = 0; i < to->len; i++)
        after += to->c[i] < 0x80;
    return after > before;
}

static enum answer case_answer(struct evaluation *ev, const uint16_t *key, size_t len, bool upper, struct u16 *value)
{
    uint16_t *room = u16_room(value, len * JAVA_CASE_GROWTH);

    if (!room) {
        out_of_room(ev);
        return ANSWER_NULL;
    }
    value->len = upper ? java_to_upper(key, len, room) : java_to_lower(key, len, room);
    ev->techniques |= upper ? LOOKUP_UPPER : LOOKUP_LOWER;
    if (gained_ascii(key, len, value))
        ev->techniques |= LOOKUP_UNICODE_CASE;
    return ANSWER_VALUE;
}

/* What a Unix JVM always says; anything else in env and sys is the victim's own. */
static enum answer sys_answer(struct evaluation *ev, const uint16_t *key, size_t len, struct u16 *value)
{
    static const struct {
        const char *key, *value;
    } known[] = {{"file.separator", "/"}, {"path.separator", ":"}, {"line.separator", "\n"}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (key_is(key, len, known[i].key)) {
            ev->techniques |= LOOKUP_SYS;
            return u16_add_ascii(value, known[i].value) ? ANSWER_VALUE : ANSWER_NULL;
        }
    return ANSWER_NULL;
}

/* JavaLookup knows six keys and throws on any other: the message is lost. */
static void check_java_key(struct evaluation *ev, const uint16_t *key, size_t len)
{
    static const char *const keys[] = {"version", "runtime", "vm", "os", "hw", "locale"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (key_is(key, len, keys[i]))
            return;
    give_up(ev);
}

/* Interpolator: the prefix chooses the lookup. What no lookup answers is asked of the default map, which for us is
 * empty. */
static enum answer interpolate(struct evaluation *ev, const uint16_t *name, size_t len, struct u16 *value)
{
    size_t colon = 0, key_len;
    const uint16_t *key;

    while (colon < len && name[colon] != ':')
        colon++;
    if (colon == len)
        return ANSWER_NULL;
    key = name + colon + 1;
    key_len = len - colon - 1;
    if (prefix_is(name, colon, "jndi")) {
        unsigned techniques = ev->techniques;

        if (!key_is(name, colon, "jndi"))
            techniques |= LOOKUP_PREFIX_CASE;
        if (ev->pass > 1)
            techniques |= LOOKUP_MULTI_PASS | ev->carried;
        note_hit(ev, key, key_len, techniques);
        return ANSWER_NULL; /* the call fails, as far as we can know */
    }
    if (prefix_is(name, colon, "lower"))
        return case_answer(ev, key, key_len, false, value);
    if (prefix_is(name, colon, "upper"))
        return case_answer(ev, key, key_len, true, value);
    if (prefix_is(name, colon, "date")) {
        ev->techniques |= LOOKUP_DATE;
        return date_value(key, key_len, value) ? ANSWER_VALUE : ANSWER_NULL;
    }
    if (prefix_is(name, colon, "sys"))
        return sys_answer(ev, key, key_len, value);
    if (prefix_is(name, colon, "java"))
        check_java_key(ev, key, key_len);
    return ANSWER_NULL;
}

/* Where name and default part: the first ":-" or ":\-" (StrSubstitutor 2.13.1 to 2.15.0). With ":\-" the name is put
 * together anew: P:\-R is "P:-R"; with a ":-" behind it, P: and what stands between, without the dash. */
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

static bool starts_with_key(const struct u16 *name, const char *prefix)
{
    size_t n = strlen(prefix);

    return name->len >= n && prefix_is(name->c, n, prefix);
}

static void note_default(struct evaluation *ev, const struct u16 *name)
{
    ev->techniques |= LOOKUP_DEFAULT;
    if (starts_with_key(name, "env:"))
        ev->techniques |= LOOKUP_ENV;
    else if (starts_with_key(name, "sys:"))
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
    while (at < end) {
        if (is_open(buf, at, end)) {
            *nested = true;
            open++;
            at += 2;
        } else if (buf->c[at] != '}') {
            at++;
        } else if (open > 0) {
            open--;
            at++;
        } else {
            break;
        }
    }
    spend(ev, at - from);
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
        out_of_room(ev);
        return false;
    }
    if (!nested)
        return true;
    ev->techniques |= LOOKUP_NESTED;
    length = mine->name.len;
    ev->frame = &frame;
    ev->nesting++;
    if (ev->nesting > ev->deepest)
        ev->deepest = ev->nesting;
    if (ev->nesting > ev->l->max_depth)
        out_of_room(ev);
    else
        substitute(ev, level + 1, &mine->name, 0, &length, &ev->l->levels[level + 1].top, &has_top, NULL, &altered);
    ev->nesting--;
    ev->frame = frame.outer;
    return !ev->stop;
}

/* The lookup that may answer an expression with a value of its own. */
static const char *answering_lookup(const struct u16 *name)
{
    static const char *const words[] = {"lower", "upper", "date", "sys"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);

        if (name->len > n && name->c[n] == ':' && prefix_is(name->c, n, words[i]))
            return words[i];
    }
    return "";
}

/* One expression [start, end) of buf, its name already worked out in levels[level].name. Returns how much longer buf
 * has become. */
static ptrdiff_t resolve(struct evaluation *ev, size_t level, struct u16 *buf, size_t start, size_t end,
                         const struct u16 *top, const struct prior *prior, bool *altered)
{
    struct level *mine = &ev->l->levels[level];
    struct u16 *value = &mine->value;
    size_t name_len, default_at = 0, value_len;
    const char *what = mine->name.len ? answering_lookup(&mine->name) : "";
    bool has_default;
    struct u16 name;

    spend(ev, 256);
    split_default(ev, &mine->name, &name_len, &default_at, &has_default);
    name = (struct u16){.c = mine->name.c, .len = name_len};
    if (is_cyclic(&name, top, prior)) {
        give_up(ev);
        return 0;
    }
    value->len = 0;
    if (interpolate(ev, name.c, name.len, value) == ANSWER_NULL) {
        what = "default-value";
        if (!has_default || ev->stop)
            return 0;
        note_default(ev, &name);
        value->len = 0;
        if (!u16_add(value, mine->name.c + default_at, mine->name.len - default_at)) {
            out_of_room(ev);
            return 0;
        }
    }
    value_len = value->len;
    if (!u16_replace(buf, start, end, value->c, value_len)) {
        out_of_room(ev);
        return 0;
    }
    spend(ev, (buf->len - start) / 16); /* the tail was moved */
    tell_step(ev, what, buf);
    *altered = true;
    if (value_len >= 2 && !ev->stop) {
        struct prior frame = {&name, prior};
        bool has_top = true, changed = false;

        substitute(ev, level + 1, buf, start, &value_len, (struct u16 *)top, &has_top, &frame, &changed);
    }
    return (ptrdiff_t)value_len - (ptrdiff_t)(end - start);
}

/* StrSubstitutor.substitute over buf[offset, offset + *length): the value of *length follows the text. top is filled
 * when the first variable is met (has_top), prior are the variables whose values are being evaluated in this buffer. */
static void substitute(struct evaluation *ev, size_t level, struct u16 *buf, size_t offset, size_t *length,
                       struct u16 *top, bool *has_top, const struct prior *prior, bool *altered)
{
    size_t pos = offset, end = offset + *length;
    bool outermost = level == 0;
    ptrdiff_t moved = 0;

    if (level + 1 >= ev->l->n_levels) {
        out_of_room(ev);
        return;
    }
    while (pos < end && !ev->stop) {
        size_t close;
        bool nested;
        ptrdiff_t grown;

        if (!is_open(buf, pos, end)) {
            size_t from = pos++;

            while (pos < end && buf->c[pos] != '$')
                pos++;
            spend(ev, pos - from);
            continue;
        }
        if (pos > offset && buf->c[pos - 1] == '$') {
            /* "$${": the escape is eaten, the rest is passed over in this pass. */
            u16_replace(buf, pos - 1, pos, NULL, 0);
            spend(ev, (buf->len - pos) / 16 + 1);
            end--;
            moved--;
            *altered = true;
            ev->techniques |= LOOKUP_ESCAPE;
            ev->carried |= LOOKUP_ESCAPE;
            tell_step(ev, "escape", buf);
            continue;
        }
        if (outermost) {
            ev->carried |= ev->techniques;
            ev->techniques = 0;
            ev->deepest = ev->nesting = 1;
        }
        close = find_close(ev, buf, pos + 2, end, &nested);
        if (close >= end)
            break; /* not closed: nothing to the right is looked at either */
        if (outermost && ev->pass == 1) {
            ev->from = (size_t)((ptrdiff_t)pos - moved);
            ev->to = (size_t)((ptrdiff_t)close + 1 - moved);
        }
        if (ev->stop || !evaluate_name(ev, level, buf, pos + 2, close, nested))
            break;
        if (!*has_top) {
            top->len = 0;
            if (!u16_add(top, buf->c + offset, end - offset)) {
                out_of_room(ev);
                break;
            }
            spend(ev, (end - offset) / 16);
            *has_top = true;
        }
        grown = resolve(ev, level, buf, pos, close + 1, top, prior, altered);
        pos = (size_t)((ptrdiff_t)close + 1 + grown);
        end = (size_t)((ptrdiff_t)end + grown);
        moved += grown;
    }
    *length = end - offset;
}

/* MessagePatternConverter of 2.14.1: at each "${" that stands at or behind the cursor the whole message is evaluated
 * again. An evaluation that changes nothing would repeat itself for ever: that is the fixpoint. */
static void message_loop(struct evaluation *ev)
{
    struct u16 *message = &ev->l->message;

    for (size_t i = 0; i + 1 < message->len && !ev->stop; i++) {
        bool altered = false, has_top = false;
        size_t length = message->len;

        if (!is_open(message, i, message->len))
            continue;
        ev->pass++;
        if (ev->pass > 1) {
            ev->from = 0;
            ev->to = SIZE_MAX;
        }
        substitute(ev, 0, message, 0, &length, &ev->l->levels[0].top, &has_top, NULL, &altered);
        if (!altered)
            return;
    }
}

static void slices_to_bytes(struct bytes text, struct lookup_result *r)
{
    for (unsigned i = 0; i < r->n_hits; i++) {
        struct lookup_hit *h = &r->hits[i];

        h->from = u16_offset_in_utf8(text, h->from);
        h->to = u16_offset_in_utf8(text, h->to);
        if (h->to > text.len)
            h->to = text.len;
        if (h->from > h->to)
            h->from = h->to;
    }
}

void lookup_watch(struct lookup *l, lookup_step_fn *fn, void *arg)
{
    l->step = fn;
    l->step_arg = arg;
}

bool lookup_resolve(struct lookup *l, struct bytes text, struct lookup_result *out)
{
    struct evaluation ev = {.l = l, .result = out};
    uint64_t steps;

    *out = (struct lookup_result){0};
    if (text.len > l->max_input) {
        text.len = l->max_input;
        out->spent = true;
    }
    l->names.len = 0;
    l->message.len = 0;
    /* Whatever charset Java reads a message in: what is no UTF-8 in it must not spoil the rest, and keeps its bytes
     * apart. */
    if (!u16_from_utf8(&l->message, text)) {
        out->spent = true;
        return false;
    }
    steps = 256 + text.len;
    ev.max_work = 256 * (steps < l->max_steps ? steps : l->max_steps);
    message_loop(&ev);
    slices_to_bytes(text, out);
    if (out->spent)
        for (unsigned i = 0; i < out->n_hits; i++)
            out->hits[i].techniques |= LOOKUP_BUDGET;
    return out->n_hits > 0;
}

bool lookup_message(const struct lookup *l, struct buf *out)
{
    return u16_to_utf8(out, l->message.c, l->message.len);
}

struct lookup *lookup_new(const struct config *config)
{
    struct lookup *l = calloc(1, sizeof *l);
    size_t ceiling;

    if (!l)
        return NULL;
    l->max_depth = config->lookup_max_depth;
    l->max_input = config->lookup_max_input;
    l->max_steps = config->lookup_max_steps;
    l->n_levels = 2 * l->max_depth + 4; /* names and values take turns */
    l->levels = calloc(l->n_levels, sizeof *l->levels);
    if (!l->levels) {
        lookup_free(l);
        return NULL;
    }
    ceiling = JAVA_CASE_GROWTH * l->max_input + 64;
    l->message = u16_within(ceiling);
    for (size_t i = 0; i < l->n_levels; i++)
        l->levels[i] = (struct level){u16_within(ceiling), u16_within(ceiling), u16_within(ceiling)};
    l->names = buf_within(4 * l->max_input);
    /* Names are views into this buffer: it must not move while hits are collected. */
    if (!buf_room(&l->names, l->names.ceiling)) {
        lookup_free(l);
        return NULL;
    }
    return l;
}

void lookup_free(struct lookup *l)
{
    if (!l)
        return;
    u16_drop(&l->message);
    for (size_t i = 0; l->levels && i < l->n_levels; i++) {
        u16_drop(&l->levels[i].name);
        u16_drop(&l->levels[i].top);
        u16_drop(&l->levels[i].value);
    }
    free(l->levels);
    buf_drop(&l->names);
    free(l);
}
