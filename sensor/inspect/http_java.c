/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_java.h"

#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/count.h"
#include "inspect/hold.h"
#include "inspect/http_jar.h"
#include "inspect/java_file.h"
#include "inspect/javaclass.h"
#include "inspect/javaser.h"

static const uint8_t object_magic[] = {0xac, 0xed, 0x00, 0x05}; /* STREAM_MAGIC, STREAM_VERSION */

struct http_java_sum {
    SHA2_CTX state;
};

static const struct {
    const char *stage, *content, *magic;
} kinds[] = {
    [HTTP_JAVA_CLASS] = {"class_delivery", "class", "compiled Java class data"},
    [HTTP_JAVA_OBJECT] = {"deserialization", "serialized", "Java serialization data, version 5"},
    [HTTP_JAVA_JAR] = {"class_delivery", "jar", "Java archive data (JAR)"},
};

/* The values of java.fetch. */
static const char *const fetches[] = {
    [HTTP_JVM_READ] = "delivered", [HTTP_JVM_MOVED] = "redirected", [HTTP_JVM_FAILED] = "failed"};

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

/* A JAR is only looked for where a body begins: nested ones are its own. */
static bool may_begin(struct bytes head, bool at_start)
{
    return is_java(head) || (at_start && jar_starts(head));
}

/* NONE while the bytes that decide are not there. */
static enum http_java_kind kind_of(struct bytes held, bool at_start)
{
    if (held.len >= sizeof object_magic && is_object(held))
        return HTTP_JAVA_OBJECT;
    if (held.len >= JAVA_CLASS_START && java_class_starts(held))
        return HTTP_JAVA_CLASS;
    return at_start && jar_is(held) ? HTTP_JAVA_JAR : HTTP_JAVA_NONE;
}

void http_java_drop(struct http_java *j)
{
    hold_drop(&j->held);
    http_decoder_free(j->decoder);
    free(j->sum);
    *j = (struct http_java){0};
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

    if (!j->anywhere) {
        http_java_drop(j);
        return;
    }
    j->size = 1; /* no longer at the beginning */
    hold_cut_front(&j->held, 1 + java_find(bytes_from(held, 1)));
}

static bool is_jvm(struct bytes user_agent)
{
    return http_jvm_of(user_agent) != HTTP_JVM_NONE;
}

static struct bytes path_of(const struct http_view *asked)
{
    struct bytes url = asked ? asked->url : (struct bytes){NULL, 0};

    return bytes_slice(url, 0, bytes_find_byte(url, '?'));
}

static bool names_java(const struct http_view *asked)
{
    struct bytes path = path_of(asked);

    return bytes_ends(path, BYTES_LIT(".class")) || bytes_ends(path, BYTES_LIT(".jar")) ||
           bytes_ends(path, BYTES_LIT(".ser"));
}

/* Types that browsers are sent all day are not unpacked to be looked at. */
static bool is_for_browsers(struct bytes type)
{
    static const char *const starts[] = {"text/",
                                         "image/",
                                         "application/json",
                                         "application/javascript",
                                         "font/",
                                         "application/x-javascript",
                                         "application/xml",
                                         "video/",
                                         "audio/"};

    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (bytes_starts_nocase(type, bytes_str(starts[i])))
            return true;
    return false;
}

void http_java_watch(struct http_java *j, const struct config *config, const struct http_java_head *head)
{
    bool jvm = head->asked && is_jvm(head->asked->user_agent);

    http_java_drop(j);
    if (head->codings->n) {
        if (!jvm && !names_java(head->asked) && is_for_browsers(head->type))
            return;
        j->decoder =
            http_decoder_new(head->codings, (struct http_coding_limits){config->http_decompress_limit,
                                                                        config->http_decompress_ratio,
                                                                        config->http_decompress_layers});
        if (!j->decoder)
            return;
    }
    j->watching = true;
    j->anywhere = jvm;
    j->use = (uint8_t)head->use;
    j->answered = jvm && names_java(head->asked);
}

/* Hashes what a body is from its first byte on; a class inside something else is not a file. */
static void sum_begin(struct http_java *j)
{
    j->sum = malloc(sizeof *j->sum);
    if (!j->sum) {
        count(COUNT_INSPECT_MEMORY);
        return;
    }
    SHA256Init(&j->sum->state);
    SHA256Update(&j->sum->state, j->held.p, j->held.len);
}

/* More of what has been recognised. True when it should be told now. */
static bool take_more(struct http_java *j, struct bytes piece)
{
    size_t most = j->kind == HTTP_JAVA_JAR ? HTTP_JAR_HELD : HTTP_JAVA_HELD;
    struct bytes kept = bytes_slice(piece, 0, j->held.len < most ? most - j->held.len : 0);

    if (j->sum)
        SHA256Update(&j->sum->state, piece.p, piece.len);
    j->size += piece.len;
    if (!j->told && kept.len && !hold_add(&j->held, HTTP_JAVA_HELD, kept))
        return true; /* memory is short: tell what there is */
    return !j->told && j->size >= (j->kind == HTTP_JAVA_OBJECT ? HTTP_JAVA_HELD : HTTP_JAVA_WAIT);
}

/* An archive's entries are looked through when it has doubled, so that tiny pieces do not make it quadratic;
 * a JAR shows what it is early on: its manifest comes first. */
#define JAR_FIRST   64
#define JAR_DECIDED 4096

static bool waits_for_jar(const struct http_java *j, size_t before)
{
    if (!jar_starts(buf_bytes(&j->held)) || j->held.len >= JAR_DECIDED)
        return false;
    for (size_t step = JAR_FIRST; step <= JAR_DECIDED; step *= 2)
        if (before < step && j->held.len >= step)
            return false;
    return true;
}

/* Nothing has been recognised yet. */
static bool take_first(struct http_java *j, struct bytes piece)
{
    bool at_start = j->size == 0;
    size_t before = j->held.len;
    struct bytes rest;

    if (j->held.len == 0 && j->anywhere && !(at_start && may_begin(piece, true))) {
        size_t at = java_find(piece);

        if (at > 0)
            j->size = 1;
        at_start = at_start && at == 0;
        piece = bytes_from(piece, at);
    }
    if (j->held.len == 0 && !may_begin(piece, at_start)) {
        if (!j->anywhere)
            http_java_drop(j);
        return false;
    }
    rest = bytes_from(piece, HTTP_JAVA_HELD - j->held.len);
    if (!hold_add(&j->held, HTTP_JAVA_HELD, bytes_slice(piece, 0, HTTP_JAVA_HELD - j->held.len))) {
        http_java_drop(j);
        return false;
    }
    if (waits_for_jar(j, before))
        return false;
    while ((j->kind = (uint8_t)kind_of(buf_bytes(&j->held), at_start)) == HTTP_JAVA_NONE) {
        if (may_begin(buf_bytes(&j->held), at_start) && j->held.len < JAR_DECIDED)
            return false;
        java_search_on(j); /* to a whole start, or to the beginning of one at the end */
        at_start = false;
        if (j->held.len == 0)
            return false;
    }
    if (at_start)
        sum_begin(j);
    j->size = j->held.len;
    return take_more(j, rest);
}

static bool take_plain(struct http_java *j, struct bytes piece)
{
    if (piece.len == 0 || !j->watching)
        return false;
    return j->kind == HTTP_JAVA_NONE ? take_first(j, piece) : take_more(j, piece);
}

static bool take_coded(struct http_java *j, struct bytes piece, bool last)
{
    enum http_decoded got = HTTP_DECODED_ROOM;
    uint8_t out[4096];
    bool due = false;

    while (j->decoder && (got == HTTP_DECODED_ROOM || got == HTTP_DECODED_ANEW)) {
        size_t n;

        got = http_decode(j->decoder, &piece, last, out, sizeof out, &n);
        if (got == HTTP_DECODED_BOMB || (got == HTTP_DECODED_ANEW && j->kind != HTTP_JAVA_NONE))
            j->refused = true;
        due |= take_plain(j, bytes_of(out, n)); /* may drop the decoder: it is no Java */
        if (got == HTTP_DECODED_BOMB) {
            http_decoder_free(j->decoder);
            j->decoder = NULL;
            j->watching = j->kind != HTTP_JAVA_NONE;
        }
    }
    return due;
}

bool http_java_take(struct http_java *j, struct bytes piece)
{
    if (!j->watching)
        return false;
    if (j->refused && !j->decoder)
        return false;
    return j->decoder ? take_coded(j, piece, false) : take_plain(j, piece);
}

static void add_known(struct attrs *a, enum attr_id id, struct bytes value)
{
    if (value.p)
        attrs_add(a, id, value);
}

struct told {
    struct attrs a;
    char status[16];
};

static void add_http(struct told *t, const struct http_view *http)
{
    attrs_add(&t->a, ATTR_JAVA_CLIENT, is_jvm(http->user_agent) ? BYTES_LIT("yes") : BYTES_LIT("no"));
    add_known(&t->a, ATTR_HTTP_METHOD, http->method);
    add_known(&t->a, ATTR_HTTP_URI, http->url);
    add_known(&t->a, ATTR_HTTP_HOST, http->host);
    add_known(&t->a, ATTR_HTTP_USER_AGENT, http->user_agent);
    add_known(&t->a, ATTR_HTTP_CONTENT_TYPE, http->response_content_type);
    (void)snprintf(t->status, sizeof t->status, "%u", http->status);
    if (http->status)
        attrs_add(&t->a, ATTR_HTTP_STAT_CODE, bytes_str(t->status));
}

static void give(const struct inspecting *in, struct field *f, struct told *t, struct bytes value)
{
    f->kind = FIELD_FACT;
    f->coding = FIELD_PLAIN;
    f->value = value;
    f->attrs = &t->a;
    (void)in->fn(in->arg, f);
}

static void add_class(struct attrs *a, const struct java_class_facts *facts)
{
    if (facts->name.len)
        attrs_add(a, ATTR_JAVA_CLASS, facts->name);
    if (facts->super.len)
        attrs_add(a, ATTR_JAVA_SUPER, facts->super);
    attrs_add(a, ATTR_JAVA_VERSION, bytes_str(facts->version));
    java_class_add_attrs(facts, a);
}

/* A class in the page of an error, or of a redirection, says no more than that. */
static bool is_told_by_answer(const struct http_java *j)
{
    return j->use != HTTP_JVM_READ && j->answered && j->kind != HTTP_JAVA_OBJECT;
}

static void give_record(const struct inspecting *in, struct field *f, const struct file_view *file)
{
    f->kind = FIELD_RECORD;
    f->value = (struct bytes){NULL, 0};
    f->attrs = NULL;
    f->file = file;
    (void)in->fn(in->arg, f);
    f->file = NULL;
}

/* An object, and the class files in it, which are files of their own. */
static void tell_object(struct bytes held, const struct inspecting *in, struct field *f, struct told *t)
{
    struct java_files files;
    struct javaser object;

    javaser_read(held, UINT32_MAX, &object);
    java_files_of(&object, false, &files); /* its own sum is of all of the body */
    javaser_add_attrs(&object, &t->a);
    java_files_add_attrs(&files, &t->a);
    give(in, f, t, bytes_slice(held, 0, HTTP_JAVA_SHOWN));
    for (unsigned i = 1; i < files.n && in->config->eve_fileinfo; i++) {
        char room[JAVA_FILE_NAME];
        struct file_view file;

        java_file_view(&files, i, room, &file);
        give_record(in, f, &file);
    }
}

static void tell(struct http_java *j, const struct inspecting *in, struct field *f, const char *sha256)
{
    struct bytes held = buf_bytes(&j->held);
    struct told t = {.a.n = 0};
    struct java_class_facts facts;

    if (is_told_by_answer(j)) {
        j->told = true;
        hold_drop(&j->held);
        return;
    }
    attrs_add(&t.a, ATTR_JNDI_STAGE, bytes_str(j->use ? "callback" : kinds[j->kind].stage));
    attrs_add(&t.a, ATTR_JAVA_CONTENT, bytes_str(kinds[j->kind].content));
    add_http(&t, f->http);
    attrs_add(&t.a, ATTR_JAVA_FETCH, bytes_str(fetches[j->use]));
    if (sha256[0])
        attrs_add(&t.a, ATTR_JAVA_SHA256, bytes_str(sha256));
    if (j->kind == HTTP_JAVA_OBJECT) {
        tell_object(held, in, f, &t);
    } else {
        if (j->kind == HTTP_JAVA_JAR)
            jar_add_attrs(held, &t.a);
        else if (java_class_read(held, &facts))
            add_class(&t.a, &facts);
        give(in, f, &t, bytes_slice(held, 0, HTTP_JAVA_SHOWN));
    }
    j->told = true;
    hold_drop(&j->held);
}

void http_java_tell(struct http_java *j, const struct inspecting *in, struct field *f)
{
    if (j->watching && !j->told && j->kind != HTTP_JAVA_NONE)
        tell(j, in, f, "");
}

static void give_file(struct http_java *j, const struct inspecting *in, struct field *f,
                      struct file_view *file)
{
    file->filename = f->http->url;
    file->magic = kinds[j->kind].magic;
    file->size = j->size;
    give_record(in, f, file);
}

void http_java_end(struct http_java *j, const struct inspecting *in, struct field *f, bool whole)
{
    struct file_view file = {.whole = whole && j->sum && !j->refused};
    bool due = j->watching && j->decoder && take_coded(j, (struct bytes){NULL, 0}, true);

    (void)due; /* it is told now in any case */
    if (j->watching && j->kind == HTTP_JAVA_NONE && j->held.len && j->size == 0) {
        j->kind = (uint8_t)kind_of(buf_bytes(&j->held), true);
        j->size = j->held.len;
        if (j->kind != HTTP_JAVA_NONE)
            sum_begin(j);
    }
    if (j->watching && j->kind != HTTP_JAVA_NONE) {
        file.whole = whole && j->sum && !j->refused;
        if (file.whole)
            SHA256End(&j->sum->state, file.sha256);
        if (!j->told)
            tell(j, in, f, file.sha256);
        if (in->config->eve_fileinfo)
            give_file(j, in, f, &file);
    }
    http_java_drop(j);
}

enum http_jvm_use http_java_answer(const struct inspecting *in, struct field *f, struct bytes location)
{
    struct told t = {.a.n = 0};
    bool moved = f->http->status >= 300 && f->http->status < 400;
    enum http_jvm jvm = http_jvm_of(f->http->user_agent);
    enum http_jvm_use use = jvm == HTTP_JVM_URL ? http_jvm_use(f->http->status, location) : HTTP_JVM_READ;

    if (f->http->status < 300 || f->http->status == 304 || !names_java(f->http) || jvm == HTTP_JVM_NONE)
        return use;
    attrs_add(&t.a, ATTR_JNDI_STAGE, BYTES_LIT("callback"));
    add_http(&t, f->http);
    attrs_add(&t.a, ATTR_JAVA_FETCH, bytes_str(fetches[moved ? HTTP_JVM_MOVED : HTTP_JVM_FAILED]));
    if (location.len)
        attrs_add(&t.a, ATTR_HTTP_LOCATION, location);
    give(in, f, &t, f->http->url);
    return use;
}
