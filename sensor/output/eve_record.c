/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/eve_record.h"

#include "base/count.h"

void eve_record_head(struct record_head *h, const struct flow *flow, uint64_t ts_us, uint64_t packet)
{
    memset(h, 0, sizeof *h);
    h->ts_us = ts_us;
    h->packet = packet;
    h->flow_id = flow->id;
    h->proto = flow->proto;
    h->client = flow->client;
    h->n_vlans = flow->n_vlans;
    memcpy(h->vlans, flow->vlans, sizeof h->vlans);
    for (unsigned side = 0; side < 2; side++) {
        h->addr[side] = flow->end[side].addr;
        h->port[side] = flow->end[side].port;
    }
}

bool eve_record_finish(struct jsonw *w, const struct eve *eve)
{
    eve_source(w, eve, 255);
    jsonw_end_object(w);
    if (buf_add_byte(w->out, '\n') && w->ok)
        return true;
    count(COUNT_OUTPUT_FAILED);
    buf_clear(w->out);
    return false;
}

struct jsonw eve_record_begin(struct buf *line, const struct eve *eve, const char *event,
                              const struct record_head *h, unsigned src)
{
    struct jsonw w = jsonw_to(line);

    buf_clear(line);
    line->ceiling = eve->config->eve_max_event_size;
    jsonw_object(&w, NULL);
    eve_envelope(&w, eve, event, h, src);
    return w;
}

static bool write_file(struct buf *line, const struct eve *eve, const struct field *f,
                       const struct record_head *h)
{
    struct jsonw w = eve_record_begin(line, eve, "fileinfo", h, f->chunk->side);

    eve_fileinfo(&w, f->file, f->http, f->message);
    jsonw_str(&w, "app_proto", f->app_proto);
    return eve_record_finish(&w, eve);
}

bool eve_record(struct buf *line, const struct eve *eve, const struct field *f)
{
    const struct config *config = eve->config;
    const struct flow *flow = f->chunk->flow;
    struct record_head h;
    struct jsonw w;

    if (!(f->dns && config->eve_dns) && !(f->tls && config->eve_tls) && !(f->file && config->eve_fileinfo))
        return false;
    eve_record_head(&h, flow, f->chunk->ts_us, f->chunk->packet);
    if (f->file)
        return write_file(line, eve, f, &h);
    w = eve_record_begin(line, eve, f->dns ? "dns" : "tls", &h, flow->client);
    if (f->dns)
        eve_dns(&w, f->dns, f->message);
    else
        eve_tls(&w, f->tls);
    return eve_record_finish(&w, eve);
}
