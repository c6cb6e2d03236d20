/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/eve.h"
#include "output/text.h"

bool eve_anomaly(struct buf *line, const struct eve *eve, const struct record *r)
{
    const struct record_head *h = &r->head;
    const struct anomaly_row *row = &anomaly_rows[h->anomaly];
    struct jsonw w = jsonw_to(line);

    buf_clear(line);
    line->ceiling = eve->config->eve_max_event_size;
    jsonw_object(&w, NULL);
    eve_envelope(&w, eve, "anomaly", h, h->packet_side);
    /* Neither schema has a place for a number in the anomaly itself. */
    jsonw_object(&w, "metadata");
    jsonw_object(&w, "flowints");
    jsonw_u64(&w, "anomaly.count", h->n);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    jsonw_object(&w, "anomaly");
    jsonw_str(&w, "type", row->type);
    jsonw_str(&w, "event", row->event);
    if (strcmp(row->type, "applayer") == 0) {
        jsonw_str(&w, "layer", "proto_parser");
        jsonw_str(&w, "app_proto", "http");
    }
    jsonw_end_object(&w);
    eve_source(&w, eve, 255);
    jsonw_end_object(&w);
    return buf_add_byte(line, '\n') && w.ok;
}
