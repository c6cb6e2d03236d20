/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP_SHOWN_H
#define INSPECT_HTTP_SHOWN_H

#include "inspect/inspector.h"
#include "inspect/window.h"

/* Responses are shown to the resolver as far as their body-limit, and to rules that ask about bodies as far
 * as theirs: the window ends at the first, and what follows goes in pieces. */

/* The further of the two. */
uint64_t http_shown_most(const struct inspecting *in);

/* As window_give, with f filled for a response's window. *shown: bytes given so far of this body; 0 at first,
 * and again when last was given. A last PIECE always ends the body when rules ask for it. */
void http_shown_give(const struct inspecting *in, struct window *w, struct field *f, struct bytes piece,
                     bool last, uint64_t *shown);

#endif
