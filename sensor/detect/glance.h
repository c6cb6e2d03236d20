/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_GLANCE_H
#define DETECT_GLANCE_H

#include "inspect/field.h"

/* What a text looks like before any work is done on it: one pass over its bytes each. */

/* The letters of the word jndi, which no lookup can make of others: only an I comes out of another letter,
 * U+0131. A text without them need not be worked out. */
bool glance_has_letters(struct bytes text);

size_t glance_opens(struct bytes text); /* how many "${" */

/* True when an expression is open at its end. */
bool glance_ends_open(struct bytes text);

bool glance_has_escape(struct bytes text); /* a percent sign and two hex digits */

/* Labels lie, and raw streams have none: a text that begins as JSON or XML does is read as that. Else
 * FIELD_PLAIN. */
enum field_coding glance_coding(struct bytes text);

#endif
