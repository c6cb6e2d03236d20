/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_WEBSOCKET_FRAME_H
#define INSPECT_WEBSOCKET_FRAME_H

#include "inspect/inspector.h"

/* The head of a WebSocket frame (RFC 6455 5.2). */

enum websocket_opcode {
    WEBSOCKET_CONTINUATION = 0,
    WEBSOCKET_TEXT = 1,
    WEBSOCKET_BINARY = 2,
    WEBSOCKET_CLOSE = 8,
    WEBSOCKET_PING = 9,
    WEBSOCKET_PONG = 10,
};

#define WEBSOCKET_HEAD_MAX 14

struct websocket_frame {
    uint64_t len;
    uint8_t opcode;
    bool fin, compressed; /* RSV1: a message in permessage-deflate (RFC 7692 6) */
    bool masked;
    uint8_t mask[4];
};

/* Bytes that the head has, told by its first two; 2 when there are fewer yet. */
size_t websocket_head_len(struct bytes start);

/* head: that many bytes. False when no frame begins so. */
bool websocket_frame_read(struct bytes head, struct websocket_frame *f);

/* Undoes the masking of bytes that begin at offset at of their frame's payload. */
void websocket_unmask(const struct websocket_frame *f, uint64_t at, struct bytes masked, uint8_t *out);

/* inspector.recognise: in the middle of a connection, a frame whose payload is text once the mask or the
 * compression is off. Plain text from a server needs no parser. The beginning is HTTP's. */
enum recognition websocket_recognise(struct bytes first, uint8_t proto, bool whole);

#endif
