/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_EVE_RECORD_H
#define OUTPUT_EVE_RECORD_H

#include "output/eve.h"

/* Records of what was seen, whether or not anybody was attacked: Suricata's dns (version 2), tls, ldap (its
 * form of 8.0), fileinfo and flow. They are written where the packets are parsed, and only those that the
 * settings ask for. */

/* The line of a dns, tls or fileinfo field, with its newline, at most config->eve_max_event_size bytes. line
 * is cleared first and keeps its memory. False when the field is none of which a line is wanted, or when it
 * does not fit (counted OUTPUT_FAILED). */
bool eve_record(struct buf *line, const struct eve *eve, const struct field *f);

/* The line of a flow that ends. */
bool eve_flow(struct buf *line, const struct eve *eve, const struct flow *f);

/* The object of each, into a line that is open; eve_dns.c, eve_tls.c, eve_fileinfo.c. */
void eve_dns(struct jsonw *w, const struct dns_view *dns, uint64_t tx);
void eve_tls(struct jsonw *w, const struct tls_view *tls);

/* The same message as an alert has it: query, an array, or answer; into a dns object that is open. */
void eve_dns_message(struct jsonw *w, const struct dns_view *dns, uint64_t tx);
const char *eve_tls_version(uint16_t version);

/* The value of request, and one of responses: ldap_records.h joins them. BARE: no more than which it is;
 * PLAIN: without the values of attributes. pdu may be cut, or none. */
struct eve_ldap {
    const struct attrs *attrs;
    struct bytes pdu;
    uint64_t message_id;
};
enum eve_ldap_detail { EVE_LDAP_BARE, EVE_LDAP_PLAIN, EVE_LDAP_VALUES };
void eve_ldap_request(struct jsonw *w, const struct eve_ldap *m, enum eve_ldap_detail detail);
void eve_ldap_response(struct jsonw *w, const struct eve_ldap *m, enum eve_ldap_detail detail);

/* What an envelope needs of a flow. */
void eve_record_head(struct record_head *h, const struct flow *flow, uint64_t ts_us, uint64_t packet);

/* A line with its envelope and an open root; what finishes it. False, counted OUTPUT_FAILED, when it has not
 * fitted. */
struct jsonw eve_record_begin(struct buf *line, const struct eve *eve, const char *event,
                              const struct record_head *h, unsigned src);
bool eve_record_finish(struct jsonw *w, const struct eve *eve);

void eve_fileinfo(struct jsonw *w, const struct file_view *file, const struct http_view *http, uint64_t tx);

/* Longest string of a record, in characters, and longest list. */
#define EVE_RECORD_TEXT  1000
#define EVE_RECORD_ITEMS 32

#endif
