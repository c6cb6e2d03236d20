/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/field.h"

const struct field_row field_rows[FIELD_N] = {
#define X(symbol, name, shape) {name, FIELD_SHAPE_##shape},
    FIELDS(X)
#undef X
};
