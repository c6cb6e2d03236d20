/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_EVE_H
#define OUTPUT_EVE_H

#include "base/jsonw.h"
#include "output/facts.h"

/* EVE lines, as docs/EVENTS.md describes them: Suricata's envelope and objects, what it has no place for in
 * alert.context.jndi. */
struct eve {
    const struct config *config;
    const char *source; /* interface, or capture file; NULL when unknown */
    bool offline;
};

/* The alert's line with its newline, at most config->eve_max_event_size bytes. The payload shrinks first,
 * then the strings, then whatever is not needed to find the attacker (counted OUTPUT_CUT). line is cleared
 * first and keeps its memory for the next one; its ceiling is set here. False when memory is short, or when
 * even the bare alert is longer than that: EVE_BARE_MAX always suffices. */
bool eve_alert(struct buf *line, const struct eve *eve, const struct alert *a);

#define EVE_BARE_MAX 2048

/* The line of an anomaly record; the same rules. */
bool eve_anomaly(struct buf *line, const struct eve *eve, const struct record *r);

/* What every event of a flow begins with: time, flow, packet, kind of event, addresses; src is the side that
 * sent the packet. A fragment has neither a flow nor ports. */
void eve_envelope(struct jsonw *w, const struct eve *eve, const char *event_type, const struct record_head *h,
                  unsigned src);
void eve_source(struct jsonw *w, const struct eve *eve, size_t max); /* pcap_filename, when wanted */

/* eve_app.c: http, dns or tls of an alert; max: characters of one string. */
void eve_app(struct jsonw *w, const struct record *r, size_t max);

/* hostname and, when the Host header has one, http_port, into an http object that is open. */
void eve_http_host(struct jsonw *w, struct bytes host, size_t max);

/* How much an alert may say. The same for all strings of a kind, so that a mapping never meets a surprise. */
struct eve_limits {
    size_t text;    /* characters of one string */
    size_t raw;     /* characters of raw and of decoded */
    size_t url;     /* characters of one string of the http object */
    unsigned items; /* elements of one array */
    bool bare;      /* only what finds the attacker: no http, no protocol facts, no metadata of the rule */
};

/* eve_jndi.c: the keys of alert.context.jndi, into an object that is open. */
void eve_jndi(struct jsonw *w, const struct alert *a, const struct facts *f, const struct eve_limits *limits);

/* eve_incident.c: alert.context.jndi.incident, into an object that is open; the whole story in an alert about
 * it, its name and state in all others. Nothing without an incident. */
void eve_incident(struct jsonw *w, const struct alert *a, const struct eve_limits *limits);

#define INCIDENT_ID_TEXT 17 /* 16 hexadecimal digits */
void incident_id_print(uint64_t id, char out[INCIDENT_ID_TEXT]);

/* eve_labels.c: label and ioc, into the same object, and their mirrors into alert.metadata, which is open. */
void eve_labels(struct jsonw *w, const struct alert *a, const struct eve_limits *limits);
void eve_label_mirrors(struct jsonw *w, const struct alert *a, const struct eve_limits *limits);

/* eve_rule.c: alert.metadata with the mirrored search keys, and alert.references. */
void eve_metadata(struct jsonw *w, const struct alert *a, const struct facts *f,
                  const struct eve_limits *limits);
void eve_references(struct jsonw *w, const struct rule *rule, const struct eve_limits *limits);

#endif
