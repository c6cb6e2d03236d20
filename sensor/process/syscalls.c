/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/syscalls.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

#if defined __SANITIZE_ADDRESS__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

/* One call, with up to two conditions on its arguments that must both hold. */
struct call {
    int nr;
    unsigned n_conditions;
    struct scmp_arg_cmp conditions[2];
};

/* clang-format off */
#define CALL(name)            {SCMP_SYS(name), 0, {{0, SCMP_CMP_EQ, 0, 0}}}
#define CALL_IF(name, ...)    {SCMP_SYS(name), 1, {__VA_ARGS__}}
#define CALL_IF_2(name, ...)  {SCMP_SYS(name), 2, {__VA_ARGS__}}
#define EQUALS(arg, value)    {(arg), SCMP_CMP_MASKED_EQ, UINT32_MAX, (value)}
#define WITHOUT(arg, bits)    {(arg), SCMP_CMP_MASKED_EQ, (bits), 0}
#define WITH(arg, bits)       {(arg), SCMP_CMP_MASKED_EQ, (bits), (bits)}
#define OPTION(level, option) EQUALS(1, level), EQUALS(2, option)
/* clang-format on */

/* Arguments of int are compared in their lower half: the upper one holds whatever the register held. */
static const struct call worker_calls[] = {
    /* the capture: files, pipes, the ring */
    CALL(read),
    CALL(readv),
    CALL(pread64),
    CALL(lseek),
    CALL(close),
    CALL_IF(newfstatat, EQUALS(3, AT_EMPTY_PATH)), /* fstat of today's libc; a name would need no rights */
    CALL(fstat),
    CALL(poll),
    CALL(ppoll),
    CALL(getsockname),
    CALL_IF_2(getsockopt, OPTION(SOL_SOCKET, SO_ERROR)),
    CALL_IF_2(getsockopt, OPTION(SOL_PACKET, PACKET_STATISTICS)),
    CALL_IF_2(setsockopt, OPTION(SOL_PACKET, PACKET_RX_RING)), /* pcap_close gives the ring back */
    CALL_IF_2(setsockopt, OPTION(SOL_SOCKET, SO_ATTACH_FILTER)),
    CALL_IF_2(setsockopt, OPTION(SOL_SOCKET, SO_DETACH_FILTER)),
    CALL_IF(ioctl, EQUALS(1, SIOCGIFFLAGS)), /* is the interface up? */
    CALL_IF(ioctl, EQUALS(1, FIONREAD)),
    CALL_IF(ioctl, EQUALS(1, TCGETS)), /* stdio asks whether it is a terminal */
    CALL_IF(fcntl, EQUALS(1, F_GETFL)),
    CALL_IF(fcntl, EQUALS(1, F_SETFL)),
    CALL_IF(fcntl, EQUALS(1, F_GETFD)),
    CALL_IF(fcntl, EQUALS(1, F_SETFD)),
    /* descriptors from the collector; what it writes is below, by descriptor */
    CALL(recvmsg),
    CALL(recvfrom),
    /* memory, never executable */
    CALL(brk),
    CALL_IF(mmap, WITHOUT(2, PROT_EXEC)),
    CALL_IF(mprotect, WITHOUT(2, PROT_EXEC)),
    CALL(munmap),
    CALL(mremap),
    CALL(madvise),
    CALL(getrandom), /* malloc's own */
    CALL(sysinfo),   /* qsort asks how much memory there is */
    /* time and waiting */
    CALL(clock_gettime),
    CALL(clock_getres),
    CALL(gettimeofday),
    CALL(time),
    CALL(clock_nanosleep),
    CALL(nanosleep),
    CALL(restart_syscall),
    CALL(futex),
    CALL(sched_yield),
    CALL(getrusage),
    /* signals of its own, and the end */
    CALL(rt_sigaction),
    CALL(rt_sigprocmask),
    CALL(rt_sigreturn),
    CALL(getpid),
    CALL(gettid),
    CALL(getppid),
    CALL(exit),
    CALL(exit_group),
#ifdef SANITIZED
    CALL(sigaltstack),
    CALL(sched_getaffinity),
    CALL(prctl),
    CALL(getrlimit),
    CALL(prlimit64),
    CALL(readlink),
#endif
};

/* By descriptor, so that no frame can be sent through a capture socket. */
static const int writing_calls[] = {SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(sendmsg), SCMP_SYS(sendto)};

/* What the collector never does. Grouped by what an attacker would do with it. */
/* clang-format off */
static const struct call collector_refused[] = {
    /* become another program, or bring code along */
    CALL(execve), CALL(execveat), CALL(uselib), CALL(memfd_secret),
    CALL_IF(mmap, WITH(2, PROT_EXEC)),
    CALL_IF(mprotect, WITH(2, PROT_EXEC)),
    CALL_IF(pkey_mprotect, WITH(2, PROT_EXEC)),
    CALL_IF(shmat, WITH(2, SHM_EXEC)),
    /* look into another process */
#ifndef SANITIZED /* the leak check at the end stops its own threads by it */
    CALL(ptrace),
#endif
    CALL(process_vm_readv), CALL(process_vm_writev), CALL(process_madvise), CALL(kcmp),
    CALL(perf_event_open), CALL(userfaultfd),
    /* be moved into another world */
    CALL(unshare), CALL(setns), CALL_IF(clone, WITH(0, CLONE_NEWUSER)),
    CALL(chroot), CALL(pivot_root), CALL(mount), CALL(umount2), CALL(mount_setattr), CALL(move_mount),
    CALL(open_tree), CALL(fsopen), CALL(fsconfig), CALL(fsmount), CALL(fspick),
    CALL(open_by_handle_at), CALL(name_to_handle_at), CALL(personality),
    /* load something into the kernel, or reach much of it by one call */
    CALL(init_module), CALL(finit_module), CALL(delete_module), CALL(create_module),
    CALL(kexec_load), CALL(kexec_file_load), CALL(bpf),
    CALL(io_uring_setup), CALL(io_uring_enter), CALL(io_uring_register),
    CALL(keyctl), CALL(add_key), CALL(request_key),
    CALL(quotactl), CALL(quotactl_fd), CALL(nfsservctl), CALL(_sysctl), CALL(lookup_dcookie),
    CALL(fanotify_init), CALL(mbind), CALL(move_pages), CALL(migrate_pages), CALL(vmsplice),
    /* run the machine */
    CALL(reboot), CALL(swapon), CALL(swapoff), CALL(acct), CALL(syslog), CALL(vhangup),
    CALL(iopl), CALL(ioperm), CALL(modify_ldt), CALL(sethostname), CALL(setdomainname),
    CALL(settimeofday), CALL(clock_settime), CALL(clock_adjtime), CALL(adjtimex), CALL(stime),
    CALL(mknod), CALL(mknodat),
    CALL_IF(ioctl, EQUALS(1, TIOCSTI)),   /* types into the terminal of whoever started it */
    CALL_IF(ioctl, EQUALS(1, TIOCLINUX)), /* the same on a console */
    /* its identity, which is settled; setfsuid stays for the workers, who give up theirs */
    CALL(setuid), CALL(setgid), CALL(setreuid), CALL(setregid), CALL(setresuid), CALL(setresgid),
    CALL(setgroups),
};
/* clang-format on */

/* Families of sockets that libpcap opens, and those that outputs will; each is an open door to kernel code.
 */
static const int collector_families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};

bool syscalls_can_filter(void)
{
    return seccomp_api_get() >= 3; /* the level that knows to end the whole process */
}

static int call_add(scmp_filter_ctx filter, uint32_t action, const struct call *c)
{
    return seccomp_rule_add_array(filter, action, c->nr, c->n_conditions, c->conditions);
}

static int calls_add(scmp_filter_ctx filter, uint32_t action, const struct call *calls, size_t n)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = call_add(filter, action, &calls[i]);
    return rc;
}

static int writing_add(scmp_filter_ctx filter, int fd)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < COUNT_OF(writing_calls); i++)
        rc = call_add(filter, SCMP_ACT_ALLOW,
                      &(struct call){writing_calls[i], 1, {EQUALS(0, (scmp_datum_t)fd)}});
    return rc;
}

/* For every thread; as a tree, because a worker's commonest calls should not wait for the rarest. */
static int filter_enter(scmp_filter_ctx filter)
{
    int rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

    if (rc == 0)
        rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    return rc == 0 ? seccomp_load(filter) : rc;
}

int syscalls_confine_worker(const int *writable, unsigned n)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int rc = filter ? 0 : -ENOMEM;

    if (rc == 0)
        rc = calls_add(filter, SCMP_ACT_ALLOW, worker_calls, COUNT_OF(worker_calls));
    if (rc == 0)
        rc = writing_add(filter, STDERR_FILENO);
    for (unsigned i = 0; rc == 0 && i < n; i++)
        if (writable[i] != STDERR_FILENO)
            rc = writing_add(filter, writable[i]);
    /* abort() must stay the end that it says it is. */
    if (rc == 0)
        rc = call_add(filter, SCMP_ACT_ALLOW,
                      &(struct call){SCMP_SYS(tgkill), 1, {EQUALS(0, (scmp_datum_t)getpid())}});
#ifdef SANITIZED /* it reads the program's own symbols for its report; Landlock says no, and it copes */
    if (rc == 0)
        rc = call_add(filter, SCMP_ACT_ALLOW, &(struct call)CALL(openat));
    if (rc == 0)
        rc = call_add(filter, SCMP_ACT_ALLOW, &(struct call)CALL(open));
#endif
    if (rc == 0)
        rc = filter_enter(filter);
    if (filter)
        seccomp_release(filter);
    return -rc;
}

/* One by one: "none of these" cannot be said in one rule. */
static int families_refuse(scmp_filter_ctx filter)
{
    int rc = 0;

    for (int family = 0; rc == 0 && family < AF_MAX; family++) {
        bool wanted = false;

        for (size_t i = 0; i < COUNT_OF(collector_families); i++)
            wanted = wanted || collector_families[i] == family;
        if (!wanted)
            rc = call_add(filter, SCMP_ACT_ERRNO(EPERM),
                          &(struct call)CALL_IF(socket, EQUALS(0, (scmp_datum_t)family)));
    }
    return rc;
}

int syscalls_confine_collector(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int rc = filter ? 0 : -ENOMEM;

    if (rc == 0)
        rc = calls_add(filter, SCMP_ACT_ERRNO(EPERM), collector_refused, COUNT_OF(collector_refused));
    if (rc == 0)
        rc = families_refuse(filter);
    if (rc == 0)
        rc = filter_enter(filter);
    if (filter)
        seccomp_release(filter);
    return -rc;
}
