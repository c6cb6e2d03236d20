/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANNEL_RECORD_H
#define CHANNEL_RECORD_H

#include "base/buf.h"
#include "detect/finding.h"

/* A finding or an anomaly as plain bytes, so that it can cross a process boundary: no pointers, fixed widths,
 * version first. Layout: struct record_head, then items {u16 tag, u16 attr or 0, u32 length, bytes}. Host
 * byte order: both ends are the same program. */

#define RECORD_VERSION 2
#define RECORD_MAX     65536 /* bytes of one record */

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
    RECORD_ATTRS_CUT, /* empty: the finding had more attrs than a list holds */
    RECORD_TAG_N
};

enum { RECORD_FINDING = 1, RECORD_ANOMALY };

/* Numbers of a finding, or of an anomaly, which has neither rule nor items. Sides are the flow's; packet_side
 * sent the packet that showed it. */
struct record_head {
    uint32_t size; /* of the whole record */
    uint16_t version;
    uint16_t kind; /* RECORD_FINDING or RECORD_ANOMALY */
    uint32_t gid, sid;
    uint64_t ts_us, packet;
    uint64_t flow_id, flow_first_us;
    uint64_t packets[2], bytes[2];
    struct addr addr[2];
    uint16_t port[2];
    uint16_t vlans[PACKET_MAX_VLANS];
    uint8_t n_vlans, proto, client, packet_side;
    uint64_t message;
    uint32_t depth, confidence;
    uint32_t http_status;
    uint32_t has_http;
    uint64_t http_length;
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

/* False when b is no whole, well-formed record of this version: the other end may have been taken over. */
bool record_read(struct bytes b, struct record *out);

/* The n bytes of payload that show best what stands at offset at: a quarter of them before it. */
struct bytes record_window(struct bytes payload, size_t at, size_t n);

#endif
