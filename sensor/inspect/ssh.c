/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/ssh.h"

#include "base/cursor.h"

#define BANNER_MAX 255    /* RFC 4253 4.2 */
#define PACKET_MAX 262144 /* what OpenSSH takes; RFC 4253 6.1 asks for 35,000 */
#define PACKET_MIN 12     /* 6: padding of four bytes at least, to a multiple of eight with the length */

#define MSG_NEWKEYS    21
#define MSG_CLEAR_LAST 49 /* transport layer and key exchange; all others come encrypted */

/* The version line; lines in front of it are no victim's idea of SSH, and end this. */
static size_t banner_take(struct ssh_side *s, struct bytes data)
{
    static const char start[] = "SSH-";
    size_t at = 0;

    for (; at < data.len && s->state == SSH_BANNER; at++) {
        uint8_t c = data.p[at];

        if (s->n_banner < sizeof start - 1 ? c != (uint8_t)start[s->n_banner] : s->n_banner >= BANNER_MAX)
            s->state = SSH_NONE;
        else if (c == '\n')
            s->state = SSH_PACKETS;
        s->n_banner++;
    }
    return at;
}

/*  length(4) padding-length(1) message(1) ... : RFC 4253 section 6 */
static void head_read(struct ssh_side *s)
{
    struct cursor c = cursor_over(bytes_of(s->got, sizeof s->got));
    uint32_t len = cursor_u32be(&c);
    uint8_t padding = cursor_u8(&c), message = cursor_u8(&c);

    s->n_got = 0;
    if (len < PACKET_MIN || len > PACKET_MAX || (len + 4) % 8 != 0 || padding < 4 || padding >= len - 1 ||
        message == 0 || message > MSG_CLEAR_LAST)
        s->state = SSH_NONE;
    s->left = len - 2;
    if (s->state != SSH_NONE && message == MSG_NEWKEYS) /* it has no content: what else there is is padding */
        s->state = s->left == padding ? SSH_ENCRYPTED : SSH_NONE;
}

size_t ssh_side_feed(struct ssh_side *s, struct bytes data)
{
    size_t at = s->state == SSH_BANNER ? banner_take(s, data) : 0;

    while (at < data.len && (s->state == SSH_PACKETS || s->left)) {
        if (s->state == SSH_NONE)
            return data.len;
        if (s->left) {
            size_t n = bytes_slice(data, at, at + s->left).len;

            s->left -= (uint32_t)n;
            at += n;
            continue;
        }
        s->got[s->n_got++] = data.p[at++];
        if (s->n_got == sizeof s->got)
            head_read(s);
    }
    return s->state == SSH_ENCRYPTED ? at : data.len;
}

void ssh_side_gap(struct ssh_side *s)
{
    if (s->state != SSH_ENCRYPTED || s->left)
        s->state = SSH_NONE;
}
