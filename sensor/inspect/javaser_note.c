/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/javaser_note.h"

#include <stdio.h>

#include "base/cursor.h"
#include "inspect/javaclass.h"
#include "inspect/javaclass_text.h"
#include "inspect/javaser_gadget.h"

enum { TC_CLASSDESC = 0x72 };

/* Methods by name, as chains of transformers and closures call them: these execute their argument ... */
static const struct bytes executing[] = {BYTES_LIT("exec"), BYTES_LIT("execute"), BYTES_LIT("eval")};

/* ... and what stands in front of these is theirs. */
static const struct bytes calling[] = {
    BYTES_LIT("getRuntime"),
    BYTES_LIT("getMethod"),
    BYTES_LIT("invoke"),
    BYTES_LIT("newTransformer"),
    BYTES_LIT("getOutputProperties"),
    BYTES_LIT("newInstance"),
    BYTES_LIT("getInputStream"),
    BYTES_LIT("forName"),
    BYTES_LIT("getClass"),
    BYTES_LIT("defineClass"),
    BYTES_LIT("loadClass"),
    BYTES_LIT("getConstructor"),
    BYTES_LIT("entrySet"),
    BYTES_LIT("compareTo"),
};

void javaser_note_begin(struct javaser *out)
{
    out->n_values = out->n_classes = out->n_strings = out->n_codebases = 0;
    out->n_commands = out->n_nested = 0;
    out->kinds = 0;
    out->remote[0] = 0;
    out->notes.n_waiting = out->notes.n_called = 0;
    memset(&out->reference, 0, sizeof out->reference);
}

void javaser_note_class(struct javaser *out, struct bytes name)
{
    for (unsigned i = 0; i < out->n_classes; i++)
        if (bytes_eq(out->classes[i], name))
            return;
    out->kinds |= javaser_kind(name);
    if (out->n_classes < JAVASER_CLASSES)
        out->classes[out->n_classes++] = name;
}

static bool is_one_of(struct bytes text, const struct bytes *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text.len == words[i].len && bytes_eq(text, words[i]))
            return true;
    return false;
}

static void add_command(struct bytes *list, unsigned *n, struct bytes text)
{
    text = bytes_trim(bytes_slice(text, 0, JAVA_TEXT_SHOWN));
    for (unsigned i = 0; i < *n; i++)
        if (bytes_eq(list[i], text))
            return;
    if (text.len && *n < JAVASER_COMMANDS)
        list[(*n)++] = text;
}

/* A call is written as its arguments, then the method's name: the names of fields are sorted, and iArgs comes
 * before iMethodName, owner before method. */
static void note_call(struct javaser *out, struct bytes text)
{
    unsigned n = out->notes.n_waiting;

    if (is_one_of(text, executing, sizeof executing / sizeof executing[0])) {
        for (unsigned i = 0; i < n; i++)
            add_command(out->notes.called, &out->notes.n_called, out->notes.waiting[i]);
        out->notes.n_waiting = 0;
        return;
    }
    if (is_one_of(text, calling, sizeof calling / sizeof calling[0])) {
        out->notes.n_waiting = 0;
        return;
    }
    if (n == sizeof out->notes.waiting / sizeof out->notes.waiting[0])
        memmove(out->notes.waiting, out->notes.waiting + 1, --n * sizeof out->notes.waiting[0]);
    out->notes.waiting[n] = text;
    out->notes.n_waiting = n + 1;
}

void javaser_note_string(struct javaser *out, struct bytes text)
{
    if (out->n_strings < JAVASER_STRINGS)
        out->strings[out->n_strings++] = text;
    if (java_text_judge(text, (struct java_text_context){0}) == JAVA_TEXT_COMMAND)
        add_command(out->commands, &out->n_commands, text);
    note_call(out, text);
}

/* What RemoteObject writes: the kind of reference, then where it leads (sun.rmi.transport.tcp.TCPEndpoint:
 * name or address, port; UnicastRef2 has a byte in front that says whether a socket factory follows). */
void javaser_note_block(struct javaser *out, struct bytes data)
{
    struct cursor c = cursor_over(data);
    struct bytes kind = cursor_take(&c, cursor_u16be(&c)), host;
    uint32_t port;

    if (out->remote[0] || !bytes_starts(kind, BYTES_LIT("UnicastRef")))
        return;
    if (bytes_eq(kind, BYTES_LIT("UnicastRef2")))
        cursor_skip(&c, 1);
    host = cursor_take(&c, cursor_u16be(&c));
    port = cursor_u32be(&c);
    if (cursor_ok(&c) && host.len && host.len < JAVA_CLASS_HOST_TEXT - 8 && port <= UINT16_MAX)
        (void)snprintf(out->remote, sizeof out->remote, "%.*s:%u", (int)host.len, (const char *)host.p, port);
}

void javaser_note_bytes(struct javaser *out, struct bytes data, bool whole)
{
    if (out->n_nested == JAVASER_NESTED || !java_class_read(data, &out->nested[out->n_nested]))
        return;
    out->nested_file[out->n_nested].data = data;
    out->nested_file[out->n_nested++].whole = whole;
}

/* Only a stream that runs something gives the words a meaning: "exec" may be a name in anybody's data. */
void javaser_note_end(struct javaser *out)
{
    const char *names[JAVASER_GADGETS];

    if (!out->notes.n_called || !javaser_gadgets(out->kinds, out->n_classes, names))
        return;
    for (unsigned i = 0; i < out->notes.n_called; i++)
        add_command(out->commands, &out->n_commands, out->notes.called[i]);
}

static bool plausible_class(struct bytes name)
{
    bool dotted = false;

    if (name.len < 3 || name.len > 255)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.p[i], lower = ascii_lower(c);

        if (c == '.')
            dotted = true;
        else if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '$' &&
                 c != '[' && c != ';')
            return false;
    }
    return dotted;
}

/* A class description begins 72, length, name. */
static void search_classes(struct javaser *out, struct bytes rest)
{
    for (size_t at = 0; at < rest.len; at++) {
        size_t next = bytes_find_byte(bytes_from(rest, at), TC_CLASSDESC);
        struct cursor c;
        struct bytes name;

        if (next == BYTES_NONE)
            return;
        at += next;
        c = cursor_over(bytes_from(rest, at + 1));
        name = cursor_take(&c, cursor_u16be(&c));
        if (cursor_ok(&c) && plausible_class(name))
            javaser_note_class(out, name);
    }
}

static void search_files(struct javaser *out, struct bytes rest)
{
    while (out->n_nested < JAVASER_NESTED) {
        size_t at = bytes_find(rest, BYTES_LIT("\xca\xfe\xba\xbe"));

        if (at == BYTES_NONE)
            return;
        javaser_note_bytes(out, bytes_from(rest, at), false);
        rest = bytes_from(rest, at + 4);
    }
}

void javaser_note_rest(struct javaser *out, struct bytes rest)
{
    search_classes(out, rest);
    search_files(out, rest);
}
