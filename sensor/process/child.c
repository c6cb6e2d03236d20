/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PIPE_SIZE (1 << 20)

/* Processor time used; 0 when it cannot be told. */
static uint64_t cpu_us(pid_t pid)
{
    struct timespec used;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
}

static void both_close(const int ends[2])
{
    for (unsigned i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
}

/* Down the second one rules go to workers that watch interfaces: its reader waits, its writer must not. */
static bool pipes_open(int ends[2], int rules[2], bool live)
{
    rules[0] = rules[1] = -1;
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return false;
    fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE); /* fewer wake-ups; without it nothing is wrong */
    if (!live || (pipe2(rules, O_CLOEXEC) == 0 && fcntl(rules[1], F_SETFL, O_NONBLOCK) == 0))
        return true;
    both_close(ends);
    both_close(rules);
    return false;
}

bool child_begin(struct child *c, struct job *job, void (*run)(const struct job *job))
{
    int ends[2], rules[2];
    pid_t pid;

    if (!pipes_open(ends, rules, job->live))
        return false;
    job->pipe = ends[1];
    job->rules_pipe = rules[0];
    job->parent = getpid();
    job->status = c->status;
    job->recent = c->recent;
    pid = fork();
    if (pid == 0) {
        job->forget(job->arg, job);
        run(job);
    }
    if (pid < 0) {
        both_close(ends);
        both_close(rules);
        return false;
    }
    close(ends[1]);
    if (rules[0] >= 0)
        close(rules[0]);
    c->pid = pid;
    c->pipe = ends[0];
    c->rules_pipe = rules[1];
    c->parcel = (struct parcel){.head = {0}};
    c->ended = c->over = c->stopped = c->retires = false;
    c->offence = OFFENCE_NONE;
    c->begin_us = 0;
    c->sign = 0;
    c->sign_us = monotonic_us();
    c->cpu_us = 0;
    return true;
}

void child_reap(struct child *c)
{
    int status;

    while (c->pid > 0 && waitpid(c->pid, &status, WNOHANG | WUNTRACED | WCONTINUED) == c->pid) {
        if (WIFSTOPPED(status) || WIFCONTINUED(status)) {
            c->stopped = WIFSTOPPED(status);
            continue;
        }
        c->pid = 0;
        c->ended = true;
        c->wait_status = status;
    }
}

void child_check(struct child *c, uint64_t now_us, uint64_t hang_us, bool waits)
{
    const struct status *status = status_of(c->status);
    uint64_t sign = status->begun + status->done + status->beats;

    if (c->pid == 0)
        return;
    if (sign != c->sign) {
        c->sign = sign;
        c->sign_us = now_us;
        c->cpu_us = cpu_us(c->pid);
        return;
    }
    if (now_us - c->sign_us < hang_us)
        return;
    if (!waits || c->stopped || cpu_us(c->pid) - c->cpu_us >= hang_us)
        child_kill(c, OFFENCE_HANG);
}

void child_kill(struct child *c, enum offence offence)
{
    if (c->pid == 0)
        return;
    if (c->offence == OFFENCE_NONE)
        c->offence = offence;
    kill(c->pid, SIGKILL);
}

void child_close(struct child *c)
{
    if (c->pipe >= 0)
        close(c->pipe);
    c->pipe = -1;
    if (c->rules_pipe >= 0)
        close(c->rules_pipe);
    c->rules_pipe = -1;
    c->parcel = (struct parcel){.head = {0}};
}

bool child_is_dead(const struct child *c)
{
    return c->ended && c->pipe < 0;
}

void child_free(struct child *c)
{
    if (c->pid > 0) {
        kill(c->pid, SIGKILL);
        while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
            ;
        c->pid = 0;
    }
    if (c->status) /* else it was never set up */
        child_close(c);
    status_free(c->status);
    recent_free(c->recent);
    c->status = NULL;
    c->recent = NULL;
}
