/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_JAVASER_NOTE_H
#define INSPECT_JAVASER_NOTE_H

#include "inspect/javaser.h"

/* What the walk (javaser.c) comes past, and what is made of it. All linear in the bytes of the stream. */

void javaser_note_begin(struct javaser *out);
void javaser_note_class(struct javaser *out, struct bytes name);
void javaser_note_string(struct javaser *out, struct bytes text);
void javaser_note_block(struct javaser *out, struct bytes data); /* primitive data, as far as it goes */
/* An array of bytes, as far as it goes; whole: to its end. */
void javaser_note_bytes(struct javaser *out, struct bytes data, bool whole);
void javaser_note_end(struct javaser *out);

/* The structure is lost: class descriptions and class files are still found by how they begin. */
void javaser_note_rest(struct javaser *out, struct bytes rest);

#endif
