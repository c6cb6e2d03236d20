/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_buffer.h"

const struct buffer_row buffer_rows[BUFFER_N] = {
#define X(symbol, name, older, modifier, app, directions, traits, help) \
    [BUFFER_##symbol] = {name, older, modifier, app, directions, traits, help},
    TRAFFIC_BUFFERS(X)
#undef X
};

enum buffer_id buffer_named(struct bytes name)
{
    unsigned i = 0;

    while (i < BUFFER_N && !bytes_is_nocase(name, buffer_rows[i].name) &&
           !(name.len && bytes_is_nocase(name, buffer_rows[i].older)))
        i++;
    return (enum buffer_id)i;
}

enum buffer_id buffer_modified(struct bytes name)
{
    unsigned i = 0;

    while (i < BUFFER_N && !(name.len && bytes_is_nocase(name, buffer_rows[i].modifier)))
        i++;
    return (enum buffer_id)i;
}
