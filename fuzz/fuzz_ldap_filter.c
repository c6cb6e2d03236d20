/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises search filters: however they nest, texts are views, and what is printed stays in its room. */
#include "inspect/ldap_filter.h"

#include <assert.h>

struct given {
    struct bytes filter;
    size_t bytes;
};

static void on_text(void *arg, struct bytes text)
{
    struct given *g = arg;

    assert(text.p >= g->filter.p && text.p + text.len <= g->filter.p + g->filter.len);
    g->bytes += text.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct given g = {.filter = bytes_of(data, size)};
    struct cursor c = cursor_over(g.filter);
    struct buf out = buf_within(256);
    struct ber filter;

    if (ber_next(&c, &filter) == BER_OK) {
        (void)ldap_filter_texts(filter, on_text, &g);
        assert(g.bytes <= size); /* none is given twice */
        (void)ldap_filter_print(filter, &out);
        assert(out.len <= 256);
    }
    buf_drop(&out);
    return 0;
}
