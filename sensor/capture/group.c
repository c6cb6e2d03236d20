/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/group.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

void group_init(struct group *g, const struct config_interface *settings)
{
    *g = (struct group){.settings = settings, .id = -1};
}

static bool group_failed(const struct group *g, const char *what, struct complaint *why)
{
    return complain(why, "interface %s: %s: %s", g->settings->name, what, strerror(errno));
}

/* Number and kind of the group in one word, as packet(7) has it. The first who joins makes the group; the
 * kernel picks a number that nobody has, unless the settings do. */
static bool join(struct group *g, int fd, struct complaint *why)
{
    unsigned kind = PACKET_FANOUT_CBPF, id;
    socklen_t len = sizeof id;

    if (g->id >= 0)
        id = (unsigned)g->id;
    else if (g->settings->cluster_id)
        id = (unsigned)g->settings->cluster_id & 0xffff;
    else {
        id = 0;
        kind |= PACKET_FANOUT_FLAG_UNIQUEID;
    }
    id |= kind << 16;
    if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &id, sizeof id) != 0)
        return group_failed(g, "joining its fanout group", why);
    if (getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &id, &len) != 0)
        return group_failed(g, "asking for its fanout group", why);
    g->id = (int)(id & 0xffff);
    return true;
}

bool group_join(struct group *g, struct member *m, struct complaint *why)
{
    if (g->n == GROUP_MAX)
        return complain(why, "interface %s: too many sockets share it", g->settings->name);
    if (!port_attach(&m->port, why) || !join(g, pcap_fileno(m->port.pcap), why))
        return false;
    g->places[g->n] = g->created[g->n] = m;
    g->n++;
    return true;
}

static unsigned place_in(const struct member *const *list, unsigned n, const struct member *m)
{
    unsigned i = 0;

    while (i < n && list[i] != m)
        i++;
    return i;
}

void group_leave(struct group *g, const struct member *m)
{
    unsigned at = place_in(g->places, g->n, m), made = place_in(g->created, g->n, m);

    if (at == g->n)
        return; /* of an interface that is gone */
    g->n--;
    g->places[at] = g->places[g->n];
    for (unsigned i = made; i < g->n; i++)
        g->created[i] = g->created[i + 1];
}

void group_flapped(struct group *g)
{
    for (unsigned i = 0; i < g->n; i++)
        g->places[i] = g->created[i];
}

static bool install(const struct group *g, const struct fanout_plan *plan, const unsigned char *places,
                    struct complaint *why)
{
    struct sock_filter code[FANOUT_MAX_CODE];
    struct sock_fprog program = {.filter = code};

    program.len = (unsigned short)fanout_program(plan, places, code);
    return setsockopt(pcap_fileno(g->places[0]->port.pcap), SOL_PACKET, PACKET_FANOUT_DATA, &program,
                      sizeof program) == 0 ||
           group_failed(g, "dealing out its frames", why);
}

bool group_deal(struct group *g, const struct fanout_plan *plan, const struct member *const *who,
                struct complaint *why)
{
    unsigned char places[FANOUT_MAX_WORKERS];

    if (g->n == 0)
        return true;
    for (unsigned k = 0; k < plan->n_workers; k++) {
        unsigned at = place_in(g->places, g->n, who[k]);

        places[k] = (unsigned char)(at < g->n ? at : 0);
    }
    if (g->is_dealt && memcmp(g->dealt, places, plan->n_workers) == 0)
        return true;
    if (!install(g, plan, places, why))
        return false;
    memcpy(g->dealt, places, plan->n_workers);
    g->is_dealt = true;
    return true;
}
