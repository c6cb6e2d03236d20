/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/human.h"
#include "base/stamp.h"
#include "correlate/folds.h"
#include "output/text.h"

#include <inttypes.h>

#define LOOKUP_MAX 160 /* bytes; a line stays readable */
#define NAME_MAX_  64
#define CHAIN_MAX  320 /* a gadget chain is told apart by its third class or later */

/* SGR sequences (ECMA-48 8.3.117): bold red, yellow, cyan. */
static const struct {
    const char *word, *on;
} severities[] = {
    {"info  ", ""},
    {"HIGH  ", "\033[1;31m"},
    {"medium", "\033[33m"},
    {"low   ", "\033[36m"},
};

#define OFF "\033[0m"

static void put_time(struct buf *out, uint64_t ts_us)
{
    char stamp[STAMP_TEXT];

    stamp_print(ts_us, stamp);
    stamp[10] = ' ';
    buf_add(out, bytes_of(stamp, 26)); /* without the zone: always UTC */
}

static void put_severity(struct buf *out, uint32_t priority, bool color)
{
    size_t row = priority < sizeof severities / sizeof severities[0] ? priority : 0;

    if (color)
        buf_add_str(out, severities[row].on);
    buf_add_str(out, severities[row].word);
    if (color && severities[row].on[0])
        buf_add_str(out, OFF);
}

static void put_end(struct buf *out, const struct record_head *h, unsigned side)
{
    char text[ADDR_TEXT];

    addr_print(&h->addr[side], text);
    buf_addf(out, h->addr[side].version == 6 ? "[%s]:%u" : "%s:%u", text, h->port[side]);
}

static void put_values(struct buf *out, const struct attrs *attrs, enum attr_id id)
{
    struct buf all = buf_within(4096); /* what goes beyond is beyond the line, too */

    for (unsigned i = 0; i < attrs->n; i++)
        if (attrs->v[i].id == id) {
            if (all.len)
                buf_add_str(&all, ", ");
            buf_add(&all, attrs->v[i].value);
        }
    text_plain(out, buf_bytes(&all), CHAIN_MAX);
    buf_drop(&all);
}

/* The most telling thing that is known: the lookup, else the classes or the name asked for. */
static void put_essence(struct buf *out, const struct alert *a, const struct facts *f)
{
    static const enum attr_id order[] = {ATTR_JAVA_CODEBASE,   ATTR_JAVA_CLASS, ATTR_LDAP_REFERRAL,
                                         ATTR_LDAP_REQUEST_DN, ATTR_RMI_NAME,   ATTR_DNS_RRNAME};

    if (f->lookup.len > 0) {
        buf_add_str(out, "  ");
        text_plain(out, f->lookup, LOOKUP_MAX);
        return;
    }
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        struct bytes value = attrs_get(&a->record->attrs, order[i]);

        if (value.len == 0)
            continue;
        buf_add_str(out, "  ");
        if (order[i] == ATTR_JAVA_CLASS)
            put_values(out, &a->record->attrs, order[i]);
        else
            text_plain(out, value, LOOKUP_MAX);
        return;
    }
}

void human_alert(struct buf *out, const struct alert *a, bool color)
{
    const struct record_head *h = &a->record->head;
    struct facts f;

    facts_of(&f, a);
    put_time(out, h->ts_us);
    buf_add_str(out, "  ");
    put_severity(out, a->severity, color);
    buf_add_str(out, "  ");
    text_plain(out, bytes_str(a->rule->msg), LOOKUP_MAX);
    buf_addf(out, " [%u]  ", a->rule->sid);
    put_end(out, h, f.src);
    buf_add_str(out, " -> ");
    put_end(out, h, f.dst);
    put_essence(out, a, &f);
    if (f.location.len > 0) {
        buf_add_str(out, "  in ");
        text_plain(out, f.location, NAME_MAX_);
    }
    if (f.name.len > 0) {
        buf_add_byte(out, ' ');
        text_plain(out, f.name, NAME_MAX_);
    }
    if (a->fold)
        buf_addf(out, "  %" PRIu64 " times", a->fold->n);
    buf_add_byte(out, '\n');
}
