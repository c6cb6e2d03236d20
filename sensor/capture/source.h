/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_SOURCE_H
#define CAPTURE_SOURCE_H

/* Inside this folder only: the two kinds of source behind a capture. Both fill everything of a frame but its
 * number, report their own failures in one log line, and look at *stopped, which a signal handler may set at
 * any time. */

#include "base/count.h"
#include "capture/capture.h"

#include <pcap/pcap.h>
#include <signal.h>

enum source_result {
    SOURCE_FRAME,
    SOURCE_IDLE,   /* live only */
    SOURCE_END,    /* nothing more will come */
    SOURCE_FAILED, /* files only: reported, and nothing more will come */
};

struct file;
struct filters;
struct live;
struct port;

/* fd is the file's from here. NULL when it is no capture file; reported, unless a stop came in between. All
 * pointers must outlive the file. */
struct file *file_open(const char *path, int fd, const struct filters *filters,
                       const volatile sig_atomic_t *stopped);
enum source_result file_next(struct file *f, struct frame *out);

/* Bytes of the file read so far; of a packed one, some more than were needed for the frames given. */
uint64_t file_position(const struct file *f);
void file_close(struct file *f); /* NULL is welcome */

/* What the operator calls it. */
static inline const char *file_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* NULL and a complaint when one interface cannot be opened or one filter does not compile. It looks after its
 * interfaces itself: what happens to them is logged and counted, and one that comes back is opened again. */
struct live *live_open(const struct capture_plan *plan, struct complaint *why);

/* Around ports that somebody else opened and looks after; they are its own from here. NULL when memory is
 * short: then they are not. */
struct live *live_adopt(const struct port *ports, unsigned n);

/* *name is the interface of the frame. After *stopped: what the kernel's rings hold, then SOURCE_END. */
enum source_result live_next(struct live *l, const volatile sig_atomic_t *stopped, struct frame *out,
                             const char **name);
unsigned live_descriptors(const struct live *l, int *fds, unsigned max);
void live_update_drops(struct live *l);
bool live_interface(const struct live *l, unsigned i, uint64_t *packets, uint64_t *drops);

/* True while an interface that it looks after is missing. */
bool live_failed(const struct live *l);
void live_close(struct live *l); /* NULL is welcome */

/* A capture around an opened source, which is its own from here, also when memory is short: NULL. */
struct capture *capture_around(const struct capture_plan *plan, struct live *live);

#define MAX_SNAPLEN 262144 /* libpcap's own maximum: no link of today has longer frames */

/* 253402300799 is the last second of 9999: beyond it EVE has no notation, and microseconds come near to
 * overflow. */
#define LAST_SECOND      253402300799LL
#define LAST_MICROSECOND 999999

static inline uint64_t frame_time(const struct timeval *tv)
{
    int64_t seconds = tv->tv_sec, microseconds = tv->tv_usec;

    /* The field of a pcap file has 32 bits, which libpcap takes as signed: after 2038 it comes out negative.
     */
    if (seconds < 0 && seconds >= INT32_MIN)
        seconds = (uint32_t)seconds;
    if (seconds < 0)
        seconds = 0;
    if (seconds > LAST_SECOND)
        seconds = LAST_SECOND;
    /* Clamped, not carried over: a corrupt fraction must not move the frame into another second. */
    if (microseconds < 0 || microseconds > LAST_MICROSECOND)
        microseconds = LAST_MICROSECOND;
    return (uint64_t)seconds * 1000000 + (uint64_t)microseconds;
}

/* What libpcap hands on unchecked is put right here: microseconds beyond a second, seconds that do not fit,
 * more bytes captured than were sent. */
static inline void frame_fill(struct frame *out, const struct pcap_pkthdr *header, const uint8_t *data,
                              int link_type)
{
    out->ts_us = frame_time(&header->ts);
    out->data = bytes_of(data, header->caplen);
    out->wire_len = header->len > header->caplen ? header->len : header->caplen;
    out->link_type = link_type;
}

#endif
