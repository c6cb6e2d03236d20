/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/opener.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Both directions carry one number: the input's, and the errno of opening it. Between two halves of one
 * program on one machine, so its byte order is the machine's. */
struct message {
    uint32_t number;
    struct iovec part;
    struct msghdr head;
    /* one descriptor, aligned as the kernel wants it */
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
};

static void message_prepare(struct message *m, bool with_descriptor)
{
    memset(m, 0, sizeof *m);
    m->part = (struct iovec){&m->number, sizeof m->number};
    m->head.msg_iov = &m->part;
    m->head.msg_iovlen = 1;
    if (with_descriptor) {
        m->head.msg_control = m->control.bytes;
        m->head.msg_controllen = sizeof m->control.bytes;
    }
}

static bool message_send(int fd, uint32_t number, int descriptor)
{
    struct message m;

    message_prepare(&m, descriptor >= 0);
    m.number = number;
    if (descriptor >= 0) {
        struct cmsghdr *c = CMSG_FIRSTHDR(&m.head);

        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof descriptor);
        memcpy(CMSG_DATA(c), &descriptor, sizeof descriptor);
    }
    return sendmsg(fd, &m.head, MSG_NOSIGNAL) == (ssize_t)sizeof m.number;
}

/* False with errno; 0 when the other side has left. *descriptor is -1 when none came. */
static bool message_receive(int fd, uint32_t *number, int *descriptor)
{
    struct message m;
    const struct cmsghdr *c;
    ssize_t n;

    message_prepare(&m, true);
    *descriptor = -1;
    errno = 0;
    n = recvmsg(fd, &m.head, MSG_CMSG_CLOEXEC);
    if (n < 0)
        return false;
    c = CMSG_FIRSTHDR(&m.head);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(descriptor, CMSG_DATA(c), sizeof *descriptor);
    *number = m.number;
    return n == (ssize_t)sizeof m.number;
}

static int open_here(const struct opener *o, unsigned k)
{
    if (k >= o->n) {
        errno = EINVAL;
        return -1;
    }
    if (strcmp(o->paths[k], "-") == 0)
        return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0); /* a copy: closing it leaves standard input */
    return open(o->paths[k], O_RDONLY | O_CLOEXEC);
}

static int served; /* the end of it that on_news looks at */

static void on_news(int sig)
{
    int before = errno;
    char c;
    ssize_t n = recv(served, &c, 1, MSG_PEEK | MSG_DONTWAIT);

    (void)sig;
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        _exit(0);
    errno = before;
}

/* To open a named pipe is to wait for its writer, perhaps for ever. The death signal does not end that: who
 * asked stands in a Landlock domain by then, and no signal leaves it. So the end of the socket is made a
 * signal. */
static void leave_with(int fd)
{
    struct sigaction action = {.sa_handler = on_news, .sa_flags = SA_RESTART};

    served = fd;
    sigemptyset(&action.sa_mask);
    sigaction(SIGIO, &action, NULL);
    if (fcntl(fd, F_SETOWN, getpid()) == 0)
        (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC);
}

static _Noreturn void serve(const struct opener *o, int fd)
{
    uint32_t number;
    int none, descriptor;

    while (message_receive(fd, &number, &none)) {
        if (none >= 0) /* nobody sends us one */
            close(none);
        descriptor = open_here(o, number);
        if (!message_send(fd, descriptor >= 0 ? 0 : (uint32_t)errno, descriptor))
            break;
        if (descriptor >= 0)
            close(descriptor);
    }
    _exit(0);
}

/* What the terminal sends to all is the collector's to understand. */
static void serve_begin(pid_t parent)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};

    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(0);
}

bool opener_begin(struct opener *o, int leave)
{
    const pid_t parent = getpid();
    int ends[2];
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    pid = fork();
    if (pid == 0) {
        close(ends[0]);
        if (leave >= 0)
            close(leave);
        serve_begin(parent);
        leave_with(ends[1]);
        serve(o, ends[1]);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return false;
    }
    o->fd = ends[0];
    o->pid = pid;
    return true;
}

int opener_open(void *arg, unsigned k)
{
    const struct opener *o = arg;
    uint32_t error = 0;
    int descriptor;

    if (o->fd < 0)
        return open_here(o, k);
    if (!message_send(o->fd, k, -1))
        return -1;
    if (!message_receive(o->fd, &error, &descriptor)) {
        if (errno == 0)
            errno = EPIPE;
        return -1;
    }
    if (descriptor < 0)
        errno = error ? (int)error : EIO;
    return descriptor;
}

void opener_end(struct opener *o)
{
    if (o->fd < 0)
        return;
    close(o->fd);
    o->fd = -1;
    if (o->pid <= 0)
        return;
    kill(o->pid, SIGKILL); /* it may wait for a pipe's writer */
    while (waitpid(o->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    o->pid = 0;
}
