/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_RMI_REF_H
#define INSPECT_RMI_REF_H

#include "base/bytes.h"

/* Where a stub leads: the endpoint inside a remote reference (sun.rmi.server.UnicastRef and UnicastRef2), to
 * which its holder will open a connection of its own. */
struct rmi_ref {
    struct bytes host; /* as written; 1 to 255 printable characters; a view */
    uint16_t port;
};

/* Finds up to max of them in a message, wherever they stand in it. Linear in its length. */
unsigned rmi_refs(struct bytes message, struct rmi_ref *out, unsigned max);

/* An endpoint at the front of b: u16 length, host, u32 port (the handshake has it, too). Returns its size; 0:
 * more bytes are needed; SIZE_MAX: it is none. *out is set when it is whole. */
size_t rmi_endpoint_read(struct bytes b, struct rmi_ref *out);

#define RMI_REF_TEXT 272

/* "host:port", an IPv6 address in brackets; ends with a zero byte. */
void rmi_ref_print(const struct rmi_ref *ref, char text[RMI_REF_TEXT]);

#endif
