/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/ioc.h"
#include "base/mix.h"
#include "correlate/ioc_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* In memory, one piece each: the item, its key, its text. */
struct item {
    struct ioc ioc;
    uint64_t hash;
    uint16_t key_len, text_len;
    uint8_t key_kind;
    uint8_t bytes[]; /* key, text, zero */
};

struct list_name {
    struct list_name *next;
    char text[];
};

struct iocs {
    struct item **items;
    size_t n, cap, max_items;
    uint32_t *slots; /* open addressing: 1 + index, 0 for none; at most half of them in use */
    size_t n_slots;  /* a power of two */
    uint64_t seed;
    struct ioc_lengths lengths;
    size_t n_kind[IOC_KIND_N];
    struct list_name *names;
};

static const char *const kind_names[IOC_KIND_N] = {
    [IOC_DOMAIN] = "domain", [IOC_ADDRESS] = "address", [IOC_NETWORK] = "network",
    [IOC_SERVER] = "server", [IOC_URL] = "url",         [IOC_SHA256] = "sha256",
};

const char *ioc_kind_name(enum ioc_kind k)
{
    return kind_names[k];
}

struct iocs *iocs_new(size_t max_items)
{
    struct iocs *s = calloc(1, sizeof *s);
    uint64_t secrets[MIX_SECRETS];

    if (!s)
        return NULL;
    mix_secrets(false, secrets);
    s->seed = secrets[0];
    s->max_items = max_items < UINT32_MAX / 4 ? max_items : UINT32_MAX / 4;
    return s;
}

void iocs_free(struct iocs *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        free(s->items[i]);
    while (s->names) {
        struct list_name *next = s->names->next;

        free(s->names);
        s->names = next;
    }
    free(s->items);
    free(s->slots);
    free(s);
}

size_t iocs_n(const struct iocs *s)
{
    return s ? s->n : 0;
}

const struct ioc *iocs_at(const struct iocs *s, size_t i)
{
    return i < s->n ? &s->items[i]->ioc : NULL;
}

/* --- the table --- */

static uint32_t *slot_of(const struct iocs *s, const struct ioc_key *k, uint64_t hash)
{
    size_t at = hash & (s->n_slots - 1);

    for (;; at = (at + 1) & (s->n_slots - 1)) {
        const struct item *i = s->slots[at] ? s->items[s->slots[at] - 1] : NULL;

        if (!i || (i->hash == hash && i->key_kind == k->kind && i->key_len == k->len &&
                   memcmp(i->bytes, k->bytes, k->len) == 0))
            return &s->slots[at];
    }
}

static const struct ioc *find(const struct iocs *s, const struct ioc_key *k)
{
    uint32_t slot;

    if (s->n == 0)
        return NULL;
    slot = *slot_of(s, k, ioc_key_hash(k, s->seed));
    return slot ? &s->items[slot - 1]->ioc : NULL;
}

static bool grow(struct iocs *s)
{
    size_t n_slots = s->n_slots ? s->n_slots * 2 : 256, cap = n_slots / 2;
    struct item **items = realloc(s->items, cap * sizeof *items);
    uint32_t *slots = items ? calloc(n_slots, sizeof *slots) : NULL;

    if (items)
        s->items = items;
    if (!slots)
        return false;
    for (size_t i = 0; i < s->n; i++) {
        size_t at = s->items[i]->hash & (n_slots - 1);

        while (slots[at])
            at = (at + 1) & (n_slots - 1);
        slots[at] = (uint32_t)i + 1;
    }
    free(s->slots);
    s->slots = slots;
    s->n_slots = n_slots;
    s->cap = cap;
    return true;
}

/* --- reading --- */

/* One line of a list. */
struct spot {
    struct iocs *iocs;
    const char *path, *list;
    unsigned line;
    struct complaint *why;
};

/* As much of an operator's line as helps to find it, without what a terminal would obey. */
static const char *shown(struct bytes b, char out[64])
{
    size_t n = b.len < 60 ? b.len : 60;

    for (size_t i = 0; i < n; i++)
        out[i] = b.p[i] > ' ' && b.p[i] < 0x7f ? (char)b.p[i] : '?';
    out[n] = '\0';
    return out;
}

static bool refuse(const struct spot *at, struct bytes item, const char *what)
{
    char text[64];

    return complain(at->why, "%s:%u: '%s' %s", at->path, at->line, shown(item, text), what);
}

static bool add(const struct spot *at, enum ioc_kind kind, const struct ioc_key *k, struct bytes text)
{
    struct iocs *s = at->iocs;
    uint64_t hash = ioc_key_hash(k, s->seed);
    struct item *i;
    uint32_t *slot;

    if (s->n == s->cap && !grow(s))
        return complain(at->why, "%s:%u: memory is short", at->path, at->line);
    slot = slot_of(s, k, hash);
    if (*slot)
        return true;
    if (s->n >= s->max_items)
        return complain(at->why,
                        "%s:%u: more than %zu items in all: raise iocs.max-items, or shorten the lists",
                        at->path, at->line, s->max_items);
    i = malloc(sizeof *i + k->len + text.len + 1);
    if (!i)
        return complain(at->why, "%s:%u: memory is short", at->path, at->line);
    memcpy(i->bytes, k->bytes, k->len);
    memcpy(i->bytes + k->len, text.p, text.len);
    i->bytes[k->len + text.len] = '\0';
    i->hash = hash;
    i->key_kind = k->kind;
    i->key_len = k->len;
    i->text_len = (uint16_t)text.len;
    i->ioc = (struct ioc){kind, at->line, at->list, (const char *)i->bytes + k->len};
    s->items[s->n++] = i;
    s->n_kind[kind]++;
    *slot = (uint32_t)s->n;
    return true;
}

/* An address or a network. Prefixes that take in a large part of the world are slips of the pen. */
static bool add_net(const struct spot *at, struct bytes item)
{
    char text[ADDR_TEXT + 8];
    struct ioc_key k;
    struct net net;
    unsigned whole, least;

    if (!net_parse(item, &net))
        return refuse(at, item, "is no address and no network: write 203.0.113.9 or 2001:db8::/32");
    whole = net.addr.version == 4 ? 32 : 128;
    least = net.addr.version == 4 ? 8 : 16;
    if (net.prefix_bits < least)
        return refuse(at, item, "names a large part of the world: write the networks that are meant");
    ioc_key_net(&k, &net.addr, net.prefix_bits);
    ioc_lengths_add(&at->iocs->lengths, net.addr.version, net.prefix_bits);
    addr_print(&net.addr, text);
    if (net.prefix_bits < whole)
        snprintf(text + strlen(text), 8, "/%u", net.prefix_bits);
    return add(at, net.prefix_bits < whole ? IOC_NETWORK : IOC_ADDRESS, &k, bytes_str(text));
}

static bool add_key(const struct spot *at, enum ioc_kind kind, const struct ioc_key *k)
{
    return add(at, kind, k, bytes_of(k->bytes, k->len));
}

static bool add_domain(const struct spot *at, struct bytes item)
{
    struct ioc_key k;

    if (bytes_starts(item, BYTES_LIT("*.")))
        item = bytes_from(item, 2);
    else if (bytes_starts(item, BYTES_LIT(".")))
        item = bytes_from(item, 1);
    if (!ioc_key_domain(&k, item))
        return refuse(at, item,
                      "is no domain: two labels at least, of letters, digits, - and _ (others as xn--)");
    return add_key(at, IOC_DOMAIN, &k);
}

static bool add_server(const struct spot *at, struct bytes item)
{
    struct ioc_key k;
    struct bytes host;
    uint16_t port;

    if (!ioc_server_split(item, &host, &port) || !ioc_key_server(&k, host, port))
        return refuse(at, item, "is no server: write host:port, an IPv6 address in brackets");
    return add_key(at, IOC_SERVER, &k);
}

static bool is_printable(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.p[i] <= ' ' || b.p[i] > '~')
            return false;
    return true;
}

static bool add_url(const struct spot *at, struct bytes item)
{
    struct ioc_key k;

    if (!is_printable(item) || !ioc_key_url(&k, item))
        return refuse(at, item, "is no URL: scheme://host[:port]/path in printable ASCII");
    return add_key(at, IOC_URL, &k);
}

static bool add_sha256(const struct spot *at, struct bytes item)
{
    struct ioc_key k;

    if (!ioc_key_sha256(&k, item))
        return refuse(at, item, "is no SHA-256: 64 hexadecimal digits");
    return add_key(at, IOC_SHA256, &k);
}

static bool add_as(const struct spot *at, enum ioc_kind kind, struct bytes item)
{
    switch (kind) {
    case IOC_ADDRESS:
    case IOC_NETWORK:
        return add_net(at, item);
    case IOC_SERVER:
        return add_server(at, item);
    case IOC_URL:
        return add_url(at, item);
    case IOC_SHA256:
        return add_sha256(at, item);
    default:
        return add_domain(at, item);
    }
}

/* What it looks like. */
static enum ioc_kind kind_of(struct bytes item)
{
    struct ioc_key k;
    struct bytes host;
    uint16_t port;
    struct net net;

    if (bytes_find(item, BYTES_LIT("://")) != BYTES_NONE)
        return IOC_URL;
    if (ioc_key_sha256(&k, item))
        return IOC_SHA256;
    if (net_parse(item, &net) || bytes_find_byte(item, '/') != BYTES_NONE)
        return IOC_NETWORK;
    return ioc_server_split(item, &host, &port) ? IOC_SERVER : IOC_DOMAIN;
}

/* Reports write evil[.]example and hxxp:// so that nobody clicks on it. Undone in place. */
static struct bytes refang(struct bytes item, uint8_t out[IOC_TEXT_MAX])
{
    static const struct {
        struct bytes from;
        const char *to;
    } rows[] = {{BYTES_LIT("[.]"), "."},
                {BYTES_LIT("(.)"), "."},
                {BYTES_LIT("[:]"), ":"},
                {BYTES_LIT("[://]"), "://"}};
    size_t n = 0, at = 0;

    if (bytes_starts_nocase(item, BYTES_LIT("hxxp"))) {
        memcpy(out, "http", 4);
        n = at = 4;
    }
    while (at < item.len) {
        size_t row = 0, n_rows = sizeof rows / sizeof *rows;

        while (row < n_rows && !bytes_starts(bytes_from(item, at), rows[row].from))
            row++;
        if (row == n_rows) {
            out[n++] = item.p[at++];
            continue;
        }
        memcpy(out + n, rows[row].to, strlen(rows[row].to));
        n += strlen(rows[row].to);
        at += rows[row].from.len;
    }
    return bytes_of(out, n);
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* What stands before the comment: # at the beginning, or after a blank; a URL may have one inside. */
static struct bytes without_comment(struct bytes line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.p[i] == '#' && (i == 0 || is_blank(line.p[i - 1])))
            return bytes_slice(line, 0, i);
    return line;
}

static bool read_line(const struct spot *at, struct bytes line)
{
    uint8_t space[IOC_TEXT_MAX];
    struct bytes item = bytes_trim(without_comment(line)), word;
    size_t blank = 0;

    if (item.len == 0)
        return true;
    if (item.len > IOC_TEXT_MAX)
        return refuse(at, item, "is longer than 1024 bytes");
    while (blank < item.len && !is_blank(item.p[blank]))
        blank++;
    if (blank == item.len) {
        item = refang(item, space);
        return add_as(at, kind_of(item), item);
    }
    word = bytes_slice(item, 0, blank);
    item = bytes_trim(bytes_from(item, blank));
    for (enum ioc_kind k = 0; k < IOC_KIND_N; k++)
        if (bytes_eq_nocase(word, bytes_str(kind_names[k])))
            return add_as(at, k, refang(item, space));
    return refuse(at, word,
                  "is no kind of item: one item a line, before it nothing or domain, address, "
                  "network, server, url, sha256");
}

/* "/etc/lists/scanners.list" as "scanners". */
static const char *list_name(struct iocs *s, const char *path)
{
    const char *slash = strrchr(path, '/'), *begin = slash ? slash + 1 : path, *dot = strrchr(begin, '.');
    size_t len = dot && dot > begin ? (size_t)(dot - begin) : strlen(begin);
    struct list_name *name = calloc(1, sizeof *name + len + 1);

    if (!name)
        return NULL;
    memcpy(name->text, begin, len);
    name->next = s->names;
    s->names = name;
    return name->text;
}

bool iocs_add_text(struct iocs *s, const char *path, struct bytes text, struct complaint *why)
{
    struct spot at = {.iocs = s, .path = path, .list = list_name(s, path), .why = why};

    if (!at.list)
        return complain(why, "%s: memory is short", path);
    if (bytes_starts(text, BYTES_LIT("\xef\xbb\xbf"))) /* the mark that some editors put in front of UTF-8 */
        text = bytes_from(text, 3);
    while (text.len > 0) {
        size_t end = bytes_find_byte(text, '\n');

        at.line++;
        if (!read_line(&at, bytes_slice(text, 0, end)))
            return false;
        text = bytes_from(text, end == BYTES_NONE ? text.len : end + 1);
    }
    return true;
}

/* Line by line: lists of many megabytes are usual. */
bool iocs_add_file(struct iocs *s, const char *path, struct complaint *why)
{
    struct spot at = {.iocs = s, .path = path, .list = list_name(s, path), .why = why};
    FILE *file = at.list ? fopen(path, "re") : NULL;
    char *line = NULL;
    size_t room = 0;
    struct stat st;
    ssize_t n;
    bool good = true;

    if (!file)
        return complain(why, "%s: cannot read the list: %s", path, strerror(errno));
    if (fstat(fileno(file), &st) != 0 || !S_ISREG(st.st_mode)) { /* it is read again on request */
        fclose(file);
        return complain(why, "%s: cannot read the list: not a file", path);
    }
    while (good && (n = getline(&line, &room, file)) >= 0) {
        struct bytes b = bytes_of(line, (size_t)n);

        at.line++;
        if (at.line == 1 && bytes_starts(b, BYTES_LIT("\xef\xbb\xbf")))
            b = bytes_from(b, 3);
        good = read_line(&at, b);
    }
    if (good && ferror(file))
        good = complain(why, "%s: cannot read the list: %s", path, strerror(errno));
    free(line);
    fclose(file);
    return good;
}

/* --- questions --- */

const struct ioc *iocs_by_addr(const struct iocs *s, const struct addr *a)
{
    unsigned bits = 129;
    struct ioc_key k;

    if (!s || a->version == 0 || s->n_kind[IOC_ADDRESS] + s->n_kind[IOC_NETWORK] == 0)
        return NULL;
    while (ioc_lengths_next(&s->lengths, a->version, &bits)) {
        const struct ioc *i;

        ioc_key_net(&k, a, bits);
        i = find(s, &k);
        if (i)
            return i;
    }
    return NULL;
}

const struct ioc *iocs_by_host(const struct iocs *s, struct bytes host)
{
    const struct ioc *i = NULL;
    struct ioc_key k;
    struct addr a;
    size_t at = 0;

    if (!s || s->n == 0)
        return NULL;
    if (addr_parse(host, &a))
        return iocs_by_addr(s, &a);
    while (!i && ioc_walk_domains(host, &at, &k))
        i = find(s, &k);
    return i;
}

const struct ioc *iocs_by_server(const struct iocs *s, struct bytes host, uint16_t port)
{
    struct ioc_key k;

    return s && s->n_kind[IOC_SERVER] > 0 && ioc_key_server(&k, host, port) ? find(s, &k) : NULL;
}

const struct ioc *iocs_by_server_addr(const struct iocs *s, const struct addr *a, uint16_t port)
{
    char text[ADDR_TEXT];

    if (!s || s->n_kind[IOC_SERVER] == 0)
        return NULL;
    addr_print(a, text);
    return iocs_by_server(s, bytes_str(text), port);
}

const struct ioc *iocs_by_url(const struct iocs *s, struct bytes url)
{
    size_t query = bytes_find_byte(url, '?');
    const struct ioc *i;
    struct ioc_key k;

    if (!s || s->n_kind[IOC_URL] == 0 || !ioc_key_url(&k, url))
        return NULL;
    i = find(s, &k);
    if (i || query == BYTES_NONE || !ioc_key_url(&k, bytes_slice(url, 0, query)))
        return i;
    return find(s, &k);
}

const struct ioc *iocs_by_sha256(const struct iocs *s, struct bytes hex)
{
    struct ioc_key k;

    return s && s->n_kind[IOC_SHA256] > 0 && ioc_key_sha256(&k, hex) ? find(s, &k) : NULL;
}

void ioc_lists_free(struct ioc_lists *l)
{
    iocs_free(l->bad);
    iocs_free(l->allowed);
    iocs_free(l->never);
    *l = (struct ioc_lists){NULL, NULL, NULL};
}
