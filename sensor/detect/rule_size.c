/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"

/* "10", "!10", "10,relative", "10,relative,rawbytes": Suricata's counting, in which the absolute form wants
 * one byte more. */
bool draft_isdataat(struct rule_draft *d)
{
    struct bytes rest = d->option->value, number, word;
    bool negated = rest.len && rest.p[0] == '!', relative = false;
    struct rule_value at_least;
    struct traffic_test *t;

    rest = bytes_from(rest, negated);
    draft_part(&rest, ',', &number);
    if (!draft_value(d, number, 0, 65535, &at_least))
        return false;
    while (draft_part(&rest, ',', &word)) {
        if (bytes_eq(word, BYTES_LIT("relative")))
            relative = true;
        else if (!bytes_eq(word, BYTES_LIT("rawbytes"))) /* nothing decodes the payload */
            return draft_refuse(d, "'%.*s' is not read: write isdataat:N; or isdataat:N,relative; or with !N",
                                DRAFT_SHOWN(d->option->value));
    }
    t = draft_test(d, ASK_DATAAT, negated);
    if (!t)
        return false;
    t->relative = relative;
    t->at_least = at_least;
    return true;
}

struct size_form {
    const char *sign;
    enum rule_compare how;
};

static const struct size_form size_forms[] = {
    {">=", COMPARE_MORE_EQUAL}, {"<=", COMPARE_LESS_EQUAL}, {"!=", COMPARE_DIFFERENT}, {">", COMPARE_MORE},
    {"<", COMPARE_LESS},        {"=", COMPARE_EQUAL},       {"!", COMPARE_DIFFERENT},  {"", COMPARE_EQUAL},
};

/* "N", "<N", "A<>B" ...; what: of what the size is. */
static bool read_size(struct rule_draft *d, struct bytes v, int64_t most, struct rule_size *out)
{
    static const struct bytes between = {(const uint8_t *)"<>", 2};
    const struct size_form *f = size_forms;
    size_t at = bytes_find(v, between);
    int64_t low, high = 0;

    if (at != BYTES_NONE) {
        if (!draft_number(d, bytes_trim(bytes_slice(v, 0, at)), 0, most, &low) ||
            !draft_number(d, bytes_trim(bytes_from(v, at + 2)), 0, most, &high))
            return false;
        *out = (struct rule_size){COMPARE_BETWEEN, (uint64_t)low, (uint64_t)high};
        return high - low >= 2 ||
               draft_refuse(d, "no number lies between %lld and %lld: the bounds themselves do not count",
                            (long long)low, (long long)high);
    }
    while (!bytes_starts(v, bytes_str(f->sign)))
        f++;
    if (!draft_number(d, bytes_trim(bytes_from(v, strlen(f->sign))), 0, most, &low))
        return false;
    if (f->how == COMPARE_LESS && low == 0)
        return draft_refuse(d, "no value is shorter than nothing: write bsize:0; for an empty one");
    *out = (struct rule_size){f->how, (uint64_t)low, 0};
    return true;
}

bool rule_size_holds(const struct rule_size *s, uint64_t n)
{
    switch (s->how) {
    case COMPARE_EQUAL:
        return n == s->low;
    case COMPARE_DIFFERENT:
        return n != s->low;
    case COMPARE_LESS:
        return n < s->low;
    case COMPARE_LESS_EQUAL:
        return n <= s->low;
    case COMPARE_MORE:
        return n > s->low;
    case COMPARE_MORE_EQUAL:
        return n >= s->low;
    case COMPARE_BETWEEN:
        return n > s->low && n < s->high;
    case COMPARE_AND:
        return (n & s->low) != 0;
    case COMPARE_XOR:
        break;
    }
    return (n ^ s->low) != 0;
}

bool draft_bsize(struct rule_draft *d)
{
    struct rule_size size;
    struct traffic_test *t;

    if (!read_size(d, d->option->value, UINT32_MAX, &size))
        return false;
    if (d->current == DRAFT_NONE)
        return draft_refuse(
            d, "no buffer stands before it: write one such as jndi.name; in front, or dsize for the "
               "payload of a packet");
    t = draft_test(d, ASK_BSIZE, false);
    if (!t)
        return false;
    t->size = size;
    return true;
}

bool draft_dsize(struct rule_draft *d)
{
    d->traffic.has_dsize = true;
    d->packets_only = true;
    return draft_traffic_only(d, "packets are not offered to rules over sightings: use bsize on a buffer") &&
           read_size(d, d->option->value, 65535, &d->traffic.dsize);
}

bool draft_sameip(struct rule_draft *d)
{
    d->traffic.same_ip = true;
    return draft_traffic_only(d, "it is asked of traffic alone: write the addresses into the rule's header");
}

/* "N", "<N,raw": of the request target, as sent when raw. */
bool draft_urilen(struct rule_draft *d)
{
    struct bytes rest = d->option->value, number, word;
    enum buffer_id buffer = BUFFER_HTTP_URI;
    unsigned current = d->current;
    struct rule_size size;
    struct traffic_test *t;

    draft_part(&rest, ',', &number);
    if (draft_part(&rest, ',', &word)) {
        if (bytes_eq_nocase(word, BYTES_LIT("raw")))
            buffer = BUFFER_HTTP_URI_RAW;
        else if (!bytes_eq_nocase(word, BYTES_LIT("norm")))
            return draft_refuse(d, "'%.*s' is not read: write raw or norm", DRAFT_SHOWN(word));
    }
    draft_traffic_only(d, "it is a size of one buffer: write http.uri; bsize:N;");
    if (!read_size(d, number, 65535, &size))
        return false;
    d->current = draft_move(d, buffer);
    t = d->current == DRAFT_NONE ? NULL : draft_test(d, ASK_URILEN, false);
    d->current = current;
    if (!t)
        return false;
    t->size = size;
    return true;
}

struct side_word {
    const char *name;
    enum stream_side side;
};

static const struct side_word side_words[] = {
    {"server", STREAM_SIZE_SERVER},
    {"client", STREAM_SIZE_CLIENT},
    {"both", STREAM_SIZE_BOTH},
    {"either", STREAM_SIZE_EITHER},
};

static bool read_side(struct rule_draft *d, struct bytes word, enum stream_side *side)
{
    for (size_t i = 0; i < sizeof side_words / sizeof *side_words; i++) {
        if (!bytes_is_nocase(word, side_words[i].name))
            continue;
        *side = side_words[i].side;
        return true;
    }
    return draft_refuse(d, "'%.*s' is no side: write server, client, both or either", DRAFT_SHOWN(word));
}

/* "client,<,100" */
bool draft_stream_size(struct rule_draft *d)
{
    struct bytes rest = d->option->value, side = {NULL, 0}, sign = side, number = side;
    struct rule_stream_size *s = &d->stream_sizes[d->traffic.n_stream_sizes];
    const struct size_form *f = size_forms;
    int64_t n;

    draft_traffic_only(d, "packets are not offered to rules over sightings: leave it out");
    if (d->traffic.n_stream_sizes == TRAFFIC_MAX_STREAM_SIZES)
        return draft_refuse(d, "a rule has at most %d of them: leave some out", TRAFFIC_MAX_STREAM_SIZES);
    draft_part(&rest, ',', &side);
    draft_part(&rest, ',', &sign);
    draft_part(&rest, ',', &number);
    if (!read_side(d, side, &s->side))
        return false;
    while (f->sign[0] && !bytes_eq(sign, bytes_str(f->sign)))
        f++;
    if (!f->sign[0] || f->sign[0] == '!')
        f = bytes_eq(sign, BYTES_LIT("!=")) ? &size_forms[2] : NULL;
    if (!f)
        return draft_refuse(d, "'%.*s' is no comparison: write < > = != <= or >=", DRAFT_SHOWN(sign));
    if (!draft_number(d, number, 0, UINT32_MAX, &n))
        return false;
    s->how = f->how;
    s->bytes = (uint32_t)n;
    d->traffic.n_stream_sizes++;
    return true;
}
