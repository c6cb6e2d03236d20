/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/rmi_message.h"

#include "base/cursor.h"
#include "inspect/javaser.h"

/* A call, after 50 and the stream's magic (sun.rmi.transport.StreamRemoteCall), all in block data:
 *
 *    0                 8          12            20        22       26              34
 *    +-----------------+----------+-------------+---------+--------+---------------+----------
 *    | object number   | unique   | time        | count   | op     | hash          | arguments
 *    +-----------------+----------+-------------+---------+--------+---------------+----------
 *
 * A return: 51, magic, block data with kind (1 value, 2 exception) and a UID, then the value. */
#define CALL_LEN 34

enum { RETURN_VALUE = 1, RETURN_EXCEPTION = 2 };

#define OBJ_REGISTRY  0ull
#define OBJ_DGC       2ull
#define HASH_REGISTRY 0x44154dc9d4e63bdfull
#define HASH_DGC      0xf6b6898d8bf28643ull

struct call {
    uint64_t object, hash;
    uint32_t op;
    bool complete; /* all 34 bytes were there */
};

/* Operations of sun.rmi.registry.RegistryImpl_Stub, in the order of their numbers. */
static const struct {
    const char *name;
    unsigned n_args;
    bool has_name; /* the first argument is a name */
} registry_ops[] = {
    {"bind", 2, true}, {"list", 0, false}, {"lookup", 1, true}, {"rebind", 2, true}, {"unbind", 1, true}};

#define N_REGISTRY_OPS (sizeof registry_ops / sizeof registry_ops[0])
#define OP_LOOKUP      2

/* What the registry and the JDK's remote references are made of: a value with one of these is a stub. */
static const char *const remote_classes[] = {
    "java.rmi.server.RemoteObject",
    "java.rmi.server.RemoteObjectInvocationHandler",
    "java.rmi.server.RemoteStub",
};

static struct call call_read(struct bytes stream)
{
    uint8_t block[CALL_LEN];
    struct call call = {.complete = javaser_block_data(stream, block, sizeof block) == sizeof block};
    struct cursor c = cursor_over(bytes_of(block, sizeof block));

    if (!call.complete)
        return call;
    call.object = cursor_u64be(&c);
    cursor_skip(&c, 14); /* the UID that makes the number unique */
    call.op = cursor_u32be(&c);
    call.hash = cursor_u64be(&c);
    return call;
}

static bool is_registry(const struct call *c)
{
    return c->complete && c->object == OBJ_REGISTRY && c->hash == HASH_REGISTRY && c->op < N_REGISTRY_OPS;
}

static const char *method_name(const struct call *c)
{
    if (is_registry(c))
        return registry_ops[c->op].name;
    return c->object == OBJ_DGC && c->hash == HASH_DGC ? "dgc" : "other";
}

size_t rmi_object_size(struct bytes text)
{
    struct bytes stream = bytes_from(text, 1);
    unsigned want = 1;
    struct javaser j;

    if (text.p[0] == 0x50) {
        struct call call = call_read(stream);

        if (!is_registry(&call))
            return 0;
        want = registry_ops[call.op].n_args;
        if (want == 0)
            return 0;
    }
    javaser_read(stream, want, &j);
    return j.state == JAVASER_WHOLE && j.n_values == want ? 1 + j.used : 0;
}

static void add_str(struct attrs *a, enum attr_id id, const char *value)
{
    attrs_add(a, id, bytes_str(value));
}

static void read_call(struct rmi_talk *t, const struct inspecting *in, struct bytes message)
{
    struct bytes stream = bytes_from(message, 1), name = {0};
    struct call call = call_read(stream);
    struct attrs a = {.n = 0};
    struct javaser j;

    javaser_read(stream, UINT32_MAX, &j);
    t->n_calls++;
    t->lookup_open = is_registry(&call) && call.op == OP_LOOKUP;
    if (is_registry(&call) && registry_ops[call.op].has_name && j.n_strings)
        name = j.strings[0];

    add_str(&a, ATTR_RMI_OPERATION, "call");
    add_str(&a, ATTR_RMI_METHOD, method_name(&call));
    if (name.p)
        attrs_add(&a, ATTR_RMI_NAME, name);
    if (t->lookup_open)
        add_str(&a, ATTR_JNDI_STAGE, "callback");
    javaser_add_attrs(&j, &a);
    if (name.len)
        inspecting_give_text(in, "rmi", t->n_calls - 1, FIELD_RMI_NAME, name);
    if (!t->lookup_open)
        inspecting_give_raw(in, "rmi", t->n_calls - 1,
                            message); /* arguments are text that a server may log */
    inspecting_give_fact(in, "rmi", t->n_calls - 1, &a, message);
}

static bool names_remote(const struct javaser *j)
{
    for (unsigned i = 0; i < sizeof remote_classes / sizeof remote_classes[0]; i++)
        if (javaser_names(j, remote_classes[i]))
            return true;
    return false;
}

/* A JNDI reference comes in the registry's answer (the server wraps it itself) or on a second connection, as
 * the answer to a stub's getReference. */
static bool names_reference(const struct javaser *j)
{
    return javaser_names(j, "javax.naming.Reference") ||
           javaser_names(j, "com.sun.jndi.rmi.registry.ReferenceWrapper");
}

static void add_content(const struct rmi_talk *t, const struct javaser *j, bool exception, struct attrs *a)
{
    if (names_reference(j)) {
        add_str(a, ATTR_JNDI_STAGE, "reference");
        add_str(a, ATTR_JAVA_CONTENT, "reference");
    } else if (j->n_classes) {
        /* A registry only ever hands out stubs. Anything else in answer to a lookup is there to be
         * deserialized. */
        if (t->lookup_open && !exception && !names_remote(j))
            add_str(a, ATTR_JNDI_STAGE, "deserialization");
        add_str(a, ATTR_JAVA_CONTENT, "serialized");
    }
    javaser_add_attrs(j, a);
}

static void read_return(struct rmi_talk *t, const struct inspecting *in, struct bytes message)
{
    struct bytes stream = bytes_from(message, 1);
    uint64_t number = t->n_calls ? t->n_calls - 1 : 0;
    struct attrs a = {.n = 0};
    struct javaser j;
    uint8_t kind = 0;
    bool exception;

    (void)javaser_block_data(stream, &kind, 1);
    exception = kind == RETURN_EXCEPTION;
    javaser_read(stream, UINT32_MAX, &j);
    add_str(&a, ATTR_RMI_OPERATION, exception ? "exception" : "return");
    add_content(t, &j, exception, &a);
    t->lookup_open = false;
    inspecting_give_raw(in, "rmi", number, message);
    inspecting_give_fact(in, "rmi", number, &a, message);
}

static void read_header(const struct inspecting *in, struct bytes message)
{
    struct attrs a = {.n = 0};

    if (message.len < 7)
        return; /* cut short, the other side spoke first: not how a handshake goes */
    add_str(&a, ATTR_RMI_OPERATION, "handshake");
    inspecting_give_fact(in, "rmi", 0, &a, message);
}

void rmi_message(struct rmi_talk *t, const struct inspecting *in, struct bytes message)
{
    switch (message.len ? message.p[0] : 0) {
    case 'J':
        read_header(in, message);
        return;
    case 0x50:
        read_call(t, in, message);
        return;
    case 0x51:
        read_return(t, in, message);
        return;
    default:
        /* Endpoints name hosts as the peer pleases; pings are too short to be given. */
        inspecting_give_raw(in, "rmi", t->n_calls ? t->n_calls - 1 : 0, message);
    }
}
