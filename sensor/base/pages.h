/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_PAGES_H
#define BASE_PAGES_H

#include <stddef.h>

/* Zeroed memory of n * size bytes that costs nothing before it is touched, for tables whose ceiling is far
 * above what they usually hold. calloc() promises the first only: memory that was used before, it clears, and
 * that touches every page.
 *
 * The caller owns it and gives it back with pages_free() and the same n and size. NULL: memory is short, or
 * the product overflows. Built for AddressSanitizer it is calloc(), so that its ends are watched. */
void *pages_new(size_t n, size_t size);

/* NULL is fine. */
void pages_free(void *p, size_t n, size_t size);

#endif
