/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rule_draft.h"

/* base64_decode and base64_data (Suricata's rules/base64-keywords). */

#define SIGHTING_REASON "lookups are decoded before rules see them: use jndi.name or jndi.technique"

static bool read_word(struct rule_draft *d, struct traffic_test *t, struct bytes part)
{
    size_t blank = bytes_find_byte(part, ' ');
    struct bytes word = bytes_slice(part, 0, blank), value = bytes_trim(bytes_from(part, word.len));

    if (bytes_eq_nocase(word, BYTES_LIT("bytes")) && value.len)
        return draft_number(d, value, 1, 65535, &t->number.bytes.n);
    if (bytes_eq_nocase(word, BYTES_LIT("offset")) && value.len)
        return draft_number(d, value, 0, 65535, &t->number.offset.n);
    if (!bytes_eq_nocase(part, BYTES_LIT("relative")))
        return draft_refuse(d, "'%.*s' is not read: write bytes N, offset N or relative", DRAFT_SHOWN(part));
    t->relative = t->number.relative = true;
    return true;
}

bool draft_base64_decode(struct rule_draft *d)
{
    struct bytes rest = d->option->value, part;
    struct traffic_test *t = draft_test(d, ASK_BASE64, false);

    if (!t)
        return false;
    draft_traffic_only(d, SIGHTING_REASON);
    d->base64 = (unsigned)(t - d->tests);
    d->last = DRAFT_NONE;
    while (rest.len && draft_part(&rest, ',', &part))
        if (!read_word(d, t, part))
            return false;
    return true;
}

bool draft_base64_data(struct rule_draft *d)
{
    if (d->base64 == DRAFT_NONE)
        return draft_refuse(d, "nothing was decoded before it: write base64_decode; in front");
    if (d->n_sections == RULE_MAX_SECTIONS)
        return draft_refuse(d, "a rule has at most %d buffers: split it", RULE_MAX_SECTIONS);
    draft_traffic_only(d, SIGHTING_REASON);
    d->sections[d->n_sections] =
        (struct draft_section){.attr = ATTR_N, .buffer = BUFFER_N, .decoded = true, .named_by = *d->option};
    d->current = d->n_sections++;
    d->last = DRAFT_NONE;
    return true;
}
