/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises endpoints in remote references: views into the message, and a text of each. */
#include "inspect/rmi_ref.h"

#include <assert.h>

static void check(struct bytes message, const struct rmi_ref *ref)
{
    char text[RMI_REF_TEXT];

    assert(ref->host.len > 0 && ref->host.len <= 255);
    assert(ref->host.p >= message.p && ref->host.p + ref->host.len <= message.p + message.len);
    rmi_ref_print(ref, text);
    assert(strlen(text) > ref->host.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes message = bytes_of(data, size);
    struct rmi_ref refs[4], one = {0};
    unsigned n = rmi_refs(message, refs, 4);
    size_t used = rmi_endpoint_read(message, &one);

    assert(n <= 4);
    for (unsigned i = 0; i < n; i++)
        check(message, &refs[i]);
    assert(used == 0 || used == SIZE_MAX || used <= size);
    if (used && used != SIZE_MAX)
        check(message, &one);
    return 0;
}
