/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"

#include <string.h>

const struct counter_row counter_rows[COUNT_N] = {
#define X(symbol, name, kind, help) {name, COUNTER_##kind, help},
    COUNTERS(X)
#undef X
};

_Alignas(COUNT_ROOM * sizeof(uint64_t)) uint64_t counters[COUNT_ROOM];

bool count_lost(void)
{
    for (unsigned i = 0; i < COUNT_N; i++)
        if (counter_rows[i].kind == COUNTER_LOSS && counters[i])
            return true;
    return false;
}

void count_reset(void)
{
    memset(counters, 0, sizeof counters);
}
