/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_java.h"

#include <stdio.h>

#include "inspect/hold.h"
#include "inspect/javaclass.h"
#include "inspect/javaser.h"

static const uint8_t object_magic[] = {0xac, 0xed, 0x00, 0x05}; /* STREAM_MAGIC, STREAM_VERSION */

/* True also for a prefix of it. */
static bool is_object(struct bytes head)
{
    size_t n = head.len < sizeof object_magic ? head.len : sizeof object_magic;

    return bytes_eq(bytes_slice(head, 0, n), bytes_of(object_magic, n));
}

static bool is_java(struct bytes head)
{
    return is_object(head) || java_class_starts(head);
}

void http_java_drop(struct http_java *j)
{
    hold_drop(&j->held);
    j->watching = false;
}

/* True when nothing that comes later would add to the FACT. */
static bool enough(struct bytes held)
{
    struct bytes name;

    if (is_object(held))
        return held.len >= HTTP_JAVA_OBJECT;
    return held.len >= HTTP_JAVA_HELD || java_class_name(held, &name) != JAVA_CLASS_MORE;
}

/* The pool is walked when the hold has doubled, so that tiny pieces do not make it quadratic. */
static bool crosses(size_t before, size_t now)
{
    for (size_t step = HTTP_JAVA_SHOWN; step <= HTTP_JAVA_HELD; step *= 2)
        if (before < step && now >= step)
            return true;
    return false;
}

/* Offset of the first place that may be the start of Java, be it only the last byte; the length when there is
 * none. */
static size_t java_find(struct bytes text)
{
    size_t class_at = bytes_find_byte(text, 0xca), object_at = bytes_find_byte(text, 0xac);

    while (class_at != BYTES_NONE || object_at != BYTES_NONE) {
        size_t *first = class_at < object_at ? &class_at : &object_at, next;

        if (is_java(bytes_from(text, *first)))
            return *first;
        next = bytes_find_byte(bytes_from(text, *first + 1), text.p[*first]);
        *first = next == BYTES_NONE ? BYTES_NONE : *first + 1 + next;
    }
    return text.len;
}

/* What is held turned out to be nothing: another start may lie in it. */
static void java_search_on(struct http_java *j)
{
    struct bytes held = buf_bytes(&j->held);

    if (!j->anywhere)
        http_java_drop(j);
    else
        hold_cut_front(&j->held, 1 + java_find(bytes_from(held, 1)));
}

/* URLConnection says "Java/1.8.0_181" (sun.net.www.protocol.http.HttpURLConnection), agents that add to it
 * keep that; java.net.http.HttpClient says "Java-http-client/17.0.15". */
static bool is_jvm(struct bytes user_agent)
{
    return bytes_starts(user_agent, BYTES_LIT("Java/")) ||
           bytes_starts(user_agent, BYTES_LIT("Java-http-client/")) ||
           bytes_find(user_agent, BYTES_LIT("Java/1.")) != BYTES_NONE;
}

void http_java_watch(struct http_java *j, struct bytes user_agent)
{
    j->watching = true;
    j->anywhere = is_jvm(user_agent);
}

bool http_java_take(struct http_java *j, struct bytes piece)
{
    size_t before = j->held.len;

    if (!j->watching)
        return false;
    if (before == 0 && j->anywhere)
        piece = bytes_from(piece, java_find(piece));
    if (before == 0 && j->anywhere && piece.len == 0)
        return false;
    if (before == 0 && !is_java(piece)) {
        j->watching = false;
        return false;
    }
    piece = bytes_slice(piece, 0, HTTP_JAVA_HELD - before);
    if (!hold_add(&j->held, HTTP_JAVA_HELD, piece)) {
        /* Memory is short: tell what there is. */
        if (before < JAVA_CLASS_START)
            http_java_drop(j);
        return before >= JAVA_CLASS_START;
    }
    if (before < JAVA_CLASS_START && !is_java(buf_bytes(&j->held))) {
        java_search_on(j);
        before = 0;
    }
    return crosses(before, j->held.len) && enough(buf_bytes(&j->held));
}

static void add_classes(struct attrs *a, struct bytes held)
{
    struct bytes names[JAVASER_CLASSES];
    unsigned n;

    if (!is_object(held)) {
        if (java_class_name(held, &names[0]) == JAVA_CLASS_NAMED)
            attrs_add(a, ATTR_JAVA_CLASS, names[0]);
        return;
    }
    n = javaser_classes(bytes_slice(held, 0, HTTP_JAVA_OBJECT), names, JAVASER_CLASSES);
    for (unsigned i = 0; i < n; i++)
        attrs_add(a, ATTR_JAVA_CLASS, names[i]);
}

static void add_known(struct attrs *a, enum attr_id id, struct bytes value)
{
    if (value.p)
        attrs_add(a, id, value);
}

void http_java_tell(struct http_java *j, const struct inspecting *in, struct field *f)
{
    struct bytes held = buf_bytes(&j->held);
    bool object = is_object(held);
    char status[16];
    struct attrs a;

    /* The end may come before the bytes that decide. */
    if (!j->watching || held.len < sizeof object_magic || (!object && held.len < JAVA_CLASS_START)) {
        http_java_drop(j);
        return;
    }
    a.n = 0;
    a.cut = false;
    attrs_add(&a, ATTR_JNDI_STAGE, object ? BYTES_LIT("deserialization") : BYTES_LIT("class_delivery"));
    attrs_add(&a, ATTR_JAVA_CONTENT, object ? BYTES_LIT("serialized") : BYTES_LIT("class"));
    attrs_add(&a, ATTR_JAVA_CLIENT, is_jvm(f->http->user_agent) ? BYTES_LIT("yes") : BYTES_LIT("no"));
    add_known(&a, ATTR_HTTP_METHOD, f->http->method);
    add_known(&a, ATTR_HTTP_URI, f->http->url);
    add_known(&a, ATTR_HTTP_HOST, f->http->host);
    add_known(&a, ATTR_HTTP_USER_AGENT, f->http->user_agent);
    add_known(&a, ATTR_HTTP_CONTENT_TYPE, f->http->response_content_type);
    (void)snprintf(status, sizeof status, "%u", f->http->status);
    if (f->http->status)
        attrs_add(&a, ATTR_HTTP_STAT_CODE, bytes_str(status));
    add_classes(&a, held);
    f->kind = FIELD_FACT;
    f->coding = FIELD_PLAIN;
    f->value = bytes_slice(held, 0, HTTP_JAVA_SHOWN);
    f->attrs = &a;
    (void)in->fn(in->arg, f);
    http_java_drop(j);
}
