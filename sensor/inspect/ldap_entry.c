/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/ldap_entry.h"

#include "base/base64.h"
#include "inspect/ber.h"
#include "inspect/javaser.h"
#include "inspect/kit.h"

/* RFC 2713, and what the JDK makes of it (com.sun.jndi.ldap.Obj): the attributes that turn an entry into an
 * object. Servers differ in their case (OpenLDAP says javaCodebase), the JDK does not care. */

enum { TAG_SEQUENCE = 0x30, TAG_SET = 0x31 };

enum java_attribute {
    JAVA_NONE,
    JAVA_CLASS_NAME,
    JAVA_CODE_BASE,
    JAVA_FACTORY,
    JAVA_SERIALIZED,
    JAVA_ADDRESS,
    JAVA_REMOTE,
    OBJECT_CLASS,
};

static const struct {
    const char *name;
    enum java_attribute means;
} java_attributes[] = {
    {"javaClassName", JAVA_CLASS_NAME},
    {"javaCodeBase", JAVA_CODE_BASE},
    {"javaFactory", JAVA_FACTORY},
    {"javaSerializedData", JAVA_SERIALIZED},
    {"javaReferenceAddress", JAVA_ADDRESS},
    {"javaRemoteLocation", JAVA_REMOTE}, /* deprecated, and still followed */
    {"objectClass", OBJECT_CLASS},
};

struct entry {
    struct attrs *a;
    struct buf *room;
    struct bytes class_name, code_base, factory; /* the first of each */
    bool reference, serialized;
    bool object;          /* what is serialized is a Java stream */
    bool named_reference; /* says so itself, by its objectClass */
    bool malformed;
};

/* One attribute: its name without options (";binary"), and its values. */
typedef void attribute_fn(struct entry *e, struct bytes name, enum java_attribute means, struct bytes values);

static enum java_attribute attribute_means(struct bytes name)
{
    struct bytes plain = bytes_slice(name, 0, bytes_find_byte(name, ';'));

    for (unsigned i = 0; i < sizeof java_attributes / sizeof java_attributes[0]; i++)
        if (bytes_eq_nocase(plain, bytes_str(java_attributes[i].name)))
            return java_attributes[i].means;
    return JAVA_NONE;
}

/* The values of an attribute: as many as begin before the end of their SET, which the last may go beyond. */
static struct bytes take_values(struct entry *e, struct cursor *c)
{
    struct bytes rest;
    struct cursor values;
    struct ber value;
    size_t len, taken = 0;
    uint8_t tag = cursor_u8(c);

    if (ber_length(c, &len) != BER_OK) {
        e->malformed = true;
        return (struct bytes){NULL, 0};
    }
    rest = bytes_of(c->p, cursor_left(c));
    values = cursor_over(rest);
    while (taken < len && cursor_left(&values) && ber_next(&values, &value) == BER_OK)
        taken = rest.len - cursor_left(&values);
    e->malformed |= tag != TAG_SET || taken != len;
    len = taken > len ? taken : len;
    cursor_skip(c, len < rest.len ? len : rest.len);
    return bytes_slice(rest, 0, taken);
}

/* PartialAttributeList ::= SEQUENCE OF SEQUENCE { type, vals SET OF }, and what follows it. Read as the JDK
 * does (LdapClient.parseAttribute), which looks at the tag of no SEQUENCE, and at the length of the list
 * alone: a server may write what nobody else can read. False when there is no list. */
static bool each_attribute(struct entry *e, struct bytes list, attribute_fn *fn)
{
    struct cursor c = cursor_over(list);
    size_t len, behind;
    uint8_t tag = cursor_u8(&c);

    if (ber_length(&c, &len) != BER_OK)
        return false;
    e->malformed |= tag != TAG_SEQUENCE || len > cursor_left(&c);
    behind = len < cursor_left(&c) ? cursor_left(&c) - len : 0;
    while (cursor_left(&c) > behind) {
        struct bytes name, values = {0};
        size_t left;

        tag = cursor_u8(&c);
        if (ber_length(&c, &len) != BER_OK) {
            e->malformed = true;
            return true;
        }
        left = cursor_left(&c);
        if (!ber_take(&c, 0x04, &name)) {
            e->malformed = true;
            return true;
        }
        /* Some leave an empty SET out. */
        if (left - cursor_left(&c) != len || (cursor_left(&c) && *c.p == TAG_SET))
            values = take_values(e, &c);
        e->malformed |= tag != TAG_SEQUENCE || left - cursor_left(&c) != len;
        fn(e, name, attribute_means(name), values);
    }
    return true;
}

static bool next_value(struct cursor *values, struct bytes *value)
{
    struct ber v;

    if (!cursor_left(values) || ber_next(values, &v) != BER_OK)
        return false;
    *value = v.value;
    return true;
}

static void add_serialized(struct entry *e, struct bytes stream)
{
    struct javaser j;

    e->serialized = true;
    if (!bytes_starts(stream, BYTES_LIT("\xac\xed\x00\x05"))) /* the JDK tries, and throws */
        return;
    e->object = true;
    javaser_read(stream, UINT32_MAX, &j);
    javaser_add_attrs(&j, e->a);
}

/* "#0#type#content" or "#0#type##BASE64": an empty field before the content marks a serialized RefAddr, which
 * the JDK reads in. The separator is whatever character comes first. */
static void read_address(struct entry *e, struct bytes address)
{
    struct bytes rest = address;
    size_t before = e->room->len;

    e->reference = true;
    attrs_add(e->a, ATTR_JAVA_ADDRESS, address);
    for (unsigned i = 0; i < 3; i++) {
        size_t at = address.len ? bytes_find_byte(rest, address.p[0]) : BYTES_NONE;

        if (at == BYTES_NONE)
            return;
        rest = bytes_from(rest, at + 1);
    }
    if (rest.len == 0 || rest.p[0] != address.p[0])
        return;
    /* All of the room at once: what was decoded before must stay where it is. */
    if (!buf_room(e->room, LDAP_ENTRY_ROOM - before)) {
        e->serialized = true;
        return;
    }
    (void)base64_decode_mime(e->room, bytes_from(rest, 1)); /* as the JDK, over junk */
    add_serialized(e, bytes_from(buf_bytes(e->room), before));
}

static void note_first(struct bytes *first, struct bytes value)
{
    if (!first->p)
        *first = value;
}

static void read_java(struct entry *e, struct bytes name, enum java_attribute means, struct bytes values)
{
    struct cursor c = cursor_over(values);
    struct bytes value;

    (void)name;
    if (means == JAVA_NONE)
        return;
    while (next_value(&c, &value)) {
        switch (means) {
        case JAVA_CLASS_NAME:
            attrs_add(e->a, ATTR_JAVA_CLASS, value);
            note_first(&e->class_name, value);
            break;
        case JAVA_CODE_BASE:
            attrs_add(e->a, ATTR_JAVA_CODEBASE, value);
            note_first(&e->code_base, value);
            e->reference = true;
            break;
        case JAVA_FACTORY:
            attrs_add(e->a, ATTR_JAVA_FACTORY, value);
            note_first(&e->factory, value);
            e->reference = true;
            break;
        case JAVA_SERIALIZED:
            add_serialized(e, value);
            break;
        case JAVA_ADDRESS:
            read_address(e, value);
            break;
        case JAVA_REMOTE:
            attrs_add(e->a, ATTR_JAVA_ADDRESS, value);
            e->reference = true;
            break;
        case OBJECT_CLASS:
            e->named_reference |= bytes_eq_nocase(value, BYTES_LIT("javaNamingReference"));
            break;
        case JAVA_NONE:
            break;
        }
    }
    /* An attribute that is there without a value still says what the entry is meant to be. */
    e->serialized |= means == JAVA_SERIALIZED;
}

static void read_type(struct entry *e, struct bytes name, enum java_attribute means, struct bytes values)
{
    (void)means;
    (void)values;
    attrs_add(e->a, ATTR_LDAP_RESPONSES_ATTRIBUTE_TYPE, name);
}

/* Puts the stage and the kind of content at place at, in front of the Java values: the list has a ceiling,
 * and detection needs these most. */
static void insert_stage(const struct entry *e, unsigned at)
{
    const char *kit = kit_of_reference(e->class_name, e->factory, e->code_base);
    struct attrs *a = e->a, tail = *a;

    a->n = at;
    attrs_add(a, ATTR_JNDI_STAGE, e->serialized ? BYTES_LIT("deserialization") : BYTES_LIT("reference"));
    /* The JDK looks at the serialized data first; a codebase beside it does not make a reference. */
    if (e->serialized)
        attrs_add(a, ATTR_JAVA_CONTENT, e->object ? BYTES_LIT("serialized") : BYTES_LIT("no-object"));
    if (e->named_reference || !e->serialized)
        attrs_add(a, ATTR_JAVA_CONTENT, BYTES_LIT("reference"));
    if (kit)
        attrs_add(a, ATTR_JNDI_KIT, bytes_str(kit));
    for (unsigned i = at; i < tail.n; i++)
        attrs_add(a, tail.v[i].id, tail.v[i].value);
}

bool ldap_entry_attrs(struct bytes entry, struct attrs *a, struct buf *room)
{
    struct cursor c = cursor_over(entry);
    struct entry e = {.a = a, .room = room};
    struct bytes dn, list;
    unsigned at;

    if (!ber_take(&c, 0x04, &dn))
        return false;
    list = cursor_rest(&c);
    attrs_add(a, ATTR_LDAP_RESPONSES_OPERATION, BYTES_LIT("search_result_entry"));
    attrs_add(a, ATTR_LDAP_RESPONSES_DN, dn);
    at = a->n;
    if (!each_attribute(&e, list, read_java))
        return false;
    if (e.reference || e.named_reference || e.serialized)
        insert_stage(&e, at);
    (void)each_attribute(&e, list, read_type); /* last: there may be more names than places */
    return !e.malformed;
}
