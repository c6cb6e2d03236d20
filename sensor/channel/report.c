/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "channel/report.h"

/* What stands between the place and the text. */
struct line_head {
    struct record_place place;
    uint64_t ts_us, packet;
};

struct fact_head {
    struct record_place place;
    uint64_t ts_us, packet;
    uint32_t number, reserved;
};

struct log_head {
    struct record_place place;
    uint32_t level, reserved;
};

struct stats_record {
    struct record_place place;
    struct tally tally;
};

_Static_assert(sizeof(struct stats_record) <= RECORD_MAX, "counters fit into a record");
_Static_assert(sizeof(struct line_head) + EVE_LINE_MAX <= RECORD_MAX, "a line fits into a record");

static void place_fill(struct record_place *place, enum record_kind kind, size_t size, uint64_t flow_id)
{
    *place = (struct record_place){
        .size = (uint32_t)size, .version = RECORD_VERSION, .kind = (uint16_t)kind, .flow_id = flow_id};
}

static bool put(struct buf *out, const void *head, size_t head_len, struct bytes text)
{
    size_t start = out->len;

    if (buf_add(out, bytes_of(head, head_len)) && buf_add(out, text))
        return true;
    out->len = start;
    return false;
}

/* Copies the head and returns what follows it; p NULL when b is no such record. */
static struct bytes take(struct bytes b, enum record_kind kind, void *head, size_t head_len)
{
    struct record_place place;

    if (b.len < head_len || !record_place_read(b, &place) || place.kind != kind)
        return (struct bytes){NULL, 0};
    memcpy(head, b.p, head_len);
    return bytes_from(b, head_len);
}

bool record_write_line(struct buf *out, const struct line *l)
{
    struct line_head head = {.ts_us = l->ts_us, .packet = l->packet};

    if (l->text.len > EVE_LINE_MAX)
        return false;
    place_fill(&head.place, RECORD_LINE, sizeof head + l->text.len, l->flow_id);
    return put(out, &head, sizeof head, l->text);
}

/* One line, and nothing in it that a reader of lines or a terminal would obey. */
static bool is_line(struct bytes text)
{
    if (text.len < 3 || text.len > EVE_LINE_MAX || text.p[0] != '{' || text.p[text.len - 2] != '}' ||
        text.p[text.len - 1] != '\n')
        return false;
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.p[i] < 0x20 || text.p[i] == 0x7f)
            return false;
    return true;
}

bool record_read_line(struct bytes b, struct line *out)
{
    struct line_head head;
    struct bytes text = take(b, RECORD_LINE, &head, sizeof head);

    if (!text.p || !is_line(text))
        return false;
    *out = (struct line){
        .ts_us = head.ts_us, .packet = head.packet, .flow_id = head.place.flow_id, .text = text};
    return true;
}

bool record_write_fact(struct buf *out, const struct fact *f)
{
    struct fact_head head = {.ts_us = f->ts_us, .packet = f->packet, .number = f->number};

    if (f->body.len > FACT_MAX || f->number >= FACT_N_MAX)
        return false;
    place_fill(&head.place, RECORD_FACT, sizeof head + f->body.len, f->flow_id);
    return put(out, &head, sizeof head, f->body);
}

bool record_read_fact(struct bytes b, struct fact *out)
{
    struct fact_head head;
    struct bytes body = take(b, RECORD_FACT, &head, sizeof head);

    if (!body.p || body.len > FACT_MAX || head.number >= FACT_N_MAX)
        return false;
    *out = (struct fact){.number = head.number,
                         .ts_us = head.ts_us,
                         .packet = head.packet,
                         .flow_id = head.place.flow_id,
                         .body = body};
    return true;
}

bool record_write_stats(struct buf *out, const struct tally *t)
{
    struct stats_record r = {.tally = *t};

    place_fill(&r.place, RECORD_STATS, sizeof r, 0);
    return put(out, &r, sizeof r, (struct bytes){NULL, 0});
}

bool record_read_stats(struct bytes b, struct tally *out)
{
    struct stats_record r;
    struct bytes rest = take(b, RECORD_STATS, &r, sizeof r);

    if (!rest.p || rest.len != 0)
        return false;
    *out = r.tally;
    return true;
}

bool record_write_mark(struct buf *out)
{
    struct record_place place;

    place_fill(&place, RECORD_MARK, sizeof place, 0);
    return put(out, &place, sizeof place, (struct bytes){NULL, 0});
}

bool record_write_log(struct buf *out, enum log_level level, const char *text)
{
    struct log_head head = {.level = level};
    struct bytes words = bytes_slice(bytes_str(text), 0, LOG_LINE_MAX - 1);

    place_fill(&head.place, RECORD_LOG, sizeof head + words.len, 0);
    return put(out, &head, sizeof head, words);
}

bool record_read_log(struct bytes b, enum log_level *level, char *text)
{
    struct log_head head;
    struct bytes words = take(b, RECORD_LOG, &head, sizeof head);

    if (!words.p || words.len >= LOG_LINE_MAX || head.level > LOG_LEVEL_DEBUG)
        return false;
    memcpy(text, words.p, words.len);
    text[words.len] = '\0';
    *level = (enum log_level)head.level;
    return strlen(text) == words.len;
}
