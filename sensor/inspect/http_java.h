/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP_JAVA_H
#define INSPECT_HTTP_JAVA_H

#include "base/buf.h"
#include "inspect/http_coding.h"
#include "inspect/http_jvm.h"
#include "inspect/inspector.h"

/* Java code on its way: a response body that is a class file, a JAR or a serialized object, or, when a JVM
 * asked for it, one that has a class file or an object anywhere inside. What the body is decides, whatever
 * its headers say. Keeps bytes only when they look like one: of one in a body. */
enum http_java_kind { HTTP_JAVA_NONE, HTTP_JAVA_CLASS, HTTP_JAVA_OBJECT, HTTP_JAVA_JAR };

struct http_java_sum; /* SHA-256 so far */

struct http_java {
    bool watching, anywhere;
    bool told;     /* the FACT is given */
    bool refused;  /* a coding's ceiling was reached: not all of it was seen */
    bool answered; /* http_java_answer has told what became of the fetch */
    uint8_t use;   /* enum http_jvm_use */
    uint8_t kind;  /* enum http_java_kind: what held begins with */
    struct buf held;
    uint64_t size; /* of the Java seen so far */
    struct http_java_sum *sum;
    struct http_decoder *decoder; /* the body is compressed */
};

#define HTTP_JAVA_HELD 262144 /* so much of a class or an object is looked at: as of one that comes by RMI \
                               */
#define HTTP_JAR_HELD 65536   /* of an archive; its manifest comes first */
#define HTTP_JAVA_WAIT \
    1048576 /* a class or a JAR acts once it is there: it is told at its end, or by then. An \
               object acts as it is read, and is told when no more of it is looked at */
#define HTTP_JAVA_SHOWN 2048 /* bytes given with the FACT */

/* What a response says before its body. */
struct http_java_head {
    const struct http_view *asked; /* the request's; NULL when it is not known */
    struct bytes type;             /* Content-Type; empty for none */
    const struct http_codings *codings;
    enum http_jvm_use use; /* what http_java_answer said */
};

/* At the beginning of a body. A compressed one is undone as far as it takes to see that it is no Java: only
 * when a JVM asked for it, or when the name or the type say that it may be some. */
void http_java_watch(struct http_java *j, const struct config *config, const struct http_java_head *head);

/* The next bytes of the body. True when it is time for http_java_tell. */
bool http_java_take(struct http_java *j, struct bytes piece);

/* Gives the FACT, when what is held is Java and it has not been given. f: filled but for kind, value and
 * attrs, with http set. */
void http_java_tell(struct http_java *j, const struct inspecting *in, struct field *f);

/* The body is over: gives the FACT, and the record of the file. whole: nothing of the body is missing. */
void http_java_end(struct http_java *j, const struct inspecting *in, struct field *f, bool whole);

/* A JVM asked for a class, a JAR or an object, and is told that it is elsewhere (location, perhaps empty) or
 * nowhere: gives a FACT. Nothing for any other response. What the client makes of the body, for
 * http_java_watch. */
enum http_jvm_use http_java_answer(const struct inspecting *in, struct field *f, struct bytes location);

void http_java_drop(struct http_java *j);

#endif
