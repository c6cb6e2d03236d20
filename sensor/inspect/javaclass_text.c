/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/javaclass_text.h"

#include "base/addr.h"

#define SCHEME_MAX 12
#define HOST_MAX   253 /* RFC 1035 section 2.3.4 */

/* Nobody writes these into a class but to run something. */
#define TELLING_LEAST 3 /* bytes of the shortest */
static const struct bytes telling[] = {
    BYTES_LIT("/bin/sh"),     BYTES_LIT("/bin/bash"),
    BYTES_LIT("/dev/tcp/"),   BYTES_LIT("/dev/udp/"),
    BYTES_LIT("cmd.exe"),     BYTES_LIT("cmd /c"),
    BYTES_LIT("powershell"),  BYTES_LIT("curl http"),
    BYTES_LIT("wget http"),   BYTES_LIT("curl -"),
    BYTES_LIT("wget -"),      BYTES_LIT("bash -"),
    BYTES_LIT("getRuntime("), BYTES_LIT("ProcessBuilder("),
    BYTES_LIT("/usr/bin/"),   BYTES_LIT("certutil "),
    BYTES_LIT("bitsadmin"),   BYTES_LIT("mshta "),
    BYTES_LIT("rundll32"),    BYTES_LIT("nc -e"),
    BYTES_LIT("python -c"),   BYTES_LIT("python3 -c"),
    BYTES_LIT("base64 -d"),   BYTES_LIT("|bash"),
    BYTES_LIT("| bash"),      BYTES_LIT("|sh"),
    BYTES_LIT("| sh"),        BYTES_LIT("chmod +x"),
};

/* Programs that prove a point: one word suffices. */
static const struct bytes programs[] = {
    BYTES_LIT("calc"),     BYTES_LIT("calc.exe"),    BYTES_LIT("xcalc"),    BYTES_LIT("gnome-calculator"),
    BYTES_LIT("notepad"),  BYTES_LIT("notepad.exe"), BYTES_LIT("whoami"),   BYTES_LIT("id"),
    BYTES_LIT("cmd"),      BYTES_LIT("sh"),          BYTES_LIT("bash"),     BYTES_LIT("zsh"),
    BYTES_LIT("hostname"), BYTES_LIT("ipconfig"),    BYTES_LIT("ifconfig"), BYTES_LIT("ls"),
    BYTES_LIT("env"),      BYTES_LIT("uname"),
};

/* What a dotted word is when it is no host: a property, a class. */
static const struct bytes not_hosts[] = {
    BYTES_LIT("java."), BYTES_LIT("javax."), BYTES_LIT("os."),   BYTES_LIT("user."),  BYTES_LIT("file."),
    BYTES_LIT("path."), BYTES_LIT("line."),  BYTES_LIT("sun."),  BYTES_LIT("com."),   BYTES_LIT("org."),
    BYTES_LIT("net."),  BYTES_LIT("jdk."),   BYTES_LIT("log4j"), BYTES_LIT("jakarta")};

static bool is_url(struct bytes text)
{
    size_t at = bytes_find(bytes_slice(text, 0, SCHEME_MAX + 3), BYTES_LIT("://"));

    if (at == BYTES_NONE || at == 0 || at + 3 == text.len)
        return false;
    for (size_t i = 0; i < at; i++) {
        uint8_t c = ascii_lower(text.p[i]);

        if (!(c >= 'a' && c <= 'z') && !(i && ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')))
            return false;
    }
    return true;
}

/* Letters, digits and hyphens between dots; the last label of letters only. */
static bool is_host_name(struct bytes text)
{
    size_t last = 0;
    bool letters = true;

    if (text.len > HOST_MAX || bytes_find_byte(text, '.') == BYTES_NONE)
        return false;
    for (size_t i = 0; i < sizeof not_hosts / sizeof not_hosts[0]; i++)
        if (bytes_starts(text, not_hosts[i]))
            return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.p[i];

        if (c == '.') {
            if (i == last)
                return false;
            last = i + 1;
            letters = true;
            continue;
        }
        if (!(c >= 'a' && c <= 'z')) {
            if (!(c >= '0' && c <= '9') && c != '-')
                return false;
            letters = false;
        }
    }
    return letters && text.len - last >= 2;
}

/* Takes the port off HOST:PORT or [HOST]:PORT. */
static bool take_port(struct bytes *text)
{
    size_t colon = text->len;
    uint64_t port;

    while (colon > 0 && text->p[colon - 1] != ':')
        colon--;
    if (colon < 2 || !bytes_to_u64(bytes_from(*text, colon), UINT16_MAX, &port) || port == 0)
        return false;
    *text = bytes_slice(*text, 0, colon - 1);
    return true;
}

/* With a port behind it, a dotted word can hardly be anything else. */
static bool is_host(struct bytes text, bool connects)
{
    bool has_port = take_port(&text);
    struct addr addr;

    connects = connects || has_port;
    if (has_port && text.len > 2 && text.p[0] == '[' && text.p[text.len - 1] == ']')
        return addr_parse(bytes_slice(text, 1, text.len - 1), &addr) && addr.version == 6;
    if (text.len < ADDR_TEXT && bytes_find_byte(text, '.') != BYTES_NONE && addr_parse(text, &addr))
        return addr.version == 4;
    return connects && is_host_name(text);
}

/* One look at each byte, however many words there are: few bytes are the first of any. */
static bool has_telling(struct bytes text)
{
    static const char firsts[] = "/bcgmnprw|";

    for (size_t i = 0; i + TELLING_LEAST <= text.len; i++) {
        struct bytes rest = bytes_from(text, i);

        if (!memchr(firsts, ascii_lower(rest.p[0]), sizeof firsts - 1))
            continue;
        for (size_t k = 0; k < sizeof telling / sizeof telling[0]; k++)
            if (bytes_starts_nocase(rest, telling[k]))
                return true;
    }
    return false;
}

/* Programs that call where they are told to: as a word of its own, and with something behind it that has a
 * dot or a colon in it. Each is a word of many other texts as well. */
static const struct bytes callers[] = {
    BYTES_LIT("nc"),     BYTES_LIT("ncat"),  BYTES_LIT("netcat"), BYTES_LIT("curl"), BYTES_LIT("wget"),
    BYTES_LIT("telnet"), BYTES_LIT("socat"), BYTES_LIT("iwr"),    BYTES_LIT("tftp"), BYTES_LIT("ssh")};

static bool is_caller(struct bytes word)
{
    for (size_t k = word.len; k > 0; k--)
        if (word.p[k - 1] == '/') {
            word = bytes_from(word, k);
            break;
        }
    for (size_t k = 0; k < sizeof callers / sizeof callers[0]; k++)
        if (bytes_eq_nocase(word, callers[k]))
            return true;
    return false;
}

static bool calls(struct bytes text)
{
    while (text.len > 0) {
        size_t end = 0;

        while (end < text.len && !memchr(" ;|&(`", text.p[end], 6))
            end++;
        if (end < text.len && text.p[end] == ' ' && is_caller(bytes_slice(text, 0, end))) {
            struct bytes rest = bytes_trim(bytes_from(text, end));

            return bytes_find_byte(rest, '.') != BYTES_NONE || bytes_find_byte(rest, ':') != BYTES_NONE;
        }
        text = bytes_from(text, end + 1);
    }
    return false;
}

static bool is_program(struct bytes text)
{
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
        if (bytes_eq_nocase(text, programs[i]))
            return true;
    return false;
}

static bool is_command(struct bytes text, bool runs_programs)
{
    size_t blank = bytes_find_byte(text, ' ');

    if (has_telling(text) || calls(text))
        return true;
    if (!runs_programs || text.len < 2)
        return false;
    if (is_program(text))
        return true;
    /* A path, or a first word and more. Options ("-c", "/C") belong to what stands beside them. */
    if (text.len > 3 && (text.p[0] == '/' || bytes_starts(bytes_from(text, 1), BYTES_LIT(":\\"))))
        return true;
    return blank != BYTES_NONE && blank > 0 && blank + 1 < text.len;
}

enum java_text java_text_judge(struct bytes text, struct java_text_context context)
{
    text = bytes_trim(bytes_slice(text, 0, JAVA_TEXT_SHOWN));
    if (text.len <
        (context.runs_programs ? 2 : TELLING_LEAST)) /* no name of a program, and all else is longer */
        return JAVA_TEXT_PLAIN;
    if (is_url(text))
        return JAVA_TEXT_URL;
    if (is_host(text, context.connects))
        return JAVA_TEXT_HOST;
    return is_command(text, context.runs_programs) ? JAVA_TEXT_COMMAND : JAVA_TEXT_PLAIN;
}
