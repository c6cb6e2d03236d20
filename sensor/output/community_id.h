/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_COMMUNITY_ID_H
#define OUTPUT_COMMUNITY_ID_H

#include "base/addr.h"

#define COMMUNITY_ID_TEXT 31 /* "1:", 28 characters of base64, the end */

/* Community ID version 1 of a TCP or UDP flow: the same for both directions, and in every tool that knows it.
 * Both addresses are of one version. */
void community_id_print(const struct addr addr[2], const uint16_t port[2], uint8_t proto, uint16_t seed,
                        char out[COMMUNITY_ID_TEXT]);

#endif
