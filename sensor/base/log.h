/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

/* Words for the operator, on stderr, one line each. Never for events, never per packet, never on stdout. */
#define LOG_LINE_MAX 1024 /* bytes of a line, its end included; a longer one is cut */

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Messages above this level are not written. Default: LOG_LEVEL_NOTICE. */
void log_set_level(enum log_level level);
enum log_level log_level(void);

/* Called before a line is written, so that a progress line can be erased first. NULL for none. */
void log_set_before(void (*before)(void));

/* Lines go to fn in place of stderr: a process that has no say there hands them on. text is one line without
 * its newline, what a terminal would obey is taken out. NULL: stderr again. */
void log_set_sink(void (*fn)(void *arg, enum log_level level, const char *text), void *arg);

/* The same for the calling thread alone, in place of all that is done with lines otherwise. */
void log_set_thread_sink(void (*fn)(void *arg, enum log_level level, const char *text), void *arg);

/* A line that came through such a sink. */
void log_as(enum log_level level, const char *text);

/* Calls it now: for the other one who writes lines to a terminal. */
void log_make_room(void);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What an operator did wrong: filled by the one who found it, printed by the one who knows what to do about
 * it. The text says "file:line:column: what, and the cure". The first complaint stays. */
struct complaint {
    char text[512];
};

/* Always false, so that a finder can say: return complain(why, ...). why may be NULL. */
bool complain(struct complaint *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The candidate nearest to word (case-blind edit distance at most 3), or NULL: the "did you mean" of our
 * messages. */
const char *nearest_word(const char *word, const char *const candidates[], unsigned n_candidates);

#endif
