/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/settings.h"
#include "config/units.h"
#include "base/buf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const level_words[] = {"error", "warning", "notice", "info", "debug"};
#define N_LEVELS (unsigned)(sizeof level_words / sizeof *level_words)
static const char *const checks_words[] = {"no", "yes", "auto"};
#define N_CHECKS (unsigned)(sizeof checks_words / sizeof *checks_words)
static const char *const verdict_words[] = {"attempted", "vulnerable", "delivered", "compromised"};
#define N_VERDICTS (unsigned)(sizeof verdict_words / sizeof *verdict_words)

/* What to write when a value cannot be read. */
static const char *const forms[SET_N_TYPES] = {
    [SET_BOOL] = "yes or no",
    [SET_COUNT] = "a number",
    [SET_SIZE] = "a size: bytes, or 64kb, 64mb, 1gb",
    [SET_TIME] = "a time: seconds, or 500ms, 30s, 5m, 1h, 7d",
    [SET_MODE] = "a file mode in octal, such as 640",
    [SET_LEVEL] = "error, warning, notice, info or debug",
    [SET_CHECKS] = "no, yes or auto",
    [SET_VERDICT] = "attempted, vulnerable, delivered or compromised",
    [SET_WORKERS] = "auto, or a number from 1",
    [SET_PORTS] = "one to eight port numbers: 4789, or [4789, 8472]",
    [SET_TEXT] = "one text",
    [SET_PATH] = "a name that is not empty",
    [SET_NAME] = "a file name without '/'; default-log-dir says where it lies",
};

bool spot_complain(const struct spot *at, const char *fmt, ...)
{
    char text[400], where[SPOT_TEXT];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    spot_print(at, where, sizeof where);
    return complain(at->why, "%s: %s", where, text);
}

void spot_print(const struct spot *at, char *text, size_t size)
{
    if (!at->file)
        snprintf(text, size, "--set");
    else if (!at->line)
        snprintf(text, size, "%s", at->file);
    else
        snprintf(text, size, "%s:%u:%u", at->file, at->line, at->column);
}

bool setting_keep(char **slot, const char *text)
{
    char *copy = strdup(text);

    if (!copy)
        return false;
    free(*slot);
    *slot = copy;
    return true;
}

static bool read_word(const char *const *words, unsigned n, struct bytes text, uint64_t *out)
{
    for (unsigned i = 0; i < n; i++)
        if (bytes_eq_nocase(text, bytes_str(words[i]))) {
            *out = i;
            return true;
        }
    return false;
}

/* Also every way to write yes and no. */
static bool read_checks(struct bytes text, uint64_t *out)
{
    bool yes;

    if (!units_read_bool(text, &yes))
        return read_word(checks_words, N_CHECKS, text, out);
    *out = yes ? CHECKSUM_CHECKS_YES : CHECKSUM_CHECKS_NO;
    return true;
}

/* Without brackets, or in one pair of them. */
static bool read_ports(struct bytes text, struct config_ports *out)
{
    struct bytes rest = bytes_trim(text);
    uint64_t port;

    *out = (struct config_ports){.n = 0};
    if (bytes_starts(rest, BYTES_LIT("[")) && bytes_ends(rest, BYTES_LIT("]")))
        rest = bytes_slice(rest, 1, rest.len - 1);
    for (bool more = true; more;) {
        size_t comma = bytes_find_byte(rest, ',');

        more = comma != BYTES_NONE;
        if (out->n == CONFIG_MAX_PORTS ||
            !bytes_to_u64(bytes_trim(bytes_slice(rest, 0, comma)), UINT16_MAX, &port) || port == 0)
            return false;
        out->v[out->n++] = (uint16_t)port;
        rest = bytes_from(rest, more ? comma + 1 : rest.len);
    }
    return true;
}

bool setting_is_plain(const struct setting *row)
{
    return row->type <= SET_NAME;
}

bool setting_of_interface(const struct setting *row)
{
    return strncmp(row->key, "af-packet.", 10) == 0;
}

bool setting_is_number(enum setting_type type)
{
    return setting_has_bounds(type) || type == SET_LEVEL || type == SET_CHECKS || type == SET_VERDICT;
}

bool setting_has_bounds(enum setting_type type)
{
    return type == SET_COUNT || type == SET_SIZE || type == SET_TIME || type == SET_MODE ||
           type == SET_WORKERS;
}

static bool read_number(enum setting_type type, struct bytes text, uint64_t *out)
{
    switch (type) {
    case SET_COUNT:
        return bytes_to_u64(bytes_trim(text), UINT64_MAX, out);
    case SET_SIZE:
        return units_read_size(text, out);
    case SET_TIME:
        return units_read_time(text, out);
    case SET_MODE:
        return units_read_mode(text, out);
    case SET_WORKERS:
        *out = 0;
        return bytes_eq_nocase(bytes_trim(text), BYTES_LIT("auto")) ||
               (bytes_to_u64(bytes_trim(text), UINT64_MAX, out) && *out > 0);
    case SET_CHECKS:
        return read_checks(bytes_trim(text), out);
    case SET_VERDICT:
        return read_word(verdict_words, N_VERDICTS, bytes_trim(text), out);
    default:
        return read_word(level_words, N_LEVELS, bytes_trim(text), out);
    }
}

static void print_number(enum setting_type type, uint64_t n, char out[UNITS_TEXT])
{
    switch (type) {
    case SET_SIZE:
        units_print_size(n, out);
        break;
    case SET_TIME:
        units_print_time(n, out);
        break;
    case SET_MODE:
        snprintf(out, UNITS_TEXT, "%" PRIo64, n);
        break;
    case SET_LEVEL:
        snprintf(out, UNITS_TEXT, "%s", n < N_LEVELS ? level_words[n] : "?");
        break;
    case SET_WORKERS:
        if (n == 0)
            snprintf(out, UNITS_TEXT, "auto");
        else
            snprintf(out, UNITS_TEXT, "%" PRIu64, n);
        break;
    case SET_VERDICT:
        snprintf(out, UNITS_TEXT, "%s", n < N_VERDICTS ? verdict_words[n] : "?");
        break;
    case SET_CHECKS:
        snprintf(out, UNITS_TEXT, "%s", n < N_CHECKS ? checks_words[n] : "?");
        break;
    default:
        snprintf(out, UNITS_TEXT, "%" PRIu64, n);
    }
}

static bool is_good_text(enum setting_type type, const char *text)
{
    if (type == SET_TEXT)
        return true;
    if (type == SET_NAME && (strchr(text, '/') || strcmp(text, ".") == 0 || strcmp(text, "..") == 0))
        return false;
    return *text != '\0';
}

static bool refuse(const struct setting *row, const char *text, const struct spot *at)
{
    return spot_complain(at, "'%.64s' is no value for %s: write %s", text, row->key, forms[row->type]);
}

static bool store_number(const struct setting *row, void *base, const char *text, const struct spot *at)
{
    char least[UNITS_TEXT], most[UNITS_TEXT];
    uint64_t n;

    if (!read_number(row->type, bytes_str(text), &n))
        return refuse(row, text, at);
    if (setting_has_bounds(row->type) && (n < row->min || n > row->max)) {
        print_number(row->type, row->min, least);
        print_number(row->type, row->max, most);
        return spot_complain(at, "%.64s is out of bounds for %s: from %s to %s", text, row->key, least, most);
    }
    memcpy((char *)base + row->at, &n, sizeof n);
    return true;
}

bool setting_store(const struct setting *row, void *base, const char *text, const struct spot *at)
{
    char *slot = (char *)base + row->at;

    if (row->type == SET_BOOL) {
        bool value;

        if (!units_read_bool(bytes_str(text), &value))
            return refuse(row, text, at);
        memcpy(slot, &value, sizeof value);
        return true;
    }
    if (setting_is_number(row->type))
        return store_number(row, base, text, at);
    if (row->type == SET_PORTS) {
        struct config_ports ports;

        if (!read_ports(bytes_str(text), &ports))
            return refuse(row, text, at);
        memcpy(slot, &ports, sizeof ports);
        return true;
    }
    if (!is_good_text(row->type, text))
        return refuse(row, text, at);
    return setting_keep((char **)(void *)slot, text) || spot_complain(at, "out of memory");
}

bool setting_put(struct config *c, const struct setting *row, const char *text, const struct spot *at)
{
    if (!setting_store(row, c, text, at))
        return false;
    if (row->at == offsetof(struct config, log_dir))
        c->log_dir_named = true;
    return true;
}

bool setting_reset(const struct setting *row, void *base)
{
    char *slot = (char *)base + row->at;
    bool value = row->def != 0;

    if (row->type == SET_BOOL)
        memcpy(slot, &value, sizeof value);
    else if (setting_is_number(row->type))
        memcpy(slot, &row->def, sizeof row->def);
    else if (row->type == SET_PORTS)
        return read_ports(bytes_str(row->text), (struct config_ports *)(void *)slot);
    else
        return setting_keep((char **)(void *)slot, row->text);
    return true;
}

void setting_print_number(enum setting_type type, uint64_t n, struct buf *out)
{
    char text[UNITS_TEXT];

    print_number(type, n, text);
    buf_add_str(out, text);
}

void setting_print_default(const struct setting *row, struct buf *out)
{
    if (row->type == SET_BOOL)
        buf_add_str(out, row->def ? "yes" : "no");
    else if (setting_is_number(row->type))
        setting_print_number(row->type, row->def, out);
    else
        buf_add_str(out, row->text);
}
