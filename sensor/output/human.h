/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTPUT_HUMAN_H
#define OUTPUT_HUMAN_H

#include "base/buf.h"
#include "output/facts.h"

/* Lines for a terminal. Bytes from the wire reach it as printable ASCII only. */

/* One alert, one line with its newline: time, severity, rule, who to whom, what, where. */
void human_alert(struct buf *out, const struct alert *a, bool color);

/* The closing table: what was read, what was found by stage, and every LOSS counter that is not zero with its
 * sentence. first_us, last_us: packet times, 0 when there was no packet. */
void human_summary(struct buf *out, const struct correlate *c, uint64_t first_us, uint64_t last_us);

#endif
