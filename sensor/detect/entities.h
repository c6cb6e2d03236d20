/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_ENTITIES_H
#define DETECT_ENTITIES_H

#include "base/buf.h"

/* Appends an XML document's content with the general entities that its own DTD declares (XML 1.0, 4.2.1) put in
 * for their references, those in their values as well. References to others, and to characters, stay as they are.
 * However often entities name each other, no more than sixteen times the length of in comes out, eight levels
 * deep, and as many references are followed as in has bytes: what is beyond that stays as it is. */
void entities_expand(struct bytes in, struct buf *out);

#endif
