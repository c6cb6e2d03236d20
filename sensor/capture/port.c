/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/port.h"

#include "base/count.h"
#include "capture/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Reserved (RFC 1701), hence on no wire: a socket that asks for it gets nothing. */
#define NO_PROTOCOL 0xffff

static bool open_failed(const struct port *p, int rc, struct complaint *why)
{
    const char *name = p->settings->name, *detail = pcap_geterr(p->pcap);

    switch (rc) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
        return complain(why, "interface %s: no such interface ('ip -br link' lists them)", name);
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
        return complain(
            why,
            "interface %s: no permission to capture: CAP_NET_RAW is needed, from root, from systemd "
            "(AmbientCapabilities=CAP_NET_RAW) or from 'setcap cap_net_raw+ep' on this program",
            name);
    case PCAP_ERROR_IFACE_NOT_UP:
        return complain(why, "interface %s: is down ('ip link set %s up')", name, name);
    default:
        return complain(why, "interface %s: %s%s%s", name, pcap_statustostr(rc), detail[0] ? ": " : "",
                        detail);
    }
}

static int clamp_int(uint64_t value, int max)
{
    return value > (uint64_t)max ? max : (int)value;
}

/* Descriptors below this one are looked for: the usual limit of a process. */
#define FDS_LOOKED_FOR 1024

static void fds_mark(bool *is_open)
{
    for (int fd = 0; fd < FDS_LOOKED_FOR; fd++)
        is_open[fd] = fcntl(fd, F_GETFD) >= 0;
}

/* libpcap does not tell them all, and a worker closes what it does not know. */
static void fds_note(struct port *p, const bool *were_open)
{
    p->n_fds = 0;
    for (int fd = 0; fd < FDS_LOOKED_FOR && p->n_fds < PORT_FDS; fd++)
        if (!were_open[fd] && fcntl(fd, F_GETFD) >= 0)
            p->fds[p->n_fds++] = fd;
}

static enum port_result port_activate(struct port *p, struct complaint *why)
{
    const struct config_interface *s = p->settings;
    int rc;

    pcap_set_snaplen(p->pcap, s->snaplen ? clamp_int(s->snaplen, MAX_SNAPLEN) : MAX_SNAPLEN);
    pcap_set_promisc(p->pcap, !s->disable_promisc);
    pcap_set_timeout(p->pcap, PORT_BLOCK_AGE_MS);
    if (s->buffer_size)
        pcap_set_buffer_size(p->pcap, clamp_int(s->buffer_size, INT_MAX));
    /* What came in before the filter is in place would be counted by the kernel and given by nobody. */
    pcap_set_protocol_linux(p->pcap, NO_PROTOCOL);
    rc = pcap_activate(p->pcap);
    if (rc < 0) {
        open_failed(p, rc, why);
        return rc == PCAP_ERROR_NO_SUCH_DEVICE || rc == PCAP_ERROR_IFACE_NOT_UP ? PORT_ABSENT : PORT_REFUSED;
    }
    if (rc > 0) /* it captures, but not in every way that was asked for: "any" knows no promiscuous mode */
        log_info("interface %s: %s", s->name, pcap_statustostr(rc));
    p->link_type = pcap_datalink(p->pcap);
    return PORT_OPEN;
}

static bool call_failed(const struct port *p, const char *what, struct complaint *why)
{
    return complain(why, "interface %s: %s: %s", p->settings->name, what, strerror(errno));
}

static bool attach_filter(const struct port *p, struct sock_filter *code, size_t n)
{
    const struct sock_fprog program = {.len = (unsigned short)n, .filter = code};

    return setsockopt(pcap_fileno(p->pcap), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

/* A frame on the loopback interface is shown twice, going out and coming in. libpcap passes the first over,
 * behind the kernel's back; the kernel had better not count it. */
static bool refuse_copies(const struct port *p, struct complaint *why)
{
    struct sock_filter code[4 + BPF_MAXINSNS] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, if_nametoindex("lo"), 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, MAX_SNAPLEN),
    };
    socklen_t n = 0;
    int fd = pcap_fileno(p->pcap);

    /* Its length is in instructions. Behind ours comes what libpcap has made of the filter. */
    if (getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &n) != 0)
        return call_failed(p, "reading the filter back", why);
    if (n + 5 > BPF_MAXINSNS)
        return complain(why, "interface %s: the capture filter is too long", p->settings->name);
    if (n && getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, code + 5, &n) != 0)
        return call_failed(p, "reading the filter back", why);
    return attach_filter(p, code, 5 + (n ? n : 1)) || call_failed(p, "setting the filter", why);
}

/* True when some of what it shows comes from the loopback interface. */
static bool sees_loopback(const struct port *p)
{
    return strcmp(p->settings->name, "lo") == 0 || strcmp(p->settings->name, "any") == 0;
}

/* The filter of the command line and the interface's own: a frame must pass both. */
static bool port_filter(struct port *p, struct complaint *why)
{
    const char *bpf = p->bpf, *own = p->settings->bpf_filter ? p->settings->bpf_filter : "";
    struct bpf_program program;
    char *both = NULL;
    int none = 0;
    bool done;

    if (!bpf[0] && !own[0]) {
        setsockopt(pcap_fileno(p->pcap), SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none); /* if any */
        return true;
    }
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
        complain(why, "interface %s: capture filter '%s': %s (see pcap-filter(7))", p->settings->name,
                 both ? both : "", pcap_geterr(p->pcap));
    free(both);
    return done;
}

enum port_result port_open(struct port *p, const struct config_interface *settings, const char *bpf,
                           struct complaint *why)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    enum port_result result = PORT_REFUSED;
    bool were_open[FDS_LOOKED_FOR];

    fds_mark(were_open);
    *p = (struct port){.settings = settings, .bpf = bpf};
    p->pcap = pcap_create(settings->name, reason);
    if (!p->pcap) {
        complain(why, "interface %s: %s", settings->name, reason);
        return PORT_REFUSED;
    }
    result = port_activate(p, why);
    if (result == PORT_OPEN && !port_filter(p, why))
        result = PORT_REFUSED;
    if (result == PORT_OPEN && pcap_setnonblock(p->pcap, 1, reason) != 0) {
        complain(why, "interface %s: %s", settings->name, reason);
        result = PORT_REFUSED;
    }
    if (result == PORT_OPEN)
        fds_note(p, were_open);
    else
        port_close(p);
    return result;
}

void port_shut(struct port *p)
{
    struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);

    attach_filter(p, &nothing, 1);
}

bool port_attach(struct port *p, struct complaint *why)
{
    struct sockaddr_ll at;
    socklen_t len = sizeof at;
    int fd = pcap_fileno(p->pcap);

    port_shut(p);
    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return call_failed(p, "looking for its number", why);
    at.sll_protocol = htons(ETH_P_ALL);
    return bind(fd, (struct sockaddr *)&at, sizeof at) == 0 || call_failed(p, "binding to it", why);
}

bool port_admit(struct port *p, struct complaint *why)
{
    return port_filter(p, why) && (!sees_loopback(p) || refuse_copies(p, why));
}

int port_read(struct port *p)
{
    int rc = pcap_next_ex(p->pcap, &p->header, &p->data);

    if (rc == 1) {
        p->n_read++;
        return 1;
    }
    p->header = NULL;
    return rc == 0 ? 0 : -1;
}

/* Not by pcap_stats: that looks into /sys as well, which a worker may not. */
void port_update_counts(struct port *p)
{
    struct tpacket_stats_v3 stats = {0};
    socklen_t len = sizeof stats;

    if (!p->pcap || getsockopt(pcap_fileno(p->pcap), SOL_PACKET, PACKET_STATISTICS, &stats, &len) != 0)
        return;
    p->n_packets += stats.tp_packets;
    p->n_drops += stats.tp_drops;
    count_add(COUNT_CAPTURE_KERNEL_PACKETS, stats.tp_packets);
    count_add(COUNT_CAPTURE_KERNEL_DROPS, stats.tp_drops);
}

uint64_t port_left(const struct port *p)
{
    uint64_t done = p->n_drops + p->n_read;

    return p->n_packets > done ? p->n_packets - done : 0;
}

void port_close(struct port *p)
{
    if (p->pcap)
        pcap_close(p->pcap);
    p->pcap = NULL;
    p->header = NULL;
}
