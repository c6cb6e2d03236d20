/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include "config/config.h"

/* Inside config/ only: the table of settings, and how the text of a value becomes the value. */

enum setting_type {
    SET_BOOL,
    SET_COUNT,
    SET_SIZE,
    SET_TIME,
    SET_MODE,       /* octal file mode */
    SET_LEVEL,      /* a word of enum log_level */
    SET_WORKERS,    /* auto (0) or a number from 1 */
    SET_CHECKS,     /* a word of enum checksum_checks */
    SET_VERDICT,    /* attempted (0), vulnerable, delivered, compromised */
    SET_PORTS,      /* struct config_ports: "4789, 8472" or a list */
    SET_TEXT,       /* may be empty */
    SET_PATH,       /* may not */
    SET_NAME,       /* a file's name without a directory */
    SET_FILES,      /* struct config_files: a list of text */
    SET_GROUPS,     /* a map of names that the operator chooses */
    SET_GROUP,      /* one name that is there from the start */
    SET_INTERFACES, /* a list of maps; rows whose key goes on after it are fields of struct config_interface
                     */
    SET_ENTRIES,    /* a list of "- name: {...}"; an entry KEY.name has a row KEY.name.enabled */
    SET_N_TYPES
};

struct setting {
    const char *key;
    enum setting_type type;
    uint64_t def, min, max; /* numbers; a bool has def only */
    const char *text;       /* the default of what is no number; lists with commas */
    size_t at;              /* in struct config, or in struct config_interface */
    const char *help;
};

extern const struct setting settings[];
extern const unsigned n_settings;

const struct setting *setting_find(const char *key);

/* The row KEY.enabled of a section that can be switched, so that "KEY: no" means the same. NULL for others.
 */
const struct setting *setting_switch(const char *key);

/* True when there are keys below this one: "stream" has, "stream.depth" has not. */
bool setting_is_section(const char *key);

/* Where a value was written. file is NULL for --set; line is 0 for another option, whose name file is. */
struct spot {
    const char *file;
    unsigned line, column;
    struct complaint *why;
};

#define SPOT_TEXT 300 /* a longer file name is cut */

/* "file:line:column", "--set" or "-i". */
void spot_print(const struct spot *at, char *text, size_t size);

/* False, with "file:line:column: ..." or "--set: ..." or "-i: ...". */
bool spot_complain(const struct spot *at, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* False: word is no key of section ("" for the top); with the word that was perhaps meant. */
bool setting_complain_unknown(const char *section, const char *word, const struct spot *at);

/* Stores a value that is one text. base: the struct that row->at counts in. False with a complaint that names
 * the key. */
bool setting_store(const struct setting *row, void *base, const char *text, const struct spot *at);

/* The same for a row of struct config; that the log directory was named is remembered beside its value. */
bool setting_put(struct config *c, const struct setting *row, const char *text, const struct spot *at);

/* Stores the default of such a row. False when memory is short. */
bool setting_reset(const struct setting *row, void *base);

/* True for rows that are one text; the others are lists and maps. */
bool setting_is_plain(const struct setting *row);

/* True when row->at counts in struct config_interface. */
bool setting_of_interface(const struct setting *row);

/* Replaces *slot by a copy. False when memory is short. */
bool setting_keep(char **slot, const char *text);

/* True for the types that are kept as a number. */
bool setting_is_number(enum setting_type type);

/* True for those of them that have bounds: the others are words. */
bool setting_has_bounds(enum setting_type type);

/* How an operator would write a number of this type, and a row's default. */
void setting_print_number(enum setting_type type, uint64_t n, struct buf *out);
void setting_print_default(const struct setting *row, struct buf *out);

#endif
