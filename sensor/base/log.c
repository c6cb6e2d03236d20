/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"
#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>

static enum log_level threshold = LOG_LEVEL_NOTICE;
static void (*before_line)(void);
static void (*sink)(void *arg, enum log_level level, const char *text);
static void *sink_arg;
static _Thread_local void (*thread_sink)(void *arg, enum log_level level, const char *text);
static _Thread_local void *thread_sink_arg;

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

void log_set_sink(void (*fn)(void *arg, enum log_level level, const char *text), void *arg)
{
    sink = fn;
    sink_arg = arg;
}

void log_set_thread_sink(void (*fn)(void *arg, enum log_level level, const char *text), void *arg)
{
    thread_sink = fn;
    thread_sink_arg = arg;
}

void log_make_room(void)
{
    if (before_line)
        before_line();
}

static const char *word_of(enum log_level level)
{
    return level == LOG_LEVEL_ERROR ? "error: " : level == LOG_LEVEL_WARNING ? "warning: " : "";
}

static void put_line(enum log_level level, const char *text)
{
    if (thread_sink) {
        thread_sink(thread_sink_arg, level, text);
        return;
    }
    if (sink) {
        sink(sink_arg, level, text);
        return;
    }
    log_make_room();
    fprintf(stderr, "jndi-sensor: %s%s\n", word_of(level), text);
}

static void log_line(enum log_level level, const char *fmt, va_list args)
{
    char text[LOG_LINE_MAX];

    if (level > threshold)
        return;
    vsnprintf(text, sizeof text, fmt, args);
    /* File and interface names come from outside: a terminal must not obey them. */
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    put_line(level, text);
}

void log_as(enum log_level level, const char *text)
{
    switch (level) {
    case LOG_LEVEL_ERROR:
        log_error("%s", text);
        break;
    case LOG_LEVEL_WARNING:
        log_warning("%s", text);
        break;
    case LOG_LEVEL_NOTICE:
        log_notice("%s", text);
        break;
    case LOG_LEVEL_INFO:
    case LOG_LEVEL_DEBUG:
        log_info("%s", text);
        break;
    }
}

#define LOG_FUNCTION(name, level) \
    void name(const char *fmt, ...) \
    { \
        va_list args; \
        va_start(args, fmt); \
        log_line(level, fmt, args); \
        va_end(args); \
    }

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warning, LOG_LEVEL_WARNING)
LOG_FUNCTION(log_notice, LOG_LEVEL_NOTICE)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)

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
        struct bytes a = bytes_str(word), b = bytes_str(candidates[i]);
        size_t longer = a.len > b.len ? a.len - b.len : b.len - a.len;
        unsigned d = longer < least ? edit_distance(a, b) : least;

        /* A word of which more than half has to change is another word. */
        if (d < least && d * 2 <= a.len) {
            least = d;
            best = candidates[i];
        }
    }
    return best;
}
