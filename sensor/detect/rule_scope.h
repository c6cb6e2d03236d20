/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_RULE_SCOPE_H
#define DETECT_RULE_SCOPE_H

#include "detect/pool.h"
#include "base/addr.h"
#include "config/config.h"

/* The addresses or ports that a rule's header allows: "any", "10.0.0.0/8", "[$HOME_NET,!10.1.0.0/16]",
 * "1024:". A variable stands for its whole set. A list holds what one of its plain members holds, or anything
 * when it has none, less what its negated members name; "[]" holds nothing. */
enum scope_kind { SCOPE_ADDRESSES, SCOPE_PORTS };

#define SCOPE_MAX_NESTING 16    /* lists and variables inside one another */
#define SCOPE_MAX_WEIGHT  65536 /* comparisons that one question may cost */

struct scope;
struct scope_vars;

/* Reads the groups of the settings, all of them, used or not. NULL with a complaint at the first mistake: no
 * such variable, a variable that names itself, a bad address. The pool owns the result; config must outlive
 * it. */
struct scope_vars *scope_vars_new(const struct config *config, struct pool *pool, struct complaint *why);

/* NULL with a complaint that holds the reason alone: the caller says where. The pool owns the result. */
const struct scope *scope_read(struct scope_vars *vars, enum scope_kind kind, struct bytes text,
                               struct pool *pool, struct complaint *why);

bool scope_is_any(const struct scope *s);
/* Whether any member, negated or not, speaks of addresses of that version (4, 6). Suricata's !192.0.2.0/24 is
 * the rest of IPv4, and no IPv6 address. */
bool scope_names_family(const struct scope *s, uint8_t version);

bool scope_has_addr(const struct scope *s, const struct addr *a);
bool scope_has_port(const struct scope *s, uint16_t port);

#endif
