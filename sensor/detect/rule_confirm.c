/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_confirm.h"
#include "base/base64.h"
#include "base/count.h"
#include "detect/rule_transform.h"

#include <errno.h>
#include <stdlib.h>

/* The order of the questions, what each counts from and when an earlier one is tried elsewhere is Suricata
 * 7's (its developer's guide: "content inspection"), since that is what rules were written and tested
 * against. */

/* Suricata's inspection-recursion-limit: tests asked of one value before it is given up. */
#define CONFIRM_STEPS 3000

/* Work that the expressions of one section may cost on one value: about 50 ms at the very worst. */
#define CONFIRM_PCRE_UNITS 1000000

#define DECODE_MAX  65535 /* characters that base64_decode takes at most: Suricata's bound */
#define DECODE_STEP 256   /* of them cost as much as a test */

struct confirm_scratch {
    struct pcre_scratch *pcre;
    struct transform_room room;
    uint8_t decoded[DECODE_MAX / 4 * 3 + 3];
};

struct confirm {
    const struct traffic_section *section;
    struct bytes value;
    uint64_t before;
    uint64_t *vars;
    struct pcre_scratch *pcre;
    uint8_t *decoded; /* room for base64_decode */
    size_t at;        /* where the last test ended */
    unsigned steps;
};

/* ANSWER_NEVER: no other place of an earlier test could change it. */
enum answer { ANSWER_NO, ANSWER_YES, ANSWER_NEVER };

static enum answer ask_from(struct confirm *c, unsigned i);

struct confirm_scratch *confirm_scratch_new(void)
{
    struct confirm_scratch *s = malloc(sizeof *s);

    if (!s)
        return NULL;
    s->pcre = pcre_scratch_new();
    if (s->pcre)
        return s;
    free(s);
    return NULL;
}

void confirm_scratch_free(struct confirm_scratch *s)
{
    if (s)
        pcre_scratch_free(s->pcre);
    free(s);
}

/* Variables hold 64 bits; as a place 32 of them count, as in Suricata. */
static int64_t value_of(const struct confirm *c, const struct rule_value *v)
{
    return v->var ? (int64_t)(c->vars[v->var - 1] & UINT32_MAX) : v->n;
}

/* Where a content may stand: it begins at from or after and ends at to or before. */
struct place {
    int64_t from, to;
    bool passed; /* the place lies in bytes that are gone */
};

/* Depths count from the start of the buffer, of which the first bytes may be gone. */
static void without_before(const struct confirm *c, struct place *p)
{
    if (c->before == 0 || (uint64_t)p->to >= c->before + c->value.len)
        return;
    p->passed = (uint64_t)p->to <= c->before;
    p->to -= (int64_t)c->before;
}

static struct place relative_place(const struct confirm *c, const struct traffic_test *t)
{
    int64_t base = (int64_t)c->at, len = (int64_t)c->value.len,
            distance = t->has_from ? value_of(c, &t->from) : 0;
    struct place p = {base + distance < 0 ? 0 : base + distance, len, false};

    if (!t->has_reach)
        return p;
    if (len > base + value_of(c, &t->reach) + distance)
        p.to = base + value_of(c, &t->reach) + distance;
    /* A window that ends before the buffer begins is none: Suricata's unsigned end is then beyond all. */
    if (p.to < 0)
        p.to = len;
    if (base == 0)
        without_before(c, &p);
    return p;
}

static struct place absolute_place(const struct confirm *c, const struct traffic_test *t)
{
    struct place p = {t->has_from ? value_of(c, &t->from) : 0, (int64_t)c->value.len, false};

    if (!t->has_reach && !t->starts)
        return p;
    p.to = t->starts ? (int64_t)t->pattern.len : p.from + value_of(c, &t->reach);
    without_before(c, &p);
    return p;
}

static size_t find_in(const struct confirm *c, const struct traffic_test *t, size_t from, size_t to)
{
    struct bytes there = bytes_slice(c->value, from, to);
    size_t found = t->nocase ? bytes_find_nocase(there, t->pattern) : bytes_find(there, t->pattern);

    return found == BYTES_NONE ? found : from + found;
}

/* With endswith only one place is left. */
static size_t find_positive(const struct confirm *c, const struct traffic_test *t, size_t from, size_t to)
{
    if (!t->ends)
        return find_in(c, t, from, to);
    if (to < c->value.len || to - from < t->pattern.len)
        return BYTES_NONE;
    return find_in(c, t, to - t->pattern.len, to);
}

/* Suricata looks at the first place alone, and takes it for the end when as many bytes were searched as lie
 * before the place's end: "ab" is absent from the end of "abab". */
static bool find_negative(const struct confirm *c, const struct traffic_test *t, size_t from, size_t to)
{
    size_t found;

    if (t->ends && to < c->value.len)
        return false;
    found = find_in(c, t, from, to);
    return found != BYTES_NONE && (!t->ends || to - from == found + t->pattern.len);
}

/* Does nothing about it depend on another test, nor on a place? */
static bool stands_alone(const struct traffic_test *t)
{
    return !t->relative && !t->followed && !t->has_from && !t->has_reach && !t->starts;
}

static enum answer content_absent(struct confirm *c, const struct traffic_test *t, unsigned i,
                                  const struct place *p)
{
    if (p->from <= p->to && p->to > 0 && find_negative(c, t, (size_t)p->from, (size_t)p->to))
        return stands_alone(t) ? ANSWER_NEVER : ANSWER_NO;
    return ask_from(c, i + 1);
}

static enum answer ask_content(struct confirm *c, const struct traffic_test *t, unsigned i)
{
    struct place p = t->relative ? relative_place(c, t) : absolute_place(c, t);
    enum answer rest = ANSWER_NO;

    if (p.passed)
        return ANSWER_NO;
    if (p.to > (int64_t)c->value.len)
        p.to = (int64_t)c->value.len;
    if (t->negated)
        return content_absent(c, t, i, &p);
    while (rest == ANSWER_NO) {
        size_t found;

        if (p.from > p.to || p.to <= 0)
            return ANSWER_NO;
        found = find_positive(c, t, (size_t)p.from, (size_t)p.to);
        if (found == BYTES_NONE)
            return t->relative ? ANSWER_NO : ANSWER_NEVER;
        c->at = found + t->pattern.len;
        rest = ask_from(c, i + 1);
        if (rest == ANSWER_NO && !t->followed)
            return ANSWER_NEVER;
        p.from = (int64_t)found + 1;
    }
    return rest;
}

static enum answer ask_pcre(struct confirm *c, const struct traffic_test *t, unsigned i)
{
    size_t base = t->relative ? c->at : 0, back = c->at, from = 0, start, end;
    struct bytes subject = bytes_from(c->value, base);
    enum answer rest = ANSWER_NO;

    while (rest == ANSWER_NO && from <= subject.len) {
        start = rule_pcre_find(t->pcre, c->pcre, subject, from, &end);
        if (pcre_scratch_spent(c->pcre))
            return ANSWER_NEVER;
        if (t->negated)
            return start == BYTES_NONE ? ask_from(c, i + 1) : ANSWER_NO;
        if (start == BYTES_NONE)
            return ANSWER_NO;
        c->at = base + end;
        rest = ask_from(c, i + 1);
        if (!t->followed)
            return rest;
        c->at = back;
        from = (start > from ? start : from) + 1;
    }
    return rest;
}

static bool dataat_holds(const struct confirm *c, const struct traffic_test *t)
{
    /* Of this one all 64 bits count. */
    uint64_t n = t->at_least.var ? c->vars[t->at_least.var - 1] : (uint64_t)t->at_least.n;

    return (t->relative ? n <= c->value.len - c->at : n < c->value.len) != t->negated;
}

/* Where the number begins; false when it does not lie in the value. */
static bool number_at(const struct confirm *c, const struct rule_number *n, int64_t bytes, size_t *at)
{
    int64_t from = value_of(c, &n->offset) + (n->relative ? (int64_t)c->at : 0), len = (int64_t)c->value.len;

    if (len == 0 || from < 0 || bytes < 0 || bytes > len - from)
        return false;
    *at = (size_t)from;
    return true;
}

/* As strtoull reads it: blanks and a sign in front, all digits that follow. */
static bool read_digits(struct bytes text, enum number_base base, uint64_t *out, size_t *used)
{
    static const int radix[] = {
        [NUMBER_AUTO] = 0, [NUMBER_OCTAL] = 8, [NUMBER_DECIMAL] = 10, [NUMBER_HEX] = 16};
    char digits[NUMBER_DIGITS_MAX + 1], *end;

    if (!text.len || text.len >= sizeof digits)
        return false;
    memcpy(digits, text.p, text.len);
    digits[text.len] = 0;
    errno = 0;
    *out = strtoull(digits, &end, radix[base]);
    *used = (size_t)(end - digits);
    return errno != ERANGE && end != digits;
}

static bool read_binary(struct bytes b, bool little, uint64_t *out)
{
    uint64_t n = 0;

    if (b.len > 8)
        return false;
    for (size_t i = 0; i < b.len; i++)
        n = n << 8 | b.p[little ? b.len - 1 - i : i];
    *out = n;
    return true;
}

/* The number, where it begins and where the bytes end that it was read from. */
static bool read_number(const struct confirm *c, const struct rule_number *n, uint64_t *out, size_t *begin,
                        size_t *end)
{
    int64_t bytes = value_of(c, &n->bytes);
    struct bytes there;
    size_t used;

    if (!number_at(c, n, bytes, begin))
        return false;
    /* As text, no bytes means all digits that there are. */
    if (n->string && bytes == 0)
        bytes = NUMBER_DIGITS_MAX;
    there = bytes_slice(c->value, *begin, *begin + (size_t)bytes);
    used = there.len;
    if (!(n->string ? read_digits(there, n->base, out, &used) : read_binary(there, n->little, out)))
        return false;
    *end = *begin + used;
    return true;
}

static bool compare(enum rule_compare how, uint64_t a, uint64_t b)
{
    return rule_size_holds(&(struct rule_size){how, b, 0}, a);
}

static bool byte_test(const struct confirm *c, const struct traffic_test *t)
{
    const struct rule_number *n = &t->number;
    uint64_t got, than = n->compared.var ? c->vars[n->compared.var - 1] : (uint64_t)n->compared.n;
    size_t begin, end;

    if (!read_number(c, n, &got, &begin, &end))
        return false;
    if (n->bitmask)
        got = (got & n->bitmask) >> n->shift;
    return compare(n->how, got, than) != t->negated;
}

static void align(uint64_t *n, unsigned to)
{
    if (to && *n % to)
        *n += to - *n % to;
}

/* A jump to before the start goes to the start; one beyond the end fails. */
static bool byte_jump(struct confirm *c, const struct traffic_test *t)
{
    const struct rule_number *n = &t->number;
    size_t begin, end;
    uint64_t got;
    int64_t to;

    if (!read_number(c, n, &got, &begin, &end))
        return false;
    got *= n->multiplier;
    align(&got, n->align);
    got += (uint64_t)n->post;
    to = (int64_t)got;
    /* From here on it is a distance: one that no value is long enough for is out either way. */
    if (to > UINT32_MAX)
        return false;
    if (to < -(int64_t)UINT32_MAX)
        to = -(int64_t)UINT32_MAX;
    if (!n->from_beginning)
        to += (int64_t)(n->from_end ? c->value.len : end);
    if (to > (int64_t)c->value.len)
        return false;
    c->at = to < 0 ? 0 : (size_t)to;
    return true;
}

static bool byte_extract(struct confirm *c, const struct traffic_test *t)
{
    const struct rule_number *n = &t->number;
    size_t begin, end;
    uint64_t got;

    if (!read_number(c, n, &got, &begin, &end))
        return false;
    got *= n->multiplier;
    align(&got, n->align);
    c->vars[n->var] = got;
    c->at = end;
    return true;
}

/* False for what has no answer. */
static bool calculate(enum number_oper oper, uint64_t by, uint64_t *n)
{
    switch (oper) {
    case OPER_ADD:
        *n += by;
        break;
    case OPER_SUBTRACT:
        *n -= by;
        break;
    case OPER_MULTIPLY:
        *n *= by;
        break;
    case OPER_DIVIDE:
        if (!by)
            return false;
        *n /= by;
        break;
    case OPER_LEFT:
        *n = by < 64 ? *n << by : 0;
        break;
    case OPER_RIGHT:
        *n = by < 64 ? *n >> by : 0;
        break;
    }
    return true;
}

static bool byte_math(struct confirm *c, const struct traffic_test *t)
{
    const struct rule_number *n = &t->number;
    size_t begin, end;
    uint64_t got;

    if (!read_number(c, n, &got, &begin, &end) ||
        !calculate(n->oper, n->operand.var ? c->vars[n->operand.var - 1] : (uint64_t)n->operand.n, &got))
        return false;
    if (n->bitmask)
        got = (got & n->bitmask) >> n->shift;
    c->vars[n->var] = got;
    c->at = end;
    return true;
}

/* As Suricata's decoder: what is no character of base64 ends it, as the end of the text does; a "=" stands
 * for bits that are not there, wherever it stands. */
static size_t decode(struct bytes text, uint8_t *out)
{
    uint32_t group = 0;
    unsigned n = 0, missing = 0;
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.p[i];
        int value = c == '-' || c == '_' ? -1 : base64_value(c);

        if (value < 0 && c != '=')
            break;
        missing += value < 0;
        group = group << 6 | (value > 0 ? (uint32_t)value : 0);
        if (++n < 4)
            continue;
        out[len] = (uint8_t)(group >> 16);
        out[len + 1] = (uint8_t)(group >> 8);
        out[len + 2] = (uint8_t)group;
        len += missing < 4 ? 3 - missing : 0;
        group = n = missing = 0;
    }
    if (n < 2)
        return len;
    group <<= 6 * (4 - n);
    out[len] = (uint8_t)(group >> 16);
    out[len + 1] = (uint8_t)(group >> 8);
    return len + n - 1;
}

/* What is decoded has the last word: of the tests behind it none is asked. */
static enum answer ask_base64(struct confirm *c, const struct traffic_test *t)
{
    const struct rule_number *n = &t->number;
    struct confirm inner = *c;
    size_t from = (t->relative ? c->at : 0) + (size_t)n->offset.n;
    struct bytes text = bytes_from(c->value, from);
    enum answer answer;

    text = bytes_slice(text, 0, n->bytes.n ? (size_t)n->bytes.n : DECODE_MAX);
    inner.section = t->decoded;
    inner.value = bytes_of(c->decoded, decode(text, c->decoded));
    inner.before = 0;
    inner.at = 0;
    inner.steps += (unsigned)(text.len / DECODE_STEP);
    if (inner.value.len == 0)
        return ANSWER_NO;
    answer = inner.steps >= CONFIRM_STEPS ? ANSWER_NEVER : ask_from(&inner, 0);
    c->steps = inner.steps >= CONFIRM_STEPS ? CONFIRM_STEPS - 1 : inner.steps;
    return answer == ANSWER_YES ? answer : ANSWER_NO;
}

static enum answer ask_from(struct confirm *c, unsigned i)
{
    const struct traffic_test *t = &c->section->tests[i];
    bool holds = false;

    if (i == c->section->n_tests)
        return ANSWER_YES;
    if (++c->steps == CONFIRM_STEPS) {
        count(COUNT_DETECT_SCAN_FAILED);
        return ANSWER_NEVER;
    }
    switch (t->kind) {
    case ASK_CONTENT:
        return ask_content(c, t, i);
    case ASK_PCRE:
        return ask_pcre(c, t, i);
    case ASK_BASE64:
        return ask_base64(c, t);
    case ASK_DATAAT:
        holds = dataat_holds(c, t);
        break;
    case ASK_BSIZE:
        if (!rule_size_holds(&t->size, c->before + c->value.len))
            return ANSWER_NEVER;
        holds = true;
        break;
    case ASK_URILEN:
        if (!rule_size_holds(&t->size, c->value.len > UINT16_MAX ? UINT16_MAX : c->value.len))
            return ANSWER_NEVER;
        holds = true;
        break;
    case ASK_BYTE_TEST:
        holds = byte_test(c, t);
        break;
    case ASK_BYTE_JUMP:
        holds = byte_jump(c, t);
        break;
    case ASK_BYTE_EXTRACT:
        holds = byte_extract(c, t);
        break;
    case ASK_BYTE_MATH:
        holds = byte_math(c, t);
        break;
    }
    return holds ? ask_from(c, i + 1) : ANSWER_NO;
}

struct bytes rule_transformed(const struct traffic_section *section, struct bytes value,
                              struct confirm_scratch *scratch)
{
    pcre_scratch_allow(scratch->pcre, CONFIRM_PCRE_UNITS);
    return rule_transform_all(section->transforms, section->n_transforms, value, &scratch->room,
                              scratch->pcre);
}

bool rule_confirm(const struct traffic_section *section, const struct confirm_value *value,
                  struct confirm_vars *vars, struct confirm_scratch *scratch)
{
    struct confirm c = {.section = section,
                        .before = value->before,
                        .vars = vars->v,
                        .pcre = scratch->pcre,
                        .decoded = scratch->decoded};
    uint64_t begun = rule_use_begin(section->use);
    bool holds;

    pcre_scratch_allow(scratch->pcre, CONFIRM_PCRE_UNITS);
    c.value = rule_transform_all(section->transforms, section->n_transforms, value->bytes, &scratch->room,
                                 scratch->pcre);
    holds = ask_from(&c, 0) == ANSWER_YES;
    rule_use_end(section->use, begun, holds);
    if (!pcre_scratch_spent(scratch->pcre))
        return holds;
    count(COUNT_DETECT_SCAN_FAILED);
    return false;
}
