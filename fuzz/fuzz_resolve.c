/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises pieces, encodings and evaluator together; the first byte chooses the coding of the place. Every
 * layer alone keeps within its stated growth, and what is reported lies in what was given. */
#include "detect/jndi_name.h"
#include "detect/leak.h"
#include "detect/resolve.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool promise)
{
    if (!promise)
        abort();
}

static void on_resolved(void *arg, const struct resolved *r)
{
    struct bytes *text = arg;
    struct jndi_name name;
    struct attrs attrs = {0};

    check(r->hit->to <= r->decoded.len && r->hit->from <= r->hit->to);
    check(r->piece.len <= text->len && r->piece.p >= text->p &&
          r->piece.p + r->piece.len <= text->p + text->len);
    jndi_name_parse(r->hit->name, &name);
    check(name.host.len <= r->hit->name.len + sizeof name.dotted);
    leak_each(r->hit->name, &attrs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config *config;
    static struct scan *scan;
    static struct resolver *resolver;
    struct bytes text;
    bool spent;

    if (!resolver) {
        config = config_new();
        scan = scan_new(NULL);
        check(config && scan);
        resolver = resolver_new(config, scan);
        check(resolver != NULL);
    }
    if (size == 0)
        return 0;
    text = bytes_of(data + 1, size - 1);
    for (unsigned layer = 0; layer < UNWRAP_N_TEXT; layer++) {
        struct buf out = buf_within(2 * size + 16);

        if (!unwrap((enum unwrap_layer)layer, text, &out))
            check(out.len == 0);
        check(out.len <= text.len + text.len / 2 + 4);
        buf_drop(&out);
    }
    resolver_run(resolver, text, (enum field_coding)(data[0] % (FIELD_COOKIE + 1)), data[0] & 0x80,
                 on_resolved, &text, &spent);
    return 0;
}
