/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/inspector.h"
#include "inspect/open.h"

/* Syslog (RFC 3164, RFC 5424): a datagram is a message. Over TCP (RFC 6587) a message has its length in
 * front, or ends with a line feed; senders mix the two.
 *
 *  <priority>text          123 <priority>text
 *
 * A message is a text of its own: an unclosed "${" in one must not hide what the next one holds. But a
 * receiver that knows lines only reads over the borders that a count sets, so what one leaves open is also
 * read with the next. */

#define PRIORITY_MAX 191 /* 23 * 8 + 7 */
#define COUNT_DIGITS 7

struct syslog {
    struct buf held[2]; /* TCP, by direction */
    struct buf open;    /* see open.h */
    uint64_t n[2];
};

/* At most max digits; BYTES_NONE when there is something else, or nothing. *len: how many there are. */
static size_t read_number(struct bytes text, size_t max_digits, size_t *len)
{
    size_t value = 0;

    for (*len = 0; *len < text.len && *len < max_digits; ++*len) {
        uint8_t c = text.p[*len];

        if (c < '0' || c > '9')
            break;
        value = value * 10 + (c - '0');
    }
    return *len ? value : BYTES_NONE;
}

/* "<13>": the only thing that all forms have in common. */
static enum recognition recognise_priority(struct bytes text)
{
    struct bytes rest = bytes_from(text, 1);
    size_t digits, value;

    if (text.len == 0)
        return RECOGNISE_MORE;
    if (text.p[0] != '<')
        return RECOGNISE_NO;
    value = read_number(rest, 3, &digits);
    if (rest.len == digits)
        return digits < 4 ? RECOGNISE_MORE : RECOGNISE_NO;
    return digits && value <= PRIORITY_MAX && rest.p[digits] == '>' ? RECOGNISE_REQUEST : RECOGNISE_NO;
}

static enum recognition recognise_counted(struct bytes text)
{
    size_t digits;

    (void)read_number(text, COUNT_DIGITS, &digits);
    if (digits == 0 || text.p[0] == '0')
        return RECOGNISE_NO;
    if (text.len == digits)
        return RECOGNISE_MORE;
    return text.p[digits] == ' ' ? recognise_priority(bytes_from(text, digits + 1)) : RECOGNISE_NO;
}

static enum recognition syslog_recognise(struct bytes first, uint8_t proto, bool whole)
{
    enum recognition r = recognise_priority(first);

    if (r == RECOGNISE_NO && proto == PROTO_TCP)
        r = recognise_counted(first);
    return r == RECOGNISE_MORE && whole ? RECOGNISE_NO : r;
}

static void give(struct syslog *s, const struct inspecting *in, struct bytes message)
{
    if (message.len)
        inspecting_give_text(in, "syslog", s->n[in->chunk->side]++, FIELD_SYSLOG_MESSAGE, message);
}

/* The size of a counted message with its count; 0 when more bytes are needed to say, BYTES_NONE when the text
 * is not counted (or counts less than its priority). Looks at no more than the first bytes. */
static size_t counted_size(struct bytes text)
{
    size_t digits, value = read_number(text, COUNT_DIGITS, &digits), priority;

    switch (recognise_counted(text)) {
    case RECOGNISE_NO:
        return BYTES_NONE;
    case RECOGNISE_MORE:
        return 0;
    default:
        priority = bytes_find_byte(bytes_from(text, digits + 1), '>') + 1;
        return value < priority ? BYTES_NONE : digits + 1 + value;
    }
}

/* What ends a line: LF, or the NUL of older senders. 0 when neither is there. */
static size_t line_size(struct bytes text)
{
    size_t lf = bytes_find_byte(text, '\n'), nul = bytes_find_byte(bytes_slice(text, 0, lf), '\0');

    if (nul != BYTES_NONE)
        return nul + 1;
    return lf == BYTES_NONE ? 0 : lf + 1;
}

/* Without count and line end. */
static struct bytes message_text(struct bytes message)
{
    size_t digits;

    if (counted_size(message) == BYTES_NONE)
        return bytes_slice(message, 0, message.len - 1);
    (void)read_number(message, COUNT_DIGITS, &digits);
    return bytes_from(message, digits + 1);
}

/* How much of rest belongs to the message that is held or begins here. *whole: all of it then. */
static size_t message_part(struct bytes held, struct bytes rest, bool *whole)
{
    size_t size = counted_size(held.len ? held : rest), part;

    if (size == BYTES_NONE) {
        part = line_size(rest);
        *whole = part != 0;
        return part ? part : rest.len;
    }
    if (size == 0) { /* a handful of bytes at most */
        *whole = false;
        return held.len ? 1 : rest.len;
    }
    part = size - held.len;
    *whole = part <= rest.len;
    return *whole ? part : rest.len;
}

static void give_held(struct syslog *s, const struct inspecting *in, struct buf *held)
{
    give(s, in, buf_bytes(held));
    hold_drop(held);
}

static void on_message(struct syslog *s, const struct inspecting *in, struct bytes message)
{
    struct bytes text = message_text(message);
    uint64_t n = s->n[in->chunk->side];

    give(s, in, text);
    open_join(&s->open, in, "syslog", n, message);
    if (counted_size(message) != BYTES_NONE)
        open_keep(&s->open, in, text);
}

static enum progress feed_tcp(struct syslog *s, const struct inspecting *in, struct bytes data, size_t *used)
{
    struct buf *held = &s->held[in->chunk->side];

    while (*used < data.len) {
        struct bytes rest = bytes_from(data, *used), part;
        bool whole;

        part = bytes_slice(rest, 0, message_part(buf_bytes(held), rest, &whole));
        if (whole && held->len == 0) {
            on_message(s, in, part);
        } else if (!hold_add(held, in->config->app_max_message, part)) {
            give_held(s, in, held);
            return PROGRESS_GIVE_UP;
        } else if (whole) {
            on_message(s, in, buf_bytes(held));
            hold_drop(held);
        }
        *used += part.len;
    }
    return PROGRESS_MORE;
}

static enum progress syslog_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                                 bool last, size_t *used)
{
    struct syslog *s = state;
    struct buf *held = &s->held[in->chunk->side];
    enum progress progress = PROGRESS_MORE;

    *used = 0;
    if (in->chunk->flow->proto == PROTO_UDP) {
        give(s, in, data);
        return PROGRESS_MORE;
    }
    if (!in->from_client)
        return PROGRESS_RAW; /* a collector has nothing to say, and if it has, in no form of syslog */
    if (gap)
        give_held(s, in, held);
    progress = feed_tcp(s, in, data, used);
    if (last)
        give_held(s, in, held);
    return progress;
}

static void syslog_free_state(void *state)
{
    struct syslog *s = state;

    hold_drop(&s->held[0]);
    hold_drop(&s->held[1]);
    hold_drop(&s->open);
}

const struct inspector syslog_inspector = {
    .name = "syslog",
    .recognise = syslog_recognise,
    .state_size = sizeof(struct syslog),
    .feed = syslog_feed,
    .free_state = syslog_free_state,
};
