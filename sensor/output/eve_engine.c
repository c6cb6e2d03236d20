/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/eve_engine.h"
#include "base/stamp.h"
#include "output/text.h"

/* Suricata's event of this name, valid under both schemas; only the parts that are known are written. */
bool eve_engine(struct buf *line, const struct eve *eve, const struct engine_event *e)
{
    struct jsonw w = jsonw_to(line);
    const struct config *config = eve->config;
    char stamp[STAMP_TEXT];

    buf_clear(line);
    line->ceiling = config->eve_max_event_size;
    stamp_print(e->ts_us, stamp);
    jsonw_object(&w, NULL);
    jsonw_str(&w, "timestamp", stamp);
    jsonw_str(&w, "event_type", "engine");
    if (config->sensor_name && config->sensor_name[0])
        jsonw_bytes(&w, "host", text_cut(bytes_str(config->sensor_name), 64));
    jsonw_str(&w, "log_level", e->log_level);
    jsonw_object(&w, "engine");
    if (e->error)
        jsonw_str(&w, "error", e->error);
    jsonw_bytes(&w, "message", text_cut(bytes_str(e->message), 1000));
    jsonw_str(&w, "module", e->module);
    if (e->thread)
        jsonw_str(&w, "thread_name", e->thread);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    return buf_add_byte(line, '\n') && w.ok;
}
