/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "base/stamp.h"
#include "control/control.h"
#include "detect/rules.h"

#include <inttypes.h>
#include <stdio.h>

static const struct control_host *host_of(const struct command_call *c)
{
    return &c->control->plan.host;
}

static uint64_t up_us(const struct command_call *c)
{
    return monotonic_us() - c->control->begun_us;
}

/* The object of a stats event; and the counters, those that are zero, too: a reader may count on each key. */
enum answer show_counters(const struct command_call *c)
{
    const struct control_host *host = host_of(c);

    host->count(host->arg);
    jsonw_object(c->w, "message");
    stats_put(c->w, up_us(c), host->n_flows(host->arg), host->stats_rules(host->arg));
    jsonw_object(c->w, "counters");
    for (unsigned i = 0; i < COUNT_N; i++)
        jsonw_u64(c->w, counter_rows[i].name, counters[i]);
    jsonw_end_object(c->w);
    jsonw_end_object(c->w);
    return ANSWER_OK;
}

/* --- interfaces --- */

static unsigned n_interfaces(const struct command_call *c)
{
    return c->control->plan.offline ? 0 : c->control->plan.config->n_interfaces;
}

enum answer show_interfaces(const struct command_call *c)
{
    const struct config *config = c->control->plan.config;

    jsonw_object(c->w, "message");
    jsonw_u64(c->w, "count", n_interfaces(c));
    jsonw_array(c->w, "ifaces");
    for (unsigned i = 0; i < n_interfaces(c); i++)
        jsonw_str(c->w, NULL, config->interfaces[i].name);
    jsonw_end_array(c->w);
    jsonw_end_object(c->w);
    return ANSWER_OK;
}

/* Suricata's keys. What it lets pass by (bypassed) does not exist here, and checksums are counted for all
 * interfaces together: decode.bad_checksum of dump-counters. */
enum answer show_interface(const struct command_call *c)
{
    const struct control_host *host = host_of(c);
    const char *name = request_argument(c->request, "iface");
    uint64_t packets, drops;

    for (unsigned i = 0; i < n_interfaces(c); i++) {
        if (strcmp(c->control->plan.config->interfaces[i].name, name) != 0)
            continue;
        if (!host->interface(host->arg, i, &packets, &drops))
            return control_refuse(c, "%s: its frames are not counted apart (--in-process)", name);
        jsonw_object(c->w, "message");
        jsonw_u64(c->w, "pkts", packets);
        jsonw_u64(c->w, "drop", drops);
        jsonw_u64(c->w, "bypassed", 0);
        jsonw_end_object(c->w);
        return ANSWER_OK;
    }
    return control_refuse(c, "no interface '%.64s' is watched: iface-list", name);
}

/* --- ceilings --- */

static void size_print(uint64_t bytes, char out[32])
{
    static const char *const units[] = {"b", "kb", "mb", "gb"};
    unsigned unit = 0;

    while (unit < 3 && bytes && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    snprintf(out, 32, "%" PRIu64 "%s", bytes, units[unit]);
}

struct ceiling {
    const char *name; /* the setting's */
    bool bytes;       /* else items */
    uint64_t max;
    const uint64_t *used; /* NULL: that is not known */
    const uint64_t *n;    /* of what is kept there; NULL: the same */
};

static void put_ceiling(struct jsonw *w, const struct ceiling *c)
{
    char text[32];

    if (c->bytes)
        size_print(c->max, text);
    else
        snprintf(text, sizeof text, "%" PRIu64, c->max);
    jsonw_object(w, NULL);
    jsonw_str(w, "name", c->name);
    jsonw_str(w, "value", text);
    jsonw_str(w, "unit", c->bytes ? "bytes" : "items");
    jsonw_u64(w, "max", c->max);
    if (c->used)
        jsonw_u64(w, "used", *c->used);
    if (c->n)
        jsonw_u64(w, "items", *c->n);
    jsonw_end_object(w);
}

/* The names are those of the settings, so that whoever finds one full knows what to raise. */
enum answer show_memcaps(const struct command_call *c)
{
    const struct control_plan *plan = &c->control->plan;
    const struct control_host *host = host_of(c);
    const struct config *config = plan->config;
    const uint64_t n_workers = plan->n_workers ? plan->n_workers : 1;
    uint64_t n_flows = host->n_flows(host->arg), streams = 0, fragments = 0;
    struct correlate_fill fill;
    const struct ceiling ceilings[] = {
        {"flow.memcap", true, plan->flow_memcap, NULL, &n_flows},
        {"stream.memcap", true, plan->stream_memcap, &streams, NULL},
        {"defrag.memcap", true, config->defrag_memcap * n_workers, &fragments, NULL},
        {"correlate.memcap", true, config->correlate_memcap, &fill.bytes, &fill.incidents},
        {"iocs.max-items", false, config->ioc_max_items, &counters[COUNT_IOC_ITEMS], NULL},
        {"outputs.learned.max-items", false, config->learned_max_items, &fill.learned, NULL},
        {"outputs.exposure.max-hosts", false, config->exposure_max_hosts, &fill.exposed_hosts, NULL},
    };

    correlate_fill(plan->correlate, &fill);
    host->held(host->arg, &streams, &fragments);
    jsonw_array(c->w, "message");
    for (size_t i = 0; i < sizeof ceilings / sizeof *ceilings; i++)
        put_ceiling(c->w, &ceilings[i]);
    jsonw_end_array(c->w);
    return ANSWER_OK;
}

/* --- rules --- */

enum answer show_rules(const struct command_call *c)
{
    const struct stats_rules *rules = host_of(c)->stats_rules(host_of(c)->arg);

    jsonw_array(c->w, "message");
    jsonw_object(c->w, NULL);
    jsonw_u64(c->w, "id", 0);
    jsonw_u64(c->w, "rules_loaded", rules->loaded);
    jsonw_u64(c->w, "rules_failed", rules->failed);
    jsonw_u64(c->w, "rules_skipped", 0);
    jsonw_end_object(c->w);
    jsonw_end_array(c->w);
    return ANSWER_OK;
}

enum answer show_rules_time(const struct command_call *c)
{
    const struct stats_rules *rules = host_of(c)->stats_rules(host_of(c)->arg);
    char stamp[STAMP_TEXT];

    jsonw_array(c->w, "message");
    jsonw_object(c->w, NULL);
    jsonw_u64(c->w, "id", 0);
    if (rules->read_us) {
        stamp_print(rules->read_us, stamp);
        jsonw_str(c->w, "last_reload", stamp);
    }
    jsonw_end_object(c->w);
    jsonw_end_array(c->w);
    return ANSWER_OK;
}

enum answer show_rules_failed(const struct command_call *c)
{
    const struct ruleset *rules = host_of(c)->rules(host_of(c)->arg);
    const char *words;

    jsonw_array(c->w, "message");
    for (unsigned i = 0; (words = ruleset_refusal(rules, i)); i++) {
        jsonw_object(c->w, NULL);
        jsonw_u64(c->w, "tenant_id", 0);
        jsonw_str(c->w, "error", words);
        jsonw_end_object(c->w);
    }
    jsonw_end_array(c->w);
    return ANSWER_OK;
}
