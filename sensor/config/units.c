/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/units.h"

#include <inttypes.h>
#include <stdio.h>

struct unit {
    const char *name;
    uint64_t factor;
};

#define N(array) (sizeof(array) / sizeof *(array))

/* Ascending, and the name that is printed before its aliases. */
static const struct unit size_units[] = {
    {"", 1},           {"kb", 1u << 10}, {"kib", 1u << 10}, {"mb", 1u << 20},
    {"mib", 1u << 20}, {"gb", 1u << 30}, {"gib", 1u << 30},
};

#define SECOND UINT64_C(1000000)
static const struct unit time_units[] = {
    {"ms", 1000},       {"s", SECOND},        {"", SECOND},
    {"m", 60 * SECOND}, {"h", 3600 * SECOND}, {"d", 86400 * SECOND},
};

static bool read_amount(struct bytes text, const struct unit *units, size_t n_units, uint64_t *out)
{
    struct bytes word;
    size_t digits = 0;
    uint64_t n;

    text = bytes_trim(text);
    while (digits < text.len && text.p[digits] >= '0' && text.p[digits] <= '9')
        digits++;
    if (!bytes_to_u64(bytes_slice(text, 0, digits), UINT64_MAX, &n))
        return false;
    word = bytes_trim(bytes_from(text, digits));
    for (size_t i = 0; i < n_units; i++) {
        if (!bytes_eq_nocase(word, bytes_str(units[i].name)))
            continue;
        if (n > UINT64_MAX / units[i].factor)
            return false;
        *out = n * units[i].factor;
        return true;
    }
    return false;
}

static void print_amount(uint64_t value, const struct unit *units, size_t n_units, char out[UNITS_TEXT])
{
    const struct unit *best = &units[0];

    /* Later rows are larger or aliases: an alias has the same factor and does not replace the name before it.
     */
    for (size_t i = 1; value != 0 && i < n_units; i++)
        if (value % units[i].factor == 0 && units[i].factor > best->factor)
            best = &units[i];
    snprintf(out, UNITS_TEXT, "%" PRIu64 "%s", value / best->factor, best->name);
}

bool units_read_size(struct bytes text, uint64_t *bytes)
{
    return read_amount(text, size_units, N(size_units), bytes);
}

void units_print_size(uint64_t bytes, char out[UNITS_TEXT])
{
    print_amount(bytes, size_units, N(size_units), out);
}

bool units_read_time(struct bytes text, uint64_t *us)
{
    return read_amount(text, time_units, N(time_units), us);
}

void units_print_time(uint64_t us, char out[UNITS_TEXT])
{
    if (us == 0)
        snprintf(out, UNITS_TEXT, "0s");
    else
        print_amount(us, time_units, N(time_units), out);
}

bool units_read_bool(struct bytes text, bool *value)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"yes", true},    {"no", false}, {"true", true},
                 {"false", false}, {"on", true},  {"off", false}};

    text = bytes_trim(text);
    for (size_t i = 0; i < N(words); i++)
        if (bytes_eq_nocase(text, bytes_str(words[i].word))) {
            *value = words[i].value;
            return true;
        }
    return false;
}

bool units_read_mode(struct bytes text, uint64_t *mode)
{
    uint64_t n = 0;

    text = bytes_trim(text);
    if (text.len == 0 || text.len > 5)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] < '0' || text.p[i] > '7')
            return false;
        n = n * 8 + (uint64_t)(text.p[i] - '0');
    }
    *mode = n;
    return true;
}
