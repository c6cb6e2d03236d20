/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_ATTR_H
#define INSPECT_ATTR_H

#include "base/bytes.h"

/* What the sensor knows of a sighting, piece by piece. The names are the sticky buffers of the rule language;
 * where Suricata 8 has a name for the thing, it is Suricata's. A buffer may hold several values: a rule's
 * content is satisfied by any of them. */
#define ATTRS(X) \
    X(JNDI_STAGE, "jndi.stage", "lookup, callback, referral, reference, deserialization, class_delivery") \
    X(JNDI_NAME, "jndi.name", "the name that Log4j hands to JNDI: ldap://203.0.113.9:1389/a") \
    X(JNDI_RAW, "jndi.raw", \
      "the text it was worked out of, as it came: ${${lower:j}ndi:ldap://203.0.113.9:1389/a}") \
    X(JNDI_SCHEME, "jndi.scheme", "its scheme, in the case it has") \
    X(JNDI_HOST, "jndi.host", "its host: a name, an IPv4 address, an IPv6 address without brackets") \
    X(JNDI_PORT, "jndi.port", "its port in decimal, JNDI's default when it has none") \
    X(JNDI_PATH, "jndi.path", "what follows the authority, without its slash") \
    X(JNDI_TECHNIQUE, "jndi.technique", \
      "one value per disguise: lower, upper, default-value, date, url, base64 ...") \
    X(JNDI_LEAK, "jndi.leak", \
      "one value per secret that would travel: env:AWS_SECRET_ACCESS_KEY, hostName ...") \
    X(JNDI_EFFECTIVE, "jndi.effective", "yes, or no when no JDK would connect for this name") \
    X(JNDI_LOCATION, "jndi.location", \
      "where it was found: http.request_header, http.uri, dns.rrname, raw ...") \
    X(JNDI_FIELD, "jndi.field", \
      "which of them: a header's name, a parameter, a JSON path, a part of a form") \
    X(JNDI_KEY, "jndi.key", "a place inside that: a cookie's name, a JSON path inside a part") \
    X(JNDI_PART, "jndi.part", "name, value, filename or header, where there is something to tell apart") \
    X(JNDI_KIT, "jndi.kit", \
      "the attack tool that a path or a class belongs to: JNDIExploit, rogue-jndi ...") \
    X(JNDI_PAYLOAD, "jndi.payload", \
      "that tool's word for what it serves: Basic, TomcatBypass, Deserialization/URLDNS ...") \
    X(JNDI_COMMAND, "jndi.command", "the command, host or domain in such a path, decoded") \
    X(JNDI_ANSWER, "jndi.answer", \
      "how a callback ended: java, referral, entry (without Java), wrapper (a stub that leads to the " \
      "reference), stub, nothing, unread (lost on its way to us, or too long), refused (a bind)") \
    X(FLOW_OPENING, "flow.opening", \
      "ldap, rmi or giop, once in a flow: with the first request that says what its client wants") \
    X(JNDI_VERDICT, "jndi.verdict", \
      "of an incident that has come so far: vulnerable, delivered, compromised; only in alerts of their " \
      "own") \
    X(JNDI_REPEATS, "jndi.repeats", \
      "how often something was seen within correlate.fold-window, when that was more than once; only in " \
      "alerts of their own") \
    X(IOC_INDICATOR, "ioc.indicator", \
      "the item of a list that was met where no rule speaks; only in alerts of their own") \
    X(IOC_KIND, "ioc.kind", "domain, address, network, server, url, sha256") \
    X(IOC_LIST, "ioc.list", "the list that it stands on: the file's name without its ending") \
    X(IOC_WHERE, "ioc.where", "dns, http, tls, address, file, visit (an address that came)") \
    X(HTTP_METHOD, "http.method", "request method") \
    X(HTTP_URI, "http.uri", "request target as sent") \
    X(HTTP_HOST, "http.host", "Host header") \
    X(HTTP_USER_AGENT, "http.user_agent", "User-Agent header") \
    X(HTTP_STAT_CODE, "http.stat_code", "response status") \
    X(HTTP_CONTENT_TYPE, "http.content_type", "Content-Type of the message") \
    X(DNS_RRNAME, "dns.rrname", "a name in a question or an answer") \
    X(DNS_ODD, "dns.odd", "the characters of that name that no host name can have, each once") \
    X(DNS_RRTYPE, "dns.rrtype", "the type that such a query asks for: TXT, ANY") \
    X(DNS_CLIENT, "dns.client", "jndi when the query has the shape of the JDK's own") \
    X(JA3_HASH, "ja3.hash", "JA3 of the hello of a TLS client that is, or looks like, a JDK") \
    X(JA4_HASH, "ja4.hash", "its JA4") \
    X(TLS_CLIENT, "tls.client", \
      "Java 17, Java 25 ...: the JDK whose hello that is; Java, when it looks like one of another version") \
    X(LDAP_REQUEST_OPERATION, "ldap.request.operation", \
      "bind_request, search_request, unbind_request, extended_request, add_request ...") \
    X(LDAP_REQUEST_DN, "ldap.request.dn", "bind name or search base") \
    X(LDAP_REQUEST_AUTH, "ldap.request.auth", \
      "how a bind proves itself: anonymous, simple, sicily (NTLM), or the SASL mechanism") \
    X(LDAP_REQUEST_SCOPE, "ldap.request.scope", "base, one, subtree, subordinate") \
    X(LDAP_REQUEST_DEREF, "ldap.request.deref", "never, searching, finding, always") \
    X(LDAP_REQUEST_FILTER, "ldap.request.filter", "search filter as RFC 4515 writes it: (objectClass=*)") \
    X(LDAP_REQUEST_ATTRIBUTE_TYPE, "ldap.request.attribute_type", "one value per attribute asked for") \
    X(LDAP_REQUEST_CONTROL, "ldap.request.control", "one value per control: 2.16.840.1.113730.3.4.2 ...") \
    X(LDAP_EXTENSION, "ldap.extension", \
      "name of an extended operation: 1.3.6.1.4.1.1466.20037 is StartTLS, ...20036 the notice of " \
      "disconnection") \
    X(LDAP_RESPONSES_OPERATION, "ldap.responses.operation", \
      "bind_response, search_result_entry, search_result_reference, search_result_done ...") \
    X(LDAP_RESPONSES_RESULT_CODE, "ldap.responses.result_code", \
      "success, no_such_object, invalid_credentials ..., the number when it has no name") \
    X(LDAP_RESPONSES_MESSAGE, "ldap.responses.message", "diagnostic message of a result") \
    X(LDAP_RESPONSES_DN, "ldap.responses.dn", "object name of an entry") \
    X(LDAP_RESPONSES_ATTRIBUTE_TYPE, "ldap.responses.attribute_type", "one value per attribute of an entry") \
    X(LDAP_CLIENT, "ldap.client", \
      "whose search it is: jndi (the JDK's lookup), jndi-like (in its shape, also by others), java (the " \
      "JDK's " \
      "directory search), windows, other") \
    X(LDAP_REFERRAL, "ldap.referral", "one value per URL of a referral") \
    X(RMI_OPERATION, "rmi.operation", "handshake, ack, endpoint, call, return, exception") \
    X(RMI_METHOD, "rmi.method", \
      "method of a call: the registry's lookup, bind, list, rebind, unbind; JNDI's getReference; dgc; " \
      "other") \
    X(RMI_NAME, "rmi.name", "name looked up in a registry") \
    X(RMI_ENDPOINT, "rmi.endpoint", \
      "host:port: where a stub in the message leads, or what a peer calls itself in the handshake") \
    X(GIOP_MESSAGE, "giop.message", \
      "request, reply, cancel_request, locate_request, locate_reply, close_connection, message_error") \
    X(GIOP_OPERATION, "giop.operation", "operation of a request: resolve, _is_a ...") \
    X(GIOP_OBJECT, "giop.object", "key of the object that is asked: NameService ...") \
    X(GIOP_NAME, "giop.name", "name in a call of a naming service: id.kind/id") \
    X(GIOP_STATUS, "giop.status", "no_exception, user_exception, location_forward, object_here ...") \
    X(GIOP_ENDPOINT, "giop.endpoint", "one value per host:port that an object reference leads to") \
    X(JAVA_CLASS, "java.class", \
      "one value per class named in a reference, a serialized stream or a class file") \
    X(JAVA_CODEBASE, "java.codebase", "URL that classes are to be loaded from") \
    X(JAVA_FACTORY, "java.factory", "object factory of a reference") \
    X(JAVA_ADDRESS, "java.address", \
      "one value per address in a reference, and the place of a remote object: rmi://203.0.113.9/x") \
    X(JAVA_CONTENT, "java.content", \
      "reference, stub, exception, serialized, class, jar; no-object for serialized data that is no Java " \
      "stream") \
    X(JAVA_SERIALIZED, "java.serialized", "a serialized stream itself, from its ac ed 00 05 on") \
    X(JAVA_CLIENT, "java.client", "yes when the HTTP client says that it is a JVM") \
    X(JAVA_GADGET, "java.gadget", \
      "one value per gadget family whose classes a serialized stream names: CommonsCollections6, ROME ...") \
    X(JAVA_NESTED, "java.nested", "one value per class file inside a serialized stream: its class name") \
    X(JAVA_COMMAND, "java.command", \
      "one value per text in a class file or a serialized stream that is there to be executed") \
    X(JAVA_API, "java.api", \
      "one value per thing that a class file would reach for: Runtime.exec, Socket, ScriptEngine ...") \
    X(JAVA_HOST, "java.host", \
      "one value per host in a class file or serialized stream, with its port where known") \
    X(JAVA_URL, "java.url", "one value per URL in a class file") \
    X(JAVA_SUPER, "java.super", "superclass of a class file") \
    X(JAVA_VERSION, "java.version", "release of Java that a class file asks for: 8, 17 ...") \
    X(JAVA_SHA256, "java.sha256", "SHA-256 of a delivered class file, JAR or object, in hex") \
    X(JAVA_FETCH, "java.fetch", "what became of a fetch of Java code: delivered, redirected, failed") \
    X(HTTP_LOCATION, "http.location", "where a redirected fetch is sent")

enum attr_id {
#define X(symbol, name, help) ATTR_##symbol,
    ATTRS(X)
#undef X
        ATTR_N
};

struct attr_row {
    const char *name, *help;
};

extern const struct attr_row attr_rows[ATTR_N];

#define ATTRS_MAX 96

/* Values are borrowed from whoever made the list. */
struct attrs {
    unsigned n;
    bool cut; /* more were added than fit */
    struct {
        enum attr_id id;
        struct bytes value;
    } v[ATTRS_MAX];
};

/* Which of the attributes there are: one bit for each. */
#define ATTR_WORDS ((ATTR_N + 63) / 64)

struct attr_set {
    uint64_t word[ATTR_WORDS];
};

static inline void attr_set_add(struct attr_set *s, enum attr_id id)
{
    s->word[id / 64] |= (uint64_t)1 << id % 64;
}

/* True when all of part are in s. */
static inline bool attr_set_covers(const struct attr_set *s, const struct attr_set *part)
{
    uint64_t missing = 0;

    for (unsigned i = 0; i < ATTR_WORDS; i++)
        missing |= part->word[i] & ~s->word[i];
    return missing == 0;
}

/* True of what only rules ask for: it is evidence, which alerts show in a place of its own. */
static inline bool attr_is_evidence(enum attr_id id)
{
    return id == ATTR_JNDI_RAW || id == ATTR_JAVA_SERIALIZED;
}

struct attr_set attrs_present(const struct attrs *a);

/* Appends; empty values too. What does not fit sets cut. */
void attrs_add(struct attrs *a, enum attr_id id, struct bytes value);

/* The same, unless that id has that value already. */
void attrs_add_once(struct attrs *a, enum attr_id id, struct bytes value);

/* First value of that id; empty (p NULL) when there is none. */
struct bytes attrs_get(const struct attrs *a, enum attr_id id);

#endif
