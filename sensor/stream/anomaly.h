/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAM_ANOMALY_H
#define STREAM_ANOMALY_H

#include "stream/flow.h"

/* What an ordinary host does not send: two of them may read it differently, and an attack may hide in the
 * difference. Under Suricata's names where it has one.
 *
 * symbol, EVE type, event, sentence */
#define ANOMALIES(X) \
    X(SEQ_GAP, "stream", "stream.reassembly_seq_gap", "bytes of a stream that were never captured") \
    X(OVERLAP, "stream", "stream.reassembly_overlap_different_data", \
      "a retransmission or an overlapping segment with other bytes; both versions are judged") \
    X(OUT_OF_WINDOW, "stream", "stream.est_packet_out_of_window", \
      "a segment beyond anything the receiver would take") \
    X(INVALID_ACK, "stream", "stream.pkt_invalid_ack", "an acknowledgment of what was never sent") \
    X(INVALID_STAMP, "stream", "stream.pkt_invalid_timestamp", \
      "a segment with a timestamp older than the last one (PAWS)") \
    X(INVALID_RESET, "stream", "stream.suspected_rst_inject", "a reset that is not exact, ignored") \
    X(OTHER_SYN, "stream", "stream.est_syn_resend_diff_seq", "a SYN that contradicts the connection") \
    X(NO_ACK_FLAG, "stream", "stream.data_without_ack", "data without the ACK flag, dropped") \
    X(SIGNED, "stream", "stream.md5_unexpected", \
      "a segment with an MD5 signature (RFC 2385) that the receiver has no key for, dropped") \
    X(SPECIAL, "stream", "stream.unexpected_headers", \
      "a segment behind an authentication or segment routing header, in a connection that had none; " \
      "dropped") \
    X(AFTER_END, "stream", "stream.data_after_end", "data after a FIN or a reset, dropped") \
    X(URGENT, "stream", "stream.urgent_byte", \
      "a byte that is urgent and no part of the stream; both are judged") \
    X(OTHER_TTL, "stream", "stream.other_ttl", \
      "a reset, a FIN or one of two versions with another time to live than the rest: perhaps it never " \
      "arrived") \
    X(WRONG_SUMS, "stream", "stream.end_with_bad_checksum", \
      "a reset or a FIN with a wrong checksum, of a host whose SYN had a right one: perhaps only we have " \
      "read " \
      "it") \
    X(SYN_DATA, "stream", "stream.syn_data_refused", "data of a SYN that the receiver has not taken") \
    X(FRAG4_OVERLAP, "decode", "decoder.ipv4.frag_overlap", "overlapping fragments, thrown away as a whole") \
    X(FRAG6_OVERLAP, "decode", "decoder.ipv6.frag_overlap", "overlapping fragments, thrown away as a whole") \
    X(FRAG_OTHER_DATA, "decode", "decoder.fragment_different_data", \
      "a fragment that came twice with other bytes; both versions are judged") \
    X(HTTP_LENGTHS, "applayer", "http.different_content_lengths", \
      "an HTTP message with two lengths; both readings are judged") \
    X(HTTP_LENGTH, "applayer", "http.invalid_content_length", \
      "an HTTP message whose length is no plain number; its bytes are judged as sent, too") \
    X(HTTP_TRANSFER, "applayer", "http.odd_transfer_encoding", \
      "an HTTP message with a Transfer-Encoding that is not simply chunked; both readings are judged") \
    X(HTTP_FRAMINGS, "applayer", "http.length_and_chunked", \
      "an HTTP message with a length and in chunks; both readings are judged") \
    X(HTTP_CHUNK, "applayer", "http.invalid_chunk_length", \
      "an HTTP body where no chunk begins; what follows is judged as sent") \
    X(HTTP_LONG_HEAD, "applayer", "http.head_above_64k", \
      "an HTTP head that is judged in pieces; a header may hide in the cut, so its body is judged as sent, " \
      "too") \
    X(HTTP_CR, "applayer", "http.lines_end_in_cr", \
      "an HTTP head without a line feed; what follows is judged as sent")

enum anomaly_kind {
#define X(symbol, type, event, help) ANOMALY_##symbol,
    ANOMALIES(X)
#undef X
        ANOMALY_N
};

struct anomaly_row {
    const char *type, *event, *help;
};

extern const struct anomaly_row anomaly_rows[ANOMALY_N];

static inline uint32_t anomaly_bit(enum anomaly_kind kind)
{
    return UINT32_C(1) << kind;
}

/* For inspectors: the chunk at hand has shown what these bits say. Stream tells it when they are done with
 * the chunk, each kind once. */
static inline void anomaly_note(struct flow *f, unsigned side, uint32_t bits)
{
    f->end[side].odd |= bits;
}

/* Told when a flow shows a kind for the first time, and once more when it ends if there was more of it. */
struct anomaly {
    enum anomaly_kind kind;
    const struct flow *flow; /* of a fragment: two addresses without ports, and id 0 */
    unsigned side;           /* who sent it */
    uint64_t ts_us, packet;
    uint64_t n; /* how often so far */
};

#endif
