/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/giop_message.h"

#include "base/buf.h"
#include "base/count.h"
#include "inspect/cdr.h"
#include "inspect/rmi_ref.h"

#define MAX_CONTEXTS   64   /* service contexts, profiles, components: each list is read so far */
#define MAX_NAME_PARTS 32   /* of a compound name */
#define NAME_MAX_BYTES 1024 /* of a name as it is told */
#define MAX_ENDPOINTS  4

enum { TAG_IIOP = 0, TAG_JAVA_CODEBASE = 25 };
/* Value types (9.3.4.1): 0x7fffff00 and flags. */
enum { VALUE_TAG = 0x7fffff00, VALUE_CODEBASE = 1, VALUE_IDS = 6, VALUE_ID_ONE = 2, VALUE_ID_LIST = 6 };

/* A message being read. */
struct giop_reading {
    struct attrs a;
    struct buf name;
    char endpoint[MAX_ENDPOINTS][RMI_REF_TEXT];
    unsigned n_endpoints;
    uint8_t minor;
};

static void add_str(struct attrs *a, enum attr_id id, const char *value)
{
    attrs_add(a, id, bytes_str(value));
}

/* sequence<struct { u32 id, sequence<octet> }>: nothing of ours in it. */
static void skip_contexts(struct cdr *d)
{
    uint32_t n = cdr_u32(d);

    for (uint32_t i = 0; i < n && i < MAX_CONTEXTS && cdr_ok(d); i++) {
        (void)cdr_u32(d);
        (void)cdr_octets(d);
    }
    if (n > MAX_CONTEXTS)
        d->c.state = CURSOR_SHORT; /* the rest cannot be found */
}

static void read_components(struct giop_reading *r, struct cdr *d)
{
    uint32_t n = cdr_u32(d);

    for (uint32_t i = 0; i < n && i < MAX_CONTEXTS && cdr_ok(d); i++) {
        uint32_t tag = cdr_u32(d);
        struct bytes data = cdr_octets(d);

        if (tag == TAG_JAVA_CODEBASE) {
            struct cdr inside = cdr_inside(data);
            struct bytes url = cdr_string(&inside);

            if (cdr_ok(&inside) && url.len)
                attrs_add(&r->a, ATTR_JAVA_CODEBASE, url);
        }
    }
}

/* IIOP profile: version, host, port, object key, since 1.1 components (9.7.2). */
static void read_profile(struct giop_reading *r, struct bytes profile)
{
    struct cdr d = cdr_inside(profile);
    uint8_t minor;
    struct rmi_ref to;

    (void)cdr_u8(&d);
    minor = cdr_u8(&d);
    to.host = cdr_string(&d);
    to.port = cdr_u16(&d);
    (void)cdr_octets(&d);
    if (!cdr_ok(&d))
        return;
    if (to.host.len && to.host.len <= 255 && r->n_endpoints < MAX_ENDPOINTS) {
        rmi_ref_print(&to, r->endpoint[r->n_endpoints]);
        add_str(&r->a, ATTR_GIOP_ENDPOINT, r->endpoint[r->n_endpoints++]);
    }
    if (minor >= 1)
        read_components(r, &d);
}

/* IOR: type id, sequence of profiles (9.7.1). False when there is none here. */
static bool read_ior(struct giop_reading *r, struct cdr *d)
{
    uint32_t n;

    (void)cdr_string(d);
    n = cdr_u32(d);
    for (uint32_t i = 0; i < n && i < MAX_CONTEXTS && cdr_ok(d); i++) {
        uint32_t tag = cdr_u32(d);
        struct bytes profile = cdr_octets(d);

        if (cdr_ok(d) && tag == TAG_IIOP)
            read_profile(r, profile);
    }
    return cdr_ok(d);
}

/* "RMI:javax.naming.Reference:E8C69EA2A8F1A2F0:..." */
static void add_class(struct giop_reading *r, struct bytes id)
{
    struct bytes name = bytes_from(id, 4);

    if (!bytes_starts(id, BYTES_LIT("RMI:")))
        return;
    name = bytes_slice(name, 0, bytes_find_byte(name, ':'));
    attrs_add(&r->a, ATTR_JAVA_CLASS, name);
    if (bytes_eq(name, BYTES_LIT("javax.naming.Reference")))
        add_str(&r->a, ATTR_JAVA_CONTENT, "reference");
}

/* A Java object by value: where its classes are, and what they are called. */
static void read_value(struct giop_reading *r, struct cdr *d)
{
    uint32_t tag = cdr_u32(d), n = 1;

    if ((tag & ~0xffu) != VALUE_TAG)
        return;
    if (tag & VALUE_CODEBASE) {
        struct bytes url = cdr_string(d);

        if (cdr_ok(d) && url.len)
            attrs_add(&r->a, ATTR_JAVA_CODEBASE, url);
    }
    if ((tag & VALUE_IDS) == VALUE_ID_LIST)
        n = cdr_u32(d);
    else if ((tag & VALUE_IDS) != VALUE_ID_ONE)
        return;
    for (uint32_t i = 0; i < n && i < MAX_CONTEXTS && cdr_ok(d); i++) {
        struct bytes id = cdr_string(d);

        if (cdr_ok(d))
            add_class(r, id);
    }
}

/* What a naming service answers is a reference to an object, or the object by value. */
static void read_result(struct giop_reading *r, struct cdr *d)
{
    struct cdr value = *d, ior = *d;

    read_value(r, &value);
    (void)read_ior(r, &ior);
}

/* CosNaming::Name: sequence<struct { string id, string kind }>, told as "id.kind/id". */
static void read_name(struct giop_reading *r, const struct inspecting *in, uint64_t number, struct cdr *d)
{
    uint32_t n = cdr_u32(d);

    for (uint32_t i = 0; i < n && i < MAX_NAME_PARTS && cdr_ok(d); i++) {
        struct bytes id = cdr_string(d), kind = cdr_string(d);

        if (!cdr_ok(d))
            break;
        if (i)
            (void)buf_add_byte(&r->name, '/');
        (void)buf_add(&r->name, id);
        if (kind.len) {
            (void)buf_add_byte(&r->name, '.');
            (void)buf_add(&r->name, kind);
        }
    }
    if (r->name.len == 0)
        return;
    attrs_add(&r->a, ATTR_GIOP_NAME, buf_bytes(&r->name));
    inspecting_give_text(in, "giop", number, FIELD_GIOP_NAME, buf_bytes(&r->name));
}

/* TargetAddress (9.4.2.1), since 1.2: an object key, a profile, or a whole IOR. */
static struct bytes read_target(struct giop_reading *r, struct cdr *d)
{
    if (r->minor < 2)
        return cdr_octets(d);
    switch (cdr_u16(d)) {
    case 0:
        return cdr_octets(d);
    case 1:
        (void)cdr_u32(d);
        (void)cdr_octets(d);
        break;
    default:
        (void)cdr_u32(d);
        (void)read_ior(r, d);
        break;
    }
    return (struct bytes){NULL, 0};
}

static bool is_name_call(struct bytes operation)
{
    return bytes_eq(operation, BYTES_LIT("resolve")) || bytes_eq(operation, BYTES_LIT("bind")) ||
           bytes_eq(operation, BYTES_LIT("rebind")) || bytes_eq(operation, BYTES_LIT("unbind")) ||
           bytes_eq(operation, BYTES_LIT("bind_context")) ||
           bytes_eq(operation, BYTES_LIT("bind_new_context"));
}

/* 1.0, 1.1: contexts, id, response expected (and 3 reserved bytes), key, operation, principal, arguments.
 * 1.2: id, flags, 3 reserved bytes, target, operation, contexts, arguments aligned to 8. */
static bool read_request(struct giop_reading *r, const struct inspecting *in, uint64_t number, struct cdr *d)
{
    struct bytes key, operation;

    if (r->minor < 2)
        skip_contexts(d);
    (void)cdr_u32(d);
    cdr_skip(d, r->minor == 0 ? 1 : 4);
    key = read_target(r, d);
    operation = cdr_string(d);
    if (!cdr_ok(d))
        return false;
    attrs_add(&r->a, ATTR_GIOP_OPERATION, operation);
    if (key.len)
        attrs_add(&r->a, ATTR_GIOP_OBJECT, key);
    if (r->minor < 2)
        (void)cdr_octets(d);
    else
        skip_contexts(d);
    if (r->minor >= 2)
        cdr_align(d, 8);
    if (bytes_eq(operation, BYTES_LIT("resolve")))
        add_str(&r->a, ATTR_JNDI_STAGE, "callback");
    if (is_name_call(operation))
        read_name(r, in, number, d);
    return true;
}

/* In 1.0 and 1.1 the contexts come first, since 1.2 last. */
static bool read_reply(struct giop_reading *r, struct cdr *d)
{
    static const char *const statuses[] = {"no_exception",          "user_exception",
                                           "system_exception",      "location_forward",
                                           "location_forward_perm", "needs_addressing_mode"};
    uint32_t status;

    if (r->minor < 2)
        skip_contexts(d);
    (void)cdr_u32(d);
    status = cdr_u32(d);
    if (!cdr_ok(d) || status >= sizeof statuses / sizeof *statuses)
        return false;
    add_str(&r->a, ATTR_GIOP_STATUS, statuses[status]);
    if (r->minor >= 2) {
        skip_contexts(d);
        cdr_align(d, 8);
    }
    if (status == 0)
        read_result(r, d);
    else if (status == 3 || status == 4)
        (void)read_ior(r, d);
    return true;
}

static bool read_locate_reply(struct giop_reading *r, struct cdr *d)
{
    static const char *const statuses[] = {"unknown_object",   "object_here",
                                           "object_forward",   "object_forward_perm",
                                           "system_exception", "needs_addressing_mode"};
    uint32_t status;

    (void)cdr_u32(d);
    status = cdr_u32(d);
    if (!cdr_ok(d) || status >= sizeof statuses / sizeof *statuses)
        return false;
    add_str(&r->a, ATTR_GIOP_STATUS, statuses[status]);
    if (status == 2 || status == 3)
        (void)read_ior(r, d);
    return true;
}

static bool read_locate_request(struct giop_reading *r, struct cdr *d)
{
    struct bytes key;

    (void)cdr_u32(d);
    key = read_target(r, d);
    if (key.len)
        attrs_add(&r->a, ATTR_GIOP_OBJECT, key);
    return cdr_ok(d);
}

static bool read_body(struct giop_reading *r, struct giop_talk *t, const struct inspecting *in, uint8_t type,
                      struct cdr *d)
{
    switch (type) {
    case GIOP_REQUEST:
        return read_request(r, in, t->n_requests - 1, d);
    case GIOP_LOCATE_REQUEST:
        return read_locate_request(r, d);
    case GIOP_REPLY:
        return read_reply(r, d);
    case GIOP_LOCATE_REPLY:
        return read_locate_reply(r, d);
    default:
        return true; /* cancel, close, error: no body that would say more */
    }
}

/* A codebase in an answer is where the client is told to load classes from. */
static void add_stage(struct giop_reading *r)
{
    if (!attrs_get(&r->a, ATTR_JAVA_CODEBASE).p && !attrs_get(&r->a, ATTR_JAVA_CONTENT).p)
        return;
    add_str(&r->a, ATTR_JNDI_STAGE, "reference");
    if (!attrs_get(&r->a, ATTR_JAVA_CONTENT).p)
        add_str(&r->a, ATTR_JAVA_CONTENT, "stub");
}

void giop_message(struct giop_talk *t, const struct inspecting *in, struct bytes message)
{
    static const char *const types[] = {"request",        "reply",        "cancel_request",
                                        "locate_request", "locate_reply", "close_connection",
                                        "message_error"};
    struct cursor head = cursor_over(message);
    struct giop_reading r = {.name = buf_within(NAME_MAX_BYTES)};
    struct cdr d;
    uint8_t flags, type;
    uint64_t number;

    cursor_skip(&head, 5);
    r.minor = cursor_u8(&head);
    flags = cursor_u8(&head);
    type = cursor_u8(&head);
    if (!cursor_ok(&head) || type >= sizeof types / sizeof *types)
        return;
    d = cdr_over(message, flags & 1);
    cdr_skip(&d, GIOP_HEADER);
    add_str(&r.a, ATTR_GIOP_MESSAGE, types[type]);
    if (type == GIOP_REQUEST || type == GIOP_LOCATE_REQUEST)
        t->n_requests++;
    number = t->n_requests ? t->n_requests - 1 : 0;
    if (!read_body(&r, t, in, type, &d))
        count(COUNT_GIOP_MALFORMED);
    if (type == GIOP_REPLY || type == GIOP_LOCATE_REPLY)
        add_stage(&r);
    if ((type == GIOP_REQUEST || type == GIOP_LOCATE_REQUEST) && !t->opened) {
        add_str(&r.a, ATTR_FLOW_OPENING, "giop");
        t->opened = true;
    }
    inspecting_give_raw(in, "giop", number, message);
    inspecting_give_fact(in, "giop", number, &r.a, message);
    buf_drop(&r.name);
}
