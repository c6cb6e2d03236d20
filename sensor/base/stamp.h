/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include <stdint.h>

#define STAMP_TEXT 32 /* 31 characters and the end */

/* Microseconds since 1970 as EVE's "2021-12-10T10:00:00.000000+0000": always 31 characters, always UTC, so
 * that the same capture gives the same line everywhere. Years beyond 9999 are written as the last second of
 * 9999. */
void stamp_print(uint64_t ts_us, char out[STAMP_TEXT]);

/* Microseconds of a clock that nobody sets: for how long something has taken. */
uint64_t monotonic_us(void);

#endif
