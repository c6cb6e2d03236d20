/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct file {
    const char *path; /* as the operator wrote it; "-" for standard input */
    pcap_t *pcap;
    char *buffer; /* the stream's: glibc takes no size without one */
    int link_type;
    uint64_t n_packets;        /* read from this file, the filtered ones too: the number other tools show */
    struct bpf_program filter; /* no instructions: everything passes */
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

static pcap_t *stream_as_pcap(FILE *stream, const char *path)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap;
    int first;

    if (!stream_is_readable(stream, path, &first))
        return NULL;
    pcap = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_MICRO, reason);
    if (!pcap)
        log_error("%s: no capture file: %s%s", file_name(path), reason, foreign_hint(first));
    return pcap;
}

static pcap_t *path_as_pcap(const char *path, char *buffer)
{
    FILE *stream;
    pcap_t *pcap;

    if (strcmp(path, "-") == 0)
        return stream_as_pcap(stdin, path);
    stream = fopen(path, "rb");
    if (!stream) {
        log_error("%s: %s", path, strerror(errno));
        return NULL;
    }
    setvbuf(stream, buffer, _IOFBF, READ_SIZE);
    pcap = stream_as_pcap(stream, path);
    if (!pcap)
        fclose(stream); /* after success it is libpcap's */
    return pcap;
}

/* A filter is compiled for a link type; one that is sound for Ethernet may make no sense for another. */
static bool filter_compile(struct file *f, const char *bpf)
{
    if (!bpf[0] || pcap_compile(f->pcap, &f->filter, bpf, 1, PCAP_NETMASK_UNKNOWN) == 0)
        return true;
    log_error("%s: capture filter '%s' does not fit link type %d: %s", file_name(f->path), bpf, f->link_type,
              pcap_geterr(f->pcap));
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
    f->buffer = malloc(READ_SIZE);
    if (!f->buffer) {
        log_error("%s: out of memory", file_name(path));
        goto failed;
    }
    f->pcap = path_as_pcap(path, f->buffer);
    if (!f->pcap)
        goto failed;
    f->link_type = pcap_datalink(f->pcap);
    if (filter_compile(f, bpf))
        return f;
failed:
    file_close(f);
    return NULL;
}

static enum source_result file_ended(struct file *f, int rc, const volatile sig_atomic_t *stopped)
{
    uint64_t at = file_position(f);

    /* A signal that interrupts a read looks like a bad file, but is the operator's wish. */
    if (rc == PCAP_ERROR_BREAK || *stopped)
        return SOURCE_END;
    if (at)
        log_error("%s: %s (packet %llu was the last good one; stopped at byte %llu)", file_name(f->path),
                  pcap_geterr(f->pcap), (unsigned long long)f->n_packets, (unsigned long long)at);
    else
        log_error("%s: %s (packet %llu was the last good one)", file_name(f->path), pcap_geterr(f->pcap),
                  (unsigned long long)f->n_packets);
    return SOURCE_FAILED;
}

enum source_result file_next(struct file *f, const volatile sig_atomic_t *stopped, struct frame *out)
{
    struct pcap_pkthdr *header;
    const uint8_t *data;

    do {
        int rc = pcap_next_ex(f->pcap, &header, &data);

        if (rc != 1)
            return file_ended(f, rc, stopped);
        f->n_packets++;
        if (!f->filter.bf_insns || pcap_offline_filter(&f->filter, header, data)) {
            frame_fill(out, header, data, f->link_type);
            return SOURCE_FRAME;
        }
    } while (!*stopped);
    return SOURCE_END;
}

uint64_t file_position(const struct file *f)
{
    FILE *stream = pcap_file(f->pcap);
    long at = stream ? ftell(stream) : -1;

    return at > 0 ? (uint64_t)at : 0;
}

void file_close(struct file *f)
{
    if (!f)
        return;
    pcap_freecode(&f->filter);
    if (f->pcap)
        pcap_close(f->pcap); /* closes the stream as well, unless it is stdin */
    free(f->buffer);
    free(f);
}
