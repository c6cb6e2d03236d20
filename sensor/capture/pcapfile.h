/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAPTURE_PCAPFILE_H
#define CAPTURE_PCAPFILE_H

/* Inside this folder only: the packets of a pcap file (draft-ietf-opsawg-pcap), from where the reader has
 * them. libpcap judges the file and would read it as well, but copies each packet twice through stdio for it,
 * which costs as much as reassembling it. Its rare kinds (the other byte order, old versions, Kuznetzov's)
 * are left to it. */

#include "capture/reader.h"
#include "capture/source.h"

struct pcapfile;

enum pcapfile_result {
    PCAPFILE_FRAME, /* *out is filled but for its number; its data is good until the next call */
    PCAPFILE_END,   /* between two packets, or the reader failed there */
    PCAPFILE_BAD,   /* pcapfile_reason says why; nothing more will come */
};

/* NULL, with nothing taken from the reader, when this file is for libpcap: to read, or to refuse. The reader
 * stays the caller's. */
struct pcapfile *pcapfile_new(struct reader *r);
int pcapfile_link_type(const struct pcapfile *f); /* as libpcap numbers them */
enum pcapfile_result pcapfile_next(struct pcapfile *f, struct frame *out);
const char *pcapfile_reason(const struct pcapfile *f);
void pcapfile_free(struct pcapfile *f); /* NULL is welcome */

#endif
