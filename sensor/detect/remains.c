/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/remains.h"

/* A text goes on and holds further lookups: its stretch grows. Another one takes the oldest's place. */
static void note_text(struct remains *m, const struct field *f)
{
    unsigned i = 0;

    while (i < REMAINS_TEXTS &&
           (m->texts[i].to == 0 || m->texts[i].from != f->at || m->texts[i].http != (f->http != NULL)))
        i++;
    if (i == REMAINS_TEXTS)
        i = m->next++ % REMAINS_TEXTS;
    m->texts[i].from = f->at;
    m->texts[i].to = f->at + f->wire;
    m->texts[i].http = f->http != NULL;
}

/* Where in the field's own value a lookup that stands there in clear begins; else the piece with it. False
 * when it is in neither. */
static bool stands_at(const struct field *f, const struct resolved *r, uint64_t *at)
{
    uintptr_t from = (uintptr_t)f->value.p, spot = (uintptr_t)r->decoded.p;

    if (spot >= from && spot - from <= f->value.len)
        spot += r->hit->from;
    else
        spot = (uintptr_t)r->piece.p;
    *at = f->at + (spot - from);
    return spot >= from && spot - from <= f->value.len;
}

static bool is_in_text(const struct remains *m, bool http, uint64_t at)
{
    for (unsigned i = 0; i < REMAINS_TEXTS; i++)
        if (at >= m->texts[i].from && at < m->texts[i].to && m->texts[i].http == http)
            return true;
    return false;
}

bool remains_take(struct remains *m, const struct field *f, const struct resolved *r)
{
    uint64_t at;

    if (f->packed)
        return remains_body_had(m, f->message);
    if (f->kind == FIELD_HTTP_REQUEST_BODY)
        m->body = f->message + 1;
    if (f->kind != FIELD_RAW)
        return false;
    if (!f->wire)
        return stands_at(f, r, &at) && is_in_text(m, f->http != NULL, at);
    note_text(m, f);
    return false;
}

bool remains_body_had(const struct remains *m, uint64_t message)
{
    return m->body == message + 1;
}
