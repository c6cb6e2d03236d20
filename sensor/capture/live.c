/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/ifdrops.h"
#include "capture/links.h"
#include "capture/port.h"
#include "capture/source.h"

#include "base/count.h"
#include "base/stamp.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#define IDLE_MS 100

/* After a stop: limits for a ring that takes too long, and for one whose frames never come (libpcap passes
 * them over when the kernel refuses a filter). */
#define DRAIN_MAX_US   10000000
#define DRAIN_QUIET_US 1000000

/* An interface that had nothing is asked again (a system call) after this many frames of the others. */
#define REST_FRAMES 32

struct live {
    struct port ports[CONFIG_MAX_INTERFACES];
    unsigned n_ports;
    bool draining;
    uint64_t stop_us, frame_us; /* the stop, and the last frame after it, by the clock that never jumps */

    /* Where it opened its interfaces itself; elsewhere the one who did looks after them. */
    struct links *links;
    struct ifdrops drops[CONFIG_MAX_INTERFACES];
};

static enum port_result port_begin(struct port *p, const struct config_interface *settings, const char *bpf,
                                   struct complaint *why)
{
    enum port_result result = port_open(p, settings, bpf, why);

    if (result == PORT_OPEN && (!port_attach(p, why) || !port_admit(p, why))) {
        port_close(p);
        result = PORT_REFUSED;
    }
    return result;
}

struct live *live_open(const struct capture_plan *plan, struct complaint *why)
{
    struct live *l;

    if (plan->n_interfaces > CONFIG_MAX_INTERFACES) {
        complain(why, "%u interfaces: at most %d can be captured at once", plan->n_interfaces,
                 CONFIG_MAX_INTERFACES);
        return NULL;
    }
    l = calloc(1, sizeof *l);
    if (!l) {
        complain(why, "out of memory");
        return NULL;
    }
    /* Before the first is opened: no change is missed. */
    l->links = links_new(plan->interfaces, plan->n_interfaces);
    if (!l->links) {
        complain(why, "watching the interfaces: %s", strerror(errno));
        live_close(l);
        return NULL;
    }
    for (unsigned i = 0; i < plan->n_interfaces; i++) {
        ifdrops_open(&l->drops[i], plan->interfaces[i].name);
        l->n_ports++;
        if (port_begin(&l->ports[i], &plan->interfaces[i], plan->bpf, why) != PORT_OPEN) {
            live_close(l);
            return NULL;
        }
    }
    return l;
}

struct live *live_adopt(const struct port *ports, unsigned n)
{
    struct live *l = calloc(1, sizeof *l);

    if (!l)
        return NULL;
    for (unsigned i = 0; i < n; i++)
        l->ports[i] = ports[i];
    l->n_ports = n;
    return l;
}

unsigned live_descriptors(const struct live *l, int *fds, unsigned max)
{
    unsigned n = 0;

    for (unsigned i = 0; i < l->n_ports; i++)
        for (unsigned k = 0; l->ports[i].pcap && k < l->ports[i].n_fds && n < max; k++)
            fds[n++] = l->ports[i].fds[k];
    return n;
}

void live_update_drops(struct live *l)
{
    for (unsigned i = 0; i < l->n_ports; i++) {
        if (l->ports[i].pcap)
            port_update_counts(&l->ports[i]);
        if (l->links)
            ifdrops_update(&l->drops[i]);
    }
}

bool live_interface(const struct live *l, unsigned i, uint64_t *packets, uint64_t *drops)
{
    if (i >= l->n_ports)
        return false;
    *packets = l->ports[i].n_packets;
    *drops = l->ports[i].n_drops;
    return true;
}

bool live_failed(const struct live *l)
{
    for (unsigned i = 0; l->links && i < l->n_ports; i++)
        if (!l->ports[i].pcap)
            return true;
    return false;
}

/* What is in the ring of an interface that is gone, or for which there was no time, is nobody's any more. */
static void port_end(struct port *p)
{
    if (!p->pcap)
        return;
    port_update_counts(p);
    count_add(COUNT_CAPTURE_LEFT, port_left(p) + (p->header != NULL));
    port_close(p);
}

/* Lets each interface that is due show its next frame. */
static void ports_read(struct live *l, bool all)
{
    for (unsigned i = 0; i < l->n_ports; i++) {
        struct port *p = &l->ports[i];
        int rc;

        if (!p->pcap || p->header)
            continue;
        if (!all && p->rest) {
            p->rest--;
            continue;
        }
        rc = port_read(p);
        if (rc <= 0)
            p->rest = REST_FRAMES;
        if (rc < 0) {
            log_info("interface %s: %s", p->settings->name, pcap_geterr(p->pcap));
            port_end(p);
        }
    }
}

/* Both directions of a tap come in on two interfaces: in the order of their time stamps a request stays
 * before its answer, as far as the kernel has shown both. */
static struct port *oldest_port(struct live *l)
{
    struct port *oldest = NULL;

    for (unsigned i = 0; i < l->n_ports; i++) {
        struct port *p = &l->ports[i];

        if (p->header && (!oldest || timercmp(&p->header->ts, &oldest->header->ts, <)))
            oldest = p;
    }
    return oldest;
}

/* Another interface has the name of one that is gone. */
static void port_renew(struct port *p)
{
    const struct config_interface *settings = p->settings;
    const char *bpf = p->bpf;
    struct complaint why = {""};

    port_end(p);
    if (port_begin(p, settings, bpf, &why) != PORT_OPEN)
        log_error("%s", why.text);
}

static void look_after_links(struct live *l)
{
    enum link_change change;
    unsigned which;

    while (l->links && links_next(l->links, &which, &change)) {
        links_report(l->ports[which].settings->name, change);
        /* One that was reopened while it was down may have to be opened when it comes up. */
        if (change == LINK_BACK || (change == LINK_UP && !l->ports[which].pcap))
            port_renew(&l->ports[which]);
    }
}

/* Sleeps until a frame may be there, a tenth of a second at most. */
static void wait_for_frame(struct live *l)
{
    struct pollfd fds[CONFIG_MAX_INTERFACES + 1];
    nfds_t n = 0;

    for (unsigned i = 0; i < l->n_ports; i++)
        if (l->ports[i].pcap)
            fds[n++] = (struct pollfd){.fd = pcap_get_selectable_fd(l->ports[i].pcap), .events = POLLIN};
    if (l->links)
        fds[n++] = (struct pollfd){.fd = links_fd(l->links), .events = POLLIN};
    poll(fds, n, l->draining ? PORT_BLOCK_AGE_MS : IDLE_MS);
}

/* From here nothing comes in: what is in the rings is all that there will be. */
static void drain_begin(struct live *l)
{
    for (unsigned i = 0; i < l->n_ports; i++)
        if (l->ports[i].pcap)
            port_shut(&l->ports[i]);
    l->draining = true;
    l->stop_us = l->frame_us = monotonic_us();
}

/* The kernel says how many frames it has put into the ring, also into the block that it has not handed over:
 * so nobody has to wait for one that is not there. */
static bool drained(struct live *l)
{
    uint64_t left = 0;

    if (monotonic_us() - l->frame_us > DRAIN_QUIET_US)
        return true;
    live_update_drops(l);
    for (unsigned i = 0; i < l->n_ports; i++)
        if (l->ports[i].pcap)
            left += port_left(&l->ports[i]);
    return left == 0;
}

/* Another frame is there: is there time for it? */
static bool drain_goes_on(struct live *l)
{
    l->frame_us = monotonic_us();
    return l->frame_us - l->stop_us < DRAIN_MAX_US;
}

enum source_result live_next(struct live *l, const volatile sig_atomic_t *stopped, struct frame *out,
                             const char **name)
{
    if (*stopped && !l->draining)
        drain_begin(l);
    /* First without those that rest; then all of them; then once more after sleeping. */
    for (unsigned attempt = 0; attempt < 3; attempt++) {
        struct port *oldest;

        if (attempt == 2) {
            if (l->draining && drained(l))
                return SOURCE_END;
            wait_for_frame(l);
            look_after_links(l);
        }
        ports_read(l, attempt > 0);
        oldest = oldest_port(l);
        if (l->draining && oldest && !drain_goes_on(l))
            return SOURCE_END;
        if (oldest) {
            frame_fill(out, oldest->header, oldest->data, oldest->link_type);
            oldest->header = NULL;
            *name = oldest->settings->name;
            return SOURCE_FRAME;
        }
    }
    return SOURCE_IDLE;
}

void live_close(struct live *l)
{
    if (!l)
        return;
    for (unsigned i = 0; i < l->n_ports; i++) {
        if (l->draining) /* else the rest is not wanted */
            port_end(&l->ports[i]);
        port_close(&l->ports[i]);
        if (l->links)
            ifdrops_close(&l->drops[i]);
    }
    links_free(l->links);
    free(l);
}
