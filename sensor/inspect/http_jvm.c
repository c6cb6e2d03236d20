/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_jvm.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(uint8_t c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '_';
}

/* "Java/" and a version, not as the end of a longer name: an SDK's "aws-sdk-Java/1.11" speaks of itself. */
static bool says_java(struct bytes text)
{
    struct bytes name = BYTES_LIT("Java/");
    size_t from = 0, at;

    while ((at = bytes_find(bytes_from(text, from), name)) != BYTES_NONE) {
        at += from;
        from = at + name.len;
        if ((at == 0 || !is_word(text.p[at - 1])) && from < text.len && is_digit(text.p[from]))
            return true;
    }
    return false;
}

enum http_jvm http_jvm_of(struct bytes user_agent)
{
    if (bytes_starts(user_agent, BYTES_LIT("Java-http-client/")))
        return HTTP_JVM_CLIENT;
    return says_java(user_agent) ? HTTP_JVM_URL : HTTP_JVM_NONE;
}

/* The schemes that the JDK itself has a handler for, but http. A text with another one is a relative
 * reference to it, since URL refuses it. */
static bool leaves_http(struct bytes location)
{
    static const char *const others[] = {"https:", "file:", "ftp:", "jar:", "jmod:", "jrt:", "mailto:"};

    while (location.len && location.p[0] <= ' ')
        location = bytes_from(location, 1);
    if (bytes_starts_nocase(location, BYTES_LIT("url:"))) /* URL steps over one */
        location = bytes_from(location, 4);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (bytes_starts_nocase(location, bytes_str(others[i])))
            return true;
    return false;
}

enum http_jvm_use http_jvm_use(unsigned status, struct bytes location)
{
    if (status >= 400)
        return HTTP_JVM_FAILED;
    /* It follows no 308, and never to another scheme: the body is read then, as if nothing had been said. */
    if (status < 300 || status > 307 || status == 304 || status == 306 || location.len == 0 ||
        leaves_http(location))
        return HTTP_JVM_READ;
    return HTTP_JVM_MOVED;
}
