/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/pcapfile.h"

#include "base/cursor.h"

#include <stdlib.h>

#define HEADER_LEN 24
#define RECORD_LEN 16

struct pcapfile {
    struct reader *reader;
    int link_type;
    uint32_t snaplen;
    bool nanoseconds;
    char reason[96];
};

static uint32_t get32(struct cursor *c)
{
    return __builtin_bswap32(cursor_u32be(c));
}

/* What libpcap makes of the header: NULL when it would not read the file. */
static pcap_t *judged(struct bytes header)
{
    char reason[PCAP_ERRBUF_SIZE];
    FILE *stream = fmemopen((void *)(uintptr_t)header.p, header.len, "rb");
    pcap_t *pcap = stream ? pcap_fopen_offline(stream, reason) : NULL;

    if (stream && !pcap)
        fclose(stream);
    return pcap;
}

/* magic, 4 bytes | version, 2 and 2 | two fields of no use | snap length, 4 | link type, 4 */
static bool is_usual(struct bytes header, bool *nanoseconds)
{
    struct cursor c = cursor_over(header);
    uint32_t magic = get32(&c), version = get32(&c);

    *nanoseconds = magic == 0xa1b23c4d;
    return (magic == 0xa1b2c3d4 || *nanoseconds) && version == 0x00040002;
}

struct pcapfile *pcapfile_new(struct reader *r)
{
    struct bytes header = reader_peek(r, HEADER_LEN);
    bool nanoseconds;
    pcap_t *pcap = header.len == HEADER_LEN && is_usual(header, &nanoseconds) ? judged(header) : NULL;
    struct pcapfile *f = NULL;

    /* Beyond what links of today have: a bus, whose packets have their own maximum. */
    if (pcap && pcap_snapshot(pcap) <= MAX_SNAPLEN)
        f = calloc(1, sizeof *f);
    if (f) {
        f->reader = r;
        f->link_type = pcap_datalink(pcap);
        f->snaplen = (uint32_t)pcap_snapshot(pcap);
        f->nanoseconds = nanoseconds;
        reader_pass(r, HEADER_LEN);
    }
    if (pcap)
        pcap_close(pcap); /* and the stream */
    return f;
}

int pcapfile_link_type(const struct pcapfile *f)
{
    return f->link_type;
}

/* What is there is passed over: the reader then stands where the file went wrong. */
static enum pcapfile_result cut(struct pcapfile *f, struct bytes piece)
{
    reader_pass(f->reader, piece.len);
    snprintf(f->reason, sizeof f->reason, "the file ends within a packet");
    return PCAPFILE_BAD;
}

/* Nearly always what is asked for was read already. */
static inline struct bytes ahead(struct reader *r, size_t len)
{
    struct bytes held = reader_held(r);

    return held.len >= len ? bytes_of(held.p, len) : reader_peek(r, len);
}

/* The next record begins at an address that no processor guesses; its headers are two lines of cache. */
static inline void look_forward(const uint8_t *next)
{
    __builtin_prefetch(next);
    __builtin_prefetch(next + 64);
}

/* seconds, 4 bytes | micro- or nanoseconds, 4 | captured length, 4 | length, 4 | bytes */
enum pcapfile_result pcapfile_next(struct pcapfile *f, struct frame *out)
{
    struct bytes record = ahead(f->reader, RECORD_LEN), data;
    struct cursor c = cursor_over(record);
    uint32_t seconds = get32(&c), fraction = get32(&c), caplen = get32(&c), len = get32(&c);
    struct pcap_pkthdr header = {.ts = {.tv_sec = seconds}, .caplen = caplen, .len = len};

    if (record.len < RECORD_LEN)
        return record.len ? cut(f, record) : PCAPFILE_END;
    if (caplen > MAX_SNAPLEN) {
        reader_pass(f->reader, RECORD_LEN);
        snprintf(f->reason, sizeof f->reason, "a packet of impossible length %u", caplen);
        return PCAPFILE_BAD;
    }
    data = ahead(f->reader, RECORD_LEN + caplen);
    if (data.len < RECORD_LEN + caplen)
        return cut(f, data);
    reader_pass(f->reader, data.len);
    look_forward(data.p + data.len);
    header.ts.tv_usec = f->nanoseconds ? fraction / 1000 : fraction;
    if (caplen > f->snaplen)
        header.caplen = f->snaplen; /* libpcap drops the rest of such a packet, too */
    frame_fill(out, &header, data.p + RECORD_LEN, f->link_type);
    return PCAPFILE_FRAME;
}

const char *pcapfile_reason(const struct pcapfile *f)
{
    return f->reason;
}

void pcapfile_free(struct pcapfile *f)
{
    free(f);
}
