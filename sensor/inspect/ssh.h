/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_SSH_H
#define INSPECT_SSH_H

#include "base/bytes.h"

/* How far one direction of SSH is in clear: the version line (RFC 4253 4.2) and packets up to NEWKEYS (7.3). Nothing
 * of it is taken apart. Zeroed memory stands at the beginning of a direction. */
enum ssh_state {
    SSH_BANNER,    /* no whole version line yet */
    SSH_PACKETS,   /* in clear */
    SSH_ENCRYPTED, /* what follows NEWKEYS */
    SSH_NONE,      /* no SSH, or the place in it is lost: for good */
};

struct ssh_side {
    uint8_t state; /* enum ssh_state */
    uint8_t n_got, got[6];
    uint16_t n_banner;
    uint32_t left; /* of the packet at hand */
};

/* The next bytes of the direction. How many of them are in clear. */
size_t ssh_side_feed(struct ssh_side *s, struct bytes data);

/* Bytes are missing. */
void ssh_side_gap(struct ssh_side *s);

#endif
