/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises the readers of records, as if the sender had been taken over, and the lines made of what they
 * accept. */
#include "channel/report.h"
#include "output/eve.h"
#include "output/human.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct config config = {.sensor_name = (char[]){""},
                               .eve_community_id = true,
                               .eve_max_event_size = 8192,
                               .eve_alert = true,
                               .eve_alert_payload = true,
                               .eve_alert_payload_printable = true,
                               .eve_payload_buffer_size = 2048,
                               .eve_raw_strings = 1024};

static const struct rule rule = {.sid = 1442200,
                                 .gid = 1,
                                 .rev = 1,
                                 .priority = 1,
                                 .action = (char[]){"alert"},
                                 .msg = (char[]){"JNDI lookup"},
                                 .category = (char[]){""}};

static void lies_within(struct bytes part, struct bytes whole)
{
    assert(part.p >= whole.p && part.p + part.len <= whole.p + whole.len);
}

static void check_record(const struct record *r, struct bytes input)
{
    assert(r->head.size == input.len && r->head.client <= 1 && r->head.packet_side <= 1);
    assert(r->head.n_vlans <= PACKET_MAX_VLANS && r->attrs.n <= ATTRS_MAX);
    for (unsigned i = 0; i < r->attrs.n; i++) {
        assert(r->attrs.v[i].id < ATTR_N);
        lies_within(r->attrs.v[i].value, input);
    }
    for (unsigned tag = 0; tag < RECORD_TAG_N; tag++)
        if (r->item[tag].p)
            lies_within(r->item[tag], input);
}

/* One line, whole, no longer than allowed, and nothing in it that a terminal or a line reader would obey. */
static void check_line(struct bytes line, size_t max)
{
    assert(line.len > 0 && line.len <= max && line.p[line.len - 1] == '\n');
    for (size_t i = 0; i + 1 < line.len; i++)
        assert(line.p[i] >= 0x20 && line.p[i] != 0x7f);
}

static void check_anomaly(const struct record *r)
{
    struct eve eve = {.config = &config, .offline = true};
    struct buf line = buf_within(0);

    assert(r->head.anomaly < ANOMALY_N && r->attrs.n == 0);
    assert(eve_anomaly(&line, &eve, r));
    check_line(buf_bytes(&line), config.eve_max_event_size);
    buf_drop(&line);
}

static void check_lines(const struct record *r, enum stage stage)
{
    struct alert a = {.record = r, .rule = &rule, .severity = rule.priority, .stage = stage};
    struct eve eve = {.config = &config, .offline = true};
    struct buf line = buf_within(0), text = buf_within(65536);

    assert(eve_alert(&line, &eve, &a));
    check_line(buf_bytes(&line), config.eve_max_event_size);
    assert(utf8_valid(buf_bytes(&line)));
    human_alert(&text, &a, false);
    check_line(buf_bytes(&text), 4096);
    buf_drop(&line);
    buf_drop(&text);
}

/* At most one kind of reader takes it, and what it gives is within the input and within its bounds. */
static void check_reports(struct bytes input, bool taken)
{
    static struct tally t;
    struct record_place place;
    struct line l;
    struct fact f;
    enum log_level level;
    char text[LOG_LINE_MAX];
    unsigned n = taken;

    if (record_read_line(input, &l)) {
        lies_within(l.text, input);
        check_line(l.text, EVE_LINE_MAX);
        n++;
    }
    if (record_read_fact(input, &f)) {
        lies_within(f.body, input);
        assert(f.number < FACT_N_MAX && f.body.len <= FACT_MAX);
        n++;
    }
    n += record_read_stats(input, &t);
    if (record_read_log(input, &level, text)) {
        assert(strlen(text) < LOG_LINE_MAX && level <= LOG_LEVEL_DEBUG);
        n++;
    }
    assert(n <= 1);
    if (n) /* whatever is read has a place, and a size that a pipe's reader finds */
        assert(record_place_read(input, &place) && record_size(input) == input.len);
}

/* The first byte chooses the stage; 0x80: the size is made to agree, so that a change of length reaches the
 * items. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct record r;
    struct bytes input;
    uint8_t *exact;
    uint32_t len;
    bool taken;

    if (size < 1 || size > RECORD_MAX)
        return 0;
    input.len = size - 1;
    exact = malloc(input.len + !input.len);
    if (!exact)
        return 0;
    memcpy(exact, data + 1, input.len);
    len = (uint32_t)input.len;
    if (data[0] & 0x80 && input.len >= sizeof len)
        memcpy(exact, &len, sizeof len);
    input.p = exact;
    taken = record_read(input, &r);
    check_reports(input, taken);
    if (taken) {
        check_record(&r, input);
        if (r.head.kind == RECORD_ANOMALY)
            check_anomaly(&r);
        else
            check_lines(&r, (enum stage)((data[0] & 0x7f) % STAGE_N));
    }
    free(exact);
    return 0;
}
