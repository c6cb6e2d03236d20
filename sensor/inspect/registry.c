/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/talk.h"

/* The first to recognise wins. All others know their first bytes for certain, so they come before DNS over
 * TCP, whose two length bytes may be anything. */
const struct known known_rows[] = {
    {&proxy_inspector, COUNT_INSPECT_PROXY, offsetof(struct config, proxy), false, false},
    {&http2_inspector, COUNT_INSPECT_HTTP2, offsetof(struct config, http2), false, true},
    {&http1_inspector, COUNT_INSPECT_HTTP, offsetof(struct config, http), false, false},
    {&ldap_inspector, COUNT_INSPECT_LDAP, offsetof(struct config, ldap), false, true},
    {&rmi_inspector, COUNT_INSPECT_RMI, offsetof(struct config, rmi), false, true},
    {&giop_inspector, COUNT_INSPECT_GIOP, offsetof(struct config, giop), false, true},
    {&mqtt_inspector, COUNT_INSPECT_MQTT, offsetof(struct config, mqtt), false, false},
    {&redis_inspector, COUNT_INSPECT_REDIS, offsetof(struct config, redis), false, false},
    {&smtp_inspector, COUNT_INSPECT_SMTP, offsetof(struct config, smtp), false, false},
    {&sip_inspector, COUNT_INSPECT_SIP, offsetof(struct config, sip), true, false},
    {&syslog_inspector, COUNT_INSPECT_SYSLOG, offsetof(struct config, syslog), true, false},
    {&gelf_inspector, COUNT_INSPECT_GELF, offsetof(struct config, gelf), true, false},
    {&minecraft_inspector, COUNT_INSPECT_MINECRAFT, offsetof(struct config, minecraft), false, false},
    {&websocket_inspector, COUNT_INSPECT_WEBSOCKET, offsetof(struct config, websocket), false, true},
    {&dns_inspector, COUNT_INSPECT_DNS, offsetof(struct config, dns), true, false},
    {.inspector = NULL},
};

_Static_assert(sizeof known_rows / sizeof known_rows[0] <= KNOWN_MAX + 1, "room for each");

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

void inspecting_give_file(const struct inspecting *in, const char *app_proto, uint64_t message,
                          const struct file_view *file)
{
    struct field f = field_from(in, app_proto, message, FIELD_RECORD, (struct bytes){NULL, 0});

    f.file = file;
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
