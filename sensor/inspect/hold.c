/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/hold.h"

#include "base/count.h"

static uint64_t holds_now, holds_memcap = 64 * 1024 * 1024;

void holds_set_memcap(uint64_t bytes)
{
    holds_memcap = bytes;
}

uint64_t holds_bytes(void)
{
    return holds_now;
}

bool hold_add(struct buf *hold, size_t ceiling, struct bytes piece)
{
    size_t before = hold->cap;
    bool fits;

    if (piece.len == 0)
        return true;
    if (piece.len > ceiling || hold->len > ceiling - piece.len)
        return false;
    hold->ceiling = ceiling;
    if (holds_now - before + hold->len + piece.len > holds_memcap) {
        count(COUNT_INSPECT_MEMORY);
        return false;
    }
    fits = buf_add(hold, piece);
    holds_now += hold->cap - before;
    if (!fits)
        count(COUNT_INSPECT_MEMORY);
    return fits;
}

void hold_drop(struct buf *hold)
{
    holds_now -= hold->cap;
    buf_drop(hold);
}

void hold_cut_front(struct buf *hold, size_t n)
{
    buf_cut_front(hold, n);
    if (hold->len == 0)
        hold_drop(hold);
}

/* Byte by byte until the header tells the size: a header is a handful of bytes, and so nothing beyond the
 * message is ever copied. */
static enum hold_next hold_header(struct buf *hold, size_t ceiling, hold_size_fn *size, struct bytes *data,
                                  size_t *total)
{
    while ((*total = size(buf_bytes(hold))) == 0) {
        if (data->len == 0)
            return HOLD_WAIT;
        if (!hold_add(hold, ceiling, bytes_slice(*data, 0, 1)))
            return HOLD_TOO_LONG;
        *data = bytes_from(*data, 1);
    }
    return *total == HOLD_NONSENSE ? HOLD_BAD : HOLD_MESSAGE;
}

static enum hold_next hold_finish(struct buf *hold, size_t ceiling, hold_size_fn *size, struct bytes *data,
                                  struct bytes *message)
{
    size_t total, need;
    enum hold_next next = hold_header(hold, ceiling, size, data, &total);

    if (next != HOLD_MESSAGE)
        return next;
    if (total > ceiling)
        return HOLD_TOO_LONG;
    need = total > hold->len ? total - hold->len : 0;
    if (need > data->len)
        need = data->len;
    if (!hold_add(hold, ceiling, bytes_slice(*data, 0, need)))
        return HOLD_TOO_LONG;
    *data = bytes_from(*data, need);
    *message = buf_bytes(hold);
    return hold->len < total ? HOLD_WAIT : HOLD_MESSAGE;
}

enum hold_next hold_next(struct buf *hold, size_t ceiling, hold_size_fn *size, struct bytes *data,
                         struct bytes *message)
{
    size_t total;

    if (hold->len)
        return hold_finish(hold, ceiling, size, data, message);
    if (data->len == 0)
        return HOLD_WAIT;
    total = size(*data);
    if (total == HOLD_NONSENSE)
        return HOLD_BAD;
    if (total > ceiling)
        return HOLD_TOO_LONG;
    if (total == 0 || total > data->len) {
        if (!hold_add(hold, ceiling, *data))
            return HOLD_TOO_LONG;
        *data = bytes_from(*data, data->len);
        return HOLD_WAIT;
    }
    *message = bytes_slice(*data, 0, total);
    *data = bytes_from(*data, total);
    return HOLD_MESSAGE;
}
