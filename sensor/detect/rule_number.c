/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"

/* byte_test, byte_jump, byte_extract and byte_math: numbers read out of the traffic. */

#define NUMBER_REASON \
    "buffers hold what was understood, so there is no length or number to read out of bytes: use the " \
    "ldap.*, " \
    "rmi.* and java.* buffers"

#define NUMBER_BYTES_MAX 8

/* Decimal, or hex with 0x. */
static bool read_u64(struct rule_draft *d, struct bytes text, uint64_t *out)
{
    uint64_t n = 0;

    if (!bytes_starts_nocase(text, BYTES_LIT("0x")))
        return bytes_to_u64(text, UINT64_MAX, out) ||
               draft_refuse(d, "'%.*s' is no number: write one, in decimal or 0x hex", DRAFT_SHOWN(text));
    for (size_t i = 2; i < text.len; i++) {
        int digit = hex_value(text.p[i]);

        if (digit < 0 || n >> 60)
            return draft_refuse(d, "'%.*s' is no number of 64 bits: write 0x and hex digits",
                                DRAFT_SHOWN(text));
        n = n << 4 | (unsigned)digit;
    }
    *out = n;
    return text.len > 2 || draft_refuse(d, "hex digits are missing after 0x: write some");
}

/* "multiplier 4": the number after the word and a blank. False when the word is another. */
static bool word_value(struct bytes part, const char *word, struct bytes *value)
{
    size_t blank = bytes_find_byte(part, ' ');

    if (blank == BYTES_NONE || !bytes_eq_nocase(bytes_slice(part, 0, blank), bytes_str(word)))
        return false;
    *value = bytes_trim(bytes_from(part, blank));
    return true;
}

struct number_word {
    const char *name;
    enum {
        WORD_RELATIVE,
        WORD_LITTLE,
        WORD_BIG,
        WORD_STRING,
        WORD_HEX,
        WORD_DEC,
        WORD_OCT,
        WORD_ALIGN,
        WORD_BEGIN,
        WORD_END
    } meaning;
};

static const struct number_word number_words[] = {
    {"relative", WORD_RELATIVE}, {"little", WORD_LITTLE}, {"big", WORD_BIG},
    {"string", WORD_STRING},     {"hex", WORD_HEX},       {"dec", WORD_DEC},
    {"oct", WORD_OCT},           {"align", WORD_ALIGN},   {"from_beginning", WORD_BEGIN},
    {"from_end", WORD_END},
};

/* What the words of one keyword may be. */
struct number_form {
    bool jump, extract, mask;
    const char *words; /* for the complaint */
};

static bool plain_word(struct rule_number *n, const struct number_form *form, struct bytes part)
{
    size_t i = 0;

    while (i < sizeof number_words / sizeof *number_words &&
           !bytes_eq_nocase(part, bytes_str(number_words[i].name)))
        i++;
    if (i == sizeof number_words / sizeof *number_words)
        return false;
    switch (number_words[i].meaning) {
    case WORD_RELATIVE:
        n->relative = true;
        return true;
    case WORD_LITTLE:
    case WORD_BIG:
        n->little = number_words[i].meaning == WORD_LITTLE;
        return true;
    case WORD_STRING:
        n->string = true;
        return true;
    case WORD_HEX:
    case WORD_DEC:
    case WORD_OCT:
        n->base = number_words[i].meaning == WORD_HEX   ? NUMBER_HEX
                  : number_words[i].meaning == WORD_DEC ? NUMBER_DECIMAL
                                                        : NUMBER_OCTAL;
        return true;
    case WORD_ALIGN:
        n->align = 4;
        return form->jump;
    case WORD_BEGIN:
        n->from_beginning = true;
        return form->jump;
    case WORD_END:
        n->from_end = true;
        return form->jump;
    }
    return false;
}

static bool read_mask(struct rule_draft *d, struct rule_number *n, struct bytes value)
{
    if (!read_u64(d, value, &n->bitmask))
        return false;
    if (!n->bitmask)
        return draft_refuse(d, "a mask of zero leaves nothing: write one with bits");
    n->shift = (unsigned)__builtin_ctzll(n->bitmask);
    return true;
}

static bool number_word(struct rule_draft *d, struct rule_number *n, const struct number_form *form,
                        struct bytes part)
{
    struct bytes value;
    int64_t got;

    if (plain_word(n, form, part))
        return true;
    if (form->mask && word_value(part, "bitmask", &value))
        return read_mask(d, n, value);
    if ((form->jump || form->extract) && word_value(part, "multiplier", &value)) {
        if (!draft_number(d, value, 1, 65535, &got))
            return false;
        n->multiplier = (uint64_t)got;
        return true;
    }
    if (form->jump && word_value(part, "post_offset", &value))
        return draft_number(d, value, -65535, 65535, &n->post);
    if (form->extract && word_value(part, "align", &value)) {
        if (!draft_number(d, value, 2, 4, &got))
            return false;
        n->align = (unsigned)got;
        return got != 3 || draft_refuse(d, "numbers are aligned to 2 or 4: write one of them");
    }
    if (bytes_eq_nocase(part, BYTES_LIT("dce")))
        return draft_refuse(d, "DCE/RPC is not read, so its byte order is not known: write little or big");
    return draft_refuse(d, "'%.*s' is not read: %s", DRAFT_SHOWN(part), form->words);
}

/* The words after the fixed arguments, and what must hold of them together. */
static bool number_finish(struct rule_draft *d, struct rule_number *n, const struct number_form *form,
                          struct bytes rest)
{
    struct bytes part;
    int64_t most;

    while (draft_part(&rest, ',', &part))
        if (!number_word(d, n, form, part))
            return false;
    if (form->extract && !n->string && n->base != NUMBER_AUTO)
        return draft_refuse(d, "a base is for text: write string,hex");
    if (form->extract && n->base == NUMBER_AUTO)
        n->base = NUMBER_DECIMAL;
    most = n->string ? NUMBER_DIGITS_MAX : NUMBER_BYTES_MAX;
    if (!n->bytes.var && n->bytes.n > most)
        return draft_refuse(d, "a number has at most %lld bytes, %lld digits as a string: write fewer",
                            (long long)NUMBER_BYTES_MAX, (long long)NUMBER_DIGITS_MAX);
    return true;
}

static struct traffic_test *number_test(struct rule_draft *d, enum traffic_test_kind kind, bool negated,
                                        const struct rule_number *n)
{
    struct traffic_test *t;

    draft_traffic_only(d, NUMBER_REASON);
    t = draft_test(d, kind, negated);
    if (!t)
        return NULL;
    t->relative = n->relative;
    t->number = *n;
    return t;
}

struct compare_word {
    const char *sign;
    enum rule_compare how;
};

static const struct compare_word compare_words[] = {
    {"<=", COMPARE_LESS_EQUAL}, {">=", COMPARE_MORE_EQUAL}, {"<", COMPARE_LESS}, {">", COMPARE_MORE},
    {"=", COMPARE_EQUAL},       {"&", COMPARE_AND},         {"^", COMPARE_XOR},
};

/* "!<": "!" alone is "!=". */
static bool read_compare(struct rule_draft *d, struct bytes word, enum rule_compare *how, bool *negated)
{
    struct bytes sign = word;

    *negated = sign.len && sign.p[0] == '!';
    if (*negated)
        sign = bytes_trim(bytes_from(sign, 1));
    *how = COMPARE_EQUAL;
    if (*negated && !sign.len)
        return true;
    for (size_t i = 0; i < sizeof compare_words / sizeof *compare_words; i++) {
        if (!bytes_eq(sign, bytes_str(compare_words[i].sign)))
            continue;
        *how = compare_words[i].how;
        return true;
    }
    return draft_refuse(d, "'%.*s' is no comparison: write < > = <= >= & or ^, with ! in front or without",
                        DRAFT_SHOWN(word));
}

/* A literal of 64 bits, or a variable. */
static bool read_compared(struct rule_draft *d, struct bytes text, struct rule_value *out)
{
    uint64_t n;

    if (text.len && ((text.p[0] >= '0' && text.p[0] <= '9') || text.p[0] == '+')) {
        if (!read_u64(d, bytes_from(text, text.p[0] == '+'), &n))
            return false;
        *out = (struct rule_value){.n = (int64_t)n};
        return true;
    }
    return draft_value(d, text, 0, UINT32_MAX, out);
}

bool draft_byte_test(struct rule_draft *d)
{
    static const struct number_form form = {
        .mask = true,
        .words = "write byte_test:BYTES,COMPARISON,NUMBER,OFFSET and then relative, little, big, string, "
                 "hex, dec, oct or bitmask 0xN"};
    struct bytes rest = d->option->value, bytes = {NULL, 0}, how = bytes, compared = bytes, offset = bytes;
    struct rule_number n = {.multiplier = 1};
    bool negated;

    draft_part(&rest, ',', &bytes);
    draft_part(&rest, ',', &how);
    draft_part(&rest, ',', &compared);
    draft_part(&rest, ',', &offset);
    return draft_value(d, bytes, 0, NUMBER_DIGITS_MAX, &n.bytes) && read_compare(d, how, &n.how, &negated) &&
           read_compared(d, compared, &n.compared) && draft_value(d, offset, -65535, 65535, &n.offset) &&
           number_finish(d, &n, &form, rest) &&
           (n.bytes.var || n.bytes.n > 0 || n.string ||
            draft_refuse(d,
                         "no bytes are no number, but as string all digits that there are: write string")) &&
           number_test(d, ASK_BYTE_TEST, negated, &n);
}

bool draft_byte_jump(struct rule_draft *d)
{
    static const struct number_form form = {
        .jump = true,
        .mask = false,
        .words = "write byte_jump:BYTES,OFFSET and then relative, little, big, string, hex, dec, oct, align, "
                 "from_beginning, from_end, multiplier N or post_offset N"};
    struct bytes rest = d->option->value, bytes = {NULL, 0}, offset = bytes;
    struct rule_number n = {.multiplier = 1};

    draft_part(&rest, ',', &bytes);
    draft_part(&rest, ',', &offset);
    return draft_value(d, bytes, 0, NUMBER_DIGITS_MAX, &n.bytes) &&
           draft_value(d, offset, -65535, 65535, &n.offset) && number_finish(d, &n, &form, rest) &&
           (!(n.from_beginning && n.from_end) ||
            draft_refuse(d, "it jumps from the beginning and from the end: write one")) &&
           number_test(d, ASK_BYTE_JUMP, false, &n);
}

/* A name for what was read; its place among the variables. */
static bool variable_add(struct rule_draft *d, struct bytes name, unsigned *at)
{
    for (unsigned i = 0; i < d->traffic.n_vars; i++)
        if (bytes_eq(d->variables[i], name))
            return draft_refuse(d, "variable '%.*s' stands there twice: give each its own name",
                                DRAFT_SHOWN(name));
    if (!name.len || (name.p[0] >= '0' && name.p[0] <= '9') || name.p[0] == '-')
        return draft_refuse(d, "'%.*s' is no name: begin it with a letter", DRAFT_SHOWN(name));
    if (d->traffic.n_vars == TRAFFIC_MAX_VARS)
        return draft_refuse(d, "a rule has at most %d variables: leave some out", TRAFFIC_MAX_VARS);
    *at = d->traffic.n_vars;
    d->variables[d->traffic.n_vars++] = name;
    return true;
}

bool draft_byte_extract(struct rule_draft *d)
{
    static const struct number_form form = {
        .extract = true,
        .words = "write byte_extract:BYTES,OFFSET,NAME and then relative, little, big, string, hex, dec, "
                 "oct, align N or multiplier N"};
    struct bytes rest = d->option->value, bytes = {NULL, 0}, offset = bytes, name = bytes;
    struct rule_number n = {.multiplier = 1};

    draft_part(&rest, ',', &bytes);
    draft_part(&rest, ',', &offset);
    draft_part(&rest, ',', &name);
    return draft_number(d, bytes, 1, NUMBER_DIGITS_MAX, &n.bytes.n) &&
           draft_number(d, offset, -65535, 65535, &n.offset.n) && number_finish(d, &n, &form, rest) &&
           variable_add(d, name, &n.var) && number_test(d, ASK_BYTE_EXTRACT, false, &n);
}

/* --- byte_math --- */

static bool read_oper(struct rule_draft *d, struct bytes word, enum number_oper *out)
{
    static const struct {
        const char *sign;
        enum number_oper oper;
    } signs[] = {{"+", OPER_ADD},    {"-", OPER_SUBTRACT}, {"*", OPER_MULTIPLY},
                 {"/", OPER_DIVIDE}, {"<<", OPER_LEFT},    {">>", OPER_RIGHT}};

    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (bytes_eq(word, bytes_str(signs[i].sign))) {
            *out = signs[i].oper;
            return true;
        }
    return draft_refuse(d, "'%.*s' is no operation: write + - * / << or >>", DRAFT_SHOWN(word));
}

/* What stands in the keyword's value, in whatever order. */
struct math {
    struct rule_number n;
    struct bytes result;
    bool bytes, offset, oper, operand;
};

/* "endian little", "string hex", "bitmask 0x0f". */
static bool math_how(struct rule_draft *d, struct math *m, struct bytes part)
{
    static const struct number_form form = {.words = "write endian big or little, string hex, dec or oct"};
    struct bytes value;

    if (word_value(part, "endian", &value))
        return number_word(d, &m->n, &form, value);
    if (word_value(part, "string", &value)) {
        m->n.string = true;
        return number_word(d, &m->n, &form, value);
    }
    if (word_value(part, "bitmask", &value))
        return read_mask(d, &m->n, value);
    return draft_refuse(d,
                        "'%.*s' is not read: write bytes N, offset N, oper +, rvalue N, result NAME and then "
                        "relative, endian little, string dec or bitmask 0xN",
                        DRAFT_SHOWN(part));
}

static bool math_part(struct rule_draft *d, struct math *m, struct bytes part)
{
    struct bytes value;

    if (word_value(part, "bytes", &value)) {
        m->bytes = true;
        return draft_value(d, value, 1, NUMBER_DIGITS_MAX, &m->n.bytes);
    }
    if (word_value(part, "offset", &value)) {
        m->offset = true;
        return draft_number(d, value, -65535, 65535, &m->n.offset.n);
    }
    if (word_value(part, "oper", &value)) {
        m->oper = true;
        return read_oper(d, value, &m->n.oper);
    }
    if (word_value(part, "rvalue", &value)) {
        m->operand = true;
        return draft_value(d, value, 0, UINT32_MAX, &m->n.operand);
    }
    if (word_value(part, "result", &m->result))
        return true;
    if (bytes_eq_nocase(part, BYTES_LIT("relative"))) {
        m->n.relative = true;
        return true;
    }
    return math_how(d, m, part);
}

bool draft_byte_math(struct rule_draft *d)
{
    static const struct number_form form = {.words = ""};
    struct math m = {.n = {.multiplier = 1}};
    struct bytes rest = d->option->value, part;

    while (draft_part(&rest, ',', &part))
        if (!math_part(d, &m, part))
            return false;
    if (!m.bytes || !m.offset || !m.oper || !m.operand || !m.result.len)
        return draft_refuse(d, "something is missing: write byte_math:bytes 2, offset 0, oper +, rvalue 4, "
                               "result NAME;");
    if (m.n.oper == OPER_DIVIDE && !m.n.operand.var && m.n.operand.n == 0)
        return draft_refuse(d, "nothing is divided by zero: write another rvalue");
    return number_finish(d, &m.n, &form, bytes_of(NULL, 0)) && variable_add(d, m.result, &m.n.var) &&
           number_test(d, ASK_BYTE_MATH, false, &m.n);
}
