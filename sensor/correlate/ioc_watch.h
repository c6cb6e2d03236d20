/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_IOC_WATCH_H
#define CORRELATE_IOC_WATCH_H

#include "correlate/correlate.h"
#include "correlate/labels.h"
#include "correlate/table.h"

/* Hits on indicators that no finding shows: a name asked for, a host called, an address that comes or is gone
 * to. One alert for a home host and an indicator, at once; what follows within iocs.fold is counted, and told
 * by one more alert when that time is over. A call that an incident waits for is told when that has been
 * judged (correlate.settle), unless the incident's alert has told it. */
struct ioc_watch;

/* A call between a home host and something that may be on a list. Views, good for the call. */
struct ioc_call {
    const struct addr *host, *other; /* the home host; the other end */
    bool incoming;                   /* the other end came */
    bool expected;                   /* an incident waits for this call */
    uint16_t host_port, other_port;
    uint8_t proto;
    const char *app_proto; /* "" for unknown */
    uint64_t ts_us, packet, flow_id;
    struct bytes text; /* the name, URL or hash that was seen; empty for an address alone */
    enum hit_where where;
};

struct ioc_watch_plan {
    const struct config *config;
    const struct labeller *labeller;
    /* The rule that speaks for such a hit, or NULL. */
    const struct rule *(*rule)(void *arg, const struct sighting *s);
    /* The alert, all but its severity, which the receiver settles. */
    void (*tell)(void *arg, struct alert *a);
    void *arg;
};

/* NULL when memory is short. */
struct ioc_watch *ioc_watch_new(const struct ioc_watch_plan *plan);
void ioc_watch_free(struct ioc_watch *w); /* NULL is welcome; what is folded goes untold */

/* Counted as ioc.hits when something of it is on a list. */
void ioc_watch_call(struct ioc_watch *w, const struct ioc_call *call);

/* The same, of what a worker has told. expected as in struct ioc_call. */
void ioc_watch_connection(struct ioc_watch *w, const struct fact *fact, const struct fact_connection *f,
                          bool expected);
void ioc_watch_name(struct ioc_watch *w, const struct fact *fact, const struct fact_name *f);
void ioc_watch_called(struct ioc_watch *w, const struct fact *fact, const struct fact_called *f,
                      bool expected);

/* An alert has shown that host with these hits: they are not told again within the time. */
void ioc_watch_shown(struct ioc_watch *w, const struct addr *host, const struct labels *l,
                     const struct record_head *h);

/* Packet time: tells what has been folded for long enough. */
void ioc_watch_clock(struct ioc_watch *w, uint64_t now_us);

/* Tells all that is folded. Before the lists are read again, too: indicators are views into them. */
void ioc_watch_finish(struct ioc_watch *w);

#endif
