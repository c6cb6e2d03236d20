/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_PORT_H
#define CAPTURE_PORT_H

/* Inside this folder only: one handle on one interface, with its ring. A port is opened shut: it gets frames
 * from port_admit on, and from the first of them every one is either read, or counted by the kernel as
 * dropped, or still in the ring. */

#include "capture/capture.h"

#include <pcap/pcap.h>

/* The kernel hands over a block of its ring when it is full or this old; nothing is seen later than that. */
#define PORT_BLOCK_AGE_MS 20

#define PORT_FDS 4 /* the socket, and one to end a wait; with room for a libpcap that has more */

struct port {
    const struct config_interface *settings;
    const char *bpf;
    pcap_t *pcap; /* NULL: closed */
    int link_type;
    int fds[PORT_FDS]; /* all that libpcap opened for it */
    unsigned n_fds;
    unsigned rest; /* rounds until it is asked again */

    /* The frame that waits to be the oldest; header NULL when there is none. libpcap's memory, good until the
     * next read from this port. */
    struct pcap_pkthdr *header;
    const uint8_t *data;

    /* Since it was opened. n_packets and n_drops are of this process's own questions to the kernel, which
     * forgets them as it answers; drops are packets, too. */
    uint64_t n_packets, n_drops, n_read;
};

enum port_result {
    PORT_OPEN,
    PORT_ABSENT, /* no such interface, or it is down: the complaint says so, and it may come */
    PORT_REFUSED,
};

/* settings and bpf (added to the interface's own filter) must outlive the port. Unless it is PORT_OPEN the
 * port is closed, with a complaint. */
enum port_result port_open(struct port *p, const struct config_interface *settings, const char *bpf,
                           struct complaint *why);

/* Frames may come, but none passes: what a fanout group wants of who joins it. */
bool port_attach(struct port *p, struct complaint *why);

/* Now they pass the filter, and nothing else did before. */
bool port_admit(struct port *p, struct complaint *why);

/* No frame enters any more; those in the ring stay. Needs one setsockopt. */
void port_shut(struct port *p);

/* 1: header and data are set. 0: nothing there. -1: the interface is gone. */
int port_read(struct port *p);

/* Asks the kernel, and counts (COUNT_CAPTURE_KERNEL_*). */
void port_update_counts(struct port *p);

/* Frames in the ring, by the last update. */
uint64_t port_left(const struct port *p);

/* The ring is unmapped and the descriptor closed; while another process has both, they go on there. */
void port_close(struct port *p); /* a closed one is welcome */

#endif
