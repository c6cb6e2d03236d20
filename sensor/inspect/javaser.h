/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_JAVASER_H
#define INSPECT_JAVASER_H

#include "inspect/javaclass_facts.h"

/* A bounded walk over a Java serialization stream (Java Object Serialization Specification, section 6.4),
 * which begins with aced0005. Nothing is allocated, whatever lengths the stream claims; the work is linear in
 * its bytes. */

enum javaser_state {
    JAVASER_WHOLE, /* ended between two top-level values: at the end, at a byte that begins none, or at
                      max_values */
    JAVASER_CUT,   /* the stream ends inside a value */
    JAVASER_LOST,  /* nonsense or too deep from somewhere on: the rest was searched for class names only */
};

#define JAVASER_CLASSES   48
#define JAVASER_STRINGS   32
#define JAVASER_CODEBASES 8
#define JAVASER_COMMANDS  8
#define JAVASER_NESTED    3

/* All views into the stream, in its order. Lists keep what fits. */
struct javaser {
    enum javaser_state state;
    struct bytes stream; /* what was read, from its magic on; p NULL without it */
    size_t used;         /* where the walk ended; of a whole stream, the bytes of its values */
    unsigned n_values;   /* top-level values read; block data does not count */
    unsigned n_classes, n_strings, n_codebases;
    struct bytes classes[JAVASER_CLASSES];     /* each once, as the stream spells them */
    struct bytes strings[JAVASER_STRINGS];     /* string values; not the type names of fields */
    struct bytes codebases[JAVASER_CODEBASES]; /* class annotations, as RMI writes them, each once */
    struct {                                   /* fields of the first javax.naming.Reference that has them */
        struct bytes class_name, factory, location;
    } reference;
    uint64_t kinds; /* of all classes, also those that the list has no room for: javaser_gadget.h */
    /* Strings for a shell, and what is handed to a method that executes its argument. */
    unsigned n_commands;
    struct bytes commands[JAVASER_COMMANDS];
    /* Class files in arrays of bytes, as far as they go. */
    unsigned n_nested;
    struct java_class_facts nested[JAVASER_NESTED];
    struct {
        struct bytes data;
        bool whole; /* as long as its array */
    } nested_file[JAVASER_NESTED];
    char remote[JAVA_CLASS_HOST_TEXT]; /* "host:port" of the first remote object; empty when there is none */

    struct { /* javaser_note.c: strings whose use is not known yet */
        unsigned n_waiting, n_called;
        struct bytes waiting[4], called[JAVASER_COMMANDS];
    } notes;
};

/* Reads at most max_values top-level values. A stream without its magic has no values and is JAVASER_LOST,
 * without a search. */
void javaser_read(struct bytes stream, unsigned max_values, struct javaser *out);

/* Class names in order, each once, borrowed; at most max (and JAVASER_CLASSES). */
unsigned javaser_classes(struct bytes stream, struct bytes *names, unsigned max);

/* The same for string values. */
unsigned javaser_strings(struct bytes stream, struct bytes *texts, unsigned max);

/* Primitive data at the front of the stream, however it is cut into blocks: copies up to want bytes, returns
 * how many there were. */
size_t javaser_block_data(struct bytes stream, uint8_t *out, size_t want);

/* Adds JAVA_SERIALIZED, JAVA_CLASS (element classes of arrays, not primitives), JAVA_FACTORY and
 * JAVA_CODEBASE (one per URL), JAVA_GADGET, JAVA_COMMAND, JAVA_NESTED, JAVA_HOST, and what nested class files
 * say. j must live as long as a is used. */
void javaser_add_attrs(const struct javaser *j, struct attrs *a);

/* True when the stream names that class. */
bool javaser_names(const struct javaser *j, const char *class_name);

#endif
