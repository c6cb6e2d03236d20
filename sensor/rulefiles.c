/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rulefiles.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool exists(const char *dir, const char *below)
{
    char path[PATH_MAX + 64];

    snprintf(path, sizeof path, "%s%s", dir, below);
    return access(path, F_OK) == 0;
}

/* dir + "/" + below without "..", into out. False when it does not exist. */
static bool settle(const char *dir, const char *below, char out[PATH_MAX])
{
    char path[PATH_MAX + 64];

    snprintf(path, sizeof path, "%s/%s", dir, below);
    return realpath(path, out) != NULL;
}

static bool shipped_rules(char out[PATH_MAX])
{
    static const char *const trees[] = {"..", "../.."};
    char here[PATH_MAX], tree[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", here, sizeof here - 1);
    char *slash;

    if (n <= 0)
        return false;
    here[n] = '\0';
    slash = strrchr(here, '/');
    if (slash)
        *slash = '\0';
    for (unsigned i = 0; i < sizeof trees / sizeof *trees; i++)
        if (settle(here, trees[i], tree) && exists(tree, "/sensor.yaml.example") &&
            settle(tree, "rules", out))
            return true;
    return settle(here, "../share/jndi-sensor/rules", out);
}

bool rulefiles_directory(const struct config *config, char out[PATH_MAX])
{
    if (!*config->rule_path)
        return shipped_rules(out);
    return realpath(config->rule_path, out) != NULL;
}

/* The directory is a name, not a pattern: what glob() would read in it is escaped. NULL when memory is short.
 */
static char *pattern_under(const char *dir, const char *name)
{
    char *pattern = malloc(2 * strlen(dir) + strlen(name) + 2), *p = pattern;

    if (!pattern)
        return NULL;
    for (; *dir; dir++) {
        if (strchr("*?[]\\", *dir))
            *p++ = '\\';
        *p++ = *dir;
    }
    if (p != pattern && p[-1] != '/')
        *p++ = '/';
    strcpy(p, name);
    return pattern;
}

/* Files in the order of their names, so that a run does not depend on the file system. */
static bool each_match(const struct rulefiles_walk *w, const char *dir, const char *name)
{
    char *pattern = pattern_under(dir, name);
    glob_t found;
    bool good = true;
    int rc;

    if (!pattern)
        return complain(w->why, "out of memory");
    /* NOMAGIC: a name without * and ? is tried as it is, so that opening it gives the reason. */
    rc = glob(pattern, GLOB_NOMAGIC, NULL, &found);
    free(pattern);
    if (rc == GLOB_NOMATCH)
        return w->may_lack ||
               complain(w->why, "%s: no file is called '%.128s' in %.200s: see default-rule-path", w->key,
                        name, *dir ? dir : "/");
    if (rc != 0)
        return complain(w->why, "%s: cannot look for '%.128s' in %.200s", w->key, name, dir);
    for (size_t i = 0; good && i < found.gl_pathc; i++)
        good = w->fn(w->arg, found.gl_pathv[i], w->why);
    globfree(&found);
    return good;
}

bool rulefiles_each(const struct config *config, const struct config_files *files,
                    const struct rulefiles_walk *w)
{
    char shipped[PATH_MAX] = "";
    bool good = true;

    for (unsigned i = 0; good && i < files->n; i++) {
        const char *name = files->v[i];
        const char *dir = config->rule_path;

        if (!*dir && !*shipped && name[0] != '/' && !shipped_rules(shipped)) {
            if (w->may_lack)
                continue;
            return complain(
                w->why, "the rules that came with the program are not where it looks for them (rules/ of a "
                        "source tree, ../share/jndi-sensor/rules): set default-rule-path, or use -S FILE");
        }
        good = each_match(w, name[0] == '/' ? "" : *dir ? dir : shipped, name);
    }
    return good;
}

bool rulefiles_rules(const struct config *config, const struct options *o,
                     bool (*fn)(void *arg, const char *path, struct complaint *why), void *arg,
                     struct complaint *why)
{
    const struct rulefiles_walk walk = {.key = "rule-files", .fn = fn, .arg = arg, .why = why};
    bool good = o->only_rules.n > 0 || rulefiles_each(config, &config->rule_files, &walk);

    for (unsigned i = 0; good && i < o->only_rules.n; i++)
        good = fn(arg, o->only_rules.v[i], why);
    for (unsigned i = 0; good && i < o->add_rules.n; i++)
        good = fn(arg, o->add_rules.v[i], why);
    return good;
}
