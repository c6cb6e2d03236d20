/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMANDS_LOG_TIME_H
#define COMMANDS_LOG_TIME_H

#include "base/bytes.h"

/* The times that log files are written with, in seconds since 1970:
 *
 *   2021-12-10T10:00:00.123Z   ISO 8601 and its relatives: blank for T, "/" for "-", comma for the point, a
 * zone or none 20211210T100000Z           ... its basic form Dec 10 10:00:00            syslog (RFC 3164);
 * also with a weekday before, with a year in the middle or behind 10/Dec/2021:10:00:00 +0000 Apache's and
 * nginx's access logs; also 10-Dec-2021 10:00:00 1639130400                 since 1970, in seconds,
 * milliseconds or microseconds, with or without a fraction
 *
 * Without a zone it is the local one (TZ). Without a year it is the last one in which the time is not after
 * latest, by more than a day. */

/* The time that a line begins with: at its very beginning, behind a syslog priority, a bracket or the first
 * key of a JSON object, or, as Apache writes it, in the first bracket that holds one. False when there is
 * none. */
bool log_time_of(struct bytes line, int64_t latest, int64_t *seconds);

/* All of the text is a time, or a date (its beginning). */
bool log_time_read(struct bytes text, int64_t latest, int64_t *seconds);

#endif
