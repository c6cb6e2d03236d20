/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_LDAP_RECORDS_H
#define OUTPUT_LDAP_RECORDS_H

#include "output/eve_record.h"

/* Suricata's ldap records join a request and its answers in one line (docs/EVENTS.md). What was said so far
 * is kept until the answer that ends it has come: searchResDone, or the one answer of other operations (RFC
 * 4511 section 4). The line is written then; when the flow ends; or earlier, counted (OUTPUT_LDAP_EARLY),
 * when the flow has LDAP_RECORDS_OPEN others that wait, its message id is used again, or all that waits is
 * more than outputs.eve-log.types.ldap.memcap. An operation without an answer (unbind, abandon), and an
 * answer whose request was not seen, are lines of their own. */
struct ldap_records;

#define LDAP_RECORDS_OPEN 16 /* in one flow; JNDI waits for each answer before it goes on */

/* A finished line, with its newline; good for the call. ts_us and packet: its place among other lines. */
typedef void ldap_line_fn(void *arg, struct bytes line, uint64_t ts_us, uint64_t packet, uint64_t flow_id);

/* eve is borrowed. NULL when memory is short. */
struct ldap_records *ldap_records_new(const struct eve *eve, ldap_line_fn *fn, void *arg);

/* What waits is lost: end the flows first. NULL is welcome. */
void ldap_records_free(struct ldap_records *r);

/* A FACT of LDAP; what is no message is passed over. */
void ldap_records_field(struct ldap_records *r, const struct field *f);

/* The flow has ended: what it left without an answer is written. */
void ldap_records_flow_end(struct ldap_records *r, const struct flow *f);

size_t ldap_records_n(const struct ldap_records *r); /* flows with something that waits */

#endif
