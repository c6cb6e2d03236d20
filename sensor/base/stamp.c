/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/stamp.h"

#include <stdio.h>
#include <time.h>

#define LAST_SECOND 253402300799u /* 9999-12-31T23:59:59Z */

void stamp_print(uint64_t ts_us, char out[STAMP_TEXT])
{
    uint64_t seconds = ts_us / 1000000;
    unsigned micros = (unsigned)(ts_us % 1000000);
    time_t t;
    struct tm tm;

    if (seconds > LAST_SECOND)
        seconds = LAST_SECOND;
    t = (time_t)seconds;
    gmtime_r(&t, &tm);
    snprintf(out, STAMP_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%06u+0000",
             (unsigned)(tm.tm_year + 1900) % 10000u, (unsigned)(tm.tm_mon + 1) % 100u,
             (unsigned)tm.tm_mday % 100u, (unsigned)tm.tm_hour % 100u, (unsigned)tm.tm_min % 100u,
             (unsigned)tm.tm_sec % 100u, micros % 1000000u);
}

uint64_t monotonic_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
