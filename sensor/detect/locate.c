/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/locate.h"

/* Where in the field's own value a lookup begins: exactly when it stands there in clear, else in the piece
 * that it was made of, at the first character that disguises begin with. BYTES_NONE when it is in neither. */
static size_t spot_of(struct bytes value, const struct resolved *r, struct bytes raw)
{
    static const char starts[] = "$%\\&";
    uintptr_t from = (uintptr_t)value.p, at = (uintptr_t)raw.p;

    if (at < from || at - from > value.len) {
        raw = r->piece;
        at = (uintptr_t)raw.p;
    }
    if (!raw.p || at < from || at - from > value.len)
        return BYTES_NONE;
    for (size_t i = 0; starts[i]; i++) {
        size_t found = bytes_find_byte(raw, (uint8_t)starts[i]);

        if (found != BYTES_NONE)
            return at - from + found;
    }
    return at - from;
}

void locate(const struct field *f, const struct place_walk *walk, const struct resolved *r, struct bytes raw,
            struct place *out)
{
    size_t at = spot_of(f->value, r, raw);

    out->name = out->key = bytes_of(NULL, 0);
    out->part = NULL;
    if (at == BYTES_NONE ||
        (f->kind != FIELD_HTTP_URI && f->kind != FIELD_HTTP_REQUEST_BODY && f->coding != FIELD_COOKIE))
        return;
    if (walk) {
        struct place_walk here = *walk;

        place_feed(&here, bytes_slice(f->value, 0, at));
        place_tell(&here, out);
    } else {
        place_find(f->value, f->coding, at, out);
    }
}

void locate_tell(const struct place *place, struct field *named, struct attrs *attrs)
{
    struct bytes key = place->key;

    if (named->name.len)
        key = place->name;
    else if (place->name.p)
        named->name = place->name;
    if (named->name.len)
        attrs_add(attrs, ATTR_JNDI_FIELD, named->name);
    if (key.len)
        attrs_add(attrs, ATTR_JNDI_KEY, key);
    if (place->part)
        attrs_add(attrs, ATTR_JNDI_PART, bytes_str(place->part));
}
