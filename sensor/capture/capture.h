/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "base/bytes.h"
#include "config/config.h"

/* One frame as it was captured. Borrowed: good until the next capture_next. */
struct frame {
    uint64_t ts_us;  /* since 1970 */
    uint64_t number; /* 1 for the first frame of the run: EVE's pcap_cnt */
    struct bytes data;
    uint32_t wire_len; /* at least data.len */
    int link_type;     /* DLT_* of pcap/dlt.h */
};

/* What may be read. paths: pcap or pcapng files, packed or not, "-" for standard input (directories:
 * capture/inputs.h); interfaces otherwise. Not both. bpf: a capture filter, or "" for none; also applied
 * offline. */
struct capture_plan {
    const char *const *paths;
    unsigned n_paths;

    /* Gives a descriptor for paths[k], which capture closes; -1 with errno when there is none. Called once
     * for each k, in order, when the file before it is done. NULL: open(2), or a copy of standard input. A
     * worker that has no file system asks the collector here. */
    int (*open_input)(void *arg, unsigned k);
    void *open_arg;

    const struct config_interface *interfaces;
    unsigned n_interfaces;
    const char *bpf;
    const struct config
        *config; /* for the tunnels that are opened; NULL: none. capture/set.h deals by them */
};

enum capture_result {
    CAPTURE_FRAME, /* *out is filled */
    CAPTURE_IDLE,  /* live: nothing for a tenth of a second, an interface is missing perhaps; ask again */
    CAPTURE_END,   /* files read; or capture_stop was called */
};

struct capture;

/* Opens interfaces at once (NULL and a complaint when one fails); files one after the other as they are
 * reached: only their sizes are looked up now, so that with open_input no more file system is needed
 * afterwards. A bad filter is a complaint at once in both cases. The plan must outlive the capture. */
struct capture *capture_open(const struct capture_plan *plan, struct complaint *why);

/* A file that cannot be opened, is empty, is no capture, or ends in the middle of a packet (or of its packed
 * data) is reported in one log line naming it (and the number of the last good packet), counted, and passed
 * over; what could be read of it has been given. */
enum capture_result capture_next(struct capture *c, struct frame *out);

/* True when all of the input is files that can be read once more from their beginning. */
bool capture_can_begin_again(const struct capture *c);

/* Live: the descriptors that it reads from, at most max. What is left when a process closes all that it does
 * not need. */
unsigned capture_descriptors(const struct capture *c, int *fds, unsigned max);

/* Async-signal-safe. Files: the next capture_next says CAPTURE_END. Interfaces: from the next capture_next on
 * no frame is taken in, and it says so once those in the rings have been given, or ten seconds have gone by.
 */
void capture_stop(struct capture *c);

/* True when some input could not be read, or not to its end, or an interface is missing: exit status 3. */
bool capture_failed(const struct capture *c);

/* Path of the file (or name of the interface) that the last frame came from. */
const char *capture_source(const struct capture *c);

/* Bytes read so far and bytes in all, over all files, for the progress line. total is 0 when unknown (stdin,
 * live); the bytes read are those of the frames then. */
void capture_progress(const struct capture *c, uint64_t *done, uint64_t *total, unsigned *file,
                      unsigned *n_files);

/* Asks the kernel for its counts (live) and updates the counters. After CAPTURE_END and capture_close
 * COUNT_CAPTURE_KERNEL_PACKETS is the sum of COUNT_CAPTURE_FRAMES, _KERNEL_DROPS and _LEFT. */
void capture_update_drops(struct capture *c);

/* Live: what the kernel has had for the i-th interface of the plan since this process opened it, read or
 * dropped, and dropped, as of capture_update_drops; an interface that came back begins anew. False: there is
 * no such one. */
bool capture_interface(const struct capture *c, unsigned i, uint64_t *packets, uint64_t *drops);

void capture_close(struct capture *c); /* NULL is welcome */

#endif
