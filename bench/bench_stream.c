/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front half of the road alone, to count its instructions: bench_stream read|decode|stream FILE
 *
 * read only reads the capture, decode decodes each frame as well, stream also puts the bytes in order, for a
 * receiver that takes them all and does nothing. */

#include "stream/stream.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t n_bytes;

static enum appetite on_chunk(void *arg, const struct chunk *c)
{
    (void)arg;
    n_bytes += c->data.len;
    return APPETITE_MORE;
}

static void on_flow_end(void *arg, struct flow *f)
{
    (void)arg;
    (void)f;
}

static int fail(const struct complaint *why)
{
    fprintf(stderr, "bench_stream: %s\n", why->text);
    return 2;
}

int main(int argc, char **argv)
{
    static const struct stream_hooks hooks = {.chunk = on_chunk, .flow_end = on_flow_end};
    struct complaint why = {"usage: bench_stream read|decode|stream FILE"};
    struct config *config = config_new();
    const char *path = argc == 3 ? argv[2] : "";
    const struct capture_plan plan = {.paths = &path, .n_paths = 1, .bpf = ""};
    bool decodes = argc == 3 && argv[1][0] != 'r', streams = argc == 3 && argv[1][0] == 's';
    struct decode *decode = config ? decode_new(config) : NULL;
    struct stream *stream;
    struct capture *capture;
    struct frame frame;
    uint64_t n = 0;

    if (argc != 3 || !decode)
        return fail(&why);
    stream = stream_new(config, decode, &hooks, &why);
    capture = stream ? capture_open(&plan, &why) : NULL;
    if (!capture)
        return fail(&why);
    while (capture_next(capture, &frame) == CAPTURE_FRAME) {
        struct packet packet;

        n++;
        if (decodes && decode_frame(decode, &frame, &packet) && streams)
            stream_packet(stream, &packet);
    }
    stream_flush(stream);
    printf("%llu packets, %llu bytes given\n", (unsigned long long)n, (unsigned long long)n_bytes);
    capture_close(capture);
    stream_free(stream);
    decode_free(decode);
    config_free(config);
    return 0;
}
