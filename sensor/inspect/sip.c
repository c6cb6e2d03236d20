/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/line.h"
#include "inspect/open.h"

/* SIP (RFC 3261) in datagrams and on TCP. A message is a start line, header fields, an empty line, and as
 * many bytes as Content-Length says; a datagram ends with its body. Either side sends requests. */

enum part { PART_START, PART_HEADERS, PART_BODY };

struct sip_side {
    struct buf held; /* the line, or the body, that is not whole yet */
    struct buf open; /* see open.h: of a body */
    struct headers headers;
    uint64_t n_messages, body_left;
    uint8_t part;
    bool sized; /* a Content-Length was read */
};

struct sip {
    struct sip_side side[2];
};

/* What a line of a message reaches its fields with. */
struct giving {
    const struct inspecting *in;
    struct sip_side *side;
};

static bool is_upper(uint8_t c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_version(struct bytes word)
{
    return bytes_starts_nocase(word, BYTES_LIT("SIP/")) && word.len < 16;
}

/* "INVITE sip:bob@example.com SIP/2.0" */
static bool is_request_line(struct bytes line)
{
    size_t blank = bytes_find_byte(line, ' '), last = line.len;

    line = bytes_trim(line);
    while (last > 0 && (last > line.len || line.p[last - 1] != ' '))
        last--;
    for (size_t i = 0; i < blank && i < line.len; i++)
        if (!is_upper(line.p[i]))
            return false;
    return blank > 0 && blank < last && is_version(bytes_from(line, last));
}

/* "SIP/2.0 200 OK" */
static bool is_response_line(struct bytes line)
{
    return bytes_starts_nocase(line, BYTES_LIT("SIP/")) && bytes_find_byte(line, ' ') < 16;
}

#define METHOD_MAX 16 /* the longest registered one is SUBSCRIBE */

/* False when the start of a line can no longer be one of these. */
static bool may_begin(struct bytes start)
{
    size_t n = 0;

    while (n < start.len && n <= METHOD_MAX && is_upper(start.p[n]))
        n++;
    if (n == start.len)
        return n <= METHOD_MAX;
    return n > 0 && n <= METHOD_MAX && (start.p[n] == ' ' || (n == 3 && start.p[n] == '/'));
}

#define LINE_MAX 2048 /* recognition waits for no longer a start line */

static enum recognition sip_recognise(struct bytes first, uint8_t proto, bool whole)
{
    struct bytes line;
    size_t end;

    (void)proto;
    if (!may_begin(bytes_slice(first, 0, METHOD_MAX + 1))) /* most of what is not SIP ends here */
        return RECOGNISE_NO;
    end = bytes_find_byte(first, '\n');
    line = bytes_slice(first, 0, end);
    if (is_response_line(line) && (end != BYTES_NONE || whole))
        return RECOGNISE_RESPONSE;
    if (end == BYTES_NONE)
        return whole || first.len > LINE_MAX ? RECOGNISE_NO : RECOGNISE_MORE;
    return is_request_line(line) ? RECOGNISE_REQUEST : RECOGNISE_NO;
}

static uint64_t number(const struct sip_side *s)
{
    return s->n_messages ? s->n_messages - 1 : 0;
}

static void give(const struct giving *g, enum field_kind kind, struct bytes value)
{
    if (value.len)
        inspecting_give_text(g->in, "sip", number(g->side), kind, value);
}

static void on_header(void *arg, struct bytes name, struct bytes value)
{
    struct giving *g = arg;
    uint64_t length;

    inspecting_give_header(g->in, "sip", number(g->side), FIELD_SIP_HEADER, name, value);
    if ((bytes_eq_nocase(name, BYTES_LIT("Content-Length")) || bytes_eq_nocase(name, BYTES_LIT("l"))) &&
        bytes_to_u64(value, UINT32_MAX, &length))
        g->side->body_left = length;
    g->side->sized |= g->side->body_left > 0;
}

/* False when no message begins with this line. */
static bool on_line(struct giving *g, struct bytes line)
{
    struct sip_side *s = g->side;
    bool response = is_response_line(line);

    open_join(&s->open, g->in, "sip", number(s), line);
    if (s->part == PART_HEADERS) {
        if (line.len) {
            headers_line(&s->headers, g->in->config->app_max_message, line, on_header, g);
            return true;
        }
        headers_end(&s->headers, on_header, g);
        s->part = PART_BODY;
        return true;
    }
    if (line.len == 0) /* keep-alive (RFC 5626 section 3.5.1), or slack between messages */
        return true;
    if (!response && !is_request_line(line))
        return false;
    s->n_messages++;
    s->body_left = 0;
    s->sized = false;
    s->part = PART_HEADERS;
    give(g, response ? FIELD_SIP_RESPONSE_LINE : FIELD_SIP_REQUEST_LINE, line);
    return true;
}

/* Everything that is held, when there will be no more of this message. */
static void finish(struct giving *g)
{
    struct sip_side *s = g->side;

    if (s->part == PART_HEADERS) {
        if (s->held.len)
            headers_line(&s->headers, g->in->config->app_max_message, buf_bytes(&s->held), on_header, g);
        headers_end(&s->headers, on_header, g);
    } else if (s->part == PART_BODY) {
        give(g, FIELD_SIP_BODY, buf_bytes(&s->held));
        open_keep(&s->open, g->in, buf_bytes(&s->held));
    } else {
        inspecting_give_raw(g->in, "sip", number(s), buf_bytes(&s->held));
    }
    hold_drop(&s->held);
    headers_drop(&s->headers);
    s->part = PART_START;
}

/* True when the body, or its part that is there, was taken. */
static bool take_body(struct giving *g, struct bytes *data)
{
    struct sip_side *s = g->side;
    struct bytes part;

    if (g->in->chunk->flow->proto == PROTO_UDP && !s->sized)
        s->body_left = data->len; /* section 18.3: then it ends with its datagram */
    part = bytes_slice(*data, 0, s->body_left < SIZE_MAX ? (size_t)s->body_left : SIZE_MAX);

    if (s->held.len == 0 && part.len == s->body_left) {
        give(g, FIELD_SIP_BODY, part);
        open_keep(&s->open, g->in, part);
        s->part = PART_START;
    } else if (!hold_add(&s->held, g->in->config->app_max_message, part)) {
        return false;
    }
    s->body_left -= part.len;
    *data = bytes_from(*data, part.len);
    if (s->body_left == 0)
        finish(g);
    return true;
}

static enum progress feed_lines(struct giving *g, struct bytes data, size_t *used)
{
    struct sip_side *s = g->side;
    struct bytes rest = data, line;

    while (rest.len) {
        if (s->part == PART_BODY) {
            if (!take_body(g, &rest))
                break;
            *used = data.len - rest.len;
            continue;
        }
        switch (line_next(&s->held, g->in->config->app_max_message, &rest, &line)) {
        case HOLD_MESSAGE: {
            bool good = on_line(g, line);

            if (!good && s->held.len) { /* it began in an earlier segment */
                inspecting_give_raw(g->in, "sip", number(s), line);
                *used = data.len - rest.len;
            }
            hold_drop(&s->held);
            if (!good)
                return PROGRESS_GIVE_UP;
            break;
        }
        case HOLD_WAIT:
            return PROGRESS_MORE;
        default:
            finish(g);
            return PROGRESS_GIVE_UP;
        }
        *used = data.len - rest.len;
    }
    if (rest.len == 0)
        return PROGRESS_MORE;
    finish(g);
    return PROGRESS_GIVE_UP;
}

static enum progress sip_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                              bool last, size_t *used)
{
    struct sip *sip = state;
    struct giving g = {.in = in, .side = &sip->side[in->chunk->side]};
    enum progress progress;

    *used = 0;
    if (gap) {
        finish(&g);
        return PROGRESS_GIVE_UP;
    }
    progress = feed_lines(&g, data, used);
    if (last)
        finish(&g);
    return progress;
}

static void sip_free_state(void *state)
{
    struct sip *sip = state;

    for (unsigned side = 0; side < 2; side++) {
        hold_drop(&sip->side[side].held);
        hold_drop(&sip->side[side].open);
        headers_drop(&sip->side[side].headers);
    }
}

const struct inspector sip_inspector = {
    .name = "sip",
    .recognise = sip_recognise,
    .state_size = sizeof(struct sip),
    .feed = sip_feed,
    .free_state = sip_free_state,
};
