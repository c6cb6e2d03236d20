/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMANDS_BINARY_TEXT_H
#define COMMANDS_BINARY_TEXT_H

#include "base/buf.h"
#include "base/log.h"

/* Bytes as somebody pastes them. False with a complaint that says where the text stops being what it should
 * be, or that it is too long for out. */

/* Pairs of hex digits; between them blanks, colons, commas, "0x" and "\x". */
bool hex_text_read(struct bytes text, struct buf *out, struct complaint *why);

/* base64 or base64url, with or without padding; blanks anywhere. */
bool base64_text_read(struct bytes text, struct buf *out, struct complaint *why);

#endif
