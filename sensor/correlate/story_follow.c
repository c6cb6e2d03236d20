/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/story.h"

/* Where what was seen sends the victim next: codebases, referrals, what a class or a command calls. */

#define URLS_MAX  8  /* of one answer */
#define WORDS_MAX 64 /* of one command */

/* host:port, with user@ before it perhaps; n: the port when none is written. */
bool story_authority(struct bytes authority, uint64_t n, struct bytes *host, uint16_t *port)
{
    size_t at = bytes_find_byte(authority, '@');

    if (at != BYTES_NONE)
        authority = bytes_from(authority, at + 1);
    *host = authority;
    if (authority.len > 0 && authority.p[0] == '[') {
        at = bytes_find_byte(authority, ']');
        *host = bytes_slice(authority, 1, at);
        authority = at == BYTES_NONE ? authority : bytes_from(authority, at + 1);
    }
    at = bytes_find_byte(authority, ':');
    if (at != BYTES_NONE) {
        if (host->p == authority.p)
            *host = bytes_slice(authority, 0, at);
        bytes_to_u64(bytes_from(authority, at + 1), UINT16_MAX, &n);
    }
    *port = (uint16_t)n;
    return host->len > 0 && n > 0;
}

/* http://host:port/..., and what Java's URL takes for one. False when there is no host in it. */
static bool url_take(struct bytes url, struct bytes *host, uint16_t *port)
{
    static const struct {
        struct bytes scheme;
        uint16_t port;
    } rows[] = {{BYTES_LIT("http"), 80},  {BYTES_LIT("https"), 443}, {BYTES_LIT("ftp"), 21},
                {BYTES_LIT("ldap"), 389}, {BYTES_LIT("ldaps"), 636}, {BYTES_LIT("rmi"), 1099}};
    size_t colon = bytes_find(url, BYTES_LIT("://")), end = 0;
    struct bytes authority;
    uint64_t n = 0;

    if (colon == BYTES_NONE)
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (bytes_eq_nocase(bytes_slice(url, 0, colon), rows[i].scheme))
            n = rows[i].port;
    authority = bytes_from(url, colon + 3);
    while (end < authority.len && !memchr("/?#", authority.p[end], 3))
        end++;
    return story_authority(bytes_slice(authority, 0, end), n, host, port);
}

/* A class that came from a place which is only named now was from the right one. */
static void confirm_class(struct story *s, struct incident *i, struct bytes host, uint16_t port)
{
    struct mark *m = incident_seen(i, STAGE_CLASS_DELIVERY);
    struct name_addr addrs[NAMES_ADDRS];
    unsigned n;

    if (!m || m->port != port)
        return;
    n = story_addrs(s, host, addrs);
    for (unsigned k = 0; k < n; k++)
        if (addr_eq(&addrs[k].addr, &m->peer) && m->last_us >= addrs[k].span.from_us &&
            m->first_us <= addrs[k].span.until_us)
            m->confidence = SURE_SPOKEN;
}

/* The other address of the victim has fetched the class already (find_twin in story_steps.c). */
static void join_twin(struct story *s, struct incident *i, struct bytes host, uint16_t port, uint64_t ts_us)
{
    struct name_addr addrs[NAMES_ADDRS];
    unsigned n = story_addrs(s, host, addrs);

    for (unsigned k = 0; k < n; k++) {
        struct table_key key = story_key_addr(s, KEY_ANY_SERVER, NULL, &addrs[k].addr, port);
        struct link *l = incidents_find(s->incidents, &key);

        for (unsigned f = 0; l && f < LINKS_FOLLOWED; l = incidents_next(l), f++) {
            struct incident *o = l->incident;
            const struct mark *m = incident_seen(o, STAGE_CLASS_DELIVERY);

            if (o == i || !m || o->lookup_us != UINT64_MAX || o->victim.version == i->victim.version ||
                !story_is_home(s, &o->victim) || m->first_us < ts_us || m->first_us - ts_us > TWIN_US)
                continue;
            incident_seen(o, STAGE_CLASS_DELIVERY)->confidence = SURE_SAME_HOST;
            story_absorb(s, i, o);
            return;
        }
    }
}

/* Where the answer sends the victim next. */
static void follow_urls(struct story *s, struct incident *i, const struct record *r, enum attr_id id,
                        enum link_role role)
{
    unsigned n = 0;

    for (unsigned k = 0; k < r->attrs.n && n < URLS_MAX; k++) {
        struct bytes host;
        uint16_t port;

        if (r->attrs.v[k].id != id || !url_take(r->attrs.v[k].value, &host, &port))
            continue;
        story_link_host(s, i, host, port, role);
        if (role == LINK_CODEBASE) {
            confirm_class(s, i, host, port);
            join_twin(s, i, host, port, r->head.ts_us);
        }
        n++;
    }
}

static bool has_url(const struct record *r, enum attr_id id)
{
    struct bytes host;
    uint16_t port;

    for (unsigned k = 0; k < r->attrs.n; k++)
        if (r->attrs.v[k].id == id && url_take(r->attrs.v[k].value, &host, &port))
            return true;
    return false;
}

static void follow_place(struct story *s, struct incident *i, struct bytes host, uint16_t port)
{
    story_link_host(s, i, host, port, LINK_SECOND);
    story_recall_named(s, i, host, port);
}

static bool ends_url(uint8_t c)
{
    return c <= ' ' || c >= 0x7f || memchr("\"'`<>|;&)}", c, 11) != NULL;
}

/* bash's own way to connect: /dev/tcp/HOST/PORT. */
static void follow_redirection(struct story *s, struct incident *i, struct bytes text)
{
    size_t at = bytes_find(text, BYTES_LIT("/dev/tcp/")), slash, end;
    struct bytes host;
    uint64_t port;

    if (at == BYTES_NONE)
        return;
    text = bytes_from(text, at + 9);
    slash = bytes_find_byte(text, '/');
    if (slash == BYTES_NONE)
        return;
    host = bytes_slice(text, 0, slash);
    text = bytes_from(text, slash + 1);
    for (end = 0; end < text.len && text.p[end] >= '0' && text.p[end] <= '9';)
        end++;
    if (bytes_to_u64(bytes_slice(text, 0, end), UINT16_MAX, &port))
        follow_place(s, i, host, (uint16_t)port);
}

/* Every URL in a text: a class's own, or what a command fetches. */
static void follow_text(struct story *s, struct incident *i, struct bytes text, unsigned *left)
{
    while (*left > 0) {
        size_t at = bytes_find(text, BYTES_LIT("://")), from = at, end = at;
        struct bytes host;
        uint16_t port;

        if (at == BYTES_NONE)
            return;
        while (from > 0 && ((text.p[from - 1] | 0x20) >= 'a' && (text.p[from - 1] | 0x20) <= 'z'))
            from--;
        while (end < text.len && !ends_url(text.p[end]))
            end++;
        if (url_take(bytes_slice(text, from, end), &host, &port))
            follow_place(s, i, host, port);
        --*left;
        text = bytes_from(text, end);
    }
}

static bool ends_word(uint8_t c)
{
    return c <= ' ' || memchr("\"'`<>|;&(){},", c, 13) != NULL;
}

static struct bytes next_word(struct bytes *text)
{
    size_t from = 0, end;
    struct bytes word;

    while (from < text->len && ends_word(text->p[from]))
        from++;
    for (end = from; end < text->len && !ends_word(text->p[end]);)
        end++;
    word = bytes_slice(*text, from, end);
    *text = bytes_from(*text, end);
    return word;
}

/* nc HOST PORT, and whatever else is told so: a number right behind what may be a host. */
static void follow_words(struct story *s, struct incident *i, struct bytes text)
{
    struct bytes word = next_word(&text), next;
    struct addr a;
    uint64_t port;

    for (unsigned n = 0; word.len > 0 && n < WORDS_MAX; n++, word = next) {
        next = next_word(&text);
        if (bytes_find_byte(word, '/') != BYTES_NONE || !bytes_to_u64(next, UINT16_MAX, &port) || port == 0)
            continue;
        if (addr_parse(word, &a) || bytes_find_byte(word, '.') != BYTES_NONE)
            follow_place(s, i, word, (uint16_t)port);
    }
}

void story_follow_payload(struct story *s, struct incident *i, const struct record *r)
{
    unsigned left = URLS_MAX;

    for (unsigned k = 0; k < r->attrs.n && left > 0; k++) {
        enum attr_id id = r->attrs.v[k].id;

        if (id != ATTR_JAVA_URL && id != ATTR_JAVA_COMMAND && id != ATTR_JNDI_COMMAND)
            continue;
        left--;
        follow_text(s, i, r->attrs.v[k].value, &left);
        if (id == ATTR_JAVA_URL)
            continue;
        follow_redirection(s, i, r->attrs.v[k].value);
        follow_words(s, i, r->attrs.v[k].value);
    }
}

/* What a class, or an object, has in it to call, once it runs. */
static void follow_hosts(struct story *s, struct incident *i, const struct record *r)
{
    unsigned n = 0;

    for (unsigned k = 0; k < r->attrs.n && n < URLS_MAX; k++) {
        struct bytes text = r->attrs.v[k].value, host = text;
        size_t end = text.len;
        struct table_key key;
        struct addr a;
        uint64_t port;

        if (r->attrs.v[k].id != ATTR_JAVA_HOST)
            continue;
        n++;
        while (end > 0 && text.p[end - 1] != ':')
            end--;
        if (end > 0 && bytes_to_u64(bytes_from(text, end), UINT16_MAX, &port)) {
            host = bytes_slice(text, 0, end - 1);
            if (host.len > 1 && host.p[0] == '[')
                host = bytes_slice(host, 1, host.len - 1);
            follow_place(s, i, host, (uint16_t)port);
        } else if (addr_parse(text, &a)) {
            key = story_key_addr(s, KEY_HOST, &i->victim, &a, 0);
            incidents_link(s->incidents, i, &key, LINK_SECOND, &name_span_always);
            story_recall_host(s, i, &a);
        }
    }
}

/* What an answer holds beside itself. */
void story_follow_answer(struct story *s, struct incident *i, const struct record *r, const struct step *step)
{
    follow_urls(s, i, r, ATTR_JAVA_CODEBASE, LINK_CODEBASE);
    follow_urls(s, i, r, ATTR_LDAP_REFERRAL, LINK_REFERRAL);
    follow_urls(s, i, r, ATTR_HTTP_LOCATION, LINK_CODEBASE); /* a fetch that was sent on */
    if (step->stage == STAGE_CLASS_DELIVERY || step->stage == STAGE_DESERIALIZATION)
        follow_hosts(s, i, r);
    story_follow_payload(s, i, r);
    /* Without a place to load it from, the class that does the harm is the victim's own. */
    if (step->stage == STAGE_REFERENCE && attrs_get(&r->attrs, ATTR_JAVA_FACTORY).len > 0 &&
        !has_url(r, ATTR_JAVA_CODEBASE))
        i->whole = true;
}
