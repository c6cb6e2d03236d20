/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/walk.h"

#include <errno.h>
#include <fts.h>
#include <string.h>

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* False ends the walk. */
static bool visit(const struct walk *w, const FTSENT *entry)
{
    switch (entry->fts_info) {
    case FTS_F:
        return w->file(w->arg, entry->fts_path, entry->fts_statp, entry->fts_level == FTS_ROOTLEVEL);
    case FTS_DEFAULT: /* pipes, sockets, devices */
        return entry->fts_level != FTS_ROOTLEVEL || w->file(w->arg, entry->fts_path, entry->fts_statp, true);
    case FTS_SLNONE: /* named, or met where links are followed: it leads nowhere */
        w->problem(w->arg, entry->fts_path, ENOENT, NULL);
        return true;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        w->problem(w->arg, entry->fts_path, entry->fts_errno, NULL);
        return true;
    default: /* directories before and after what is in them, and those that are being read already; links
              * that are not followed */
        return true;
    }
}

static bool walk_below(const struct walk *w, const char *path)
{
    char *const roots[] = {(char *)path, NULL};
    int links = w->depth == WALK_THROUGH ? FTS_LOGICAL : FTS_PHYSICAL | FTS_COMFOLLOW;
    FTS *tree = fts_open(roots, links | FTS_NOCHDIR, by_name);
    const FTSENT *entry;
    bool goes_on = true;
    int error;

    if (!tree) {
        w->problem(w->arg, path, errno, NULL);
        return true;
    }
    while (goes_on && (errno = 0, entry = fts_read(tree)) != NULL)
        goes_on = visit(w, entry);
    error = goes_on ? errno : 0;
    if (error)
        w->problem(w->arg, path, error, NULL);
    fts_close(tree);
    return goes_on;
}

bool walk_path(const struct walk *w, const char *path)
{
    struct stat st;

    if (w->depth != WALK_FILES)
        return walk_below(w, path);
    if (stat(path, &st) != 0) {
        w->problem(w->arg, path, errno, NULL);
        return true;
    }
    if (S_ISDIR(st.st_mode)) {
        w->problem(w->arg, path, 0, "a directory: -r reads what is in it");
        return true;
    }
    return w->file(w->arg, path, &st, true);
}
