/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_JAVACLASS_TEXT_H
#define INSPECT_JAVACLASS_TEXT_H

#include "base/bytes.h"

/* What a string constant of a class file, or a string of a serialized object, is there for. */
enum java_text {
    JAVA_TEXT_PLAIN,
    JAVA_TEXT_URL,     /* scheme://... */
    JAVA_TEXT_HOST,    /* an address or a host name */
    JAVA_TEXT_COMMAND, /* a program, or a line for a shell */
};

#define JAVA_TEXT_SHOWN 512 /* bytes of one text that are given on */

/* What else is known of the code decides about texts that could be anything. */
struct java_text_context {
    bool runs_programs; /* then a path or a text of several words is a command */
    bool connects;      /* then a dotted word is a host's name */
};

/* Looks at the first JAVA_TEXT_SHOWN bytes. */
enum java_text java_text_judge(struct bytes text, struct java_text_context context);

#endif
