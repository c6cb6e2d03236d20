/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/http_flow.h"

#include "base/count.h"
#include "inspect/hold.h"

/* The long rest of a response: nothing of it is looked at. */
static bool only_counts(const struct http1 *h, const struct http_side *s)
{
    return s == &h->response && s->place == HTTP_AT_BODY && s->body.framing != HTTP_CHUNKED && !s->also_raw &&
           !h->java.watching && s->muted;
}

static bool http1_skip(struct http_side *s, size_t len)
{
    if (s->body.framing == HTTP_LENGTH) {
        if (len >= s->body.left)
            return false;
        s->body.left -= len;
    }
    s->body_len += len;
    count_add(COUNT_HTTP_RESPONSE_SKIPPED, len);
    return true;
}

static enum progress http1_read(struct http_feed *fd, uint64_t gap, bool last, size_t *used)
{
    enum progress progress = PROGRESS_MORE;

    *used = 0;
    if (gap && fd->h->tunnel && fd->s->place == HTTP_AT_HEAD)
        return http_side_change(fd);
    if (gap && !http_side_bridges(fd, gap))
        progress = http_side_lost(fd);
    if (fd->s->also_raw)
        http_raw_put(fd, fd->data);
    if (progress == PROGRESS_MORE)
        progress = http_side_run(fd);
    http_text_flush(fd);
    *used = fd->at;
    if (last && progress == PROGRESS_MORE)
        http_side_finish(fd);
    return progress;
}

static enum progress http1_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                                bool last, size_t *used)
{
    struct http1 *h = state;
    struct http_side *s = in->from_client ? &h->request : &h->response;

    if (!gap && !last && only_counts(h, s) && http1_skip(s, data.len))
        return PROGRESS_MORE;
    return http1_read(&(struct http_feed){.h = h, .s = s, .in = in, .data = data}, gap, last, used);
}

static void side_free(struct http_side *s)
{
    hold_drop(&s->held);
    window_drop(&s->text);
    http_decoder_free(s->decoder);
    window_drop(&s->raw);
    packed_drop(&s->packed_raw);
    packed_drop(&s->messages);
}

static bool http1_under_way(const void *state, bool from_client, uint64_t *number, uint64_t *body_len)
{
    const struct http1 *h = state;
    const struct http_side *s = from_client ? &h->request : &h->response;

    *number = s->message;
    *body_len = s->body_len;
    return s->place == HTTP_AT_BODY || s->place == HTTP_AT_TRAILER;
}

static void http1_free(void *state)
{
    struct http1 *h = state;

    side_free(&h->request);
    side_free(&h->response);
    window_drop(&h->sent);
    http_java_drop(&h->java);
    http_tx_release(h->asking);
    http_tx_release(h->answering);
    http_tx_queue_drop(&h->waiting);
}

const struct inspector http1_inspector = {
    .name = "http",
    .recognise = http_recognise,
    .state_size = sizeof(struct http1),
    .feed = http1_feed,
    .under_way = http1_under_way,
    .free_state = http1_free,
};
