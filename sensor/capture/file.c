/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/pcapng.h"
#include "capture/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* A filter is compiled for a link type, of which a pcapng file may have several. */
struct link_filter {
    int link_type;
    struct bpf_program program; /* no instructions: it makes no sense for this link type */
};

#define MAX_LINK_FILTERS 64

struct file {
    const char *path;   /* as the operator wrote it; "-" for standard input */
    char *buffer;       /* the stream's: glibc takes no size without one */
    FILE *stream;       /* libpcap closes it when it has it */
    pcap_t *pcap;       /* the one reader */
    struct pcapng *ng;  /* or the other */
    int link_type;      /* of pcap */
    uint64_t n_packets; /* read from this file, the filtered ones too: the number other tools show */

    const char *bpf; /* "" for none */
    struct link_filter filters[MAX_LINK_FILTERS];
    unsigned n_filters;
    bool unfit; /* the filter makes no sense for one of the link types: what came on it was passed over */
};

/* libpcap would read 4 KB at a time: 64 times fewer system calls cost nothing. */
#define READ_SIZE (256 * 1024)

static const char *file_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* One byte ahead, given back: says plainly what libpcap would call a truncated header, and serves pipes as
 * well. */
static bool stream_is_readable(FILE *stream, const char *path, int *first)
{
    errno = 0;
    *first = getc(stream);
    if (*first != EOF) {
        ungetc(*first, stream);
        return true;
    }
    if (ferror(stream))
        log_error("%s: %s", file_name(path), strerror(errno));
    else
        log_error("%s: the file is empty", file_name(path));
    return false;
}

static const char *foreign_hint(int first)
{
    switch (first) {
    case 0x1f: /* gzip, RFC 1952 */
        return ". If it is compressed: zcat FILE | jndi-sensor -r -";
    case 0x28: /* zstd, RFC 8878 */
        return ". If it is compressed: zstdcat FILE | jndi-sensor -r -";
    default:
        return "";
    }
}

/* The filter for a link type; compiled when the first frame of it comes. One that is sound for Ethernet may
 * make no sense for another. NULL when it cannot be. */
static const struct link_filter *filter_of(struct file *f, int link_type)
{
    struct link_filter *filter;
    pcap_t *dead;

    for (unsigned i = 0; i < f->n_filters; i++)
        if (f->filters[i].link_type == link_type)
            return &f->filters[i];
    if (f->n_filters == MAX_LINK_FILTERS)
        return NULL;
    dead = pcap_open_dead(link_type, MAX_SNAPLEN);
    if (!dead)
        return NULL;
    filter = &f->filters[f->n_filters++];
    filter->link_type = link_type;
    if (pcap_compile(dead, &filter->program, f->bpf, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        filter->program = (struct bpf_program){0};
        log_error("%s: capture filter '%s' does not fit link type %d: %s", file_name(f->path), f->bpf,
                  link_type, pcap_geterr(dead));
    }
    pcap_close(dead);
    return filter;
}

static bool filter_fits(const struct link_filter *filter)
{
    return filter && filter->program.bf_insns;
}

static bool stream_as_pcap(struct file *f, int first)
{
    char reason[PCAP_ERRBUF_SIZE] = "";

    f->pcap = pcap_fopen_offline_with_tstamp_precision(f->stream, PCAP_TSTAMP_PRECISION_MICRO, reason);
    if (!f->pcap) {
        log_error("%s: no capture file: %s%s", file_name(f->path), reason, foreign_hint(first));
        return false;
    }
    f->stream = NULL;
    f->link_type = pcap_datalink(f->pcap);
    return !f->bpf[0] || filter_fits(filter_of(f, f->link_type)); /* nothing of it would pass */
}

static bool out_of_memory(const struct file *f)
{
    log_error("%s: out of memory", file_name(f->path));
    return false;
}

static bool file_begin(struct file *f)
{
    int first;

    f->buffer = malloc(READ_SIZE);
    if (!f->buffer)
        return out_of_memory(f);
    if (strcmp(f->path, "-") == 0) {
        f->stream = stdin;
    } else {
        f->stream = fopen(f->path, "rb");
        if (!f->stream) {
            log_error("%s: %s", f->path, strerror(errno));
            return false;
        }
        setvbuf(f->stream, f->buffer, _IOFBF, READ_SIZE);
    }
    if (!stream_is_readable(f->stream, f->path, &first))
        return false;
    if (!pcapng_begins_with(first))
        return stream_as_pcap(f, first);
    f->ng = pcapng_new(f->stream);
    return f->ng || out_of_memory(f);
}

static bool filter_passes(struct file *f, const struct frame *frame)
{
    const struct link_filter *filter;
    struct pcap_pkthdr header = {.caplen = (uint32_t)frame->data.len, .len = frame->wire_len};

    if (!f->bpf[0])
        return true;
    filter = filter_of(f, frame->link_type);
    if (filter_fits(filter))
        return pcap_offline_filter(&filter->program, &header, frame->data.p) != 0;
    f->unfit = true;
    return false;
}

struct file *file_open(const char *path, const char *bpf)
{
    struct file *f = calloc(1, sizeof *f);

    if (!f) {
        log_error("%s: out of memory", file_name(path));
        return NULL;
    }
    f->path = path;
    f->bpf = bpf;
    if (file_begin(f))
        return f;
    file_close(f);
    return NULL;
}

static enum source_result file_bad(const struct file *f, const char *reason)
{
    uint64_t at = file_position(f);

    if (at)
        log_error("%s: %s (packet %llu was the last good one; stopped at byte %llu)", file_name(f->path),
                  reason, (unsigned long long)f->n_packets, (unsigned long long)at);
    else
        log_error("%s: %s (packet %llu was the last good one)", file_name(f->path), reason,
                  (unsigned long long)f->n_packets);
    return SOURCE_FAILED;
}

static enum source_result next_of_pcap(struct file *f, const volatile sig_atomic_t *stopped,
                                       struct frame *out)
{
    struct pcap_pkthdr *header;
    const uint8_t *data;
    int rc = pcap_next_ex(f->pcap, &header, &data);

    if (rc == 1) {
        frame_fill(out, header, data, f->link_type);
        return SOURCE_FRAME;
    }
    /* A signal that interrupts a read looks like a bad file, but is the operator's wish. */
    return rc == PCAP_ERROR_BREAK || *stopped ? SOURCE_END : file_bad(f, pcap_geterr(f->pcap));
}

static enum source_result next_of_pcapng(struct file *f, const volatile sig_atomic_t *stopped,
                                         struct frame *out)
{
    switch (pcapng_next(f->ng, out)) {
    case PCAPNG_FRAME:
        return SOURCE_FRAME;
    case PCAPNG_BAD:
        return *stopped ? SOURCE_END : file_bad(f, pcapng_reason(f->ng));
    case PCAPNG_END:
        break;
    }
    return SOURCE_END;
}

enum source_result file_next(struct file *f, const volatile sig_atomic_t *stopped, struct frame *out)
{
    do {
        enum source_result result = f->ng ? next_of_pcapng(f, stopped, out) : next_of_pcap(f, stopped, out);

        if (result == SOURCE_END && f->unfit)
            return SOURCE_FAILED; /* told when the filter was compiled */
        if (result != SOURCE_FRAME)
            return result;
        f->n_packets++;
        if (filter_passes(f, out))
            return SOURCE_FRAME;
    } while (!*stopped);
    return SOURCE_END;
}

uint64_t file_position(const struct file *f)
{
    FILE *stream = f->pcap ? pcap_file(f->pcap) : f->stream;
    long at = stream ? ftell(stream) : -1;

    return at > 0 ? (uint64_t)at : 0;
}

void file_close(struct file *f)
{
    if (!f)
        return;
    for (unsigned i = 0; i < f->n_filters; i++)
        pcap_freecode(&f->filters[i].program);
    pcapng_free(f->ng);
    if (f->pcap)
        pcap_close(f->pcap); /* closes the stream as well, unless it is stdin */
    else if (f->stream && f->stream != stdin)
        fclose(f->stream);
    free(f->buffer);
    free(f);
}
