/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_JAVA_FILE_H
#define INSPECT_JAVA_FILE_H

#include "inspect/inspector.h"
#include "inspect/javaser.h"

/* Java code that comes inside of another protocol, as files: a serialized stream, and the class files in it.
 * What HTTP brings is a file already (http_java.h), but not the class files in it. */

#define JAVA_FILES (1 + JAVASER_NESTED)

struct java_files {
    unsigned n;
    struct {
        struct bytes data, name; /* name: of the class file's class; of a stream, of its first class */
        bool is_class, whole;
        char sha256[FILE_SHA256_TEXT]; /* empty unless whole */
    } v[JAVA_FILES];
};

/* What they are, in file(1)'s words. */
extern const char java_file_class[], java_file_object[];

/* What j has read, j's views. whole: all of the stream is there. */
void java_files_of(const struct javaser *j, bool whole, struct java_files *out);

/* Adds one JAVA_SHA256 each, in place of the last ones when the list is full. out must live as long as a is
 * used. */
void java_files_add_attrs(const struct java_files *files, struct attrs *a);

#define JAVA_FILE_NAME 262

/* One of them for a RECORD; room is the name's. */
void java_file_view(const struct java_files *files, unsigned i, char room[JAVA_FILE_NAME],
                    struct file_view *out);

/* Gives a RECORD for each, when they are asked for. name: how the stream was asked for; empty when that is
 * not known. */
void java_files_give(const struct java_files *files, const struct inspecting *in, const char *app_proto,
                     uint64_t message, struct bytes name);

#endif
