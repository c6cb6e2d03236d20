/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correlate/incident.h"

#include <stdlib.h>

/* What is written down about an incident, and what all of it amounts to. */

#define TEXT_KEPT   1024
#define SURE_UNSEEN 60 /* nobody saw the lookup */
#define BLOCK       INCIDENT_BLOCK

char *incidents_keep(struct incidents *s, struct bytes text, size_t max)
{
    char *copy;

    text = bytes_slice(text, 0, max);
    copy = malloc(text.len + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text.len ? text.p : (const uint8_t *)"", text.len);
    copy[text.len] = '\0';
    incidents_spend(s, (long)(text.len + 1 + BLOCK));
    return copy;
}

void incidents_release(struct incidents *s, char *text)
{
    if (!text)
        return;
    incidents_spend(s, -(long)(strlen(text) + 1 + BLOCK));
    free(text);
}

void incidents_drop_asked(struct incidents *s, struct incident *i, bool but_fetched)
{
    struct asked **at = &i->asked, *a;

    while ((a = *at)) {
        if (but_fetched && a->place == LEAK_HTTP) {
            at = &a->next;
            continue;
        }
        *at = a->next;
        incidents_release(s, a->text);
        free(a);
        incidents_spend(s, -(long)(sizeof *a + BLOCK));
    }
}

void incidents_keep_asked(struct incidents *s, struct incident *i, struct bytes text,
                          const struct asked *asked)
{
    struct asked **at = &i->asked, *a;
    unsigned n = 0;

    text = bytes_slice(text, 0, TEXT_KEPT);
    for (; *at; at = &(*at)->next)
        if ((*at)->place == asked->place && (++n == ASKED_EACH || bytes_eq(bytes_str((*at)->text), text)))
            return;
    a = malloc(sizeof *a);
    if (!a)
        return;
    *a = *asked;
    a->next = NULL;
    a->text = incidents_keep(s, text, TEXT_KEPT);
    if (!a->text) {
        free(a);
        return;
    }
    incidents_spend(s, (long)(sizeof *a + BLOCK));
    *at = a;
}

void incidents_drop_doubts(struct incidents *s, struct incident *i)
{
    while (i->doubts) {
        struct doubt *d = i->doubts;

        i->doubts = d->next;
        free(d);
        incidents_spend(s, -(long)(sizeof *d + BLOCK));
    }
}

bool incidents_doubt(struct incidents *s, struct incident *i, const struct incident *other)
{
    struct doubt **at = &i->doubts;
    unsigned n = 0;

    for (; *at; at = &(*at)->next)
        if (++n == DOUBTS_MAX || addr_eq(&(*at)->victim, &other->victim))
            return false;
    *at = calloc(1, sizeof **at);
    if (!*at)
        return false;
    incidents_spend(s, (long)(sizeof **at + BLOCK));
    (*at)->victim = other->victim;
    (*at)->id = other->id;
    return true;
}

/* From the strongest down; docs/STORIES.md gives the reasons. */
enum incident_verdict incident_stage_verdict(const struct incident *i, enum stage stage)
{
    switch (stage) {
    case STAGE_SECOND:
        return VERDICT_COMPROMISED;
    case STAGE_CLASS_DELIVERY:
    case STAGE_DESERIALIZATION:
        return VERDICT_DELIVERED;
    case STAGE_REFERENCE:
        return i->whole ? VERDICT_DELIVERED : VERDICT_VULNERABLE;
    case STAGE_LOOKUP:
        return VERDICT_ATTEMPTED;
    case STAGE_INDICATOR:
    case STAGE_OTHER:
        return VERDICT_NONE;
    default:
        return VERDICT_VULNERABLE;
    }
}

uint8_t incident_sure(const struct incident *i, const struct mark *m)
{
    uint8_t unseen = i->alone ? i->alone : SURE_UNSEEN;

    return !i->name && m->confidence > unseen ? unseen : m->confidence;
}

enum incident_verdict incident_verdict(const struct incident *i, uint8_t *confidence)
{
    enum incident_verdict best = VERDICT_NONE;

    *confidence = 0;
    for (const struct mark *m = i->marks; m; m = m->next) {
        enum incident_verdict v = incident_stage_verdict(i, m->stage);
        uint8_t sure = incident_sure(i, m);

        if (v > best) {
            best = v;
            *confidence = sure;
        } else if (v == best && sure > *confidence) {
            *confidence = sure;
        }
    }
    return best;
}

bool incident_doubted(const struct incident *i)
{
    for (const struct mark *m = i->marks; m; m = m->next)
        if (m->stage > STAGE_RESOLUTION || (m->stage == STAGE_RESOLUTION && m->confidence > SURE_UNSEEN))
            return false;
    return i->doubts && incident_seen(i, STAGE_RESOLUTION);
}
