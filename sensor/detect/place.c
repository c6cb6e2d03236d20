/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/place_tree.h"

/* --- name=value, and the next one --- */

enum { PAIR_NAME, PAIR_VALUE };

static void pair_feed(struct place_walk *w, uint8_t c, uint8_t separator)
{
    if (c == separator) {
        w->state = PAIR_NAME;
        w->word.len = 0;
    } else if (w->state == PAIR_NAME && c == '=') {
        w->state = PAIR_VALUE;
    } else if (w->state == PAIR_NAME && (w->word.len || !is_blank(c))) {
        path_add_byte(&w->word, c);
    }
}

/* --- multipart (RFC 7578, RFC 2046 5.1): a boundary, headers, an empty line, the part --- */

enum place_line { LINE_BOUNDARY, LINE_HEADER, LINE_BODY };

/* What name="..." or name=... says, at the offset behind the equals sign. */
static struct bytes parameter_value(struct bytes line, size_t at)
{
    struct bytes rest = bytes_from(line, at);

    if (rest.len && rest.p[0] == '"') {
        rest = bytes_from(rest, 1);
        return bytes_slice(rest, 0, bytes_find_byte(rest, '"'));
    }
    return bytes_trim(bytes_slice(rest, 0, bytes_find_byte(rest, ';')));
}

/* Offset behind the last "name=" (or its kind with a star) that does not belong to a longer word. */
static size_t parameter_find(struct bytes line, struct bytes name)
{
    size_t found = BYTES_NONE, at = 0, next;

    while ((next = bytes_find_nocase(bytes_from(line, at), name)) != BYTES_NONE) {
        size_t behind = at + next + name.len;
        bool begins = at + next == 0 || strchr("; \t\n", line.p[at + next - 1]) != NULL;

        behind += behind < line.len && line.p[behind] == '*';
        if (begins && behind < line.len && line.p[behind] == '=')
            found = behind + 1;
        at += next + 1;
    }
    return found;
}

static void start_of_text(struct place_walk *w, uint8_t kind)
{
    w->kind = kind;
    w->sniffed = kind != PLACE_NONE;
    w->state = 0;
    w->depth = w->over = w->word.len = w->path.len = 0;
    w->escaped = false;
    w->before = 0;
    if (kind == PLACE_JSON)
        path_add_byte(&w->path, '$');
}

static void header_line(struct place_walk *w)
{
    struct bytes line = bytes_trim(path_bytes(&w->word));
    size_t at;

    if (line.len == 0) {
        w->line = LINE_BODY;
        w->matched = 0;
        start_of_text(w, PLACE_NONE);
        return;
    }
    at = bytes_starts_nocase(line, BYTES_LIT("content-disposition:"))
             ? parameter_find(line, BYTES_LIT("name"))
             : BYTES_NONE;
    if (at != BYTES_NONE) {
        w->part.len = 0;
        path_add(&w->part, parameter_value(line, at));
    }
    w->word.len = 0;
}

static void text_feed(struct place_walk *w, uint8_t c);

/* A body line may be the next boundary: as much of it as agrees is counted. */
static void part_feed(struct place_walk *w, uint8_t c)
{
    if (w->matched != UINT16_MAX && w->matched < w->boundary.len && c == w->boundary.text[w->matched]) {
        if (++w->matched == w->boundary.len) {
            w->line = LINE_BOUNDARY;
            w->word.len = 0;
            return;
        }
    } else {
        w->matched = c == '\n' ? 0 : UINT16_MAX;
    }
    text_feed(w, c);
}

static void multipart_feed(struct place_walk *w, uint8_t c)
{
    switch (w->line) {
    case LINE_BOUNDARY:
        if (c != '\n') {
            if (w->boundary.len == 0 || w->matched == 0)
                path_add_byte(&w->word, c);
            return;
        }
        if (w->boundary.len == 0) /* the first line says what all begin with */
            path_add(&w->boundary, bytes_trim(path_bytes(&w->word)));
        w->line = LINE_HEADER;
        w->part.len = w->word.len = 0;
        break;
    case LINE_HEADER:
        path_add_byte(&w->word, c);
        if (c == '\n')
            header_line(w);
        break;
    default:
        part_feed(w, c);
    }
}

/* --- any of them --- */

/* By the label; where it says nothing, or lies, by the first byte. */
static enum place_kind kind_of(enum field_coding coding, uint8_t first)
{
    if (first == '{' || first == '[')
        return PLACE_JSON;
    if (first == '<')
        return PLACE_XML;
    switch (coding) {
    case FIELD_FORM:
        return PLACE_FORM;
    case FIELD_COOKIE:
        return PLACE_COOKIE;
    default:
        return first == '-' ? PLACE_MULTIPART : PLACE_NONE;
    }
}

/* The other half of each ASCII character in UTF-16; and byte-order marks, of UTF-16 and UTF-8, where no
 * form's first name may begin so. */
static bool is_of_encoding(const struct place_walk *w, uint8_t c)
{
    bool marked = w->coding != FIELD_FORM && w->coding != FIELD_COOKIE && !w->sniffed;

    return c == 0 || (marked && (c == 0xfe || c == 0xff || c == 0xef || c == 0xbb || c == 0xbf));
}

static void text_feed(struct place_walk *w, uint8_t c)
{
    if (is_of_encoding(w, c))
        return;
    if (!w->sniffed) {
        if (is_blank(c))
            return;
        start_of_text(w, (uint8_t)kind_of((enum field_coding)w->coding, c));
        w->sniffed = true;
        if (w->kind == PLACE_MULTIPART && w->outer == PLACE_MULTIPART)
            w->kind = PLACE_NONE; /* parts in parts have the place of their part */
        if (w->kind == PLACE_MULTIPART) {
            w->outer = PLACE_MULTIPART;
            w->coding = FIELD_PLAIN;
            multipart_feed(w, c);
            return;
        }
    }
    switch ((enum place_kind)w->kind) {
    case PLACE_FORM:
        pair_feed(w, c, '&');
        break;
    case PLACE_COOKIE:
        pair_feed(w, c, ';');
        break;
    case PLACE_JSON:
        json_feed(w, c);
        break;
    case PLACE_XML:
        xml_feed(w, c);
        break;
    case PLACE_MULTIPART:
    case PLACE_NONE:
        break;
    }
}

void place_begin(struct place_walk *w, enum field_coding coding)
{
    memset(w, 0, sizeof *w);
    w->coding = (uint8_t)coding;
}

void place_feed(struct place_walk *w, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (w->outer != PLACE_MULTIPART) {
            if (w->sniffed && w->kind == PLACE_NONE)
                return;
            text_feed(w, text.p[i]);
            continue;
        }
        /* Uploads are long, and most of their lines are no boundary. */
        if (w->line == LINE_BODY && w->matched == UINT16_MAX && w->sniffed && w->kind == PLACE_NONE) {
            size_t lf = bytes_find_byte(bytes_from(text, i), '\n');

            if (lf == BYTES_NONE)
                return;
            i += lf;
        }
        multipart_feed(w, text.p[i]);
    }
}

/* --- telling --- */

static struct bytes keep(struct place *out, size_t from, struct bytes text)
{
    struct bytes kept = {out->text + from, text.len < PLACE_TEXT ? text.len : PLACE_TEXT};

    if (kept.len)
        memcpy(out->text + from, text.p, kept.len);
    return kept;
}

/* As its application knows it. */
static struct bytes keep_parameter(struct place *out, struct bytes text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len && n < PLACE_TEXT; i++) {
        bool escape = text.p[i] == '%' && i + 2 < text.len && hex_value(text.p[i + 1]) >= 0 &&
                      hex_value(text.p[i + 2]) >= 0;

        out->text[n] = text.p[i] == '+' ? ' ' : text.p[i];
        if (escape)
            out->text[n] = (uint8_t)(hex_value(text.p[i + 1]) << 4 | hex_value(text.p[i + 2]));
        n++;
        i += escape ? 2 : 0;
    }
    return bytes_of(out->text, n);
}

static void tell_pair(const struct place_walk *w, struct place *out)
{
    if (w->state == PAIR_NAME) {
        out->part = "name";
        return;
    }
    out->part = "value";
    if (w->word.len)
        out->name = w->kind == PLACE_FORM ? keep_parameter(out, path_bytes(&w->word))
                                          : keep(out, 0, path_bytes(&w->word));
}

/* A JSON or XML path, and whether it is the name of something there. */
static struct bytes tell_path(const struct place_walk *w, struct place *out, size_t at)
{
    struct place_path path = w->path;

    if (w->kind == PLACE_XML && w->state == XML_QUOTED && w->word.len) {
        path_add(&path, BYTES_LIT("/@"));
        path_add(&path, path_bytes(&w->word));
    }
    out->part = (w->kind == PLACE_JSON && (w->state == JSON_NAME_STRING || w->state == JSON_NAME)) ||
                        (w->kind == PLACE_XML && (w->state == XML_NAME || w->state == XML_TAG))
                    ? "name"
                    : "value";
    return keep(out, at, path_bytes(&path));
}

/* In the headers of a part: the parameter at hand is the last one that began. */
static void tell_header(const struct place_walk *w, struct place *out)
{
    struct bytes line = path_bytes(&w->word);
    size_t name = parameter_find(line, BYTES_LIT("name")), file = parameter_find(line, BYTES_LIT("filename"));

    if (!bytes_starts_nocase(line, BYTES_LIT("content-disposition:")))
        name = file = BYTES_NONE;
    out->part = "header";
    if (file != BYTES_NONE && (name == BYTES_NONE || file > name))
        out->part = "filename";
    else if (name != BYTES_NONE)
        out->part = "name";
    if (w->part.len)
        out->name = keep(out, 0, path_bytes(&w->part));
    else if (name != BYTES_NONE && strcmp(out->part, "name") != 0)
        out->name = keep(out, 0, parameter_value(line, name));
}

void place_tell(const struct place_walk *w, struct place *out)
{
    bool is_path = w->kind == PLACE_JSON || w->kind == PLACE_XML;

    out->name = out->key = bytes_of(NULL, 0);
    out->part = NULL;
    if (w->outer == PLACE_MULTIPART) {
        if (w->line == LINE_HEADER) {
            tell_header(w, out);
        } else if (w->line == LINE_BODY) {
            out->part = "value";
            if (w->part.len)
                out->name = keep(out, 0, path_bytes(&w->part));
            if (is_path)
                out->key = tell_path(w, out, PLACE_TEXT);
        }
        return;
    }
    if (!w->sniffed && (w->coding == FIELD_FORM || w->coding == FIELD_COOKIE))
        out->part = "name"; /* the first byte of all */
    else if (w->kind == PLACE_FORM || w->kind == PLACE_COOKIE)
        tell_pair(w, out);
    else if (is_path && w->path.len)
        out->name = tell_path(w, out, 0);
}

void place_find(struct bytes text, enum field_coding coding, size_t at, struct place *out)
{
    struct place_walk w;
    bool is_query = coding == FIELD_URI;

    if (is_query) {
        size_t query = bytes_find_byte(text, '?');

        coding = FIELD_FORM;
        if (query == BYTES_NONE || at <= query) {
            out->name = out->key = bytes_of(NULL, 0);
            out->part = NULL;
            return;
        }
        text = bytes_from(text, query + 1);
        at -= query + 1;
    }
    place_begin(&w, coding);
    if (is_query) {
        w.kind = PLACE_FORM;
        w.sniffed = true;
    }
    place_feed(&w, bytes_slice(text, 0, at));
    place_tell(&w, out);
}
