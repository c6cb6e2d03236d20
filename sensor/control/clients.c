/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control/clients.h"
#include "base/count.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define REST_US     UINT64_C(1000000) /* after accept has failed for want of something */
#define MESSAGE_MAX 1024              /* of an answer that only says what was wrong */

struct client {
    int fd; /* -1: the place is free */
    struct session session;
    struct request request; /* while it waits */
    struct asker who;
    struct buf out; /* sent up to at */
    size_t at;
    uint64_t heard_us; /* when it last said, or took, something */
    bool waits;        /* for an answer that comes later */
    bool leaves;       /* once it has taken what is in out */
};

struct clients {
    struct clients_plan plan;
    uint64_t rest_until_us; /* nobody is let in before */
    uint64_t now_us;
    unsigned turn; /* who is asked first: another one each time */
    struct client v[CLIENTS_MAX];
};

struct clients *clients_new(const struct clients_plan *plan)
{
    struct clients *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    assert(plan->max >= 1 && plan->max <= CLIENTS_MAX);
    c->plan = *plan;
    for (unsigned i = 0; i < plan->max; i++) {
        c->v[i].fd = -1;
        c->v[i].out = buf_within(ANSWER_MAX + MESSAGE_MAX);
    }
    return c;
}

static void leave(struct client *k)
{
    close(k->fd);
    buf_drop(&k->out);
    *k = (struct client){.fd = -1, .out = buf_within(ANSWER_MAX + MESSAGE_MAX)};
}

static void drop(struct client *k)
{
    count(COUNT_CONTROL_DROPPED);
    leave(k);
}

void clients_free(struct clients *c)
{
    if (!c)
        return;
    for (unsigned i = 0; i < c->plan.max; i++)
        if (c->v[i].fd >= 0)
            leave(&c->v[i]);
    free(c);
}

static bool takes(const struct client *k)
{
    return k->at < k->out.len;
}

/* --- answers --- */

static void answer_end(struct jsonw *w, bool good)
{
    jsonw_str(w, "return", good ? "OK" : "NOK");
    jsonw_end_object(w);
    w->ok = buf_add_byte(w->out, '\n') && w->ok;
}

static void say(struct client *k, bool good, const char *message)
{
    struct jsonw w = jsonw_to(&k->out);

    buf_clear(&k->out);
    k->at = 0;
    jsonw_object(&w, NULL);
    if (message)
        jsonw_str(&w, "message", message);
    answer_end(&w, good);
    if (!w.ok) /* no memory for even that */
        k->leaves = true;
}

/* Asks for the answer to k->request. */
static void answer(struct clients *c, struct client *k)
{
    struct jsonw w = jsonw_to(&k->out);
    enum answer is;

    buf_clear(&k->out);
    k->at = 0;
    jsonw_object(&w, NULL);
    is = c->plan.answer(c->plan.arg, &k->request, &k->who, &w);
    k->waits = is == ANSWER_LATER;
    if (k->waits) {
        buf_clear(&k->out);
        return;
    }
    answer_end(&w, is == ANSWER_OK);
    if (!w.ok || k->out.len > ANSWER_MAX)
        say(k, false, "the answer is too long, or memory is short");
    k->who.ticket = 0;
}

static void flush(struct clients *c, struct client *k)
{
    if (takes(k)) {
        ssize_t n = send(k->fd, k->out.p + k->at, k->out.len - k->at, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            leave(k);
            return;
        }
        if (n > 0) {
            k->at += (size_t)n;
            k->heard_us = c->now_us;
        }
    }
    if (takes(k))
        return;
    buf_drop(&k->out); /* whoever only looks on costs nothing */
    k->at = 0;
    if (k->leaves)
        leave(k);
}

/* What it has said already. True when that cost an answer. */
static bool hear(struct clients *c, struct client *k)
{
    struct complaint why = {""};

    switch (session_next(&k->session, &k->request, &why)) {
    case SESSION_MORE:
        return false;
    case SESSION_GREETED:
        say(k, true, NULL);
        break;
    case SESSION_REQUEST:
        count(COUNT_CONTROL_REQUESTS);
        answer(c, k);
        break;
    case SESSION_END:
        k->leaves = true;
        count(COUNT_CONTROL_REFUSED);
        say(k, false, why.text);
        break;
    case SESSION_REFUSED:
        count(COUNT_CONTROL_REFUSED);
        say(k, false, why.text);
        break;
    }
    flush(c, k);
    return true;
}

/* --- the descriptors --- */

static bool is_heard(const struct client *k)
{
    return k->fd >= 0 && !takes(k) && !k->waits && !k->leaves;
}

unsigned clients_fill(const struct clients *c, struct pollfd *fds)
{
    fds[0] = (struct pollfd){.fd = c->rest_until_us ? -1 : c->plan.listener, .events = POLLIN};
    for (unsigned i = 0; i < c->plan.max; i++) {
        const struct client *k = &c->v[i];
        short events = 0; /* that it has hung up is told in any case */

        if (k->fd >= 0 && is_heard(k)) /* who has said something whole is not waited for */
            events = session_has_more(&k->session) ? POLLOUT : POLLIN;
        else if (k->fd >= 0 && takes(k))
            events = POLLOUT;
        fds[1 + i] = (struct pollfd){.fd = k->fd, .events = events};
    }
    return 1 + c->plan.max;
}

static void receive(struct clients *c, struct client *k)
{
    size_t len;
    uint8_t *room = session_room(&k->session, &len);
    ssize_t n = recv(k->fd, room, len, MSG_DONTWAIT);

    if (n > 0) {
        session_wrote(&k->session, (size_t)n);
        k->heard_us = c->now_us;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        leave(k);
    }
}

/* Lower: goes sooner. */
static unsigned worth(const struct client *k)
{
    return !k->session.greeted ? 0 : k->waits ? 2 : 1;
}

/* A free place; whoever has it now may lose it, but for one that waits for its answer. */
static struct client *place_find(struct clients *c)
{
    struct client *least = &c->v[0];

    for (unsigned i = 0; i < c->plan.max; i++) {
        struct client *k = &c->v[i];

        if (k->fd < 0)
            return k;
        if (worth(k) < worth(least) || (worth(k) == worth(least) && k->heard_us < least->heard_us))
            least = k;
    }
    if (worth(least) == 2)
        return NULL;
    drop(least);
    return least;
}

static void let_in(struct clients *c, int fd)
{
    struct client *k = place_find(c);
    struct ucred peer;
    socklen_t len = sizeof peer;

    if (!k) {
        count(COUNT_CONTROL_DROPPED);
        close(fd);
        return;
    }
    k->fd = fd;
    k->heard_us = c->now_us;
    k->who = (struct asker){.user = UINT_MAX};
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0)
        k->who = (struct asker){.user = peer.uid, .pid = peer.pid};
}

static void doors_open(struct clients *c)
{
    for (unsigned i = 0; i < CLIENTS_ACCEPTS; i++) {
        int fd = accept4(c->plan.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            let_in(c, fd);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            c->rest_until_us = c->now_us + REST_US; /* it would be asked without end */
        return;
    }
}

void clients_serve(struct clients *c, const struct pollfd *fds, unsigned n, uint64_t now_us)
{
    bool answered = false;

    c->now_us = now_us;
    for (unsigned i = 0; i + 1 < n; i++) {
        unsigned which = (c->turn + i) % (n - 1);
        struct client *k = &c->v[which];
        short events = fds[1 + which].revents;

        if (k->fd < 0 || !events)
            continue;
        if (takes(k))
            flush(c, k);
        else if (!is_heard(k)) /* it has hung up while it waited */
            leave(k);
        else if (!session_has_more(&k->session))
            receive(c, k);
        if (!answered && is_heard(k))
            answered = hear(c, k);
    }
    c->turn = n > 1 ? (c->turn + 1) % (n - 1) : 0;
    if (n > 0 && fds[0].revents)
        doors_open(c);
}

/* For whom something is to be done that it does not do itself: greet, or take what it has asked for. That may
 * all lie in the kernel, and more has been asked. */
static bool is_awaited(const struct client *k)
{
    return takes(k) || !k->session.greeted || session_has_more(&k->session);
}

void clients_look(struct clients *c, uint64_t now_us)
{
    c->now_us = now_us;
    if (c->rest_until_us && now_us >= c->rest_until_us)
        c->rest_until_us = 0;
    for (unsigned i = 0; i < c->plan.max; i++) {
        struct client *k = &c->v[i];

        if (k->fd >= 0 && k->waits) {
            answer(c, k);
            flush(c, k);
        } else if (k->fd >= 0 && is_awaited(k) && now_us - k->heard_us > CLIENTS_SLOW_US) {
            drop(k);
        }
    }
}
