/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_READING_H
#define BENCH_READING_H

/* What the programs that read made-up conversations share: all of inspection and detection, one conversation
 * judged, one line about it. Included by one file of each program. */

#include "base/buf.h"
#include "detect/detect.h"
#include "inspect/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SEGMENT    1448
#define N_ORDINARY 100
#define HOSTILE    65536 /* bytes of a hostile text */

struct bench {
    struct config *config;
    struct ruleset *rules;
    struct detect *detect;
    struct inspect *inspect;
    bool once;
    const char *only;

    /* How the next one is said; all zero: by the client, over TCP, in segments as large as they come. */
    size_t segment;
    bool from_server, udp;
    struct bytes before; /* what the client says first, when the server is to answer */
};

static void on_finding(void *arg, const struct finding *f)
{
    (void)arg;
    (void)f;
}

/* bench/http.sh counts what happens in here. */
__attribute__((noinline)) void judge_wire(struct bench *b, struct bytes wire);

static void say(struct bench *b, struct chunk *chunk, struct bytes wire)
{
    size_t segment = b->segment ? b->segment : SEGMENT;

    chunk->begin = true;
    for (size_t at = 0; at < wire.len; at += segment) {
        chunk->data = bytes_slice(wire, at, at + segment);
        chunk->end = chunk->side == b->from_server && at + segment >= wire.len;
        (void)inspect_chunk(b->inspect, chunk);
        chunk->begin = false;
    }
}

void judge_wire(struct bench *b, struct bytes wire)
{
    struct flow flow = {.id = 1, .proto = b->udp ? PROTO_UDP : PROTO_TCP};
    struct chunk chunk = {.flow = &flow};

    if (b->before.len)
        say(b, &chunk, b->before);
    chunk.side = b->from_server;
    say(b, &chunk, wire);
    inspect_flow_end(b->inspect, &flow);
    detect_flow_end(b->detect, &flow);
}

static double cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void measure(struct bench *b, const char *name, unsigned n, struct bytes wire)
{
    double best = 0;

    if (!strstr(name, b->only))
        return;
    for (int round = 0; round < (b->once ? 1 : 5); round++) {
        double start = cpu_ns(), took;

        judge_wire(b, wire);
        took = cpu_ns() - start;
        if (round == 0 || took < best)
            best = took;
    }
    printf("%-44s %4u requests %7zu bytes %9.0f ns per request %7.1f per byte\n", name, n, wire.len, best / n,
           best / (double)wire.len);
}

/* once and WORD from the command line. False when memory is short. */
static bool bench_begin(struct bench *b, int argc, char **argv)
{
    struct complaint why;

    *b = (struct bench){.config = config_new(),
                        .once = argc > 1 && strcmp(argv[1], "once") == 0,
                        .only = argc > 2 ? argv[2] : ""};
    b->rules = b->config ? ruleset_new(b->config, &why) : NULL;
    b->detect = b->rules ? detect_new(b->config, b->rules, on_finding, NULL, &why) : NULL;
    b->inspect = b->detect ? inspect_new(b->config, detect_field, b->detect) : NULL;
    return b->inspect != NULL;
}

static void bench_end(struct bench *b)
{
    inspect_free(b->inspect);
    detect_free(b->detect);
    ruleset_free(b->rules);
    config_free(b->config);
}

#endif
