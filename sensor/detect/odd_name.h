/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_ODD_NAME_H
#define DETECT_ODD_NAME_H

#include "base/bytes.h"

/* DNS carries any byte in a label (RFC 2181 section 11); names of hosts are letters, digits and hyphens (RFC
 * 1123 section 2.1). Somebody who asks for "${jndi:ldap..." or "Java version 17..." asks for no host.
 *
 * Passed over, because honest software asks for it: underscores (service names, RFC 8552), "*" (RFC 4592),
 * bytes above ASCII (mDNS, RFC 6762 appendix F), "/" below in-addr.arpa (RFC 2317), and whatever stands in
 * the instance part of a DNS-SD name: the labels before "_service._tcp" or "_service._udp" (RFC 6763
 * section 4.1). The root and names without a dot are judged like others. */

#define ODD_NAME_MAX 96 /* ASCII has no more characters that could be odd */

/* The odd characters of a name, each once, in the order they come: n bytes in out (0: an ordinary name). */
size_t odd_name(struct bytes name, uint8_t out[ODD_NAME_MAX]);

#endif
