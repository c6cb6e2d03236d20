/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sensor's half of the comparison with Log4j itself: reads {"id":..,"b64":".."} lines, writes
 * {"id":..,"lookups":[..],"first_pass":[..],"cut":..,"aborted":..,"spent":..,"rendered":..} lines. */
#include "base/base64.h"
#include "base/jsonw.h"
#include "detect/lookup.h"

#include <stdio.h>
#include <stdlib.h>

static struct bytes value_of(struct bytes line, const char *key, bool quoted)
{
    size_t at = bytes_find(line, bytes_str(key));
    struct bytes rest;
    size_t end = 0;

    if (at == BYTES_NONE)
        return (struct bytes){NULL, 0};
    rest = bytes_trim(bytes_from(line, at + strlen(key)));
    if (quoted)
        rest = bytes_from(rest, 1);
    while (end < rest.len && (quoted ? rest.p[end] != '"' : rest.p[end] >= '0' && rest.p[end] <= '9'))
        end++;
    return bytes_slice(rest, 0, end);
}

static void write_names(struct jsonw *w, const char *key, const struct lookup_result *result,
                        unsigned without)
{
    jsonw_array(w, key);
    for (unsigned i = 0; i < result->n_hits; i++)
        if (!(result->hits[i].techniques & without))
            jsonw_bytes(w, NULL, result->hits[i].name);
    jsonw_end_array(w);
}

static void answer(struct lookup *lookup, uint64_t id, struct bytes text, struct buf *out)
{
    struct buf message = buf_within(1 << 22);
    struct jsonw w = jsonw_to(out);
    struct lookup_result result;

    lookup_resolve(lookup, text, &result);
    lookup_message(lookup, &message);
    jsonw_object(&w, NULL);
    jsonw_u64(&w, "id", id);
    write_names(&w, "lookups", &result, 0);
    write_names(&w, "first_pass", &result, LOOKUP_MULTI_PASS);
    jsonw_bool(&w, "cut", result.cut);
    jsonw_bool(&w, "aborted", result.aborted);
    jsonw_bool(&w, "spent", result.spent);
    jsonw_bytes(&w, "rendered", buf_bytes(&message));
    jsonw_end_object(&w);
    buf_drop(&message);
}

int main(void)
{
    struct config *config = config_new();
    struct lookup *lookup = config ? lookup_new(config) : NULL;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    if (!lookup)
        return 3;
    while ((n = getline(&line, &cap, stdin)) > 0) {
        struct bytes all = bytes_of(line, (size_t)n);
        struct buf text = buf_within(1 << 20), out = buf_within(1 << 24);
        uint64_t id = 0;

        bytes_to_u64(value_of(all, "\"id\":", false), UINT64_MAX, &id);
        base64_decode(&text, value_of(all, "\"b64\":", true));
        answer(lookup, id, buf_bytes(&text), &out);
        printf("%.*s\n", (int)out.len, (const char *)out.p);
        buf_drop(&text);
        buf_drop(&out);
    }
    free(line);
    lookup_free(lookup);
    config_free(config);
    return 0;
}
