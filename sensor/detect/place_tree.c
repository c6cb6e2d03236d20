/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/place_tree.h"

#include <stdio.h>

/* --- JSON (RFC 8259): the path as in RFC 9535, without its quotes round plain names --- */

static bool in_array(const struct place_walk *w)
{
    return w->depth && w->frames[w->depth - 1].array;
}

static void json_index(struct place_walk *w)
{
    char text[16];

    w->path.len = w->frames[w->depth - 1].base;
    (void)snprintf(text, sizeof text, "[%u]", w->frames[w->depth - 1].index);
    path_add(&w->path, bytes_str(text));
}

static void json_open(struct place_walk *w, bool array)
{
    w->state = array ? JSON_VALUE : JSON_NAME;
    if (w->depth == PLACE_DEPTH || w->over) {
        w->over++;
        return;
    }
    w->frames[w->depth].base = w->path.len;
    w->frames[w->depth].index = 0;
    w->frames[w->depth++].array = array;
    if (array)
        json_index(w);
}

static void json_close(struct place_walk *w)
{
    w->state = JSON_VALUE;
    if (w->over)
        w->over--;
    else if (w->depth)
        w->path.len = w->frames[--w->depth].base;
}

static void json_next(struct place_walk *w)
{
    if (w->over || w->depth == 0)
        return;
    w->state = in_array(w) ? JSON_VALUE : JSON_NAME;
    if (!in_array(w)) {
        w->path.len = w->frames[w->depth - 1].base;
        return;
    }
    w->frames[w->depth - 1].index++;
    json_index(w);
}

static bool is_plain_name(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!(ascii_lower(name.p[i]) >= 'a' && ascii_lower(name.p[i]) <= 'z') && name.p[i] != '_' &&
            name.p[i] < 0x80 && (i == 0 || name.p[i] < '0' || name.p[i] > '9'))
            return false;
    return name.len > 0;
}

static void json_named(struct place_walk *w)
{
    bool plain = is_plain_name(path_bytes(&w->word));

    w->state = JSON_VALUE;
    if (w->over || w->depth == 0 || in_array(w))
        return;
    w->path.len = w->frames[w->depth - 1].base;
    path_add(&w->path, plain ? BYTES_LIT(".") : BYTES_LIT("['"));
    path_add(&w->path, path_bytes(&w->word));
    if (!plain)
        path_add(&w->path, BYTES_LIT("']"));
}

void json_feed(struct place_walk *w, uint8_t c)
{
    if (w->state == JSON_STRING || w->state == JSON_NAME_STRING) {
        if (w->state == JSON_NAME_STRING && (c != '"' || w->escaped))
            path_add_byte(&w->word, c);
        if (!w->escaped && c == '"')
            w->state = w->state == JSON_STRING ? JSON_VALUE : JSON_NAME;
        w->escaped = !w->escaped && c == '\\';
        return;
    }
    switch (c) {
    case '"':
        w->escaped = false;
        if (w->state == JSON_NAME)
            w->word.len = 0;
        w->state = w->state == JSON_NAME ? JSON_NAME_STRING : JSON_STRING;
        break;
    case '{':
    case '[':
        json_open(w, c == '[');
        break;
    case '}':
    case ']':
        json_close(w);
        break;
    case ':':
        json_named(w);
        break;
    case ',':
        json_next(w);
        break;
    default:
        break;
    }
}

/* --- XML: elements as in a path, attributes behind an @ --- */

static void xml_pop(struct place_walk *w)
{
    if (w->over) {
        w->over--;
        return;
    }
    while (w->path.len && w->path.text[w->path.len - 1] != '/')
        w->path.len--;
    if (w->path.len)
        w->path.len--;
}

static void xml_push(struct place_walk *w)
{
    /* An element whose name does not fit whole cannot be taken off again. */
    if (w->over || w->path.len + 1u + w->word.len > sizeof w->path.text) {
        w->over++;
        return;
    }
    path_add_byte(&w->path, '/');
    path_add(&w->path, path_bytes(&w->word));
}

/* True when the last bytes fed are this; word holds them. */
static bool xml_ends(struct place_walk *w, uint8_t c, struct bytes end)
{
    if (w->word.len == 3) {
        memmove(w->word.text, w->word.text + 1, 2);
        w->word.len = 2;
    }
    path_add_byte(&w->word, c);
    return bytes_ends(path_bytes(&w->word), end);
}

static void xml_open(struct place_walk *w, uint8_t c)
{
    w->word.len = 0;
    if (c == '/')
        w->state = XML_CLOSE;
    else if (c == '!')
        w->state = XML_BANG;
    else if (c == '?')
        w->state = XML_OTHER;
    else if (is_blank(c))
        w->state = XML_TEXT;
    else {
        w->state = XML_NAME;
        path_add_byte(&w->word, c);
    }
}

static void xml_tag_ends(struct place_walk *w)
{
    if (w->before == '/')
        xml_pop(w);
    w->state = XML_TEXT;
}

static void xml_name(struct place_walk *w, uint8_t c)
{
    if (!is_blank(c) && c != '>' && c != '/') {
        path_add_byte(&w->word, c == '<' ? '_' : c);
        return;
    }
    xml_push(w);
    w->word.len = 0;
    w->state = XML_TAG;
    if (c == '>')
        xml_tag_ends(w);
}

static void xml_tag(struct place_walk *w, uint8_t c)
{
    if (c == '>') {
        xml_tag_ends(w);
    } else if (c == '"' || c == '\'') {
        w->quote = c;
        w->state = XML_QUOTED;
    } else if (is_blank(c)) {
        if (w->before != '=')
            w->word.len = 0;
    } else if (c != '=' && c != '/') {
        path_add_byte(&w->word, c);
    }
}

static void xml_bang(struct place_walk *w, uint8_t c)
{
    struct bytes word;

    path_add_byte(&w->word, c);
    word = path_bytes(&w->word);
    if (bytes_eq(word, BYTES_LIT("[CDATA[")))
        w->state = XML_CDATA;
    else if (bytes_eq(word, BYTES_LIT("--")))
        w->state = XML_COMMENT;
    else if (c == '>')
        w->state = XML_TEXT;
    else if (word.len > 7)
        w->state = XML_OTHER;
    if (w->state != XML_BANG)
        w->word.len = 0;
}

void xml_feed(struct place_walk *w, uint8_t c)
{
    switch (w->state) {
    case XML_TEXT:
        if (c == '<')
            w->state = XML_OPEN;
        break;
    case XML_OPEN:
        xml_open(w, c);
        break;
    case XML_NAME:
        xml_name(w, c);
        break;
    case XML_CLOSE:
        if (c == '>') {
            xml_pop(w);
            w->state = XML_TEXT;
        }
        break;
    case XML_TAG:
        xml_tag(w, c);
        break;
    case XML_QUOTED:
        if (c == w->quote) {
            w->state = XML_TAG;
            w->word.len = 0;
        }
        break;
    case XML_BANG:
        xml_bang(w, c);
        break;
    case XML_CDATA:
        if (xml_ends(w, c, BYTES_LIT("]]>")))
            w->state = XML_TEXT;
        break;
    case XML_COMMENT:
        if (xml_ends(w, c, BYTES_LIT("-->")))
            w->state = XML_TEXT;
        break;
    default: /* a declaration, an instruction */
        if (c == '>')
            w->state = XML_TEXT;
    }
    w->before = c;
}
