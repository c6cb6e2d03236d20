/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/scan.h"
#include "base/count.h"
#include "detect/scan_baked.h"

#include <hs.h>
#include <stdlib.h>

/* An expression needs a colon or another "${" before its "}": measured against the real engine, no text that
 * reaches JNDI lacks it (40 million random strings). */
#define PLAIN "\\$\\{[^}]*(:|\\$\\{)"

/* Escapes of escapes: a percent sign that was itself encoded, any number of times. */
#define PERCENT   "%(25)*"
#define SEMICOLON "(;|" PERCENT "3[bB])?"

/* What a brace in disguise begins with, or the brace itself. Weaker than the whole of it, and much cheaper to
 * compile: a few texts more for the resolver, none less. */
#define BRACE "[{%\\\\&\\xc1\\xe0\\xef]"

/* ... and what may stand between its lines: an end, or one that is escaped. */
#define BASE64 "[A-Za-z0-9+/_\\-\\r\\n\\\\%]"

/* As few literals as do: beyond 72 of them Hyperscan leaves its fastest matcher, and every text costs a
 * quarter more. */
static const struct {
    const char *regex;
    unsigned id;
} patterns[] = {
    {"\\$\\{", SCAN_OPEN},
    {PLAIN, SCAN_PLAIN},
    {"\\$\\{([jJ][nN]|[^}]*\\$\\{)|[jJ][nN][dD][iI]:", SCAN_TIGHT},
    /* "${" in clear with something encoded behind it */
    {"\\$\\{[^}]*(%[0-9a-fA-FuU]|\\\\[ux0-9]|&[#a-zA-Z]|=[0-9A-Fa-f\\r\\n])", SCAN_MIXED},
    /* "$" in disguise: URL, IIS, Java and JSON, \x, octal, character references ... */
    {PERCENT "([uU]00)?24" SEMICOLON BRACE, SCAN_ENCODED},
    {"\\\\u+0024" SEMICOLON BRACE, SCAN_ENCODED},
    {"\\\\[xX]24" BRACE, SCAN_ENCODED},
    {"\\\\0?44" BRACE, SCAN_ENCODED},
    {"#(0*36|[xX]0*24);?" BRACE, SCAN_ENCODED},
    {"dollar;?" BRACE, SCAN_ENCODED},
    /* ... behind a backslash or an ampersand that is percent-encoded ... */
    {"5[cC](u+0024|[xX]24|0?44)" BRACE, SCAN_ENCODED},
    {"26(amp" SEMICOLON ")?(#|" PERCENT "23)(0*36|[xX]0*24)", SCAN_ENCODED},
    {"26(amp" SEMICOLON ")?dollar", SCAN_ENCODED},
    /* ... of any kind, with a percent sign before each byte: digits need none, and a browser puts none there
       ... */
    {"2%34|%324|3%36|4%34|%25%33", SCAN_ENCODED},
    /* ... overlong UTF-8 and fullwidth forms, bare or percent-encoded */
    {"(\\xc0\\xa4|\\xe0\\x80\\xa4|[cC]0" PERCENT "[aA]4|\\xef\\xbc\\x84|[eE][fF]" PERCENT "[bB][cC]" PERCENT
     "84)" BRACE,
     SCAN_ENCODED},
    /* "$" in clear, the brace in disguise */
    {"\\$(" PERCENT
     "([uU]00)?(7[bB]|5[cC]|26|[cC]1|[eE][fF])|\\\\+[uxX01]|&(#|l[bc]|amp)|\\xc1\\xbb|\\xe0\\x81\\xbb|"
     "\\xef\\xbd\\x9b)",
     SCAN_ENCODED},
    /* quoted-printable; UTF-7, at the three places that 16-bit units have in base64 */
    {"=24(=\\r?\\n)?(\\{|=7[bB])|\\$(=\\r?\\n)?=7[bB]", SCAN_ENCODED},
    {"\\+ACQ[A-]|ACQAe[w-z0-9+/]|JAB7|AkAH[s-v]|\\$\\+AHs|(ACQ|AJA|Ak)-?\\{", SCAN_ENCODED},
    /* UTF-16, bare or with an escape inside */
    {"\\$\\x00\\{", SCAN_WIDE},
    {"\\\\\\x00u\\x000\\x000\\x00[27]", SCAN_WIDE},
    {"%\\x00[27]\\x00[4bB]", SCAN_WIDE},
    {"&\\x00#\\x00", SCAN_WIDE},
    /* base64 of "${" at its three alignments, with enough behind it to be a lookup */
    {"JH[s-v]" BASE64 "{8}", SCAN_BLOB},
    {"[CSiy]R7" BASE64 "{8}", SCAN_BLOB},
    {"[AEIMQUYcgkosw048]ke[w-z0-9+/_\\-]" BASE64 "{8}", SCAN_BLOB},
    /* ... of the same in UTF-16, either way round, and of escapes in JSON inside a token */
    {"JAB7|[AQgw]kAewB|QAewB|AHsA|ACQAe[w-z]", SCAN_BLOB},
    {"XHUwMD|x1MDA|cdTAw", SCAN_BLOB},
    {"JTI0|UyNC|lMj[Q-T]|JCU3", SCAN_BLOB},
    {"24(00)?7[bB][0-9a-fA-F]{8}", SCAN_BLOB},
};

#define N_PATTERNS (sizeof patterns / sizeof *patterns)

struct scan {
    hs_database_t *db;
    hs_scratch_t *scratch;
    hs_stream_t *
        whole; /* for texts that come in one piece: as fast as block mode, and one database less to compile */
};

struct scan_stream {
    hs_stream_t *hs;
    unsigned seen;
};

/* platform: NULL for this processor. */
static hs_database_t *compile(const hs_platform_info_t *platform, struct complaint *why)
{
    const char *regexes[N_PATTERNS];
    unsigned flags[N_PATTERNS], ids[N_PATTERNS];
    hs_compile_error_t *error = NULL;
    hs_database_t *db = NULL;

    for (size_t i = 0; i < N_PATTERNS; i++) {
        regexes[i] = patterns[i].regex;
        flags[i] = HS_FLAG_DOTALL | HS_FLAG_SINGLEMATCH;
        ids[i] = patterns[i].id;
    }
    if (hs_compile_multi(regexes, flags, ids, N_PATTERNS, HS_MODE_STREAM, platform, &db, &error) !=
        HS_SUCCESS) {
        complain(why, "the trigger patterns do not compile: %s", error ? error->message : "no reason given");
        hs_free_compile_error(error);
        return NULL;
    }
    return db;
}

/* Hyperscan refuses what another version of it has made, or for a better processor. */
static hs_database_t *baked(void)
{
    hs_database_t *db;

    for (const struct scan_baked *b = scan_baked; b->words; b++)
        if (hs_deserialize_database((const char *)b->words, b->len, &db) == HS_SUCCESS)
            return db;
    return NULL;
}

bool scan_bake(unsigned level, char **out, size_t *len, struct complaint *why)
{
    static const unsigned long long features[] = {
        HS_CPU_FEATURES_AVX2 | HS_CPU_FEATURES_AVX512 | HS_CPU_FEATURES_AVX512VBMI,
        HS_CPU_FEATURES_AVX2 | HS_CPU_FEATURES_AVX512,
        HS_CPU_FEATURES_AVX2,
        0,
    };
    hs_platform_info_t platform = {.tune = HS_TUNE_FAMILY_GENERIC};
    hs_database_t *db;
    bool ok;

    *out = NULL;
    if (level >= sizeof features / sizeof *features)
        return true;
    platform.cpu_features = features[level];
    db = compile(&platform, why);
    ok = db && hs_serialize_database(db, out, len) == HS_SUCCESS;
    hs_free_database(db);
    return ok;
}

struct scan *scan_new(struct complaint *why)
{
    struct scan *s;

    if (hs_valid_platform() != HS_SUCCESS) {
        complain(why, "this processor lacks SSSE3, which Hyperscan needs");
        return NULL;
    }
    s = calloc(1, sizeof *s);
    if (!s) {
        complain(why, "memory is short");
        return NULL;
    }
    s->db = baked();
    if (!s->db)
        s->db = compile(NULL, why);
    if (!s->db || hs_alloc_scratch(s->db, &s->scratch) != HS_SUCCESS ||
        hs_open_stream(s->db, 0, &s->whole) != HS_SUCCESS) {
        complain(why, "memory is short");
        scan_free(s);
        return NULL;
    }
    return s;
}

void scan_free(struct scan *s)
{
    if (!s)
        return;
    if (s->whole)
        hs_close_stream(s->whole, NULL, NULL, NULL);
    hs_free_scratch(s->scratch);
    hs_free_database(s->db);
    free(s);
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
    unsigned *seen = arg;

    (void)from;
    (void)to;
    (void)flags;
    *seen |= SCAN_OPEN | id;
    return 0;
}

/* Stops the scan at the first hit. */
static int on_first_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                          void *arg)
{
    on_match(id, from, to, flags, arg);
    return (id & SCAN_HIT) != 0;
}

/* Anything but success or our own stop means bytes that nobody looked at: said, and left to the resolver. */
static void check_scan(hs_error_t rc, unsigned *seen)
{
    if (rc == HS_SUCCESS || rc == HS_SCAN_TERMINATED)
        return;
    count(COUNT_DETECT_SCAN_FAILED);
    *seen |= SCAN_OPEN | SCAN_HIT;
}

static unsigned scan_with(struct scan *s, struct bytes text, match_event_handler fn)
{
    unsigned seen = 0;

    if (text.len == 0)
        return 0;
    check_scan(hs_scan_stream(s->whole, (const char *)text.p, (unsigned)text.len, 0, s->scratch, fn, &seen),
               &seen);
    hs_reset_stream(s->whole, 0, NULL, NULL, NULL);
    return seen;
}

unsigned scan_block(struct scan *s, struct bytes text)
{
    return scan_with(s, text, on_first_match);
}

/* More than one "${", or "$" with what may be a brace in disguise, in 32 bytes. Each wakes the patterns that
 * look behind it, for a thousand instructions or two. */
static bool is_dense(struct bytes text)
{
    size_t left = 16 + text.len / 32;
    const uint8_t *p = text.p, *end = text.p + text.len;

    for (; p < end && (p = memchr(p, '$', (size_t)(end - p))); p++)
        if (p + 1 < end && (p[1] == '{' || p[1] == '%' || p[1] == '\\' || p[1] == '&') && --left == 0)
            return true;
    return false;
}

unsigned scan_all(struct scan *s, struct bytes text)
{
    if (is_dense(text))
        return SCAN_OPEN | SCAN_HIT | SCAN_TIGHT;
    return scan_with(s, text, on_match);
}

struct scan_stream *scan_stream_open(struct scan *s)
{
    struct scan_stream *stream = calloc(1, sizeof *stream);

    if (!stream)
        return NULL;
    if (hs_open_stream(s->db, 0, &stream->hs) != HS_SUCCESS) {
        free(stream);
        return NULL;
    }
    return stream;
}

unsigned scan_stream_feed(struct scan *s, struct scan_stream *stream, struct bytes piece, bool everything)
{
    if (piece.len == 0 || (stream->seen & SCAN_HIT && !everything))
        return stream->seen;
    check_scan(hs_scan_stream(stream->hs, (const char *)piece.p, (unsigned)piece.len, 0, s->scratch,
                              everything ? on_match : on_first_match, &stream->seen),
               &stream->seen);
    return stream->seen;
}

void scan_stream_reset(struct scan *s, struct scan_stream *stream)
{
    /* No scratch and no callback: what would match only at the end is of no use here. */
    (void)s;
    hs_reset_stream(stream->hs, 0, NULL, NULL, NULL);
    stream->seen = 0;
}

void scan_stream_close(struct scan *s, struct scan_stream *stream)
{
    (void)s;
    if (!stream)
        return;
    hs_close_stream(stream->hs, NULL, NULL, NULL);
    free(stream);
}
