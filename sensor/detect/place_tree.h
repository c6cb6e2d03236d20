/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_PLACE_TREE_H
#define DETECT_PLACE_TREE_H

#include "detect/place.h"

/* For place.c alone: the walks through JSON and XML, byte by byte, and the path they keep. */

static inline void path_add(struct place_path *p, struct bytes text)
{
    size_t room = sizeof p->text - p->len, n = text.len < room ? text.len : room;

    if (n)
        memcpy(p->text + p->len, text.p, n);
    p->len = (uint16_t)(p->len + n);
}

static inline void path_add_byte(struct place_path *p, uint8_t c)
{
    if (p->len < sizeof p->text)
        p->text[p->len++] = c;
}

static inline struct bytes path_bytes(const struct place_path *p)
{
    return bytes_of(p->text, p->len);
}

static inline bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What stands at the byte that comes next. */
enum json_state { JSON_VALUE, JSON_NAME, JSON_STRING, JSON_NAME_STRING };
enum xml_state {
    XML_TEXT,
    XML_OPEN,
    XML_NAME,
    XML_CLOSE,
    XML_TAG,
    XML_QUOTED,
    XML_BANG,
    XML_CDATA,
    XML_COMMENT,
    XML_OTHER
};

void json_feed(struct place_walk *w, uint8_t c);
void xml_feed(struct place_walk *w, uint8_t c);

#endif
