/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of pcap files: the input is a file. libpcap must see the same packets in it. */
#include "capture/pcapfile.h"

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

#define LAST_US (UINT64_C(253402300799) * 1000000 + 999999)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int file_of(const uint8_t *data, size_t size)
{
    int fd = memfd_create("input", 0);

    assert(fd >= 0 && write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

static pcap_t *as_libpcap(const uint8_t *data, size_t size)
{
    char reason[PCAP_ERRBUF_SIZE];
    FILE *stream = fmemopen((void *)(uintptr_t)data, size, "rb");

    assert(stream);
    return pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_MICRO, reason);
}

static void same(const struct frame *f, pcap_t *pcap)
{
    struct pcap_pkthdr *header;
    const uint8_t *bytes;
    struct frame theirs;

    assert(pcap_next_ex(pcap, &header, &bytes) == 1);
    frame_fill(&theirs, header, bytes, pcap_datalink(pcap));
    assert(f->link_type == theirs.link_type && f->wire_len == theirs.wire_len);
    assert(bytes_eq(f->data, theirs.data));
    /* Its nanoseconds are signed. */
    assert(f->ts_us == theirs.ts_us || f->ts_us / 1000000 == theirs.ts_us / 1000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader *r;
    struct pcapfile *file;
    pcap_t *pcap;
    struct frame f;
    enum pcapfile_result result;

    if (size < 24 || data[0] == 0x1f || data[0] == 0x28) /* packed: fuzz_unpack */
        return 0;
    r = reader_new(file_of(data, size), 64 + data[23], NULL);
    assert(r);
    file = pcapfile_new(r);
    pcap = as_libpcap(data, size);
    assert(!file || pcap);
    while (file && (result = pcapfile_next(file, &f)) == PCAPFILE_FRAME) {
        assert(f.data.len <= MAX_SNAPLEN && f.wire_len >= f.data.len && f.ts_us <= LAST_US);
        same(&f, pcap);
        assert(reader_passed(r) <= size);
    }
    if (file) {
        struct pcap_pkthdr *header;
        const uint8_t *bytes;
        int theirs = pcap_next_ex(pcap, &header, &bytes);

        assert((result == PCAPFILE_END) == (theirs == PCAP_ERROR_BREAK));
        assert((result == PCAPFILE_BAD) == (pcapfile_reason(file)[0] != 0));
    }
    pcapfile_free(file);
    if (pcap)
        pcap_close(pcap);
    fclose(reader_stream(r));
    reader_free(r);
    return 0;
}
