/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ioclists.h"
#include "rulefiles.h"

#include <stdlib.h>

static bool add_list(void *arg, const char *path, struct complaint *why)
{
    return iocs_add_file(arg, path, why);
}

static struct iocs *load(const struct config *config, const char *key, const struct config_files *files,
                         struct complaint *why)
{
    struct iocs *list = iocs_new(config->ioc_max_items);
    const struct rulefiles_walk walk = {
        .key = key, .may_lack = true, .fn = add_list, .arg = list, .why = why};

    if (!list) {
        complain(why, "out of memory");
        return NULL;
    }
    if (rulefiles_each(config, files, &walk))
        return list;
    iocs_free(list);
    return NULL;
}

bool ioclists_load(const struct config *config, struct iocs **bad, struct iocs **allowed,
                   struct complaint *why)
{
    *bad = load(config, "iocs.files", &config->ioc_files, why);
    *allowed = *bad ? load(config, "iocs.allow-files", &config->allow_files, why) : NULL;
    if (*allowed)
        return true;
    iocs_free(*bad);
    *bad = NULL;
    return false;
}

bool ioclists_begin(struct ioc_switch *s, const struct config *config, struct complaint *why)
{
    s->config = config;
    return ioclists_load(config, &s->bad, &s->allowed, why);
}

void ioclists_ready(struct ioc_switch *s, struct collector *collector)
{
    s->collector = collector;
    collector_use_lists(collector, s->bad, s->allowed);
    s->bad = s->allowed = NULL;
}

void ioclists_end(struct ioc_switch *s)
{
    iocs_free(s->bad);
    iocs_free(s->allowed);
}

/* --- as a part of a reload: both lists, or neither --- */

struct pair {
    struct iocs *bad, *allowed;
};

static void drop_pair(void *arg, void *fresh)
{
    struct pair *p = fresh;

    (void)arg;
    iocs_free(p->bad);
    iocs_free(p->allowed);
    free(p);
}

static void *read_pair(void *arg, struct complaint *why)
{
    const struct ioc_switch *s = arg;
    struct pair *p = calloc(1, sizeof *p);

    if (p && ioclists_load(s->config, &p->bad, &p->allowed, why))
        return p;
    free(p);
    return NULL;
}

static void use_pair(void *arg, void *fresh)
{
    const struct ioc_switch *s = arg;
    struct pair *p = fresh;

    collector_use_lists(s->collector, p->bad, p->allowed);
    free(p);
}

const struct reload_part ioclists_part = {
    .name = "iocs", .read = read_pair, .use = use_pair, .drop = drop_pair};
