/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSPECT_WORDS_H
#define INSPECT_WORDS_H

#include "base/buf.h"

/* The value of a header field of a mail with its encoded words undone (RFC 2047): "=?utf-8?B?...?=" and
 * "=?utf-8?Q?...?=", blanks between two of them dropped (section 6.2), so that text split over words is whole
 * again. Bytes stay in the word's character set. Appended to out; false, with nothing appended, when there is
 * no such word or out has no room. Never longer than in. */
bool words_decode(struct bytes in, struct buf *out);

#endif
