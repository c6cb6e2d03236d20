/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifndef __has_feature
#define __has_feature(x) 0 /* clang's */
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)

static void *take(size_t size)
{
    return calloc(1, size);
}

static void give_back(void *p, size_t size)
{
    (void)size;
    free(p);
}

#else

static void *take(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

static void give_back(void *p, size_t size)
{
    munmap(p, size);
}

#endif

void *pages_new(size_t n, size_t size)
{
    return n && size && n <= PTRDIFF_MAX / size ? take(n * size) : NULL;
}

void pages_free(void *p, size_t n, size_t size)
{
    if (p)
        give_back(p, n * size);
}
