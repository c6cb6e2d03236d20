/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/inspector.h"
#include "inspect/line.h"
#include "inspect/open.h"
#include "inspect/packed.h"

/* Redis's protocol (RESP), the client's side: a command is an array of strings with their length in front.
 *
 *  *3 CRLF  $3 CRLF SET CRLF  $1 CRLF k CRLF  $1 CRLF v CRLF
 *
 * Each string is a text of its own. What is neither array nor string is a command as typed, one line of text.
 */

#define DIGITS_MAX 10

struct redis {
    struct buf held;  /* of the client: a line, or a string */
    struct buf open;  /* see open.h */
    uint64_t n, left; /* commands; bytes of a string that are still to come */
    bool in_string;
};

/* "*" or "$", digits. BYTES_NONE for anything else. */
static uint64_t sized(struct bytes line, uint8_t sign)
{
    uint64_t n;

    if (line.len < 2 || line.len > DIGITS_MAX + 1 || line.p[0] != sign ||
        !bytes_to_u64(bytes_from(line, 1), UINT32_MAX, &n))
        return UINT64_MAX;
    return n;
}

/* "*3\r\n$": no shorter beginning is certain. */
static enum recognition redis_recognise(struct bytes first, uint8_t proto, bool whole)
{
    size_t n = 1;

    if (proto != PROTO_TCP || (first.len && first.p[0] != '*'))
        return RECOGNISE_NO;
    while (n < first.len && n <= DIGITS_MAX && first.p[n] >= '0' && first.p[n] <= '9')
        n++;
    if (bytes_starts(bytes_from(first, n), BYTES_LIT("\r\n$")))
        return n > 1 ? RECOGNISE_REQUEST : RECOGNISE_NO;
    if (whole || n > DIGITS_MAX || !bytes_starts(BYTES_LIT("\r\n$"), bytes_from(first, n)))
        return RECOGNISE_NO;
    return RECOGNISE_MORE;
}

/* A value, and what it becomes when a cache has compressed it. */
static void give(struct redis *r, const struct inspecting *in, struct bytes text)
{
    const struct field like = {.kind = FIELD_REDIS_ARGUMENT,
                               .chunk = in->chunk,
                               .app_proto = "redis",
                               .message = r->n ? r->n - 1 : 0};

    if (text.len == 0)
        return;
    packed_whole(in->config, &like, text, in->fn, in->arg);
    inspecting_give_text(in, "redis", like.message, FIELD_REDIS_ARGUMENT, text);
}

static void on_line(struct redis *r, const struct inspecting *in, struct bytes line)
{
    uint64_t len = sized(line, '$');

    open_join(&r->open, in, "redis", r->n, line);
    if (sized(line, '*') != UINT64_MAX) {
        r->n++;
    } else if (len != UINT64_MAX) {
        r->left = len;
        r->in_string = len > 0;
    } else {
        r->n += line.len > 0; /* the end of a string is an empty line */
        give(r, in, line);
    }
}

/* The string, or what of it is there. False when it is too long to be kept. */
static bool take_string(struct redis *r, const struct inspecting *in, struct bytes *data)
{
    struct bytes part = bytes_slice(*data, 0, (size_t)r->left);

    if (r->held.len == 0 && part.len == r->left) {
        give(r, in, part);
        open_keep(&r->open, in, part);
    } else if (r->left > in->config->app_max_message ||
               !hold_add(&r->held, in->config->app_max_message, part)) {
        return false;
    }
    *data = bytes_from(*data, part.len);
    r->left -= part.len;
    if (r->left == 0) {
        give(r, in, buf_bytes(&r->held));
        if (r->held.len)
            open_keep(&r->open, in, buf_bytes(&r->held));
        hold_drop(&r->held);
        r->in_string = false;
    }
    return true;
}

static void give_held(struct redis *r, const struct inspecting *in)
{
    give(r, in, buf_bytes(&r->held));
    hold_drop(&r->held);
    r->in_string = false;
}

static enum progress feed_client(struct redis *r, const struct inspecting *in, struct bytes data,
                                 size_t *used)
{
    struct bytes rest = data, line;

    while (rest.len) {
        enum hold_next next = HOLD_TOO_LONG;

        if (!r->in_string)
            next = line_next(&r->held, in->config->app_max_message, &rest, &line);
        else if (take_string(r, in, &rest))
            next = HOLD_WAIT;
        if (next == HOLD_MESSAGE) {
            on_line(r, in, line);
            hold_drop(&r->held);
        }
        *used = data.len - rest.len;
        if (next == HOLD_TOO_LONG) {
            give_held(r, in);
            return PROGRESS_GIVE_UP;
        }
    }
    return PROGRESS_MORE;
}

static enum progress redis_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                                bool last, size_t *used)
{
    struct redis *r = state;
    enum progress progress;

    *used = 0;
    if (!in->from_client)
        return PROGRESS_RAW;
    if (gap) {
        give_held(r, in);
        return PROGRESS_GIVE_UP;
    }
    progress = feed_client(r, in, data, used);
    if (last)
        give_held(r, in);
    return progress;
}

static void redis_free_state(void *state)
{
    struct redis *r = state;

    hold_drop(&r->held);
    hold_drop(&r->open);
}

const struct inspector redis_inspector = {
    .name = "redis",
    .recognise = redis_recognise,
    .state_size = sizeof(struct redis),
    .feed = redis_feed,
    .free_state = redis_free_state,
};
