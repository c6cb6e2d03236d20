/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"

/* Reasons that many keywords share. */
#define STATE   "rules keep no such state"
#define PACKET  "the headers of packets are not offered to rules"
#define BYTES   "it reads numbers in a way that is not offered"
#define CHANGED "it changes a buffer in a way that is not offered"
#define ABSENT  "there is no such buffer"

#define CURE_STAGE "use flowbits, xbits or flowint"
#define CURE_LDAP  "use byte_test, byte_jump or byte_extract"
#define CURE_OUT   "leave it out"
#define CURE_LIST  "docs/RULES.md lists the buffers"

struct refused {
    const char *name, *reason, *cure;
};

static const struct refused refused[] = {
    {"hostbits", STATE, CURE_STAGE},
    {"flowvar", STATE, CURE_STAGE},
    {"pktvar", STATE, CURE_STAGE},
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
    {"app-layer-event", "events of parsers are not offered", CURE_OUT},
    {"stream-event", PACKET, CURE_OUT},
    {"decode-event", PACKET, CURE_OUT},
    {"engine-event", PACKET, CURE_OUT},
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
    {"requires", "conditions on the engine are not judged", CURE_OUT},

    {"ldap.request.message_id", ABSENT, CURE_LIST},
    {"to_md5", CHANGED, CURE_OUT},
    {"to_sha1", CHANGED, CURE_OUT},
    {"to_sha256", CHANGED, CURE_OUT},
};

bool draft_refuse_keyword(struct rule_draft *d)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (bytes_eq_nocase(d->option->keyword, bytes_str(refused[i].name)))
            return draft_refuse(d, "%s: %s", refused[i].reason, refused[i].cure);
    return true;
}
