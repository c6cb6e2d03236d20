/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/request.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#define VERSION "0.2"

static json_t *object_read(struct bytes text, struct complaint *why)
{
    json_error_t error;
    json_t *object = json_loadb((const char *)text.p, text.len, JSON_REJECT_DUPLICATES, &error);

    if (json_is_object(object))
        return object;
    complain(why, "no JSON object%s%.120s", object ? "" : ": ", object ? "" : error.text);
    json_decref(object);
    return NULL;
}

/* False when it does not fit, or is nothing that an argument may be. */
static bool word_put(char out[REQUEST_WORD_MAX], const json_t *value)
{
    int n = -1;

    if (json_is_string(value))
        n = snprintf(out, REQUEST_WORD_MAX, "%s", json_string_value(value));
    else if (json_is_integer(value))
        n = snprintf(out, REQUEST_WORD_MAX, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value))
        n = snprintf(out, REQUEST_WORD_MAX, "%s", json_is_true(value) ? "true" : "false");
    return n >= 0 && n < REQUEST_WORD_MAX;
}

static bool arguments_read(struct request *r, json_t *arguments, struct complaint *why)
{
    const char *name;
    json_t *value;

    if (!arguments)
        return true;
    if (!json_is_object(arguments))
        return complain(why, "arguments is no object");
    json_object_foreach(arguments, name, value)
    {
        if (r->n == REQUEST_ARGUMENTS)
            return complain(why, "more than %d arguments", REQUEST_ARGUMENTS);
        if (strlen(name) >= sizeof r->arguments[0].name)
            return complain(why, "no argument has such a long name");
        strcpy(r->arguments[r->n].name, name);
        if (!word_put(r->arguments[r->n].value, value))
            return complain(why, "argument %s: no text, whole number or boolean of less than %d bytes", name,
                            REQUEST_WORD_MAX);
        r->n++;
    }
    return true;
}

bool request_read(struct request *r, struct bytes line, struct complaint *why)
{
    json_t *object = object_read(line, why);
    const json_t *command;
    bool good;

    *r = (struct request){.n = 0};
    if (!object)
        return false;
    command = json_object_get(object, "command");
    good = (json_is_string(command) && word_put(r->command, command)) ||
           complain(why, "no command in it: {\"command\": \"command-list\"}");
    good = good && arguments_read(r, json_object_get(object, "arguments"), why);
    json_decref(object);
    return good;
}

const char *request_argument(const struct request *r, const char *name)
{
    for (unsigned i = 0; i < r->n; i++)
        if (strcmp(r->arguments[i].name, name) == 0)
            return r->arguments[i].value;
    return NULL;
}

/* --- the session --- */

uint8_t *session_room(struct session *s, size_t *len)
{
    *len = sizeof s->in - s->len;
    return s->in + s->len;
}

void session_wrote(struct session *s, size_t n)
{
    assert(n <= sizeof s->in - s->len);
    s->len += n;
}

static struct bytes said(const struct session *s)
{
    return bytes_of(s->in, s->len);
}

static void cut_front(struct session *s, size_t n)
{
    memmove(s->in, s->in + n, s->len - n);
    s->len -= n;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t blanks(struct bytes b)
{
    size_t n = 0;

    while (n < b.len && is_blank(b.p[n]))
        n++;
    return n;
}

/* The greeting has no newline to end it: it ends with the brace that closes its first. 0: not yet. */
static size_t object_end(struct bytes b)
{
    bool quoted = false;
    size_t depth = 0;

    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.p[i];

        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && c == '{')
            depth++;
        else if (!quoted && c == '}' && depth > 0 && --depth == 0)
            return i + 1;
    }
    return 0;
}

static bool version_agrees(struct bytes text, struct complaint *why)
{
    json_t *object = object_read(text, why);
    const char *version = json_string_value(json_object_get(object, "version"));
    bool good =
        object && ((version && strcmp(version, VERSION) == 0) ||
                   complain(why, "this is version %s of the protocol: say {\"version\": \"%s\"} first",
                            VERSION, VERSION));

    json_decref(object);
    return good;
}

/* How much of what was said is the greeting; 0: it is not complete. Whatever is no object ends it at once. */
static size_t greeting_size(struct bytes b)
{
    size_t n = blanks(b), end;

    if (n < b.len && b.p[n] != '{')
        return b.len;
    end = object_end(bytes_from(b, n));
    return end ? n + end : 0;
}

/* The same of the line at the front, its newline included. */
static size_t line_size(struct bytes b)
{
    size_t at = bytes_find_byte(b, '\n');

    return at == BYTES_NONE ? 0 : at + 1;
}

bool session_has_more(const struct session *s)
{
    size_t n_blanks = s->greeted ? blanks(said(s)) : 0; /* which session_next takes away */

    if (n_blanks == 0 && s->len == sizeof s->in)
        return true;
    return (s->greeted ? line_size(bytes_from(said(s), n_blanks)) : greeting_size(said(s))) > 0;
}

static enum session_step too_long(const struct session *s, struct complaint *why)
{
    if (s->len < sizeof s->in)
        return SESSION_MORE;
    complain(why, "a line of %d bytes has not ended", REQUEST_MAX);
    return SESSION_END;
}

static enum session_step greeting_take(struct session *s, struct complaint *why)
{
    size_t n = greeting_size(said(s));

    if (n == 0)
        return too_long(s, why);
    if (!version_agrees(bytes_slice(said(s), 0, n), why))
        return SESSION_END;
    s->greeted = true;
    cut_front(s, n);
    return SESSION_GREETED;
}

enum session_step session_next(struct session *s, struct request *r, struct complaint *why)
{
    enum session_step step;
    size_t n;

    if (!s->greeted)
        return greeting_take(s, why);
    cut_front(s, blanks(said(s))); /* empty lines, too */
    n = line_size(said(s));
    if (n == 0)
        return too_long(s, why);
    step = request_read(r, bytes_slice(said(s), 0, n), why) ? SESSION_REQUEST : SESSION_REFUSED;
    cut_front(s, n);
    return step;
}
