/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_YAMLDOC_H
#define CONFIG_YAMLDOC_H

#include "base/bytes.h"
#include "base/log.h"

/* A YAML file as a small tree that remembers where everything stands. The only user of libyaml.
 * What settings have no use for is refused: anchors and aliases (they multiply), tags, keys that are not
 * text, the same key twice, a second document, NUL characters. */

#define YAMLDOC_MAX_FILE  (1u << 20)
#define YAMLDOC_MAX_DEPTH 16
#define YAMLDOC_MAX_NODES 16384
#define YAMLDOC_MAX_KEYS  1024 /* in one map */

enum yamldoc_kind { YAMLDOC_TEXT, YAMLDOC_LIST, YAMLDOC_MAP };

struct yamldoc_node {
    enum yamldoc_kind kind;
    unsigned line, column; /* from 1; where the value begins */
    char *text;            /* YAMLDOC_TEXT, never NULL then */
    bool null;             /* nothing was written, or ~, or null, without quotes */
    char *key;             /* of a member of a map, else NULL */
    unsigned key_line, key_column;
    struct yamldoc_node *first, *next; /* of a map or list, in the order of the file */
};

struct yamldoc {
    char *name;                /* the file's, for complaints */
    struct yamldoc_node *root; /* NULL when the file says nothing */
};

/* NULL with a complaint (file:line:column: what, and the cure). Free with yamldoc_free. */
struct yamldoc *yamldoc_read(const char *path, struct complaint *why);

/* The same from memory. */
struct yamldoc *yamldoc_parse(const char *name, struct bytes text, struct complaint *why);

void yamldoc_free(struct yamldoc *d); /* NULL is welcome */

#endif
