/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/log_time.h"

#include <limits.h>
#include <time.h>

#define DAY          86400
#define BRACKET_SPAN 512 /* Apache: behind client, identity and user */
#define YEAR_OPEN    INT_MIN

/* A date and time, taken to pieces. */
struct moment {
    int year, month, day, hour, minute, second; /* month from 1 */
    bool zoned;
    int east_s;
};

/* All of these take something off the front of *b and are true, or leave it as it is. */

static bool take(struct bytes *b, const char *any)
{
    if (b->len == 0 || b->p[0] == '\0' || !strchr(any, b->p[0]))
        return false;
    *b = bytes_from(*b, 1);
    return true;
}

/* Exactly so many digits. */
static bool take_digits(struct bytes *b, unsigned n, int *value)
{
    int v = 0;

    if (b->len < n)
        return false;
    for (unsigned i = 0; i < n; i++) {
        if (b->p[i] < '0' || b->p[i] > '9')
            return false;
        v = v * 10 + (b->p[i] - '0');
    }
    *value = v;
    *b = bytes_from(*b, n);
    return true;
}

static bool take_name(struct bytes *b, const char *names, int *number)
{
    for (int i = 0; names[3 * i]; i++)
        if (bytes_starts_nocase(*b, bytes_of(names + 3 * i, 3))) {
            *number = i + 1;
            *b = bytes_from(*b, 3);
            return true;
        }
    return false;
}

static bool take_month(struct bytes *b, int *month)
{
    return take_name(b, "JanFebMarAprMayJunJulAugSepOctNovDec", month);
}

/* Any fraction of a second; it does not count. */
static void pass_fraction(struct bytes *b)
{
    struct bytes rest = *b;
    int digit;

    if (!take(&rest, ".,") || !take_digits(&rest, 1, &digit))
        return;
    while (take_digits(&rest, 1, &digit))
        ;
    *b = rest;
}

/* HH:MM, HH:MM:SS. */
static bool take_clock(struct bytes *b, struct moment *m)
{
    struct bytes rest = *b, seconds;

    if (!take_digits(&rest, 2, &m->hour) || !take(&rest, ":") || !take_digits(&rest, 2, &m->minute))
        return false;
    seconds = rest;
    if (take(&seconds, ":") && take_digits(&seconds, 2, &m->second)) {
        rest = seconds;
        pass_fraction(&rest);
    }
    *b = rest;
    return true;
}

/* Z, UTC, +01:00, +0100, +01, each also behind a blank. */
static void take_zone(struct bytes *b, struct moment *m)
{
    struct bytes rest = *b;
    int hours = 0, minutes = 0, sign;

    take(&rest, " ");
    if (bytes_starts(rest, BYTES_LIT("UTC")) || bytes_starts(rest, BYTES_LIT("GMT"))) {
        rest = bytes_from(rest, 3);
    } else if (!take(&rest, "Zz")) {
        sign = rest.len && rest.p[0] == '-' ? -1 : 1;
        if (!take(&rest, "+-") || !take_digits(&rest, 2, &hours))
            return;
        take(&rest, ":");
        take_digits(&rest, 2, &minutes);
        if (hours > 15 || minutes > 59)
            return;
        m->east_s = sign * (hours * 3600 + minutes * 60);
    }
    m->zoned = true;
    *b = rest;
}

/* 2021-12-10, and what may follow. */
static bool take_iso(struct bytes *b, struct moment *m)
{
    struct bytes rest = *b, clock;

    if (!take_digits(&rest, 4, &m->year) || !take(&rest, "-/") || !take_digits(&rest, 2, &m->month) ||
        !take(&rest, "-/") || !take_digits(&rest, 2, &m->day))
        return false;
    clock = rest;
    if (take(&clock, "Tt _:") && take_clock(&clock, m)) {
        rest = clock;
        take_zone(&rest, m);
    }
    *b = rest;
    return true;
}

/* 20211210T100000 */
static bool take_basic(struct bytes *b, struct moment *m)
{
    struct bytes rest = *b;

    if (!take_digits(&rest, 4, &m->year) || !take_digits(&rest, 2, &m->month) ||
        !take_digits(&rest, 2, &m->day) || !take(&rest, "Tt") || !take_digits(&rest, 2, &m->hour) ||
        !take_digits(&rest, 2, &m->minute) || !take_digits(&rest, 2, &m->second))
        return false;
    pass_fraction(&rest);
    take_zone(&rest, m);
    *b = rest;
    return true;
}

/* 10/Dec/2021:10:00:00 +0000 */
static bool take_day_first(struct bytes *b, struct moment *m)
{
    struct bytes rest = *b;

    if (!take_digits(&rest, 2, &m->day) || !take(&rest, "/-") || !take_month(&rest, &m->month) ||
        !take(&rest, "/-") || !take_digits(&rest, 4, &m->year) || !take(&rest, ": ") || !take_clock(&rest, m))
        return false;
    take_zone(&rest, m);
    *b = rest;
    return true;
}

/* " 2021", and no more digits. */
static bool take_year(struct bytes *b, int *year)
{
    struct bytes rest = *b;
    int digit;

    if (!take(&rest, " ") || !take_digits(&rest, 4, year) || take_digits(&rest, 1, &digit))
        return false;
    *b = rest;
    return true;
}

/* Dec 10 10:00:00; Fri Dec 10 10:00:00.123456 2021; Dec 10 2021 10:00:00 */
static bool take_syslog(struct bytes *b, struct moment *m)
{
    struct bytes rest = *b, clock;
    int weekday, year = YEAR_OPEN;

    if (take_name(&rest, "MonTueWedThuFriSatSun", &weekday))
        take(&rest, " ");
    if (!take_month(&rest, &m->month) || !take(&rest, " "))
        return false;
    if (!take_digits(&rest, 2, &m->day)) {
        take(&rest, " ");
        if (!take_digits(&rest, 1, &m->day))
            return false;
    }
    clock = rest;
    if (take_year(&clock, &year) && clock.len && clock.p[0] != ':')
        rest = clock;
    if (!take(&rest, " ") || !take_clock(&rest, m))
        return false;
    if (year == YEAR_OPEN)
        take_year(&rest, &year);
    m->year = year;
    take_zone(&rest, m);
    *b = rest;
    return true;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool is_real(const struct moment *m)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return m->month >= 1 && m->month <= 12 && m->day >= 1 && m->day <= days[m->month - 1] && m->hour < 24 &&
           m->minute < 60 && m->second <= 60 &&
           (m->year == YEAR_OPEN || m->month != 2 || m->day < 29 || is_leap(m->year));
}

static int64_t seconds_of(const struct moment *m, int year)
{
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = m->month - 1,
                    .tm_mday = m->day,
                    .tm_hour = m->hour,
                    .tm_min = m->minute,
                    .tm_sec = m->second,
                    .tm_isdst = -1};

    return m->zoned ? (int64_t)timegm(&tm) - m->east_s : (int64_t)mktime(&tm);
}

static int year_of(int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm tm;

    return gmtime_r(&t, &tm) ? tm.tm_year + 1900 : 1970;
}

/* Logs say "Dec 31" in January: the year is the last one that does not lie ahead. */
static int64_t seconds_without_year(const struct moment *m, int64_t latest)
{
    int year = year_of(latest) + 1;

    for (unsigned i = 0; i < 10; i++, year--) {
        int64_t seconds;

        if (m->month == 2 && m->day == 29 && !is_leap(year))
            continue;
        seconds = seconds_of(m, year);
        if (seconds <= latest + DAY)
            return seconds;
    }
    return seconds_of(m, year);
}

/* So many digits that they can be nothing else: from 2001 to 2286 in seconds, milliseconds or microseconds.
 */
static bool take_epoch(struct bytes *b, int64_t *seconds)
{
    static const struct {
        size_t n;
        int64_t unit;
    } kinds[] = {{10, 1}, {13, 1000}, {16, 1000000}};
    int64_t value = 0;
    size_t n = 0;

    for (; n < b->len && n < 17 && b->p[n] >= '0' && b->p[n] <= '9'; n++)
        value = value * 10 + (b->p[n] - '0');
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (n == kinds[i].n && b->p[0] != '0') {
            *seconds = value / kinds[i].unit;
            *b = bytes_from(*b, n);
            pass_fraction(b);
            return true;
        }
    return false;
}

static bool take_time(struct bytes *b, int64_t latest, int64_t *seconds)
{
    static bool (*const forms[])(struct bytes * b, struct moment * m) = {take_iso, take_basic, take_day_first,
                                                                         take_syslog};

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct moment m = {.year = YEAR_OPEN};
        struct bytes rest = *b;

        if (!forms[i](&rest, &m) || !is_real(&m))
            continue;
        *seconds = m.year == YEAR_OPEN ? seconds_without_year(&m, latest) : seconds_of(&m, m.year);
        *b = rest;
        return true;
    }
    return take_epoch(b, seconds);
}

/* {"timestamp":"... : the key does not matter. */
static bool pass_key(struct bytes *b)
{
    struct bytes rest = *b;
    size_t end;

    take(&rest, " ");
    if (!take(&rest, "\"") || (end = bytes_find_byte(bytes_slice(rest, 0, 32), '"')) == BYTES_NONE)
        return false;
    rest = bytes_from(rest, end + 1);
    take(&rest, " ");
    if (!take(&rest, ":"))
        return false;
    take(&rest, " ");
    take(&rest, "\"");
    *b = rest;
    return true;
}

/* <34> and, of RFC 5424, the version behind it. */
static void pass_priority(struct bytes *b)
{
    struct bytes rest = *b;
    int digit;

    if (!take(&rest, "<"))
        return;
    while (take_digits(&rest, 1, &digit))
        ;
    if (!take(&rest, ">"))
        return;
    *b = rest;
    if (take_digits(&rest, 1, &digit) && take(&rest, " "))
        *b = rest;
}

/* Of several, the latest: a client may write a bracket of its own, and must not age its line with it. */
static bool time_in_brackets(struct bytes b, int64_t latest, int64_t *seconds)
{
    bool found = false;
    int64_t one;

    for (size_t at; (at = bytes_find_byte(b, '[')) != BYTES_NONE;) {
        b = bytes_from(b, at + 1);
        if (!take_time(&b, latest, &one) || (found && one <= *seconds))
            continue;
        *seconds = one;
        found = true;
    }
    return found;
}

bool log_time_of(struct bytes line, int64_t latest, int64_t *seconds)
{
    struct bytes b = line;

    pass_priority(&b);
    if (take(&b, "{"))
        pass_key(&b);
    while (take(&b, " [\t"))
        ;
    return take_time(&b, latest, seconds) ||
           time_in_brackets(bytes_slice(line, 0, BRACKET_SPAN), latest, seconds);
}

bool log_time_read(struct bytes text, int64_t latest, int64_t *seconds)
{
    return take_time(&text, latest, seconds) && text.len == 0;
}
