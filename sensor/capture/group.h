/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_GROUP_H
#define CAPTURE_GROUP_H

/* Inside this folder only: the PACKET_FANOUT group of one interface, and in which place of the kernel's list
 * each of its sockets stands. A socket that joins stands last; when one leaves, the last takes its place;
 * when the interface comes up again, all stand in the order in which they were created
 * (net/packet/af_packet.c:
 * __fanout_link, __fanout_unlink, packet_notifier). The program deals by these places. */

#include "capture/fanout.h"
#include "capture/port.h"

#define GROUP_MAX (2 * FANOUT_MAX_WORKERS) /* each worker and its successor */

struct member {
    struct port port;
};

struct group {
    const struct config_interface *settings;
    int id; /* -1: nobody has joined */
    const struct member *places[GROUP_MAX];
    const struct member *created[GROUP_MAX];
    unsigned n;
    unsigned char dealt[FANOUT_MAX_WORKERS]; /* what the program in place says, when is_dealt */
    bool is_dealt;
};

/* Empty. The members that it had need not leave. */
void group_init(struct group *g, const struct config_interface *settings);

/* The member's port is opened, and attached here: nothing passes before port_admit. */
bool group_join(struct group *g, struct member *m, struct complaint *why);

/* Before the port is closed, which is what takes it out of the kernel's list. */
void group_leave(struct group *g, const struct member *m);

/* The interface was down and is up again. */
void group_flapped(struct group *g);

/* who[k] gets share k; for one that is no member (or NULL) the first stands in. When this returns the kernel
 * has dealt its last frame by the program before. */
bool group_deal(struct group *g, const struct fanout_plan *plan, const struct member *const *who,
                struct complaint *why);

#endif
