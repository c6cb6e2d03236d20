/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/javaclass_text.h"

#include "base/addr.h"

#define SCHEME_MAX 12
#define HOST_MAX   253 /* RFC 1035 section 2.3.4 */

/* Nobody writes these into a class but to run something. */
static const char *const telling[] = {
    "/bin/sh",    "/bin/bash", "/dev/tcp/", "/dev/udp/", "cmd.exe",  "cmd /c",      "powershell",
    "curl http",  "wget http", "curl -",    "wget -",    "bash -",   "getRuntime(", "ProcessBuilder(",
    "/usr/bin/",  "certutil ", "bitsadmin", "mshta ",    "rundll32", "nc -e",       "python -c",
    "python3 -c", "base64 -d", "|bash",     "| bash",    "|sh",      "| sh",        "chmod +x",
};

/* Programs that prove a point: one word suffices. */
static const char *const programs[] = {
    "calc", "calc.exe", "xcalc", "gnome-calculator", "notepad",  "notepad.exe", "whoami", "id",  "cmd",
    "sh",   "bash",     "zsh",   "hostname",         "ipconfig", "ifconfig",    "ls",     "env", "uname",
};

/* What a dotted word is when it is no host: a property, a class. */
static const char *const not_hosts[] = {"java.", "javax.", "os.",  "user.", "file.", "path.", "line.",
                                        "sun.",  "com.",   "org.", "net.",  "jdk.",  "log4j", "jakarta"};

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
        if (bytes_starts(text, bytes_str(not_hosts[i])))
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

static bool is_host(struct bytes text, bool connects)
{
    struct addr addr;

    if (text.len < ADDR_TEXT && bytes_find_byte(text, '.') != BYTES_NONE && addr_parse(text, &addr))
        return addr.version == 4;
    return connects && is_host_name(text);
}

static bool has_any(struct bytes text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes_find_nocase(text, bytes_str(words[i])) != BYTES_NONE)
            return true;
    return false;
}

static bool is_program(struct bytes text)
{
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
        if (bytes_eq_nocase(text, bytes_str(programs[i])))
            return true;
    return false;
}

static bool is_command(struct bytes text, bool runs_programs)
{
    size_t blank = bytes_find_byte(text, ' ');

    if (has_any(text, telling, sizeof telling / sizeof telling[0]))
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
    if (text.len == 0)
        return JAVA_TEXT_PLAIN;
    if (is_url(text))
        return JAVA_TEXT_URL;
    if (is_host(text, context.connects))
        return JAVA_TEXT_HOST;
    return is_command(text, context.runs_programs) ? JAVA_TEXT_COMMAND : JAVA_TEXT_PLAIN;
}
