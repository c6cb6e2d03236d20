/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filter.h"
#include "base/buf.h"
#include "capture/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FILTER_MAX (64u * 1024)

static bool add_words(struct buf *out, const struct option_list *words, struct complaint *why)
{
    struct stat st;
    bool good = true;

    for (unsigned i = 0; good && i < words->n; i++) {
        /* "-r *.pcap" leaves all names but the first as words. */
        if (stat(words->v[i], &st) == 0 && S_ISREG(st.st_mode))
            return complain(why, "'%.200s' is a file, not a capture filter: write -r before each file",
                            words->v[i]);
        good = (i == 0 || buf_add_byte(out, ' ')) && buf_add_str(out, words->v[i]);
    }
    return good || complain(why, "a capture filter of more than 64 KB");
}

/* A line up to its '#'; the lines' ends become blanks. */
static bool add_file(struct buf *out, const char *path, struct complaint *why)
{
    FILE *file = fopen(path, "re");
    bool comment = false, good = file != NULL;
    int c;

    while (good && (c = getc(file)) != EOF) {
        comment = c == '#' || (comment && c != '\n');
        if (c == '\0')
            good = complain(why, "%s: a NUL character in the capture filter", path);
        else if (!comment && !buf_add_byte(out, (uint8_t)(c == '\n' ? ' ' : c)))
            good = complain(why, "%s: a capture filter of more than 64 KB", path);
    }
    if (!file || ferror(file))
        good = complain(why, "%s: cannot read the capture filter: %s", path, strerror(errno));
    if (file)
        fclose(file);
    return good;
}

/* What libpcap does not take is found by opening a capture that reads nothing. */
static bool filter_try(const char *bpf, struct complaint *why)
{
    static const char *const nothing[] = {"-"};
    const struct capture_plan plan = {.paths = nothing, .n_paths = 1, .bpf = bpf};
    struct capture *capture = capture_open(&plan, why);

    capture_close(capture);
    return capture != NULL;
}

char *filter_read(const struct options *o, struct complaint *why)
{
    struct buf text = buf_within(FILTER_MAX);
    struct bytes trimmed;
    char *filter = NULL;

    if (o->filter_file ? add_file(&text, o->filter_file, why) : add_words(&text, &o->words, why)) {
        trimmed = bytes_trim(buf_bytes(&text));
        filter = trimmed.len ? strndup((const char *)trimmed.p, trimmed.len) : strdup("");
        if (!filter)
            complain(why, "out of memory");
    }
    buf_drop(&text);
    if (filter && *filter && !filter_try(filter, why)) {
        free(filter);
        return NULL;
    }
    return filter;
}
