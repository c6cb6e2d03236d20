/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/eve_record.h"
#include "output/text.h"

static void put(struct jsonw *w, const char *key, struct bytes value)
{
    if (value.len)
        jsonw_bytes(w, key, text_cut(value, EVE_RECORD_TEXT));
}

static void put_http(struct jsonw *w, const struct http_view *http)
{
    jsonw_object(w, "http");
    eve_http_host(w, http->host, EVE_RECORD_TEXT);
    put(w, "url", http->url);
    put(w, "http_user_agent", http->user_agent);
    put(w, "http_content_type", http->response_content_type);
    put(w, "http_method", http->method);
    if (http->status)
        jsonw_u64(w, "status", http->status);
    jsonw_u64(w, "length", http->response_length);
    jsonw_end_object(w);
}

void eve_fileinfo(struct jsonw *w, const struct file_view *file, const struct http_view *http, uint64_t tx)
{
    if (http)
        put_http(w, http);
    jsonw_object(w, "fileinfo");
    jsonw_bytes(w, "filename", text_cut(file->filename, EVE_RECORD_TEXT));
    jsonw_bool(w, "gaps", false); /* what is missing ends a file: it is TRUNCATED then */
    jsonw_str(w, "state", file->whole ? "CLOSED" : "TRUNCATED");
    jsonw_str(w, "magic", file->magic);
    if (file->sha256[0])
        jsonw_str(w, "sha256", file->sha256);
    jsonw_bool(w, "stored", false);
    jsonw_u64(w, "size", file->size);
    jsonw_u64(w, "tx_id", tx);
    jsonw_end_object(w);
}
