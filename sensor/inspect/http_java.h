/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_HTTP_JAVA_H
#define INSPECT_HTTP_JAVA_H

#include "base/buf.h"
#include "inspect/inspector.h"

/* Java code on its way: a response body that is a class file or a serialized object, or, when a JVM asked for
 * it, one that has such a thing anywhere inside. Keeps bytes only when they look like one, and tells of it
 * once the class name can be read: of one in a body. */
struct http_java {
    bool watching, anywhere;
    struct buf held;
};

#define HTTP_JAVA_HELD   16384 /* a class file's constant pool is looked at as far as here for the name */
#define HTTP_JAVA_OBJECT 4096  /* and a serialized object for its class names */
#define HTTP_JAVA_SHOWN  2048  /* bytes given with the FACT */

/* At the beginning of a body. user_agent: of who asked for it. */
void http_java_watch(struct http_java *j, struct bytes user_agent);

/* The next bytes of the body. True when it is time for http_java_tell; more bytes need not be brought then.
 */
bool http_java_take(struct http_java *j, struct bytes piece);

/* Gives the FACT, when what is held is Java, as far as it goes: also at the end of the body. Watches no more.
 * f: filled but for kind, value and attrs, with http set. */
void http_java_tell(struct http_java *j, const struct inspecting *in, struct field *f);

void http_java_drop(struct http_java *j);

#endif
