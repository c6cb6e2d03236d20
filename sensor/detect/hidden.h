/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_HIDDEN_H
#define DETECT_HIDDEN_H

#include "detect/unwrap.h"
#include "inspect/field.h"

/* Text that is not spelt otherwise but put together elsewhere, so that the trigger cannot see it: in units of 32
 * bits, compressed in a parameter (SAML), from entities that a document declares, uuencoded, in the numbered parts
 * of a mail's parameter. Looked for only in the fields that have such things, at the price of a search for one word.
 */

/* 1 << enum unwrap_layer, for each way that this field may hide something. */
unsigned hidden_in(const struct field *f);

/* Appends what is hidden in that way to out, bounded by its ceiling and by work linear in the length of in (SAML: a
 * hundred times its length, entities: sixteen times, whatever they promise). False when there is nothing, with out
 * as it was. *coding: how it is to be read. */
bool hidden_unfold(enum unwrap_layer way, struct bytes in, struct buf *out, enum field_coding *coding);

#endif
