/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_PLAIN_H
#define INSPECT_PLAIN_H

#include "base/bytes.h"

/* Protocols that have a name and no parser here: their directions go through the raw window, and rules and
 * records may call them by name. EVE's app_proto for a direction that begins with first: "ssh" (RFC 4253
 * section 4.2), "ftp" (RFC 959 section 4.1, RFC 2428, and as Suricata 7 takes it: the client's first
 * command); NULL for none. Bytes cut within the first word have no name. */
const char *plain_name(struct bytes first);

#endif
