/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/places.h"
#include "correlate/story.h"
#include "detect/jndi_name.h"

/* Which values came back in a callback: in the name that the protocol asks for, and in the request for the
 * Java code that its answer leads to. */

#define HTTP_PORT 80
#define ANCHOR_MIN \
    2 /* bytes before an expression that tell where it stands in a URL; one alone is anywhere */

bool story_learn_sight(struct story *s, struct incident *i, const struct leak_sight *sight)
{
    size_t before = leaks_bytes(i->leaks);
    bool fits = leaks_learn(&i->leaks, sight);

    incidents_spend(s->incidents, (long)leaks_bytes(i->leaks) - (long)before);
    if (leaks_bytes(i->leaks) > before && i->told > VERDICT_ATTEMPTED)
        i->update = true;
    return fits;
}

static void find_known(struct story *s, struct incident *i, const struct leak_sight *sight)
{
    size_t before = leaks_bytes(i->leaks);

    leaks_find(&i->leaks, sight);
    incidents_spend(s->incidents, (long)leaks_bytes(i->leaks) - (long)before);
    if (leaks_bytes(i->leaks) > before && i->told > VERDICT_ATTEMPTED)
        i->update = true;
}

static struct leak_sight sight_of(const struct asked *a, struct bytes pattern, struct bytes seen)
{
    return (struct leak_sight){.pattern = pattern,
                               .seen = seen,
                               .place = a->place,
                               .ts_us = a->ts_us,
                               .packet = a->packet,
                               .flow_id = a->flow_id};
}

static bool has_leak(const struct incident *i, bool of_host)
{
    const struct leak *l = i->leaks;

    while (l && (l->place == LEAK_HTTP || (l->place == LEAK_DNS) != of_host))
        l = l->next;
    return l != NULL;
}

/* The host of the fetch in place of the payload's. */
static void learn_host(struct story *s, struct incident *i, const struct asked *a, struct bytes pattern,
                       struct bytes authority)
{
    struct leak_sight sight = sight_of(a, pattern, authority);
    uint16_t port;

    sight.nocase = true;
    if (place_authority(authority, HTTP_PORT, &sight.seen, &port))
        story_learn_sight(s, i, &sight);
}

/* The folders of the fetch in place of the payload's path. Where an expression stands in a URL that somebody
 * else has chosen is known by the words before it; without any, everything would be a value. */
static void learn_path(struct story *s, struct incident *i, const struct asked *a, struct bytes pattern,
                       struct bytes path)
{
    size_t anchor = bytes_find(pattern, BYTES_LIT("${")), at, end = path.len;
    struct leak_sight sight;

    if (anchor == BYTES_NONE || anchor < ANCHOR_MIN)
        return;
    at = bytes_find(path, bytes_slice(pattern, 0, anchor));
    if (at == BYTES_NONE || at == 0 || path.p[at - 1] != '/')
        return;
    while (end > at && path.p[end - 1] != '/') /* the class itself */
        end--;
    if (end <= at + anchor)
        return;
    sight = sight_of(a, pattern, bytes_slice(path, at, end - 1));
    story_learn_sight(s, i, &sight);
}

/* %XX made a byte. */
static void unescape(struct bytes text, struct buf *out)
{
    for (size_t k = 0; k < text.len; k++) {
        bool escaped = text.p[k] == '%' && k + 2 < text.len && hex_value(text.p[k + 1]) >= 0 &&
                       hex_value(text.p[k + 2]) >= 0;

        if (escaped) {
            buf_add_byte(out, (uint8_t)(hex_value(text.p[k + 1]) << 4 | hex_value(text.p[k + 2])));
            k += 2;
        } else {
            buf_add_byte(out, text.p[k]);
        }
    }
}

static void learn_fetched(struct story *s, struct incident *i, const struct asked *a,
                          const struct jndi_name *n)
{
    struct buf plain = buf_within(2048);
    struct bytes text, path;
    struct leak_sight sight;
    size_t slash;

    unescape(bytes_str(a->text), &plain);
    text = buf_bytes(&plain);
    slash = bytes_find_byte(text, '/');
    path = slash == BYTES_NONE ? (struct bytes){NULL, 0} : bytes_from(text, slash);
    if (leak_is_pattern(n->host) && !has_leak(i, true))
        learn_host(s, i, a, n->host, bytes_slice(text, 0, slash == BYTES_NONE ? text.len : slash));
    if (leak_is_pattern(n->path) && !has_leak(i, false))
        learn_path(s, i, a, n->path, bytes_slice(path, 0, bytes_find_byte(path, '?')));
    sight = sight_of(a, bytes_str(i->name), text);
    find_known(s, i, &sight);
    buf_drop(&plain);
}

void story_learn_asked(struct story *s, struct incident *i)
{
    struct jndi_name n;

    if (!i->asked || !i->name)
        return;
    jndi_name_parse(bytes_str(i->name), &n);
    for (const struct asked *a = i->asked; a; a = a->next) {
        struct leak_sight sight = sight_of(a, n.path, bytes_str(a->text));

        if (a->place != LEAK_HTTP && leak_is_pattern(n.path))
            story_learn_sight(s, i, &sight);
    }
    for (const struct asked *a = i->asked; a; a = a->next)
        if (a->place == LEAK_HTTP)
            learn_fetched(s, i, a, &n);
    incidents_drop_asked(s->incidents, i, leak_is_pattern(bytes_str(i->name)));
}

/* Authority and path, whether the request was sent to a proxy or not. */
static void url_write(const struct record *r, struct buf *out)
{
    struct bytes uri = attrs_get(&r->attrs, ATTR_HTTP_URI);
    size_t colon = bytes_find(uri, BYTES_LIT("://"));

    if (uri.len == 0)
        return;
    if (uri.p[0] == '/')
        buf_add(out, attrs_get(&r->attrs, ATTR_HTTP_HOST));
    buf_add(out, uri.p[0] != '/' && colon != BYTES_NONE ? bytes_from(uri, colon + 3) : uri);
}

void story_learn_leaks(struct story *s, struct incident *i, const struct record *r, const struct step *step)
{
    static const struct {
        enum attr_id id;
        enum leak_place place;
    } rows[] = {{ATTR_LDAP_REQUEST_DN, LEAK_LDAP}, {ATTR_RMI_NAME, LEAK_RMI}, {ATTR_GIOP_NAME, LEAK_GIOP}};
    struct asked asked = {.ts_us = step->ts_us, .packet = step->packet, .flow_id = step->flow_id};
    struct buf url = buf_within(1024);

    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct bytes seen = attrs_get(&r->attrs, rows[k].id);

        asked.place = rows[k].place;
        if (seen.len > 0)
            incidents_keep_asked(s->incidents, i, seen, &asked);
    }
    asked.place = LEAK_HTTP;
    if (attrs_get(&r->attrs, ATTR_JAVA_FETCH).len > 0)
        url_write(r, &url);
    if (url.len > 0)
        incidents_keep_asked(s->incidents, i, buf_bytes(&url), &asked);
    buf_drop(&url);
    story_learn_asked(s, i);
}
