/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/places.h"
#include "base/addr.h"
#include "base/base64.h"
#include "base/buf.h"

#define WORDS_MAX    128 /* of one line */
#define NESTED_MAX   2   /* base64 in base64 */
#define BLOB_MIN     12  /* characters of base64 that may be a line; shorter ones are words */
#define BLOB_MAX     4096
#define NUMBER_AFTER 2 /* words behind a host in which its port may stand: $p=4444 has one between */

bool place_authority(struct bytes authority, uint64_t n, struct bytes *host, uint16_t *port)
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

bool place_url(struct bytes url, struct bytes *host, uint16_t *port)
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
    return place_authority(bytes_slice(authority, 0, end), n, host, port);
}

/* --- lines for a shell --- */

struct search {
    void (*fn)(void *arg, struct bytes host, uint16_t port);
    void *arg;
    unsigned n, depth;
};

static void tell(struct search *x, struct bytes host, uint16_t port)
{
    if (x->n == PLACES_MAX || port == 0)
        return;
    x->n++;
    x->fn(x->arg, host, port);
}

static bool ends_url(uint8_t c)
{
    return c <= ' ' || c >= 0x7f || memchr("\"'`<>|;&)},", c, 12) != NULL;
}

static bool ends_word(uint8_t c)
{
    return c <= ' ' || c >= 0x7f || memchr("\"'`<>|;&(){},=$", c, 15) != NULL;
}

/* What is longer than a separator stands in a text between two of them. */
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

static void find_urls(struct search *x, struct bytes text)
{
    while (x->n < PLACES_MAX) {
        size_t at = bytes_find(text, BYTES_LIT("://")), from = at, end = at;
        struct bytes host;
        uint16_t port;

        if (at == BYTES_NONE)
            return;
        while (from > 0 && ascii_lower(text.p[from - 1]) >= 'a' && ascii_lower(text.p[from - 1]) <= 'z')
            from--;
        while (end < text.len && !ends_url(text.p[end]))
            end++;
        if (place_url(bytes_slice(text, from, end), &host, &port))
            tell(x, host, port);
        text = bytes_from(text, end);
    }
}

static size_t digits(struct bytes text)
{
    size_t n = 0;

    while (n < text.len && text.p[n] >= '0' && text.p[n] <= '9')
        n++;
    return n;
}

static void find_redirections(struct search *x, struct bytes text)
{
    size_t at, slash;
    uint64_t port;

    while (x->n < PLACES_MAX && (at = bytes_find(text, BYTES_LIT("/dev/tcp/"))) != BYTES_NONE) {
        struct bytes host;

        text = bytes_from(text, at + 9);
        slash = bytes_find_byte(text, '/');
        if (slash == BYTES_NONE)
            return;
        host = bytes_slice(text, 0, slash);
        text = bytes_from(text, slash + 1);
        if (host.len > 0 && bytes_to_u64(bytes_slice(text, 0, digits(text)), UINT16_MAX, &port))
            tell(x, host, (uint16_t)port);
    }
}

/* An address, or labels between dots of which the last has letters alone: 1.5 and v1.2.3 are none. */
static bool is_host(struct bytes text)
{
    size_t last = 0;
    struct addr a;

    if (addr_parse(text, &a))
        return true;
    if (text.len > 253 || bytes_find_byte(text, '.') == BYTES_NONE)
        return false;
    for (size_t k = 0; k < text.len; k++) {
        uint8_t c = ascii_lower(text.p[k]);

        if (c == '.')
            last = k + 1;
        else if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    for (size_t k = last; k < text.len; k++)
        if (ascii_lower(text.p[k]) < 'a' || ascii_lower(text.p[k]) > 'z')
            return false;
    return text.len - last >= 2 && text.p[0] != '.' && text.p[0] != '-';
}

/* HOST:PORT, [HOST]:PORT, user@HOST:PORT, socat's TCP:HOST:PORT, any of them with a path behind it. */
static bool take_pair(struct bytes word, struct bytes *host, uint16_t *port)
{
    size_t end = 0, colon;
    uint64_t n;

    while (end < word.len && word.p[end] != '/' && word.p[end] != '?')
        end++;
    word = bytes_slice(word, 0, end);
    for (colon = word.len; colon > 0 && word.p[colon - 1] != ':';)
        colon--;
    if (colon < 2 || !bytes_to_u64(bytes_from(word, colon), UINT16_MAX, &n))
        return false;
    *host = bytes_slice(word, 0, colon - 1);
    *port = (uint16_t)n;
    if (host->p[host->len - 1] == ']') {
        size_t open = bytes_find_byte(*host, '[');

        *host = open == BYTES_NONE ? *host : bytes_slice(*host, open + 1, host->len - 1);
    } else {
        for (size_t k = host->len; k > 0; k--)
            if (host->p[k - 1] == ':' || host->p[k - 1] == '@') {
                *host = bytes_from(*host, k);
                break;
            }
    }
    return is_host(*host);
}

/* Programs whose next host is fetched over HTTP when no scheme is written. */
static bool fetches(struct bytes word)
{
    static const struct bytes programs[] = {BYTES_LIT("curl"),
                                            BYTES_LIT("wget"),
                                            BYTES_LIT("iwr"),
                                            BYTES_LIT("irm"),
                                            BYTES_LIT("Invoke-WebRequest"),
                                            BYTES_LIT("Invoke-RestMethod"),
                                            BYTES_LIT("lwp-download"),
                                            BYTES_LIT("curl.exe"),
                                            BYTES_LIT("wget.exe")};

    for (size_t k = word.len; k > 0; k--)
        if (word.p[k - 1] == '/' || word.p[k - 1] == '\\') {
            word = bytes_from(word, k);
            break;
        }
    for (size_t k = 0; k < sizeof programs / sizeof *programs; k++)
        if (bytes_eq_nocase(word, programs[k]))
            return true;
    return false;
}

static void find_words(struct search *x, struct bytes text)
{
    struct bytes word, host, waiting = {NULL, 0};
    unsigned since = 0;
    bool fetching = false;

    for (unsigned n = 0; n < WORDS_MAX && (word = next_word(&text)).len > 0; n++, since++) {
        uint64_t number;
        uint16_t port;

        if (waiting.p && since <= NUMBER_AFTER && bytes_to_u64(word, UINT16_MAX, &number) && number > 0) {
            tell(x, waiting, (uint16_t)number);
            waiting.p = NULL;
        } else if (bytes_find(word, BYTES_LIT("://")) != BYTES_NONE) {
            fetching = false; /* told as a URL */
        } else if (take_pair(word, &host, &port)) {
            tell(x, host, port);
            fetching = false;
        } else {
            host = bytes_slice(word, 0, bytes_find_byte(word, '/'));
            if (is_host(host)) {
                if (fetching)
                    tell(x, host, 80);
                fetching = false;
                waiting = host.len == word.len ? host : (struct bytes){NULL, 0};
                since = 0;
            } else {
                fetching = fetching || fetches(word);
            }
        }
    }
}

/* Text as it is, or as UTF-16LE of characters below 256, which becomes text in place. False when it is
 * neither. */
static bool to_text(struct buf *b)
{
    bool wide = b->len >= 2 && b->len % 2 == 0 && b->p[1] == 0;
    size_t n = 0;

    for (size_t k = 0; k < b->len; k += wide ? 2 : 1) {
        uint8_t c = b->p[k];

        if ((wide && b->p[k + 1] != 0) || c >= 0x7f || (c < ' ' && !memchr("\t\n\r", c, 3)))
            return false;
        b->p[n++] = c;
    }
    b->len = n;
    return n > 0;
}

static void find_in(struct search *x, struct bytes text);

static void find_blobs(struct search *x, struct bytes text)
{
    struct bytes word;

    for (unsigned n = 0; n < WORDS_MAX && (word = next_word(&text)).len > 0; n++) {
        struct buf plain = buf_within(BLOB_MAX);

        if (word.len >= BLOB_MIN && word.len <= BLOB_MAX && base64_decode(&plain, word) >= word.len &&
            to_text(&plain)) {
            x->depth++;
            find_in(x, buf_bytes(&plain));
            x->depth--;
        }
        buf_drop(&plain);
    }
}

static void find_in(struct search *x, struct bytes text)
{
    find_urls(x, text);
    find_redirections(x, text);
    find_words(x, text);
    if (x->depth < NESTED_MAX)
        find_blobs(x, text);
}

void places_find(struct bytes text, void (*fn)(void *arg, struct bytes host, uint16_t port), void *arg)
{
    struct search x = {.fn = fn, .arg = arg};

    find_in(&x, text);
}
