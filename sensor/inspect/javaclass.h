/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_JAVACLASS_H
#define INSPECT_JAVACLASS_H

#include "base/cursor.h"

/* The beginning of a Java class file (JVMS 4.1), told from a Mach-O fat binary, which shares its magic, by
 * the major version: 45 is JDK 1.0.2, and a fat binary has its number of architectures there. */
#define JAVA_CLASS_START 8 /* bytes that decide */

enum java_class {
    JAVA_CLASS_NO,    /* no class file, or one whose constant pool makes no sense */
    JAVA_CLASS_MORE,  /* so far so good: the name lies behind what is at hand */
    JAVA_CLASS_NAMED, /* *name is a view into head, with slashes as in the file */
};

/* True for a class file; for fewer than JAVA_CLASS_START bytes, as long as they may become one. */
bool java_class_starts(struct bytes head);

/* Constant pool tags (JVMS 4.4, table 4.4-A) that matter here. */
enum {
    JAVA_TAG_UTF8 = 1,
    JAVA_TAG_INTEGER = 3,
    JAVA_TAG_LONG = 5,
    JAVA_TAG_DOUBLE = 6,
    JAVA_TAG_CLASS = 7,
    JAVA_TAG_STRING = 8,
    JAVA_TAG_METHOD = 10,
    JAVA_TAG_INTERFACE_METHOD = 11,
    JAVA_TAG_NAME_AND_TYPE = 12,
};

struct java_constant {
    uint8_t tag;
    struct bytes data; /* behind the tag, and behind the length of a Utf8 */
};

/* The next constant of a pool; c turns short when it is not all there, an unknown tag gives tag 0. */
struct java_constant java_constant_read(struct cursor *c);

/* The class that the file defines. Walks the constant pool three times at most: linear, nothing allocated.
 * *name is empty unless NAMED. */
enum java_class java_class_name(struct bytes head, struct bytes *name);

#endif
