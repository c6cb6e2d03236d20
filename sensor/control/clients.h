/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONTROL_CLIENTS_H
#define CONTROL_CLIENTS_H

#include "base/jsonw.h"
#include "control/request.h"

#include <poll.h>

/* Those who have connected to the control socket, served from the main loop: nothing here ever waits.
 *
 * A turn costs at most CLIENTS_ACCEPTS new connections, for each client one read of REQUEST_MAX bytes or one
 * write, and one answer for all of them together, however much they ask. A client that is being answered is
 * not read from, and who has taken nothing of its answer for CLIENTS_SLOW_US is dropped, as is who has not
 * greeted after that time. When all places are taken, whoever has not greeted makes room first, then whoever
 * has been silent longest. */

#define CLIENTS_ACCEPTS 4
#define CLIENTS_SLOW_US UINT64_C(10000000)
#define ANSWER_MAX      ((size_t)256 << 10) /* bytes of one answer */

enum answer {
    ANSWER_OK,
    ANSWER_NOK,
    ANSWER_LATER, /* nothing was written: to be asked again, with the same request, at each clients_look */
};

struct asker {
    unsigned user; /* of the process that connected (SO_PEERCRED); UINT_MAX when it cannot be told */
    long pid;
    uint64_t ticket; /* 0 at the first asking; the answerer's, until it has answered */
};

struct clients_plan {
    int listener; /* the caller's, not blocking */
    unsigned max; /* 1 to CLIENTS_MAX */
    /* Writes one value under the key "message" into the open object. What does not fit into ANSWER_MAX
     * becomes a NOK. */
    enum answer (*answer)(void *arg, const struct request *r, struct asker *who, struct jsonw *w);
    void *arg;
};

#define CLIENTS_MAX 64
#define CLIENTS_FDS (1 + CLIENTS_MAX)

struct clients;

struct clients *clients_new(const struct clients_plan *plan); /* NULL when memory is short */
void clients_free(struct clients *c);                         /* NULL is welcome */

/* What to wait for: fills at most CLIENTS_FDS and says how many. */
unsigned clients_fill(const struct clients *c, struct pollfd *fds);

/* One turn, with what poll made of those. now_us: of a clock that never jumps. */
void clients_serve(struct clients *c, const struct pollfd *fds, unsigned n, uint64_t now_us);

/* Several times a second: asks again for answers that were to come later, and drops who has been waited for
 * too long. */
void clients_look(struct clients *c, uint64_t now_us);

#endif
