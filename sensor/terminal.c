/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "terminal.h"

#include <stdlib.h>
#include <unistd.h>

static bool is_smart(int fd)
{
    const char *term = getenv("TERM");

    return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

bool terminal_color(enum when color)
{
    const char *no_color = getenv("NO_COLOR");

    if (color != WHEN_AUTO)
        return color == WHEN_ALWAYS;
    return is_smart(STDOUT_FILENO) && !(no_color && *no_color);
}

bool terminal_progress(enum when progress)
{
    return progress == WHEN_AUTO ? is_smart(STDERR_FILENO) : progress == WHEN_ALWAYS;
}
