/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/story.h"

/* What makes an incident although nobody saw its lookup: docs/STORIES.md, "Lookup unseen". */

enum {
    SURE_ATTACK = 60,   /* only an attack does it */
    SURE_FOLLOWED = 50, /* a class for a JVM that follows references to classes by itself */
};

static bool is_app(const struct step *step, const char *word)
{
    return strcmp(step->app_proto, word) == 0;
}

static bool has_value(const struct record *r, enum attr_id id, const char *const *values, size_t n)
{
    for (unsigned k = 0; k < r->attrs.n; k++)
        for (size_t v = 0; r->attrs.v[k].id == id && v < n; v++)
            if (bytes_eq(r->attrs.v[k].value, bytes_str(values[v])))
                return true;
    return false;
}

/* The class runs something, and has in it what that is. */
static bool runs_a_command(const struct record *r)
{
    static const char *const runs[] = {"Runtime.exec", "ProcessBuilder", "ProcessImpl",
                                       "ScriptEngine", "ELProcessor",    "GroovyShell"};

    return has_value(r, ATTR_JAVA_API, runs, sizeof runs / sizeof *runs) &&
           attrs_get(&r->attrs, ATTR_JAVA_COMMAND).len > 0;
}

/* The number that text begins with, which it then no longer has; 0 when it begins with none. */
static uint64_t take_number(struct bytes *text)
{
    uint64_t n = 0;
    size_t end = 0;

    while (end < text->len && text->p[end] >= '0' && text->p[end] <= '9')
        end++;
    bytes_to_u64(bytes_slice(*text, 0, end), UINT16_MAX, &n);
    *text = bytes_from(*text, end + 1); /* the dot or underscore, too */
    return n;
}

/* Java/1.8.0_181 follows references to classes, and so did all until 6u211, 7u201, 8u191 and 11.0.1
 * (JDK-8196902). */
static bool follows_references(struct bytes version)
{
    static const uint16_t fixed[][2] = {{6, 211}, {7, 201}, {8, 191}};
    uint64_t feature = take_number(&version), update;

    if (feature != 1) {
        uint64_t second = take_number(&version), third = take_number(&version);

        return feature == 9 || feature == 10 || (feature == 11 && second == 0 && third == 0);
    }
    feature = take_number(&version);
    (void)take_number(&version); /* 1.8.0 */
    update = take_number(&version);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (feature == fixed[i][0])
            return update < fixed[i][1];
    return feature < fixed[0][0];
}

/* A class that runs nothing is what the class loaders of applications fetch, byte for byte. Across the border
 * of a network few do, and a JVM that follows references can have been told to. Not one that names itself in
 * front of Java: an applet's fetches what a page says. */
static uint8_t class_alone(const struct story *s, const struct record *r, const struct step *step)
{
    struct bytes agent = attrs_get(&r->attrs, ATTR_HTTP_USER_AGENT), java = BYTES_LIT("Java/");

    if (!bytes_eq(attrs_get(&r->attrs, ATTR_JAVA_CONTENT), BYTES_LIT("class")))
        return 0;
    if (runs_a_command(r))
        return SURE_ATTACK;
    if (story_is_home(s, &step->server) || !bytes_starts(agent, java) ||
        callers_others(s->callers, &step->client, &step->server, step->proto, step->server_port) >= POPULAR)
        return 0;
    return follows_references(bytes_from(agent, java.len)) ? SURE_FOLLOWED : 0;
}

uint8_t story_alone(const struct story *s, const struct record *r, const struct step *step)
{
    struct bytes client = attrs_get(&r->attrs, ATTR_LDAP_CLIENT);

    if (story_is_allowed(s, &step->server))
        return 0;
    switch (step->stage) {
    case STAGE_DESERIALIZATION:
        /* Over HTTP, programs that know each other exchange objects all day. */
        return !step->fetched || attrs_get(&r->attrs, ATTR_JAVA_GADGET).p ? SURE_ATTACK : 0;
    case STAGE_REFERENCE:
    case STAGE_REFERRAL:
        return SURE_ATTACK;
    case STAGE_CALLBACK:
        return !story_is_home(s, &step->server) &&
                       (is_app(step, "rmi") || bytes_eq(client, BYTES_LIT("jndi")))
                   ? SURE_ATTACK
                   : 0;
    case STAGE_CLASS_DELIVERY:
        return class_alone(s, r, step);
    default:
        return 0;
    }
}
