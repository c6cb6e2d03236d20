/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream/reassemble.h"

#include "base/log.h"

/* nids.h dates from C89: empty parameter lists and a callback passed as void *. The warnings are about its
 * text. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <nids.h>
#pragma GCC diagnostic pop

#include <stdlib.h>

/* libnids exports its TCP half, which takes an IPv4 packet, but does not declare it. Calling it instead of
 * nids_pcap_handler saves a quarter of the instructions and keeps libnids' fragment code, which reads past
 * hostile packets, out of the program's life. The second argument is what the packet counts for in the queue.
 */
void process_tcp(u_char *packet, int counts_for);

/* libnids' own are replaced at link time: its mkhash takes twelve divisions. Ours needs none, and no secret:
 * slots are ours, not the attacker's, and differ, so that every bucket holds one stream. */
__attribute__((visibility("default"))) u_int mkhash(u_int src, u_short sport, u_int dest, u_short dport);
__attribute__((visibility("default"))) void init_hash(void);

/* So is its search for the stream of a packet, which we know. Weak: where libnids is linked in whole, its own
 * stays, and costs a little more. */
struct tcp_stream *find_stream(struct tcphdr *tcp, struct ip *ip, int *from_client)
    __attribute__((weak, visibility("default")));

enum {
    HEADER_LEN = 40,                  /* IPv4 and TCP without options */
    MAX_PAYLOAD = 65535 - HEADER_LEN, /* the IPv4 length field has 16 bits */
    FIRST_ADDRESS = 0xf0,             /* 240.0.0.0 + slot: class E, which nobody else uses */
    UNIT = 16, /* libnids counts its queue against 65535; we count in units of 16 bytes */
    SEGMENT_OVERHEAD = 56 + 2 * 16, /* its struct and two malloc headers */
    MIN_UNITS = 64,                 /* at most 1023 segments wait: the queue is walked from its end */
    MAX_APART = 16,      /* segments that begin earlier and end too early, before we look no further */
    FIRST_STREAMS = 192, /* libnids is started with */
    MORE_STREAMS = 64,   /* are added when all are in use */
};

#define OTHER UINT32_C(0xe8000001) /* 232.0.0.1, the other end of all streams */

/* How libnids 1.26 keeps a segment that came too early (its tcp.h). Private to it, hence the probe at start.
 */
struct waiting {
    struct waiting *next, *prev;
    uint8_t *data;
    unsigned len, counts_for, urgent;
    char fin, urg;
    unsigned seq, ack;
};

/* Streams beyond the first ones. They go with libnids. */
struct more {
    struct more *next;
    struct tcp_stream streams[MORE_STREAMS];
};

static struct {
    bool used; /* libnids cannot be started twice: its second nids_init frees memory of the first */
    reassemble_fn *fn;
    void *arg;
    struct flow_entry *now; /* whose segment is being processed */
    unsigned side;
    bool filler;   /* the next byte given is the made-up one of reassemble_skip */
    size_t units;  /* waiting in all streams */
    uint8_t *loan; /* the one buffer that every stream gathers into: all is consumed at once */
    size_t n_free; /* streams that are in no use */
    struct more *more;
    pcap_t *pcap;
} nids;

static _Alignas(16) uint8_t wire[HEADER_LEN + MAX_PAYLOAD + 8];

u_int mkhash(u_int src, u_short sport, u_int dest, u_short dport)
{
    u_int client = ntohl(src) >> 28 == 0xf ? ntohl(src) : ntohl(dest);

    (void)sport;
    (void)dport;
    return client & 0x0fffffff; /* libnids takes it for an int */
}

void init_hash(void)
{
}

/* The stand-in addresses of one side, as libnids' tuple has them. */
static struct tuple4 tuple_of(const struct flow_entry *e)
{
    return (struct tuple4){.source = 1,
                           .dest = 2,
                           .saddr = htonl(((uint32_t)FIRST_ADDRESS << 24) + e->slot),
                           .daddr = htonl(OTHER)};
}

struct tcp_stream *find_stream(struct tcphdr *tcp, struct ip *ip, int *from_client)
{
    struct tuple4 tuple;

    (void)ip;
    *from_client = nids.side == 0;
    if (nids.now->tcp.nids)
        return nids.now->tcp.nids;
    if (tcp->th_flags == TH_FLAG_SYN)
        return NULL;            /* opens it */
    tuple = tuple_of(nids.now); /* being opened: the first in its bucket */
    return nids_find_tcp_stream(&tuple);
}

static void put_word(unsigned at, uint32_t v)
{
    v = htonl(v);
    memcpy(wire + 4 * at, &v, sizeof v);
}

/* The packet as libnids takes it, in words of four bytes. Identification, fragment, checksums and the urgent
 * pointer stay zero: nobody looks at them. 0 version 4, five words; length | 2 protocol 6 | 3 source | 4
 * destination 5 ports | 6 sequence | 7 acknowledgment | 8 five words; flags; window */
static void write_header(const struct flow_entry *e, unsigned side, uint8_t flags, uint32_t seq, uint32_t ack,
                         size_t payload_len)
{
    uint32_t ours = ((uint32_t)FIRST_ADDRESS << 24) + e->slot, other = OTHER;

    put_word(0, 0x45000000 | (uint32_t)(HEADER_LEN + payload_len));
    put_word(2, PROTO_TCP << 16);
    put_word(3, side == 0 ? ours : other);
    put_word(4, side == 0 ? other : ours);
    put_word(5, side == 0 ? 0x00010002 : 0x00020001);
    put_word(6, seq);
    put_word(7, ack);
    put_word(8, 0x5000ffff | (uint32_t)flags << 16);
}

static struct half_stream *sender(const struct flow_entry *e, unsigned side)
{
    struct tcp_stream *t = e->tcp.nids;

    return side == 0 ? &t->client : &t->server;
}

static struct half_stream *receiver(const struct flow_entry *e, unsigned side)
{
    return sender(e, !side);
}

static struct waiting *queue_head(const struct half_stream *h)
{
    return (struct waiting *)(void *)h->list;
}

static struct waiting *queue_tail(const struct half_stream *h)
{
    return (struct waiting *)(void *)h->listtail;
}

static void on_tcp(struct tcp_stream *t, void **unused)
{
    struct half_stream *h;
    struct bytes data;

    (void)unused;
    if (t->nids_state == NIDS_JUST_EST) {
        t->client.collect++;
        t->server.collect++;
        nids.now->tcp.nids = t;
        return;
    }
    /* No FIN and no RST enters libnids, and it never lacks a stream: data is all it can report. */
    if (t->nids_state != NIDS_DATA)
        return;
    h = nids.side == 0 ? &t->server : &t->client;
    data = bytes_of(h->data, (size_t)h->count_new);
    nids.now->tcp.side[nids.side].next += (uint32_t)data.len;
    if (nids.filler) {
        nids.filler = false;
        data = bytes_from(data, 1);
    }
    if (data.len && nids.fn)
        nids.fn(nids.arg, nids.now, nids.side, data);
}

/* libnids cannot go on after a failed malloc. The process can be started again; what it held is lost. */
static void out_of_memory(char *where)
{
    log_error("out of memory while following connections (libnids, %s)", where);
    exit(EXIT_FAILURE);
}

/* libnids takes the memory of all its streams at its start, and writes to all of it: forty megabytes by
 * default, for what may be ten connections. So it is started with few, and given more in the one way there
 * is: by being told that they have ended. Each counts as one less in use then, and so its limit grows by as
 * many. */
static void add_streams(void)
{
    static struct tcp_stream nobody; /* to stand before them: else a bucket would lose its first stream */
    struct more *more = calloc(1, sizeof *more);

    if (!more) {
        out_of_memory("streams");
        return;
    }
    more->next = nids.more;
    nids.more = more;
    for (unsigned i = 0; i < MORE_STREAMS; i++) {
        more->streams[i].prev_node = &nobody;
        nids_free_tcp_stream(&more->streams[i]);
    }
    nids.n_free += MORE_STREAMS;
}

/* Three packets make a stream. Its numbers are set later, when each side's first byte is known. */
static void open_stream(struct flow_entry *e)
{
    if (nids.n_free == 0)
        add_streams();
    nids.n_free--;
    nids.now = e;
    nids.side = 0;
    write_header(e, 0, TH_FLAG_SYN, 0, 0, 0);
    process_tcp(wire, MIN_UNITS);
    nids.side = 1;
    write_header(e, 1, TH_FLAG_SYN | TH_FLAG_ACK, 0, 1, 0);
    process_tcp(wire, MIN_UNITS);
    nids.side = 0;
    write_header(e, 0, TH_FLAG_ACK, 1, 1, 0);
    process_tcp(wire, MIN_UNITS);
    for (unsigned side = 0; side < 2 && e->tcp.nids; side++) {
        sender(e, side)->window = 65535;
        sender(e, side)->wscale = 1u << 14;
    }
}

static int units_of(size_t payload_len)
{
    size_t units = (payload_len + SEGMENT_OVERHEAD + UNIT - 1) / UNIT;

    return (int)(units < MIN_UNITS ? MIN_UNITS : units);
}

/* Gives libnids the segment lying behind the header in wire. Before each one, its public fields are set to
 * what we know: everything before next is acknowledged and consumed. So no counter of it can wrap (it keeps
 * them in int), and a stream holds no memory of its own between two packets. collect: it shall give bytes;
 * else it only counts them, and never looks behind the header. */
static void process(struct flow_entry *e, unsigned side, uint32_t seq, size_t payload_len, bool collect)
{
    const struct tcp_flow *tcp = &e->tcp;
    struct half_stream *snd = sender(e, side), *rcv = receiver(e, side);
    int before;

    write_header(e, side, TH_FLAG_ACK, seq, tcp->side[!side].next, payload_len);
    snd->first_data_seq = tcp->side[side].next;
    rcv->ack_seq = tcp->side[side].next;
    rcv->count = rcv->offset = rcv->urg_count = 0;
    rcv->collect = collect;
    nids.now = e;
    nids.side = side;
    if (!collect) {
        process_tcp(wire, 0);
        return;
    }
    rcv->data = (char *)nids.loan;
    rcv->bufsize = MAX_PAYLOAD + 1;
    before = rcv->rmem_alloc;
    process_tcp(wire, units_of(payload_len));
    rcv->data = NULL;
    rcv->bufsize = 0;
    nids.units += (size_t)(rcv->rmem_alloc - before);
}

/* Linux keeps, of two segments that begin alike, the longer one; libnids would keep the first and take only
 * the rest from the second. */
static void replace(struct half_stream *rcv, struct waiting *w, struct bytes payload)
{
    uint8_t *data = malloc(payload.len);
    int units = units_of(payload.len);

    if (!data)
        return; /* the shorter one stays */
    memcpy(data, payload.p, payload.len);
    free(w->data);
    w->data = data;
    w->len = (unsigned)payload.len;
    nids.units += (size_t)(units - (int)w->counts_for);
    rcv->rmem_alloc += units - (int)w->counts_for;
    w->counts_for = (unsigned)units;
}

/* True when a segment that came too early needs no place in the queue. */
static bool queue_has(struct flow_entry *e, unsigned side, uint32_t seq, struct bytes payload)
{
    struct half_stream *rcv = receiver(e, side);
    struct waiting *w = queue_tail(rcv);

    while (w && seq_after(w->seq, seq))
        w = w->prev;
    if (!w)
        return false;
    if (!seq_after(seq + (uint32_t)payload.len, w->seq + w->len))
        return true;
    if (w->seq != seq)
        return false;
    replace(rcv, w, payload);
    return true;
}

bool reassemble_conflicts(const struct flow_entry *e, unsigned side, uint32_t seq, struct bytes payload,
                          void (*fn)(void *arg, uint32_t seq, struct bytes data), void *arg)
{
    uint32_t end = seq + (uint32_t)payload.len;
    unsigned apart = 0;
    bool any = false;

    for (struct waiting *w = e->tcp.nids ? queue_tail(receiver(e, side)) : NULL; w && apart < MAX_APART;
         w = w->prev) {
        uint32_t from = seq_after(w->seq, seq) ? w->seq : seq;
        uint32_t w_end = w->seq + w->len, to = seq_after(end, w_end) ? w_end : end;

        if (!seq_after(to, from)) {
            apart += !seq_after(w->seq, seq);
            continue;
        }
        if (memcmp(payload.p + (from - seq), w->data + (from - w->seq), to - from) == 0)
            continue;
        any = true;
        fn(arg, w->seq, bytes_of(w->data, w->len));
    }
    return any;
}

/* Nearly every segment: nothing is copied. */
static enum reassembled in_order(struct flow_entry *e, unsigned side, uint32_t seq, struct bytes payload)
{
    struct tcp_side *h = &e->tcp.side[side];
    struct half_stream *rcv = receiver(e, side);

    process(e, side, seq, payload.len, false);
    payload = bytes_from(payload, payload.len - (size_t)rcv->count);
    h->next += (uint32_t)payload.len;
    if (payload.len && nids.fn)
        nids.fn(nids.arg, e, side, payload);
    return REASSEMBLED_GIVEN;
}

static enum reassembled one_segment(struct flow_entry *e, unsigned side, uint32_t seq, struct bytes payload)
{
    const struct tcp_side *h = &e->tcp.side[side];
    bool early = seq_after(seq, h->next);

    if (!seq_after(seq + (uint32_t)payload.len, h->next))
        return REASSEMBLED_NOTHING;
    if (early && queue_has(e, side, seq, payload))
        return REASSEMBLED_NOTHING;
    if (!early && !receiver(e, side)->list)
        return in_order(e, side, seq, payload);
    memcpy(wire + HEADER_LEN, payload.p, payload.len);
    process(e, side, seq, payload.len, true);
    return early ? REASSEMBLED_WAITS : REASSEMBLED_GIVEN;
}

enum reassembled reassemble_segment(struct flow_entry *e, unsigned side, uint32_t seq, struct bytes payload)
{
    enum reassembled result = REASSEMBLED_NOTHING;

    if (!e->tcp.nids)
        open_stream(e);
    if (!e->tcp.nids)
        return REASSEMBLED_NOTHING;
    if (payload.len <= MAX_PAYLOAD)
        return one_segment(e, side, seq, payload);
    for (size_t at = 0; at < payload.len; at += MAX_PAYLOAD) {
        struct bytes piece = bytes_slice(payload, at, at + MAX_PAYLOAD);
        enum reassembled r = one_segment(e, side, seq + (uint32_t)at, piece);

        if (r < result)
            result = r;
    }
    return result;
}

/* A hole of any size costs one packet: next moves to its last byte, which is then made up, so that libnids
 * looks into its queue. */
void reassemble_skip(struct flow_entry *e, unsigned side, uint32_t to)
{
    struct tcp_side *h = &e->tcp.side[side];

    if (!seq_after(to, h->next))
        return;
    if (!e->tcp.nids || !receiver(e, side)->list) {
        h->next = to;
        return;
    }
    h->next = to - 1;
    wire[HEADER_LEN] = 0;
    nids.filler = true;
    process(e, side, h->next, 1, true);
    nids.filler = false;
}

bool reassemble_waiting(const struct flow_entry *e, unsigned side, uint32_t *seq)
{
    const struct waiting *w = e->tcp.nids ? queue_head(receiver(e, side)) : NULL;

    if (!w)
        return false;
    *seq = w->seq;
    return true;
}

size_t reassemble_held(const struct flow_entry *e, unsigned side)
{
    return e->tcp.nids ? (size_t)receiver(e, side)->rmem_alloc * UNIT : 0;
}

size_t reassemble_held_by_all(void)
{
    return nids.units * UNIT;
}

size_t reassemble_cost(size_t payload_len)
{
    return (size_t)units_of(payload_len) * UNIT;
}

void reassemble_purge(struct flow_entry *e, unsigned side)
{
    struct half_stream *rcv;
    struct waiting *w, *next;

    if (!e->tcp.nids)
        return;
    rcv = receiver(e, side);
    for (w = queue_head(rcv); w; w = next) {
        next = w->next;
        free(w->data);
        free(w);
    }
    nids.units -= (size_t)rcv->rmem_alloc;
    rcv->list = rcv->listtail = NULL;
    rcv->rmem_alloc = 0;
}

void reassemble_close(struct flow_entry *e)
{
    if (!e->tcp.nids)
        return;
    reassemble_purge(e, 0);
    reassemble_purge(e, 1);
    nids_free_tcp_stream(e->tcp.nids);
    nids.n_free++;
    e->tcp.nids = NULL;
}

/* libnids' report of an odd packet. It can only see ours, and would write each one to the system log. */
static void ignore_report(int type, int what, struct ip *ip, void *data)
{
    (void)type;
    (void)what;
    (void)ip;
    (void)data;
}

/* Puts one segment into the queue and takes it out again, to see that the queue looks as struct waiting says.
 * Its fields are compared in an order in which none is trusted before the one that vouches for it. */
static bool queue_is_as_expected(uint32_t slot)
{
    static struct flow_entry probe;
    const struct waiting *w;
    bool ok;

    probe = (struct flow_entry){.slot = slot};
    probe.tcp.side[0].next = 0xfffffffa;
    if (reassemble_segment(&probe, 0, 0xfffffffd, BYTES_LIT("early")) != REASSEMBLED_WAITS || !probe.tcp.nids)
        return false;
    w = queue_head(receiver(&probe, 0));
    ok = w && w == queue_tail(receiver(&probe, 0)) && w->seq == 0xfffffffd && w->len == 5 && !w->next &&
         !w->prev && (int)w->counts_for == receiver(&probe, 0)->rmem_alloc &&
         memcmp(w->data, "early", 5) == 0;
    if (ok) {
        reassemble_skip(&probe, 0, 0xfffffffd);
        ok = probe.tcp.side[0].next == 2 && receiver(&probe, 0)->rmem_alloc == 0;
    }
    reassemble_close(&probe);
    return ok;
}

static void set_parameters(void)
{
    static struct nids_chksum_ctl no_checksums = {
        .action = NIDS_DONT_CHKSUM}; /* decode/ has checked: kept by libnids */

    nids_params.pcap_desc = nids.pcap;
    nids_params.n_tcp_streams = FIRST_STREAMS / 3 * 4 + 1; /* buckets: it has streams for three quarters */
    nids_params.n_hosts = 1; /* its fragment table, never used; 0 divides by zero */
    nids_params.scan_num_hosts = 0;
    nids_params.tcp_workarounds = 0;
    nids_params.tcp_flow_timeout = 0;
    nids_params.multiproc = 0;
    nids_params.pcap_filter = NULL;
    nids_params.syslog = ignore_report;
    nids_params.no_mem = out_of_memory;
    nids_register_chksum_ctl(&no_checksums, 1);
}

bool reassemble_init(size_t max_flows, reassemble_fn *fn, void *arg, struct complaint *why)
{
    static struct pcap_pkthdr header; /* libnids reads the time from it, and keeps the pointer */

    if (nids.used)
        return complain(why, "a process can follow connections once (libnids keeps its state in globals)");
    nids.used = true;
    nids.pcap = pcap_open_dead(12 /* DLT_RAW: 101 is refused */, 65535);
    nids.loan = malloc(MAX_PAYLOAD + 1);
    if (!nids.pcap || !nids.loan)
        return complain(why, "memory is short: %zu flows were asked for (flow.memcap)", max_flows);
    set_parameters();
    if (!nids_init())
        return complain(why, "libnids: %s", nids_errbuf);
    nids.n_free = FIRST_STREAMS;
    nids_last_pcap_header = &header;
    nids_register_tcp((void *)on_tcp);
    if (!queue_is_as_expected((uint32_t)max_flows))
        return complain(why, "this libnids is not version 1.26, which the sensor was written for");
    nids.fn = fn;
    nids.arg = arg;
    return true;
}

void reassemble_exit(void)
{
    nids.fn = NULL;
    nids_unregister_tcp((void *)on_tcp);
    nids_exit();
    for (struct more *more = nids.more, *next; more; more = next) {
        next = more->next;
        free(more);
    }
    nids.more = NULL;
    pcap_close(nids.pcap);
    free(nids.loan);
    nids.loan = NULL;
}
