/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/x509.h"

#include "inspect/ber.h"

enum {
    DER_INTEGER = 0x02,
    DER_OCTETS = 0x04,
    DER_OID = 0x06,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_VERSION = 0xa0,
    DER_EXTENSIONS = 0xa3
};

/* GeneralName (RFC 5280 section 4.2.1.6). */
enum { NAME_MAIL = 0x81, NAME_DNS = 0x82, NAME_DIRECTORY = 0xa4, NAME_URI = 0x86 };

struct reading {
    x509_name_fn *fn;
    void *arg;
    unsigned n;
};

static void give(struct reading *r, enum field_kind kind, struct bytes value)
{
    if (value.len && r->n++ < X509_NAMES_MAX)
        r->fn(r->arg, kind, value);
}

/* RelativeDistinguishedName ::= SET OF SEQUENCE { type OID, value ANY } */
static bool read_rdn(struct reading *r, enum field_kind kind, struct bytes set)
{
    struct cursor c = cursor_over(set);

    while (cursor_left(&c)) {
        struct bytes pair, oid;
        struct cursor inner;
        struct ber value;

        if (!ber_take(&c, DER_SEQUENCE, &pair))
            return false;
        inner = cursor_over(pair);
        if (!ber_take(&inner, DER_OID, &oid) || ber_next(&inner, &value) != BER_OK)
            return false;
        give(r, kind, value.value);
    }
    return true;
}

/* Name ::= SEQUENCE OF RelativeDistinguishedName */
static bool read_name(struct reading *r, enum field_kind kind, struct bytes name)
{
    struct cursor c = cursor_over(name);

    while (cursor_left(&c)) {
        struct bytes set;

        if (!ber_take(&c, DER_SET, &set) || !read_rdn(r, kind, set))
            return false;
    }
    return true;
}

static bool read_alternatives(struct reading *r, struct bytes octets)
{
    struct cursor c = cursor_over(octets), names;
    struct bytes list, directory;

    if (!ber_take(&c, DER_SEQUENCE, &list))
        return false;
    for (names = cursor_over(list); cursor_left(&names);) {
        struct ber name;
        struct cursor inner;

        if (ber_next(&names, &name) != BER_OK)
            return false;
        if (name.tag == NAME_MAIL || name.tag == NAME_DNS || name.tag == NAME_URI)
            give(r, FIELD_TLS_SAN, name.value);
        inner = cursor_over(name.value);
        if (name.tag == NAME_DIRECTORY &&
            (!ber_take(&inner, DER_SEQUENCE, &directory) || !read_name(r, FIELD_TLS_SAN, directory)))
            return false;
    }
    return true;
}

/* Extensions ::= SEQUENCE OF SEQUENCE { extnID OID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
 */
static bool read_extensions(struct reading *r, struct bytes outer)
{
    struct cursor c = cursor_over(outer), all;
    struct bytes list;

    if (!ber_take(&c, DER_SEQUENCE, &list))
        return false;
    for (all = cursor_over(list); cursor_left(&all);) {
        struct bytes extension, oid;
        struct cursor inner;
        struct ber value;

        if (!ber_take(&all, DER_SEQUENCE, &extension))
            return false;
        inner = cursor_over(extension);
        if (!ber_take(&inner, DER_OID, &oid) || ber_next(&inner, &value) != BER_OK)
            return false;
        if (value.tag != DER_OCTETS && ber_next(&inner, &value) != BER_OK)
            return false;
        /* id-ce-subjectAltName, 2.5.29.17 */
        if (bytes_eq(oid, BYTES_LIT("\x55\x1d\x11")) && !read_alternatives(r, value.value))
            return false;
    }
    return true;
}

/* TBSCertificate ::= SEQUENCE { version [0] OPTIONAL, serialNumber, signature, issuer, validity, subject,
 * subjectPublicKeyInfo, issuerUniqueID [1] OPTIONAL, subjectUniqueID [2] OPTIONAL, extensions [3] OPTIONAL }
 */
static bool read_tbs(struct reading *r, struct bytes tbs)
{
    struct cursor c = cursor_over(tbs);
    struct bytes algorithm, issuer, validity, subject, key;
    struct ber part;

    if (ber_next(&c, &part) != BER_OK || (part.tag == DER_VERSION && ber_next(&c, &part) != BER_OK) ||
        part.tag != DER_INTEGER)
        return false;
    if (!ber_take(&c, DER_SEQUENCE, &algorithm) || !ber_take(&c, DER_SEQUENCE, &issuer) ||
        !read_name(r, FIELD_TLS_ISSUER, issuer) || !ber_take(&c, DER_SEQUENCE, &validity) ||
        !ber_take(&c, DER_SEQUENCE, &subject) || !read_name(r, FIELD_TLS_SUBJECT, subject) ||
        !ber_take(&c, DER_SEQUENCE, &key))
        return false;
    while (cursor_left(&c)) {
        if (ber_next(&c, &part) != BER_OK)
            return false;
        if (part.tag == DER_EXTENSIONS)
            return read_extensions(r, part.value);
    }
    return true;
}

bool x509_names(struct bytes certificate, x509_name_fn *fn, void *arg)
{
    struct reading r = {.fn = fn, .arg = arg};
    struct cursor c = cursor_over(certificate), inner;
    struct bytes outer, tbs;

    if (!ber_take(&c, DER_SEQUENCE, &outer))
        return false;
    inner = cursor_over(outer);
    return ber_take(&inner, DER_SEQUENCE, &tbs) && read_tbs(&r, tbs);
}
