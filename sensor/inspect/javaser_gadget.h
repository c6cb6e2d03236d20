/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_JAVASER_GADGET_H
#define INSPECT_JAVASER_GADGET_H

#include "base/bytes.h"

/* Known ways to run code by being deserialized, told by the classes that a stream names together. */

#define JAVASER_GADGETS 8

/* The bit of a class that is part of one; 0 for any other. */
uint64_t javaser_kind(struct bytes class_name);

/* Names (ysoserial's, where it has one) for what these kinds together make; returns how many. n_classes:
 * different classes that the stream names. */
unsigned javaser_gadgets(uint64_t kinds, unsigned n_classes, const char *out[JAVASER_GADGETS]);

#endif
