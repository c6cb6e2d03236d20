/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RULEFILES_H
#define RULEFILES_H

#include "detect/rules.h"
#include "options.h"

#include <limits.h>

/* Which files hold the rules: those of -S, or else those of rule-files; then those of -s. Relative rule-files
 * are looked for in default-rule-path, or, when that is empty, among the rules that came with the program:
 *   rules/ of the source tree, when the program lies one or two directories below it (sensor.yaml.example
 * shows that it is one), as after a build;
 *   ../share/jndi-sensor/rules beside the program's directory, as after an installation under any prefix. */

/* Gives every file of rules to fn, in their order; path is good for the call. False with a complaint when a
 * pattern matches none, or when fn returned false, which has complained then. */
bool rulefiles_rules(const struct config *config, const struct options *o,
                     bool (*fn)(void *arg, const char *path, struct complaint *why), void *arg,
                     struct complaint *why);

/* The files that a list of the settings names, each given to fn once, in order. */
struct rulefiles_walk {
    const char *key; /* of the setting: for complaints */
    bool may_lack;   /* a pattern that matches nothing is no mistake */
    bool (*fn)(void *arg, const char *path, struct complaint *why); /* false ends it */
    void *arg;
    struct complaint *why;
};

/* False with a complaint, or when fn said so. Relative names as above. */
bool rulefiles_each(const struct config *config, const struct config_files *files,
                    const struct rulefiles_walk *w);

/* Where relative rule-files are looked for. False when nothing is there. */
bool rulefiles_directory(const struct config *config, char out[PATH_MAX]);

#endif
