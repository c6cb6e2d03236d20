/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_MIX_H
#define BASE_MIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Both halves of a product of 128 bits, as XXH3 and its kin mix: whoever knows neither factor cannot choose
 * the result. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#define MIX_SECRETS 4

/* Numbers for such factors: a packet's place in a table is the attacker's choice unless the hash has a
 * secret. Others in each process, unless fixed. */
void mix_secrets(bool fixed, uint64_t out[MIX_SECRETS]);

#endif
