/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/attr.h"

const struct attr_row attr_rows[ATTR_N] = {
#define X(symbol, name, help) {name, help},
    ATTRS(X)
#undef X
};

void attrs_add(struct attrs *a, enum attr_id id, struct bytes value)
{
    if (a->n == ATTRS_MAX) {
        a->cut = true;
        return;
    }
    a->v[a->n].id = id;
    a->v[a->n].value = value;
    a->n++;
}

struct attr_set attrs_present(const struct attrs *a)
{
    struct attr_set present = {{0}};

    for (unsigned i = 0; i < a->n; i++)
        attr_set_add(&present, a->v[i].id);
    return present;
}

void attrs_add_once(struct attrs *a, enum attr_id id, struct bytes value)
{
    for (unsigned i = 0; i < a->n; i++)
        if (a->v[i].id == id && bytes_eq(a->v[i].value, value))
            return;
    attrs_add(a, id, value);
}

struct bytes attrs_get(const struct attrs *a, enum attr_id id)
{
    for (unsigned i = 0; i < a->n; i++)
        if (a->v[i].id == id)
            return a->v[i].value;
    return (struct bytes){NULL, 0};
}
