/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/ldap_filter.h"
#include "inspect/ldap_reading.h"
#include "inspect/kit.h"

#include "base/buf.h"

/* What a client asks. */

enum { LDAP_V3 = 3 };
enum { AUTH_SIMPLE = 0x80, AUTH_SASL = 0xa3 };
/* [MS-ADTS] 5.1.1.1.3: how Windows brings NTLM into a bind. */
enum { SICILY_DISCOVERY = 0x89, SICILY_NEGOTIATE = 0x8a, SICILY_RESPONSE = 0x8b };

#define MAX_FILTER_TEXTS 256  /* per search; more than that is given raw in one piece */
#define FILTER_MAX       2048 /* of a filter as it is told */
#define SEARCH_MAX_TYPES 16   /* attributes asked for that are told */
#define KNOWN_CONTROLS   64   /* JNDI's own are 29 bytes */

/* AuthenticationChoice ::= CHOICE { simple [0] OCTET STRING, sasl [3] { mechanism, credentials } }. Text that
 * a server may log is given. */
static void read_credentials(struct reading *r, struct bytes name, struct bytes choice, struct attrs *a)
{
    struct cursor c = cursor_over(choice), sasl;
    struct bytes rest = choice, auth = BYTES_LIT("other"), mechanism;
    struct ber credentials;

    if (ber_next(&c, &credentials) == BER_OK) {
        switch (credentials.tag) {
        case AUTH_SIMPLE:
            ldap_give_text(r, FIELD_LDAP_BIND_PASSWORD, credentials.value);
            rest = cursor_rest(&c);
            auth = name.len || credentials.value.len ? BYTES_LIT("simple") : BYTES_LIT("anonymous");
            r->talk->binds_as_jdk = r->version == LDAP_V3;
            break;
        case AUTH_SASL:
            sasl = cursor_over(credentials.value);
            if (ber_take(&sasl, LDAP_OCTETS, &mechanism))
                auth = mechanism;
            r->talk->windows |= bytes_eq_nocase(auth, BYTES_LIT("GSS-SPNEGO"));
            break;
        case SICILY_DISCOVERY:
        case SICILY_NEGOTIATE:
        case SICILY_RESPONSE:
            auth = BYTES_LIT("sicily");
            r->talk->windows = true;
            break;
        default:
            break;
        }
    }
    ldap_give_raw(r, rest);
    attrs_add(a, ATTR_LDAP_REQUEST_AUTH, auth);
}

/* BindRequest ::= SEQUENCE { version INTEGER, name LDAPDN, authentication CHOICE } */
static bool read_bind(struct reading *r, struct bytes op)
{
    struct cursor c = cursor_over(op);
    struct attrs a = {.n = 0};
    struct bytes version, name;

    if (!ber_take(&c, LDAP_INTEGER, &version) || !ber_take(&c, LDAP_OCTETS, &name))
        return false;
    (void)ber_uint(version, &r->version);
    r->talk->bound = true;
    r->talk->binds_as_jdk = false;
    ldap_give_text(r, FIELD_LDAP_BIND_DN, name);
    attrs_add(&a, ATTR_LDAP_REQUEST_OPERATION, BYTES_LIT("bind_request"));
    attrs_add(&a, ATTR_LDAP_REQUEST_DN, name);
    read_credentials(r, name, cursor_rest(&c), &a);
    (void)ldap_add_controls(r, &a);
    ldap_give_fact(r, &a);
    return true;
}

static void on_filter_text(void *arg, struct bytes text)
{
    struct reading *r = arg;

    if (r->n_texts < MAX_FILTER_TEXTS)
        ldap_give_text(r, FIELD_LDAP_SEARCH_FILTER, text);
    r->n_texts++;
}

/* SearchRequest ::= SEQUENCE { baseObject, scope, derefAliases, sizeLimit, timeLimit, typesOnly, filter,
 * attributes } */
struct search {
    struct bytes base, types_only, types; /* types: the list of attributes asked for */
    uint32_t scope, deref, size, time;
    struct ber filter;
    bool manages; /* with JNDI's control */
};

/* How much a search is like the JDK's for a lookup. */
enum likeness {
    LIKE_NONE,
    LIKE_SHAPE, /* another client can be made to ask so: ldapsearch -s base -a always '(objectClass=*)' */
    LIKE_ALL,
};

static bool take_search(struct bytes op, struct search *s, struct bytes *behind_filter)
{
    struct cursor c = cursor_over(op);
    struct bytes scope, deref, size, time;

    if (!ber_take(&c, LDAP_OCTETS, &s->base) || !ber_take(&c, LDAP_ENUM, &scope) ||
        !ber_take(&c, LDAP_ENUM, &deref) || !ber_take(&c, LDAP_INTEGER, &size) ||
        !ber_take(&c, LDAP_INTEGER, &time) || !ber_take(&c, LDAP_BOOLEAN, &s->types_only) ||
        ber_next(&c, &s->filter) != BER_OK)
        return false;
    *behind_filter = cursor_rest(&c);
    s->scope = s->deref = s->size = s->time = UINT32_MAX;
    (void)ber_uint(scope, &s->scope);
    (void)ber_uint(deref, &s->deref);
    (void)ber_uint(size, &s->size);
    (void)ber_uint(time, &s->time);
    if (!ber_take(&c, LDAP_SEQUENCE, &s->types))
        s->types = (struct bytes){NULL, 0};
    return true;
}

/* How the JDK looks a name up (LdapCtx.c_lookup; the same bytes from 8u51 to 17): base object, always
 * dereference, no limits, all attributes, any object, and its filter so spelled, which is how it differs from
 * ldapsearch. */
static bool has_shape(const struct search *s)
{
    return s->scope == 0 && s->deref == 3 && s->size == 0 && s->time == 0 && s->types_only.len == 1 &&
           s->types_only.p[0] == 0 && s->types.p && s->types.len == 0 && s->filter.tag == 0x87 &&
           bytes_eq(s->filter.value, BYTES_LIT("objectClass"));
}

/* What it shows beside the search: it binds as LDAPv3, by name and password or without, counts its messages
 * one by one, whether the connection is new or comes from a pool, and asks with one control, ManageDsaIT, as
 * long as it does not follow referrals. */
static enum likeness likeness_of(const struct reading *r, const struct search *s)
{
    const struct ldap_talk *t = r->talk;

    if (!has_shape(s) || t->windows)
        return LIKE_NONE;
    return s->manages && !t->skips && (!t->bound || t->binds_as_jdk) ? LIKE_ALL : LIKE_SHAPE;
}

/* Directory searches of the same JDK have a scope, a filter or names of attributes; its defaults, always to
 * dereference and never to be referred, are nobody else's together. */
static const char *client_of(const struct reading *r, const struct search *s)
{
    switch (likeness_of(r, s)) {
    case LIKE_ALL:
        return "jndi";
    case LIKE_SHAPE:
        return "jndi-like";
    case LIKE_NONE:
        break;
    }
    if (s->deref == 3 && s->manages)
        return "java";
    return r->talk->windows ? "windows" : "other";
}

static void add_types(struct attrs *a, struct bytes types)
{
    struct cursor c = cursor_over(types);
    struct bytes type;

    for (unsigned n = 0; n < SEARCH_MAX_TYPES && cursor_left(&c) && ber_take(&c, LDAP_OCTETS, &type); n++)
        attrs_add(a, ATTR_LDAP_REQUEST_ATTRIBUTE_TYPE, type);
}

/* Words of RFC 4511 section 4.5.1.2 and 4.5.1.3. */
static struct bytes word(const char *const *words, unsigned n, uint32_t number)
{
    return bytes_str(number < n ? words[number] : "other");
}

static void remember(struct reading *r, const struct search *s, const char *client)
{
    struct ldap_talk *t = r->talk;

    t->open[t->next_open] = (struct ldap_open){.number = r->number,
                                               .id = r->id,
                                               .client = client,
                                               .used = true,
                                               .lookup = likeness_of(r, s) != LIKE_NONE};
    t->next_open = (uint8_t)((t->next_open + 1) % LDAP_MAX_OPEN);
}

static void tell_search(struct reading *r, struct search *s)
{
    static const char *const scopes[] = {"base", "one", "subtree", "subordinate"};
    static const char *const derefs[] = {"never", "searching", "finding", "always"};
    struct buf filter = buf_within(FILTER_MAX), command = buf_within(KIT_COMMAND_MAX);
    struct kit kit = kit_of_path(s->base, &command);
    struct attrs a = {.n = 0};
    const char *client;

    (void)ldap_filter_print(s->filter, &filter);
    attrs_add(&a, ATTR_LDAP_REQUEST_OPERATION, BYTES_LIT("search_request"));
    attrs_add(&a, ATTR_LDAP_REQUEST_DN, s->base);
    attrs_add(&a, ATTR_LDAP_REQUEST_SCOPE, word(scopes, 4, s->scope));
    attrs_add(&a, ATTR_LDAP_REQUEST_DEREF, word(derefs, 4, s->deref));
    attrs_add(&a, ATTR_LDAP_REQUEST_FILTER, buf_bytes(&filter));
    s->manages = ldap_add_controls(r, &a);
    client = client_of(r, s);
    attrs_add(&a, ATTR_LDAP_CLIENT, bytes_str(client));
    if (likeness_of(r, s) != LIKE_NONE)
        attrs_add(&a, ATTR_JNDI_STAGE, BYTES_LIT("callback"));
    kit_add_attrs(&kit, buf_bytes(&command), &a);
    ldap_add_opening(r, &a);
    add_types(&a, s->types);
    remember(r, s, client);
    ldap_give_fact(r, &a);
    buf_drop(&filter);
    buf_drop(&command);
}

static bool read_search(struct reading *r, struct bytes op)
{
    struct search s = {.scope = 0};
    struct bytes behind_filter;

    if (!take_search(op, &s, &behind_filter))
        return false;
    ldap_give_text(r, FIELD_LDAP_SEARCH_BASE, s.base);
    if (!ldap_filter_texts(s.filter, on_filter_text, r) || r->n_texts > MAX_FILTER_TEXTS)
        ldap_give_raw(r, s.filter.value);
    ldap_give_raw(r, behind_filter); /* the attributes asked for */
    if (r->controls.len > KNOWN_CONTROLS)
        ldap_give_raw(r, r->controls);
    tell_search(r, &s);
    return true;
}

/* ExtendedRequest ::= SEQUENCE { requestName [0], requestValue [1] OPTIONAL } */
static bool read_extended(struct reading *r, struct bytes op)
{
    struct cursor c = cursor_over(op);
    struct attrs a = {.n = 0};
    struct bytes name;

    if (!ber_take(&c, 0x80, &name))
        return false;
    ldap_give_raw(r, r->pdu);
    attrs_add(&a, ATTR_LDAP_REQUEST_OPERATION, BYTES_LIT("extended_request"));
    attrs_add(&a, ATTR_LDAP_EXTENSION, name);
    (void)ldap_add_controls(r, &a);
    ldap_add_opening(r, &a);
    ldap_give_fact(r, &a);
    return true;
}

/* Writes and the like: nothing of JNDI's own, but text all the same. */
static bool read_other(struct reading *r, const char *operation)
{
    struct attrs a = {.n = 0};

    ldap_give_raw(r, r->pdu);
    attrs_add(&a, ATTR_LDAP_REQUEST_OPERATION, bytes_str(operation));
    (void)ldap_add_controls(r, &a);
    ldap_add_opening(r, &a);
    ldap_give_fact(r, &a);
    return true;
}

static bool read_unbind(struct reading *r)
{
    struct attrs a = {.n = 0};

    attrs_add(&a, ATTR_LDAP_REQUEST_OPERATION, BYTES_LIT("unbind_request"));
    (void)ldap_add_controls(r, &a);
    if (r->controls.len > KNOWN_CONTROLS)
        ldap_give_raw(r, r->controls);
    ldap_give_fact(r, &a);
    return true;
}

bool ldap_read_request(struct reading *r, struct ber op)
{
    switch (op.tag) {
    case LDAP_OP_BIND:
        return read_bind(r, op.value);
    case LDAP_OP_SEARCH:
        return read_search(r, op.value);
    case LDAP_OP_UNBIND:
        return read_unbind(r);
    case LDAP_OP_EXTENDED:
        return read_extended(r, op.value);
    case LDAP_OP_MODIFY:
        return read_other(r, "modify_request");
    case LDAP_OP_ADD:
        return read_other(r, "add_request");
    case LDAP_OP_DELETE:
        return read_other(r, "del_request");
    case LDAP_OP_RENAME:
        return read_other(r, "mod_dn_request");
    case LDAP_OP_COMPARE:
        return read_other(r, "compare_request");
    default:
        return read_other(r, "abandon_request");
    }
}
