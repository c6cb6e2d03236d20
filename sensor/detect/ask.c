/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/ask.h"

#include <stdlib.h>

struct ask {
    const struct ruleset *rules;
    struct messages *messages;
    void (*fn)(void *arg, const struct finding *f);
    void *arg;
};

static struct sighting sighting_of(const struct finding *finding)
{
    const struct field *f = finding->field;
    const struct flow *flow = f->chunk->flow;
    const struct flow_end *from = &flow->end[f->chunk->side], *to = &flow->end[!f->chunk->side];

    return (struct sighting){
        .src = &from->addr,
        .dst = &to->addr,
        .src_port = from->port,
        .dst_port = to->port,
        .proto = flow->proto,
        .app_proto = f->app_proto,
        .to_server = flow_to_server(flow, f->chunk->side),
        .attrs = finding->attrs,
    };
}

static void tell(struct ask *a, struct finding *finding, const struct sighting *sighting)
{
    finding->rule = ruleset_match(a->rules, sighting);
    if (!finding->rule)
        return;
    /* The sensor may be sure of what it saw, and the rule less sure of what it means. */
    if (finding->confidence > finding->rule->confidence)
        finding->confidence = finding->rule->confidence;
    a->fn(a->arg, finding);
}

static void on_waited(void *arg, struct finding *finding, const struct sighting_tx *tx)
{
    struct sighting sighting = sighting_of(finding);

    sighting.tx = tx;
    tell(arg, finding, &sighting);
}

struct ask *ask_new(const struct config *config, const struct ruleset *rules,
                    void (*fn)(void *arg, const struct finding *f), void *arg)
{
    struct ask *a = calloc(1, sizeof *a);

    if (!a)
        return NULL;
    a->fn = fn;
    a->arg = arg;
    a->messages = messages_new(config, on_waited, a);
    if (!a->messages) {
        free(a);
        return NULL;
    }
    ask_use_rules(a, rules);
    return a;
}

void ask_use_rules(struct ask *a, const struct ruleset *rules)
{
    a->rules = rules;
    messages_want(a->messages, ruleset_tx_buffers(rules));
}

void ask_free(struct ask *a)
{
    if (!a)
        return;
    messages_free(a->messages);
    free(a);
}

bool ask_keeps_messages(const struct ask *a)
{
    return messages_wanted(a->messages);
}

void ask_before(struct ask *a, struct message_list *list, const struct field *f)
{
    messages_note(a->messages, list, f);
}

void ask_after(struct ask *a, struct message_list *list, const struct field *f)
{
    messages_settle(a->messages, list, f);
}

void ask_flow_end(struct ask *a, struct message_list *list)
{
    messages_drop(a->messages, list);
}

void ask_rules(struct ask *a, const struct message_list *list, struct finding *finding)
{
    struct sighting sighting = sighting_of(finding);

    if (list) {
        sighting.tx = messages_of(a->messages, list, finding->field);
        if (messages_more(a->messages, list, finding->field) && ruleset_waits(a->rules, &sighting) &&
            messages_wait(a->messages, list, finding))
            return;
    }
    tell(a, finding, &sighting);
}
