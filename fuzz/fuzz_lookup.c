/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the evaluator over any text: it ends, its slices lie in the text, its names are distinct, and
 * whatever it finds the trigger marks. */
#include "detect/lookup.h"
#include "detect/scan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool promise)
{
    if (!promise)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config *config;
    static struct lookup *lookup;
    static struct scan *scan;
    struct bytes text = bytes_of(data, size);
    struct lookup_result r;

    if (!lookup) {
        config = config_new();
        lookup = lookup_new(config);
        scan = scan_new(NULL);
        check(lookup && scan);
    }
    check(lookup_resolve(lookup, text, &r) == (r.n_hits > 0));
    check(r.n_hits <= LOOKUP_MAX_HITS);
    for (unsigned i = 0; i < r.n_hits; i++) {
        check(r.hits[i].from <= r.hits[i].to && r.hits[i].to <= size);
        for (unsigned k = 0; k < i; k++)
            check(!bytes_eq(r.hits[i].name, r.hits[k].name));
    }
    if (r.n_hits)
        check(scan_block(scan, text) & SCAN_HIT);
    return 0;
}
