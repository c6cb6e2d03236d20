/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/filter.h"
#include "capture/set.h"

#include "base/count.h"
#include "capture/group.h"
#include "capture/ifdrops.h"
#include "capture/links.h"
#include "capture/source.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

/* What worker k has on an interface, and, from its renewal until it is settled, had before. */
struct seat {
    struct member *now, *before; /* NULL: none */
    bool renewed;
};

struct side {
    struct group group;
    struct seat seats[CAPTURE_SET_MAX_WORKERS];
    struct ifdrops drops;
    bool is_there;
};

struct capture_set {
    const struct capture_plan *plan;
    struct fanout_plan fanout;
    struct links *links;
    struct side sides[CONFIG_MAX_INTERFACES];
    unsigned n_sides;
    bool wanted[CAPTURE_SET_MAX_WORKERS];
    struct {
        uint64_t taken_in, done;
    } settled[CAPTURE_SET_MAX_WORKERS]; /* by the counters at the last settling */
};

static bool deal(struct capture_set *s, unsigned i, struct complaint *why)
{
    struct side *side = &s->sides[i];
    const struct member *who[CAPTURE_SET_MAX_WORKERS];

    for (unsigned k = 0; k < s->fanout.n_workers; k++)
        who[k] = side->seats[k].now ? side->seats[k].now : side->seats[k].before;
    return group_deal(&side->group, &s->fanout, who, why);
}

/* Opens a handle for worker k on interface i, and gives it k's share. */
static enum port_result seat_fill(struct capture_set *s, unsigned i, unsigned k, struct complaint *why)
{
    struct side *side = &s->sides[i];
    struct member *m = calloc(1, sizeof *m);
    enum port_result result;

    if (!m) {
        complain(why, "out of memory");
        return PORT_REFUSED;
    }
    result = port_open(&m->port, &s->plan->interfaces[i], s->plan->bpf, why);
    if (result == PORT_OPEN && !group_join(&side->group, m, why))
        result = PORT_REFUSED;
    if (result != PORT_OPEN) {
        port_close(&m->port);
        free(m);
        return result;
    }
    side->seats[k].before = side->seats[k].now;
    side->seats[k].now = m;
    return PORT_OPEN;
}

static void seat_clear(struct side *side, struct member **seat)
{
    if (!*seat)
        return;
    group_leave(&side->group, *seat);
    port_close(&(*seat)->port);
    free(*seat);
    *seat = NULL;
}

/* All members first, then the program, then the frames: no share goes astray. */
static bool side_open(struct capture_set *s, unsigned i, struct complaint *why)
{
    struct side *side = &s->sides[i];

    s->n_sides++;
    group_init(&side->group, &s->plan->interfaces[i]);
    ifdrops_open(&side->drops, s->plan->interfaces[i].name);
    for (unsigned k = 0; k < s->fanout.n_workers; k++)
        if (seat_fill(s, i, k, why) != PORT_OPEN)
            return false;
    if (!deal(s, i, why))
        return false;
    for (unsigned k = 0; k < s->fanout.n_workers; k++)
        if (!port_admit(&side->seats[k].now->port, why))
            return false;
    side->is_there = true;
    return true;
}

struct capture_set *capture_set_open(const struct capture_plan *plan, unsigned n_workers,
                                     struct complaint *why)
{
    struct capture_set *s;

    assert(n_workers >= 1 && n_workers <= CAPTURE_SET_MAX_WORKERS);
    if (!filter_is_sound(plan->bpf, why))
        return NULL;
    s = calloc(1, sizeof *s);
    if (!s) {
        complain(why, "out of memory");
        return NULL;
    }
    s->plan = plan;
    s->fanout = (struct fanout_plan){.config = plan->config, .n_workers = n_workers};
    if (getrandom(&s->fanout.seed, sizeof s->fanout.seed, GRND_NONBLOCK) < 0)
        s->fanout.seed = 0; /* early at boot: fair all the same */
    s->links = links_new(plan->interfaces, plan->n_interfaces);
    if (!s->links)
        complain(why, "watching the interfaces: %s", strerror(errno));
    for (unsigned i = 0; s->links && i < plan->n_interfaces; i++)
        if (!side_open(s, i, why)) {
            capture_set_close(s);
            return NULL;
        }
    if (s->links)
        return s;
    capture_set_close(s);
    return NULL;
}

/* The others' rings are mapped here, too, and pcap_close asks the kernel to take a ring down; it refuses
 * while another process has it mapped, as the one that opened it has. */
struct capture *capture_set_take(struct capture_set *s, unsigned k)
{
    struct port ports[CONFIG_MAX_INTERFACES] = {{0}};
    const struct capture_plan *plan = s->plan;
    struct live *live;
    unsigned n = 0;

    for (unsigned i = 0; i < s->n_sides; i++) {
        struct seat *seat = &s->sides[i].seats[k];

        ports[n] = (struct port){.settings = &plan->interfaces[i], .bpf = plan->bpf};
        if (seat->now) {
            ports[n] = seat->now->port;
            seat->now->port.pcap = NULL; /* the live capture owns it from here */
        }
        n++;
    }
    live = live_adopt(ports, n);
    if (!live)
        for (unsigned i = 0; i < n; i++)
            port_close(&ports[i]);
    capture_set_close(s);
    return live ? capture_around(plan, live) : NULL;
}

bool capture_set_renew(struct capture_set *s, unsigned k, struct complaint *why)
{
    bool good = true;

    s->wanted[k] = false;
    for (unsigned i = 0; good && i < s->n_sides; i++) {
        struct side *side = &s->sides[i];
        struct complaint missing = {""};

        if (side->seats[k].renewed)
            continue; /* asked again: this one was done */
        switch (seat_fill(s, i, k, &missing)) {
        case PORT_OPEN:
            /* It takes in what it gets before it gets anything. */
            good = port_admit(&side->seats[k].now->port, why) && deal(s, i, why);
            break;
        case PORT_ABSENT: /* told when it went */
            side->seats[k].before = side->seats[k].now;
            side->seats[k].now = NULL;
            break;
        case PORT_REFUSED:
            good = complain(why, "%s", missing.text);
            break;
        }
        side->seats[k].renewed = good;
    }
    if (!good)
        s->wanted[k] = true;
    return good;
}

/* What the kernel has counted for a dead worker since that asked last, without what it dropped. */
static uint64_t count_rest(struct port *p)
{
    if (!p->pcap)
        return 0;
    port_shut(p);
    port_update_counts(p);
    return p->n_packets - p->n_drops;
}

void capture_set_settle(struct capture_set *s, unsigned k, const volatile uint64_t *its_counters)
{
    const uint64_t all_taken_in = its_counters[COUNT_CAPTURE_KERNEL_PACKETS];
    const uint64_t all_done = its_counters[COUNT_CAPTURE_KERNEL_DROPS] + its_counters[COUNT_CAPTURE_FRAMES] +
                              its_counters[COUNT_CAPTURE_LEFT];
    uint64_t taken_in = all_taken_in - s->settled[k].taken_in, done = all_done - s->settled[k].done;
    bool renewed = false;

    for (unsigned i = 0; i < s->n_sides; i++)
        renewed = renewed || s->sides[i].seats[k].renewed;
    for (unsigned i = 0; i < s->n_sides; i++) {
        struct side *side = &s->sides[i];
        struct member **old = renewed ? &side->seats[k].before : &side->seats[k].now;
        struct complaint why = {""};

        side->seats[k].renewed = false;
        if (!*old)
            continue;
        taken_in += count_rest(&(*old)->port);
        seat_clear(side, old);
        if (!deal(s, i, &why))
            log_error("%s", why.text);
    }
    if (taken_in > done)
        count_add(COUNT_CAPTURE_LEFT, taken_in - done);
    s->settled[k].taken_in = all_taken_in;
    s->settled[k].done = all_done;
}

static void on_change(struct capture_set *s, unsigned i, enum link_change change)
{
    struct side *side = &s->sides[i];
    struct complaint why = {""};

    side->is_there = change != LINK_GONE;
    for (unsigned k = 0; k < s->fanout.n_workers; k++)
        if (change == LINK_BACK || (change == LINK_UP && !side->seats[k].now))
            s->wanted[k] = true;
    if (change == LINK_UP)
        group_flapped(&side->group);
    if (change == LINK_GONE)
        group_init(&side->group, &s->plan->interfaces[i]); /* its members are dead */
    if (change == LINK_UP && !deal(s, i, &why))
        log_error("%s", why.text);
}

int capture_set_fd(const struct capture_set *s)
{
    return links_fd(s->links);
}

bool capture_set_watch(struct capture_set *s, struct capture_news *news)
{
    static const struct {
        const char *what, *message;
        bool bad;
    } words[] = {
        [LINK_DOWN] = {"interface_down", "the interface went down", true},
        [LINK_UP] = {"interface_up", "the interface is up again", false},
        [LINK_GONE] = {"interface_gone", "the interface is gone", true},
        [LINK_BACK] = {"interface_back", "the interface is back", false},
    };
    enum link_change change;
    unsigned i;

    if (!links_next(s->links, &i, &change))
        return false;
    links_report(s->plan->interfaces[i].name, change);
    on_change(s, i, change);
    *news = (struct capture_news){.interface = s->plan->interfaces[i].name,
                                  .what = words[change].what,
                                  .message = words[change].message,
                                  .bad = words[change].bad};
    return true;
}

bool capture_set_wants(const struct capture_set *s, unsigned k)
{
    return s->wanted[k];
}

bool capture_set_failed(const struct capture_set *s)
{
    for (unsigned i = 0; i < s->n_sides; i++)
        if (!s->sides[i].is_there)
            return true;
    return false;
}

void capture_set_update_drops(struct capture_set *s)
{
    for (unsigned i = 0; i < s->n_sides; i++)
        ifdrops_update(&s->sides[i].drops);
}

void capture_set_close(struct capture_set *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < s->n_sides; i++) {
        struct side *side = &s->sides[i];

        for (unsigned k = 0; k < s->fanout.n_workers; k++) {
            seat_clear(side, &side->seats[k].now);
            seat_clear(side, &side->seats[k].before);
        }
        ifdrops_close(&side->drops);
    }
    links_free(s->links);
    free(s);
}
