/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_PLACE_H
#define DETECT_PLACE_H

#include "inspect/field.h"

/* Where in a structured text something stands: the parameter, the JSON path, the element, the part of a form.
 * A text is walked over as it comes, in constant memory; nothing of it is kept but the way to where it is.
 * What is no good JSON, XML or form has places that are no good either, and never costs more. */

#define PLACE_TEXT 200 /* longest name or key that is told; longer ones are cut */

struct place {
    struct bytes name; /* parameter, form key, JSON path ($.user.name, $.items[3].x), XML path (/order/@id),
                          part of a multipart form; p is NULL when there is none */
    struct bytes key;  /* a place inside that: a JSON or XML path inside a part of a form */
    const char *part;  /* "name", "value", "filename", "header"; NULL when there is nothing to tell apart */
    uint8_t text[2 * PLACE_TEXT]; /* of both */
};

enum place_kind { PLACE_NONE, PLACE_FORM, PLACE_COOKIE, PLACE_JSON, PLACE_XML, PLACE_MULTIPART };

#define PLACE_DEPTH 64 /* of JSON; what is deeper has the place of what is round it */

struct place_path {
    uint16_t len;
    uint8_t text[PLACE_TEXT];
};

struct place_walk {
    uint8_t kind;   /* enum place_kind, of what is at hand: inside a part of a form its own */
    uint8_t outer;  /* PLACE_MULTIPART while in one */
    uint8_t coding; /* enum field_coding: what the label says */
    uint8_t state, before;
    bool sniffed, escaped;
    uint8_t quote;
    uint16_t depth, over; /* frames in use, and levels beyond them */
    struct place_path path;
    struct {
        uint16_t base; /* length of the path round it */
        uint32_t index;
        bool array;
    } frames[PLACE_DEPTH];
    struct place_path word;           /* the key, attribute or header line at hand */
    struct place_path part, boundary; /* multipart: name of the part; the line that parts begin with */
    uint16_t matched;
    uint8_t line; /* multipart: enum place_line */
};

/* At the beginning of a text. */
void place_begin(struct place_walk *w, enum field_coding coding);

/* The next bytes. Linear, whatever they are. */
void place_feed(struct place_walk *w, struct bytes text);

/* The place of the byte that comes next. */
void place_tell(const struct place_walk *w, struct place *out);

/* The same for a whole text and an offset in it. URI: a parameter of the query. */
void place_find(struct bytes text, enum field_coding coding, size_t at, struct place *out);

#endif
