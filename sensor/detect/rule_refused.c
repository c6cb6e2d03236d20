/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"

/* Reasons that many keywords share. */
#define STATE   "rules keep no such state"
#define PACKET  "the headers of packets are not offered to rules"
#define BYTES   "it reads numbers in a way that is not offered"
#define CHANGED "it changes a buffer in a way that is not offered"
#define ABSENT  "there is no such buffer"
#define TLS     "of TLS that is not offered"
#define FAMILY  "this protocol has no buffers"

#define CURE_STAGE "use flowbits, xbits or flowint"
#define CURE_LDAP  "use byte_test, byte_jump or byte_extract"
#define CURE_OUT   "leave it out"
#define CURE_TLS   "use tls.sni, the tls.cert_* buffers or ja3.hash"
#define CURE_RAW   "search the payload with contents"
#define CURE_LIST  "docs/RULES.md lists the buffers"

struct refused {
    const char *name, *reason, *cure;
};

static const struct refused refused[] = {
    {"hostbits", STATE, CURE_STAGE},
    {"flowvar", STATE, CURE_STAGE},
    {"pktvar", STATE, CURE_STAGE},
    {"asn1", BYTES, CURE_LDAP},
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
    {"flow.age", "the age of a flow is not offered", CURE_OUT},
    {"replace", "the sensor only listens", CURE_OUT},
    {"tag", "packets are not recorded", CURE_OUT},
    {"bypass", "nothing is passed by", CURE_OUT},
    {"requires", "conditions on the engine are not judged", CURE_OUT},

    {"ldap.request.message_id", ABSENT, CURE_LIST},
    {"to_md5", CHANGED, CURE_OUT},
    {"to_sha1", CHANGED, CURE_OUT},
    {"to_sha256", CHANGED, CURE_OUT},
    {"tcp.ack", PACKET, CURE_OUT},
    {"tcp.seq", PACKET, CURE_OUT},
    {"tcp.window", PACKET, CURE_OUT},
    {"tcp.mss", PACKET, CURE_OUT},
    {"tcp.hdr", PACKET, CURE_OUT},
    {"udp.hdr", PACKET, CURE_OUT},
    {"ip.src", PACKET, "write the addresses into the rule's header"},
    {"ip.dst", PACKET, "write the addresses into the rule's header"},
    {"ipv4.hdr", PACKET, CURE_OUT},
    {"ipv6.hdr", PACKET, CURE_OUT},
    {"l3_proto", PACKET, "write alert ip4 or ip6"},
    {"fragbits", PACKET, CURE_OUT},
    {"fragoffset", PACKET, CURE_OUT},
    {"tos", PACKET, CURE_OUT},
    {"id", PACKET, CURE_OUT},
    {"itype", PACKET, CURE_OUT},
    {"icode", PACKET, CURE_OUT},
    {"ipv4-csum", PACKET, CURE_OUT},
    {"tcpv4-csum", PACKET, CURE_OUT},
    {"tcpv6-csum", PACKET, CURE_OUT},
    {"udpv4-csum", PACKET, CURE_OUT},
    {"udpv6-csum", PACKET, CURE_OUT},
    {"nfq_set_mark", "the sensor only listens", CURE_OUT},
    {"config", "rules do not configure the sensor", "use its settings"},
    {"frame", "protocols are not offered by their frames", CURE_LIST},
    {"ftpbounce", "FTP is known by name only", "search its commands with contents"},
    {"ftpdata_command", "FTP is known by name only", "search its commands with contents"},
    {"rpc", "RPC is not taken apart", CURE_OUT},
    {"filesize", "files are not measured", CURE_OUT},
    {"dns.opcode", "the header of DNS messages is not offered", "use dns.query"},
    {"dns.rcode", "the header of DNS messages is not offered", "use dns.query"},
    {"dns.answer*", "the records of DNS answers are not offered",
     "use dns.query, or contents of the payload"},
    {"dns.response*", "the records of DNS answers are not offered",
     "use dns.query, or contents of the payload"},
    {"dns.authorit*", "the records of DNS answers are not offered",
     "use dns.query, or contents of the payload"},
    {"dns.additional*", "the records of DNS answers are not offered",
     "use dns.query, or contents of the payload"},
    {"dns.quer*", ABSENT, "write dns.query"},
    {"tls.version", TLS, CURE_TLS},
    {"tls.fingerprint", TLS, "write tls.cert_fingerprint; and a content"},
    {"tls_store", "certificates are not stored", CURE_OUT},
    {"tls.cert_chain_len", TLS, CURE_TLS},
    {"tls.random", TLS, CURE_TLS},
    {"tls.random_time", TLS, CURE_TLS},
    {"tls.random_bytes", TLS, CURE_TLS},
    {"ja3.string", TLS, "write ja3.hash"},
    {"tls.alpn", TLS, CURE_TLS},
    {"tls.subjectaltname", TLS, "use tls.certs with a content"},
    {"tls.store", "certificates are not stored", CURE_OUT},
    {"smtp.*", FAMILY, "search the payload with contents, or file.data"},
    {"email.*", FAMILY, "search the payload with contents, or file.data"},
    {"ftp.*", "FTP is known by name only", "search its commands with contents"},
    {"dce_*", FAMILY, CURE_RAW},
    {"vlan.*", PACKET, CURE_OUT},
    {"flow.pkts*", "the size of a flow is not offered", "use stream_size"},
    {"flow.bytes*", "the size of a flow is not offered", "use stream_size"},
    {"entropy", BYTES, CURE_LDAP},
    {"file.*", "files are not offered by what they are", "use file.data"},
    {"websocket.*", FAMILY, CURE_RAW},
    {"template2", "it is an example of Suricata's", CURE_OUT},
    /* Families: all that begins so. */
    {"icmp*", "only TCP and UDP carry what is read", CURE_OUT},
    {"tls_cert_*", TLS, CURE_TLS},
    {"ssl_*", TLS, CURE_TLS},
    {"ja3s.*", TLS, "write ja3.hash"},
    {"ssh.*", "SSH is known by name only", "search its first words with contents"},
    {"sip.*", FAMILY, CURE_RAW},
    {"mqtt.*", FAMILY, CURE_RAW},
    {"http2.*", "frames of HTTP/2 are not offered", "write the http.* buffers, which it has, too"},
    {"nfs*", FAMILY, CURE_RAW},
    {"dcerpc.*", FAMILY, CURE_RAW},
    {"smb.*", FAMILY, CURE_RAW},
    {"modbus*", FAMILY, CURE_RAW},
    {"cip_*", FAMILY, CURE_RAW},
    {"enip_*", FAMILY, CURE_RAW},
    {"dnp3*", FAMILY, CURE_RAW},
    {"krb5*", FAMILY, CURE_RAW},
    {"rfb.*", FAMILY, CURE_RAW},
    {"dhcp.*", FAMILY, CURE_RAW},
    {"snmp.*", FAMILY, CURE_RAW},
    {"quic.*", FAMILY, CURE_RAW},
    {"ike.*", FAMILY, CURE_RAW},
};

/* A row's name, or all that begins like it when it ends in a star. */
static bool is_named(struct bytes keyword, struct bytes row)
{
    if (row.p[row.len - 1] == '*')
        return bytes_starts_nocase(keyword, bytes_slice(row, 0, row.len - 1));
    return bytes_eq_nocase(keyword, row);
}

bool draft_refuse_keyword(struct rule_draft *d)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (is_named(d->option->keyword, bytes_str(refused[i].name)))
            return draft_refuse(d, "%s: %s", refused[i].reason, refused[i].cure);
    return true;
}
