/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/line.h"

static struct bytes without_cr(struct bytes line)
{
    return line.len && line.p[line.len - 1] == '\r' ? bytes_slice(line, 0, line.len - 1) : line;
}

enum hold_next line_next(struct buf *hold, size_t ceiling, struct bytes *data, struct bytes *line)
{
    size_t end = bytes_find_byte(*data, '\n');
    struct bytes piece = bytes_slice(*data, 0, end);

    if (end == BYTES_NONE || hold->len) {
        if (!hold_add(hold, ceiling, piece))
            return HOLD_TOO_LONG;
        *data = bytes_from(*data, end == BYTES_NONE ? data->len : end + 1);
        *line = without_cr(buf_bytes(hold));
        return end == BYTES_NONE ? HOLD_WAIT : HOLD_MESSAGE;
    }
    *data = bytes_from(*data, end + 1);
    *line = without_cr(piece);
    return HOLD_MESSAGE;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

void headers_end(struct headers *h, header_fn *fn, void *arg)
{
    struct bytes field = buf_bytes(&h->held);
    size_t colon = bytes_find_byte(field, ':');

    if (field.len) {
        bool named = colon != BYTES_NONE;

        fn(arg, named ? bytes_trim(bytes_slice(field, 0, colon)) : bytes_of(field.p, 0),
           bytes_trim(bytes_from(field, named ? colon + 1 : 0)));
    }
    hold_drop(&h->held);
}

void headers_line(struct headers *h, size_t ceiling, struct bytes line, header_fn *fn, void *arg)
{
    bool continues = line.len && is_blank(line.p[0]);

    if (!continues)
        headers_end(h, fn, arg);
    if (hold_add(&h->held, ceiling, line))
        return;
    headers_end(h, fn, arg);
    if (!hold_add(&h->held, ceiling, line))
        fn(arg, bytes_of(line.p, 0), line);
}

void headers_drop(struct headers *h)
{
    hold_drop(&h->held);
}
