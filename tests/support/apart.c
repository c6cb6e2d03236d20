/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/apart.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int ending(pid_t pid)
{
    int status;

    if (waitpid(pid, &status, 0) != pid)
        return APART_BAD;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static pid_t begin(int pipe_fds[2])
{
    fflush(NULL);
    return pipe(pipe_fds) == 0 ? fork() : -1;
}

int apart(int (*act)(void))
{
    int words[2];
    pid_t pid = begin(words);

    if (pid == 0) {
        dup2(words[1], STDERR_FILENO);
        _exit(act());
    }
    close(words[0]);
    close(words[1]);
    return pid < 0 ? APART_BAD : ending(pid);
}

int apart_watched(bool (*act)(void), void (*look)(int pid))
{
    int ready[2], leave[2] = {-1, -1};
    char c = 0;
    pid_t pid = pipe(leave) == 0 ? begin(ready) : -1;

    if (pid == 0) {
        close(leave[1]);
        dup2(ready[1], STDERR_FILENO);
        if (!act())
            _exit(APART_BAD);
        /* Standard error is what every process may write to. */
        if (write(STDERR_FILENO, &c, 1) != 1 || read(leave[0], &c, 1) != 0)
            _exit(APART_BAD);
        _exit(APART_GOOD);
    }
    close(ready[1]);
    close(leave[0]);
    if (pid > 0 && read(ready[0], &c, 1) == 1)
        look(pid);
    close(leave[1]);
    close(ready[0]);
    return pid < 0 ? APART_BAD : ending(pid);
}

const char *apart_proc(int pid, const char *file, const char *name)
{
    static char line[256];
    char path[64];
    size_t len = strlen(name);
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, name, len) == 0 && strchr(": \t", line[len])) {
            line[strcspn(line, "\n")] = '\0';
            fclose(f);
            return line + len + strspn(line + len, ": \t");
        }
    if (f)
        fclose(f);
    return "";
}
