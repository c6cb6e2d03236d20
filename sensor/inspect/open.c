/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/open.h"

/* Nothing when every expression ends. A "$" at the very end may be the beginning of one. */
static struct bytes open_end(struct bytes text)
{
    size_t depth = 0, first = text.len;

    if (bytes_find_byte(text, '$') == BYTES_NONE)
        return bytes_from(text, text.len);
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '$' && (i + 1 == text.len || text.p[i + 1] == '{'))
            first = depth++ ? first : i;
        else if (text.p[i] == '}' && depth)
            depth--;
    }
    return bytes_from(text, depth ? first : text.len);
}

void open_keep(struct buf *open, const struct inspecting *in, struct bytes text)
{
    hold_drop(open);
    (void)hold_add(open, in->config->app_max_message, open_end(text));
}

void open_join(struct buf *open, const struct inspecting *in, const char *app_proto, uint64_t message,
               struct bytes sent)
{
    if (open->len && hold_add(open, 2 * in->config->app_max_message, sent))
        inspecting_give_raw(in, app_proto, message, buf_bytes(open));
    hold_drop(open);
}
