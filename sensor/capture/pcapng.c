/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/pcapng.h"

#include "base/cursor.h"
#include "capture/source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

enum block_type {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2, /* what older writers used */
    BLOCK_SIMPLE = 3,
    BLOCK_ENHANCED = 6,
    BLOCK_SECTION = 0x0a0d0d0a, /* the same in both byte orders */
};

#define ORDER_MAGIC  0x1a2b3c4d
#define HEADER_LEN   8 /* type, length */
#define TRAILER_LEN  4 /* the length again */
#define BLOCK_MIN    (HEADER_LEN + TRAILER_LEN)
#define BLOCK_MAX    (16u << 20)
#define FIRST_SIZE   65536
#define MAX_PORTS    4096
#define FIRST_PORTS  4
#define OPTION_UNITS 9
#define OPTION_BASE  14

#define LINK_TYPE_RAW 101

struct port {
    int link_type;
    uint32_t snaplen;  /* 0: none */
    uint8_t units;     /* if_tsresol: 10^-n seconds, or 2^-n with the top bit */
    int64_t base_secs; /* if_tsoffset */
};

struct pcapng {
    FILE *stream;
    bool little; /* byte order of this section */
    bool begun;
    struct port *ports; /* of this section */
    uint32_t n_ports, max_ports;
    uint8_t *block; /* the body of the open block */
    size_t block_size;
    uint64_t last_us; /* for packets without a time */
    char reason[160];
};

struct pcapng *pcapng_new(FILE *stream)
{
    struct pcapng *n = calloc(1, sizeof *n);

    if (n)
        n->stream = stream;
    return n;
}

void pcapng_free(struct pcapng *n)
{
    if (!n)
        return;
    free(n->ports);
    free(n->block);
    free(n);
}

const char *pcapng_reason(const struct pcapng *n)
{
    return n->reason;
}

__attribute__((format(printf, 2, 3))) static bool bad(struct pcapng *n, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(n->reason, sizeof n->reason, fmt, args);
    va_end(args);
    return false;
}

static uint16_t get16(const struct pcapng *n, struct cursor *c)
{
    uint16_t v = cursor_u16be(c);

    return n->little ? __builtin_bswap16(v) : v;
}

static uint32_t get32(const struct pcapng *n, struct cursor *c)
{
    uint32_t v = cursor_u32be(c);

    return n->little ? __builtin_bswap32(v) : v;
}

static uint64_t get64(const struct pcapng *n, struct cursor *c)
{
    uint64_t v = cursor_u64be(c);

    return n->little ? __builtin_bswap64(v) : v;
}

/* False when the stream ends or fails first. */
static bool read_all(struct pcapng *n, uint8_t *to, size_t len)
{
    errno = 0;
    if (fread(to, 1, len, n->stream) == len)
        return true;
    if (ferror(n->stream))
        return bad(n, "%s", strerror(errno));
    return bad(n, "the file ends within a block");
}

/* Grows with what is really there: a claim alone costs nothing. */
static bool read_body(struct pcapng *n, size_t len)
{
    for (size_t have = 0; have < len;) {
        size_t want = len;

        if (want > n->block_size) {
            size_t size = n->block_size ? n->block_size * 2 : FIRST_SIZE;
            uint8_t *grown = realloc(n->block, size);

            if (!grown)
                return bad(n, "memory is short for a block of %zu bytes", len);
            n->block = grown;
            n->block_size = size;
            if (want > size)
                want = size;
        }
        if (!read_all(n, n->block + have, want - have))
            return false;
        have = want;
    }
    return true;
}

/* The byte order is not known before the body of a section's block has begun. */
static bool section_order(struct pcapng *n, uint32_t *len, uint8_t magic[4])
{
    struct cursor c = cursor_over(bytes_of(magic, 4));
    uint32_t order;

    if (!read_all(n, magic, 4))
        return false;
    order = cursor_u32be(&c);
    if (order != ORDER_MAGIC && __builtin_bswap32(order) != ORDER_MAGIC)
        return bad(n, "a section without its byte order mark");
    if (n->little != (order != ORDER_MAGIC))
        *len = __builtin_bswap32(*len);
    n->little = order != ORDER_MAGIC;
    return true;
}

/* type, 4 bytes | length of the whole block, 4 | body | length again. False at the end (no reason) or when
 * the frame of the block is wrong. */
static bool block_read(struct pcapng *n, uint32_t *type, struct cursor *body)
{
    uint8_t header[HEADER_LEN] = {0}, magic[4];
    struct cursor c = cursor_over(bytes_of(header, sizeof header));
    int first = getc(n->stream);
    size_t taken = 0;
    uint32_t len;

    n->reason[0] = 0;
    if (first == EOF)
        return ferror(n->stream) ? bad(n, "%s", strerror(errno)) : false;
    header[0] = (uint8_t)first;
    if (!read_all(n, header + 1, sizeof header - 1))
        return false;
    *type = get32(n, &c);
    len = get32(n, &c);
    if (*type == BLOCK_SECTION) {
        if (!section_order(n, &len, magic))
            return false;
        taken = sizeof magic;
    } else if (!n->begun) {
        return bad(n, "no pcapng file: it does not begin with a section");
    }
    if (len < BLOCK_MIN + taken || len > BLOCK_MAX || len % 4)
        return bad(n, "a block of impossible length %u", len);
    if (!read_body(n, len - HEADER_LEN - taken))
        return false;
    *body = cursor_over(bytes_of(n->block, len - HEADER_LEN - taken - TRAILER_LEN));
    c = cursor_over(bytes_of(n->block + len - HEADER_LEN - taken - TRAILER_LEN, TRAILER_LEN));
    return get32(n, &c) == len || bad(n, "a block whose two lengths differ");
}

/* byte order mark (read already) | major version, 2 | minor, 2 | length of the section, 8 | options */
static bool section_begin(struct pcapng *n, struct cursor *body)
{
    uint16_t major = get16(n, body);

    cursor_skip(body, 10);
    if (!cursor_ok(body))
        return bad(n, "a section header that is too short");
    if (major != 1)
        return bad(n, "version %u of the format, which is not known", major);
    n->begun = true;
    n->n_ports = 0;
    return true;
}

/* code, 2 bytes | length, 2 | value, padded to 4 bytes .. | code 0 */
static void port_options(struct pcapng *n, struct cursor *c, struct port *p)
{
    while (cursor_left(c) >= 4) {
        uint16_t code = get16(n, c), len = get16(n, c);
        struct cursor value = cursor_sub(c, len);

        if (code == 0 || !cursor_ok(c))
            return;
        if (code == OPTION_UNITS && len == 1)
            p->units = cursor_u8(&value);
        else if (code == OPTION_BASE && len == 8)
            p->base_secs = (int64_t)get64(n, &value);
        cursor_skip(c, -len & 3u);
    }
}

/* Files number raw IP as no system's libpcap does; the other numbers are the same. */
static int dlt_of(uint16_t link_type)
{
    return link_type == LINK_TYPE_RAW ? DLT_RAW : link_type;
}

/* link type, 2 bytes | reserved, 2 | snap length, 4 | options */
static bool port_add(struct pcapng *n, struct cursor *body)
{
    struct port port = {.units = 6}, *grown;

    port.link_type = dlt_of(get16(n, body));
    cursor_skip(body, 2);
    port.snaplen = get32(n, body);
    if (!cursor_ok(body))
        return bad(n, "an interface block that is too short");
    port_options(n, body, &port);
    if (n->n_ports == n->max_ports) {
        uint32_t max = n->max_ports ? n->max_ports * 2 : FIRST_PORTS;

        if (max > MAX_PORTS)
            return bad(n, "more than %d interfaces in a section", MAX_PORTS);
        grown = realloc(n->ports, max * sizeof *grown);
        if (!grown)
            return bad(n, "memory is short for %u interfaces", max);
        n->ports = grown;
        n->max_ports = max;
    }
    n->ports[n->n_ports++] = port;
    return true;
}

static uint64_t power_of_10(unsigned n)
{
    uint64_t power = 1;

    while (n-- > 0)
        power *= 10;
    return power;
}

/* In microseconds. Units below 10^-19 and 2^-63 do not add up to a second in 64 bits. */
static uint64_t time_of(const struct port *p, uint64_t units)
{
    unsigned exponent = p->units & 0x7f;
    uint64_t seconds, fraction, per_second;
    int64_t whole;
    struct timeval tv;

    if (p->units & 0x80) {
        seconds = exponent < 64 ? units >> exponent : 0;
        fraction = exponent < 64 ? units & ((UINT64_C(1) << exponent) - 1) : units;
        fraction = (uint64_t)((unsigned __int128)fraction * 1000000 >> exponent);
    } else if (exponent < 20) {
        per_second = power_of_10(exponent);
        seconds = units / per_second;
        fraction = (uint64_t)((unsigned __int128)(units % per_second) * 1000000 / per_second);
    } else {
        seconds = 0;
        fraction = exponent < 26 ? units / power_of_10(exponent - 6) : 0;
    }
    if (seconds > LAST_SECOND)
        seconds = LAST_SECOND;
    if (__builtin_add_overflow((int64_t)seconds, p->base_secs, &whole))
        whole = p->base_secs < 0 ? 0 : LAST_SECOND;
    tv = (struct timeval){.tv_sec = whole < 0 ? 0 : whole, .tv_usec = (suseconds_t)fraction};
    return frame_time(&tv);
}

static bool frame_make(struct pcapng *n, struct cursor *body, uint32_t port, uint32_t caplen, uint32_t len,
                       struct frame *out)
{
    struct bytes data;

    if (!cursor_ok(body))
        return bad(n, "a packet block that is too short");
    if (port >= n->n_ports)
        return bad(n, "a packet of interface %u, of which there is no description", port);
    data = cursor_take(body, caplen);
    if (!cursor_ok(body))
        return bad(n, "a packet of %u bytes in a shorter block", caplen);
    data = bytes_slice(data, 0, MAX_SNAPLEN);
    out->data = data;
    out->wire_len = len > caplen ? len : caplen;
    out->link_type = n->ports[port].link_type;
    out->ts_us = n->last_us;
    return true;
}

/* interface, 4 bytes (in the older block: 2, and drops, 2) | time, high 4, low 4 | captured length, 4 |
 * length, 4 | bytes | options */
static bool packet_read(struct pcapng *n, struct cursor *body, bool older, struct frame *out)
{
    uint32_t port, caplen, len;
    uint64_t units;

    if (older) {
        port = get16(n, body);
        cursor_skip(body, 2);
    } else {
        port = get32(n, body);
    }
    units = (uint64_t)get32(n, body) << 32;
    units |= get32(n, body);
    caplen = get32(n, body);
    len = get32(n, body);
    if (cursor_ok(body) && port < n->n_ports)
        n->last_us = time_of(&n->ports[port], units);
    return frame_make(n, body, port, caplen, len, out);
}

/* length, 4 bytes | bytes: as many as the first interface's snap length lets through. No time: that of the
 * packet before it, so that no timer turns. */
static bool simple_read(struct pcapng *n, struct cursor *body, struct frame *out)
{
    uint32_t len = get32(n, body), caplen = len, snaplen = n->n_ports ? n->ports[0].snaplen : 0;

    if (snaplen && caplen > snaplen)
        caplen = snaplen;
    return frame_make(n, body, 0, caplen, len, out);
}

enum pcapng_result pcapng_next(struct pcapng *n, struct frame *out)
{
    for (;;) {
        struct cursor body = {0};
        uint32_t type = 0;
        bool good = true, frame = false;

        if (!block_read(n, &type, &body))
            return n->reason[0] ? PCAPNG_BAD : PCAPNG_END;
        switch (type) {
        case BLOCK_SECTION:
            good = section_begin(n, &body);
            break;
        case BLOCK_INTERFACE:
            good = port_add(n, &body);
            break;
        case BLOCK_PACKET:
        case BLOCK_ENHANCED:
            good = frame = packet_read(n, &body, type == BLOCK_PACKET, out);
            break;
        case BLOCK_SIMPLE:
            good = frame = simple_read(n, &body, out);
            break;
        default: /* names, statistics, secrets, whatever comes */
            break;
        }
        if (!good)
            return PCAPNG_BAD;
        if (frame)
            return PCAPNG_FRAME;
    }
}
