/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/learner.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define NICE  10
#define STACK ((size_t)4 << 20) /* compilers of expressions go deep */

struct learner {
    struct learner_plan plan;
    _Atomic(struct lesson *) ready;
    pthread_mutex_t lock;
    pthread_cond_t confined;
    bool settled, good;
    struct complaint why; /* not good */
};

/* What a parcel begins with. Both ends are the same program. */
struct head {
    uint32_t generation, reserved;
    uint64_t len;
};

_Static_assert(sizeof(struct head) == sizeof((struct parcel *)NULL)->head, "a parcel's head");

static bool read_all(int fd, void *into, size_t len)
{
    uint8_t *p = into;

    while (len > 0) {
        ssize_t n = read(fd, p, len);

        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    return true;
}

static void publish(struct learner *l, struct lesson *lesson)
{
    struct lesson *before = atomic_exchange(&l->ready, lesson);

    if (before && before->made)
        l->plan.drop(l->plan.arg, before->made);
    free(before);
}

/* False when the collector has gone, or speaks nonsense: then the first thread will end, too. */
static bool learn_one(struct learner *l)
{
    struct lesson *lesson = NULL;
    struct head head;
    uint8_t *text = NULL;

    if (!read_all(l->plan.fd, &head, sizeof head) || head.len > LEARNER_TEXT_MAX)
        return false;
    lesson = calloc(1, sizeof *lesson);
    text = malloc(head.len + !head.len);
    if (!lesson || !text || !read_all(l->plan.fd, text, head.len)) {
        free(lesson);
        free(text);
        return false;
    }
    lesson->generation = head.generation;
    lesson->made = l->plan.make(l->plan.arg, head.generation, bytes_of(text, head.len), &lesson->why);
    free(text);
    publish(l, lesson);
    return true;
}

static void settle(struct learner *l, bool good)
{
    pthread_mutex_lock(&l->lock);
    l->good = good;
    l->settled = true;
    pthread_cond_signal(&l->confined);
    pthread_mutex_unlock(&l->lock);
}

static void *live(void *arg)
{
    struct learner *l = arg;
    bool good;

    /* Of Linux's threads each has its own. A kernel that refuses it does no harm. */
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    good = l->plan.confine(l->plan.arg, &l->why);
    settle(l, good);
    while (good && learn_one(l))
        ;
    return NULL;
}

/* Signals are the first thread's. */
static int thread_begin(struct learner *l, pthread_t *thread)
{
    pthread_attr_t attr;
    sigset_t all, before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK);
    error = pthread_create(thread, &attr, live, l);
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static void wait_settled(struct learner *l)
{
    pthread_mutex_lock(&l->lock);
    while (!l->settled)
        pthread_cond_wait(&l->confined, &l->lock);
    pthread_mutex_unlock(&l->lock);
}

struct learner *learner_begin(const struct learner_plan *plan, struct complaint *why)
{
    struct learner *l = calloc(1, sizeof *l);
    pthread_t thread;
    int error;

    if (!l) {
        complain(why, "out of memory");
        return NULL;
    }
    l->plan = *plan;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->confined, NULL);
    /* One heap for both: before libc shrinks a heap of the second thread's own it opens a file to ask how,
     * which the sandbox takes for an attack. */
    (void)mallopt(M_ARENA_MAX, 1);
    error = thread_begin(l, &thread);
    if (error) {
        complain(why, "no thread to read rules in: %s", strerror(error));
        free(l);
        return NULL;
    }
    wait_settled(l);
    if (l->good) {
        pthread_detach(thread);
        return l;
    }
    pthread_join(thread, NULL);
    complain(why, "%s", l->why.text);
    free(l);
    return NULL;
}

bool learner_take(struct learner *l, struct lesson *out)
{
    struct lesson *lesson;

    if (!atomic_load_explicit(&l->ready, memory_order_relaxed))
        return false;
    lesson = atomic_exchange(&l->ready, NULL);
    if (!lesson)
        return false;
    *out = *lesson;
    free(lesson);
    return true;
}

/* --- the collector's end --- */

void parcel_pack(struct parcel *p, uint32_t generation, struct bytes text)
{
    const struct head head = {.generation = generation, .len = text.len};

    memcpy(p->head, &head, sizeof head);
    p->rest[0] = bytes_of(p->head, sizeof p->head);
    p->rest[1] = text;
}

bool parcel_waits(const struct parcel *p)
{
    return p->rest[0].len > 0 || p->rest[1].len > 0;
}

bool parcel_write(struct parcel *p, int fd)
{
    for (unsigned i = 0; i < 2; i++)
        while (p->rest[i].len > 0) {
            ssize_t n = write(fd, p->rest[i].p, p->rest[i].len);

            if (n < 0 && errno != EINTR)
                return errno == EAGAIN;
            if (n > 0)
                p->rest[i] = bytes_from(p->rest[i], (size_t)n);
        }
    return true;
}
