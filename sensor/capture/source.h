/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_SOURCE_H
#define CAPTURE_SOURCE_H

/* Inside this folder only: the two kinds of source behind a capture. Both fill everything of a frame but its
 * number, report their own failures in one log line, and look at *stopped, which a signal handler may set at
 * any time. */

#include "capture/capture.h"

#include <pcap/pcap.h>
#include <signal.h>

enum source_result {
    SOURCE_FRAME,
    SOURCE_IDLE,   /* live only */
    SOURCE_END,    /* nothing more will come */
    SOURCE_FAILED, /* reported; a file: nothing more will come. Interfaces: one is lost, ask again */
};

struct file;
struct live;

/* NULL when it is no capture file; reported. path and bpf must outlive the file. */
struct file *file_open(const char *path, const char *bpf);
enum source_result file_next(struct file *f, const volatile sig_atomic_t *stopped, struct frame *out);

/* Bytes read so far, 0 when that cannot be told (a pipe). */
uint64_t file_position(const struct file *f);
void file_close(struct file *f); /* NULL is welcome */

/* NULL and a complaint when one interface cannot be opened or one filter does not compile. */
struct live *live_open(const struct capture_plan *plan, struct complaint *why);

/* *name is the interface of the frame. After *stopped: what the kernel's rings hold, then SOURCE_END. */
enum source_result live_next(struct live *l, const volatile sig_atomic_t *stopped, struct frame *out,
                             const char **name);
void live_update_drops(struct live *l);
void live_close(struct live *l); /* NULL is welcome */

/* What libpcap hands on unchecked is put right here: microseconds beyond a second, seconds that do not fit,
 * more bytes captured than were sent. */
void frame_fill(struct frame *out, const struct pcap_pkthdr *header, const uint8_t *data, int link_type);

#endif
