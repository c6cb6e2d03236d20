/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMANDS_WALK_H
#define COMMANDS_WALK_H

#include <stdbool.h>
#include <sys/stat.h>

/* The files that grep would read for the same arguments, in the order of the arguments and, in a directory,
 * of the names. */
enum walk_depth {
    WALK_FILES,   /* directories are refused */
    WALK_BELOW,   /* what is in them, without the symbolic links met there: grep -r */
    WALK_THROUGH, /* following them, each loop once: grep -R */
};

struct walk {
    enum walk_depth depth;
    /* A file to be read. named: by the operator, so that it may be a pipe or a device; others are regular
     * files. False ends the walk. */
    bool (*file)(void *arg, const char *path, const struct stat *st, bool named);
    /* errno, or 0 and what to say. */
    void (*problem)(void *arg, const char *path, int error, const char *what);
    void *arg;
};

/* One argument. False when it was ended. */
bool walk_path(const struct walk *w, const char *path);

#endif
