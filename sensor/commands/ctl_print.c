/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/ctl_print.h"
#include "output/text.h"

#include <stdio.h>

#define TEXT_SHOWN 4096
#define DEEP       8

/* --- tables --- */

static const char *word(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

/* A cell, and blanks up to width; a longer one pushes the next to the right. */
static void put_cell(struct buf *out, const char *text, size_t width)
{
    size_t before = out->len;

    text_visible(out, bytes_str(*text ? text : "-"), 200);
    do
        buf_add_byte(out, ' ');
    while (out->len - before < width + 2);
}

/* "2021-12-10T10:00:00.123456+0000" without its fraction and zone. */
static void put_time(struct buf *out, const char *stamp)
{
    char text[20];

    strncpy(text, stamp, sizeof text - 1);
    text[sizeof text - 1] = '\0';
    put_cell(out, text, sizeof text - 1);
}

static void put_incidents(struct buf *out, const json_t *message)
{
    const json_t *list = json_object_get(message, "incidents"), *incident;
    size_t i;

    put_cell(out, "incident", 16);
    put_cell(out, "verdict", 11);
    put_cell(out, "last seen (UTC)", 19);
    put_cell(out, "victim", 15);
    buf_add_str(out, "callback\n");
    json_array_foreach(list, i, incident)
    {
        const char *lookup = word(incident, "lookup");

        put_cell(out, word(incident, "id"), 16);
        put_cell(out, word(incident, "verdict"), 11);
        put_time(out, word(incident, "last_seen"));
        put_cell(out, word(incident, "victim"), 15);
        text_visible(out, bytes_str(*lookup ? lookup : word(incident, "host")), 200);
        buf_add_str(out, *lookup ? "\n" : " (lookup unseen)\n");
    }
}

static void put_versions(struct buf *out, const json_t *versions)
{
    const json_t *version;
    size_t i;

    if (json_array_size(versions) == 0)
        buf_add_byte(out, '-');
    json_array_foreach(versions, i, version)
    {
        if (i)
            buf_add_str(out, ", ");
        text_visible(out, bytes_str(word(version, "version")), 64);
    }
    buf_add_byte(out, '\n');
}

static void put_hosts(struct buf *out, const json_t *message)
{
    const json_t *list = json_object_get(message, "hosts"), *host;
    size_t i;

    put_cell(out, "host", 15);
    put_cell(out, "last seen (UTC)", 19);
    put_cell(out, "loads classes", 13);
    put_cell(out, "verdict", 11);
    buf_add_str(out, "Java\n");
    json_array_foreach(list, i, host)
    {
        const json_t *facts = json_object_get(host, "exposure");

        put_cell(out, word(host, "src_ip"), 15);
        put_time(out, word(host, "timestamp"));
        put_cell(out, word(facts, "loads_remote_classes"), 13);
        put_cell(out, word(facts, "verdict"), 11);
        put_versions(out, json_object_get(facts, "java"));
    }
}

static void put_number(struct buf *out, const json_t *value, size_t width)
{
    char text[24] = "";

    if (json_is_integer(value))
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    put_cell(out, text, width);
}

static void put_ceilings(struct buf *out, const json_t *message)
{
    const json_t *ceiling;
    size_t i;

    put_cell(out, "ceiling", 27);
    put_cell(out, "value", 10);
    put_cell(out, "used", 12);
    buf_add_str(out, "items\n");
    json_array_foreach(message, i, ceiling)
    {
        put_cell(out, word(ceiling, "name"), 27);
        put_cell(out, word(ceiling, "value"), 10);
        put_number(out, json_object_get(ceiling, "used"), 12);
        put_number(out, json_object_get(ceiling, "items"), 0);
        buf_add_byte(out, '\n');
    }
}

static void put_help(struct buf *out, const json_t *message)
{
    const json_t *list = json_object_get(message, "commands"), *command, *argument;
    size_t i, k;

    json_array_foreach(list, i, command)
    {
        struct buf head = buf_within(256);

        buf_add_str(&head, word(command, "command"));
        json_array_foreach(json_object_get(command, "arguments"), k, argument)
            buf_addf(&head, " %s", json_is_string(argument) ? json_string_value(argument) : "");
        buf_add_byte(&head, '\0');
        put_cell(out, head.p ? (const char *)head.p : "", 26);
        text_visible(out, bytes_str(word(command, "help")), TEXT_SHOWN);
        buf_add_byte(out, '\n');
        buf_drop(&head);
    }
}

/* --- anything else --- */

static void put_scalar(struct buf *out, const json_t *value)
{
    if (json_is_string(value))
        text_visible(out, bytes_of(json_string_value(value), json_string_length(value)), TEXT_SHOWN);
    else if (json_is_integer(value))
        buf_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        buf_addf(out, "%g", json_real_value(value));
    else
        buf_add_str(out, json_is_true(value) ? "yes" : json_is_false(value) ? "no" : "-");
    buf_add_byte(out, '\n');
}

static bool is_deep(const json_t *value)
{
    return json_is_object(value) || json_is_array(value);
}

static void put_indent(struct buf *out, unsigned depth)
{
    buf_addf(out, "%*s", (int)depth * 2, "");
}

static void put_value(struct buf *out, const json_t *value, unsigned depth);

static void put_member(struct buf *out, const char *key, const json_t *value, unsigned depth)
{
    put_indent(out, depth);
    text_visible(out, bytes_str(key), 64);
    if (is_deep(value)) {
        buf_add_byte(out, '\n');
        put_value(out, value, depth + 1);
        return;
    }
    buf_addf(out, "%*s", strlen(key) < 30 ? (int)(31 - strlen(key)) : 1, "");
    put_scalar(out, value);
}

/* The recursion ends at DEEP, whatever is sent. */
static void put_value(struct buf *out, const json_t *value, unsigned depth)
{
    const json_t *item;
    json_t *member;
    const char *key;
    size_t i;

    if (depth > DEEP)
        return;
    json_object_foreach((json_t *)(uintptr_t)value, key, member) put_member(out, key, member, depth);
    json_array_foreach(value, i, item)
    {
        if (is_deep(item)) {
            if (i)
                buf_add_byte(out, '\n');
            put_value(out, item, depth);
            continue;
        }
        put_indent(out, depth);
        put_scalar(out, item);
    }
    if (!is_deep(value))
        put_scalar(out, value);
}

void ctl_print(struct buf *out, const char *command, const json_t *message)
{
    if (strcmp(command, "incident-list") == 0 && json_object_get(message, "incidents"))
        put_incidents(out, message);
    else if (strcmp(command, "exposure-list") == 0 && json_object_get(message, "hosts"))
        put_hosts(out, message);
    else if (strcmp(command, "memcap-list") == 0 && json_is_array(message))
        put_ceilings(out, message);
    else if (strcmp(command, "help") == 0 && json_object_get(message, "commands"))
        put_help(out, message);
    else if (message)
        put_value(out, message, 0);
}
