/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the paths of attack tools: views into the path, a command no longer than its ceiling. */
#include "inspect/kit.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes path = bytes_of(data, size);
    struct buf command = buf_within(64);
    struct kit kit = kit_of_path(path, &command), same = kit_of_path(path, NULL);
    struct attrs a = {.n = 0};

    assert(kit.name == same.name && kit.payload.p == same.payload.p && kit.payload.len == same.payload.len);
    assert(command.len <= 64);
    assert(kit.name || (command.len == 0 && kit.payload.len == 0));
    if (kit.payload.len)
        assert(kit.payload.p >= path.p && kit.payload.p + kit.payload.len <= path.p + path.len);
    kit_add_attrs(&kit, buf_bytes(&command), &a);
    assert(a.n <= 3 && (a.n > 0) == (kit.name != NULL));
    (void)kit_of_class(path);
    (void)kit_of_reference(path, path, path);
    (void)kit_of_reference(BYTES_LIT("Foo"), bytes_from(path, path.len / 2), path);
    buf_drop(&command);
    return 0;
}
