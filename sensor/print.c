/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "print.h"
#include "base/buf.h"
#include "base/count.h"
#include "config/config.h"
#include "inspect/attr.h"

#include <stdio.h>

#ifndef JNDI_VERSION
#define JNDI_VERSION "of an unknown build"
#endif

#define TEXT_MAX (256u * 1024)

const char *print_version_number(void)
{
    return JNDI_VERSION;
}

static void print_version(struct buf *out)
{
    buf_add_str(out, "jndi-sensor " JNDI_VERSION "\n");
}

static void print_counters(struct buf *out)
{
    buf_add_str(
        out,
        "# Counters\n"
        "\n"
        "Printed by `jndi-sensor --counters`. The `stats` event carries all of them. `loss` is data that "
        "was\n"
        "not inspected or not written: the summary names those that are not zero, and `--strict` makes an\n"
        "exit status of them.\n"
        "\n");
    buf_addf(out, "| %-25s | %-4s | %s |\n|---|---|---|\n", "counter", "kind", "counts");
    for (unsigned i = 0; i < COUNT_N; i++)
        buf_addf(out, "| %-25s | %-4s | %s |\n", counter_rows[i].name,
                 counter_rows[i].kind == COUNTER_LOSS ? "loss" : "info", counter_rows[i].help);
}

static void print_buffers(struct buf *out)
{
    for (unsigned i = 0; i < ATTR_N; i++)
        buf_addf(out, "%-30s %s\n", attr_rows[i].name, attr_rows[i].help);
}

static bool put(struct buf *text, FILE *to)
{
    bool good = fwrite(text->p, 1, text->len, to) == text->len && fflush(to) == 0;

    buf_drop(text);
    return good;
}

bool print_asked(const struct options *o, bool *good)
{
    struct buf text = buf_within(TEXT_MAX);

    if (o->help)
        options_help(&text);
    if (o->version)
        print_version(&text);
    if (o->explain)
        config_explain(&text);
    if (o->counters)
        print_counters(&text);
    if (o->list_buffers)
        print_buffers(&text);
    if (!text.len)
        return false;
    *good = put(&text, stdout);
    return true;
}

void print_usage(void)
{
    struct buf text = buf_within(TEXT_MAX);

    options_usage(&text);
    put(&text, stderr);
}
