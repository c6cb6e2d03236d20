/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "confine.h"
#include "process/privileges.h"
#include "process/sandbox.h"
#include "rulefiles.h"

#include <limits.h>

static bool become(const struct confine_plan *plan, struct complaint *why)
{
    const struct config *config = plan->config;
    const struct privileges_plan privileges = {
        .user = config->run_as_user,
        .group = config->run_as_group,
        .log_dir = plan->files ? config->log_dir : NULL,
        .inputs = plan->options->reads.v,
        .n_inputs = plan->options->reads.n,
        .live = plan->live,
    };

    return privileges_drop(&privileges, why);
}

static void keep_list(struct sandbox *s, const struct option_list *files)
{
    for (unsigned i = 0; i < files->n; i++)
        sandbox_may_read_beside(s, files->v[i]);
}

/* Relative ones lie in the rules' directory. */
static void keep_absolute(struct sandbox *s, const struct config_files *files)
{
    for (unsigned i = 0; i < files->n; i++)
        if (files->v[i][0] == '/')
            sandbox_may_read_beside(s, files->v[i]);
}

static void keep_rules(struct sandbox *s, const struct config *config, const struct options *o)
{
    char dir[PATH_MAX];

    if (rulefiles_directory(config, dir))
        sandbox_may_read(s, dir);
    keep_absolute(s, &config->ioc_files);
    keep_absolute(s, &config->allow_files);
    keep_absolute(s, &config->never_files);
    if (!o->only_rules.n)
        keep_absolute(s, &config->rule_files);
    keep_list(s, &o->only_rules);
    keep_list(s, &o->add_rules);
}

static void keep_places(struct sandbox *s, const struct confine_plan *plan)
{
    const struct options *o = plan->options;

    for (unsigned i = 0; i < o->reads.n; i++)
        sandbox_may_read(s, o->reads.v[i]);
    if (o->config)
        sandbox_may_read_beside(s, o->config);
    keep_rules(s, plan->config, o);
    if (*plan->config->threshold_file)
        sandbox_may_read_beside(s, plan->config->threshold_file);
    if (*plan->config->classification_file)
        sandbox_may_read_beside(s, plan->config->classification_file);
    if (plan->socket)
        sandbox_may_remove(s, plan->socket);
    if (plan->files)
        sandbox_may_write(s, plan->config->log_dir, plan->config->eve_filename);
}

bool confine(const struct confine_plan *plan, struct complaint *why)
{
    struct sandbox *s;
    bool done;

    if (plan->options->no_sandbox) {
        sandbox_report_none();
        return true;
    }
    if (!become(plan, why))
        return false;
    s = sandbox_new();
    if (!s)
        return complain(why, "out of memory");
    keep_places(s, plan);
    sandbox_report();
    done = sandbox_collector(s, plan->live, why);
    sandbox_free(s);
    return done;
}
