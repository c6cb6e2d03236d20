/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/stamp.h"
#include "correlate/labels.h"
#include "output/eve.h"
#include "output/text.h"

static void put_time(struct jsonw *w, const char *key, uint64_t ts_us)
{
    char stamp[STAMP_TEXT];

    stamp_print(ts_us, stamp);
    jsonw_str(w, key, stamp);
}

static void put_names(struct jsonw *w, const char *key, const struct labels *l)
{
    jsonw_array(w, key);
    for (enum label k = 0; k < LABEL_N; k++)
        if (labels_have(l, k))
            jsonw_str(w, NULL, label_name(k));
    jsonw_end_array(w);
}

static void put_hit(struct jsonw *w, const struct hit *h, const struct eve_limits *limits)
{
    jsonw_object(w, NULL);
    jsonw_bytes(w, "indicator", text_cut(bytes_str(h->ioc->text), limits->text));
    jsonw_str(w, "kind", ioc_kind_name(h->ioc->kind));
    jsonw_bytes(w, "list", text_cut(bytes_str(h->ioc->list), limits->text));
    jsonw_str(w, "where", hit_where_name(h->where));
    if (h->seen.len > 0)
        jsonw_bytes(w, "seen", text_cut(h->seen, limits->text));
    if (h->n > 0) {
        jsonw_u64(w, "count", h->n);
        put_time(w, "first_seen", h->first_us);
        put_time(w, "last_seen", h->last_us);
    }
    jsonw_end_object(w);
}

void eve_labels(struct jsonw *w, const struct alert *a, const struct eve_limits *limits)
{
    const struct labels *l = a->labels;

    if (!l || l->set == 0)
        return;
    put_names(w, "label", l);
    if (l->n_hits == 0 || limits->bare)
        return;
    jsonw_array(w, "ioc");
    for (unsigned i = 0; i < l->n_hits && i < limits->items; i++)
        put_hit(w, &l->hits[i], limits);
    jsonw_end_array(w);
}

void eve_label_mirrors(struct jsonw *w, const struct alert *a, const struct eve_limits *limits)
{
    const struct labels *l = a->labels;

    if (!l || l->set == 0)
        return;
    put_names(w, "jndi_label", l);
    if (l->n_hits == 0 || limits->bare)
        return;
    jsonw_array(w, "jndi_ioc");
    for (unsigned i = 0; i < l->n_hits && i < limits->items; i++)
        jsonw_bytes(w, NULL, text_cut(bytes_str(l->hits[i].ioc->text), limits->text));
    jsonw_end_array(w);
}
