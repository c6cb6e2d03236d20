/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the reader of class files: bounds, views into the file, agreement between its two ways to the
 * name. */
#include "inspect/javaclass.h"
#include "inspect/javaclass_facts.h"

#include <assert.h>

static void assert_inside(struct bytes file, struct bytes view)
{
    assert(!view.p || (view.p >= file.p && view.p + view.len <= file.p + file.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes file = bytes_of(data, size), name;
    struct java_class_facts facts;
    struct attrs a = {.n = 0};

    assert(java_class_read(file, &facts) == (size >= JAVA_CLASS_START && java_class_starts(file)));
    assert_inside(file, facts.name);
    assert_inside(file, facts.super);
    assert(facts.n_urls <= JAVA_CLASS_TEXTS && facts.n_commands <= JAVA_CLASS_TEXTS &&
           facts.n_hosts <= JAVA_CLASS_HOSTS);
    for (unsigned i = 0; i < facts.n_commands; i++)
        assert_inside(file, facts.commands[i]);
    if (java_class_name(file, &name) == JAVA_CLASS_NAMED && size < JAVA_CLASS_CONSTANTS)
        assert(bytes_eq(name, facts.name));
    java_class_add_attrs(&facts, &a);
    return 0;
}
