/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/list.h"

#include <stdlib.h>

/* config_set: one assignment of the command line. The file's rows by the file's names, without its syntax. */

/* Splits "section.word" at the last dot whose section the table knows, so that the complaint is about the
 * first word that is wrong. */
static bool complain_unknown(char *key, const struct spot *at)
{
    char *word = key;

    for (char *dot = strchr(key, '.'); dot; dot = strchr(dot + 1, '.')) {
        *dot = '\0';
        if (setting_find(key) && !setting_is_section(key))
            return spot_complain(at, "%s is one value: there is no '%.64s' below it", key, dot + 1);
        if (!setting_is_section(key))
            break;
        word = dot + 1;
        *dot = '.';
    }
    if (word == key)
        return setting_complain_unknown("", word, at);
    word[-1] = '\0';
    return setting_complain_unknown(key, word, at);
}

/* "af-packet.0.snaplen": the n-th interface; the one after the last is made. */
static bool assign_interface(struct config *c, const char *rest, const char *value, const struct spot *at)
{
    static const char section[] = "af-packet.";
    char key[64] = "af-packet.";
    const struct setting *row;
    size_t digits = strcspn(rest, ".");
    uint64_t i;

    if (!rest[digits] || !bytes_to_u64(bytes_of(rest, digits), CONFIG_MAX_INTERFACES, &i))
        return spot_complain(at, "write af-packet.0.interface=NAME, or -i NAME");
    strncat(key, rest + digits + 1, sizeof key - sizeof section);
    row = setting_find(key);
    if (!row)
        return complain_unknown(key, at);
    if (i > c->n_interfaces)
        return spot_complain(at, "af-packet has %u entries: the next is af-packet.%u", c->n_interfaces,
                             c->n_interfaces);
    if (i == c->n_interfaces && !list_interface_add(c, at))
        return false;
    return setting_store(row, &c->interfaces[i], value, at) && list_interfaces_check(c, at);
}

static bool assign_row(struct config *c, const struct setting *row, const char *value, const struct spot *at)
{
    if (row->type == SET_FILES)
        return list_files_set(c, row, value, at);
    if (row->type == SET_GROUP)
        return list_group_set(c, row, strrchr(row->key, '.') + 1, value, at);
    if (!setting_is_plain(row) || setting_of_interface(row))
        return spot_complain(at, "%s is a list or a map: set the keys below it (--explain)", row->key);
    return setting_put(c, row, value, at);
}

/* The row of a map of groups when key is a free name below it. */
static const struct setting *groups_above(const char *key)
{
    for (unsigned i = 0; i < n_settings; i++) {
        size_t len = strlen(settings[i].key);

        if (settings[i].type == SET_GROUPS && strncmp(settings[i].key, key, len) == 0 && key[len] == '.')
            return &settings[i];
    }
    return NULL;
}

static bool assign(struct config *c, char *key, const char *value, const struct spot *at)
{
    const struct setting *row = setting_find(key), *groups = groups_above(key);

    if (groups)
        return list_group_set(c, groups, key + strlen(groups->key) + 1, value, at);
    if (strncmp(key, "af-packet.", 10) == 0)
        return assign_interface(c, key + 10, value, at);
    if (!row)
        row = setting_switch(key);
    if (!row && setting_is_section(key))
        return spot_complain(at, "%s is a section: set the keys below it (--explain)", key);
    return row ? assign_row(c, row, value, at) : complain_unknown(key, at);
}

bool config_set(struct config *c, const char *assignment, struct complaint *why)
{
    const struct spot at = {.file = NULL, .why = why};
    const char *equals = strchr(assignment, '=');
    char *key;
    bool good;

    if (!equals || equals == assignment)
        return spot_complain(&at, "'%.64s' has no value: write key.path=value", assignment);
    key = strndup(assignment, (size_t)(equals - assignment));
    if (!key)
        return spot_complain(&at, "out of memory");
    good = assign(c, key, equals + 1, &at);
    free(key);
    return good;
}
