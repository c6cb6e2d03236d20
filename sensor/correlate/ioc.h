/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_IOC_H
#define CORRELATE_IOC_H

#include "base/addr.h"
#include "base/log.h"

/* Lists of indicators: what is known to be somebody's callback, scanner or malware. One item a line, # begins
 * a comment; docs/IOCS.md has the form. A question costs a few hash lookups, whatever the length of the
 * lists. */
enum ioc_kind { IOC_DOMAIN, IOC_ADDRESS, IOC_NETWORK, IOC_SERVER, IOC_URL, IOC_SHA256, IOC_KIND_N };

/* As in alert.context.jndi.ioc.kind, and as a line may begin. */
const char *ioc_kind_name(enum ioc_kind k);

#define IOC_TEXT_MAX 1024 /* bytes of one item */

/* Owned by its iocs. */
struct ioc {
    enum ioc_kind kind;
    unsigned line;
    const char *list; /* the file's name without directory and ending */
    const char *text; /* as it is compared: in small letters, a URL without its default port ... */
};

struct iocs;

/* Holds at most max_items. NULL when memory is short. */
/* All of them: what is bad; what is the operator's own; shared places that nobody may block. Each may be
 * NULL. */
struct iocs;
struct ioc_lists {
    struct iocs *bad, *allowed, *never;
};
void ioc_lists_free(struct ioc_lists *l); /* NULLs it, too */

struct iocs *iocs_new(size_t max_items);
void iocs_free(struct iocs *s); /* NULL is welcome */

/* Adds a list. False with a complaint (file:line: what, and the cure) at the first line that is refused; what
 * came before it stays. An item that is there already keeps the place where it stood first. */
bool iocs_add_file(struct iocs *s, const char *path, struct complaint *why);
bool iocs_add_text(struct iocs *s, const char *path, struct bytes text, struct complaint *why);

size_t iocs_n(const struct iocs *s);
const struct ioc *iocs_at(const struct iocs *s, size_t i); /* in the order in which they were read */

/* What a thing seen on the wire is known as; NULL: nothing. Of several the narrowest. s may be NULL: nothing
 * is known then. */

/* A host by its name, or an address as text. A domain stands for all names below it, too. */
const struct ioc *iocs_by_host(const struct iocs *s, struct bytes host);
const struct ioc *iocs_by_addr(const struct iocs *s, const struct addr *a);

/* The server alone: ask for its host as well. */
const struct ioc *iocs_by_server(const struct iocs *s, struct bytes host, uint16_t port);
const struct ioc *iocs_by_server_addr(const struct iocs *s, const struct addr *a, uint16_t port);

/* The URL, or the same without its query; not its host. */
const struct ioc *iocs_by_url(const struct iocs *s, struct bytes url);

const struct ioc *iocs_by_sha256(const struct iocs *s, struct bytes hex);

#endif
