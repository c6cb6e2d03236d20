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
    uint32_t first, last;
};

/* What the JDK's word break rules tell apart. A full stop is the middle of a word or a number, or the start
 * of one. */
enum word_class {
    WORD_OTHER,
    WORD_LETTER,
    WORD_MARK,
    WORD_DIGIT,
    WORD_IGNORED,
    WORD_MID_WORD,
    WORD_MID_NUMBER,
    WORD_QUOTE, /* the middle of either */
    WORD_DOT,
    WORD_DANDA,
    WORD_BEFORE_NUMBER,
};

struct word_range {
    uint32_t first, last;
    enum word_class word_class;
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

static bool is_cased(uint32_t cp)
{
    size_t low = 0, high = N(cased_ranges);

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (cp > cased_ranges[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    return low < N(cased_ranges) && cp >= cased_ranges[low].first;
}

static enum word_class word_class_of(uint32_t cp)
{
    size_t low = 0, high = N(word_ranges);

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (cp > word_ranges[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    return low < N(word_ranges) && cp >= word_ranges[low].first ? word_ranges[low].word_class : WORD_OTHER;
}

/* How far into a word, by java.text.BreakIterator's rules: words and numbers grow together ("a1b"), and each
 * may hold single punctuation ("e.g", "1,2"), which counts when the word goes on behind it. */
enum word_state { IN_NOTHING, IN_WORD, IN_NUMBER, MID_WORD, MID_NUMBER, IN_DANDA, IN_PREFIX, AT_END };

static enum word_state word_step(enum word_state state, enum word_class next)
{
    bool letter = next == WORD_LETTER, digit = next == WORD_DIGIT,
         either = next == WORD_QUOTE || next == WORD_DOT;

    switch (state) {
    case IN_NOTHING:
        return letter                                           ? IN_WORD
               : digit                                          ? IN_NUMBER
               : next == WORD_BEFORE_NUMBER || next == WORD_DOT ? IN_PREFIX
                                                                : AT_END;
    case IN_WORD:
        return letter || next == WORD_MARK       ? IN_WORD
               : digit                           ? IN_NUMBER
               : next == WORD_MID_WORD || either ? MID_WORD
               : next == WORD_DANDA              ? IN_DANDA
                                                 : AT_END;
    case IN_NUMBER:
        return digit || next == WORD_MARK          ? IN_NUMBER
               : letter                            ? IN_WORD
               : next == WORD_MID_NUMBER || either ? MID_NUMBER
                                                   : AT_END;
    case MID_WORD:
        return letter ? IN_WORD : AT_END;
    case MID_NUMBER:
    case IN_DANDA:
    case IN_PREFIX:
        return digit ? IN_NUMBER : AT_END;
    case AT_END:
        break;
    }
    return AT_END;
}

/* The end of the word that begins at from, or of whatever else stands there alone. Format characters are as
 * good as not there. */
static size_t word_end(const uint16_t *in, size_t len, size_t from)
{
    enum word_state state = IN_NOTHING;
    size_t end = from, used;

    for (size_t i = from; i < len; i += used) {
        enum word_class next = word_class_of(code_point(in + i, len - i, &used));

        if (next != WORD_IGNORED)
            state = word_step(state, next);
        if (state == AT_END)
            return end > from ? end : i + used;
        if (state != MID_WORD && state != MID_NUMBER && state != IN_NOTHING)
            end = i + used;
    }
    return end > from ? end : len;
}

/* The JDK's Final_Sigma: a cased letter before it in the same word, and none behind it there. */
static bool sigma_is_final(const uint16_t *in, size_t from, size_t to, size_t at)
{
    bool before = false;
    size_t used;

    for (size_t i = at; i > from && !before;) {
        i -= i - from > 1 && in[i - 1] >= 0xdc00 && in[i - 1] < 0xe000 ? 2 : 1;
        before = is_cased(code_point(in + i, at - i, &used));
    }
    for (size_t i = at + 1; before && i < to; i += used)
        if (is_cased(code_point(in + i, to - i, &used)))
            return false;
    return before;
}

size_t java_to_lower(const uint16_t *in, size_t len, uint16_t *out)
{
    size_t n = 0, used, word = 0, next_word = 0;

    for (size_t i = 0; i < len; i += used) {
        uint32_t cp = code_point(in + i, len - i, &used);

        if (cp < 0x80) {
            out[n++] = (uint16_t)(cp >= 'A' && cp <= 'Z' ? cp | 0x20 : cp);
        } else if (cp == 0x130) { /* the one letter whose lower case is two characters */
            out[n++] = 'i';
            out[n++] = 0x307;
        } else if (cp == 0x3a3) {
            while (next_word <= i) {
                word = next_word;
                next_word = word_end(in, len, word);
            }
            out[n++] = sigma_is_final(in, word, next_word, i) ? 0x3c2 : 0x3c3;
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
