/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANNEL_RECORD_H
#define CHANNEL_RECORD_H

#include "base/buf.h"
#include "detect/finding.h"

/* What crosses from the half that parses to the half that must not: plain bytes, no pointers, fixed widths.
 * Every record begins with a struct record_place, which says how long it is, what it is, and where it belongs
 * among all others. Host byte order: both ends are the same program.
 *
 * Here: findings and anomalies. struct record_head, then items {u16 tag, u16 attr or 0, u32 length, bytes}.
 * The other kinds: report.h. */

#define RECORD_VERSION 4
#define RECORD_MAX     65536 /* bytes of one record */

enum record_kind {
    RECORD_FINDING = 1,
    RECORD_ANOMALY,
    RECORD_LINE,  /* a finished line of EVE JSON */
    RECORD_FACT,  /* something correlation wants to know and nobody else */
    RECORD_MARK,  /* nothing but its place: the sender has come so far */
    RECORD_STATS, /* the sender's counters at this place */
    RECORD_LOG,   /* words for the operator */
    RECORD_KIND_N
};

/* Within one frame: first what the clock brought about (flows that ended, holes given up), ordered by flow;
 * then what the frame itself showed, as it came; then what is said about all of it. */
enum record_rank { RANK_CLOCK, RANK_FRAME, RANK_AFTER, RANK_N };

#define FRAME_LAST UINT64_MAX /* after every frame: what the end of the input brought about */

/* The beginning of every record. The same input gives the same places, whichever worker sees which part of
 * it: they decide the order of everything that is written. */
struct record_place {
    uint32_t size; /* of the whole record */
    uint16_t version;
    uint16_t kind;
    uint32_t rank;
    uint32_t generation; /* of the rules that the sender goes by */
    uint64_t frame;      /* the one at hand when this was found */
    uint64_t clock_us;   /* its time */
    uint64_t flow_id;    /* 0: of none */
};

/* False when b does not begin with a place, or is not exactly one record long. What follows it is not looked
 * at. */
bool record_place_read(struct bytes b, struct record_place *out);

/* The size that stands first; 0 when b does not hold that many bytes yet, SIZE_MAX when no record has that
 * size. */
size_t record_size(struct bytes b);

/* Before, at or after: -1, 0, 1. */
int record_order(const struct record_place *a, const struct record_place *b);

enum record_tag {
    RECORD_ATTR = 1, /* with the attr's id */
    RECORD_LOCATION,
    RECORD_FIELD_NAME,
    RECORD_APP_PROTO,
    RECORD_PAYLOAD,
    RECORD_RAW,
    RECORD_DECODED,
    RECORD_INEFFECTIVE,
    RECORD_VERSIONS,
    RECORD_HTTP_METHOD,
    RECORD_HTTP_URL,
    RECORD_HTTP_PROTOCOL,
    RECORD_HTTP_HOST,
    RECORD_HTTP_USER_AGENT,
    RECORD_HTTP_REFERER,
    RECORD_HTTP_CONTENT_TYPE,
    RECORD_DNS_NAME, /* of a record that has no http; likewise tls */
    RECORD_TLS_SNI,
    RECORD_TLS_JA3,
    RECORD_TLS_JA4,
    RECORD_TLS_SUBJECT, /* of the certificate at hand; likewise the next five */
    RECORD_TLS_ISSUER,
    RECORD_TLS_SERIAL,
    RECORD_TLS_FINGERPRINT,
    RECORD_TLS_NOT_BEFORE,
    RECORD_TLS_NOT_AFTER,
    RECORD_ATTRS_CUT, /* empty: the finding had more attrs than a list holds */
    RECORD_SOURCE,    /* capture file or interface, ends with a zero byte */
    RECORD_TAG_N
};

enum record_tls { RECORD_NO_TLS, RECORD_TLS_OF_CLIENT, RECORD_TLS_OF_SERVER }; /* whose certificate it is */

/* Numbers of a finding, or of an anomaly, which has neither rule nor items. Sides are the flow's; packet_side
 * sent the packet that showed it. */
struct record_head {
    uint32_t size; /* from here ... */
    uint16_t version;
    uint16_t kind;
    uint32_t rank;
    uint32_t generation;
    uint64_t frame;
    uint64_t clock_us;
    uint64_t flow_id; /* ... to here a struct record_place */
    uint32_t gid, sid;
    uint64_t ts_us, packet; /* what completed it: with a hole given up, an older one than the frame */
    uint64_t flow_first_us;
    uint64_t packets[2], bytes[2];
    struct addr addr[2];
    uint16_t port[2];
    uint16_t vlans[PACKET_MAX_VLANS];
    uint8_t n_vlans, proto, client, packet_side;
    uint64_t message;
    uint32_t depth, confidence;
    uint32_t http_status;
    uint32_t has_http;
    uint64_t http_length, http_stream; /* http_stream: HTTP/2's number of it; 0 = HTTP/1 */
    uint16_t dns_id, dns_flags, dns_type, tls_version;
    uint8_t has_dns; /* 1: a query, 2: an answer */
    uint8_t dns_rcode, dns_opcode;
    uint8_t has_tls;   /* enum record_tls */
    uint32_t conflict; /* 1: found in a version of the stream that was perhaps never received */
    uint32_t anomaly;  /* enum anomaly_kind */
    uint64_t n;        /* anomaly: how often so far */
};

/* A record taken apart: views into it. */
struct record {
    struct record_head head;
    struct attrs attrs;
    struct bytes item[RECORD_TAG_N]; /* by tag; p NULL when absent. RECORD_ATTR is unused: see attrs */
};

/* Appends the finding's record to out. Long strings are cut so that every finding makes a record of at most
 * RECORD_MAX: nobody hides an alert by making it big. False when out has no room (then nothing was added).
 * payload_max bounds the payload that is carried: the part around raw. */
bool record_write(struct buf *out, const struct finding *f, size_t payload_max);

/* Appends the anomaly's record: its flow has id 0 and no ports when there is none. False when out has no
 * room. */
bool record_write_anomaly(struct buf *out, const struct anomaly *a);

/* Appends, to the record that begins at start and is the last one in out, where its packet came from; cut to
 * 1,024 bytes. There is always room for it under RECORD_MAX. False when out has no room. */
bool record_add_source(struct buf *out, size_t start, const char *source);

/* Says of the record at start where it belongs. */
void record_set_place(struct buf *out, size_t start, enum record_rank rank, uint64_t frame,
                      uint64_t clock_us);

/* And by which reading of the rules it was made; 0 without. */
void record_set_generation(struct buf *out, size_t start, uint32_t generation);

/* False when b is no whole, well-formed finding or anomaly of this version: the other end may have been taken
 * over. */
bool record_read(struct bytes b, struct record *out);

/* The n bytes of payload that show best what stands at offset at: a quarter of them before it. */
struct bytes record_window(struct bytes payload, size_t at, size_t n);

#endif
