/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/plain.h"

struct plain {
    const char *begins, *name;
};

static const struct plain plains[] = {
    {"SSH-", "ssh"},  {"USER ", "ftp"}, {"PASS ", "ftp"},
    {"PORT ", "ftp"}, {"EPRT ", "ftp"}, {"AUTH TLS\r\n", "ftp"},
};

const char *plain_name(struct bytes first)
{
    for (unsigned i = 0; i < sizeof plains / sizeof *plains; i++)
        if (bytes_starts_nocase(first, bytes_str(plains[i].begins)))
            return plains[i].name;
    return NULL;
}
