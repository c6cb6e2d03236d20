/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/inspector.h"

/* All others know their first bytes for certain, so they come before DNS over TCP, whose two length bytes may
 * be anything. */
const struct inspector *const inspectors[] = {
    &http2_inspector, &http1_inspector,     &ldap_inspector,      &rmi_inspector, &giop_inspector,
    &mqtt_inspector,  &redis_inspector,     &smtp_inspector,      &sip_inspector, &syslog_inspector,
    &gelf_inspector,  &minecraft_inspector, &websocket_inspector, &dns_inspector, NULL,
};

static struct field field_from(const struct inspecting *in, const char *app_proto, uint64_t message,
                               enum field_kind kind, struct bytes value)
{
    return (struct field){
        .kind = kind, .value = value, .chunk = in->chunk, .app_proto = app_proto, .message = message};
}

void inspecting_give_fact(const struct inspecting *in, const char *app_proto, uint64_t message,
                          const struct attrs *attrs, struct bytes value)
{
    struct field f = field_from(in, app_proto, message, FIELD_FACT, value);

    f.attrs = attrs;
    in->fn(in->arg, &f);
}

void inspecting_give_text(const struct inspecting *in, const char *app_proto, uint64_t message,
                          enum field_kind kind, struct bytes value)
{
    struct field f = field_from(in, app_proto, message, kind, value);

    in->fn(in->arg, &f);
}

void inspecting_give_header(const struct inspecting *in, const char *app_proto, uint64_t message,
                            enum field_kind kind, struct bytes name, struct bytes value)
{
    struct field f = field_from(in, app_proto, message, kind, value);

    f.name = name;
    if (value.len)
        in->fn(in->arg, &f);
    /* A name is text as well, and rarely worth a look. */
    f.value = name;
    if (bytes_find_byte(name, '$') != BYTES_NONE)
        in->fn(in->arg, &f);
}

void inspecting_give_raw(const struct inspecting *in, const char *app_proto, uint64_t message,
                         struct bytes value)
{
    struct field f = field_from(in, app_proto, message, FIELD_RAW, value);

    /* The shortest text that can reach JNDI is longer than this: "${jndi:x}". */
    if (value.len < 8)
        return;
    f.first = f.last = true;
    in->fn(in->arg, &f);
}

size_t raw_room(const struct config *config, uint64_t given, size_t len)
{
    uint64_t depth = config->raw_depth;

    if (!config->raw)
        return 0;
    if (depth == 0)
        return len;
    if (given >= depth)
        return 0;
    return len < depth - given ? len : (size_t)(depth - given);
}
