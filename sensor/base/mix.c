/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/mix.h"

#include <string.h>
#include <sys/random.h>

void mix_secrets(bool fixed, uint64_t out[MIX_SECRETS])
{
    static const uint64_t numbers[MIX_SECRETS] = {0x6a6e64692d736e73, 0x9e3779b97f4a7c15, 0xd1b54a32d192ed03,
                                                  0x8cb92ba72f3d8dd7}; /* any with many ones will do */

    memcpy(out, numbers, sizeof numbers);
    if (fixed)
        return;
    if (getrandom(out, sizeof numbers, GRND_NONBLOCK) != (ssize_t)sizeof numbers)
        out[0] ^= (uint64_t)(uintptr_t)&out; /* early boot: address randomisation is what there is */
}
