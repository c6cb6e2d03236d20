/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the protocols of callbacks cost, from their first byte to the last rule: bench_callback [once [WORD]]
 *
 * Prints what bench_http prints, and bench/http.sh counts its instructions in the same way. Hostile: what
 * makes the most of the fewest bytes: tiny elements, deep nests, handles, pointers, one byte at a time. */
#include "reading.h"

#define ONE_BY_ONE 4096 /* bytes of a text that is said so */

/* Repeats a piece until so many bytes are there. */
static void fill(struct buf *to, struct bytes piece, size_t len)
{
    while (to->len + piece.len <= len)
        buf_add(to, piece);
}

static void put_u32(struct buf *to, uint32_t v)
{
    const uint8_t b[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

    buf_add(to, bytes_of(b, sizeof b));
}

/* --- LDAP --- */

#define LDAP_ENTRY  BYTES_LIT("\x02\x01\x02\x64\x84")
#define LDAP_SEARCH BYTES_LIT("\x02\x01\x02\x63\x84")
#define SEARCH_HEAD \
    BYTES_LIT("\x04\x01" \
              "a\x0a\x01\x00\x0a\x01\x03\x02\x01\x00\x02\x01\x00\x01\x01\x00")

/* A message of one operation, with long lengths throughout. */
static void add_ldap(struct buf *to, struct bytes operation, struct bytes content)
{
    buf_add(to, BYTES_LIT("\x30\x84"));
    put_u32(to, (uint32_t)(operation.len + 4 + content.len));
    buf_add(to, operation);
    put_u32(to, (uint32_t)content.len);
    buf_add(to, content);
}

static void ldap_attributes(struct buf *wire, struct bytes each)
{
    struct buf all = buf_within(HOSTILE), list = buf_within(2 * HOSTILE);

    fill(&all, each, HOSTILE - 64);
    buf_add(&list, BYTES_LIT("\x04\x01"
                             "a\x30\x84"));
    put_u32(&list, (uint32_t)all.len);
    buf_add(&list, buf_bytes(&all));
    add_ldap(wire, LDAP_ENTRY, buf_bytes(&list));
    buf_drop(&all);
    buf_drop(&list);
}

static void put_tiny_attributes(struct buf *wire)
{
    ldap_attributes(wire, BYTES_LIT("\x30\x04\x04\x00\x31\x00"));
}

static void put_java_attributes(struct buf *wire)
{
    ldap_attributes(wire, BYTES_LIT("\x30\x14\x04\x0b"
                                    "javaFactory\x31\x05\x04\x03"
                                    "a:b"));
}

static void put_serialized_attributes(struct buf *wire)
{
    ldap_attributes(wire, BYTES_LIT("\x30\x1c\x04\x12"
                                    "javaSerializedData\x31\x06\x04\x04\xac\xed\0\5"));
}

static void put_messages(struct buf *wire)
{
    fill(wire, BYTES_LIT("\x30\x06\x02\x01\x01\x50\x01\x01"), HOSTILE); /* abandon */
}

static void put_searches(struct buf *wire)
{
    fill(wire,
         BYTES_LIT("\x30\x26\x02\x01\x02\x63\x21\x04\x01"
                   "a\x0a\x01\x00\x0a\x01\x03\x02\x01\x00\x02\x01\x00"
                   "\x01\x01\x00\x87\x0bobjectClass\x30\x00"),
         HOSTILE);
}

/* (!(!(!...))) as deep as it fits, in long lengths. */
static void put_deep_filter(struct buf *wire)
{
    struct buf content = buf_within(HOSTILE + 64);
    size_t n = (HOSTILE - 64) / 6;

    buf_add(&content, SEARCH_HEAD);
    for (size_t i = 0; i < n; i++) {
        buf_add(&content, BYTES_LIT("\xa2\x84"));
        put_u32(&content, (uint32_t)((n - 1 - i) * 6));
    }
    add_ldap(wire, LDAP_SEARCH, buf_bytes(&content));
    buf_drop(&content);
}

static void put_wide_filter(struct buf *wire)
{
    struct buf terms = buf_within(HOSTILE), content = buf_within(2 * HOSTILE);

    fill(&terms,
         BYTES_LIT("\xa3\x06\x04\x01"
                   "a\x04\x01$"),
         HOSTILE - 64);
    buf_add(&content, SEARCH_HEAD);
    buf_add(&content, BYTES_LIT("\xa1\x84"));
    put_u32(&content, (uint32_t)terms.len);
    buf_add(&content, buf_bytes(&terms));
    add_ldap(wire, LDAP_SEARCH, buf_bytes(&content));
    buf_drop(&terms);
    buf_drop(&content);
}

/* --- RMI and Java --- */

#define RMI_HELLO \
    BYTES_LIT("JRMI\0\2\x4b\0\x09" \
              "10.99.0.2\0\0\0\0")
#define ARRAY_OF(n) BYTES_LIT("\x75\x72\0\2[L\0\0\0\0\0\0\0\1\2\0\0\x78\x70" n)
#define RMI_RETURN  BYTES_LIT("\x51\xac\xed\0\5\x77\x0f\1\x12\x34\x56\x78\0\0\1\x7d\x12\x34\x56\x78\x80\1")

static void put_pings(struct buf *wire)
{
    buf_add(wire, RMI_HELLO);
    fill(wire, BYTES_LIT("\x52"), HOSTILE);
}

static void put_calls(struct buf *wire)
{
    struct buf call = buf_within(64);

    buf_add(&call, BYTES_LIT("\x50\xac\xed\0\5\x77\x22"));
    fill(&call, BYTES_LIT("\0"), 7 + 25); /* the registry's id, and the high bytes of the operation */
    buf_add(&call, BYTES_LIT("\2\x44\x15\x4d\xc9\xd4\xe6\x3b\xdf\x74\0\1"
                             "a"));
    buf_add(wire, RMI_HELLO);
    fill(wire, buf_bytes(&call), HOSTILE);
    buf_drop(&call);
}

static void put_strings(struct buf *wire)
{
    buf_add(wire, RMI_RETURN);
    buf_add(wire, ARRAY_OF("\0\xff\xff\xff"));
    fill(wire, BYTES_LIT("\x74\0\1$"), HOSTILE);
}

static void put_handles(struct buf *wire)
{
    buf_add(wire, RMI_RETURN);
    buf_add(wire, ARRAY_OF("\0\xff\xff\xff"));
    fill(wire, BYTES_LIT("\x71\0\x7e\0\0"), HOSTILE);
}

static void put_blocks(struct buf *wire)
{
    buf_add(wire, RMI_RETURN);
    fill(wire, BYTES_LIT("\x77\1$"), HOSTILE);
}

/* Classes without end, each the superclass of the one before. */
static void put_classes(struct buf *wire)
{
    buf_add(wire, RMI_RETURN);
    buf_add(wire, BYTES_LIT("\x73"));
    fill(wire,
         BYTES_LIT("\x72\0\1"
                   "a\0\0\0\0\0\0\0\1\2\0\0\x78"),
         HOSTILE);
}

/* Arrays of one array of one array ... */
static void put_arrays(struct buf *wire)
{
    buf_add(wire, RMI_RETURN);
    buf_add(wire, ARRAY_OF("\0\0\0\1"));
    fill(wire, BYTES_LIT("\x75\x71\0\x7e\0\0\0\0\0\1"), HOSTILE);
}

/* An object with as many references as a class may have fields, each to itself. */
static void put_fields(struct buf *wire)
{
    buf_add(wire, RMI_RETURN);
    buf_add(wire, BYTES_LIT("\x73\x72\0\1"
                            "a\0\0\0\0\0\0\0\1\2\xff\xff"));
    fill(wire,
         BYTES_LIT("L\0\1"
                   "a\x71\0\x7e\0\0"),
         HOSTILE);
}

/* --- class files, over HTTP to a JVM --- */

#define ANSWER BYTES_LIT("HTTP/1.1 200 OK\r\n\r\n")
#define CLASS  BYTES_LIT("\xca\xfe\xba\xbe\0\0\0\x34")

static void put_constants(struct buf *wire)
{
    buf_add(wire, ANSWER);
    buf_add(wire, CLASS);
    buf_add(wire, BYTES_LIT("\xff\xff"));
    fill(wire, BYTES_LIT("\1\0\1$"), HOSTILE);
}

static void put_references(struct buf *wire)
{
    buf_add(wire, ANSWER);
    buf_add(wire, CLASS);
    buf_add(wire, BYTES_LIT("\xff\xff"));
    fill(wire, BYTES_LIT("\7\0\1\x0c\0\1\0\2\x0a\0\1\0\2\x08\0\1"), HOSTILE);
}

static void put_texts(struct buf *wire)
{
    buf_add(wire, ANSWER);
    buf_add(wire, CLASS);
    buf_add(wire, BYTES_LIT("\xff\xff"));
    fill(wire, BYTES_LIT("\1\0\x0c/bin/sh a.bc\x08\0\1"), HOSTILE);
}

static void put_jar(struct buf *wire)
{
    buf_add(wire, ANSWER);
    fill(wire, BYTES_LIT("PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\7\0\0\0a.class"), HOSTILE);
}

/* --- GIOP, DNS, TLS --- */

static void put_giop(struct buf *wire)
{
    fill(wire, BYTES_LIT("GIOP\1\2\0\0\0\0\0\x1c\0\0\0\1\3\0\0\0\0\0\0\0\0\0\0\1k\0\0\0\0\0\0\2o\0\0\0"),
         HOSTILE);
}

static void put_contexts(struct buf *wire)
{
    buf_add(wire, BYTES_LIT("GIOP\1\0\0\0"));
    put_u32(wire, HOSTILE - 12);
    put_u32(wire, (HOSTILE - 16) / 8);
    fill(wire, BYTES_LIT("\0\0\0\1\0\0\0\0"), HOSTILE);
}

/* Each name points at the one before, and adds a label. */
static void put_pointers(struct buf *wire)
{
    struct buf m = buf_within(4096);

    buf_add(&m, BYTES_LIT("\x12\x34\x84\0\0\1\0\x96\0\0\0\0\1a\0\0\x10\0\1"));
    for (unsigned i = 0, at = 12; i < 150; i++) {
        const uint8_t pointer[2] = {(uint8_t)(0xc0 | at >> 8), (uint8_t)at};

        at = (unsigned)m.len;
        buf_add(&m, BYTES_LIT("\1$"));
        buf_add(&m, bytes_of(pointer, 2));
        buf_add(&m, BYTES_LIT("\0\x10\0\1\0\0\0\0\0\2\1$"));
    }
    while (wire->len + m.len + 2 <= HOSTILE) {
        const uint8_t len[2] = {(uint8_t)(m.len >> 8), (uint8_t)m.len};

        buf_add(wire, bytes_of(len, 2));
        buf_add(wire, buf_bytes(&m));
    }
    buf_drop(&m);
}

static void put_questions(struct buf *wire)
{
    fill(wire, BYTES_LIT("\x12\x34\1\0\0\1\0\0\0\0\0\0\1$\0\0\x10\0\1"), HOSTILE);
}

static void put_records(struct buf *wire)
{
    buf_add(wire, BYTES_LIT("\x16\3\1\0\1\1")); /* a hello that never ends, a byte in each record */
    buf_add(wire, BYTES_LIT("\x16\3\1\0\1\0\x16\3\1\0\1\xff\x16\3\1\0\1\0"));
    fill(wire, BYTES_LIT("\x16\3\1\0\1\0"), HOSTILE);
}

static void put_extensions(struct buf *wire)
{
    struct buf hello = buf_within(HOSTILE);

    buf_add(&hello, BYTES_LIT("\3\3"));
    fill(&hello, BYTES_LIT("r"), 34);
    buf_add(&hello, BYTES_LIT("\0\0\2\x13\1\1\0"));
    buf_add(&hello, BYTES_LIT("\x3e\x80"));
    fill(&hello, BYTES_LIT("\0\x11\0\0"), 16000 + 43);
    while (wire->len + hello.len + 9 < HOSTILE) {
        size_t len = hello.len + 4;
        const uint8_t head[9] = {0x16,
                                 3,
                                 1,
                                 (uint8_t)(len >> 8),
                                 (uint8_t)len,
                                 1,
                                 0,
                                 (uint8_t)(hello.len >> 8),
                                 (uint8_t)hello.len};

        buf_add(wire, bytes_of(head, sizeof head));
        buf_add(wire, buf_bytes(&hello));
    }
    buf_drop(&hello);
}

/* --- */

#define JVM BYTES_LIT("GET /a.class HTTP/1.1\r\nHost: a\r\nUser-Agent: Java/1.8.0_181\r\n\r\n")

enum { CLIENT, SERVER, DATAGRAMS };

static const struct {
    const char *name;
    void (*put)(struct buf *wire);
    int how;
    struct bytes before;
    size_t datagram;
} rows[] = {
    {"ldap searches", put_searches, CLIENT, {NULL, 0}, 0},
    {"ldap tiny attributes, hostile", put_tiny_attributes, SERVER, {NULL, 0}, 0},
    {"ldap java attributes, hostile", put_java_attributes, SERVER, {NULL, 0}, 0},
    {"ldap serialized, hostile", put_serialized_attributes, SERVER, {NULL, 0}, 0},
    {"ldap tiny messages, hostile", put_messages, CLIENT, {NULL, 0}, 0},
    {"ldap deep filter, hostile", put_deep_filter, CLIENT, {NULL, 0}, 0},
    {"ldap wide filter, hostile", put_wide_filter, CLIENT, {NULL, 0}, 0},
    {"rmi calls", put_calls, CLIENT, {NULL, 0}, 0},
    {"rmi pings, hostile", put_pings, CLIENT, {NULL, 0}, 0},
    {"java strings, hostile", put_strings, SERVER, {NULL, 0}, 0},
    {"java handles, hostile", put_handles, SERVER, {NULL, 0}, 0},
    {"java blocks, hostile", put_blocks, SERVER, {NULL, 0}, 0},
    {"java superclasses, hostile", put_classes, SERVER, {NULL, 0}, 0},
    {"java nested arrays, hostile", put_arrays, SERVER, {NULL, 0}, 0},
    {"java fields, hostile", put_fields, SERVER, {NULL, 0}, 0},
    {"class constants, hostile", put_constants, SERVER, JVM, 0},
    {"class references, hostile", put_references, SERVER, JVM, 0},
    {"class texts, hostile", put_texts, SERVER, JVM, 0},
    {"jar entries, hostile", put_jar, SERVER, JVM, 0},
    {"giop requests", put_giop, CLIENT, {NULL, 0}, 0},
    {"giop contexts, hostile", put_contexts, CLIENT, {NULL, 0}, 0},
    {"dns pointers, hostile", put_pointers, SERVER, {NULL, 0}, 0},
    {"dns queries", put_questions, DATAGRAMS, {NULL, 0}, 19},
    {"tls records of one byte, hostile", put_records, CLIENT, {NULL, 0}, 0},
    {"tls extensions, hostile", put_extensions, CLIENT, {NULL, 0}, 0},
};

int main(int argc, char **argv)
{
    struct bench b;

    if (!bench_begin(&b, argc, argv))
        return 3;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf wire = buf_within(2 * HOSTILE);
        char name[64];

        rows[i].put(&wire);
        b.udp = rows[i].how == DATAGRAMS;
        b.from_server = rows[i].how == SERVER;
        b.before = rows[i].before;
        b.segment = rows[i].datagram;
        measure(&b, rows[i].name, 1, buf_bytes(&wire));
        if (!b.udp) {
            b.segment = 1;
            (void)snprintf(name, sizeof name, "%.*s, one by one, hostile", (int)strcspn(rows[i].name, ","),
                           rows[i].name);
            measure(&b, name, 1, bytes_slice(buf_bytes(&wire), 0, ONE_BY_ONE));
        }
        buf_drop(&wire);
    }
    bench_end(&b);
    return 0;
}
