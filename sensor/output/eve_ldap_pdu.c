/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/eve_ldap_pdu.h"

#include "inspect/ber.h"
#include "output/eve_record.h"
#include "output/text.h"

enum { LDAP_BOOLEAN = 0x01, LDAP_INTEGER = 0x02, LDAP_OCTETS = 0x04, LDAP_ENUM = 0x0a };
enum { LDAP_SEQUENCE = 0x30, LDAP_SET = 0x31, LDAP_BIND = 0x60, LDAP_SEARCH = 0x63, LDAP_ENTRY = 0x64 };
enum { LDAP_SASL = 0xa3 };

/* Of an entry, so that it and what ends the search fit a line of the default length. */
#define VALUES_MAX 8 /* of an attribute */
#define VALUE_MAX  256
#define ENTRY_MAX  3072 /* characters of all values together */

/* Their values let others in: that they are there is enough. */
static const char *const secrets[] = {"userPassword",    "unicodePwd",      "authPassword",
                                      "sambaNTPassword", "sambaLMPassword", "krbPrincipalKey",
                                      "ipaNTHash",       "pwdHistory",      "ms-Mcs-AdmPwd"};

/* LDAPMessage ::= SEQUENCE { messageID, protocolOp ... }. */
static bool take_op(struct bytes pdu, uint8_t tag, struct cursor *op)
{
    struct cursor c = cursor_over(pdu), parts;
    struct bytes message, value;

    if (!ber_take(&c, LDAP_SEQUENCE, &message))
        return false;
    parts = cursor_over(message);
    if (!ber_take(&parts, LDAP_INTEGER, &value) || !ber_take(&parts, tag, &value))
        return false;
    *op = cursor_over(value);
    return true;
}

static void put_uint(struct jsonw *w, const char *key, struct bytes value)
{
    uint32_t n;

    if (ber_uint(value, &n))
        jsonw_u64(w, key, n);
}

void eve_ldap_bind(struct jsonw *w, struct bytes pdu)
{
    struct cursor c, sasl;
    struct bytes version, name, mechanism;
    struct ber auth;

    if (!take_op(pdu, LDAP_BIND, &c) || !ber_take(&c, LDAP_INTEGER, &version) ||
        !ber_take(&c, LDAP_OCTETS, &name))
        return;
    put_uint(w, "version", version);
    if (ber_next(&c, &auth) != BER_OK || auth.tag != LDAP_SASL)
        return;
    sasl = cursor_over(auth.value);
    if (!ber_take(&sasl, LDAP_OCTETS, &mechanism))
        return;
    jsonw_object(w, "sasl");
    jsonw_bytes(w, "mechanism", text_cut(mechanism, VALUE_MAX));
    jsonw_end_object(w);
}

void eve_ldap_limits(struct jsonw *w, struct bytes pdu)
{
    struct cursor c;
    struct bytes skipped, size, time, types_only;

    if (!take_op(pdu, LDAP_SEARCH, &c) || !ber_take(&c, LDAP_OCTETS, &skipped) ||
        !ber_take(&c, LDAP_ENUM, &skipped) || !ber_take(&c, LDAP_ENUM, &skipped) ||
        !ber_take(&c, LDAP_INTEGER, &size) || !ber_take(&c, LDAP_INTEGER, &time) ||
        !ber_take(&c, LDAP_BOOLEAN, &types_only))
        return;
    put_uint(w, "size_limit", size);
    put_uint(w, "time_limit", time);
    jsonw_bool(w, "types_only", types_only.len == 1 && types_only.p[0] != 0);
}

static bool is_secret(struct bytes type)
{
    struct bytes plain = bytes_slice(type, 0, bytes_find_byte(type, ';'));

    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (bytes_eq_nocase(plain, bytes_str(secrets[i])))
            return true;
    return false;
}

static bool is_text(struct bytes value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.p[i] < ' ' || value.p[i] == 0x7f)
            return false;
    return utf8_valid(value);
}

/* Text as it is, all else in hex behind 0x. Returns how many characters that were. */
static size_t put_value(struct jsonw *w, struct bytes value)
{
    static const char digits[] = "0123456789abcdef";
    char hex[2 + VALUE_MAX + 1] = "0x";
    size_t n = value.len < VALUE_MAX / 2 ? value.len : VALUE_MAX / 2;

    /* What is cut inside of a character is text all the same. */
    if (is_text(text_cut(value, VALUE_MAX))) {
        value = text_cut(value, VALUE_MAX);
        jsonw_bytes(w, NULL, value);
        return value.len;
    }
    for (size_t i = 0; i < n; i++) {
        hex[2 + 2 * i] = digits[value.p[i] >> 4];
        hex[3 + 2 * i] = digits[value.p[i] & 15];
    }
    hex[2 + 2 * n] = '\0';
    jsonw_str(w, NULL, hex);
    return 2 + 2 * n;
}

static void put_values(struct jsonw *w, struct bytes type, struct bytes set, size_t *left)
{
    struct cursor c = cursor_over(set);
    bool open = false;

    if (is_secret(type))
        return;
    for (unsigned n = 0; n < VALUES_MAX && *left >= VALUE_MAX + 2 && cursor_left(&c); n++) {
        struct ber value;

        if (ber_next(&c, &value) != BER_OK)
            break;
        if (!open)
            jsonw_array(w, "values");
        open = true;
        *left -= put_value(w, value.value);
    }
    if (open)
        jsonw_end_array(w);
}

bool eve_ldap_attributes(struct jsonw *w, struct bytes pdu, bool values)
{
    struct cursor c, attribute;
    struct bytes skipped, list, part, type, set;
    size_t left = values ? ENTRY_MAX : 0;
    unsigned n = 0;

    if (!take_op(pdu, LDAP_ENTRY, &c) || !ber_take(&c, LDAP_OCTETS, &skipped) ||
        !ber_take(&c, LDAP_SEQUENCE, &list) || list.len == 0)
        return false;
    jsonw_array(w, "attributes");
    for (c = cursor_over(list); n < EVE_RECORD_ITEMS && cursor_left(&c); n++) {
        if (!ber_take(&c, LDAP_SEQUENCE, &part))
            break;
        attribute = cursor_over(part);
        if (!ber_take(&attribute, LDAP_OCTETS, &type))
            break;
        jsonw_object(w, NULL);
        jsonw_bytes(w, "type", text_cut(type, EVE_RECORD_TEXT));
        if (ber_take(&attribute, LDAP_SET, &set))
            put_values(w, type, set, &left);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    return true;
}
