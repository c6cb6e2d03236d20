/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/kit.h"

#include "base/base64.h"
#include "base/cursor.h"

/* How a path goes on behind the payload's name. */
enum grammar {
    ORDER,  /* /Command/..., /Command/Base64/..., /ReverseShell/host/port, /Dnslog/domain */
    GADGET, /* the same, behind the name of a gadget */
    SERIAL, /* /gadget/exec_unix/BASE64, /gadget/java_reverse_shell/BASE64 ... */
    TEXT,   /* /what it is about, in clear */
    CODED,  /* the same in base64 */
    ALONE,  /* nothing that we would understand */
};

/* First segment of a path, and who answers to it. Letters in either case: the tools compare so. */
static const struct {
    const char *first, *kit;
    enum grammar grammar;
} paths[] = {
    {"Basic", "JNDIExploit", ORDER},
    {"TomcatBypass", "JNDIExploit", ORDER},
    {"GroovyBypass", "JNDIExploit", ORDER},
    {"WebsphereBypass", "JNDIExploit", GADGET}, /* /Upload/Command/..., /List/file=... */
    {"Deserialization", "JNDIExploit", GADGET},
    {"Deserialize", "JNDIMap", GADGET},
    {"GroovyClassLoader", "JNDIMap", ORDER},
    {"GroovyShell", "JNDIMap", ORDER},
    {"SnakeYaml", "JNDIMap", ORDER},
    {"MLet", "JNDIMap", TEXT}, /* asks whether the victim has that class */
    {"NativeLibLoader", "JNDIMap", CODED},
    {"serial", "JNDI-Exploit-Kit", SERIAL},
    {"o=reference", "rogue-jndi", ALONE},
    {"o=tomcat", "rogue-jndi", ALONE},
    {"o=groovy", "rogue-jndi", ALONE},
    {"o=deserialization", "rogue-jndi", ALONE},
    {"o=websphere1", "rogue-jndi", ALONE},
    {"o=websphere2", "rogue-jndi", ALONE},
    {"o=dbcp2-h2", "rogue-jndi", ALONE},
    {"o=dbcp2-postgresql", "rogue-jndi", ALONE},
    {"o=druid-h2", "rogue-jndi", ALONE},
    {"o=hikaricp-h2", "rogue-jndi", ALONE},
    {"o=fromfile", "rogue-jndi", ALONE},
};

/* Classes that tools bring along. */
static const struct {
    const char *class_name, *kit;
} classes[] = {
    {"ExecTemplateJDK5", "JNDI-Injection-Exploit"},
    {"ExecTemplateJDK6", "JNDI-Injection-Exploit"},
    {"ExecTemplateJDK7", "JNDI-Injection-Exploit"},
    {"ExecTemplateJDK8", "JNDI-Injection-Exploit"},
    {"xExportObject", "rogue-jndi"},
};

/* JNDIExploit makes a class for each lookup: this word, and ten letters and digits. */
#define JNDIEXPLOIT_PREFIX  BYTES_LIT("Exploit")
#define JNDIEXPLOIT_LETTERS 10

const char *kit_of_class(struct bytes class_name)
{
    struct bytes tail = bytes_from(class_name, JNDIEXPLOIT_PREFIX.len);

    for (unsigned i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (bytes_eq(class_name, bytes_str(classes[i].class_name)))
            return classes[i].kit;
    if (!bytes_starts(class_name, JNDIEXPLOIT_PREFIX) || tail.len != JNDIEXPLOIT_LETTERS)
        return NULL;
    for (size_t i = 0; i < tail.len; i++)
        if (base64_value(tail.p[i]) < 0 || base64_value(tail.p[i]) > 61)
            return NULL;
    return "JNDIExploit";
}

/* marshalsec takes "http://host/#Class" and any name; many a proof of concept (log4j-shell-poc for one)
 * starts it. What stands for the class of the object is made up, in LDAPRefServer as "foo", in RMIRefServer
 * as "Foo", whose codebase keeps the fragment. */
static bool is_marshalsec(struct bytes class_name, struct bytes factory, struct bytes codebase)
{
    size_t hash = codebase.len > factory.len ? codebase.len - factory.len - 1 : 0;

    if (factory.len == 0 || codebase.len == 0)
        return false;
    if (bytes_eq(class_name, BYTES_LIT("foo")))
        return true;
    return bytes_eq(class_name, BYTES_LIT("Foo")) && bytes_ends(codebase, factory) && codebase.p[hash] == '#';
}

const char *kit_of_reference(struct bytes class_name, struct bytes factory, struct bytes codebase)
{
    const char *kit = kit_of_class(factory);

    return kit ? kit : is_marshalsec(class_name, factory, codebase) ? "marshalsec" : NULL;
}

/* The next segment of a path, which is cut off it. */
static struct bytes next_segment(struct bytes *path)
{
    size_t slash = bytes_find_byte(*path, '/');
    struct bytes segment = bytes_slice(*path, 0, slash);

    *path = slash == BYTES_NONE ? bytes_from(*path, path->len) : bytes_from(*path, slash + 1);
    return segment;
}

/* %XX undone, as the tools do it before they decode anything else. */
static void add_unquoted(struct buf *out, struct bytes text)
{
    struct cursor c = cursor_over(text);

    while (cursor_left(&c)) {
        uint8_t byte = cursor_u8(&c);
        struct bytes digits = bytes_slice(cursor_rest(&c), 0, 2);

        if (byte == '%' && digits.len == 2 && hex_value(digits.p[0]) >= 0 && hex_value(digits.p[1]) >= 0) {
            byte = (uint8_t)(hex_value(digits.p[0]) << 4 | hex_value(digits.p[1]));
            cursor_skip(&c, 2);
        }
        (void)buf_add_byte(out, byte);
    }
}

/* Base64 behind percent signs, or neither when it is none. */
static void add_decoded(struct buf *out, struct bytes text)
{
    struct buf plain = buf_within(text.len);
    size_t before = out->len;

    add_unquoted(&plain, text);
    for (size_t i = 0; i < plain.len; i++)
        if (plain.p[i] == ' ') /* a plus sign that a form decoder has been at */
            plain.p[i] = '+';
    if (base64_decode(out, buf_bytes(&plain)) == 0 || out->len == before) {
        out->len = before;
        (void)buf_add(out, buf_bytes(&plain));
    }
    buf_drop(&plain);
}

static bool is_one_of(struct bytes word, const char *const *words)
{
    for (unsigned i = 0; words[i]; i++)
        if (bytes_eq_nocase(word, bytes_str(words[i])))
            return true;
    return false;
}

/* JNDI-NU has JNDIExploit's paths, and its own word for Command. */
#define JNDI_NU_WORD BYTES_LIT("nu1r")

/* Command/..., Command/Base64/..., ReverseShell/host/port, Dnslog/domain ... */
static void read_order(struct bytes rest, struct buf *command)
{
    static const char *const with_text[] = {"Command", "ReverseShell", "Dnslog", "Meterpreter", "nu1r", NULL};
    struct bytes word = next_segment(&rest), behind = rest;

    if (!is_one_of(word, with_text))
        return;
    if (bytes_eq_nocase(next_segment(&behind), BYTES_LIT("Base64")))
        add_decoded(command, behind);
    else
        add_unquoted(command, rest);
}

static void read_serial(struct bytes rest, struct buf *command)
{
    struct bytes order = next_segment(&rest);

    if (bytes_starts_nocase(order, BYTES_LIT("exec_")) || bytes_ends(order, BYTES_LIT("reverse_shell")))
        add_decoded(command, rest);
    else
        add_unquoted(command, rest); /* dns/NAME, sleep/MILLISECONDS */
}

/* rest: behind word, which is that of row i. */
static struct kit kit_read(unsigned i, struct bytes word, struct bytes rest, struct buf *command)
{
    struct kit kit = {.name = paths[i].kit, .payload = word};
    struct bytes order;

    if (paths[i].grammar == GADGET || paths[i].grammar == SERIAL) {
        struct bytes gadget = next_segment(&rest);

        kit.payload = bytes_of(word.p, (size_t)(gadget.p + gadget.len - word.p));
    }
    order = rest;
    if (bytes_eq_nocase(next_segment(&order), JNDI_NU_WORD))
        kit.name = "JNDI-NU";
    if (!command || paths[i].grammar == ALONE)
        return kit;
    if (paths[i].grammar == SERIAL)
        read_serial(rest, command);
    else if (paths[i].grammar == CODED)
        add_decoded(command, rest);
    else if (paths[i].grammar == TEXT)
        add_unquoted(command, rest);
    else
        read_order(rest, command);
    return kit;
}

struct kit kit_of_path(struct bytes path, struct buf *command)
{
    struct kit kit = {.name = NULL};
    struct bytes rest, first;

    while (path.len && path.p[0] == '/')
        path = bytes_from(path, 1);
    rest = path;
    first = next_segment(&rest);
    for (unsigned i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct bytes word =
            paths[i].grammar == ALONE ? bytes_slice(first, 0, bytes_find_byte(first, ',')) : first;

        if (!bytes_eq_nocase(word, bytes_str(paths[i].first)))
            continue;
        /* "Basic" alone is a word that a directory may use as well. */
        if (paths[i].grammar != ALONE && rest.len == 0)
            continue;
        kit = kit_read(i, word, rest, command);
        break;
    }
    return kit;
}

void kit_add_attrs(const struct kit *kit, struct bytes command, struct attrs *a)
{
    if (!kit->name)
        return;
    attrs_add(a, ATTR_JNDI_KIT, bytes_str(kit->name));
    if (kit->payload.len)
        attrs_add(a, ATTR_JNDI_PAYLOAD, kit->payload);
    if (command.len)
        attrs_add(a, ATTR_JNDI_COMMAND, command);
}
