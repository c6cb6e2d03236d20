/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ioclists.h"
#include "rulefiles.h"

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
