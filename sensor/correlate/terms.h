/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_TERMS_H
#define CORRELATE_TERMS_H

#include "correlate/limits.h"

/* What an operator says about rules without touching them: a threshold file in the words of Suricata's
 * threshold.config. One statement per line, a backslash at the end joins the next line to it, # begins a
 * comment: threshold gen_id G, sig_id S, type limit|threshold|both, track by_src|..., count N, seconds N
 *   event_filter ...                      the same under its other name
 *   suppress gen_id G, sig_id S           the rule never speaks
 *   suppress gen_id G, sig_id S, track by_src|by_dst|by_either, ip LIST
 * sig_id 0 is every rule of the generator, gen_id 0, sig_id 0 every rule. Of several thresholds the last one
 * that names the rule counts, in place of the rule's own; then the rule's own; then the first one for every
 * rule. Suppressions all count. rate_filter is refused by name: it changes what is done with packets. */
struct terms;

#define TERMS_MAX 65536 /* statements */

/* The text of a file; name stands for it in complaints (file:line: what, and the cure). A statement about a
 * rule that is not there is said in a warning and has no effect. config must outlive the result. NULL with a
 * complaint. Free with terms_free. */
struct terms *terms_read(const struct config *config, const struct ruleset *rules, const char *name,
                         struct bytes text, struct complaint *why);

/* The same from a file. */
struct terms *terms_read_file(const struct config *config, const struct ruleset *rules, const char *path,
                              struct complaint *why);
void terms_free(struct terms *t); /* NULL is welcome */

unsigned terms_n(const struct terms *t); /* statements */

/* t may be NULL in both: without a file a rule's own limit holds, and nothing is suppressed. */
const struct rule_limit *terms_limit(const struct terms *t, const struct rule *rule);
bool terms_suppress(const struct terms *t, const struct rule *rule, const struct limit_subject *who);

#endif
