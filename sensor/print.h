/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PRINT_H
#define PRINT_H

#include "options.h"

/* The tables that the program explains itself with. */

/* True when an option asks for one: then it is on stdout, and *good says whether all of it could be written.
 */
bool print_asked(const struct options *o, bool *good);

/* The short help, on stderr. */
void print_usage(void);

const char *print_version_number(void); /* "0.1.0" */

#endif
