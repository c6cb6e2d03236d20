/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"

/* Reasons that many keywords share. */
#define STATE   "rules keep no state from one sighting to the next"
#define PACKET  "rules see what was understood of a connection, not packets"
#define BYTES   "buffers hold what was understood, so there is no length or number to read out of bytes"
#define CHANGED "buffers are offered as they are, without transformations"
#define OLD     "it stands behind a content"
#define ABSENT  "there is no such buffer"

#define CURE_STAGE "use jndi.stage; the incident joins what belongs together"
#define CURE_LDAP  "use the ldap.*, rmi.* and java.* buffers"
#define CURE_OUT   "leave it out"
#define CURE_LIST  "docs/RULES.md lists the buffers"

struct refused {
    const char *name, *reason, *cure;
};

static const struct refused refused[] = {
    {"threshold", "repeats of one lookup are folded already", CURE_OUT},
    {"detection_filter", "repeats of one lookup are folded already", CURE_OUT},
    {"flowbits", STATE, CURE_STAGE},
    {"xbits", STATE, CURE_STAGE},
    {"hostbits", STATE, CURE_STAGE},
    {"flowint", STATE, CURE_STAGE},
    {"flowvar", STATE, CURE_STAGE},
    {"pktvar", STATE, CURE_STAGE},
    {"noalert", "a rule that never alerts would do nothing here", "take the rule out"},
    {"alert", "every rule alerts", CURE_OUT},
    {"byte_test", BYTES, CURE_LDAP},
    {"byte_jump", BYTES, CURE_LDAP},
    {"byte_extract", BYTES, CURE_LDAP},
    {"byte_math", BYTES, CURE_LDAP},
    {"asn1", BYTES, CURE_LDAP},
    {"base64_decode", "lookups are decoded before rules see them", "use jndi.name or jndi.technique"},
    {"base64_data", "lookups are decoded before rules see them", "use jndi.name or jndi.technique"},
    {"lua", "rules run no scripts", "say it with contents and pcre"},
    {"luajit", "rules run no scripts", "say it with contents and pcre"},
    {"dataset", "rules read no lists from files",
     "write the values as contents of several rules, or one pcre"},
    {"datarep", "rules read no lists from files",
     "write the values as contents of several rules, or one pcre"},
    {"iprep", "there is no address reputation", "write the addresses into the rule's header"},
    {"geoip", "there is no map of countries", "write the addresses into the rule's header"},
    {"filestore", "files are not stored", CURE_OUT},
    {"filemagic", "files are not typed", "use java.content"},
    {"file.magic", "files are not typed", "use java.content"},
    {"filemd5", "files are not hashed by rules", "use java.class"},
    {"filesha1", "files are not hashed by rules", "use java.class"},
    {"filesha256", "files are not hashed by rules", "use java.class"},
    {"filename", ABSENT, "use jndi.path or http.uri"},
    {"file.name", ABSENT, "use jndi.path or http.uri"},
    {"fileext", ABSENT, "use http.uri with endswith"},
    {"app-layer-protocol", "the protocol stands in the rule's header", "write alert http, dns, ldap or rmi"},
    {"app-layer-event", "events of parsers are not offered", CURE_OUT},
    {"stream-event", PACKET, CURE_OUT},
    {"decode-event", PACKET, CURE_OUT},
    {"engine-event", PACKET, CURE_OUT},
    {"stream_size", PACKET, CURE_OUT},
    {"dsize", PACKET, "use bsize on a buffer"},
    {"urilen", "it is a size of one buffer", "write http.uri; bsize:N;"},
    {"flags", PACKET, CURE_OUT},
    {"tcp.flags", PACKET, CURE_OUT},
    {"ttl", PACKET, CURE_OUT},
    {"ack", PACKET, CURE_OUT},
    {"seq", PACKET, CURE_OUT},
    {"window", PACKET, CURE_OUT},
    {"ipopts", PACKET, CURE_OUT},
    {"ip_proto", PACKET, "write tcp or udp into the rule's header"},
    {"sameip", PACKET, CURE_OUT},
    {"flow.age", "the age of a flow is not offered", CURE_OUT},
    {"replace", "the sensor only listens", CURE_OUT},
    {"tag", "packets are not recorded", CURE_OUT},
    {"bypass", "nothing is passed by", CURE_OUT},
    {"prefilter", "every rule is tried by its buffers first", CURE_OUT},
    {"requires", "conditions on the engine are not judged", CURE_OUT},
    {"rawbytes", "there is no raw payload to search", "write a buffer in front of the content"},
    {"uricontent", OLD, "write http.uri; and then a content"},
    {"http_uri", OLD, "write http.uri; in front of the content"},
    {"http_raw_uri", OLD, "write http.uri; in front of the content"},
    {"http_method", OLD, "write http.method; in front of the content"},
    {"http_host", OLD, "write http.host; in front of the content"},
    {"http_raw_host", OLD, "write http.host; in front of the content"},
    {"http_user_agent", OLD, "write http.user_agent; in front of the content"},
    {"http_stat_code", OLD, "write http.stat_code; in front of the content"},
    {"http_header", ABSENT, "use jndi.name, which is found in every header"},
    {"http_raw_header", ABSENT, "use jndi.name, which is found in every header"},
    {"http_cookie", ABSENT, "use jndi.name, which is found in every header"},
    {"http_client_body", ABSENT, "use jndi.name, which is found in every body"},
    {"http_server_body", ABSENT, "use the java.* buffers"},
    {"http.uri.raw", "http.uri is as sent already", "write http.uri"},
    {"http.host.raw", "http.host is as sent already", "write http.host"},
    {"http.header", ABSENT, "use jndi.name, which is found in every header"},
    {"http.header.raw", ABSENT, "use jndi.name, which is found in every header"},
    {"http.request_header", ABSENT, "use jndi.name with jndi.location"},
    {"http.response_header", ABSENT, "use jndi.name with jndi.location"},
    {"http.cookie", ABSENT, "use jndi.name, which is found in every header"},
    {"http.request_body", ABSENT, "use jndi.name, which is found in every body"},
    {"http.response_body", ABSENT, "use the java.* buffers"},
    {"file_data", ABSENT, "use the java.* buffers"},
    {"file.data", ABSENT, "use the java.* buffers"},
    {"pkt_data", "there is no raw payload to search", "write a buffer such as jndi.name"},
    {"dns_query", OLD, "write dns.rrname; in front of the content"},
    {"dns.query", ABSENT, "write dns.rrname"},
    {"tls.sni", "what TLS carries cannot be read", CURE_LIST},
    {"ldap.request.message_id", ABSENT, CURE_LIST},
    {"dotprefix", CHANGED, "write the content with its dot, and one more rule for the bare name"},
    {"to_lowercase", CHANGED, "write nocase after the content"},
    {"to_uppercase", CHANGED, "write nocase after the content"},
    {"header_lowercase", CHANGED, "write nocase after the content"},
    {"url_decode", "lookups are decoded before rules see them", "use jndi.name"},
    {"strip_whitespace", CHANGED, "use a pcre"},
    {"compress_whitespace", CHANGED, "use a pcre"},
    {"strip_pseudo_headers", CHANGED, CURE_OUT},
    {"pcrexform", CHANGED, "use a pcre"},
    {"xor", CHANGED, CURE_OUT},
    {"to_md5", CHANGED, CURE_OUT},
    {"to_sha1", CHANGED, CURE_OUT},
    {"to_sha256", CHANGED, CURE_OUT},
};

bool draft_refuse_keyword(struct rule_draft *d)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (bytes_eq(d->option->keyword, bytes_str(refused[i].name)))
            return draft_refuse(d, "%s: %s", refused[i].reason, refused[i].cure);
    return true;
}
