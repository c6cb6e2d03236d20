/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/answer.h"
#include "output/eve.h"
#include "output/text.h"

#define WORD_MAX 4096 /* bytes of one value on a line */

/* Nothing has to fit into an event here. */
static const struct eve_limits limits = {.text = 65536, .raw = 131072, .url = 65536, .items = ATTRS_MAX};

void answer_json(struct jsonw *w, const struct verdict *v)
{
    struct record record = {.attrs = v->attrs, .head = {.depth = v->depth, .confidence = v->confidence}};
    const struct alert alert = {.record = &record, .stage = STAGE_LOOKUP};
    struct facts facts;

    record.item[RECORD_RAW] = v->raw;
    record.item[RECORD_DECODED] = v->decoded;
    record.item[RECORD_INEFFECTIVE] = bytes_str(v->ineffective);
    record.item[RECORD_VERSIONS] = bytes_str(v->versions);
    facts_of(&facts, &alert);
    eve_jndi(w, &alert, &facts, &limits);
}

static void put_pair(struct buf *out, const char *key, struct bytes value)
{
    if (value.len == 0)
        return;
    buf_addf(out, "%s%s=", out->len && out->p[out->len - 1] != ' ' ? " " : "", key);
    text_visible(out, value, WORD_MAX);
}

static void put_list(struct buf *out, const char *key, const struct attrs *attrs, enum attr_id id)
{
    bool first = true;

    for (unsigned i = 0; i < attrs->n; i++) {
        if (attrs->v[i].id != id)
            continue;
        if (first)
            buf_addf(out, "  %s=", key);
        else
            buf_add_byte(out, ',');
        text_visible(out, attrs->v[i].value, WORD_MAX);
        first = false;
    }
}

void answer_words(struct buf *out, const struct verdict *v)
{
    put_pair(out, "scheme", v->name.scheme);
    put_pair(out, "user", v->name.user);
    put_pair(out, "host", attrs_get(&v->attrs, ATTR_JNDI_HOST));
    put_pair(out, "port", attrs_get(&v->attrs, ATTR_JNDI_PORT));
    put_pair(out, "path", attrs_get(&v->attrs, ATTR_JNDI_PATH));
    buf_addf(out, "  depth=%u", v->depth);
    put_list(out, "techniques", &v->attrs, ATTR_JNDI_TECHNIQUE);
    put_list(out, "leaks", &v->attrs, ATTR_JNDI_LEAK);
    put_list(out, "kit", &v->attrs, ATTR_JNDI_KIT);
    put_list(out, "command", &v->attrs, ATTR_JNDI_COMMAND);
    if (v->ineffective)
        buf_addf(out, "  effective=no (%s)", v->ineffective);
    if (v->versions && strcmp(v->versions, lookup_versions(0, false)) != 0)
        buf_addf(out, "  versions=%s", v->versions);
}
