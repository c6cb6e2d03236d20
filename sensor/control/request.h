/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONTROL_REQUEST_H
#define CONTROL_REQUEST_H

#include "base/bytes.h"
#include "base/log.h"

/* What a client of the control socket says: Suricata's protocol, version 0.2 (its
 * doc/userguide/unix-socket.rst). A greeting, {"version": "0.2"}, which need not end in a newline; then one
 * command a line:
 * {"command": "iface-stat", "arguments": {"iface": "eth1"}}. */

#define REQUEST_MAX       4096 /* bytes of the greeting, or of a line with its newline */
#define REQUEST_WORD_MAX  512  /* bytes of a command or an argument, with the zero byte behind it */
#define REQUEST_ARGUMENTS 4

struct request {
    char command[REQUEST_WORD_MAX];
    unsigned n;
    struct {
        char name[32];
        char value[REQUEST_WORD_MAX]; /* numbers in decimal; true and false as such */
    } arguments[REQUEST_ARGUMENTS];
};

/* One line, with or without its newline. False with a complaint: no JSON object (RFC 8259; no key twice, no
 * zero byte in a string), no command, an argument that is no string, whole number or boolean, more or longer
 * ones than above. */
bool request_read(struct request *r, struct bytes line, struct complaint *why);

/* NULL when it is not there. */
const char *request_argument(const struct request *r, const char *name);

/* Bytes from the wire become requests. Plain memory, zero at first; nothing to release. */
struct session {
    uint8_t in[REQUEST_MAX];
    size_t len;
    bool greeted;
};

enum session_step {
    SESSION_MORE,    /* more bytes are needed */
    SESSION_GREETED, /* to be answered with OK */
    SESSION_REQUEST, /* *r is filled */
    SESSION_REFUSED, /* a line that is no request: to be answered with the complaint; the next may be one */
    SESSION_END /* to be answered with the complaint: this cannot go on (another version, no end of the line)
                 */
};

/* Room for what is read; session_wrote says how many bytes of it came. Never 0 after SESSION_MORE. */
uint8_t *session_room(struct session *s, size_t *len);
void session_wrote(struct session *s, size_t n);

/* The next thing that was said. After SESSION_END there is nothing more to ask. */
enum session_step session_next(struct session *s, struct request *r, struct complaint *why);

/* True when session_next would say something else than SESSION_MORE. */
bool session_has_more(const struct session *s);

#endif
