/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises places in structured texts: byte 0 is the coding; the rest is walked whole and byte by byte,
 * which must lead to the same place. */

#include <assert.h>
#include <stdlib.h>

#include "detect/place.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct place_walk whole, single;
    static struct place one, other;
    enum field_coding coding;

    if (size < 1)
        return 0;
    coding = (enum field_coding)(data[0] % (FIELD_COOKIE + 1));
    place_begin(&whole, coding);
    place_feed(&whole, bytes_of(data + 1, size - 1));
    place_tell(&whole, &one);
    place_begin(&single, coding);
    for (size_t i = 1; i < size; i++) {
        uint8_t *exact = malloc(1);

        assert(exact);
        *exact = data[i];
        place_feed(&single, bytes_of(exact, 1));
        free(exact);
    }
    place_tell(&single, &other);
    assert(bytes_eq(one.name, other.name) && bytes_eq(one.key, other.key) && one.part == other.part);
    assert(one.name.len <= PLACE_TEXT && one.key.len <= PLACE_TEXT);
    place_find(bytes_of(data + 1, size - 1), coding, size / 2, &one);
    return 0;
}
