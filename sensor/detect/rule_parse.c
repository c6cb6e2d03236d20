/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_parse.h"
#include "detect/rule_draft.h"

#include <stdlib.h>

void rule_lines_over(struct rule_lines *l, struct bytes text)
{
    /* Some editors put a byte order mark in front. */
    if (bytes_starts(text, BYTES_LIT("\xef\xbb\xbf")))
        text = bytes_from(text, 3);
    l->rest = text;
    l->line = 1;
    l->first = 1;
}

static struct bytes next_line(struct rule_lines *l)
{
    size_t end = bytes_find_byte(l->rest, '\n');
    struct bytes line = bytes_trim(bytes_slice(l->rest, 0, end));

    l->rest = end == BYTES_NONE ? bytes_from(l->rest, l->rest.len) : bytes_from(l->rest, end + 1);
    l->line++;
    return line;
}

enum rule_line rule_lines_next(struct rule_lines *l, struct bytes *text)
{
    size_t n = 0;
    bool more = false, begun = false, fits = true;

    while (l->rest.len && (more || !begun)) {
        unsigned number = l->line;
        struct bytes line = next_line(l);

        if (!begun && (!line.len || line.p[0] == '#'))
            continue;
        if (!begun)
            l->first = number;
        begun = true;
        more = line.len && line.p[line.len - 1] == '\\';
        line.len -= more;
        /* One that is too long is passed over to its end: the next rule begins after it. */
        fits = fits && line.len + more <= sizeof l->joined - n;
        if (!fits)
            continue;
        if (line.len)
            memcpy(l->joined + n, line.p, line.len);
        n += line.len;
        /* The line's own blanks are gone: words on two lines stay two words. */
        if (more)
            l->joined[n++] = ' ';
    }
    *text = bytes_of(l->joined, n);
    return !begun ? RULE_LINE_END : fits ? RULE_LINE_GIVEN : RULE_LINE_TOO_LONG;
}

/* Best effort, so that complaints about options in front of the sid can name it. */
static uint32_t find_sid(struct bytes text)
{
    static const struct bytes word = {(const uint8_t *)"sid:", 4};
    size_t at = 0, found;
    uint64_t sid = 0;

    while ((found = bytes_find(bytes_from(text, at), word)) != BYTES_NONE) {
        struct bytes rest = bytes_from(text, at + found + word.len);
        size_t begin = at + found;

        at = begin + word.len;
        if (begin > 0 && text.p[begin - 1] != ';' && text.p[begin - 1] != ' ' && text.p[begin - 1] != '(')
            continue;
        if (bytes_to_u64(bytes_trim(bytes_slice(rest, 0, bytes_find_byte(rest, ';'))), UINT32_MAX, &sid))
            return (uint32_t)sid;
    }
    return 0;
}

/* Length of a value up to its ';', which is not part of it. BYTES_NONE, and refused, when there is no end. A
 * quoted value ends at its quote, and only blanks may follow. */
static size_t value_len(struct rule_draft *d, struct bytes v)
{
    size_t i = 0;
    bool quoted;

    while (i < v.len && (v.p[i] == ' ' || v.p[i] == '\t' || v.p[i] == '!'))
        i++;
    quoted = i < v.len && v.p[i] == '"';
    for (i += quoted; i < v.len; i++) {
        if (v.p[i] == '\\') {
            i++;
        } else if (quoted && v.p[i] == '"') {
            struct bytes after = bytes_from(v, i + 1);
            size_t end = bytes_find_byte(after, ';');

            if (end != BYTES_NONE && !bytes_trim(bytes_slice(after, 0, end)).len)
                return i + 1 + end;
            draft_refuse(d, "text follows the closing quote: put ';' right after it, a quote inside is \\\"");
            return BYTES_NONE;
        } else if (v.p[i] == ';') {
            if (!quoted)
                return i;
            draft_refuse(
                d, "a ';' stands inside the quotes, or the closing quote is missing: write \\; or |3b|");
            return BYTES_NONE;
        }
    }
    draft_refuse(d, quoted ? "the closing quote is missing: write one"
                           : "the ';' after it is missing: write one");
    return BYTES_NONE;
}

static bool is_word(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

/* Takes one option off the front of rest. */
static bool next_option(struct rule_draft *d, struct bytes *rest, struct rule_option *o)
{
    size_t n = 0, len;

    while (n < rest->len && is_word(rest->p[n]))
        n++;
    *o = (struct rule_option){.keyword = bytes_slice(*rest, 0, n)};
    if (n == 0)
        return draft_refuse(d, "'%.*s' is no option: write keyword; or keyword:value;", DRAFT_SHOWN(*rest));
    d->option = o;
    *rest = bytes_trim(bytes_from(*rest, n));
    o->has_value = rest->len && rest->p[0] == ':';
    if (o->has_value)
        *rest = bytes_from(*rest, 1);
    else if (!rest->len || rest->p[0] != ';')
        return draft_refuse(d, "the ';' after it is missing: write one");
    len = value_len(d, *rest);
    if (len == BYTES_NONE)
        return false;
    o->value = bytes_trim(bytes_slice(*rest, 0, len));
    *rest = bytes_trim(bytes_from(*rest, len + 1));
    return true;
}

static bool read_options(struct rule_draft *d, struct bytes rest)
{
    unsigned n = 0;

    for (rest = bytes_trim(rest); rest.len; n++) {
        struct rule_option o;

        d->option = NULL;
        if (n == RULE_MAX_OPTIONS)
            return draft_refuse(d, "a rule has at most %d options: split it", RULE_MAX_OPTIONS);
        if (!next_option(d, &rest, &o) || !draft_read_option(d, &o))
            return false;
    }
    d->option = NULL;
    return true;
}

static bool read_rule(struct rule_draft *d, struct bytes text)
{
    size_t open = bytes_find_byte(text, '(');

    if (bytes_find_byte(text, 0) != BYTES_NONE)
        return draft_refuse(d,
                            "a zero byte stands in the rule: is this a text file? Write |00| in a content");
    if (open == BYTES_NONE)
        return draft_head(d, text) &&
               draft_refuse(d, "the options are missing: write (msg:\"...\"; ... sid:N;) after the header");
    if (!draft_head(d, bytes_slice(text, 0, open)))
        return false;
    if (text.p[text.len - 1] != ')')
        return draft_refuse(
            d, "the rule does not end in ')': write it after the last ';', or a backslash at the end "
               "of a line that goes on");
    return read_options(d, bytes_slice(text, open + 1, text.len - 1)) && draft_finish(d);
}

static struct rule *rule_new(const char *file, unsigned line)
{
    struct pool pool = {0};
    struct rule *r = pool_room(&pool, sizeof *r);
    struct rule_match *m = pool_room(&pool, sizeof *m);

    if (!r || !m) {
        pool_drop(&pool);
        return NULL;
    }
    m->pool = pool;
    *r = (struct rule){.gid = 1, .priority = 3, .file = file, .line = line, .match = m};
    return r;
}

struct rule *rule_read(struct bytes text, const char *file, unsigned line, const struct rule_classes *classes,
                       struct scope_vars *vars, size_t *pcre_room, struct complaint *why)
{
    struct rule_draft *d = malloc(sizeof *d); /* filled below: it is large */
    struct rule *r = rule_new(file, line), *ready = NULL;

    if (!d || !r) {
        complain(why, "%s:%u: memory is short", file, line);
        goto out;
    }
    *d = (struct rule_draft){.rule = r,
                             .pool = &r->match->pool,
                             .classes = classes,
                             .vars = vars,
                             .why = why,
                             .sid = find_sid(text),
                             .pcre_room = pcre_room,
                             .current = DRAFT_NONE,
                             .last = DRAFT_NONE,
                             .base64 = DRAFT_NONE};
    if (!read_rule(d, text))
        goto out;
    ready = r;
    r = NULL; /* the caller owns it from here */
out:
    free(d);
    rule_free(r);
    return ready;
}

void rule_free(struct rule *r)
{
    struct pool pool;

    if (!r)
        return;
    rule_pcre_free(r->match->expressions);
    pool = r->match->pool; /* the rule lies in it */
    pool_drop(&pool);
}
