/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/java_case.h"

#include <stdbool.h>

struct case_run {
    uint32_t first, last;
    uint32_t step;
    int32_t delta;
};

struct case_special {
    uint16_t from, to[3]; /* zero-filled */
};

struct case_range {
    uint16_t first, last;
};

#include "detect/java_case_table.h"

#define N(a) (sizeof(a) / sizeof *(a))

static uint32_t run_map(const struct case_run *runs, size_t n, uint32_t cp)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (cp > runs[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    /* Runs with a step of 2 may interleave: look at the few that could hold cp. */
    for (size_t i = low; i < n && i < low + 4; i++)
        if (cp >= runs[i].first && cp <= runs[i].last && (cp - runs[i].first) % runs[i].step == 0)
            return (uint32_t)((int32_t)cp + runs[i].delta);
    return cp;
}

static bool in_ranges(const struct case_range *ranges, size_t n, uint16_t c)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (c > ranges[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    return low < n && c >= ranges[low].first;
}

/* A surrogate pair's code point, or the unit itself; *used is 1 or 2. */
static uint32_t code_point(const uint16_t *in, size_t left, size_t *used)
{
    *used = 1;
    if (in[0] >= 0xd800 && in[0] < 0xdc00 && left > 1 && in[1] >= 0xdc00 && in[1] < 0xe000) {
        *used = 2;
        return 0x10000 + ((uint32_t)(in[0] - 0xd800) << 10) + (in[1] - 0xdc00u);
    }
    return in[0];
}

static size_t put_code_point(uint16_t *out, uint32_t cp)
{
    if (cp < 0x10000) {
        out[0] = (uint16_t)cp;
        return 1;
    }
    out[0] = (uint16_t)(0xd800 + ((cp - 0x10000) >> 10));
    out[1] = (uint16_t)(0xdc00 + (cp & 0x3ff));
    return 2;
}

/* Unicode's Final_Sigma: a cased letter before, none behind, case-ignorable characters passed over. */
static bool sigma_is_final(const uint16_t *in, size_t len, size_t at)
{
    size_t i = at;

    while (i > 0 && in_ranges(case_ignorable_ranges, N(case_ignorable_ranges), in[i - 1]))
        i--;
    if (i == 0 || !in_ranges(cased_ranges, N(cased_ranges), in[i - 1]))
        return false;
    for (i = at + 1; i < len && in_ranges(case_ignorable_ranges, N(case_ignorable_ranges), in[i]);)
        i++;
    return i == len || !in_ranges(cased_ranges, N(cased_ranges), in[i]);
}

size_t java_to_lower(const uint16_t *in, size_t len, uint16_t *out)
{
    size_t n = 0, used;

    for (size_t i = 0; i < len; i += used) {
        uint32_t cp = code_point(in + i, len - i, &used);

        if (cp < 0x80) {
            out[n++] = (uint16_t)(cp >= 'A' && cp <= 'Z' ? cp | 0x20 : cp);
        } else if (cp == 0x130) { /* the one letter whose lower case is two characters */
            out[n++] = 'i';
            out[n++] = 0x307;
        } else if (cp == 0x3a3) {
            out[n++] = sigma_is_final(in, len, i) ? 0x3c2 : 0x3c3;
        } else {
            n += put_code_point(out + n, run_map(lower_runs, N(lower_runs), cp));
        }
    }
    return n;
}

static const struct case_special *special_of(uint32_t cp)
{
    size_t low = 0, high = N(upper_specials);

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (cp > upper_specials[mid].from)
            low = mid + 1;
        else
            high = mid;
    }
    return low < N(upper_specials) && upper_specials[low].from == cp ? &upper_specials[low] : NULL;
}

size_t java_to_upper(const uint16_t *in, size_t len, uint16_t *out)
{
    size_t n = 0, used;

    for (size_t i = 0; i < len; i += used) {
        uint32_t cp = code_point(in + i, len - i, &used);
        const struct case_special *special;

        if (cp < 0x80) {
            out[n++] = (uint16_t)(cp >= 'a' && cp <= 'z' ? cp - 0x20 : cp);
            continue;
        }
        special = special_of(cp);
        if (!special) {
            n += put_code_point(out + n, run_map(upper_runs, N(upper_runs), cp));
            continue;
        }
        for (unsigned k = 0; k < 3 && special->to[k]; k++)
            out[n++] = special->to[k];
    }
    return n;
}
