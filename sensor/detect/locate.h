/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_LOCATE_H
#define DETECT_LOCATE_H

#include "detect/place.h"
#include "detect/resolve.h"

/* Where in a field a lookup stands, for an analyst who looks for the parameter. */

/* walk: where the field's value begins in a body that goes on; NULL for the beginning of a text. raw: the
 * lookup as it was sent, in the value or elsewhere. Nothing is set in *out when it is not known. */
void locate(const struct field *f, const struct place_walk *walk, const struct resolved *r, struct bytes raw,
            struct place *out);

/* Adds it to attrs, and names the field by it; what a header has inside is its key. */
void locate_tell(const struct place *place, struct field *named, struct attrs *attrs);

#endif
