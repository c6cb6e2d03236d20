/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"
#include "decode/decode.h"

struct protocol {
    const char *name;
    uint8_t proto;         /* 0 = either transport */
    const char *app_proto; /* NULL = any */
};

static const struct protocol protocols[] = {
    {"ip", 0, NULL},
    {"tcp", PROTO_TCP, NULL},
    {"udp", PROTO_UDP, NULL},
    {"http", 0, "http"},
    {"http1", 0, "http1"},
    {"http2", 0, "http2"},
    {"websocket", 0, "websocket"},
    {"dns", 0, "dns"},
    {"ldap", 0, "ldap"},
    {"rmi", 0, "rmi"},
    {"giop", 0, "giop"},
    {"smtp", 0, "smtp"},
    {"sip", 0, "sip"},
    {"syslog", 0, "syslog"},
    {"gelf", 0, "gelf"},
    {"mqtt", 0, "mqtt"},
    {"tls", 0, "tls"},
    {"redis", 0, "redis"},
    {"minecraft", 0, "minecraft"},
    {"ssh", 0, "ssh"},
    {"ftp", 0, "ftp"},
    {"tcp-pkt", PROTO_TCP, NULL},
    {"tcp-stream", PROTO_TCP, NULL},
};

struct refusal {
    const char *name, *reason;
};

struct action {
    const char *name;
    enum rule_action acts;
};

static const struct action actions[] = {
    {"alert", RULE_ALERT},       {"pass", RULE_PASS},        {"drop", RULE_DROP},
    {"reject", RULE_REJECT},     {"rejectsrc", RULE_REJECT}, {"rejectdst", RULE_REJECT},
    {"rejectboth", RULE_REJECT},
};

static const struct refusal refused_protocols[] = {
    {"ssl", "write tls: its handshake is read; what it carries cannot be"},
    {"icmp", "only TCP and UDP carry what is read: write ip"},
    {"icmpv4", "only TCP and UDP carry what is read: write ip"},
    {"icmpv6", "only TCP and UDP carry what is read: write ip"},
    {"sctp", "only TCP and UDP carry what is read: write ip"},
    {"pkthdr", "only TCP and UDP packets are shown to rules: write ip"},
};

#define N(table) (sizeof(table) / sizeof *(table))

static const char *refusal_reason(const struct refusal *table, size_t n, struct bytes name)
{
    for (size_t i = 0; i < n; i++)
        if (bytes_is_nocase(name, table[i].name))
            return table[i].reason;
    return NULL;
}

/* The next word; blanks inside brackets belong to it. */
static struct bytes next_word(struct bytes *rest)
{
    size_t n = 0;
    unsigned open = 0;
    struct bytes word;

    *rest = bytes_trim(*rest);
    while (n < rest->len && (open || (rest->p[n] != ' ' && rest->p[n] != '\t'))) {
        open += rest->p[n] == '[';
        open -= rest->p[n] == ']' && open;
        n++;
    }
    word = bytes_slice(*rest, 0, n);
    *rest = bytes_from(*rest, n);
    return word;
}

static bool read_action(struct rule_draft *d, struct bytes word)
{
    if (bytes_eq(word, BYTES_LIT("config")))
        return draft_refuse(d, "action 'config': rules do not configure the sensor: use its settings");
    for (size_t i = 0; i < N(actions); i++) {
        if (!bytes_is_nocase(word, actions[i].name))
            continue;
        d->rule->acts = actions[i].acts;
        d->rule->action = draft_str(d, bytes_str(actions[i].name));
        return d->rule->action != NULL;
    }
    return draft_refuse(
        d, "'%.*s' is no action: a rule begins with alert, pass, drop or reject, a comment with #",
        DRAFT_SHOWN(word));
}

struct ip_word {
    const char *name;
    uint8_t version;
};

static const struct ip_word ip_words[] = {{"ip4", 4}, {"ipv4", 4}, {"ip6", 6}, {"ipv6", 6}};

/* Which of the two a rule on payload sees. */
static void note_sight(struct rule_draft *d, struct bytes word)
{
    d->packets_only = bytes_eq_nocase(word, BYTES_LIT("tcp-pkt"));
    d->stream_only = bytes_eq_nocase(word, BYTES_LIT("tcp-stream"));
    if (d->packets_only || d->stream_only)
        draft_traffic_only(
            d, "protocols tcp-pkt and tcp-stream: sightings are understood messages, neither packets "
               "nor streams: write tcp");
}

static bool read_protocol(struct rule_draft *d, struct bytes word)
{
    const char *reason = refusal_reason(refused_protocols, N(refused_protocols), word);

    if (reason)
        return draft_refuse(d, "protocol '%.*s': %s", DRAFT_SHOWN(word), reason);
    for (size_t i = 0; i < N(protocols); i++) {
        if (!bytes_is_nocase(word, protocols[i].name))
            continue;
        d->rule->match->proto = protocols[i].proto;
        d->rule->match->app_proto = protocols[i].app_proto;
        note_sight(d, word);
        return true;
    }
    for (size_t i = 0; i < N(ip_words); i++) {
        if (!bytes_eq(word, bytes_str(ip_words[i].name)))
            continue;
        d->rule->match->version = ip_words[i].version;
        return true;
    }
    return draft_refuse(
        d,
        "protocol '%.*s' is not read: write ip, tcp, udp, http, websocket, dns, ldap, rmi, giop, tls, smtp, "
        "ssh, ftp, sip, syslog, gelf, mqtt, redis "
        "or minecraft",
        DRAFT_SHOWN(word));
}

bool draft_app_known(struct bytes name)
{
    for (size_t i = 0; i < N(protocols); i++)
        if (protocols[i].app_proto && bytes_eq(name, bytes_str(protocols[i].name)))
            return true;
    return false;
}

static bool read_direction(struct rule_draft *d, struct bytes word)
{
    d->rule->match->both_ways = bytes_eq(word, BYTES_LIT("<>"));
    if (d->rule->match->both_ways || bytes_eq(word, BYTES_LIT("->")))
        return true;
    return draft_refuse(d, "'%.*s' is no direction: write -> or <>", DRAFT_SHOWN(word));
}

static bool read_scope(struct rule_draft *d, const char *what, enum scope_kind kind, struct bytes word,
                       const struct scope **out)
{
    struct complaint reason = {0};

    *out = scope_read(d->vars, kind, word, d->pool, &reason);
    return *out || draft_refuse(d, "%s: %s", what, reason.text);
}

bool draft_head(struct rule_draft *d, struct bytes head)
{
    struct rule_match *m = d->rule->match;
    struct bytes word[7];
    unsigned n = 0;

    for (head = bytes_trim(head); head.len && n < N(word); head = bytes_trim(head))
        word[n++] = next_word(&head);
    if (n > 0 && !read_action(d, word[0]))
        return false;
    if (n < N(word) || head.len)
        return draft_refuse(
            d,
            "the header has %s than seven words: write alert PROTOCOL ADDRESSES PORTS -> ADDRESSES "
            "PORTS (...)",
            head.len ? "more" : "fewer");
    if (!read_protocol(d, word[1]) || !read_scope(d, "source address", SCOPE_ADDRESSES, word[2], &m->src) ||
        !read_scope(d, "source port", SCOPE_PORTS, word[3], &m->src_port) || !read_direction(d, word[4]) ||
        !read_scope(d, "destination address", SCOPE_ADDRESSES, word[5], &m->dst) ||
        !read_scope(d, "destination port", SCOPE_PORTS, word[6], &m->dst_port))
        return false;
    m->src_written = draft_str(d, word[2]);
    m->src_port_written = draft_str(d, word[3]);
    m->dst_written = draft_str(d, word[5]);
    m->dst_port_written = draft_str(d, word[6]);
    if (!m->src_written || !m->src_port_written || !m->dst_written || !m->dst_port_written)
        return false;
    /* Both ends the same: exchanged, they are the same rule. */
    if (bytes_eq(word[2], word[5]) && bytes_eq(word[3], word[6]))
        m->both_ways = false;
    return true;
}
