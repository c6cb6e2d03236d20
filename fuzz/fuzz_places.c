/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the search for places in command lines: so many at most, each a host with a port, the same twice.
 */
#include "correlate/places.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct found {
    unsigned n;
    uint32_t sum;
};

static void note(void *arg, struct bytes host, uint16_t port)
{
    struct found *f = arg;

    assert(host.len > 0 && port > 0);
    f->n++;
    f->sum = f->sum * 31 + port;
    for (size_t k = 0; k < host.len; k++)
        f->sum = f->sum * 31 + host.p[k];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct found first = {0}, second = {0};
    struct bytes host;
    uint16_t port;

    places_find(bytes_of(data, size), note, &first);
    places_find(bytes_of(data, size), note, &second);
    assert(first.n <= PLACES_MAX && first.n == second.n && first.sum == second.sum);
    (void)place_url(bytes_of(data, size), &host, &port);
    if (place_authority(bytes_of(data, size), 0, &host, &port))
        assert(host.p >= data && host.p + host.len <= data + size);
    return 0;
}
