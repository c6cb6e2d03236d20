/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config.h"
#include "base/buf.h"
#include "config/list.h"
#include "config/yamldoc.h"

#include <stdio.h>
#include <stdlib.h>

/* Longer than any key of the table: what is cut here is no key. */
#define KEY_TEXT 128

struct loader {
    struct config *config;
    const char *file;
    struct complaint *why;
};

struct config *config_new(void)
{
    struct config *c = calloc(1, sizeof *c);
    const struct spot at = {.file = NULL};
    bool good = c != NULL;

    for (unsigned i = 0; good && i < n_settings; i++) {
        const struct setting *row = &settings[i];

        if (row->type == SET_FILES)
            good = list_files_set(c, row, row->text, &at);
        else if (row->type == SET_GROUP)
            good = list_group_set(c, row, strrchr(row->key, '.') + 1, row->text, &at);
        else if (setting_is_plain(row) && !setting_of_interface(row))
            good = setting_reset(row, c);
    }
    if (good)
        return c;
    config_free(c);
    return NULL;
}

void config_free(struct config *c)
{
    if (!c)
        return;
    list_free(c);
    free(c->sensor_name);
    free(c->log_dir);
    free(c->rule_path);
    free(c->threshold_file);
    free(c->classification_file);
    free(c->run_as_user);
    free(c->run_as_group);
    free(c->eve_filename);
    free(c->learned_filename);
    free(c->exposure_filename);
    free(c->control_socket);
    free(c->control_group);
    free(c);
}

static struct spot spot_of(const struct loader *l, const struct yamldoc_node *n)
{
    return (struct spot){l->file, n->line, n->column, l->why};
}

static struct spot spot_of_key(const struct loader *l, const struct yamldoc_node *n)
{
    return (struct spot){l->file, n->key_line, n->key_column, l->why};
}

/* "10.0.0.0/8" as it is, a YAML list as "[10.0.0.0/8,!10.1.0.0/16]": what rules/ reads. */
static bool group_text(const struct loader *l, const struct yamldoc_node *n, struct buf *out)
{
    struct spot at = spot_of(l, n);

    if (n->kind == YAMLDOC_MAP)
        return spot_complain(&at, "a group is one text or a list");
    if (n->kind == YAMLDOC_TEXT)
        return buf_add_str(out, n->text) || spot_complain(&at, "a group of more than 64 KB");
    buf_add_byte(out, '[');
    for (const struct yamldoc_node *item = n->first; item; item = item->next) {
        if (item != n->first)
            buf_add_byte(out, ',');
        if (!group_text(l, item, out))
            return false;
    }
    return buf_add_byte(out, ']') || spot_complain(&at, "a group of more than 64 KB");
}

static bool load_groups(const struct loader *l, const struct setting *row, const struct yamldoc_node *map)
{
    struct spot at = spot_of(l, map);
    bool good = true;

    if (map->kind == YAMLDOC_TEXT && map->null)
        return true;
    if (map->kind != YAMLDOC_MAP)
        return spot_complain(&at, "%s wants names with values, 'HOME_NET: \"[10.0.0.0/8]\"'", row->key);
    for (const struct yamldoc_node *n = map->first; good && n; n = n->next) {
        struct buf value = buf_within(64 * 1024);

        at = spot_of_key(l, n);
        good = group_text(l, n, &value) &&
               (buf_add_byte(&value, '\0') || spot_complain(&at, "out of memory")) &&
               list_group_set(l->config, row, n->key, (const char *)value.p, &at);
        buf_drop(&value);
    }
    return good;
}

static bool load_files(const struct loader *l, const struct setting *row, const struct yamldoc_node *list)
{
    struct spot at = spot_of(l, list);
    bool good = true;

    if (list->kind != YAMLDOC_LIST)
        return spot_complain(&at, "%s wants a list: [a.rules, b.rules], or [] for none", row->key);
    list_files_clear(l->config, row);
    for (const struct yamldoc_node *n = list->first; good && n; n = n->next) {
        at = spot_of(l, n);
        if (n->kind != YAMLDOC_TEXT || n->null)
            return spot_complain(&at, "an entry of %s is one file name", row->key);
        good = list_files_add(l->config, row, n->text, &at);
    }
    return good;
}

static bool load_interface_key(const struct loader *l, struct config_interface *i,
                               const struct yamldoc_node *n)
{
    struct spot at = spot_of_key(l, n);
    const struct setting *row;
    char key[KEY_TEXT];

    snprintf(key, sizeof key, "af-packet.%s", n->key);
    row = setting_find(key);
    if (!row)
        return setting_complain_unknown("af-packet", n->key, &at);
    at = spot_of(l, n);
    if (n->kind != YAMLDOC_TEXT || (n->null && row->type != SET_TEXT))
        return spot_complain(&at, "%s wants one value", key);
    return setting_store(row, i, n->text, &at);
}

static bool load_interfaces(const struct loader *l, const struct setting *row,
                            const struct yamldoc_node *list)
{
    struct spot at = spot_of(l, list);

    if (list->kind == YAMLDOC_TEXT && list->null)
        return true;
    if (list->kind != YAMLDOC_LIST)
        return spot_complain(&at, "%s wants a list of '- interface: NAME'", row->key);
    list_interfaces_clear(l->config);
    for (const struct yamldoc_node *entry = list->first; entry; entry = entry->next) {
        struct config_interface *i;

        at = spot_of(l, entry);
        if (entry->kind != YAMLDOC_MAP)
            return spot_complain(&at, "an entry of %s begins with '- interface: NAME'", row->key);
        i = list_interface_add(l->config, &at);
        if (!i)
            return false;
        for (const struct yamldoc_node *n = entry->first; n; n = n->next)
            if (!load_interface_key(l, i, n))
                return false;
        if (!list_interfaces_check(l->config, &at))
            return false;
    }
    return true;
}

static bool load(const struct loader *l, const char *key, const struct yamldoc_node *n);

/* What a list of entries does not name is off: as everywhere in YAML, a list says it all. */
static void entries_off(struct config *c, const char *list_key)
{
    size_t len = strlen(list_key);

    for (unsigned i = 0; i < n_settings; i++) {
        const char *rest = settings[i].key + len;
        bool value = false;

        if (strncmp(settings[i].key, list_key, len) == 0 && *rest == '.' && (rest = strchr(rest + 1, '.')) &&
            strcmp(rest, ".enabled") == 0)
            memcpy((char *)c + settings[i].at, &value, sizeof value);
    }
}

/* "- alert", "- alert: yes", "- alert: {...}": the name, and the node of what follows it, if anything does.
 */
static const char *entry_name(const struct yamldoc_node *item, const struct yamldoc_node **rest)
{
    *rest = NULL;
    if (item->kind == YAMLDOC_TEXT && !item->null)
        return item->text;
    if (item->kind != YAMLDOC_MAP || !item->first || item->first->next)
        return NULL;
    if (item->first->kind != YAMLDOC_TEXT || !item->first->null)
        *rest = item->first;
    return item->first->key;
}

static bool is_named_before(const struct yamldoc_node *list, const struct yamldoc_node *item,
                            const char *name)
{
    const struct yamldoc_node *rest;

    for (const struct yamldoc_node *n = list->first; n != item; n = n->next)
        if (strcmp(entry_name(n, &rest), name) == 0)
            return true;
    return false;
}

static bool load_entry(const struct loader *l, const struct setting *list_row,
                       const struct yamldoc_node *list, const struct yamldoc_node *item)
{
    const struct spot at = spot_of(l, item);
    const struct yamldoc_node *rest;
    const char *name = entry_name(item, &rest);
    const struct setting *enabled;
    char key[KEY_TEXT];
    bool on = true;

    if (!name)
        return spot_complain(&at,
                             "an entry of %s is '- NAME: {...}', one name each (is it indented far enough?)",
                             list_row->key);
    snprintf(key, sizeof key, "%s.%s", list_row->key, name);
    enabled = setting_switch(key);
    if (!enabled)
        return setting_complain_unknown(list_row->key, name, &at);
    if (is_named_before(list, item, name))
        return spot_complain(&at, "'%s' stands a second time in %s: keep one of them", name, list_row->key);
    memcpy((char *)l->config + enabled->at, &on, sizeof on);
    return !rest || load(l, key, rest);
}

static bool load_entries(const struct loader *l, const struct setting *row, const struct yamldoc_node *list)
{
    struct spot at = spot_of(l, list);

    if (list->kind != YAMLDOC_LIST)
        return spot_complain(&at, "%s wants a list of '- NAME: {...}', or [] for none", row->key);
    entries_off(l->config, row->key);
    for (const struct yamldoc_node *item = list->first; item; item = item->next)
        if (!load_entry(l, row, list, item))
            return false;
    return true;
}

/* A list is taken as its text in brackets, which the value's reader knows. */
static bool load_ports(const struct loader *l, const struct setting *row, const struct yamldoc_node *list)
{
    struct spot at = spot_of(l, list);
    struct buf text = buf_within(64 * 1024);
    bool good = group_text(l, list, &text) &&
                (buf_add_byte(&text, '\0') || spot_complain(&at, "out of memory")) &&
                setting_put(l->config, row, (const char *)text.p, &at);

    buf_drop(&text);
    return good;
}

static bool load_row(const struct loader *l, const struct setting *row, const struct yamldoc_node *n)
{
    struct spot at = spot_of(l, n);

    switch (row->type) {
    case SET_GROUPS:
        return load_groups(l, row, n);
    case SET_FILES:
        return load_files(l, row, n);
    case SET_INTERFACES:
        return load_interfaces(l, row, n);
    case SET_ENTRIES:
        return load_entries(l, row, n);
    default:
        if (row->type == SET_PORTS && n->kind == YAMLDOC_LIST)
            return load_ports(l, row, n);
        if (n->kind != YAMLDOC_TEXT)
            return spot_complain(&at, "%s wants one value, not a %s", row->key,
                                 n->kind == YAMLDOC_LIST ? "list" : "section");
        if (n->null && row->type != SET_TEXT)
            return spot_complain(&at, "%s has no value", row->key);
        return setting_put(l->config, row, n->text, &at);
    }
}

static bool load_section(const struct loader *l, const char *key, const struct yamldoc_node *section)
{
    for (const struct yamldoc_node *n = section->first; n; n = n->next) {
        const struct spot at = spot_of_key(l, n);
        char path[KEY_TEXT];

        snprintf(path, sizeof path, "%s%s%s", key, *key ? "." : "", n->key);
        /* A dot inside a key would reach a row by another road than its sections. */
        if (strchr(n->key, '.') || (!setting_find(path) && !setting_is_section(path)))
            return setting_complain_unknown(key, n->key, &at);
        if (!load(l, path, n))
            return false;
    }
    return true;
}

/* The value of a key that is in the table, or has keys below it. Recursion ends with the depth of the table.
 */
static bool load(const struct loader *l, const char *key, const struct yamldoc_node *n)
{
    const struct setting *row = setting_find(key), *enabled = setting_switch(key);
    const struct spot at = spot_of(l, n);

    if (row)
        return load_row(l, row, n);
    if (n->kind == YAMLDOC_MAP)
        return load_section(l, key, n);
    if (n->kind == YAMLDOC_TEXT && n->null)
        return true; /* a section whose keys are all commented out */
    if (n->kind == YAMLDOC_TEXT && enabled)
        return load_row(l, enabled, n);
    return spot_complain(&at, "%s is a section: indented keys follow it, not a %s", *key ? key : "the file",
                         n->kind == YAMLDOC_LIST ? "list" : "value");
}

static bool load_document(struct config *c, struct yamldoc *doc, struct complaint *why)
{
    bool good = doc != NULL;

    if (doc && doc->root)
        good = load(&(struct loader){c, doc->name, why}, "", doc->root);
    yamldoc_free(doc);
    return good;
}

bool config_load(struct config *c, const char *path, struct complaint *why)
{
    return load_document(c, yamldoc_read(path, why), why);
}

bool config_parse(struct config *c, const char *name, struct bytes text, struct complaint *why)
{
    return load_document(c, yamldoc_parse(name, text, why), why);
}
