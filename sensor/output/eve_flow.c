/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/eve_record.h"

#include "base/count.h"
#include "base/stamp.h"

static void put_stamp(struct jsonw *w, const char *key, uint64_t ts_us)
{
    char stamp[STAMP_TEXT];

    stamp_print(ts_us, stamp);
    jsonw_str(w, key, stamp);
}

/* Whether both sides were heard is what netflow knows, and so do we. */
static void put_counts(struct jsonw *w, const struct flow *f)
{
    const struct flow_end *client = &f->end[f->client], *server = &f->end[!f->client];

    jsonw_object(w, "flow");
    jsonw_u64(w, "pkts_toserver", client->packets);
    jsonw_u64(w, "pkts_toclient", server->packets);
    jsonw_u64(w, "bytes_toserver", client->bytes);
    jsonw_u64(w, "bytes_toclient", server->bytes);
    put_stamp(w, "start", f->first_us);
    put_stamp(w, "end", f->last_us);
    jsonw_u64(w, "age", f->last_us > f->first_us ? (f->last_us - f->first_us) / 1000000 : 0);
    jsonw_str(w, "state", client->packets && server->packets ? "established" : "new");
    jsonw_end_object(w);
}

bool eve_flow(struct buf *line, const struct eve *eve, const struct flow *f)
{
    struct record_head h = {.ts_us = f->last_us, .flow_id = f->id, .proto = f->proto, .n_vlans = f->n_vlans};
    struct jsonw w = jsonw_to(line);

    for (unsigned side = 0; side < 2; side++) {
        h.addr[side] = f->end[side].addr;
        h.port[side] = f->end[side].port;
        if (f->end[side].last_packet > h.packet)
            h.packet = f->end[side].last_packet;
    }
    memcpy(h.vlans, f->vlans, sizeof h.vlans);
    buf_clear(line);
    line->ceiling = eve->config->eve_max_event_size;
    jsonw_object(&w, NULL);
    eve_envelope(&w, eve, "flow", &h, f->client);
    put_counts(&w, f);
    eve_source(&w, eve, 255);
    jsonw_end_object(&w);
    if (buf_add_byte(line, '\n') && w.ok)
        return true;
    count(COUNT_OUTPUT_FAILED);
    return false;
}
