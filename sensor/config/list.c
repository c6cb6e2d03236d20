/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/list.h"

#include <stdlib.h>

static struct config_files *files_of(struct config *c, const struct setting *row)
{
    return (struct config_files *)(void *)((char *)c + row->at);
}

void list_files_clear(struct config *c, const struct setting *row)
{
    struct config_files *files = files_of(c, row);

    while (files->n)
        free(files->v[--files->n]);
}

bool list_files_add(struct config *c, const struct setting *row, const char *name, const struct spot *at)
{
    struct config_files *files = files_of(c, row);

    if (!*name)
        return spot_complain(at, "an empty name in %s", row->key);
    if (files->n == CONFIG_MAX_FILES)
        return spot_complain(at, "more than %d in %s", CONFIG_MAX_FILES, row->key);
    files->v[files->n] = strdup(name);
    if (!files->v[files->n])
        return spot_complain(at, "out of memory");
    files->n++;
    return true;
}

bool list_files_set(struct config *c, const struct setting *row, const char *names, const struct spot *at)
{
    struct bytes rest = bytes_str(names);

    list_files_clear(c, row);
    if (strcmp(names, "[]") == 0)
        return true;
    while (rest.len) {
        size_t comma = bytes_find_byte(rest, ',');
        size_t end = comma == BYTES_NONE ? rest.len : comma;
        struct bytes name = bytes_trim(bytes_slice(rest, 0, end));
        char *copy = strndup((const char *)name.p, name.len);
        bool good = copy && list_files_add(c, row, copy, at);

        free(copy);
        if (!good) /* the complaint of list_files_add stays when there is one */
            return spot_complain(at, "out of memory");
        rest = bytes_from(rest, comma == BYTES_NONE ? rest.len : comma + 1);
    }
    return true;
}

/* As rules write it after the $. */
static bool is_group_name(const char *name)
{
    size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    return len > 0 && !name[len];
}

static void groups_of(struct config *c, const struct setting *row, struct config_group **groups, unsigned **n)
{
    bool ports = row->at == offsetof(struct config, port_groups);

    *groups = ports ? c->port_groups : c->address_groups;
    *n = ports ? &c->n_port_groups : &c->n_address_groups;
}

bool list_group_set(struct config *c, const struct setting *row, const char *name, const char *value,
                    const struct spot *at)
{
    struct config_group *groups;
    char where[SPOT_TEXT];
    unsigned *n, i;

    groups_of(c, row, &groups, &n);
    if (!is_group_name(name))
        return spot_complain(at, "'%.64s' is no name for a group: letters, digits, _ and -", name);
    if (!*value)
        return spot_complain(at, "group '%.64s' is empty: write [] for nobody, or any", name);
    for (i = 0; i < *n && strcmp(groups[i].name, name) != 0; i++)
        ;
    if (i == CONFIG_MAX_GROUPS)
        return spot_complain(at, "more than %d groups", CONFIG_MAX_GROUPS);
    spot_print(at, where, sizeof where);
    if (!setting_keep(&groups[i].name, name) || !setting_keep(&groups[i].value, value) ||
        !setting_keep(&groups[i].where, where)) {
        /* A half-made entry has its place counted, so that it is freed. */
        *n += i == *n;
        return spot_complain(at, "out of memory");
    }
    *n += i == *n;
    return true;
}

static void interface_drop(struct config_interface *i)
{
    free(i->name);
    free(i->bpf_filter);
    memset(i, 0, sizeof *i);
}

void list_interfaces_clear(struct config *c)
{
    while (c->n_interfaces)
        interface_drop(&c->interfaces[--c->n_interfaces]);
}

struct config_interface *list_interface_add(struct config *c, const struct spot *at)
{
    struct config_interface *added = &c->interfaces[c->n_interfaces];

    if (c->n_interfaces == CONFIG_MAX_INTERFACES) {
        spot_complain(at, "more than %d interfaces", CONFIG_MAX_INTERFACES);
        return NULL;
    }
    c->n_interfaces++;
    for (unsigned i = 0; i < n_settings; i++)
        if (setting_of_interface(&settings[i]) && !setting_reset(&settings[i], added)) {
            spot_complain(at, "out of memory");
            return NULL;
        }
    return added;
}

/* The place of a name among n interfaces, or n. */
static unsigned interface_index(const struct config_interface *all, unsigned n, const char *name)
{
    unsigned i = 0;

    while (i < n && (!all[i].name || strcmp(all[i].name, name) != 0))
        i++;
    return i;
}

bool list_interfaces_check(const struct config *c, const struct spot *at)
{
    for (unsigned i = 0; i < c->n_interfaces; i++) {
        const char *name = c->interfaces[i].name;

        if (!*name)
            return spot_complain(at, "an entry of af-packet without 'interface: NAME'");
        if (interface_index(c->interfaces, i, name) < i)
            return spot_complain(at, "interface '%.64s' is named twice", name);
    }
    return true;
}

bool config_use_interfaces(struct config *c, const char *const names[], unsigned n, struct complaint *why)
{
    struct config_interface known[CONFIG_MAX_INTERFACES];
    unsigned n_known = c->n_interfaces;
    const struct spot at = {.file = "-i", .why = why};
    bool good = true;

    memcpy(known, c->interfaces, sizeof known);
    memset(c->interfaces, 0, sizeof c->interfaces);
    c->n_interfaces = 0;
    for (unsigned i = 0; good && i < n; i++) {
        struct config_interface *added = list_interface_add(c, &at);
        unsigned old = interface_index(known, n_known, names[i]);

        good = added && setting_keep(&added->name, names[i]) && list_interfaces_check(c, &at);
        if (good && old < n_known) {
            interface_drop(added);
            *added = known[old];
            known[old] = (struct config_interface){0}; /* c owns it from here */
        }
    }
    for (unsigned i = 0; i < n_known; i++)
        interface_drop(&known[i]);
    return good || complain(why, "out of memory");
}

static void groups_free(struct config_group *groups, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        free(groups[i].name);
        free(groups[i].value);
        free(groups[i].where);
    }
}

void list_free(struct config *c)
{
    for (unsigned i = 0; i < n_settings; i++)
        if (settings[i].type == SET_FILES)
            list_files_clear(c, &settings[i]);
    list_interfaces_clear(c);
    groups_free(c->address_groups, c->n_address_groups);
    groups_free(c->port_groups, c->n_port_groups);
}
