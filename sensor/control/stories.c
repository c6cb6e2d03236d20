/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/stamp.h"
#include "control/control.h"
#include "correlate/exposure.h"
#include "correlate/incident.h"
#include "output/eve.h"
#include "output/snapshot.h"
#include "output/text.h"

#include <stdlib.h>

#define PAGE 64 /* of a list, of at most 3 KB each: below ANSWER_MAX whatever they hold */

/* The argument "from": where to go on. False when it is no number. */
static bool from_read(const struct command_call *c, bool *given, size_t *from)
{
    const char *text = request_argument(c->request, "from");
    uint64_t n = 0;

    *given = text != NULL;
    if (text && !bytes_to_u64(bytes_str(text), SIZE_MAX - 1, &n))
        return false;
    *from = (size_t)n;
    return true;
}

static enum answer from_refuse(const struct command_call *c)
{
    return control_refuse(c, "from is 0, or the \"next\" of the page before");
}

static void put_next(struct jsonw *w, bool paged, size_t at)
{
    if (paged && at != SIZE_MAX)
        jsonw_u64(w, "next", at);
}

static void put_time(struct jsonw *w, const char *key, uint64_t ts_us)
{
    char stamp[STAMP_TEXT];

    stamp_print(ts_us, stamp);
    jsonw_str(w, key, stamp);
}

/* --- incidents --- */

/* What its callback is, under the names of alert.context.jndi; at most max characters of each, which JSON may
 * make six times as many. */
static void put_callback(struct jsonw *w, const struct incident *i, size_t max)
{
    if (i->name)
        jsonw_bytes(w, "lookup", text_cut(bytes_str(i->name), max));
    if (i->host && *i->host)
        jsonw_bytes(w, "host", text_cut(bytes_str(i->host), max));
    jsonw_u64(w, "port", i->port);
}

static void put_summary(struct jsonw *w, const struct incident *i)
{
    char id[INCIDENT_ID_TEXT], victim[ADDR_TEXT];
    uint8_t confidence;
    enum incident_verdict verdict = incident_verdict(i, &confidence);

    incident_id_print(i->id, id);
    addr_print(&i->victim, victim);
    jsonw_object(w, NULL);
    jsonw_str(w, "id", id);
    jsonw_str(w, "verdict", verdict_name(verdict));
    jsonw_u64(w, "confidence", confidence);
    jsonw_str(w, "victim", victim);
    put_callback(w, i, 200);
    put_time(w, "first_seen", i->first_us);
    put_time(w, "last_seen", i->last_us);
    jsonw_array(w, "stages");
    for (const struct mark *m = i->marks; m; m = m->next)
        jsonw_str(w, NULL, stage_name(m->stage));
    jsonw_end_array(w);
    jsonw_end_object(w);
}

enum answer stories_incidents(const struct command_call *c)
{
    const struct correlate *correlate = c->control->plan.correlate;
    const struct incident *found[PAGE];
    struct correlate_fill fill;
    bool paged;
    size_t at, n;

    if (!from_read(c, &paged, &at))
        return from_refuse(c);
    n = paged ? correlate_page(correlate, &at, found, PAGE) : correlate_latest(correlate, found, PAGE);
    correlate_fill(correlate, &fill);
    jsonw_object(c->w, "message");
    jsonw_u64(c->w, "kept", fill.incidents);
    put_next(c->w, paged, at);
    jsonw_array(c->w, "incidents");
    for (size_t i = 0; i < n; i++)
        put_summary(c->w, found[i]);
    jsonw_end_array(c->w);
    jsonw_end_object(c->w);
    return ANSWER_OK;
}

/* 16 hexadecimal digits, as events have them; fewer when they begin with zeros. */
static bool id_read(const char *text, uint64_t *id)
{
    size_t n = strlen(text);

    *id = 0;
    for (size_t i = 0; i < n; i++) {
        int digit = hex_value((uint8_t)text[i]);

        if (digit < 0)
            return false;
        *id = *id << 4 | (uint64_t)digit;
    }
    return n > 0 && n <= INCIDENT_ID_TEXT - 1;
}

enum answer stories_incident(const struct command_call *c)
{
    static const struct eve_limits limits = {.text = 250, .raw = 250, .url = 250, .items = 64};
    const char *text = request_argument(c->request, "id");
    const struct control_plan *plan = &c->control->plan;
    const struct incident *i;
    struct alert a;
    uint8_t confidence;
    uint64_t id;

    if (!id_read(text, &id))
        return control_refuse(c, "'%.32s' is no id: it has up to 16 hexadecimal digits", text);
    i = correlate_incident(plan->correlate, id);
    if (!i)
        return control_refuse(c, "there is no incident %.16s, or none any more", text);
    a = (struct alert){.incident = i,
                       .verdict = incident_verdict(i, &confidence),
                       .show_secrets = plan->config->show_secrets,
                       .story = true};
    a.incident_confidence = confidence;
    jsonw_object(c->w, "message");
    put_callback(c->w, i, 1024);
    eve_incident(c->w, &a, &limits);
    jsonw_end_object(c->w);
    return ANSWER_OK;
}

/* --- home hosts --- */

static enum answer host_show(const struct command_call *c, const char *text)
{
    const struct control_plan *plan = &c->control->plan;
    const struct exposure_host *h;
    struct addr addr;

    if (!addr_parse(bytes_str(text), &addr))
        return control_refuse(c, "'%.64s' is no address", text);
    h = exposure_find(correlate_exposure(plan->correlate), &addr);
    if (!h)
        return control_refuse(c, "nothing is known of %.64s", text);
    jsonw_object(c->w, "message");
    jsonw_array(c->w, "hosts");
    exposure_object(c->w, plan->config, h);
    jsonw_end_array(c->w);
    jsonw_end_object(c->w);
    return ANSWER_OK;
}

enum answer stories_hosts(const struct command_call *c)
{
    const struct control_plan *plan = &c->control->plan;
    const struct exposure *exposure = correlate_exposure(plan->correlate);
    const char *host = request_argument(c->request, "host");
    const struct exposure_host *found[PAGE];
    bool paged;
    size_t at, n;

    if (host)
        return host_show(c, host);
    if (!from_read(c, &paged, &at))
        return from_refuse(c);
    n = paged ? exposure_page(exposure, &at, found, PAGE) : exposure_latest(exposure, found, PAGE);
    jsonw_object(c->w, "message");
    jsonw_u64(c->w, "kept", exposure_n(exposure));
    put_next(c->w, paged, at);
    jsonw_array(c->w, "hosts");
    for (size_t i = 0; i < n; i++)
        exposure_object(c->w, plan->config, found[i]);
    jsonw_end_array(c->w);
    jsonw_end_object(c->w);
    return ANSWER_OK;
}
