/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/javaser.h"

#include "base/cursor.h"
#include "inspect/javaser_note.h"

/* Section 6.4.2 of the specification. */
enum {
    TC_NULL = 0x70,
    TC_REFERENCE,
    TC_CLASSDESC,
    TC_OBJECT,
    TC_STRING,
    TC_ARRAY,
    TC_CLASS,
    TC_BLOCKDATA,
    TC_ENDBLOCKDATA,
    TC_RESET,
    TC_BLOCKDATALONG,
    TC_EXCEPTION,
    TC_LONGSTRING,
    TC_PROXYCLASSDESC,
    TC_ENUM,
};
enum { SC_WRITE_METHOD = 0x01, SC_SERIALIZABLE = 0x02, SC_EXTERNALIZABLE = 0x04, SC_BLOCK_DATA = 0x08 };

#define BASE_HANDLE 0x7e0000u

/* Ceilings. Streams of the JDK's own and of the known gadget chains stay below a tenth of each; a stream that
 * does not is searched for class names from there on. */
#define MAX_DEPTH   96
#define MAX_HANDLES 1024
#define MAX_DESCS   160
#define MAX_SUPERS  32
#define MAX_INNER   4 /* streams in byte arrays, walked as well; streams in those are not */

static const struct bytes stream_magic = {(const uint8_t *)"\xac\xed\0\5", 4};

struct desc {
    struct bytes name;
    struct bytes fields; /* read again for each object, see next_field */
    uint16_t n_fields;
    uint8_t flags;
    bool complete; /* its superclass is known */
    int super;     /* index, or -1 */
};

struct handle {
    struct bytes text; /* of a string */
    int desc;          /* of a class description, else -1 */
};

struct walk {
    struct cursor c;
    struct javaser *out;
    unsigned depth, n_handles, n_descs;
    bool lost, inside;
    unsigned n_inner;
    struct bytes inner[MAX_INNER];
    struct handle handles[MAX_HANDLES];
    struct desc descs[MAX_DESCS];
};

/* What one value turned out to be, for those who wait for a particular kind. */
struct value {
    uint8_t tag;
    struct bytes text; /* p is NULL when it is no string */
    int desc;          /* -1 when it is no class description */
};

static void read_value(struct walk *w, struct value *v);

static bool going(const struct walk *w)
{
    return !w->lost && cursor_ok(&w->c);
}

static void add_once(struct bytes *list, unsigned *n, unsigned max, struct bytes text)
{
    for (unsigned i = 0; i < *n; i++)
        if (bytes_eq(list[i], text))
            return;
    if (*n < max)
        list[(*n)++] = text;
}

/* Handles beyond the table go on being counted, so that later numbers stay right. */
static void new_handle(struct walk *w, struct bytes text, int desc)
{
    if (w->n_handles < MAX_HANDLES)
        w->handles[w->n_handles] = (struct handle){text, desc};
    w->n_handles++;
}

static struct bytes read_utf(struct walk *w)
{
    return cursor_take(&w->c, cursor_u16be(&w->c));
}

static void read_string(struct walk *w, struct value *v)
{
    uint64_t len = v->tag == TC_LONGSTRING ? cursor_u64be(&w->c) : cursor_u16be(&w->c);

    v->text = cursor_take(&w->c, len > SIZE_MAX ? SIZE_MAX : (size_t)len);
    if (!cursor_ok(&w->c))
        return;
    new_handle(w, v->text, -1);
}

static void read_reference(struct walk *w, struct value *v)
{
    uint32_t handle = cursor_u32be(&w->c);

    if (!cursor_ok(&w->c))
        return;
    if (handle < BASE_HANDLE || handle - BASE_HANDLE >= w->n_handles) {
        w->lost = true;
        return;
    }
    handle -= BASE_HANDLE;
    if (handle < MAX_HANDLES) {
        v->text = w->handles[handle].text;
        v->desc = w->handles[handle].desc;
    }
}

/* What writeObject and annotateClass add: values up to TC_ENDBLOCKDATA. Strings among the annotations of a
 * class are the codebase of RMI's MarshalOutputStream. */
static void read_annotation(struct walk *w, bool of_class)
{
    while (going(w)) {
        struct value v;

        read_value(w, &v);
        if (v.tag == TC_ENDBLOCKDATA)
            return;
        if (of_class && v.text.p && going(w))
            add_once(w->out->codebases, &w->out->n_codebases, JAVASER_CODEBASES, v.text);
    }
}

static int new_desc(struct walk *w, struct bytes name)
{
    if (w->n_descs == MAX_DESCS) {
        w->lost = true;
        return -1;
    }
    w->descs[w->n_descs] = (struct desc){.name = name, .super = -1};
    return (int)w->n_descs++;
}

/* type code, name, and for arrays and objects the type's name as a string value (6.4.1: fieldDesc). */
static void read_fields(struct walk *w, struct desc *d)
{
    const uint8_t *from;

    d->n_fields = cursor_u16be(&w->c);
    from = w->c.p;
    for (unsigned i = 0; i < d->n_fields && going(w); i++) {
        uint8_t type = cursor_u8(&w->c);
        struct value v;

        (void)read_utf(w);
        if (type != 'L' && type != '[')
            continue;
        v.tag = cursor_u8(&w->c);
        if (v.tag == TC_STRING || v.tag == TC_LONGSTRING)
            read_string(w, &v);
        else if (v.tag == TC_REFERENCE)
            read_reference(w, &v);
        else if (cursor_ok(&w->c))
            w->lost = true;
    }
    d->fields = bytes_of(from, (size_t)(w->c.p - from));
}

static int read_class_desc(struct walk *w);

static void finish_desc(struct walk *w, int desc)
{
    int super;

    read_annotation(w, true);
    super = read_class_desc(w);
    w->descs[desc].super = super;
    w->descs[desc].complete = true;
}

static void read_plain_desc(struct walk *w, struct value *v)
{
    struct bytes name = read_utf(w);

    cursor_skip(&w->c, 8); /* serialVersionUID */
    if (!cursor_ok(&w->c))
        return;
    javaser_note_class(w->out, name);
    v->desc = new_desc(w, name);
    new_handle(w, (struct bytes){0}, v->desc);
    if (v->desc < 0)
        return;
    w->descs[v->desc].flags = cursor_u8(&w->c);
    read_fields(w, &w->descs[v->desc]);
    finish_desc(w, v->desc);
}

static void read_proxy_desc(struct walk *w, struct value *v)
{
    uint32_t n = cursor_u32be(&w->c);

    if (!cursor_ok(&w->c))
        return;
    v->desc = new_desc(w, (struct bytes){0});
    new_handle(w, (struct bytes){0}, v->desc);
    for (uint32_t i = 0; i < n && going(w); i++) {
        struct bytes name = read_utf(w);

        if (cursor_ok(&w->c))
            javaser_note_class(w->out, name);
    }
    if (v->desc < 0)
        return;
    w->descs[v->desc].flags = SC_SERIALIZABLE;
    finish_desc(w, v->desc);
}

/* Where the grammar wants a class description or null. -1 for null. A description that is not finished yet
 * cannot be used: that keeps chains of superclasses without circles. */
static int read_class_desc(struct walk *w)
{
    struct value v;

    if (!going(w))
        return -1;
    read_value(w, &v);
    if (!going(w) || v.tag == TC_NULL)
        return -1;
    if (v.desc < 0 || !w->descs[v.desc].complete) {
        w->lost = true;
        return -1;
    }
    return v.desc;
}

/* The next field of a description that was read before: only its type and name matter now. */
static uint8_t next_field(struct cursor *fields, struct bytes *name)
{
    uint8_t type = cursor_u8(fields);

    *name = cursor_take(fields, cursor_u16be(fields));
    if (type == 'L' || type == '[') {
        uint8_t tag = cursor_u8(fields);

        if (tag == TC_REFERENCE)
            cursor_skip(fields, 4);
        else
            cursor_skip(fields, tag == TC_LONGSTRING ? (size_t)cursor_u64be(fields) : cursor_u16be(fields));
    }
    return type;
}

static size_t primitive_size(uint8_t type)
{
    switch (type) {
    case 'B':
    case 'Z':
        return 1;
    case 'C':
    case 'S':
        return 2;
    case 'F':
    case 'I':
        return 4;
    case 'D':
    case 'J':
        return 8;
    default:
        return 0;
    }
}

static void note_reference(struct walk *w, struct bytes field, struct bytes text)
{
    struct bytes *place = NULL;

    if (bytes_eq(field, BYTES_LIT("className")))
        place = &w->out->reference.class_name;
    else if (bytes_eq(field, BYTES_LIT("classFactory")))
        place = &w->out->reference.factory;
    else if (bytes_eq(field, BYTES_LIT("classFactoryLocation")))
        place = &w->out->reference.location;
    if (place && !place->p)
        *place = text;
}

static void read_field_values(struct walk *w, const struct desc *d)
{
    struct cursor fields = cursor_over(d->fields);
    bool reference = bytes_eq(d->name, BYTES_LIT("javax.naming.Reference"));

    for (unsigned i = 0; i < d->n_fields && going(w); i++) {
        struct bytes name;
        uint8_t type = next_field(&fields, &name);
        size_t size = primitive_size(type);
        struct value v;

        if (size) {
            cursor_skip(&w->c, size);
        } else if (type == 'L' || type == '[') {
            read_value(w, &v);
            if (reference && going(w) && v.text.p)
                note_reference(w, name, v.text);
        } else {
            w->lost = true;
        }
    }
}

static void read_class_data(struct walk *w, const struct desc *d)
{
    if (d->flags & SC_SERIALIZABLE) {
        read_field_values(w, d);
        if (d->flags & SC_WRITE_METHOD)
            read_annotation(w, false);
    } else if (d->flags & SC_EXTERNALIZABLE) {
        /* Without block data (protocol version 1) only the class itself knows where its data ends. */
        if (d->flags & SC_BLOCK_DATA)
            read_annotation(w, false);
        else
            w->lost = true;
    }
}

static void read_object(struct walk *w)
{
    int chain[MAX_SUPERS], desc = read_class_desc(w);
    unsigned n = 0;

    if (!going(w))
        return;
    new_handle(w, (struct bytes){0}, -1);
    for (; desc >= 0 && n < MAX_SUPERS; desc = w->descs[desc].super)
        chain[n++] = desc;
    if (desc >= 0)
        w->lost = true;
    /* The topmost superclass comes first. */
    while (n > 0 && going(w))
        read_class_data(w, &w->descs[chain[--n]]);
}

/* An array of bytes, as far as it is there: a class file, or a stream in the stream (SignedObject,
 * MarshalledObject).
 */
static void read_bytes(struct walk *w, struct bytes data, bool whole)
{
    if (bytes_starts(data, stream_magic)) {
        if (w->n_inner < MAX_INNER && !w->inside)
            w->inner[w->n_inner++] = data;
    } else {
        javaser_note_bytes(w->out, data, whole);
    }
}

static void read_array(struct walk *w)
{
    int desc = read_class_desc(w);
    struct bytes name;
    uint32_t n;
    size_t size;

    if (!going(w))
        return;
    new_handle(w, (struct bytes){0}, -1);
    n = cursor_u32be(&w->c);
    name = desc < 0 ? (struct bytes){0} : w->descs[desc].name;
    if (name.len < 2) {
        w->lost = true;
        return;
    }
    size = primitive_size(name.p[1]);
    if (name.p[1] == 'B')
        read_bytes(w, bytes_slice(cursor_rest(&w->c), 0, n), n <= cursor_left(&w->c));
    if (size) {
        cursor_skip(&w->c, n > SIZE_MAX / size ? SIZE_MAX : n * size);
        return;
    }
    for (uint32_t i = 0; i < n && going(w); i++) {
        struct value v;

        read_value(w, &v);
    }
}

static void read_block(struct walk *w, uint32_t len)
{
    struct bytes data = cursor_take(&w->c, len);

    if (cursor_ok(&w->c))
        javaser_note_block(w->out, data);
}

static void forget_handles(struct walk *w)
{
    w->n_handles = 0; /* TC_RESET; descriptions stay where they are, no number leads to them any more */
}

static void read_tagged(struct walk *w, struct value *v)
{
    struct value inner;

    switch (v->tag) {
    case TC_NULL:
    case TC_ENDBLOCKDATA:
        return;
    case TC_REFERENCE:
        read_reference(w, v);
        return;
    case TC_CLASSDESC:
        read_plain_desc(w, v);
        return;
    case TC_PROXYCLASSDESC:
        read_proxy_desc(w, v);
        return;
    case TC_OBJECT:
        read_object(w);
        return;
    case TC_STRING:
    case TC_LONGSTRING:
        read_string(w, v);
        return;
    case TC_ARRAY:
        read_array(w);
        return;
    case TC_CLASS:
        (void)read_class_desc(w);
        new_handle(w, (struct bytes){0}, -1);
        return;
    case TC_ENUM:
        (void)read_class_desc(w);
        new_handle(w, (struct bytes){0}, -1);
        read_value(w, &inner); /* the constant's name */
        return;
    case TC_BLOCKDATA:
        read_block(w, cursor_u8(&w->c));
        return;
    case TC_BLOCKDATALONG:
        read_block(w, cursor_u32be(&w->c));
        return;
    case TC_RESET:
        forget_handles(w);
        return;
    case TC_EXCEPTION:
        forget_handles(w);
        read_value(w, &inner);
        forget_handles(w);
        return;
    default:
        w->lost = true;
    }
}

static void read_value(struct walk *w, struct value *v)
{
    *v = (struct value){.desc = -1};
    if (w->depth == MAX_DEPTH)
        w->lost = true;
    if (!going(w))
        return;
    v->tag = cursor_u8(&w->c);
    if (!cursor_ok(&w->c))
        return;
    w->depth++;
    read_tagged(w, v);
    w->depth--;
    if (!going(w))
        return;
    if (v->text.p && v->tag != TC_REFERENCE)
        javaser_note_string(w->out, v->text);
}

static void read_values(struct walk *w, unsigned max_values)
{
    const uint8_t *start = w->c.p;

    w->out->used = 4;
    while (cursor_left(&w->c) && w->out->n_values < max_values) {
        struct value v;

        if (*w->c.p < TC_NULL || *w->c.p > TC_ENUM || *w->c.p == TC_ENDBLOCKDATA)
            return;
        read_value(w, &v);
        if (!going(w))
            return;
        w->out->used = 4 + (size_t)(w->c.p - start);
        if (v.tag != TC_BLOCKDATA && v.tag != TC_BLOCKDATALONG && v.tag != TC_RESET)
            w->out->n_values++;
    }
}

static void walk_begin(struct walk *w, struct bytes stream)
{
    w->c = cursor_over(stream);
    cursor_skip(&w->c, stream_magic.len);
    w->depth = w->n_handles = w->n_descs = 0;
    w->lost = false;
}

/* What a stream inside the stream names counts for all; how far it goes does not. */
static void read_inner(struct walk *w)
{
    unsigned n_values = w->out->n_values;
    size_t used = w->out->used;

    w->inside = true;
    for (unsigned i = 0; i < w->n_inner; i++) {
        walk_begin(w, w->inner[i]);
        w->out->n_values = 0;
        read_values(w, UINT32_MAX);
        if (w->lost)
            javaser_note_rest(w->out, cursor_rest(&w->c));
    }
    w->out->n_values = n_values;
    w->out->used = used;
}

void javaser_read(struct bytes stream, unsigned max_values, struct javaser *out)
{
    struct walk w; /* the tables are valid up to their n_, and large: not zeroed */

    out->state = JAVASER_LOST;
    out->used = 0;
    out->stream = (struct bytes){NULL, 0};
    javaser_note_begin(out);
    if (!bytes_starts(stream, stream_magic)) {
        if (bytes_starts(stream_magic, stream))
            out->state = JAVASER_CUT;
        return;
    }
    out->stream = stream;
    w.out = out;
    w.n_inner = 0;
    w.inside = false;
    walk_begin(&w, stream);
    read_values(&w, max_values);
    if (w.lost) {
        javaser_note_rest(out, cursor_rest(&w.c));
        out->used = stream.len;
    } else {
        out->state = cursor_ok(&w.c) ? JAVASER_WHOLE : JAVASER_CUT;
    }
    read_inner(&w);
    javaser_note_end(out);
}
