/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/x509_text.h"

#include "inspect/ber.h"

#include <sha1.h>
#include <stdio.h>

enum {
    DER_INTEGER = 0x02,
    DER_OID = 0x06,
    DER_UTF8 = 0x0c,
    DER_UTC_TIME = 0x17,
    DER_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_VERSION = 0xa0,
};

/* Types of text whose bytes are the text (X.680 section 8.4): UTF8String, NumericString, PrintableString,
 * TeletexString, IA5String, VisibleString. */
static const uint8_t text_tags[] = {DER_UTF8, 0x12, 0x13, 0x14, 0x16, 0x1a};
#define DER_BMP 0x1e

/* Attribute types (RFC 5280 appendix A, RFC 4519, RFC 2985; the last two are Microsoft's), as Suricata 7.0.10
 * calls them. */
static const struct {
    const char *oid, *name;
} attributes[] = {
    {"\x55\x04\x03", "CN"},
    {"\x55\x04\x04", "surname"},
    {"\x55\x04\x05", "serialNumber"},
    {"\x55\x04\x06", "C"},
    {"\x55\x04\x07", "L"},
    {"\x55\x04\x08", "ST"},
    {"\x55\x04\x09", "streetAddress"},
    {"\x55\x04\x0a", "O"},
    {"\x55\x04\x0b", "OU"},
    {"\x55\x04\x0c", "title"},
    {"\x55\x04\x0d", "description"},
    {"\x55\x04\x0e", "searchGuide"},
    {"\x55\x04\x0f", "businessCategory"},
    {"\x55\x04\x10", "postalAddress"},
    {"\x55\x04\x11", "postalCode"},
    {"\x55\x04\x29", "name"},
    {"\x55\x04\x2a", "givenName"},
    {"\x55\x04\x2b", "initials"},
    {"\x55\x04\x2c", "generationQualifier"},
    {"\x55\x04\x2d", "uniqueIdentifier"},
    {"\x55\x04\x2e", "dnQualifier"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", "Email"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x02", "unstructuredName"},
    {"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "DC"},
    {"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", "uid"},
    {"\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x03", "msJurisdictionCountry"},
    {"\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x01", "msJurisdictionLocality"},
};

/* X.690 section 8.19: seven bits a byte, and two arcs in the first number. */
static void add_oid(struct buf *out, struct bytes oid)
{
    uint64_t arc = 0;
    bool first = true;

    (void)buf_add_str(out, "OID(");
    for (size_t i = 0; i < oid.len; i++) {
        arc = arc << 7 | (oid.p[i] & 0x7f);
        if (oid.p[i] & 0x80)
            continue;
        if (first)
            (void)buf_addf(out, "%u.%llu", arc < 80 ? (unsigned)arc / 40 : 2,
                           (unsigned long long)(arc < 80 ? arc % 40 : arc - 80));
        else
            (void)buf_addf(out, ".%llu", (unsigned long long)arc);
        first = false;
        arc = 0;
    }
    (void)buf_add_byte(out, ')');
}

static void add_type(struct buf *out, struct bytes oid)
{
    for (unsigned i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (bytes_eq(oid, bytes_str(attributes[i].oid))) {
            (void)buf_add_str(out, attributes[i].name);
            return;
        }
    add_oid(out, oid);
}

static void add_hex(struct buf *out, struct bytes data, const char *format, const char *between)
{
    for (size_t i = 0; i < data.len; i++) {
        if (i)
            (void)buf_add_str(out, between);
        (void)buf_addf(out, format, data.p[i]);
    }
}

/* RFC 3629 section 4, loosely: what a strict reader of the text would refuse. */
static bool is_utf8(struct bytes text)
{
    size_t i = 0;

    while (i < text.len) {
        uint8_t lead = text.p[i++];
        unsigned more = lead < 0x80   ? 0
                        : lead < 0xc2 ? 4
                        : lead < 0xe0 ? 1
                        : lead < 0xf0 ? 2
                        : lead < 0xf5 ? 3
                                      : 4;

        if (more == 4)
            return false;
        for (; more; more--)
            if (i == text.len || (text.p[i++] & 0xc0) != 0x80)
                return false;
    }
    return true;
}

/* UTF-16 without surrogates (X.690 section 8.23.8), into UTF-8. */
static void add_bmp(struct buf *out, struct bytes text)
{
    for (size_t i = 0; i + 1 < text.len; i += 2) {
        unsigned c = (unsigned)text.p[i] << 8 | text.p[i + 1];

        if (c >= 0x800)
            (void)buf_add_byte(out, (uint8_t)(0xe0 | c >> 12));
        if (c >= 0x80)
            (void)buf_add_byte(out, (uint8_t)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) : 0xc0 | c >> 6));
        (void)buf_add_byte(out, (uint8_t)(c >= 0x80 ? 0x80 | (c & 0x3f) : c));
    }
}

static bool add_value(struct buf *out, const struct ber *value)
{
    if (memchr(text_tags, value->tag, sizeof text_tags)) {
        (void)buf_add(out, value->value);
        return is_utf8(value->value);
    }
    if (value->tag == DER_BMP)
        add_bmp(out, value->value);
    else
        add_hex(out, value->value, "%02x", "");
    return true;
}

/* RelativeDistinguishedName ::= SET OF SEQUENCE { type OID, value ANY } */
static bool add_set(struct buf *out, struct bytes set)
{
    struct cursor c = cursor_over(set);
    const char *between = "";

    while (cursor_left(&c)) {
        struct bytes pair, oid;
        struct cursor inner;
        struct ber value;

        if (!ber_take(&c, DER_SEQUENCE, &pair))
            return false;
        inner = cursor_over(pair);
        if (!ber_take(&inner, DER_OID, &oid) || ber_next(&inner, &value) != BER_OK)
            return false;
        (void)buf_add_str(out, between);
        add_type(out, oid);
        (void)buf_add_byte(out, '=');
        if (!add_value(out, &value))
            return false;
        between = " + ";
    }
    return true;
}

/* Name ::= SEQUENCE OF RelativeDistinguishedName */
static void add_name(struct buf *out, struct bytes name)
{
    struct cursor c = cursor_over(name);
    const char *between = "";
    bool good = true;

    while (good && cursor_left(&c)) {
        struct bytes set;

        (void)buf_add_str(out, between);
        good = ber_take(&c, DER_SET, &set) && add_set(out, set);
        between = ", ";
    }
    if (good)
        return;
    buf_clear(out);
    (void)buf_add_str(out, "<X509Error: Invalid X.509 name>");
}

/* The next two digits. False when they are none, or more than max. */
static bool take_pair(struct cursor *c, unsigned max, unsigned *out)
{
    struct bytes pair = cursor_take(c, 2);

    if (pair.len != 2 || pair.p[0] < '0' || pair.p[0] > '9' || pair.p[1] < '0' || pair.p[1] > '9')
        return false;
    *out = (pair.p[0] - '0') * 10u + (pair.p[1] - '0');
    return *out <= max;
}

/* Time ::= CHOICE { utcTime YYMMDDHHMMSSZ, until 2049; generalTime YYYYMMDDHHMMSSZ } (RFC 5280 section
 * 4.1.2.5). What is written otherwise is no date, and neither is the year 9999: so a certificate says that it
 * never ends, and EVE's dates end with 2999. */
static void read_date(struct cursor *validity, char out[X509_DATE_TEXT])
{
    unsigned century = 20, year, month, day, hour, minute, second;
    struct ber time;
    struct cursor c;

    if (ber_next(validity, &time) != BER_OK || (time.tag != DER_UTC_TIME && time.tag != DER_TIME))
        return;
    c = cursor_over(time.value);
    if ((time.tag == DER_TIME && !take_pair(&c, 99, &century)) || !take_pair(&c, 99, &year) ||
        !take_pair(&c, 12, &month) || !take_pair(&c, 31, &day) || !take_pair(&c, 23, &hour) ||
        !take_pair(&c, 59, &minute) || !take_pair(&c, 59, &second) || month == 0 || day == 0 ||
        century < 10 || century > 29 || !bytes_eq(cursor_rest(&c), BYTES_LIT("Z")))
        return;
    if (time.tag == DER_UTC_TIME && year >= 50)
        century = 19;
    snprintf(out, X509_DATE_TEXT, "%02u%02u-%02u-%02uT%02u:%02u:%02u", century % 100, year % 100, month % 100,
             day % 100, hour % 100, minute % 100, second % 100);
}

static void read_validity(struct bytes validity, struct x509_text *out)
{
    struct cursor c = cursor_over(validity);

    read_date(&c, out->not_before);
    read_date(&c, out->not_after);
}

/* TBSCertificate ::= SEQUENCE { version [0] OPTIONAL, serialNumber, signature, issuer, validity, subject ...
 * }
 */
static bool read_tbs(struct bytes tbs, struct x509_text *out)
{
    struct cursor c = cursor_over(tbs);
    struct bytes algorithm, issuer, validity, subject;
    struct ber serial;

    if (ber_next(&c, &serial) != BER_OK || (serial.tag == DER_VERSION && ber_next(&c, &serial) != BER_OK) ||
        serial.tag != DER_INTEGER)
        return false;
    if (!ber_take(&c, DER_SEQUENCE, &algorithm) || !ber_take(&c, DER_SEQUENCE, &issuer) ||
        !ber_take(&c, DER_SEQUENCE, &validity) || !ber_take(&c, DER_SEQUENCE, &subject))
        return false;
    add_hex(&out->serial, serial.value, "%02X", ":");
    add_name(&out->issuer, issuer);
    add_name(&out->subject, subject);
    read_validity(validity, out);
    return true;
}

static void add_fingerprint(struct buf *out, struct bytes certificate)
{
    uint8_t digest[SHA1_DIGEST_LENGTH];
    SHA1_CTX sha;

    SHA1Init(&sha);
    SHA1Update(&sha, certificate.p, certificate.len);
    SHA1Final(digest, &sha);
    add_hex(out, bytes_of(digest, sizeof digest), "%02x", ":");
}

bool x509_text_read(struct bytes certificate, struct x509_text *out)
{
    struct cursor c = cursor_over(certificate), inner;
    struct bytes outer, tbs;

    *out = (struct x509_text){.subject = buf_within(X509_TEXT_MAX),
                              .issuer = buf_within(X509_TEXT_MAX),
                              .serial = buf_within(X509_TEXT_MAX),
                              .fingerprint = buf_within(X509_TEXT_MAX)};
    add_fingerprint(&out->fingerprint, certificate);
    if (!ber_take(&c, DER_SEQUENCE, &outer))
        return false;
    inner = cursor_over(outer);
    return ber_take(&inner, DER_SEQUENCE, &tbs) && read_tbs(tbs, out);
}

void x509_text_drop(struct x509_text *t)
{
    buf_drop(&t->subject);
    buf_drop(&t->issuer);
    buf_drop(&t->serial);
    buf_drop(&t->fingerprint);
}

bool x509_of_list(struct bytes list, unsigned i, struct bytes *certificate)
{
    struct cursor c = cursor_over(list);

    cursor_skip(&c, 3);
    do {
        uint32_t high;

        if (!cursor_left(&c))
            return false;
        high = cursor_u8(&c);
        *certificate = cursor_take(&c, high << 16 | cursor_u16be(&c));
    } while (cursor_ok(&c) && i--);
    return cursor_ok(&c);
}
