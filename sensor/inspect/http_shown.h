/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP_SHOWN_H
#define INSPECT_HTTP_SHOWN_H

#include "inspect/inspector.h"
#include "inspect/window.h"

/* Responses are shown to the resolver as far as their body-limit, and to rules that ask about bodies as far
 * as theirs: the window ends at the first, and what follows goes in pieces. */

/* MIXED: with others between its pieces (HTTP/2), so that each has to say whose it is. */
enum http_shown_kind { HTTP_SHOWN_ALONE, HTTP_SHOWN_MIXED };

/* How much of a response is given at most. */
uint64_t http_shown_most(const struct inspecting *in, enum http_shown_kind kind);

/* As window_give, with f filled for a response's window. *shown: bytes given so far of this body; 0 at first,
 * and again when last was given. A last PIECE always ends the body when rules ask for it. */
void http_shown_give(const struct inspecting *in, enum http_shown_kind kind, struct window *w,
                     struct field *f, struct bytes piece, bool last, uint64_t *shown);

/* Here a response is over that had more than was given. f as above. */
void http_shown_end(const struct inspecting *in, struct field *f);

#endif
