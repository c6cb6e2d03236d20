/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_PIECES_H
#define DETECT_PIECES_H

#include "inspect/field.h"

/* An application rarely logs a whole body: it logs a parameter, a JSON value, a line. Gives the pieces of a text that
 * are logged on their own; each with the coding that still lies on it. Stops when fn returns true, and says whether it
 * did. The pieces are views into text; together they are linear in its length. */
typedef bool piece_fn(void *arg, struct bytes piece, enum field_coding coding);

bool pieces_each(struct bytes text, enum field_coding coding, piece_fn *fn, void *arg);

/* The same for lines alone, and only those that hold the word: passes over the others at memmem's speed. */
bool pieces_each_line_with(struct bytes text, struct bytes word, piece_fn *fn, void *arg);

/* True of image or archive bytes: they have expressions by chance, and a line of them is all that an application would
 * log. */
bool text_is_binary(struct bytes text);

#endif
