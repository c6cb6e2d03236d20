/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_UNITS_H
#define CONFIG_UNITS_H

#include "base/bytes.h"

/* How an operator writes amounts. Readers take all of the text and say false when it is anything else, or too
 * large for 64 bits; printers give the shortest form that reads back to the same value. */

#define UNITS_TEXT 32

/* Bytes, or "64kb", "64mb", "1gb" (also KiB, MiB, GiB; any case; 1024-based, as Suricata). */
bool units_read_size(struct bytes text, uint64_t *bytes);
void units_print_size(uint64_t bytes, char out[UNITS_TEXT]);

/* Seconds, or "500ms", "30s", "5m", "1h", "7d". In microseconds. */
bool units_read_time(struct bytes text, uint64_t *us);
void units_print_time(uint64_t us, char out[UNITS_TEXT]);

/* yes, no, true, false, on, off; any case. */
bool units_read_bool(struct bytes text, bool *value);

/* A file mode in octal, with or without a leading zero: "640". */
bool units_read_mode(struct bytes text, uint64_t *mode);

#endif
