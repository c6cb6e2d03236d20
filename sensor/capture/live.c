/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/source.h"

#include "base/count.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* The kernel hands over a block of its ring when it is full or this old; nothing is seen later than that. */
#define BLOCK_AGE_MS 100
#define IDLE_MS      100

/* After a stop: long enough for the block that was open then, and a limit for a clock that misleads. */
#define DRAIN_US     (2 * BLOCK_AGE_MS * 1000)
#define DRAIN_MAX_US 1000000

/* An interface that had nothing is asked again (a system call) after this many frames of the others. */
#define REST_FRAMES 32

struct port {
    const char *name;
    pcap_t *pcap; /* NULL once it is lost */
    int link_type;
    unsigned rest; /* rounds until it is asked again */

    /* The frame that waits to be the oldest; header NULL when there is none. libpcap's memory, good until the
     * next read from this port. */
    struct pcap_pkthdr *header;
    const uint8_t *data;

    unsigned drops, interface_drops; /* as last reported: 32 bits that may wrap */
};

struct live {
    struct port ports[CONFIG_MAX_INTERFACES];
    unsigned n_ports;
    bool draining;
    struct timeval stop_time; /* by the clock that stamps frames */
    uint64_t stop_us;         /* by the clock that never jumps */
};

static uint64_t monotonic_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool open_failed(const struct port *p, int rc, struct complaint *why)
{
    const char *detail = pcap_geterr(p->pcap);

    switch (rc) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
        return complain(why, "interface %s: no such interface ('ip -br link' lists them)", p->name);
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
        return complain(
            why,
            "interface %s: no permission to capture: CAP_NET_RAW is needed, from root, from systemd "
            "(AmbientCapabilities=CAP_NET_RAW) or from 'setcap cap_net_raw+ep' on this program",
            p->name);
    case PCAP_ERROR_IFACE_NOT_UP:
        return complain(why, "interface %s: is down ('ip link set %s up')", p->name, p->name);
    default:
        return complain(why, "interface %s: %s%s%s", p->name, pcap_statustostr(rc), detail[0] ? ": " : "",
                        detail);
    }
}

static int clamp_int(uint64_t value, int max)
{
    return value > (uint64_t)max ? max : (int)value;
}

static bool port_activate(struct port *p, const struct config_interface *settings, struct complaint *why)
{
    int rc;

    pcap_set_snaplen(p->pcap, settings->snaplen ? clamp_int(settings->snaplen, MAX_SNAPLEN) : MAX_SNAPLEN);
    pcap_set_promisc(p->pcap, !settings->disable_promisc);
    pcap_set_timeout(p->pcap, BLOCK_AGE_MS);
    if (settings->buffer_size)
        pcap_set_buffer_size(p->pcap, clamp_int(settings->buffer_size, INT_MAX));
    rc = pcap_activate(p->pcap);
    if (rc < 0)
        return open_failed(p, rc, why);
    if (rc > 0) /* it captures, but not in every way that was asked for: "any" knows no promiscuous mode */
        log_info("interface %s: %s", p->name, pcap_statustostr(rc));
    return true;
}

/* The filter of the command line and the interface's own: a frame must pass both. */
static bool port_filter(struct port *p, const char *bpf, const char *own, struct complaint *why)
{
    struct bpf_program program;
    char *both = NULL;
    bool done;

    if (!bpf[0] && !own[0])
        return true;
    if (bpf[0] && own[0] && asprintf(&both, "(%s) and (%s)", bpf, own) < 0)
        return complain(why, "out of memory");
    if (!both)
        both = strdup(bpf[0] ? bpf : own);
    done = both && pcap_compile(p->pcap, &program, both, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (done) {
        done = pcap_setfilter(p->pcap, &program) == 0;
        pcap_freecode(&program);
    }
    if (!done)
        complain(why, "interface %s: capture filter '%s': %s (see pcap-filter(7))", p->name, both ? both : "",
                 pcap_geterr(p->pcap));
    free(both);
    return done;
}

static bool port_open(struct port *p, const struct config_interface *settings, const char *bpf,
                      struct complaint *why)
{
    char reason[PCAP_ERRBUF_SIZE] = "";

    p->name = settings->name;
    p->pcap = pcap_create(p->name, reason);
    if (!p->pcap)
        return complain(why, "interface %s: %s", p->name, reason);
    if (!port_activate(p, settings, why))
        return false;
    p->link_type = pcap_datalink(p->pcap);
    if (!port_filter(p, bpf, settings->bpf_filter ? settings->bpf_filter : "", why))
        return false;
    if (pcap_setnonblock(p->pcap, 1, reason) != 0)
        return complain(why, "interface %s: %s", p->name, reason);
    return true;
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
    for (unsigned i = 0; i < plan->n_interfaces; i++) {
        l->n_ports++;
        if (!port_open(&l->ports[i], &plan->interfaces[i], plan->bpf, why)) {
            live_close(l);
            return NULL;
        }
    }
    return l;
}

static void port_update_drops(struct port *p)
{
    struct pcap_stat stats;

    if (!p->pcap || pcap_stats(p->pcap, &stats) != 0)
        return;
    count_add(COUNT_CAPTURE_KERNEL_DROPS, (unsigned)(stats.ps_drop - p->drops));
    count_add(COUNT_CAPTURE_INTERFACE_DROPS, (unsigned)(stats.ps_ifdrop - p->interface_drops));
    p->drops = stats.ps_drop;
    p->interface_drops = stats.ps_ifdrop;
}

void live_update_drops(struct live *l)
{
    for (unsigned i = 0; i < l->n_ports; i++)
        port_update_drops(&l->ports[i]);
}

static void port_close(struct port *p)
{
    if (p->pcap)
        pcap_close(p->pcap);
    p->pcap = NULL;
    p->header = NULL;
}

static unsigned ports_open(const struct live *l)
{
    unsigned n = 0;

    for (unsigned i = 0; i < l->n_ports; i++)
        n += l->ports[i].pcap != NULL;
    return n;
}

/* False when the interface is lost. */
static bool port_read(struct port *p)
{
    int rc = pcap_next_ex(p->pcap, &p->header, &p->data);

    if (rc == 1)
        return true;
    p->header = NULL;
    p->rest = REST_FRAMES;
    return rc == 0;
}

static void port_lost(struct live *l, struct port *p)
{
    port_update_drops(p);
    log_error("interface %s: %s; %u of %u interfaces left", p->name, pcap_geterr(p->pcap), ports_open(l) - 1,
              l->n_ports);
    port_close(p);
}

/* Lets each interface that is due show its next frame. False when one was lost. */
static bool ports_read(struct live *l, bool all)
{
    for (unsigned i = 0; i < l->n_ports; i++) {
        struct port *p = &l->ports[i];

        if (!p->pcap || p->header)
            continue;
        if (!all && p->rest) {
            p->rest--;
            continue;
        }
        if (!port_read(p)) {
            port_lost(l, p);
            return false;
        }
    }
    return true;
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

/* Sleeps until a frame may be there, a tenth of a second at most. False when nothing came. */
static bool wait_for_frame(const struct live *l)
{
    struct pollfd fds[CONFIG_MAX_INTERFACES];
    nfds_t n = 0;

    for (unsigned i = 0; i < l->n_ports; i++)
        if (l->ports[i].pcap)
            fds[n++] = (struct pollfd){.fd = pcap_get_selectable_fd(l->ports[i].pcap), .events = POLLIN};
    return poll(fds, n, IDLE_MS) > 0;
}

static void drain_begin(struct live *l)
{
    struct timespec now;

    l->draining = true;
    clock_gettime(CLOCK_REALTIME, &now);
    l->stop_time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    l->stop_us = monotonic_us();
}

/* What was captured after the stop is not wanted: its port is done. */
static void drop_late_frames(struct live *l)
{
    for (unsigned i = 0; i < l->n_ports; i++)
        if (l->ports[i].header && timercmp(&l->ports[i].header->ts, &l->stop_time, >)) {
            port_update_drops(&l->ports[i]);
            port_close(&l->ports[i]);
        }
}

/* Everything of before the stop has been given, or takes too long. */
static bool drained(const struct live *l, bool frame_waits)
{
    return l->draining && monotonic_us() - l->stop_us > (frame_waits ? DRAIN_MAX_US : DRAIN_US);
}

enum source_result live_next(struct live *l, const volatile sig_atomic_t *stopped, struct frame *out,
                             const char **name)
{
    if (*stopped && !l->draining)
        drain_begin(l);
    /* First without those that rest; then all of them; then once more after sleeping. */
    for (unsigned attempt = 0; attempt < 3; attempt++) {
        struct port *oldest;

        if (attempt == 2 && !wait_for_frame(l))
            break;
        if (!ports_read(l, attempt > 0))
            return SOURCE_FAILED;
        if (l->draining)
            drop_late_frames(l);
        oldest = oldest_port(l);
        if (!ports_open(l) || drained(l, oldest != NULL))
            return SOURCE_END;
        if (oldest) {
            frame_fill(out, oldest->header, oldest->data, oldest->link_type);
            oldest->header = NULL;
            *name = oldest->name;
            return SOURCE_FRAME;
        }
    }
    return SOURCE_IDLE;
}

void live_close(struct live *l)
{
    if (!l)
        return;
    for (unsigned i = 0; i < l->n_ports; i++)
        port_close(&l->ports[i]);
    free(l);
}
