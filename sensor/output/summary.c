/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "base/stamp.h"
#include "output/human.h"
#include "output/text.h"

#include <inttypes.h>

static void put_count(struct buf *out, uint64_t n, const char *one, const char *many)
{
    text_number(out, n);
    buf_addf(out, " %s", n == 1 ? one : many);
}

static void put_read(struct buf *out)
{
    buf_add_str(out, "read      ");
    if (counters[COUNT_CAPTURE_FILES] > 0) {
        put_count(out, counters[COUNT_CAPTURE_FILES], "file", "files");
        buf_add_str(out, ", ");
    }
    put_count(out, counters[COUNT_CAPTURE_FRAMES], "packet", "packets");
    buf_add_str(out, ", ");
    text_size(out, counters[COUNT_CAPTURE_BYTES]);
    buf_add_byte(out, '\n');
}

/* 3725 seconds as "1 h 2 min 5 s": the two or three units that say something. */
static void put_span(struct buf *out, uint64_t us)
{
    uint64_t s = us / 1000000;

    if (s >= 86400)
        buf_addf(out, "%" PRIu64 " d ", s / 86400);
    if (s >= 3600)
        buf_addf(out, "%" PRIu64 " h ", s / 3600 % 24);
    if (s >= 60)
        buf_addf(out, "%" PRIu64 " min ", s / 60 % 60);
    if (s >= 60)
        buf_addf(out, "%" PRIu64 " s", s % 60);
    else
        buf_addf(out, "%" PRIu64 ".%03u s", s, (unsigned)(us / 1000 % 1000));
}

static void put_times(struct buf *out, uint64_t first_us, uint64_t last_us)
{
    char first[STAMP_TEXT], last[STAMP_TEXT];

    if (first_us == 0)
        return;
    stamp_print(first_us, first);
    stamp_print(last_us, last);
    first[10] = last[10] = ' ';
    buf_addf(out, "time      %.19s to %.19s UTC (", first, last);
    put_span(out, last_us > first_us ? last_us - first_us : 0); /* files may be out of order */
    buf_add_str(out, ")\n");
}

static void put_flows(struct buf *out)
{
    buf_add_str(out, "flows     ");
    text_number(out, counters[COUNT_FLOW_TCP]);
    buf_add_str(out, " TCP, ");
    text_number(out, counters[COUNT_FLOW_UDP]);
    buf_add_str(out, " UDP\n");
}

static void put_alerts(struct buf *out, const struct correlate *c)
{
    const char *before = ": ";

    buf_add_str(out, "alerts    ");
    text_number(out, counters[COUNT_ALERTS]);
    for (enum stage s = 0; s < STAGE_N; s++)
        if (correlate_n_alerts(c, s) > 0) {
            buf_addf(out, "%s%s ", before, stage_name(s));
            text_number(out, correlate_n_alerts(c, s));
            before = ", ";
        }
    buf_add_byte(out, '\n');
}

static void put_incidents(struct buf *out, const struct correlate *c)
{
    const char *before = ": ";

    if (counters[COUNT_CORRELATE_INCIDENTS] == 0)
        return;
    buf_add_str(out, "incidents ");
    text_number(out, counters[COUNT_CORRELATE_INCIDENTS]);
    for (enum incident_verdict v = VERDICT_VULNERABLE; v < VERDICT_N; v++)
        if (correlate_n_verdicts(c, v) > 0) {
            buf_addf(out, "%s%s ", before, verdict_name(v));
            text_number(out, correlate_n_verdicts(c, v));
            before = ", ";
        }
    buf_add_byte(out, '\n');
}

/* Without a line of their own above: a terminal is for alerts. */
static void put_anomalies(struct buf *out)
{
    if (counters[COUNT_OUTPUT_ANOMALIES] == 0)
        return;
    buf_add_str(out, "anomalies ");
    text_number(out, counters[COUNT_OUTPUT_ANOMALIES]);
    buf_add_byte(out, '\n');
}

static void put_losses(struct buf *out)
{
    struct buf number = buf_within(32);

    if (!count_lost()) {
        buf_add_str(out, "not seen  nothing: all that was captured was inspected\n");
        return;
    }
    buf_add_str(out, "not seen\n");
    for (unsigned i = 0; i < COUNT_N; i++) {
        if (counter_rows[i].kind != COUNTER_LOSS || counters[i] == 0)
            continue;
        buf_clear(&number);
        text_number(&number, counters[i]);
        buf_addf(out, "  %12.*s  %s (%s)\n", (int)number.len, (const char *)number.p, counter_rows[i].help,
                 counter_rows[i].name);
    }
    buf_drop(&number);
}

void human_summary(struct buf *out, const struct correlate *c, uint64_t first_us, uint64_t last_us)
{
    if (counters[COUNT_ALERTS] > 0)
        buf_add_byte(out, '\n'); /* apart from the alert lines above */
    put_read(out);
    put_times(out, first_us, last_us);
    put_flows(out);
    put_alerts(out, c);
    put_incidents(out, c);
    put_anomalies(out);
    put_losses(out);
}
