/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/ctl_talk.h"
#include "base/buf.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_MS  600000
#define LINE_MAX ((size_t)16 << 20) /* far beyond what a sensor answers */

static bool send_all(int fd, struct bytes b, struct complaint *why)
{
    while (b.len > 0) {
        ssize_t n = send(fd, b.p, b.len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return complain(why, "the sensor does not listen any more: %s", strerror(errno));
        b = bytes_from(b, (size_t)n);
    }
    return true;
}

/* Up to the newline that ends it. */
static bool line_receive(int fd, struct buf *line, struct complaint *why)
{
    while (line->len == 0 || line->p[line->len - 1] != '\n') {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        uint8_t *room = buf_room(line, 16384);
        ssize_t n;

        if (!room)
            return complain(why, "an answer that does not end");
        if (poll(&ready, 1, WAIT_MS) == 0)
            return complain(why, "no answer after %d minutes", WAIT_MS / 60000);
        n = recv(fd, room, 16384, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return complain(why, "the sensor ended the conversation%s%s", n < 0 ? ": " : "",
                            n < 0 ? strerror(errno) : "");
        buf_wrote(line, (size_t)n);
    }
    return true;
}

static json_t *exchange(int fd, struct bytes words, struct complaint *why)
{
    struct buf line = buf_within(LINE_MAX);
    json_t *answer = NULL;

    if (send_all(fd, words, why) && line_receive(fd, &line, why)) {
        answer = json_loadb((const char *)line.p, line.len, 0, NULL);
        if (!json_is_string(json_object_get(answer, "return"))) {
            json_decref(answer);
            answer = NULL;
            complain(why, "what answers there is no sensor");
        }
    }
    buf_drop(&line);
    return answer;
}

static bool greet(int fd, struct complaint *why)
{
    json_t *answer = exchange(fd, BYTES_LIT("{\"version\": \"0.2\"}"), why);
    const char *message = json_string_value(json_object_get(answer, "message"));
    bool good = answer && (ctl_good(answer) || complain(why, "%.200s", message ? message : "refused"));

    json_decref(answer);
    return good;
}

int ctl_connect(const char *path, struct complaint *why)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof at.sun_path) {
        complain(why, "%.200s: a socket's name has at most 107 bytes", path);
        return -1;
    }
    strcpy(at.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof at) != 0)
        complain(why, "%s: %s", path,
                 errno == ECONNREFUSED || errno == ENOENT ? "no sensor answers there" : strerror(errno));
    else if (greet(fd, why))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

json_t *ctl_ask(int fd, const char *command, json_t *arguments, struct complaint *why)
{
    json_t *object = json_pack("{s:s, s:O*}", "command", command, "arguments", arguments), *answer = NULL;
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    struct buf line = buf_within(LINE_MAX);

    if (!text || !buf_add_str(&line, text) || !buf_add_byte(&line, '\n'))
        complain(why, "that is no text (UTF-8)");
    else
        answer = exchange(fd, buf_bytes(&line), why);
    buf_drop(&line);
    free(text);
    json_decref(object);
    return answer;
}

bool ctl_good(const json_t *answer)
{
    const char *word = json_string_value(json_object_get(answer, "return"));

    return word && strcmp(word, "OK") == 0;
}
