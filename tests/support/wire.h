/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_WIRE_H
#define SUPPORT_WIRE_H

#include "base/bytes.h"

/* Messages of the protocols that the sensor reads, byte for byte. */
extern const struct bytes wire_ldap_bind, wire_ldap_bind_ok, wire_ldap_search, wire_ldap_entry,
    wire_ldap_done, wire_ldap_unbind, wire_ldap_long, wire_ldap_authbind, wire_ldap_serialized,
    wire_ldap_app_search, wire_ldap_app_entry, wire_rmi_header, wire_rmi_ack, wire_rmi_endpoint,
    wire_rmi_lookup, wire_rmi_stub, wire_rmi_dgc, wire_rmi_lease, wire_rmi_get_reference, wire_rmi_reference,
    wire_rmi_annotated, wire_rmi_hello_call, wire_rmi_hello_return, wire_dns_txt_query, wire_dns_txt_answer,
    wire_dns_exfil, wire_tls_client_hello, wire_tls_server_hello;

#endif
