/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/rmi_ref.h"

#include "base/cursor.h"

#include <stdio.h>

#define MAX_HOST 255

static bool plausible_host(struct bytes host)
{
    for (size_t i = 0; i < host.len; i++)
        if (host.p[i] <= ' ' || host.p[i] > '~')
            return false;
    return host.len > 0 && host.len <= MAX_HOST;
}

size_t rmi_endpoint_read(struct bytes b, struct rmi_ref *out)
{
    struct cursor c = cursor_over(b);
    uint16_t len = cursor_u16be(&c);
    struct bytes host = cursor_take(&c, len);
    uint32_t port = cursor_u32be(&c);

    if (b.len >= 2 && len > MAX_HOST)
        return SIZE_MAX;
    if (!cursor_ok(&c))
        return 0;
    if (!plausible_host(host) || port > UINT16_MAX)
        return SIZE_MAX;
    *out = (struct rmi_ref){host, (uint16_t)port};
    return b.len - cursor_left(&c);
}

/* Block data that a RemoteObject writes of itself: the name of its reference's class, then
 *   UnicastRef   endpoint, object id
 *   UnicastRef2  0 (no socket factory) or 1 (one follows), endpoint, object id */
unsigned rmi_refs(struct bytes message, struct rmi_ref *out, unsigned max)
{
    const struct bytes name = BYTES_LIT("UnicastRef");
    unsigned n = 0;
    size_t at;

    while (n < max && (at = bytes_find(message, name)) != BYTES_NONE) {
        struct bytes rest = bytes_from(message, at + name.len);
        size_t size;

        if (rest.len >= 2 && rest.p[0] == '2')
            rest = bytes_from(rest, 2);
        size = rmi_endpoint_read(rest, &out[n]);
        if (size != 0 && size != SIZE_MAX)
            n++;
        message = bytes_from(message, at + name.len);
    }
    return n;
}

void rmi_ref_print(const struct rmi_ref *ref, char text[RMI_REF_TEXT])
{
    bool v6 = bytes_find_byte(ref->host, ':') != BYTES_NONE;

    snprintf(text, RMI_REF_TEXT, "%s%.*s%s:%u", v6 ? "[" : "", (int)ref->host.len, (const char *)ref->host.p,
             v6 ? "]" : "", ref->port);
}
