/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/rmi_message.h"

#include <stdio.h>

#include "base/cursor.h"
#include "inspect/java_file.h"
#include "inspect/javaser.h"
#include "inspect/javaser_gadget.h"
#include "inspect/kit.h"
#include "inspect/rmi_ref.h"

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
/* com.sun.jndi.rmi.registry.RemoteReference.getReference(): operation -1, as of all methods without a number.
 */
#define HASH_GET_REFERENCE 0x30fca27d8812dfdcull
#define OP_NONE            0xffffffffu

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

/* Classes that an exception brings only from a listener that answers any call with an object to be
 * deserialized: the first is ysoserial's wrapping, the rest are gadgets. */
static const char *const no_exceptions[] = {
    "javax.management.BadAttributeValueExpException",
    "com.sun.org.apache.xalan.internal.xsltc.trax.TemplatesImpl",
    "org.apache.commons.collections.functors.InvokerTransformer",
    "org.apache.commons.collections4.functors.InvokerTransformer",
    "sun.reflect.annotation.AnnotationInvocationHandler",
    "java.rmi.server.RemoteObjectInvocationHandler",
    "java.util.PriorityQueue",
};

#define MAX_REFS 4 /* endpoints told of one message */

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
    if (c->op == OP_NONE && c->hash == HASH_GET_REFERENCE)
        return "getReference";
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

/* Room for what attributes of one message say that is not in it word for word. */
struct words {
    char refs[MAX_REFS][RMI_REF_TEXT];
};

static void add_refs(struct bytes message, struct words *words, struct attrs *a)
{
    struct rmi_ref refs[MAX_REFS];
    unsigned n = rmi_refs(message, refs, MAX_REFS);

    for (unsigned i = 0; i < n; i++) {
        rmi_ref_print(&refs[i], words->refs[i]);
        add_str(a, ATTR_RMI_ENDPOINT, words->refs[i]);
    }
}

static void add_opening(struct rmi_talk *t, struct attrs *a)
{
    if (!t->opened)
        add_str(a, ATTR_FLOW_OPENING, "rmi");
    t->opened = true;
}

static void add_kit(struct bytes name, struct buf *command, struct attrs *a)
{
    struct kit kit = kit_of_path(name, command);

    kit_add_attrs(&kit, buf_bytes(command), a);
}

static void read_call(struct rmi_talk *t, const struct inspecting *in, struct bytes message)
{
    struct bytes stream = bytes_from(message, 1), name = {0};
    struct call call = call_read(stream);
    struct buf command = buf_within(KIT_COMMAND_MAX);
    struct attrs a = {.n = 0};
    struct words words;
    struct javaser j;

    javaser_read(stream, UINT32_MAX, &j);
    t->n_calls++;
    t->lookup_open = is_registry(&call) && call.op == OP_LOOKUP;
    if (is_registry(&call) && registry_ops[call.op].has_name && j.n_strings)
        name = j.strings[0];

    (void)snprintf(t->name, sizeof t->name, "%.*s", (int)bytes_slice(name, 0, sizeof t->name - 1).len,
                   name.len ? (const char *)name.p : "");
    add_str(&a, ATTR_RMI_OPERATION, "call");
    add_str(&a, ATTR_RMI_METHOD, method_name(&call));
    if (name.p)
        attrs_add(&a, ATTR_RMI_NAME, name);
    if (t->lookup_open)
        add_str(&a, ATTR_JNDI_STAGE, "callback");
    add_kit(name, &command, &a);
    add_opening(t, &a);
    add_refs(message, &words, &a);
    javaser_add_attrs(&j, &a);
    if (name.len)
        inspecting_give_text(in, "rmi", t->n_calls - 1, FIELD_RMI_NAME, name);
    if (!t->lookup_open)
        inspecting_give_raw(in, "rmi", t->n_calls - 1,
                            message); /* arguments are text that a server may log */
    inspecting_give_fact(in, "rmi", t->n_calls - 1, &a, message);
    buf_drop(&command);
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

/* An exception brings its own class, causes and stack, and each exception names java.lang.Throwable, before
 * any of its values: what does not is none, but is read in all the same. One that was cut may name it yet,
 * unless it is longer than names ever are: a listener may put so much in front of its gadgets. */
#define EXCEPTION_NAMES_MAX 65536

static bool may_name_throwable(const struct javaser *j)
{
    return j->state == JAVASER_CUT && j->stream.len <= EXCEPTION_NAMES_MAX;
}

static bool is_loaded_exception(const struct javaser *j)
{
    const char *gadgets[JAVASER_GADGETS];

    if (j->n_classes && !may_name_throwable(j) && !javaser_names(j, "java.lang.Throwable"))
        return true;
    if (javaser_gadgets(j->kinds, j->n_classes, gadgets))
        return true;
    for (unsigned i = 0; i < sizeof no_exceptions / sizeof no_exceptions[0]; i++)
        if (javaser_names(j, no_exceptions[i]))
            return true;
    return false;
}

/* What kind of thing came back; stage NULL: nothing of an attack in itself. */
struct content {
    const char *stage, *content;
    const char *answer; /* of a lookup */
};

static struct content content_of(const struct rmi_talk *t, const struct javaser *j, bool exception)
{
    if (names_reference(j))
        return (struct content){"reference", "reference", "java"};
    if (exception && is_loaded_exception(j))
        return (struct content){"deserialization", "serialized", "java"};
    if (exception && may_name_throwable(j) && !javaser_names(j, "java.lang.Throwable"))
        return (struct content){NULL, "exception", "unread"};
    if (exception)
        return (struct content){t->lookup_open ? "callback" : NULL, "exception", "nothing"};
    if (j->n_classes == 0)
        return (struct content){NULL, NULL, "nothing"};
    if (names_remote(j)) {
        /* The reference itself comes on a second connection, from where the stub leads. */
        bool wrapper = javaser_names(j, "com.sun.jndi.rmi.registry.ReferenceWrapper_Stub");

        return (struct content){t->lookup_open && wrapper ? "callback" : NULL, "stub",
                                wrapper ? "wrapper" : "stub"};
    }
    /* A registry only ever hands out stubs. Anything else in answer to a lookup is there to be deserialized.
     */
    return (struct content){t->lookup_open ? "deserialization" : NULL, "serialized", "java"};
}

static void add_content(const struct rmi_talk *t, const struct javaser *j, bool exception, struct attrs *a)
{
    struct content c = content_of(t, j, exception);
    const char *kit = kit_of_reference(j->reference.class_name, j->reference.factory, j->reference.location);

    if (c.stage)
        add_str(a, ATTR_JNDI_STAGE, c.stage);
    if (c.content)
        add_str(a, ATTR_JAVA_CONTENT, c.content);
    if (t->lookup_open)
        add_str(a, ATTR_JNDI_ANSWER, c.answer);
    if (kit)
        add_str(a, ATTR_JNDI_KIT, kit);
}

/* What acts, once it is read, is a file. The value itself has no length: it ends where a walk says so. */
static void add_files(const struct javaser *j, struct attrs *a, struct java_files *files)
{
    struct bytes stage = attrs_get(a, ATTR_JNDI_STAGE);

    files->n = 0;
    if (!bytes_eq(stage, BYTES_LIT("reference")) && !bytes_eq(stage, BYTES_LIT("deserialization")))
        return;
    java_files_of(j, j->state == JAVASER_WHOLE, files);
    java_files_add_attrs(files, a);
}

static void read_return(struct rmi_talk *t, const struct inspecting *in, struct bytes message)
{
    struct bytes stream = bytes_from(message, 1);
    uint64_t number = t->n_calls ? t->n_calls - 1 : 0;
    struct attrs a = {.n = 0};
    struct java_files files;
    struct words words;
    struct javaser j;
    uint8_t kind = 0;
    bool exception;

    (void)javaser_block_data(stream, &kind, 1);
    exception = kind == RETURN_EXCEPTION;
    javaser_read(stream, UINT32_MAX, &j);
    add_str(&a, ATTR_RMI_OPERATION, exception ? "exception" : "return");
    add_content(t, &j, exception, &a);
    add_refs(message, &words, &a);
    javaser_add_attrs(&j, &a);
    add_files(&j, &a, &files);
    t->lookup_open = false;
    inspecting_give_raw(in, "rmi", number, message);
    inspecting_give_fact(in, "rmi", number, &a, message);
    java_files_give(&files, in, "rmi", number, bytes_str(t->name));
}

static void read_header(struct rmi_talk *t, const struct inspecting *in, struct bytes message)
{
    struct attrs a = {.n = 0};

    if (message.len < 7)
        return; /* cut short, the other side spoke first: not how a handshake goes */
    t->greeted = true;
    add_str(&a, ATTR_RMI_OPERATION, "handshake");
    inspecting_give_fact(in, "rmi", 0, &a, message);
}

/* The acknowledgement names the client as the server sees it; the client's endpoint is its own idea of
 * itself. Hosts are text of the peer's choice. */
static void read_endpoint(struct rmi_talk *t, const struct inspecting *in, struct bytes message)
{
    bool ack = message.len && message.p[0] == 0x4e && !in->from_client;
    struct attrs a = {.n = 0};
    struct rmi_ref ref;
    char text[RMI_REF_TEXT];
    size_t size = rmi_endpoint_read(bytes_from(message, ack ? 1 : 0), &ref);

    inspecting_give_raw(in, "rmi", t->n_calls ? t->n_calls - 1 : 0, message);
    if (size == 0 || size == SIZE_MAX)
        return; /* pings and acknowledgements of the garbage collector */
    rmi_ref_print(&ref, text);
    add_str(&a, ATTR_RMI_OPERATION, ack ? "ack" : "endpoint");
    add_str(&a, ATTR_RMI_ENDPOINT, text);
    inspecting_give_fact(in, "rmi", t->n_calls ? t->n_calls - 1 : 0, &a, message);
}

void rmi_message(struct rmi_talk *t, const struct inspecting *in, struct bytes message)
{
    switch (message.len ? message.p[0] : 0) {
    case 'J':
        read_header(t, in, message);
        return;
    case 0x50:
        read_call(t, in, message);
        return;
    case 0x51:
        read_return(t, in, message);
        return;
    default:
        read_endpoint(t, in, message);
    }
}

void rmi_talk_end(struct rmi_talk *t, const struct inspecting *in)
{
    struct attrs a = {.n = 0};

    if (t->opened || !t->greeted)
        return;
    add_opening(t, &a);
    inspecting_give_fact(in, "rmi", 0, &a, (struct bytes){NULL, 0});
}
