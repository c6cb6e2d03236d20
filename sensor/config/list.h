/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_LIST_H
#define CONFIG_LIST_H

#include "config/settings.h"

/* Inside config/ only: the settings that are lists and maps. Where
 * something cannot be added, false (or NULL) and a complaint. */

void list_files_clear(struct config *c, const struct setting *row);
bool list_files_add(struct config *c, const struct setting *row, const char *name, const struct spot *at);

/* "a.rules, b.rules", or "[]" for none: replaces the list. */
bool list_files_set(struct config *c, const struct setting *row, const char *names, const struct spot *at);

/* row: the map of groups, or one of the groups that are there from the start. A name that is there gets the
 * new value. */
bool list_group_set(struct config *c, const struct setting *row, const char *name, const char *value,
                    const struct spot *at);

void list_interfaces_clear(struct config *c);

/* One more, everything at its default; its name is still empty. */
struct config_interface *list_interface_add(struct config *c, const struct spot *at);

/* Each has a name of its own. */
bool list_interfaces_check(const struct config *c, const struct spot *at);

void list_free(struct config *c);

#endif
