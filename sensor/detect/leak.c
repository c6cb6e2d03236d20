/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/leak.h"

#define MAX_LEAKS 16

/* Lookups that answer with something of the victim's own (facts of Log4j 2.14.1's Interpolator). */
static const char *const telling[] = {"env",    "sys",    "java",       "ctx",    "main",   "map",
                                      "bundle", "log4j",  "jvmrunargs", "event",  "marker", "sd",
                                      "web",    "docker", "k8s",        "spring", "date"};

static bool is_telling(struct bytes expression)
{
    size_t colon = bytes_find_byte(expression, ':');
    struct bytes prefix = bytes_slice(expression, 0, colon), key;

    key = colon == BYTES_NONE ? expression : bytes_from(expression, colon + 1);
    /* Any prefix, or none, ends at the default map, which knows these two. */
    if (bytes_eq(key, BYTES_LIT("hostName")) || bytes_eq(key, BYTES_LIT("contextName")))
        return true;
    for (size_t i = 0; colon != BYTES_NONE && i < sizeof telling / sizeof *telling; i++)
        if (bytes_eq_nocase(prefix, bytes_str(telling[i])))
            return true;
    return false;
}

void leak_each(struct bytes name, struct attrs *attrs)
{
    unsigned n = 0;

    for (size_t at = 0; n < MAX_LEAKS;) {
        size_t open = bytes_find(bytes_from(name, at), BYTES_LIT("${")), close;
        struct bytes inside;

        if (open == BYTES_NONE)
            return;
        inside = bytes_from(name, at + open + 2);
        close = bytes_find_byte(inside, '}');
        if (close == BYTES_NONE)
            return;
        at += open + 2; /* an expression may stand inside: go on right behind the brace */
        inside = bytes_slice(inside, 0, close);
        if (bytes_find(inside, BYTES_LIT("${")) == BYTES_NONE && is_telling(inside)) {
            attrs_add(attrs, ATTR_JNDI_LEAK, inside);
            n++;
        }
    }
}
