/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_class.h"

#include <stdlib.h>
#include <string.h>

/* Names, texts and priorities are those of Suricata 7, so that severities and categories mean the same in
 * both. */
static const struct rule_class built_in[] = {
    {"not-suspicious", "Not Suspicious Traffic", 3},
    {"unknown", "Unknown Traffic", 3},
    {"bad-unknown", "Potentially Bad Traffic", 2},
    {"attempted-recon", "Attempted Information Leak", 2},
    {"successful-recon-limited", "Information Leak", 2},
    {"successful-recon-largescale", "Large Scale Information Leak", 2},
    {"attempted-dos", "Attempted Denial of Service", 2},
    {"successful-dos", "Denial of Service", 2},
    {"attempted-user", "Attempted User Privilege Gain", 1},
    {"unsuccessful-user", "Unsuccessful User Privilege Gain", 1},
    {"successful-user", "Successful User Privilege Gain", 1},
    {"attempted-admin", "Attempted Administrator Privilege Gain", 1},
    {"successful-admin", "Successful Administrator Privilege Gain", 1},
    {"rpc-portmap-decode", "Decode of an RPC Query", 2},
    {"shellcode-detect", "Executable code was detected", 1},
    {"string-detect", "A suspicious string was detected", 3},
    {"suspicious-filename-detect", "A suspicious filename was detected", 2},
    {"suspicious-login", "An attempted login using a suspicious username was detected", 2},
    {"system-call-detect", "A system call was detected", 2},
    {"tcp-connection", "A TCP connection was detected", 4},
    {"trojan-activity", "A Network Trojan was detected", 1},
    {"unusual-client-port-connection", "A client was using an unusual port", 2},
    {"network-scan", "Detection of a Network Scan", 3},
    {"denial-of-service", "Detection of a Denial of Service Attack", 2},
    {"non-standard-protocol", "Detection of a non-standard protocol or event", 2},
    {"protocol-command-decode", "Generic Protocol Command Decode", 3},
    {"web-application-activity", "access to a potentially vulnerable web application", 2},
    {"web-application-attack", "Web Application Attack", 1},
    {"misc-activity", "Misc activity", 3},
    {"misc-attack", "Misc Attack", 2},
    {"icmp-event", "Generic ICMP event", 3},
    {"inappropriate-content", "Inappropriate Content was Detected", 1},
    {"policy-violation", "Potential Corporate Privacy Violation", 1},
    {"default-login-attempt", "Attempt to login by a default username and password", 2},
    {"targeted-activity", "Targeted Malicious Activity was Detected", 1},
    {"exploit-kit", "Exploit Kit Activity Detected", 1},
    {"external-ip-check", "Device Retrieving External IP Address Detected", 2},
    {"domain-c2", "Domain Observed Used for C2 Detected", 1},
    {"pup-activity", "Possibly Unwanted Program Detected", 2},
    {"credential-theft", "Successful Credential Theft Detected", 1},
    {"social-engineering", "Possible Social Engineering Attempted", 2},
    {"coin-mining", "Crypto Currency Mining Activity Detected", 2},
    {"command-and-control", "Malware Command and Control Activity Detected", 1},
};

#define N_BUILT_IN (sizeof built_in / sizeof *built_in)

const struct rule_class *rule_class_built_in(unsigned i)
{
    return i < N_BUILT_IN ? &built_in[i] : NULL;
}

static const struct rule_class *find(const struct rule_class *list, size_t n, struct bytes name)
{
    for (size_t i = 0; i < n; i++)
        if (bytes_is_nocase(name, list[i].name))
            return &list[i];
    return NULL;
}

const struct rule_class *rule_class_find(const struct rule_classes *c, struct bytes name)
{
    const struct rule_class *own = c ? find(c->own, c->n, name) : NULL;

    return own ? own : find(built_in, N_BUILT_IN, name);
}

const char *rule_class_nearest(const struct rule_classes *c, const char *name)
{
    const char *names[N_BUILT_IN + RULE_CLASSES_MAX];
    unsigned n = 0;

    for (size_t i = 0; i < N_BUILT_IN; i++)
        names[n++] = built_in[i].name;
    for (unsigned i = 0; c && i < c->n; i++)
        names[n++] = c->own[i].name;
    return nearest_word(name, names, n);
}

/* --- an operator's file --- */

static struct rule_class *class_room(struct rule_classes *c)
{
    if (c->n == c->room) {
        unsigned room = c->room ? 2 * c->room : 32;
        struct rule_class *own = realloc(c->own, room * sizeof *own);

        if (!own)
            return NULL;
        c->own = own;
        c->room = room;
    }
    return &c->own[c->n];
}

static bool is_name(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.p[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-' &&
            c != '_')
            return false;
    }
    return b.len > 0 && b.len <= 64;
}

/* Behind the word, blanks and the ':'. False when the line does not begin so. */
static bool prefix_take(struct bytes *line)
{
    static const struct bytes words[] = {BYTES_LIT("config"), BYTES_LIT("classification"), BYTES_LIT(":")};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!bytes_starts(*line, words[i]))
            return false;
        *line = bytes_trim(bytes_from(*line, words[i].len));
    }
    return true;
}

/* "name, text, priority": commas may stand in the text. */
static bool class_split(struct bytes line, struct bytes *name, struct bytes *text, uint64_t *priority)
{
    size_t first, last;

    if (!prefix_take(&line))
        return false;
    first = bytes_find_byte(line, ',');
    for (last = line.len; last > 0 && line.p[last - 1] != ','; last--)
        ;
    if (first == BYTES_NONE || last - 1 <= first)
        return false;
    *name = bytes_trim(bytes_slice(line, 0, first));
    *text = bytes_trim(bytes_slice(line, first + 1, last - 1));
    return is_name(*name) && text->len && bytes_to_u64(bytes_trim(bytes_from(line, last)), 255, priority) &&
           *priority >= 1;
}

static bool class_read(struct rule_classes *c, struct pool *pool, struct bytes line, struct complaint *why)
{
    struct bytes name, text;
    uint64_t priority;
    struct rule_class *room;

    if (!class_split(line, &name, &text, &priority))
        return complain(why, "is no classtype: write config classification: name,text,priority (1 to 255)");
    if (bytes_find_byte(text, 0) != BYTES_NONE)
        return complain(why, "has a zero byte in it: is this a text file?");
    if (find(c->own, c->n, name))
        return true;
    room = c->n < RULE_CLASSES_MAX ? class_room(c) : NULL;
    if (!room)
        return complain(why, "is one too many: at most %d classtypes", RULE_CLASSES_MAX);
    *room = (struct rule_class){pool_str(pool, name), pool_str(pool, text), (uint32_t)priority};
    if (!room->name || !room->text)
        return complain(why, "does not fit into memory");
    c->n++;
    return true;
}

bool rule_classes_read(struct rule_classes *c, struct pool *pool, const char *name, struct bytes text,
                       struct complaint *why)
{
    for (unsigned n = 1; text.len; n++) {
        size_t end = bytes_find_byte(text, '\n');
        struct bytes line = bytes_trim(bytes_slice(text, 0, end == BYTES_NONE ? text.len : end));
        struct complaint reason = {""};

        text = bytes_from(text, end == BYTES_NONE ? text.len : end + 1);
        if (line.len && line.p[0] != '#' && !class_read(c, pool, line, &reason))
            return complain(why, "%s:%u: '%.*s' %s", name, n, (int)(line.len < 60 ? line.len : 60), line.p,
                            reason.text);
    }
    return true;
}

void rule_classes_drop(struct rule_classes *c)
{
    free(c->own);
    *c = (struct rule_classes){0};
}
