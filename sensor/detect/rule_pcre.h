/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULE_PCRE_H
#define DETECT_RULE_PCRE_H

#include "base/bytes.h"
#include "base/log.h"

/* The regular expressions of rules. The only file that knows PCRE2. */
struct rule_pcre;

#define RULE_PCRE_MAX  1024                  /* bytes of an expression */
#define RULE_PCRE_ROOM (64u * 1024u * 1024u) /* bytes of all those of a ruleset, compiled */

/* From "/expression/flags", flags out of i m s x A E G R B and the letters that name a buffer. NULL with the
 * reason; older is then the caller's still. Otherwise older, the list of those made before (or NULL), is
 * freed with this one. */
struct rule_pcre *rule_pcre_new(struct bytes written, struct rule_pcre *older, struct complaint *why);
void rule_pcre_free(struct rule_pcre *p); /* with all older ones; NULL is welcome */
bool rule_pcre_relative(const struct rule_pcre *p);
size_t rule_pcre_size(const struct rule_pcre *p); /* bytes that it takes, compiled */
char rule_pcre_buffer(const struct rule_pcre *p); /* the letter that names a buffer; 0 without */

/* The expression alone, which must have exactly one group. Otherwise as rule_pcre_new. */
struct rule_pcre *rule_pcre_capture_new(struct bytes expression, struct rule_pcre *older,
                                        struct complaint *why);

/* What matching works in, one per ruleset. The first search takes all the memory there may be (its ceiling is
 * in rule_pcre.c), later ones take none; were it short, searches count as spent. */
struct pcre_scratch;
struct pcre_scratch *pcre_scratch_new(void); /* NULL when memory is short */
void pcre_scratch_free(struct pcre_scratch *s);

/* The work that matching may do from now on. One unit is about one step of the matcher, or 64 bytes it may
 * run over. */
void pcre_scratch_allow(struct pcre_scratch *s, uint64_t units);

/* True when the allowance or the memory did not suffice since pcre_scratch_allow: an answer of "no" is then
 * not to be relied on. */
bool pcre_scratch_spent(const struct pcre_scratch *s);

/* Offset of the leftmost match that starts at or after from, and where it ends. BYTES_NONE when there is none
 * (or the work was spent). */
size_t rule_pcre_find(const struct rule_pcre *p, struct pcre_scratch *s, struct bytes subject, size_t from,
                      size_t *end);

/* What the one group of a rule_pcre_capture_new holds at the leftmost match; borrowed from subject. False
 * when there is none (or the work was spent). */
bool rule_pcre_captured(const struct rule_pcre *p, struct pcre_scratch *s, struct bytes subject,
                        struct bytes *group);

#endif
