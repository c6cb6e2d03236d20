/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROCESS_SANDBOX_H
#define PROCESS_SANDBOX_H

#include "config/config.h"

/* What each process gives up for good. The collector first, before it forks: workers inherit its limits, and
 * a worker that is started an hour later comes out of the same sandbox. Then each worker, once its capture is
 * open and its database compiled. Where the kernel lacks a part (Landlock may be off, containers may refuse),
 * the rest is applied; sandbox_report says what is missing. */

/* The places that the collector will need again, gathered before it is confined. */
struct sandbox;

/* NULL when memory is short. Free with sandbox_free. */
struct sandbox *sandbox_new(void);
void sandbox_free(struct sandbox *s); /* NULL is welcome; lifts nothing */

/* A file, or all files below a directory; one that is not there (or no file) is passed over. When path is a
 * symbolic link, or a directory with such links in it, what they point at is meant as well. */
void sandbox_may_read(struct sandbox *s, const char *path);

/* The directory that the file is in: a file is replaced under its name by an editor, and read again. */
void sandbox_may_read_beside(struct sandbox *s, const char *path);

/* Files in dir, and in the directory that dir/name leads to when that is a link. */
void sandbox_may_write(struct sandbox *s, const char *dir, const char *name);

/* The file at path may be taken away; so, as far as Landlock can tell, may others in its directory. */
void sandbox_may_remove(struct sandbox *s, const char *path);

/* no_new_privs; Landlock: the places above, and what libpcap reads to open an interface again (live);
 * seccomp: the deny-list of syscalls.h. After privileges_drop, before any thread. False with a complaint when
 * the kernel has a part and refuses it: then the program must not go on. */
bool sandbox_collector(struct sandbox *s, bool live, struct complaint *why);

struct sandbox_worker_plan {
    const int *writable; /* descriptors that it may write to, beside standard error */
    unsigned n_writable;
    uint64_t memory; /* bytes of address space; 0: no limit (sandbox_memory) */
};

/* In the worker; irrevocable. No capability, no other identity (privileges_forget); no core file, not to be
 * traced; no new process, no file growth (unless its standard error is a file), a bounded address space (not
 * under AddressSanitizer, which maps terabytes); no_new_privs; Landlock: no file, no TCP, no signal to
 * others; seccomp: the allow-list of syscalls.h, death otherwise. False as above. */
bool sandbox_worker(const struct sandbox_worker_plan *plan, struct complaint *why);

/* In a second thread of a worker, before sandbox_worker in the first, whose limits and filter then hold for both: what
 * each thread has for itself, capabilities, identity, Landlock. False as above. */
bool sandbox_thread(struct complaint *why);

/* For sandbox_worker_plan.memory, asked for by the process that forks, which may still look into /proc: what
 * is mapped now, the ceilings of the settings, one ring per interface that may have to be opened again, and
 * slack for what the allocator cannot use. 0 when the first cannot be told, and under AddressSanitizer. */
uint64_t sandbox_memory(const struct config *config);

/* A warning line for each part that the kernel lacks, and an info line with what is done. Before
 * sandbox_collector, while the names of users can still be looked up. */
void sandbox_report(void);

/* The warning of --no-sandbox. */
void sandbox_report_none(void);

#endif
