/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"
#include "detect/rule_parse.h"

#include <stdio.h>

enum argument { ARG_NONE, ARG_NEEDED, ARG_OPTIONAL };

struct keyword {
    const char *name;
    enum argument argument;
    bool once; /* in a rule */
    bool (*read)(struct rule_draft *d);
    const char *example;
};

static const struct keyword keywords[] = {
    {"msg", ARG_NEEDED, true, draft_msg, "msg:\"what it found\";"},
    {"sid", ARG_NEEDED, true, draft_sid, "sid:1000001;"},
    {"gid", ARG_NEEDED, true, draft_gid, "gid:1;"},
    {"rev", ARG_NEEDED, true, draft_rev, "rev:1;"},
    {"classtype", ARG_NEEDED, true, draft_classtype, "classtype:attempted-admin;"},
    {"priority", ARG_NEEDED, true, draft_priority, "priority:2;"},
    {"reference", ARG_NEEDED, false, draft_reference, "reference:cve,2021-44228;"},
    {"metadata", ARG_NEEDED, false, draft_metadata, "metadata: key value, key value;"},
    {"target", ARG_NEEDED, true, draft_target, "target:dest_ip;"},
    {"noalert", ARG_NONE, true, draft_noalert, "noalert;"},
    {"alert", ARG_NONE, true, draft_no_matter, "alert;"},
    {"prefilter", ARG_NONE, false, draft_no_matter, "prefilter;"},
    {"threshold", ARG_NEEDED, true, draft_threshold,
     "threshold:type limit, track by_src, count 1, seconds 60;"},
    {"detection_filter", ARG_NEEDED, true, draft_detection_filter,
     "detection_filter:track by_src, count 5, seconds 60;"},
    {"flow", ARG_NEEDED, true, draft_flow, "flow:established,to_server;"},
    {"flowbits", ARG_NEEDED, false, draft_flowbits, "flowbits:isset,NAME;"},
    {"xbits", ARG_NEEDED, false, draft_xbits, "xbits:set,NAME,track ip_pair,expire 60;"},
    {"flowint", ARG_NEEDED, false, draft_flowint, "flowint:NAME,>,3;"},
    {"app-layer-protocol", ARG_NEEDED, true, draft_app_layer_protocol, "app-layer-protocol:!http;"},
    {"stream_size", ARG_NEEDED, false, draft_stream_size, "stream_size:client,<,100;"},
    {"dsize", ARG_NEEDED, true, draft_dsize, "dsize:>10;"},
    {"sameip", ARG_NONE, true, draft_sameip, "sameip;"},
    {"content", ARG_NEEDED, false, draft_content, "content:\"text\";"},
    {"uricontent", ARG_NEEDED, false, draft_uricontent, "uricontent:\"text\";"},
    {"pcre", ARG_NEEDED, false, draft_pcre, "pcre:\"/expression/i\";"},
    {"isdataat", ARG_NEEDED, false, draft_isdataat, "isdataat:10;"},
    {"bsize", ARG_NEEDED, false, draft_bsize, "bsize:>0;"},
    {"urilen", ARG_NEEDED, false, draft_urilen, "urilen:<20;"},
    {"byte_test", ARG_NEEDED, false, draft_byte_test, "byte_test:2,>,100,0,relative;"},
    {"byte_jump", ARG_NEEDED, false, draft_byte_jump, "byte_jump:2,0,relative;"},
    {"byte_extract", ARG_NEEDED, false, draft_byte_extract, "byte_extract:2,0,NAME,relative;"},
    {"byte_math", ARG_NEEDED, false, draft_byte_math,
     "byte_math:bytes 2, offset 0, oper +, rvalue 4, result NAME;"},
    {"base64_decode", ARG_OPTIONAL, true, draft_base64_decode, "base64_decode:bytes 64, offset 0, relative;"},
    {"base64_data", ARG_NONE, true, draft_base64_data, "base64_data;"},
    {"tls.subject", ARG_NEEDED, false, draft_tls_subject, "tls.subject:\"CN=x\";"},
    {"tls.issuerdn", ARG_NEEDED, false, draft_tls_issuer, "tls.issuerdn:\"CN=x\";"},
    {"nocase", ARG_NONE, false, draft_nocase, "nocase;"},
    {"startswith", ARG_NONE, false, draft_startswith, "startswith;"},
    {"endswith", ARG_NONE, false, draft_endswith, "endswith;"},
    {"offset", ARG_NEEDED, false, draft_offset, "offset:2;"},
    {"depth", ARG_NEEDED, false, draft_depth, "depth:10;"},
    {"distance", ARG_NEEDED, false, draft_distance, "distance:0;"},
    {"within", ARG_NEEDED, false, draft_within, "within:10;"},
    {"fast_pattern", ARG_OPTIONAL, false, draft_fast_pattern, "fast_pattern;"},
    {"rawbytes", ARG_NONE, false, draft_rawbytes, "rawbytes;"},
    {"xor", ARG_NEEDED, false, draft_xor, "xor:\"0d0ac8ff\";"},
    {"pcrexform", ARG_NEEDED, false, draft_pcrexform, "pcrexform:\"[a-z]+ (.*)\";"},
};

#define N_KEYWORDS (sizeof keywords / sizeof *keywords)

_Static_assert(N_KEYWORDS <= RULE_MAX_KEYWORDS, "one flag per row");

struct transform_word {
    const char *name;
    enum transform_kind kind;
};

static const struct transform_word transforms[] = {
    {"dotprefix", TRANSFORM_DOTPREFIX},
    {"to_lowercase", TRANSFORM_TO_LOWERCASE},
    {"to_uppercase", TRANSFORM_TO_UPPERCASE},
    {"header_lowercase", TRANSFORM_HEADER_LOWERCASE},
    {"url_decode", TRANSFORM_URL_DECODE},
    {"strip_whitespace", TRANSFORM_STRIP_WHITESPACE},
    {"compress_whitespace", TRANSFORM_COMPRESS_WHITESPACE},
    {"strip_pseudo_headers", TRANSFORM_STRIP_PSEUDO_HEADERS},
};

#define N_TRANSFORMS (sizeof transforms / sizeof *transforms)

const char *rule_keyword(unsigned i)
{
    if (i < N_KEYWORDS)
        return keywords[i].name;
    return i - N_KEYWORDS < N_TRANSFORMS ? transforms[i - N_KEYWORDS].name : NULL;
}

static bool read_keyword(struct rule_draft *d, unsigned row)
{
    const struct keyword *k = &keywords[row];
    const struct rule_option *o = d->option;

    if (k->argument == ARG_NEEDED && !o->value.len)
        return draft_refuse(d, "the value is missing: write %s", k->example);
    if (k->argument == ARG_NONE && o->has_value)
        return draft_refuse(d, "it takes no value: write %s", k->example);
    if (k->once && d->seen[row])
        return draft_refuse(d, "stands there twice: leave one out");
    d->seen[row] = true;
    return k->read(d);
}

static bool unknown_keyword(struct rule_draft *d)
{
    const char *names[N_KEYWORDS + N_TRANSFORMS + ATTR_N + BUFFER_N], *near;
    char word[64];
    unsigned n = 0;

    if (!d->why)
        return false; /* a comparison with all words is dear */
    for (unsigned i = 0; i < N_KEYWORDS; i++)
        names[n++] = keywords[i].name;
    for (unsigned i = 0; i < N_TRANSFORMS; i++)
        names[n++] = transforms[i].name;
    for (unsigned i = 0; i < ATTR_N; i++)
        names[n++] = attr_rows[i].name;
    for (unsigned i = 0; i < BUFFER_N; i++)
        names[n++] = buffer_rows[i].name;
    snprintf(word, sizeof word, "%.*s", DRAFT_SHOWN(d->option->keyword));
    near = nearest_word(word, names, n);
    if (near)
        return draft_refuse(d, "no such keyword or buffer: did you mean %s", near);
    return draft_refuse(d, "no such keyword or buffer: docs/RULES.md lists those that are read");
}

/* Other names of the sensor's own buffers. */
static const struct {
    const char *name;
    enum attr_id attr;
} attr_aliases[] = {
    {"jndi.lookup", ATTR_JNDI_NAME},      /* what alerts call it */
    {"rmi.codebase", ATTR_JAVA_CODEBASE}, /* where RMI's class annotations end up */
};

static enum attr_id attr_named(struct bytes name)
{
    unsigned i = 0;

    for (size_t k = 0; k < sizeof attr_aliases / sizeof *attr_aliases; k++)
        if (bytes_eq(name, bytes_str(attr_aliases[k].name)))
            return attr_aliases[k].attr;

    while (i < ATTR_N && !bytes_is_nocase(name, attr_rows[i].name))
        i++;
    return (enum attr_id)i;
}

static bool takes_nothing(struct rule_draft *d)
{
    return !d->option->has_value ||
           draft_refuse(d, "it takes no value: write %.*s;", DRAFT_SHOWN(d->option->keyword));
}

/* What takes no value of its own: buffers, the old content modifiers, most transforms. *known tells whether
 * it was one. */
static bool read_plain(struct rule_draft *d, bool *known)
{
    struct bytes name = d->option->keyword;
    enum attr_id attr = attr_named(name);
    enum buffer_id buffer = buffer_named(name), modified = buffer_modified(name);

    *known = true;
    if (attr != ATTR_N || buffer != BUFFER_N)
        return draft_buffer(d, attr, buffer);
    if (modified != BUFFER_N)
        return takes_nothing(d) && draft_modifier(d, modified);
    for (size_t i = 0; i < N_TRANSFORMS; i++)
        if (bytes_is_nocase(name, transforms[i].name))
            return takes_nothing(d) && draft_transform(d, transforms[i].kind);
    *known = false;
    return true;
}

/* Keywords go first: of the names that may stand there they are the fewest, and stand there most. */
bool draft_read_option(struct rule_draft *d, const struct rule_option *o)
{
    bool known, good;

    d->option = o;
    for (unsigned i = 0; i < N_KEYWORDS; i++)
        if (bytes_is_nocase(o->keyword, keywords[i].name))
            return read_keyword(d, i);
    good = read_plain(d, &known);
    return known ? good : draft_refuse_keyword(d) && unknown_keyword(d);
}
