/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"
#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>

static enum log_level threshold = LOG_LEVEL_NOTICE;
static void (*before_line)(void);

void log_set_level(enum log_level level)
{
    threshold = level;
}

enum log_level log_level(void)
{
    return threshold;
}

void log_set_before(void (*before)(void))
{
    before_line = before;
}

void log_make_room(void)
{
    if (before_line)
        before_line();
}

static void log_line(enum log_level level, const char *word, const char *fmt, va_list args)
{
    char text[1024];

    if (level > threshold)
        return;
    log_make_room();
    vsnprintf(text, sizeof text, fmt, args);
    /* File and interface names come from outside: a terminal must not obey them. */
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    fprintf(stderr, "jndi-sensor: %s%s\n", word, text);
}

#define LOG_FUNCTION(name, level, word) \
    void name(const char *fmt, ...) \
    { \
        va_list args; \
        va_start(args, fmt); \
        log_line(level, word, fmt, args); \
        va_end(args); \
    }

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR, "error: ")
LOG_FUNCTION(log_warning, LOG_LEVEL_WARNING, "warning: ")
LOG_FUNCTION(log_notice, LOG_LEVEL_NOTICE, "")
LOG_FUNCTION(log_info, LOG_LEVEL_INFO, "")

bool complain(struct complaint *why, const char *fmt, ...)
{
    va_list args;

    if (!why || why->text[0])
        return false;
    va_start(args, fmt);
    vsnprintf(why->text, sizeof why->text, fmt, args);
    va_end(args);
    return false;
}

static unsigned edit_distance(struct bytes a, struct bytes b)
{
    unsigned row[65];

    if (a.len > 64 || b.len > 64)
        return 64;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned change = diagonal + (ascii_lower(a.p[i - 1]) != ascii_lower(b.p[j - 1]));

            diagonal = row[j];
            if (row[j] + 1 < change)
                change = row[j] + 1;
            if (row[j - 1] + 1 < change)
                change = row[j - 1] + 1;
            row[j] = change;
        }
    }
    return row[b.len];
}

const char *nearest_word(const char *word, const char *const candidates[], unsigned n_candidates)
{
    const char *best = NULL;
    unsigned least = 4;

    for (unsigned i = 0; i < n_candidates; i++) {
        unsigned d = edit_distance(bytes_str(word), bytes_str(candidates[i]));

        /* A word of which more than half has to change is another word. */
        if (d < least && d * 2 <= strlen(word)) {
            least = d;
            best = candidates[i];
        }
    }
    return best;
}
