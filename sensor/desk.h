/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DESK_H
#define DESK_H

#include "control/control.h"
#include "control/door.h"
#include "switch.h"

/* Where the control socket meets the rest of the program: the collector answers, between two rounds of
 * records. Without a socket all of it does nothing. */
struct desk_plan {
    const struct config *config;
    const struct collector *collector;
    const struct output *output;
    const struct rule_switch *rules;
    struct supervisor *supervisor; /* one of them, and the other NULL */
    const struct in_process *in_process;
    struct reload *reload;
    bool offline;
    void (*reopen)(void *arg); /* as SIGHUP */
    void (*stop)(void *arg);   /* as SIGTERM */
    void *arg;
};

struct desk {
    struct desk_plan plan;
    struct door door;
    struct control control;
    struct clients *clients;
    uint64_t flow_memcap, stream_memcap; /* before workers got their shares */
    bool stops;                          /* a client has asked for it */
};

/* Makes the socket that the settings want; while there are rights to. With control.socket: auto a failure is
 * a warning, with a path it is a complaint, and false. desk_close in either case. */
bool desk_open(struct desk *d, const struct config *config, bool offline, struct complaint *why);

/* Once all else is there. False when memory is short. */
bool desk_ready(struct desk *d, const struct desk_plan *plan);

/* For the supervisor's loop; arg is the desk. */
unsigned desk_fill(void *arg, struct pollfd *fds);
void desk_serve(void *arg, const struct pollfd *fds, unsigned n);

/* Several times a second: what is late is looked after. Without a supervisor this is also where clients are
 * served. */
void desk_look(struct desk *d);

void desk_close(struct desk *d);

#endif
