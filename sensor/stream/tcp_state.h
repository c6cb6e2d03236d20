/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_TCP_STATE_H
#define STREAM_TCP_STATE_H

#include <stdbool.h>
#include <stdint.h>

/* Sequence numbers wrap: one is after another when it is less than half the circle ahead (RFC 9293
 * section 3.4). */
static inline bool seq_after(uint32_t a, uint32_t b)
{
    return (int32_t)(b - a) < 0;
}

/* What is known of the bytes that one side sends. */
struct tcp_side {
    uint32_t isn;      /* of its SYN, when isn_known */
    uint32_t next;     /* the next byte to give; meaningful when isn_known or started */
    uint32_t top;      /* end of the furthest segment taken */
    uint32_t acked;    /* the furthest acknowledgment by the other side, when acked_known */
    uint32_t answered; /* the first acknowledgment by the other side, when acked_known */
    uint32_t edge;     /* the furthest right edge the other side has offered, when acked_known */
    uint32_t window;   /* the largest window the other side has offered */
    uint32_t noted_ack, noted_window; /* the last acknowledgment that was looked at, and its window */
    uint32_t rival_isn;               /* of a later SYN that contradicts isn, when rival */
    uint32_t fin;                     /* where its FIN stands, when fin_waiting */
    uint32_t syn_len;               /* payload of its SYN that nobody has acknowledged yet (TCP Fast Open) */
    uint32_t stray_low, stray_high; /* what lay beyond the edge since stray_us */
    uint32_t stamp;                 /* the last timestamp that counts, when stamped */
    uint32_t urgent;                /* the number of a byte that is cut out, when has_urgent */
    uint32_t doubt_end;   /* end of what was dropped and perhaps should not have been, when doubted */
    uint32_t ring;        /* history.c: where its last bytes are; 0 for nowhere */
    uint32_t n_versions;  /* alternative.c: versions of its bytes that are kept */
    uint32_t n_following; /* of those, the ones to be judged again with what follows */
    uint32_t blocks_end;  /* end of what the other side has acknowledged selectively, when has_blocks */
    uint32_t doubted_fin; /* where a FIN stands that is to be acknowledged first, when fin_doubted */

    uint64_t last_us;   /* time of its last packet */
    uint64_t given;     /* bytes given so far */
    uint64_t turn;      /* given when the other side last spoke */
    uint64_t gap;       /* bytes missing before the next chunk, or that nobody wanted when enough */
    uint64_t missed;    /* those of all gaps that were told */
    uint64_t hole_us;   /* when the present hole opened; 0 when none is open */
    uint64_t passed_us; /* when an acknowledgment passed the start of that hole; 0 when none did */
    uint64_t stamp_us;  /* when stamp was taken */
    uint64_t pending;   /* captured bytes that were taken and neither given nor counted: those that wait */
    uint64_t stray_us;  /* first segment beyond the edge since the other side last spoke; 0 when none */

    uint32_t hole_at;       /* the value of next when the hole opened */
    uint8_t n_since_passed; /* segments of this side since passed_us */
    uint8_t ttl;            /* of its first packet; 0 before */
    uint8_t shift;          /* window scale its own SYN offers; 0xff when none */
    uint8_t rival_shift;
    bool isn_known, started, acked_known;
    bool rival, rival_synack;
    bool fin_waiting; /* a FIN was seen, bytes before it are missing */
    bool fin_taken;   /* everything up to the FIN has been given */
    bool unsettled;   /* something came too early since hole_settle */
    bool stamped;     /* its SYN had a timestamp */
    bool signs;       /* its SYN had an MD5 signature */
    bool has_urgent;
    bool doubted;
    bool summed;  /* its SYN had right checksums */
    bool special; /* as packet.special, of its first segment */
    bool has_blocks;
    bool fin_doubted;
    bool other_ttl; /* data came with another time to live than ttl */
    bool begun, ended, enough, too_deep;
};

/* The TCP half of a flow's entry. Zero at first. */
struct tcp_flow {
    struct tcp_side side[2];
    void *nids;     /* libnids' stream, from the first byte to be given on; only reassemble.c looks inside */
    bool reset;     /* an exact RST was seen */
    bool picked_up; /* counted as midstream */
    bool told;      /* connection.c: how far it came */
    bool unreachable;                /* connection.c: of UDP, too; told that it is */
    uint64_t asked_us, asked_packet; /* its first packet */
};

#endif
