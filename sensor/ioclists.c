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

bool ioclists_load(const struct config *config, struct ioc_lists *lists, struct complaint *why)
{
    *lists = (struct ioc_lists){NULL, NULL, NULL};
    lists->bad = load(config, "iocs.files", &config->ioc_files, why);
    if (lists->bad)
        lists->allowed = load(config, "iocs.allow-files", &config->allow_files, why);
    if (lists->allowed)
        lists->never = load(config, "iocs.never-files", &config->never_files, why);
    if (lists->never)
        return true;
    ioc_lists_free(lists);
    return false;
}

bool ioclists_begin(struct ioc_switch *s, const struct config *config, struct complaint *why)
{
    s->config = config;
    return ioclists_load(config, &s->lists, why);
}

void ioclists_ready(struct ioc_switch *s, struct collector *collector)
{
    s->collector = collector;
    collector_use_lists(collector, &s->lists);
    s->lists = (struct ioc_lists){NULL, NULL, NULL};
}

void ioclists_end(struct ioc_switch *s)
{
    ioc_lists_free(&s->lists);
}

/* --- as a part of a reload: all lists, or none --- */

static void drop_lists(void *arg, void *fresh)
{
    (void)arg;
    ioc_lists_free(fresh);
    free(fresh);
}

static void *read_lists(void *arg, struct complaint *why)
{
    const struct ioc_switch *s = arg;
    struct ioc_lists *l = calloc(1, sizeof *l);

    if (l && ioclists_load(s->config, l, why))
        return l;
    free(l);
    return NULL;
}

static void use_lists(void *arg, void *fresh)
{
    const struct ioc_switch *s = arg;

    collector_use_lists(s->collector, fresh);
    free(fresh);
}

const struct reload_part ioclists_part = {
    .name = "iocs", .read = read_lists, .use = use_lists, .drop = drop_lists};
