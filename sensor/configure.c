/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "configure.h"
#include "base/buf.h"

#include <unistd.h>

#define SYSTEM_CONFIG "/etc/jndi-sensor/sensor.yaml"

static void levels_set(const struct options *o, const struct config *config)
{
    if (o->quiet)
        log_set_level(LOG_LEVEL_ERROR);
    else if (o->verbose)
        log_set_level(o->verbose > 1 ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
    else
        log_set_level((enum log_level)config->log_level);
}

static bool config_from_files(struct config *config, const struct options *o, struct complaint *why)
{
    if (o->config)
        return config_load(config, o->config, why);
    if (access(SYSTEM_CONFIG, F_OK) != 0)
        return true;
    if (!config_load(config, SYSTEM_CONFIG, why))
        return false;
    /* It speaks for the service: somebody who reads a capture on the same machine must not write among its
     * logs. */
    config->log_dir_named = false;
    return true;
}

static bool log_dir_from_option(struct config *config, const char *dir, struct complaint *why)
{
    static const char key[] = "default-log-dir=";
    struct buf text = buf_within(65536);
    bool good = buf_add_str(&text, key) && buf_add_str(&text, dir) && buf_add_byte(&text, '\0');

    good =
        good ? config_set(config, (const char *)text.p, why) : complain(why, "-l: a name that is too long");
    buf_drop(&text);
    return good;
}

static bool apply(struct config *config, const struct options *o, struct complaint *why)
{
    static const enum checksum_checks checks[] = {
        [CHECKSUMS_ALL] = CHECKSUM_CHECKS_YES,
        [CHECKSUMS_NONE] = CHECKSUM_CHECKS_NO,
        [CHECKSUMS_AUTO] = CHECKSUM_CHECKS_AUTO,
    };

    if (!config_from_files(config, o, why))
        return false;
    for (unsigned i = 0; i < o->sets.n; i++)
        if (!config_set(config, o->sets.v[i], why))
            return false;
    if (o->log_dir && !log_dir_from_option(config, o->log_dir, why))
        return false;
    if (o->interfaces.n && !config_use_interfaces(config, o->interfaces.v, o->interfaces.n, why))
        return false;
    if (o->checksums != CHECKSUMS_AS_SET)
        config->checksums = checks[o->checksums];
    config->deterministic = o->deterministic;
    levels_set(o, config);
    return true;
}

struct config *configure(const struct options *o, struct complaint *why)
{
    struct config *config = config_new();

    if (!config) {
        complain(why, "out of memory");
        return NULL;
    }
    if (apply(config, o, why))
        return config;
    config_free(config);
    return NULL;
}
