/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/loss.h"

#include "base/count.h"

#include <inttypes.h>
#include <stdio.h>

bool loss_look(struct loss_watch *w, uint64_t percent, char *message, size_t size)
{
    uint64_t packets = counters[COUNT_CAPTURE_KERNEL_PACKETS] - w->packets;
    uint64_t drops = counters[COUNT_CAPTURE_KERNEL_DROPS] - w->drops;

    w->packets += packets;
    w->drops += drops;
    /* Counts of one moment are read one after the other: what is new may not fit together. */
    if (percent == 0 || drops == 0 || packets < drops || drops * 100 <= packets * percent)
        return false;
    snprintf(message, size,
             "the kernel dropped %" PRIu64 " of %" PRIu64 " frames (%" PRIu64 ".%" PRIu64
             " %%) since the last statistics: a larger af-packet.buffer-size helps against bursts, more "
             "workers or a bpf-filter against load",
             drops, packets, drops * 100 / packets, drops * 1000 / packets % 10);
    return true;
}
