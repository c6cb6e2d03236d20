/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/stamp.h"
#include "correlate/folds.h"
#include "correlate/incident.h"
#include "output/eve.h"
#include "output/text.h"

#include <inttypes.h>
#include <stdio.h>

static void put_id(struct jsonw *w, const char *key, uint64_t id)
{
    char text[INCIDENT_ID_TEXT];

    incident_id_print(id, text);
    jsonw_str(w, key, text);
}

void incident_id_print(uint64_t id, char out[INCIDENT_ID_TEXT])
{
    snprintf(out, INCIDENT_ID_TEXT, "%016" PRIx64, id);
}

static void put_time(struct jsonw *w, const char *key, uint64_t ts_us)
{
    char stamp[STAMP_TEXT];

    stamp_print(ts_us, stamp);
    jsonw_str(w, key, stamp);
}

static void put_peer(struct jsonw *w, const char *key, const struct addr *a, uint16_t port)
{
    char text[ADDR_TEXT], whole[ADDR_TEXT + 10];

    addr_print(a, text);
    snprintf(whole, sizeof whole, a->version == 6 ? "[%s]:%u" : "%s:%u", text, port);
    jsonw_str(w, key, whole);
}

/* The evidence, one object for each stage that was seen. */
static void put_stages(struct jsonw *w, const struct incident *i)
{
    jsonw_array(w, "stages");
    for (const struct mark *m = i->marks; m; m = m->next) {
        jsonw_object(w, NULL);
        jsonw_str(w, "stage", stage_name(m->stage));
        jsonw_u64(w, "count", m->n);
        jsonw_u64(w, "confidence", incident_sure(i, m));
        put_time(w, "first_seen", m->first_us);
        put_time(w, "last_seen", m->last_us);
        if (m->flow_id)
            jsonw_u64(w, "flow_id", m->flow_id);
        jsonw_u64(w, "packet", m->packet);
        put_peer(w, "peer", &m->peer, m->port);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

/* Values are the victim's secrets: shown by their ends, unless the operator asks for them. */
static void put_leaks(struct jsonw *w, const struct alert *a, const struct eve_limits *limits)
{
    if (!a->incident->leaks)
        return;
    jsonw_array(w, "leaks");
    for (const struct leak *l = a->incident->leaks; l; l = l->next) {
        struct buf value = buf_within(LEAK_VALUE_MAX);

        if (a->show_secrets)
            buf_add(&value, bytes_of(l->value, l->value_len));
        else
            leak_redact(l, &value);
        jsonw_object(w, NULL);
        jsonw_bytes(w, "variable", text_cut(bytes_str(l->variable), limits->text));
        jsonw_bytes(w, "value", text_cut(buf_bytes(&value), limits->text));
        jsonw_u64(w, "length", l->value_len);
        jsonw_str(w, "sha256", l->sha256);
        jsonw_str(w, "place", leak_place_name(l->place));
        if (l->flow_id)
            jsonw_u64(w, "flow_id", l->flow_id);
        jsonw_u64(w, "packet", l->packet);
        jsonw_end_object(w);
        buf_drop(&value);
    }
    jsonw_end_array(w);
}

/* Whose doing it may be as well. */
static void put_doubts(struct jsonw *w, const struct incident *i)
{
    char victim[ADDR_TEXT];

    if (!incident_doubted(i))
        return;
    jsonw_array(w, "candidates");
    for (const struct doubt *d = i->doubts; d; d = d->next) {
        addr_print(&d->victim, victim);
        jsonw_object(w, NULL);
        jsonw_str(w, "victim", victim);
        put_id(w, "id", d->id);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void put_story(struct jsonw *w, const struct incident *i)
{
    char victim[ADDR_TEXT];

    addr_print(&i->victim, victim);
    jsonw_str(w, "victim", victim);
    put_time(w, "first_seen", i->first_us);
    put_time(w, "last_seen", i->last_us);
    jsonw_bool(w, "lookup_seen", i->lookup_us != UINT64_MAX);
    if (i->merged)
        put_id(w, "merged", i->merged);
    put_doubts(w, i);
    put_stages(w, i);
}

/* Of what was told before: how often it was seen since, and where the first time. */
static void put_repeats(struct jsonw *w, const struct fold *fold, bool bare)
{
    jsonw_object(w, "repeats");
    jsonw_u64(w, "count", fold->n);
    if (!bare) {
        put_time(w, "first_seen", fold->first_us);
        put_time(w, "last_seen", fold->last.ts_us);
        jsonw_u64(w, "flow_id", fold->first_flow_id);
        jsonw_u64(w, "packet", fold->first_packet);
    }
    jsonw_end_object(w);
}

void eve_incident(struct jsonw *w, const struct alert *a, const struct eve_limits *limits)
{
    const struct incident *i = a->incident;

    if (a->fold)
        put_repeats(w, a->fold, limits->bare);
    if (!i)
        return;
    jsonw_object(w, "incident");
    put_id(w, "id", i->id);
    jsonw_str(w, "verdict", verdict_name(a->verdict));
    jsonw_u64(w, "confidence", a->incident_confidence);
    if (i->origin) {
        jsonw_bool(w, "second_order", true);
        put_id(w, "origin", i->origin);
    }
    if (a->story && !limits->bare)
        put_story(w, i);
    if (!limits->bare)
        put_leaks(w, a, limits);
    jsonw_end_object(w);
}
