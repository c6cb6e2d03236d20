/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/verdict.h"
#include "detect/leak.h"
#include "inspect/kit.h"

#include <stdio.h>

static void add_name(struct verdict *v, struct bytes text)
{
    const struct jndi_name *name = &v->name;

    attrs_add(&v->attrs, ATTR_JNDI_NAME, text);
    attrs_add(&v->attrs, ATTR_JNDI_SCHEME, name->scheme);
    if (name->host.len)
        attrs_add(&v->attrs, ATTR_JNDI_HOST, name->host);
    if (name->port) {
        snprintf(v->port, sizeof v->port, "%u", name->port);
        attrs_add(&v->attrs, ATTR_JNDI_PORT, bytes_str(v->port));
    }
    if (name->path.len)
        attrs_add(&v->attrs, ATTR_JNDI_PATH, name->path);
    attrs_add(&v->attrs, ATTR_JNDI_EFFECTIVE, name->ineffective ? BYTES_LIT("no") : BYTES_LIT("yes"));
}

/* Tools that answer lookups take their orders in the path: who knows them need not wait for the callback. */
static void add_kit(struct verdict *v)
{
    struct buf command = buf_within(sizeof v->command);
    struct kit kit = kit_of_path(v->name.path, &command);

    v->command_len = command.len;
    if (command.len)
        memcpy(v->command, command.p, command.len);
    buf_drop(&command);
    kit_add_attrs(&kit, bytes_of(v->command, v->command_len), &v->attrs);
}

static void add_techniques(struct attrs *attrs, const struct resolved *r)
{
    for (unsigned bit = 0; bit < LOOKUP_N_TECHNIQUES; bit++)
        if (r->hit->techniques & 1u << bit)
            attrs_add(attrs, ATTR_JNDI_TECHNIQUE, bytes_str(lookup_technique_name(bit)));
    for (unsigned layer = 0; layer < UNWRAP_ALL; layer++)
        if (r->layers & 1u << layer)
            attrs_add(attrs, ATTR_JNDI_TECHNIQUE, bytes_str(unwrap_name((enum unwrap_layer)layer)));
}

void verdict_of(const struct resolved *r, struct verdict *out)
{
    const struct lookup_hit *hit = r->hit;

    out->attrs.n = 0;
    out->attrs.cut = false;
    jndi_name_parse(hit->name, &out->name);
    attrs_add(&out->attrs, ATTR_JNDI_STAGE, BYTES_LIT("lookup"));
    add_name(out, hit->name);
    add_kit(out);
    add_techniques(&out->attrs, r);
    if (out->name.local_bypass)
        attrs_add(&out->attrs, ATTR_JNDI_TECHNIQUE, BYTES_LIT("localhost-bypass"));
    leak_each(hit->name, &out->attrs);
    out->decoded = bytes_slice(r->decoded, hit->from, hit->to);
    out->raw = r->layers ? r->piece : out->decoded;
    out->depth = hit->depth;
    out->ineffective = out->name.ineffective;
    out->confidence = hit->techniques & LOOKUP_BUDGET ? 50 : out->ineffective ? 80 : 100;
    out->versions = lookup_versions(hit->techniques, out->name.local_bypass);
}
