/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "channel/channel.h"
#include "base/count.h"

#include <assert.h>
#include <stdlib.h>

struct channel {
    struct buf queue; /* records, one after the other; the memory is kept for the next ones */
    bool draining;
};

struct channel *channel_new(size_t max_bytes)
{
    struct channel *c = calloc(1, sizeof *c);

    if (c)
        c->queue = buf_within(max_bytes);
    return c;
}

void channel_free(struct channel *c)
{
    if (!c)
        return;
    buf_drop(&c->queue);
    free(c);
}

static bool counted(bool fitted)
{
    count(fitted ? COUNT_CHANNEL_RECORDS : COUNT_CHANNEL_DROPPED);
    return fitted;
}

bool channel_put(struct channel *c, const struct finding *f, size_t payload_max)
{
    assert(!c->draining); /* the queue may move while it grows, and the reader holds views into it */
    return counted(record_write(&c->queue, f, payload_max));
}

bool channel_put_anomaly(struct channel *c, const struct anomaly *a)
{
    assert(!c->draining);
    return counted(record_write_anomaly(&c->queue, a));
}

/* The size that stands first in a record; 0 when rest does not hold a whole record. */
static size_t next_size(struct bytes rest)
{
    uint32_t size;

    if (rest.len < sizeof(struct record_head))
        return 0;
    memcpy(&size, rest.p, sizeof size);
    return size >= sizeof(struct record_head) && size <= rest.len ? size : 0;
}

void channel_drain(struct channel *c, void (*fn)(void *arg, const struct record *r), void *arg)
{
    struct bytes rest = buf_bytes(&c->queue);

    c->draining = true;
    while (rest.len > 0) {
        size_t size = next_size(rest);
        struct record r;

        if (size == 0) { /* nothing behind a wrong size can be found */
            count(COUNT_CHANNEL_BAD);
            break;
        }
        if (record_read(bytes_slice(rest, 0, size), &r))
            fn(arg, &r);
        else
            count(COUNT_CHANNEL_BAD);
        rest = bytes_from(rest, size);
    }
    c->draining = false;
    buf_clear(&c->queue);
}
