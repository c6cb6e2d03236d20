/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FILTER_H
#define FILTER_H

#include "options.h"

/* The capture filter of the command line: its words, or the file of -F with comments taken out. "" when there
 * is none. The caller frees it. NULL with a complaint when the file cannot be read, the words are files (-r
 * *.pcap), or libpcap does not take it. */
char *filter_read(const struct options *o, struct complaint *why);

#endif
