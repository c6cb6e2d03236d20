/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings files: any bytes are loaded or refused with words; what is loaded keeps the table's bounds. */
#include "config/config.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The last line again as an assignment: the other way in. */
static void assign(struct config *c, const uint8_t *data, size_t size)
{
    struct complaint why = {""};
    char *text;

    for (size_t i = size; i > 0; i--)
        if (data[i - 1] == '\n') {
            data += i;
            size -= i;
            break;
        }
    text = strndup((const char *)data, size);
    assert(text);
    assert(config_set(c, text, &why) != (why.text[0] != '\0'));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config *c = config_new();
    struct complaint why = {""};
    bool good;

    assert(c);
    good = config_parse(c, "fuzz", bytes_of(data, size), &why);
    assert(good != (why.text[0] != '\0'));
    assign(c, data, size);
    assert(c->rule_files.n <= CONFIG_MAX_FILES && c->n_interfaces <= CONFIG_MAX_INTERFACES);
    assert(c->n_address_groups <= CONFIG_MAX_GROUPS && c->n_port_groups <= CONFIG_MAX_GROUPS);
    assert(c->max_layers >= 1 && c->max_layers <= 64);
    assert(c->eve_max_event_size >= 2048 && c->log_level <= LOG_LEVEL_DEBUG);
    assert(*c->log_dir && *c->eve_filename && !strchr(c->eve_filename, '/'));
    if (good)
        for (unsigned i = 0; i < c->n_interfaces; i++)
            assert(*c->interfaces[i].name && c->interfaces[i].bpf_filter);
    config_free(c);
    return 0;
}
