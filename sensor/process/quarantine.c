/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define LINKS_MAX 16

struct kept {
    uint64_t ts_us, number;
    uint32_t len, wire_len;
    int32_t link_type;
    uint8_t data[RECENT_SNAP];
};

struct recent {
    unsigned n;
    struct kept *kept;     /* shared memory; only what was used is there */
    volatile uint64_t *at; /* how many were noted, in a page of its own */
    size_t size;
};

#define PAGE 4096

struct recent *recent_new(unsigned n)
{
    struct recent *r = calloc(1, sizeof *r);
    uint8_t *place;

    if (!r)
        return NULL;
    r->n = n;
    r->size = PAGE + n * sizeof(struct kept);
    place = mmap(NULL, r->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) {
        free(r);
        return NULL;
    }
    r->at = (volatile uint64_t *)place;
    r->kept = (struct kept *)(place + PAGE);
    return r;
}

void recent_free(struct recent *r)
{
    if (!r)
        return;
    munmap((void *)r->at, r->size);
    free(r);
}

void recent_note(struct recent *r, const struct frame *frame)
{
    struct kept *k = &r->kept[*r->at % r->n];

    k->len = (uint32_t)(frame->data.len < RECENT_SNAP ? frame->data.len : RECENT_SNAP);
    k->ts_us = frame->ts_us;
    k->number = frame->number;
    k->wire_len = frame->wire_len;
    k->link_type = frame->link_type;
    if (k->len)
        memcpy(k->data, frame->data.p, k->len);
    ++*r->at;
}

/* --- pcapng (draft-ietf-opsawg-pcapng section 4), in host byte order --- */

static bool put(FILE *file, const void *p, size_t len)
{
    return fwrite(p, 1, len, file) == len;
}

static bool put_section(FILE *file)
{
    static const uint32_t block[] = {0x0a0d0d0a, 28, 0x1a2b3c4d, 1, UINT32_MAX, UINT32_MAX, 28};

    return put(file, block, sizeof block);
}

/* What a file calls the link types of raw IP is not what libpcap calls them in memory. */
static uint16_t file_link_type(int link_type)
{
    return link_type == 12 || link_type == 14 ? 101 : (uint16_t)link_type;
}

static bool put_interface(FILE *file, int link_type)
{
    const uint32_t block[] = {1, 20, file_link_type(link_type), RECENT_SNAP, 20};

    return put(file, block, sizeof block);
}

static bool put_packet(FILE *file, const struct kept *k, unsigned interface)
{
    static const uint8_t zeros[4];
    uint32_t len = k->len < RECENT_SNAP ? k->len : RECENT_SNAP, padding = -len & 3, size = 32 + len + padding;
    const uint32_t head[] = {6,
                             size,
                             interface,
                             (uint32_t)(k->ts_us >> 32),
                             (uint32_t)k->ts_us,
                             len,
                             k->wire_len > len ? k->wire_len : len};

    return put(file, head, sizeof head) && put(file, k->data, len) && put(file, zeros, padding) &&
           put(file, &size, sizeof size);
}

struct links {
    int type[LINKS_MAX];
    unsigned n;
};

/* The interface that this link type got in the file; a new one when it is new. */
static bool interface_of(FILE *file, struct links *links, int link_type, unsigned *interface)
{
    for (*interface = 0; *interface < links->n; ++*interface)
        if (links->type[*interface] == link_type)
            return true;
    if (links->n == LINKS_MAX)
        return false;
    links->type[links->n++] = link_type;
    return put_interface(file, link_type);
}

static unsigned write_all(struct recent *r, FILE *file)
{
    uint64_t end = *r->at, first = end > r->n ? end - r->n : 0;
    struct links links = {.n = 0};
    unsigned n = 0, interface;

    if (!put_section(file))
        return 0;
    for (uint64_t i = first; i < end; i++) {
        const struct kept *k = &r->kept[i % r->n];

        if (!interface_of(file, &links, k->link_type, &interface) || !put_packet(file, k, interface))
            break;
        n++;
    }
    return n;
}

unsigned quarantine_write(struct recent *r, const char *dir, unsigned number, char *path, size_t path_size,
                          struct complaint *why)
{
    unsigned n = 0;
    FILE *file;
    int fd;

    snprintf(path, path_size, "%s/quarantine-%u.pcapng", dir, number);
    unlink(path); /* never through a link that somebody else put there */
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (file) {
        n = write_all(r, file);
        if (fclose(file) != 0)
            n = 0;
    } else if (fd >= 0) {
        close(fd);
    }
    if (n == 0)
        complain(why, "%s: %s", path, errno ? strerror(errno) : "nothing was kept");
    *r->at = 0;
    return n;
}
