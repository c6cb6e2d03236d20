/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises what clients of the control socket may say: greeting, lines, requests, and the commands' own
 * arguments. */
#include "control/control.h"

#include <assert.h>
#include <stdlib.h>

static uint64_t number(void *arg)
{
    (void)arg;
    return 1;
}

static void nothing(void *arg)
{
    (void)arg;
}

static uint64_t reload(void *arg, struct complaint *why)
{
    (void)arg;
    (void)why;
    return 1;
}

static enum control_result reload_result(void *arg, uint64_t n, struct complaint *why)
{
    (void)arg;
    (void)n;
    complain(why, "no");
    return CONTROL_BAD;
}

static const struct ruleset *rules(void *arg)
{
    return arg;
}

static const struct stats_rules *stats_rules(void *arg)
{
    static const struct stats_rules none = {.loaded = 1};

    (void)arg;
    return &none;
}

static bool interface(void *arg, unsigned i, uint64_t *packets, uint64_t *drops)
{
    (void)arg;
    *packets = *drops = i;
    return true;
}

static void held(void *arg, uint64_t *streams, uint64_t *fragments)
{
    (void)arg;
    *streams = *fragments = 0;
}

static void on_alert(void *arg, const struct alert *a)
{
    (void)arg;
    (void)a;
}

static struct control *control_get(void)
{
    static struct control control;
    struct complaint why = {""};
    struct config *config;
    struct ruleset *set;

    if (control.plan.config)
        return &control;
    config = config_new();
    set = ruleset_new(config, &why);
    assert(config && set);
    log_set_level(LOG_LEVEL_ERROR);
    control.plan = (struct control_plan){.config = config,
                                         .correlate = correlate_new(config, set, on_alert, NULL),
                                         .version = "1",
                                         .host = {nothing, number, reload, reload_result, nothing, nothing,
                                                  rules, stats_rules, interface, held, set}};
    assert(control.plan.correlate);
    return &control;
}

static void answer(const struct request *r)
{
    struct buf out = buf_within(ANSWER_MAX);
    struct jsonw w = jsonw_to(&out);
    struct asker who = {.ticket = 0};

    jsonw_object(&w, NULL);
    if (control_answer(control_get(), r, &who, &w) == ANSWER_LATER)
        assert(control_answer(control_get(), r, &who, &w) != ANSWER_LATER);
    jsonw_end_object(&w);
    assert(w.ok && utf8_valid(buf_bytes(&out)));
    buf_drop(&out);
}

/* In pieces of that size. What was said, in order, as a number that does not depend on the pieces. */
static uint64_t converse(struct bytes all, size_t piece)
{
    struct session s = {.len = 0};
    uint64_t heard = 1;
    size_t at = 0;

    for (;;) {
        struct request r;
        struct complaint why = {""};
        bool more = session_has_more(&s);
        enum session_step step = session_next(&s, &r, &why);
        uint8_t *room;
        size_t len;

        assert(more == (step != SESSION_MORE));
        assert((step == SESSION_REFUSED || step == SESSION_END) == (why.text[0] != '\0'));
        if (step != SESSION_MORE) /* how often more is needed depends on the pieces */
            heard = heard * 31 + (uint64_t)step;
        if (step == SESSION_END)
            return heard;
        if (step == SESSION_REQUEST) {
            assert(r.n <= REQUEST_ARGUMENTS && memchr(r.command, 0, sizeof r.command));
            answer(&r);
        }
        if (step != SESSION_MORE)
            continue;
        if (at == all.len)
            return heard;
        room = session_room(&s, &len);
        assert(len > 0);
        if (len > piece)
            len = piece;
        if (len > all.len - at)
            len = all.len - at;
        memcpy(room, all.p + at, len);
        session_wrote(&s, len);
        at += len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t greeting[] = "{\"version\": \"0.2\"}";
    struct bytes all = bytes_of(data, size);
    struct request r;
    struct complaint why = {""};
    uint8_t *greeted;

    request_read(&r, all, &why);
    if (size > 3 * REQUEST_MAX)
        return 0;
    assert(converse(all, size + 1) == converse(all, 7));
    assert(converse(all, 1) == converse(all, 7));
    greeted = malloc(sizeof greeting - 1 + size);
    assert(greeted);
    memcpy(greeted, greeting, sizeof greeting - 1);
    if (size)
        memcpy(greeted + sizeof greeting - 1, data, size);
    converse(bytes_of(greeted, sizeof greeting - 1 + size), 64);
    free(greeted);
    return 0;
}
