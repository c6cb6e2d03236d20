/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"

/* What a rule asks of a connection, and what it remembers of it. */

#define SIGHTING_FLOW \
    "'%s' is not read over sightings, which are understood messages of connections: write established, " \
    "to_server " \
    "or to_client"

enum flow_meaning {
    FLOW_WORD_ESTABLISHED,
    FLOW_WORD_NOT_ESTABLISHED,
    FLOW_WORD_STATELESS,
    FLOW_WORD_TO_SERVER,
    FLOW_WORD_TO_CLIENT,
    FLOW_WORD_STREAM,
    FLOW_WORD_PACKET,
};

struct flow_word {
    const char *name;
    enum flow_meaning meaning;
    const char *reason; /* NULL: sightings know it, too */
};

#define NOT_OVER(word) \
    "'" word "' is not read over sightings, since rules see understood messages of connections only: write " \
    "established, to_server or to_client"

static const struct flow_word flow_words[] = {
    {"established", FLOW_WORD_ESTABLISHED, NULL},
    {"not_established", FLOW_WORD_NOT_ESTABLISHED, NOT_OVER("not_established")},
    {"stateless", FLOW_WORD_STATELESS, NULL},
    {"to_server", FLOW_WORD_TO_SERVER, NULL},
    {"from_client", FLOW_WORD_TO_SERVER, NULL},
    {"to_client", FLOW_WORD_TO_CLIENT, NULL},
    {"from_server", FLOW_WORD_TO_CLIENT, NULL},
    {"only_stream", FLOW_WORD_STREAM, NOT_OVER("only_stream")},
    {"no_stream", FLOW_WORD_PACKET, NOT_OVER("no_stream")},
};

static bool flow_direction(struct rule_draft *d, enum rule_direction to)
{
    enum rule_direction *direction = &d->rule->match->direction;

    if (*direction != RULE_ANY_DIRECTION && *direction != to)
        return draft_refuse(d, "nothing goes both to_server and to_client: write one");
    *direction = to;
    return true;
}

static bool flow_established(struct rule_draft *d, enum flow_seen seen, bool *stateless)
{
    if (d->traffic.flow != SEEN_ANY || (*stateless && seen != SEEN_ANY))
        return draft_refuse(d, "established, not_established and stateless exclude one another: write one");
    d->traffic.flow = seen;
    *stateless = seen == SEEN_ANY;
    return true;
}

static bool flow_word(struct rule_draft *d, struct bytes word, bool *stateless)
{
    const struct flow_word *f = NULL;

    for (size_t i = 0; !f && i < sizeof flow_words / sizeof *flow_words; i++)
        if (bytes_is_nocase(word, flow_words[i].name))
            f = &flow_words[i];
    if (!f && (bytes_eq_nocase(word, BYTES_LIT("only_frag")) || bytes_eq_nocase(word, BYTES_LIT("no_frag"))))
        return draft_refuse(
            d,
            "'%.*s' is not read, since fragments are put together before rules see them: leave it "
            "out",
            DRAFT_SHOWN(word));
    if (!f)
        return draft_refuse(d,
                            "'%.*s' is not read: write established, not_established, stateless, to_server, "
                            "to_client, only_stream or no_stream",
                            DRAFT_SHOWN(word));
    if (f->reason)
        draft_traffic_only(d, f->reason);
    switch (f->meaning) {
    case FLOW_WORD_ESTABLISHED:
        return flow_established(d, SEEN_ESTABLISHED, stateless);
    case FLOW_WORD_NOT_ESTABLISHED:
        return flow_established(d, SEEN_NOT_ESTABLISHED, stateless);
    case FLOW_WORD_STATELESS:
        return flow_established(d, SEEN_ANY, stateless);
    case FLOW_WORD_TO_SERVER:
        return flow_direction(d, RULE_TO_SERVER);
    case FLOW_WORD_TO_CLIENT:
        return flow_direction(d, RULE_TO_CLIENT);
    case FLOW_WORD_STREAM:
        d->stream_only = true;
        break;
    case FLOW_WORD_PACKET:
        d->packets_only = true;
        break;
    }
    return !(d->stream_only && d->packets_only) ||
           draft_refuse(d, "only_stream and no_stream exclude one another: write one");
}

bool draft_flow(struct rule_draft *d)
{
    struct bytes rest = d->option->value, word;
    bool stateless = false;

    d->traffic.has_flow = true;
    while (draft_part(&rest, ',', &word))
        if (!flow_word(d, word, &stateless))
            return false;
    return true;
}

#define STATE_REASON \
    "rules keep no state from one sighting to the next: use jndi.stage; the incident joins what belongs " \
    "together"

static struct rule_state *state_add(struct rule_draft *d, enum state_kind kind)
{
    struct rule_state *s = &d->states[d->traffic.n_states];

    draft_traffic_only(d, STATE_REASON);
    if (d->traffic.n_states == TRAFFIC_MAX_STATES) {
        draft_refuse(d, "a rule has at most %d of flowbits, xbits and flowint: leave some out",
                     TRAFFIC_MAX_STATES);
        return NULL;
    }
    d->traffic.n_states++;
    *s = (struct rule_state){.kind = kind, .expire = 30};
    return s;
}

struct action_word {
    const char *name;
    enum state_action action;
};

static const struct action_word action_words[] = {
    {"isset", STATE_ISSET}, {"isnotset", STATE_ISNOTSET}, {"set", STATE_SET},
    {"unset", STATE_UNSET}, {"toggle", STATE_TOGGLE},
};

static bool read_action(struct rule_draft *d, struct rule_state *s, struct bytes word)
{
    for (size_t i = 0; i < sizeof action_words / sizeof *action_words; i++) {
        if (!bytes_is_nocase(word, action_words[i].name))
            continue;
        s->action = action_words[i].action;
        return true;
    }
    return draft_refuse(d, "'%.*s' is no action: write set, unset, isset, isnotset, toggle or noalert",
                        DRAFT_SHOWN(word));
}

static bool read_name(struct rule_draft *d, struct rule_state *s, struct bytes name)
{
    if (!name.len)
        return draft_refuse(d, "the name is missing: write %s", "flowbits:set,NAME;");
    if (bytes_find_byte(name, ' ') != BYTES_NONE || name.len > 255)
        return draft_refuse(d, "'%.*s' is no name: write one word", DRAFT_SHOWN(name));
    if (s->n_names == STATE_MAX_NAMES)
        return draft_refuse(d, "at most %d names stand between bars: leave some out", STATE_MAX_NAMES);
    s->names[s->n_names] = draft_str(d, name);
    return s->names[s->n_names++] != NULL;
}

/* "a|b": any of them; as something to set it would be neither. */
static bool read_names(struct rule_draft *d, struct rule_state *s, struct bytes text)
{
    struct bytes name;

    while (draft_part(&text, '|', &name))
        if (!read_name(d, s, name))
            return false;
    if (s->n_names == 0)
        return read_name(d, s, (struct bytes){NULL, 0});
    return s->n_names == 1 || s->action == STATE_ISSET || s->action == STATE_ISNOTSET ||
           draft_refuse(d, "several names are for isset and isnotset: write one flowbits for each");
}

bool draft_flowbits(struct rule_draft *d)
{
    struct bytes rest = d->option->value, word = {NULL, 0}, names = word, more;
    struct rule_state *s;

    draft_part(&rest, ',', &word);
    draft_part(&rest, ',', &names);
    if (draft_part(&rest, ',', &more))
        return draft_refuse(d, "'%.*s' is left over: write flowbits:ACTION,NAME;", DRAFT_SHOWN(more));
    if (bytes_eq_nocase(word, BYTES_LIT("noalert")) && !names.len) {
        d->rule->noalert = true;
        return draft_traffic_only(d, STATE_REASON);
    }
    s = state_add(d, STATE_FLOWBITS);
    return s && read_action(d, s, word) && read_names(d, s, names);
}

struct track_word {
    const char *name;
    enum xbits_track track;
};

static const struct track_word track_words[] = {
    {"ip_src", XBITS_SRC}, {"ip_dst", XBITS_DST}, {"ip_pair", XBITS_PAIR}};

static bool read_track(struct rule_draft *d, struct rule_state *s, struct bytes word)
{
    for (size_t i = 0; i < sizeof track_words / sizeof *track_words; i++) {
        if (!bytes_is_nocase(word, track_words[i].name))
            continue;
        s->track = track_words[i].track;
        return true;
    }
    return draft_refuse(d, "'%.*s' is not read: write track ip_src, ip_dst or ip_pair", DRAFT_SHOWN(word));
}

/* "track ip_pair" or "expire 60" */
static bool xbits_word(struct rule_draft *d, struct rule_state *s, struct bytes part)
{
    size_t blank = bytes_find_byte(part, ' ');
    struct bytes word = bytes_slice(part, 0, blank),
                 value = blank == BYTES_NONE ? word : bytes_trim(bytes_from(part, blank));
    int64_t n;

    if (bytes_eq_nocase(word, BYTES_LIT("track")))
        return read_track(d, s, value);
    if (!bytes_eq_nocase(word, BYTES_LIT("expire")))
        return draft_refuse(d, "'%.*s' is not read: write xbits:ACTION,NAME,track ip_pair,expire SECONDS;",
                            DRAFT_SHOWN(part));
    if (!draft_number(d, value, 1, UINT32_MAX, &n))
        return false;
    s->expire = (uint32_t)n;
    return true;
}

bool draft_xbits(struct rule_draft *d)
{
    struct bytes rest = d->option->value, word = {NULL, 0}, name = word, part;
    struct rule_state *s;

    draft_part(&rest, ',', &word);
    draft_part(&rest, ',', &name);
    if (bytes_eq_nocase(word, BYTES_LIT("noalert")) && !name.len) {
        d->rule->noalert = true;
        return draft_traffic_only(d, STATE_REASON);
    }
    s = state_add(d, STATE_XBITS);
    if (!s || !read_action(d, s, word) || !read_name(d, s, name))
        return false;
    while (draft_part(&rest, ',', &part))
        if (!xbits_word(d, s, part))
            return false;
    return s->track != XBITS_NONE ||
           draft_refuse(d, "it does not say whose bit it is: write track ip_src, ip_dst or "
                           "ip_pair");
}

struct flowint_word {
    const char *sign;
    enum state_action action;
    enum rule_compare how;
};

static const struct flowint_word flowint_words[] = {
    {"isset", STATE_ISSET, COMPARE_EQUAL},     {"isnotset", STATE_ISNOTSET, COMPARE_EQUAL},
    {"notset", STATE_ISNOTSET, COMPARE_EQUAL}, {"=", STATE_ASSIGN, COMPARE_EQUAL},
    {"+", STATE_ADD, COMPARE_EQUAL},           {"-", STATE_SUBTRACT, COMPARE_EQUAL},
    {"==", STATE_COMPARE, COMPARE_EQUAL},      {"!=", STATE_COMPARE, COMPARE_DIFFERENT},
    {"<", STATE_COMPARE, COMPARE_LESS},        {"<=", STATE_COMPARE, COMPARE_LESS_EQUAL},
    {">", STATE_COMPARE, COMPARE_MORE},        {">=", STATE_COMPARE, COMPARE_MORE_EQUAL},
};

static bool flowint_value(struct rule_draft *d, struct rule_state *s, struct bytes text)
{
    uint64_t n;

    if (bytes_to_u64(text, UINT32_MAX, &n)) {
        s->value = (uint32_t)n;
        return true;
    }
    if (!text.len || (text.p[0] >= '0' && text.p[0] <= '9') || text.p[0] == '-')
        return draft_refuse(d, "'%.*s' is no number and no variable: write flowint:NAME,+,1;",
                            DRAFT_SHOWN(text));
    s->value_name = draft_str(d, text);
    return s->value_name != NULL;
}

bool draft_flowint(struct rule_draft *d)
{
    struct bytes rest = d->option->value, name = {NULL, 0}, sign = name, value = name;
    struct rule_state *s = state_add(d, STATE_FLOWINT);
    size_t i = 0;

    draft_part(&rest, ',', &name);
    draft_part(&rest, ',', &sign);
    if (!s || !read_name(d, s, name))
        return false;
    while (i < sizeof flowint_words / sizeof *flowint_words &&
           !bytes_eq(sign, bytes_str(flowint_words[i].sign)))
        i++;
    if (i == sizeof flowint_words / sizeof *flowint_words)
        return draft_refuse(d, "'%.*s' is not read: write = + - == != < <= > >= isset or notset",
                            DRAFT_SHOWN(sign));
    s->action = flowint_words[i].action;
    s->how = flowint_words[i].how;
    if (s->action == STATE_ISSET || s->action == STATE_ISNOTSET)
        return true;
    draft_part(&rest, ',', &value);
    return flowint_value(d, s, value);
}

bool draft_app_layer_protocol(struct rule_draft *d)
{
    struct bytes name = d->option->value;

    d->traffic.app_layer_negated = name.len && name.p[0] == '!';
    name = bytes_trim(bytes_from(name, d->traffic.app_layer_negated));
    draft_traffic_only(
        d, "the protocol of a sighting stands in the rule's header: write alert http, dns, ldap or rmi");
    if (!bytes_eq(name, BYTES_LIT("failed")) && !draft_app_known(name))
        return draft_refuse(
            d, "protocol '%.*s' is not recognised by the sensor: docs/RULES.md lists those that are",
            DRAFT_SHOWN(name));
    d->traffic.app_layer = draft_str(d, name);
    return d->traffic.app_layer != NULL;
}
