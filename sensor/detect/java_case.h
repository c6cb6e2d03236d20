/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_JAVA_CASE_H
#define DETECT_JAVA_CASE_H

#include <stddef.h>
#include <stdint.h>

/* Java's String.toLowerCase and toUpperCase (locale en_US) over UTF-16, from a table printed by the JDK
 * itself. */

/* Longest result of one code unit: U+0390 becomes three. */
#define JAVA_CASE_GROWTH 3

/* in[0..len) mapped into out, which has room for JAVA_CASE_GROWTH * len. Returns the length of the result. */
size_t java_to_lower(const uint16_t *in, size_t len, uint16_t *out);
size_t java_to_upper(const uint16_t *in, size_t len, uint16_t *out);

#endif
