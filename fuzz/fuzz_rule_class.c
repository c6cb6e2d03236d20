/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of classtypes: refused with words that name file and line, or each of their names is found, under any
 * case, with a text and a priority. */
#include "detect/rule_class.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct rule_classes *c)
{
    assert(c->n <= RULE_CLASSES_MAX && c->n <= c->room);
    for (unsigned i = 0; i < c->n; i++) {
        const struct rule_class *own = &c->own[i];
        struct bytes name = bytes_str(own->name);

        assert(name.len > 0 && name.len <= 64 && own->text[0]);
        assert(own->priority >= 1 && own->priority <= 255);
        assert(rule_class_find(c, name) == own);
        assert(i > 4 || rule_class_nearest(c, own->name)); /* slow */
    }
    assert(rule_class_find(c, BYTES_LIT("unknown")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rule_classes c = {0};
    struct pool pool = {0};
    struct complaint why = {""};
    bool good = rule_classes_read(&c, &pool, "fuzz", bytes_of(data, size), &why);

    assert(good ? !why.text[0] : strncmp(why.text, "fuzz:", 5) == 0);
    check(&c);
    if (good) {
        unsigned n = c.n;

        /* Of two with one name the first counts. */
        good = rule_classes_read(&c, &pool, "fuzz", bytes_of(data, size), &why);
        assert(good && c.n == n);
    }
    rule_classes_drop(&c);
    pool_drop(&pool);
    return 0;
}
