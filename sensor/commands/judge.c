/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/judge.h"
#include "commands/lines.h"

#include <stdlib.h>

#define TEXT_SPACE  131072 /* the longest part of a line, and the braces */
#define NAMES_SPACE 65536  /* of names told for one line */
#define N_BRACES    48     /* closes more than lookup.max-depth lets be open */

struct judge {
    struct scan *scan;
    struct resolver *resolver;
    struct buf closed; /* a line with braces behind it */
    struct buf told;   /* names told for the line at hand, each with a newline: no line has one */
    enum judged_kind kind;
    judged_fn *fn;
    void *arg;
};

const char *judged_kind_name(enum judged_kind kind)
{
    static const char *const names[] = {"lookup", "unclosed", "text", "budget"};

    return names[kind];
}

struct judge *judge_new(const struct config *config, struct scan *scan)
{
    struct judge *j = calloc(1, sizeof *j);

    if (!j)
        return NULL;
    j->scan = scan;
    j->closed = buf_within(TEXT_SPACE);
    j->told = buf_within(NAMES_SPACE);
    j->resolver = resolver_new(config, scan);
    if (!j->resolver) {
        judge_free(j);
        return NULL;
    }
    return j;
}

void judge_free(struct judge *j)
{
    if (!j)
        return;
    resolver_free(j->resolver);
    buf_drop(&j->closed);
    buf_drop(&j->told);
    free(j);
}

/* Names that do not fit any more are new each time: better twice than never. */
static bool was_told(struct judge *j, struct bytes name)
{
    struct bytes told = buf_bytes(&j->told);
    size_t len = j->told.len;

    for (size_t end; (end = bytes_find_byte(told, '\n')) != BYTES_NONE; told = bytes_from(told, end + 1))
        if (bytes_eq(bytes_slice(told, 0, end), name))
            return true;
    if (!buf_add(&j->told, name) || !buf_add_byte(&j->told, '\n'))
        j->told.len = len;
    return false;
}

static bool ends_name(uint8_t c)
{
    return c <= ' ' || c == 0x7f || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`';
}

/* Nobody says where an unclosed name ends: at the latest where no name goes on. */
static struct bytes trim_name(struct bytes name)
{
    size_t end = 0;

    while (end < name.len && !ends_name(name.p[end]))
        end++;
    return bytes_slice(name, 0, end);
}

static struct bytes without_braces(struct bytes text)
{
    for (unsigned i = 0; i < N_BRACES && text.len && text.p[text.len - 1] == '}'; i++)
        text.len--;
    return text;
}

static void set_ineffective(struct verdict *v, const char *why, unsigned confidence)
{
    for (unsigned i = 0; i < v->attrs.n; i++)
        if (v->attrs.v[i].id == ATTR_JNDI_EFFECTIVE)
            v->attrs.v[i].value = BYTES_LIT("no");
    v->ineffective = why;
    v->confidence = confidence;
}

static void tell(struct judge *j, enum judged_kind kind, const struct resolved *r)
{
    struct judged judged = {.kind = kind, .name = r->hit->name};
    struct verdict *v = &judged.verdict;

    verdict_of(r, v);
    if (kind == JUDGED_UNCLOSED) {
        set_ineffective(v, "the expression is not closed: Log4j leaves it as it stands", 30);
        v->raw = without_braces(v->raw);
        v->decoded = without_braces(v->decoded);
    } else if (kind == JUDGED_TEXT) {
        set_ineffective(v, "Log4j leaves it as it stands in this line", 20);
    }
    j->fn(j->arg, &judged);
}

static void on_lookup(void *arg, const struct resolved *r)
{
    if (!was_told(arg, r->hit->name))
        tell(arg, JUDGED_LOOKUP, r);
}

static void on_closed(void *arg, const struct resolved *r)
{
    struct lookup_hit hit = *r->hit;
    struct resolved trimmed = *r;

    hit.name = trim_name(hit.name);
    trimmed.hit = &hit;
    if (!was_told(arg, hit.name))
        tell(arg, JUDGED_UNCLOSED, &trimmed);
}

/* With as many braces as could be missing; they do no harm where fewer are. Wide text is made narrow: a brace
 * would have to be as wide as it is. */
static bool try_closed(struct judge *j, struct bytes line, bool wide)
{
    bool spent, good = true;

    buf_clear(&j->closed);
    if (!wide)
        good = buf_add(&j->closed, line);
    for (size_t i = 0; wide && good && i < line.len; i++)
        good = line.p[i] == '\0' || line.p[i] == '\r' || buf_add_byte(&j->closed, line.p[i]);
    for (unsigned i = 0; good && i < N_BRACES; i++)
        good = buf_add_byte(&j->closed, '}');
    return good && resolver_run(j->resolver, buf_bytes(&j->closed), FIELD_PLAIN, true, on_closed, j, &spent);
}

/* What every search for the plain words finds. */
static bool try_words(struct judge *j, struct bytes line)
{
    size_t from = bytes_find_nocase(line, BYTES_LIT("${jndi:"));
    struct lookup_hit hit = {.depth = 1};
    struct resolved r = {.hit = &hit, .decoded = line, .piece = line};

    if (from == BYTES_NONE)
        return false;
    hit.name = trim_name(bytes_from(line, from + 7));
    hit.name = bytes_slice(hit.name, 0, bytes_find_byte(hit.name, '}'));
    hit.from = from;
    hit.to = (size_t)(hit.name.p + hit.name.len - line.p);
    if (!was_told(j, hit.name))
        tell(j, JUDGED_TEXT, &r);
    return true;
}

static void tell_spent(struct judge *j, struct bytes line)
{
    struct judged judged = {.kind = JUDGED_SPENT,
                            .verdict = {.raw = line, .decoded = line, .confidence = 50}};

    attrs_add(&judged.verdict.attrs, ATTR_JNDI_STAGE, BYTES_LIT("lookup"));
    attrs_add(&judged.verdict.attrs, ATTR_JNDI_TECHNIQUE, BYTES_LIT("budget"));
    j->fn(j->arg, &judged);
}

/* What of a part that is cut will not come again, up to where a name would end. */
static struct bytes settled_part(struct bytes line)
{
    size_t end = line.len > LINES_OVERLAP ? line.len - LINES_OVERLAP : 0;

    while (end < line.len && !ends_name(line.p[end]))
        end++;
    return bytes_slice(line, 0, end);
}

bool judge_line(struct judge *j, struct bytes line, bool inside, bool cut, judged_fn *fn, void *arg)
{
    bool spent;
    unsigned seen;

    if (line.len && line.p[line.len - 1] == '\r')
        line.len--; /* what is added must not stand in a line of its own */
    j->fn = fn;
    j->arg = arg;
    if (!inside)
        buf_clear(&j->told);
    if (resolver_run(j->resolver, line, FIELD_PLAIN, true, on_lookup, j, &spent))
        return true;
    if (cut)
        line = settled_part(line);
    seen = scan_all(j->scan, line);
    if (seen & (SCAN_TIGHT | SCAN_ENCODED | SCAN_WIDE) && try_closed(j, line, (seen & SCAN_WIDE) != 0))
        return true;
    if (try_words(j, line))
        return true;
    if (spent)
        tell_spent(j, line);
    return spent;
}
