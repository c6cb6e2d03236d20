/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the walk over Java serialization streams: bounds, views into the stream, progress, prefixes. */
#include "inspect/javaser.h"

#include <assert.h>

static void assert_inside(struct bytes stream, struct bytes view)
{
    assert(view.p >= stream.p && view.p + view.len <= stream.p + stream.len);
}

static void assert_list(struct bytes stream, const struct bytes *list, unsigned n, unsigned max)
{
    assert(n <= max);
    for (unsigned i = 0; i < n; i++)
        assert_inside(stream, list[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes stream = bytes_of(data, size), names[4];
    struct javaser j, one;
    struct attrs a = {.n = 0};
    uint8_t block[34];

    javaser_read(stream, UINT32_MAX, &j);
    assert(j.used <= size);
    assert_list(stream, j.classes, j.n_classes, JAVASER_CLASSES);
    assert_list(stream, j.strings, j.n_strings, JAVASER_STRINGS);
    assert_list(stream, j.codebases, j.n_codebases, JAVASER_CODEBASES);
    if (j.reference.factory.p)
        assert_inside(stream, j.reference.factory);
    javaser_read(stream, 1, &one);
    assert(one.n_values <= 1 && one.n_classes <= j.n_classes);
    /* What one value takes is whole by itself. */
    if (one.state == JAVASER_WHOLE) {
        struct javaser again;

        javaser_read(bytes_slice(stream, 0, one.used), 1, &again);
        assert(again.state == JAVASER_WHOLE && again.used == one.used && again.n_values == one.n_values);
    }
    javaser_add_attrs(&j, &a);
    assert(javaser_classes(stream, names, 4) <= 4);
    assert(javaser_strings(stream, names, 4) <= 4);
    assert(javaser_block_data(stream, block, sizeof block) <= sizeof block);
    return 0;
}
