/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/filter.h"
#include "capture/pcapfile.h"
#include "capture/pcapng.h"
#include "capture/reader.h"
#include "capture/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_MISFITS 64 /* link types of one file whose misfit is told */

struct file {
    const char *path; /* as the operator wrote it; "-" for standard input */
    const volatile sig_atomic_t *stopped;
    struct reader *reader;
    FILE *stream; /* the reader's; libpcap closes it when it has it */

    /* The one of the three that reads the packets. */
    struct pcapfile *usual;
    pcap_t *pcap;
    struct pcapng *ng;

    int link_type;      /* of usual or pcap */
    uint64_t n_packets; /* read from this file, the filtered ones too: the number other tools show */

    const struct filters *filters;
    int misfits[MAX_MISFITS]; /* link types that the filter makes no sense for, told */
    unsigned n_misfits;
    bool unfit; /* the filter makes no sense for one of the link types: what came on it was passed over */
};

/* libpcap would read 4 KB at a time: 64 times fewer system calls cost nothing. */
#define READ_SIZE (256 * 1024)

/* Why reading failed: the reader knows better than those who only see a stream that ends. */
static const char *best_reason(const struct file *f, const char *reason)
{
    const char *better = reader_complaint(f->reader);

    return better[0] ? better : reason;
}

/* One byte ahead: says plainly what libpcap would call a truncated header, and serves pipes as well. */
static bool is_readable(const struct file *f, int *first)
{
    struct bytes ahead = reader_peek(f->reader, 1);

    if (ahead.len) {
        *first = ahead.p[0];
        return true;
    }
    if (!*f->stopped)
        log_error("%s: %s", file_name(f->path), best_reason(f, "the file is empty"));
    return false;
}

/* A filter that is sound for Ethernet may make no sense for another link type: told once for each. */
static bool filter_fits(struct file *f, int link_type)
{
    const char *misfit = filters_misfit(f->filters, link_type);

    if (!misfit)
        return true;
    for (unsigned i = 0; i < f->n_misfits; i++)
        if (f->misfits[i] == link_type)
            return false;
    if (f->n_misfits < MAX_MISFITS) {
        f->misfits[f->n_misfits++] = link_type;
        log_error("%s: capture filter '%s' does not fit link type %d: %s", file_name(f->path),
                  filters_text(f->filters), link_type, misfit);
    }
    return false;
}

static bool stream_as_pcap(struct file *f)
{
    char reason[PCAP_ERRBUF_SIZE] = "";

    f->pcap = pcap_fopen_offline_with_tstamp_precision(f->stream, PCAP_TSTAMP_PRECISION_MICRO, reason);
    if (!f->pcap) {
        if (!*f->stopped)
            log_error("%s: no capture file: %s", file_name(f->path), best_reason(f, reason));
        return false;
    }
    f->stream = NULL;
    f->link_type = pcap_datalink(f->pcap);
    return true;
}

static bool begin_pcap(struct file *f)
{
    f->usual = pcapfile_new(f->reader);
    if (f->usual)
        f->link_type = pcapfile_link_type(f->usual);
    else if (!stream_as_pcap(f))
        return false;
    return filter_fits(f, f->link_type); /* else nothing of it would pass */
}

static bool out_of_memory(const struct file *f)
{
    log_error("%s: out of memory", file_name(f->path));
    return false;
}

static bool file_begin(struct file *f, int fd)
{
    int first;

    f->reader = reader_new(fd, READ_SIZE, f->stopped);
    if (!f->reader)
        return out_of_memory(f);
    f->stream = reader_stream(f->reader);
    if (!is_readable(f, &first))
        return false;
    if (!pcapng_begins_with(first))
        return begin_pcap(f);
    f->ng = pcapng_new(f->stream);
    return f->ng || out_of_memory(f);
}

static bool filter_passes(struct file *f, const struct frame *frame)
{
    if (filter_fits(f, frame->link_type))
        return filters_pass(f->filters, frame->link_type, frame->data, frame->wire_len);
    f->unfit = true;
    return false;
}

struct file *file_open(const char *path, int fd, const struct filters *filters,
                       const volatile sig_atomic_t *stopped)
{
    struct file *f = calloc(1, sizeof *f);

    if (!f) {
        log_error("%s: out of memory", file_name(path));
        close(fd);
        return NULL;
    }
    f->path = path;
    f->filters = filters;
    f->stopped = stopped;
    if (file_begin(f, fd))
        return f;
    file_close(f);
    return NULL;
}

/* A byte of the file, or of what is packed in it: what other tools count when they are given that. */
static long stream_position(const struct file *f)
{
    FILE *stream = f->pcap ? pcap_file(f->pcap) : f->stream;

    if (f->usual)
        return (long)reader_passed(f->reader);
    return stream ? ftell(stream) : 0;
}

static enum source_result file_bad(const struct file *f, const char *reason)
{
    log_error("%s: %s (packet %llu was the last good one; stopped at byte %ld%s)", file_name(f->path),
              best_reason(f, reason), (unsigned long long)f->n_packets, stream_position(f),
              reader_is_packed(f->reader) ? " of what is packed in it" : "");
    return SOURCE_FAILED;
}

/* A packed file may end between two packets, and not be at its end. A signal that interrupts a read looks
 * like a bad file, but is the operator's wish. */
static enum source_result file_end(const struct file *f)
{
    return *f->stopped || !reader_complaint(f->reader)[0] ? SOURCE_END : file_bad(f, "");
}

static enum source_result next_of_usual(struct file *f, struct frame *out)
{
    switch (pcapfile_next(f->usual, out)) {
    case PCAPFILE_FRAME:
        return SOURCE_FRAME;
    case PCAPFILE_BAD:
        return *f->stopped ? SOURCE_END : file_bad(f, pcapfile_reason(f->usual));
    case PCAPFILE_END:
        break;
    }
    return file_end(f);
}

static enum source_result next_of_pcap(struct file *f, struct frame *out)
{
    struct pcap_pkthdr *header;
    const uint8_t *data;
    int rc = pcap_next_ex(f->pcap, &header, &data);

    if (rc == 1) {
        frame_fill(out, header, data, f->link_type);
        return SOURCE_FRAME;
    }
    if (rc == PCAP_ERROR_BREAK)
        return file_end(f);
    return *f->stopped ? SOURCE_END : file_bad(f, pcap_geterr(f->pcap));
}

static enum source_result next_of_pcapng(struct file *f, struct frame *out)
{
    switch (pcapng_next(f->ng, out)) {
    case PCAPNG_FRAME:
        return SOURCE_FRAME;
    case PCAPNG_BAD:
        return *f->stopped ? SOURCE_END : file_bad(f, pcapng_reason(f->ng));
    case PCAPNG_END:
        break;
    }
    return SOURCE_END;
}

static enum source_result next_of_any(struct file *f, struct frame *out)
{
    if (f->usual)
        return next_of_usual(f, out);
    return f->ng ? next_of_pcapng(f, out) : next_of_pcap(f, out);
}

enum source_result file_next(struct file *f, struct frame *out)
{
    do {
        enum source_result result = next_of_any(f, out);

        if (result == SOURCE_END && f->unfit)
            return SOURCE_FAILED; /* told when it was met */
        if (result != SOURCE_FRAME)
            return result;
        f->n_packets++;
        if (filter_passes(f, out))
            return SOURCE_FRAME;
    } while (!*f->stopped);
    return SOURCE_END;
}

uint64_t file_position(const struct file *f)
{
    return reader_is_packed(f->reader) ? reader_position(f->reader) : (uint64_t)stream_position(f);
}

void file_close(struct file *f)
{
    if (!f)
        return;
    pcapfile_free(f->usual);
    pcapng_free(f->ng);
    if (f->pcap)
        pcap_close(f->pcap); /* and the stream */
    else if (f->stream)
        fclose(f->stream);
    reader_free(f->reader);
    free(f);
}
