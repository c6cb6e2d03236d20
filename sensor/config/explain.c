/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/settings.h"
#include "base/buf.h"

static const char *const type_words[SET_N_TYPES] = {
    [SET_BOOL] = "yes/no",     [SET_COUNT] = "number", [SET_SIZE] = "size",      [SET_TIME] = "time",
    [SET_MODE] = "octal mode", [SET_CHECKS] = "word",  [SET_WORKERS] = "number", [SET_PORTS] = "ports",
    [SET_VERDICT] = "word",    [SET_LEVEL] = "word",   [SET_TEXT] = "text",      [SET_PATH] = "text",
    [SET_NAME] = "file name",  [SET_FILES] = "list",   [SET_GROUPS] = "map",     [SET_GROUP] = "text, list",
    [SET_INTERFACES] = "list", [SET_ENTRIES] = "list",
};

static const char heading[] =
    "# Settings\n"
    "\n"
    "Printed by `jndi-sensor --explain`. In a file they are YAML sections (sensor.yaml.example); on the "
    "command line\n"
    "each is `--set KEY=VALUE`. Sizes are 1024-based: bytes, `64kb`, `64mb`, `1gb`. Times: seconds, `500ms`, "
    "`30s`,\n"
    "`5m`, `1h`, `7d`. Where a section can be switched, `http: no` is short for `http: {enabled: no}`.\n"
    "\n";

/* Column widths that hold the longest entry; the sentence comes last and needs none. */
#define ROW "| %-50s | %-10s | %-50s | %-16s | %s |\n"

static const char *text_of(struct buf *b)
{
    buf_add_byte(b, '\0');
    return (const char *)b->p;
}

static void explain_row(const struct setting *row, struct buf *out)
{
    struct buf def = buf_within(128), bounds = buf_within(128);

    setting_print_default(row, &def);
    if (setting_has_bounds(row->type)) {
        setting_print_number(row->type, row->min, &bounds);
        buf_add_str(&bounds, " to ");
        setting_print_number(row->type, row->max, &bounds);
    }
    buf_addf(out, ROW, row->key, type_words[row->type], text_of(&def), text_of(&bounds), row->help);
    buf_drop(&def);
    buf_drop(&bounds);
}

void config_explain(struct buf *out)
{
    buf_add_str(out, heading);
    buf_addf(out, ROW, "key", "type", "default", "bounds", "meaning");
    buf_add_str(out, "|---|---|---|---|---|\n");
    for (unsigned i = 0; i < n_settings; i++)
        explain_row(&settings[i], out);
}

const char *config_key(unsigned i)
{
    return i < n_settings ? settings[i].key : NULL;
}

const char *config_default_text(unsigned i)
{
    static char text[128]; /* good until the next call */
    struct buf b = buf_within(sizeof text - 1);

    if (i >= n_settings)
        return NULL;
    setting_print_default(&settings[i], &b);
    if (b.len)
        memcpy(text, b.p, b.len);
    text[b.len] = '\0';
    buf_drop(&b);
    return text;
}
