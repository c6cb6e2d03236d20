/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMANDS_ANSWER_H
#define COMMANDS_ANSWER_H

#include "base/jsonw.h"
#include "detect/verdict.h"

/* A verdict, told to an analyst. */

/* The keys of alert.context.jndi, into an object that is open. */
void answer_json(struct jsonw *w, const struct verdict *v);

/* "scheme=ldap host=10.0.0.5 port=1389 path=a  depth=2  techniques=url,lower": what is known, without a
 * newline. */
void answer_words(struct buf *out, const struct verdict *v);

#endif
