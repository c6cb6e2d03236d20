/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/javaclass_facts.h"

#include <stdio.h>

#include "inspect/javaclass.h"
#include "inspect/javaclass_text.h"

enum reach { REACH_OTHER, REACH_RUN, REACH_NET };

#define N(s) \
    { \
        (const uint8_t *)(s), sizeof(s) - 1 \
    }

/* What a class that an attacker sends is written to reach. The class is recognised as
 * the owner of a method that is called, and by its name in a string, which is how reflection asks for it. */
static const struct api {
    struct bytes owner, method; /* no method: any of them */
    const char *label;
    enum reach reach;
} apis[] = {
    {N("java/lang/Runtime"), N("exec"), "Runtime.exec", REACH_RUN},
    {N("java/lang/ProcessBuilder"), {0}, "ProcessBuilder", REACH_RUN},
    {N("java/lang/ProcessImpl"), {0}, "ProcessImpl", REACH_RUN},
    {N("java/lang/UNIXProcess"), {0}, "ProcessImpl", REACH_RUN},
    {N("java/lang/Runtime"), N("load"), "System.load", REACH_OTHER},
    {N("java/lang/Runtime"), N("loadLibrary"), "System.load", REACH_OTHER},
    {N("java/lang/System"), N("load"), "System.load", REACH_OTHER},
    {N("java/lang/System"), N("loadLibrary"), "System.load", REACH_OTHER},
    {N("java/lang/System"), N("getenv"), "System.getenv", REACH_OTHER},
    {N("java/lang/ClassLoader"), N("defineClass"), "ClassLoader.defineClass", REACH_OTHER},
    {N("java/lang/invoke/MethodHandles$Lookup"), N("defineClass"), "ClassLoader.defineClass", REACH_OTHER},
    {N("java/lang/reflect/Method"), N("invoke"), "Method.invoke", REACH_OTHER},
    {N("sun/misc/Unsafe"), {0}, "Unsafe", REACH_OTHER},
    {N("java/net/Socket"), {0}, "Socket", REACH_NET},
    {N("java/net/ServerSocket"), {0}, "ServerSocket", REACH_NET},
    {N("java/net/DatagramSocket"), {0}, "DatagramSocket", REACH_NET},
    {N("java/net/InetSocketAddress"), {0}, "Socket", REACH_NET},
    {N("java/nio/channels/SocketChannel"), {0}, "Socket", REACH_NET},
    {N("java/nio/channels/AsynchronousSocketChannel"), {0}, "Socket", REACH_NET},
    {N("javax/net/SocketFactory"), {0}, "Socket", REACH_NET},
    {N("javax/net/ssl/SSLSocketFactory"), {0}, "Socket", REACH_NET},
    {N("java/net/URL"), {0}, "URL", REACH_NET},
    {N("java/net/URLConnection"), {0}, "URL", REACH_NET},
    {N("java/net/HttpURLConnection"), {0}, "URL", REACH_NET},
    {N("java/net/http/HttpClient"), {0}, "HttpClient", REACH_NET},
    {N("java/net/URLClassLoader"), {0}, "URLClassLoader", REACH_NET},
    {N("java/net/InetAddress"), {0}, "InetAddress", REACH_NET},
    {N("javax/naming/InitialContext"), {0}, "InitialContext", REACH_NET},
    {N("java/rmi/Naming"), {0}, "Naming", REACH_NET},
    {N("javax/script/ScriptEngineManager"), {0}, "ScriptEngine", REACH_RUN},
    {N("javax/script/ScriptEngine"), {0}, "ScriptEngine", REACH_RUN},
    {N("javax/el/ELProcessor"), {0}, "ELProcessor", REACH_RUN},
    {N("groovy/lang/GroovyShell"), {0}, "GroovyShell", REACH_RUN},
    {N("java/io/FileOutputStream"), {0}, "file write", REACH_OTHER},
    {N("java/io/FileWriter"), {0}, "file write", REACH_OTHER},
    {N("java/io/RandomAccessFile"), {0}, "file write", REACH_OTHER},
    {N("java/nio/file/Files"), N("write"), "file write", REACH_OTHER},
    {N("java/nio/file/Files"), N("copy"), "file write", REACH_OTHER},
    {N("java/io/FileInputStream"), {0}, "file read", REACH_OTHER},
    {N("java/io/FileReader"), {0}, "file read", REACH_OTHER},
    {N("java/nio/file/Files"), N("readAllBytes"), "file read", REACH_OTHER},
    {N("org/apache/catalina/core/StandardContext"), {0}, "servlet container", REACH_OTHER},
    {N("javax/servlet/ServletContext"), {0}, "servlet container", REACH_OTHER},
    {N("jakarta/servlet/ServletContext"), {0}, "servlet container", REACH_OTHER},
    {N("org/springframework/web/context/request/RequestContextHolder"),
     {0},
     "servlet container",
     REACH_OTHER},
};

#define N_APIS (sizeof apis / sizeof apis[0])
_Static_assert(N_APIS <= 64, "one bit each");

enum judged { NOT_YET, NAMED, JUDGED, TOLD = 0x80 }; /* JUDGED + enum java_text */

struct pool {
    struct bytes file;
    unsigned n;                        /* indices that at[] knows, from 1 */
    uint32_t at[JAVA_CLASS_CONSTANTS]; /* offset of the constant; 0: none has that index */
    uint8_t
        judged[JAVA_CLASS_CONSTANTS]; /* of a Utf8 that is a String's text: enum judged. Each text is judged
                                         once, however many Strings point to it: that keeps the work linear */
    struct cursor behind;             /* what follows the pool; short when the pool is not all there */
};

/*  u4 magic | u2 minor | u2 major | u2 constant_pool_count | constant_pool[] */
static void pool_index(struct pool *p, struct bytes file)
{
    struct cursor c = cursor_over(file);
    unsigned n;

    cursor_skip(&c, JAVA_CLASS_START);
    n = cursor_u16be(&c);
    p->file = file;
    p->n = 1;
    for (unsigned i = 1; i < n && cursor_ok(&c); i++) {
        uint32_t at = (uint32_t)(c.p - file.p);
        struct java_constant k = java_constant_read(&c);

        if (k.tag == 0)
            c.state = CURSOR_SHORT;
        if (i < JAVA_CLASS_CONSTANTS) {
            p->at[i] = cursor_ok(&c) ? at : 0;
            p->judged[i] = NOT_YET;
            p->n = i + 1;
        }
        if (k.tag != JAVA_TAG_LONG && k.tag != JAVA_TAG_DOUBLE)
            continue;
        if (++i < JAVA_CLASS_CONSTANTS) { /* they take two indices (JVMS 4.4.5) */
            p->at[i] = 0;
            p->n = i + 1;
        }
    }
    p->behind = c;
}

/* tag 0: whatever it is. k.tag is 0 when the index leads to no such constant. */
static struct java_constant pool_get(const struct pool *p, unsigned index, uint8_t tag)
{
    struct java_constant k = {0};

    if (index == 0 || index >= p->n || p->at[index] == 0)
        return k;
    struct cursor c = cursor_over(bytes_from(p->file, p->at[index]));

    k = java_constant_read(&c);
    if (tag && k.tag != tag)
        k = (struct java_constant){0};
    return k;
}

/* The text that the first two bytes of a constant point to: of a Class its name, of a String its value. */
static struct bytes pool_text(const struct pool *p, struct bytes data)
{
    struct cursor c = cursor_over(data);

    return pool_get(p, cursor_u16be(&c), JAVA_TAG_UTF8).data;
}

static struct bytes pool_class(const struct pool *p, unsigned index)
{
    return pool_text(p, pool_get(p, index, JAVA_TAG_CLASS).data);
}

static void note_method(struct java_class_facts *out, const struct pool *p, struct bytes data)
{
    struct cursor c = cursor_over(data);
    struct bytes owner = pool_class(p, cursor_u16be(&c));
    struct bytes method = pool_text(p, pool_get(p, cursor_u16be(&c), JAVA_TAG_NAME_AND_TYPE).data);

    for (unsigned i = 0; i < N_APIS; i++)
        if (bytes_eq(owner, apis[i].owner) && (!apis[i].method.p || bytes_eq(method, apis[i].method)))
            out->apis |= UINT64_C(1) << i;
}

/* A class's name with dots, as Class.forName wants it. */
static bool names_owner(struct bytes text, struct bytes owner)
{
    if (text.len != owner.len)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] != (owner.p[i] == '/' ? '.' : owner.p[i]))
            return false;
    return true;
}

static void note_name(struct java_class_facts *out, struct bytes text)
{
    for (unsigned i = 0; i < N_APIS; i++)
        if (names_owner(text, apis[i].owner)) {
            out->apis |= UINT64_C(1) << i;
            return; /* which of its methods: the first row says what it is mostly wanted for */
        }
}

static struct java_text_context context_of(const struct java_class_facts *facts)
{
    struct java_text_context context = {0};

    for (unsigned i = 0; i < N_APIS; i++)
        if (facts->apis >> i & 1) {
            context.runs_programs |= apis[i].reach == REACH_RUN;
            context.connects |= apis[i].reach == REACH_NET;
        }
    return context;
}

static void add_once(struct bytes *list, unsigned *n, struct bytes text)
{
    text = bytes_slice(text, 0, JAVA_TEXT_SHOWN);
    for (unsigned i = 0; i < *n; i++)
        if (bytes_eq(list[i], text))
            return;
    if (*n < JAVA_CLASS_TEXTS)
        list[(*n)++] = text;
}

/* port 0: unknown. */
static void add_host(struct java_class_facts *out, struct bytes host, unsigned port)
{
    char text[JAVA_CLASS_HOST_TEXT];

    host = bytes_trim(host);
    if (port)
        (void)snprintf(text, sizeof text, "%.*s:%u", (int)host.len, (const char *)host.p, port);
    else
        (void)snprintf(text, sizeof text, "%.*s", (int)host.len, (const char *)host.p);
    for (unsigned i = 0; i < out->n_hosts; i++)
        if (strcmp(out->hosts[i], text) == 0)
            return;
    if (out->n_hosts < JAVA_CLASS_HOSTS)
        memcpy(out->hosts[out->n_hosts++], text, sizeof text);
}

enum { SIPUSH = 0x11, LDC = 0x12, LDC_W = 0x13, ASTORE = 0x3a, ASTORE_0 = 0x4b, ASTORE_3 = 0x4e };

/* The port that code pushes right behind the host it has just pushed, perhaps having kept it in a variable
 * first (JVMS 6.5): sipush, or ldc of an Integer; a byte is no port that anybody listens on for this. */
static unsigned port_behind(const struct pool *p, struct cursor c)
{
    uint8_t op = cursor_u8(&c);
    struct java_constant k;

    if (op == ASTORE)
        cursor_skip(&c, 1);
    if (op == ASTORE || (op >= ASTORE_0 && op <= ASTORE_3))
        op = cursor_u8(&c);
    if (op == SIPUSH)
        return cursor_u16be(&c);
    if (op != LDC && op != LDC_W)
        return 0;
    k = pool_get(p, op == LDC ? cursor_u8(&c) : cursor_u16be(&c), JAVA_TAG_INTEGER);
    c = cursor_over(k.data);
    return cursor_u16be(&c) == 0 ? cursor_u16be(&c) : 0;
}

/* The text of the String constant at index, and where it is kept; empty when there is none. */
static struct bytes pool_string(struct pool *p, unsigned index, uint8_t **judged)
{
    struct java_constant k = pool_get(p, index, JAVA_TAG_STRING);
    struct cursor c = cursor_over(k.data);
    unsigned at = cursor_u16be(&c);

    k = pool_get(p, at, JAVA_TAG_UTF8);
    *judged = k.tag ? &p->judged[at] : NULL;
    return k.data;
}

/* Where code pushes the string constant that is a host, its port may follow. The code is not taken apart: any
 * bytes that look like the instruction are tried, and so many hits looked at. */
#define HITS_MAX 64

static void find_ports(struct java_class_facts *out, struct pool *p)
{
    struct cursor c = p->behind;

    for (unsigned hits = 0; cursor_ok(&c) && cursor_left(&c) > 3 && hits < HITS_MAX;) {
        struct cursor at = c;
        uint8_t op = cursor_u8(&at), *judged;
        struct bytes text;
        unsigned port;

        cursor_skip(&c, 1);
        if (op != LDC && op != LDC_W)
            continue;
        text = pool_string(p, op == LDC ? cursor_u8(&at) : cursor_u16be(&at), &judged);
        if (!judged || *judged != JUDGED + JAVA_TEXT_HOST || bytes_find_byte(text, ':') != BYTES_NONE)
            continue; /* no host, or one that has its port already */
        hits++;
        port = port_behind(p, at);
        if (!port)
            continue;
        add_host(out, text, port);
        *judged = TOLD;
    }
}

static void note_text(struct java_class_facts *out, struct bytes text, struct java_text_context context,
                      uint8_t *judged)
{
    enum java_text kind;

    if (!judged || *judged >= JUDGED)
        return;
    kind = java_text_judge(text, context);
    *judged = (uint8_t)(JUDGED + kind);
    if (kind == JAVA_TEXT_URL)
        add_once(out->urls, &out->n_urls, text);
    else if (kind == JAVA_TEXT_COMMAND)
        add_once(out->commands, &out->n_commands, bytes_trim(text));
}

/* Pass by pass, as each needs what the one before has found. */
static void read_pool(struct java_class_facts *out, struct pool *p)
{
    struct java_text_context context;
    struct bytes text;
    uint8_t *judged;

    for (unsigned i = 1; i < p->n; i++) {
        struct java_constant k = pool_get(p, i, 0);

        if (k.tag == JAVA_TAG_METHOD || k.tag == JAVA_TAG_INTERFACE_METHOD)
            note_method(out, p, k.data);
        text = pool_string(p, i, &judged);
        if (!judged || *judged != NOT_YET)
            continue;
        note_name(out, text);
        *judged = NAMED;
    }
    context = context_of(out);
    for (unsigned i = 1; i < p->n; i++) {
        text = pool_string(p, i, &judged);
        note_text(out, text, context, judged);
    }
    find_ports(out, p);
    for (unsigned i = 1; i < p->n; i++) {
        text = pool_string(p, i, &judged);
        if (!judged || *judged != JUDGED + JAVA_TEXT_HOST)
            continue;
        add_host(out, text, 0);
        *judged = TOLD;
    }
}

/* access_flags(2) this_class(2) super_class(2) */
static void read_names(struct java_class_facts *out, const struct pool *p)
{
    struct cursor c = p->behind;
    unsigned this_class, super_class;

    cursor_skip(&c, 2);
    this_class = cursor_u16be(&c);
    super_class = cursor_u16be(&c);
    out->name = pool_class(p, this_class);
    out->super = pool_class(p, super_class);
}

/* Major version 49 is Java 5, and so on; before that Java 1.4 and older (JVMS table 4.1-A). */
static void write_version(struct java_class_facts *out)
{
    if (out->major >= 49)
        (void)snprintf(out->version, sizeof out->version, "%u", out->major - 44u);
    else
        (void)snprintf(out->version, sizeof out->version, "1.%u", out->major - 44u);
}

bool java_class_read(struct bytes file, struct java_class_facts *out)
{
    struct cursor c = cursor_over(file);
    struct pool p; /* large, and valid up to n: not zeroed */

    memset(out, 0, sizeof *out);
    if (file.len < JAVA_CLASS_START || !java_class_starts(file))
        return false;
    cursor_skip(&c, JAVA_CLASS_START - 2);
    out->major = cursor_u16be(&c);
    write_version(out);
    pool_index(&p, file);
    read_names(out, &p);
    read_pool(out, &p);
    return true;
}

void java_class_add_attrs(const struct java_class_facts *facts, struct attrs *a)
{
    for (unsigned i = 0; i < N_APIS; i++)
        if (facts->apis >> i & 1)
            attrs_add_once(a, ATTR_JAVA_API, bytes_str(apis[i].label));
    for (unsigned i = 0; i < facts->n_commands; i++)
        attrs_add_once(a, ATTR_JAVA_COMMAND, facts->commands[i]);
    for (unsigned i = 0; i < facts->n_urls; i++)
        attrs_add_once(a, ATTR_JAVA_URL, facts->urls[i]);
    for (unsigned i = 0; i < facts->n_hosts; i++)
        attrs_add_once(a, ATTR_JAVA_HOST, bytes_str(facts->hosts[i]));
}
