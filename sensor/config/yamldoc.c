/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/yamldoc.h"
#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

/* A container that is still open, and its last member, so that appending costs the same for the first and the
 * thousandth. */
struct level {
    struct yamldoc_node *node, *last;
    unsigned n;
};

struct builder {
    struct yamldoc *doc;
    struct complaint *why;
    struct level levels[YAMLDOC_MAX_DEPTH];
    unsigned depth, n_nodes, n_documents;
    char *key; /* read, its value not yet */
    unsigned key_line, key_column;
    bool done;
};

static void node_free(struct yamldoc_node *n)
{
    while (n) {
        struct yamldoc_node *next = n->next;

        node_free(n->first); /* as deep as YAMLDOC_MAX_DEPTH, no deeper */
        free(n->text);
        free(n->key);
        free(n);
        n = next;
    }
}

void yamldoc_free(struct yamldoc *d)
{
    if (!d)
        return;
    node_free(d->root);
    free(d->name);
    free(d);
}

static unsigned from_one(size_t n)
{
    return (unsigned)n + 1;
}

static bool refuse(const struct builder *b, yaml_mark_t at, const char *what)
{
    return complain(b->why, "%s:%u:%u: %s", b->doc->name, from_one(at.line), from_one(at.column), what);
}

static bool refuse_twice(const struct builder *b, yaml_mark_t at, const char *key, unsigned first_line)
{
    return complain(b->why,
                    "%s:%u:%u: key '%.64s' stands here a second time, first in line %u: keep one of them",
                    b->doc->name, from_one(at.line), from_one(at.column), key, first_line);
}

static bool key_begin(struct builder *b, const yaml_event_t *e)
{
    const struct level *top = &b->levels[b->depth - 1];
    const char *key = (const char *)e->data.scalar.value;

    if (e->data.scalar.length != strlen(key))
        return refuse(b, e->start_mark, "a NUL character in a key");
    if (top->n == YAMLDOC_MAX_KEYS)
        return refuse(b, e->start_mark, "too many keys in one section");
    for (const struct yamldoc_node *n = top->node->first; n; n = n->next)
        if (strcmp(n->key, key) == 0)
            return refuse_twice(b, e->start_mark, key, n->key_line);
    b->key = strdup(key);
    b->key_line = from_one(e->start_mark.line);
    b->key_column = from_one(e->start_mark.column);
    return b->key || complain(b->why, "out of memory");
}

/* A node of the event's place, linked into the container that is open. */
static struct yamldoc_node *node_add(struct builder *b, enum yamldoc_kind kind, yaml_mark_t at)
{
    struct yamldoc_node *n;

    if (b->n_nodes++ == YAMLDOC_MAX_NODES) {
        refuse(b, at, "too many values in one file");
        return NULL;
    }
    n = calloc(1, sizeof *n);
    if (!n) {
        complain(b->why, "out of memory");
        return NULL;
    }
    n->kind = kind;
    n->line = from_one(at.line);
    n->column = from_one(at.column);
    n->key = b->key;
    n->key_line = b->key_line;
    n->key_column = b->key_column;
    b->key = NULL; /* the node owns it from here */
    if (b->depth == 0) {
        b->doc->root = n;
    } else {
        struct level *top = &b->levels[b->depth - 1];

        *(top->last ? &top->last->next : &top->node->first) = n;
        top->last = n;
        top->n++;
    }
    return n;
}

static bool is_null(const yaml_event_t *e)
{
    const char *text = (const char *)e->data.scalar.value;

    return e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!*text || strcmp(text, "~") == 0 || bytes_eq_nocase(bytes_str(text), BYTES_LIT("null")));
}

static bool awaits_key(const struct builder *b)
{
    return b->depth && b->levels[b->depth - 1].node->kind == YAMLDOC_MAP && !b->key;
}

static bool text_add(struct builder *b, const yaml_event_t *e)
{
    const char *text = (const char *)e->data.scalar.value;
    struct yamldoc_node *n;

    if (awaits_key(b))
        return key_begin(b, e);
    if (e->data.scalar.length != strlen(text))
        return refuse(b, e->start_mark, "a NUL character in a value");
    n = node_add(b, YAMLDOC_TEXT, e->start_mark);
    if (!n)
        return false;
    n->null = is_null(e);
    n->text = strdup(text);
    return n->text || complain(b->why, "out of memory");
}

static bool container_begin(struct builder *b, enum yamldoc_kind kind, const yaml_event_t *e)
{
    struct yamldoc_node *n;

    if (awaits_key(b))
        return refuse(b, e->start_mark, "a key must be text, not a list or a section");
    if (b->depth == YAMLDOC_MAX_DEPTH)
        return refuse(b, e->start_mark, "nested too deeply for settings");
    n = node_add(b, kind, e->start_mark);
    if (n)
        b->levels[b->depth++] = (struct level){.node = n};
    return n != NULL;
}

/* Anchors and tags ride on the event of the value that they belong to. */
static bool is_plain_value(const struct builder *b, const yaml_event_t *e, const yaml_char_t *anchor,
                           const yaml_char_t *tag)
{
    if (anchor)
        return refuse(b, e->start_mark,
                      "anchors (&name) are not supported: write the value where it is used");
    if (tag)
        return refuse(b, e->start_mark,
                      "'!' begins a YAML tag, which is not supported: put the value in quotes");
    return true;
}

static bool event_take(struct builder *b, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        return b->n_documents++ == 0 ||
               refuse(b, e->start_mark, "a second document in one file: join them under one '---'");
    case YAML_ALIAS_EVENT:
        return refuse(b, e->start_mark,
                      "aliases (*name) are not supported: write the value where it is used "
                      "(a text that begins with '*' wants quotes)");
    case YAML_SCALAR_EVENT:
        return is_plain_value(b, e, e->data.scalar.anchor, e->data.scalar.tag) && text_add(b, e);
    case YAML_SEQUENCE_START_EVENT:
        return is_plain_value(b, e, e->data.sequence_start.anchor, e->data.sequence_start.tag) &&
               container_begin(b, YAMLDOC_LIST, e);
    case YAML_MAPPING_START_EVENT:
        return is_plain_value(b, e, e->data.mapping_start.anchor, e->data.mapping_start.tag) &&
               container_begin(b, YAMLDOC_MAP, e);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        return true;
    case YAML_STREAM_END_EVENT:
        b->done = true;
        return true;
    default:
        return true;
    }
}

static bool refuse_syntax(const struct builder *b, const yaml_parser_t *p)
{
    const char *problem = p->problem ? p->problem : "out of memory";
    const char *cure =
        p->context && strstr(p->context, "tag") ? ": put a value that begins with '!' in quotes" : "";

    /* The reader (bad UTF-8, control characters) knows an offset only. */
    if (p->error == YAML_READER_ERROR)
        return complain(b->why, "%s: byte %zu: %s", b->doc->name, p->problem_offset, problem);
    return complain(b->why, "%s:%u:%u: not YAML: %s%s%s%s", b->doc->name, from_one(p->problem_mark.line),
                    from_one(p->problem_mark.column), problem, p->context ? ", " : "",
                    p->context ? p->context : "", cure);
}

static bool build(struct builder *b, yaml_parser_t *parser)
{
    bool good = true;

    while (good && !b->done) {
        yaml_event_t event;

        if (!yaml_parser_parse(parser, &event))
            return refuse_syntax(b, parser);
        good = event_take(b, &event);
        yaml_event_delete(&event);
    }
    return good;
}

struct yamldoc *yamldoc_parse(const char *name, struct bytes text, struct complaint *why)
{
    struct builder b = {.why = why};
    yaml_parser_t parser;
    bool good = false;

    b.doc = calloc(1, sizeof *b.doc);
    if (!b.doc || !(b.doc->name = strdup(name)) || !yaml_parser_initialize(&parser)) {
        complain(why, "%s: out of memory", name);
        yamldoc_free(b.doc);
        return NULL;
    }
    if (text.len > YAMLDOC_MAX_FILE) {
        complain(why, "%s: larger than 1 MB: this is no settings file", name);
    } else {
        yaml_parser_set_input_string(&parser, text.len ? text.p : (const uint8_t *)"", text.len);
        good = build(&b, &parser);
    }
    yaml_parser_delete(&parser);
    free(b.key);
    if (good)
        return b.doc;
    yamldoc_free(b.doc);
    return NULL;
}

/* One byte more than may be there, so that the parser can tell a file that is too large. */
static bool read_whole(FILE *file, struct buf *out)
{
    uint8_t chunk[4096];
    size_t n;

    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
        if (!buf_add(out, bytes_of(chunk, n)))
            break;
    return !ferror(file);
}

struct yamldoc *yamldoc_read(const char *path, struct complaint *why)
{
    struct buf text = buf_within(YAMLDOC_MAX_FILE + 1);
    struct yamldoc *doc = NULL;
    FILE *file = fopen(path, "re");

    if (!file || !read_whole(file, &text))
        complain(why, "%s: cannot read the settings: %s", path, strerror(errno));
    else
        doc = yamldoc_parse(path, buf_bytes(&text), why);
    if (file)
        fclose(file);
    buf_drop(&text);
    return doc;
}
