/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/inflate.h"

#include "base/count.h"

#include <zlib.h>

#define STEP        16384
#define ANY_WRAPPER (15 + 32) /* zlib's word for "gzip or zlib, by the header" */
#define NO_WRAPPER  (-15)

bool inflate_begins(struct bytes text)
{
    if (bytes_starts(text, BYTES_LIT("\x1f\x8b\x08")))
        return true;
    /* CMF and FLG (RFC 1950 section 2.2): deflate, 32 KB window at most, a check that divides by 31. */
    return text.len >= 2 && (text.p[0] & 0x0f) == 8 && text.p[0] >> 4 <= 7 && !(text.p[1] & 0x20) &&
           (text.p[0] << 8 | text.p[1]) % 31 == 0;
}

static enum inflated run(z_stream *z, struct buf *out)
{
    for (;;) {
        size_t room = out->ceiling - out->len < STEP ? out->ceiling - out->len : STEP;
        uint8_t *to = room ? buf_room(out, room) : NULL;
        int result;

        if (!to) {
            count(COUNT_INSPECT_BOMB);
            return INFLATED_BOMB;
        }
        z->next_out = to;
        z->avail_out = (uInt)room;
        result = inflate(z, Z_NO_FLUSH);
        buf_wrote(out, room - z->avail_out);
        if (result == Z_STREAM_END)
            return INFLATED_WHOLE;
        if (result != Z_OK || z->avail_out > 0)
            return INFLATED_PART;
    }
}

static enum inflated inflate_as(int format, struct bytes in, struct buf *out)
{
    z_stream z = {.next_in = (z_const Bytef *)in.p,
                  .avail_in = (uInt)(in.len < INT32_MAX ? in.len : INT32_MAX)};
    enum inflated result;

    if (inflateInit2(&z, format) != Z_OK) {
        count(COUNT_INSPECT_MEMORY);
        return INFLATED_PART;
    }
    result = run(&z, out);
    (void)inflateEnd(&z);
    return result;
}

enum inflated inflate_all(struct bytes in, struct buf *out)
{
    return inflate_as(ANY_WRAPPER, in, out);
}

enum inflated inflate_raw(struct bytes in, struct buf *out)
{
    return inflate_as(NO_WRAPPER, in, out);
}
