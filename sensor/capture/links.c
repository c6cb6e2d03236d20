/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/links.h"

#include "base/count.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_ROOM 32768 /* the kernel's own messages are smaller (rtnetlink(7)) */
#define QUEUE        64

struct link {
    const char *name;
    unsigned index; /* 0: there is none */
    bool up;
};

struct event {
    unsigned which;
    enum link_change change;
};

struct links {
    int fd;
    struct link links[CONFIG_MAX_INTERFACES];
    unsigned n;
    struct event queue[QUEUE];
    unsigned first, n_queued;
    union {
        struct nlmsghdr header; /* for its alignment */
        char bytes[MESSAGE_ROOM];
    } message;
};

static void push(struct links *l, const struct link *link, enum link_change change)
{
    /* Changes that nobody has asked for yet: the oldest are of no interest any more. */
    if (l->n_queued == QUEUE) {
        l->first = (l->first + 1) % QUEUE;
        l->n_queued--;
    }
    l->queue[(l->first + l->n_queued++) % QUEUE] =
        (struct event){.which = (unsigned)(link - l->links), .change = change};
}

static bool flags_of(const struct links *l, const char *name, unsigned *flags)
{
    struct ifreq request = {0};

    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    if (ioctl(l->fd, SIOCGIFFLAGS, &request) != 0)
        return false;
    *flags = (unsigned short)request.ifr_flags;
    return true;
}

/* An interface as it is now; index 0: it is not there. */
static void link_is(struct links *l, struct link *link, unsigned index, bool up)
{
    if (link->index && index != link->index) {
        push(l, link, LINK_GONE);
        link->index = 0;
        link->up = false;
    }
    if (!index)
        return;
    if (!link->index) {
        /* One that is not up yet can be captured on as little as one that is not there. */
        if (up) {
            link->index = index;
            link->up = true;
            push(l, link, LINK_BACK);
        }
    } else if (up != link->up) {
        link->up = up;
        push(l, link, up ? LINK_UP : LINK_DOWN);
    }
}

/* Messages were lost: what is now is known, and what was in between may have been anything. */
static void look_again(struct links *l)
{
    for (unsigned i = 0; i < l->n; i++) {
        struct link *link = &l->links[i];
        unsigned index = if_nametoindex(link->name), flags = 0;
        bool up = index && flags_of(l, link->name, &flags) && (flags & IFF_UP);

        if (!index && strcmp(link->name, "any") == 0)
            continue;
        if (index && index == link->index && up && link->up)
            push(l, link, LINK_UP);
        link_is(l, link, index, up);
    }
}

/* NULL when the message has none. */
static const char *name_in(struct nlmsghdr *header, const struct ifinfomsg *info)
{
    struct rtattr *attr = IFLA_RTA(info);
    unsigned left = (unsigned)IFLA_PAYLOAD(header);

    for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
        if (attr->rta_type == IFLA_IFNAME && memchr(RTA_DATA(attr), 0, RTA_PAYLOAD(attr)))
            return RTA_DATA(attr);
    return NULL;
}

static void on_message(struct links *l, struct nlmsghdr *header)
{
    const struct ifinfomsg *info = NLMSG_DATA(header);
    const char *name;

    if (header->nlmsg_type != RTM_NEWLINK && header->nlmsg_type != RTM_DELLINK)
        return;
    if (header->nlmsg_len < NLMSG_LENGTH(sizeof *info))
        return;
    /* Of an interface that joins or leaves a bridge there are messages of another family. */
    if (info->ifi_family != AF_UNSPEC)
        return;
    name = name_in(header, info);
    for (unsigned i = 0; i < l->n; i++) {
        struct link *link = &l->links[i];
        bool same = link->index && (unsigned)info->ifi_index == link->index;

        if (header->nlmsg_type == RTM_DELLINK) {
            if (same)
                link_is(l, link, 0, false);
        } else if (same) {
            link_is(l, link, link->index, info->ifi_flags & IFF_UP);
        } else if (!link->index && name && strcmp(name, link->name) == 0) {
            link_is(l, link, (unsigned)info->ifi_index, info->ifi_flags & IFF_UP);
        }
    }
}

/* The fd is a datagram socket that only the kernel writes to; the messages are the kernel's own structures.
 */
static bool receive(struct links *l)
{
    struct sockaddr_nl from = {0};
    socklen_t from_len = sizeof from;
    ssize_t n =
        recvfrom(l->fd, &l->message, sizeof l->message, MSG_DONTWAIT, (struct sockaddr *)&from, &from_len);
    unsigned left;

    if (n < 0 && errno == ENOBUFS) {
        look_again(l);
        return true;
    }
    if (n <= 0)
        return false;
    if (from.nl_pid != 0)
        return true; /* another process may write, too, and has no say here */
    left = (unsigned)n;
    for (struct nlmsghdr *h = &l->message.header; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left))
        on_message(l, h);
    return true;
}

struct links *links_new(const struct config_interface *interfaces, unsigned n)
{
    struct links *l = calloc(1, sizeof *l);
    struct sockaddr_nl here = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};

    if (!l)
        return NULL;
    l->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (l->fd < 0 || bind(l->fd, (struct sockaddr *)&here, sizeof here) != 0) {
        links_free(l);
        return NULL;
    }
    for (unsigned i = 0; i < n; i++) {
        struct link *link = &l->links[l->n++];
        unsigned flags;

        link->name = interfaces[i].name;
        link->index = if_nametoindex(link->name);
        link->up = link->index && flags_of(l, link->name, &flags) && (flags & IFF_UP);
    }
    return l;
}

void links_free(struct links *l)
{
    if (!l)
        return;
    if (l->fd >= 0)
        close(l->fd);
    free(l);
}

int links_fd(const struct links *l)
{
    return l->fd;
}

bool links_next(struct links *l, unsigned *which, enum link_change *change)
{
    while (l->n_queued == 0)
        if (!receive(l))
            return false;
    *which = l->queue[l->first].which;
    *change = l->queue[l->first].change;
    l->first = (l->first + 1) % QUEUE;
    l->n_queued--;
    return true;
}

void links_report(const char *name, enum link_change change)
{
    switch (change) {
    case LINK_DOWN:
        count(COUNT_CAPTURE_INTERFACE_DOWN);
        log_warning("interface %s: went down; waiting for it ('ip link set %s up')", name, name);
        break;
    case LINK_UP:
        log_notice("interface %s: is up again", name);
        break;
    case LINK_GONE:
        count(COUNT_CAPTURE_LOST_INTERFACES);
        log_error("interface %s: is gone; waiting for another of that name", name);
        break;
    case LINK_BACK:
        log_notice("interface %s: is back", name);
        break;
    }
}
