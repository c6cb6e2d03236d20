/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of logs: any bytes are judged; the plain words are always found, and what a line tells, it tells
 * once. */
#include "commands/judge.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_NAMES 64

struct names {
    unsigned n;
    struct buf v[MAX_NAMES];
};

static void on_judged(void *arg, const struct judged *j)
{
    struct names *names = arg;

    assert(j->verdict.confidence > 0 && j->verdict.confidence <= 100);
    if (j->kind == JUDGED_SPENT || names->n == MAX_NAMES)
        return;
    for (unsigned i = 0; i < names->n; i++)
        assert(!bytes_eq(j->name, buf_bytes(&names->v[i])));
    names->v[names->n] = buf_within(j->name.len + 1);
    buf_add(&names->v[names->n++], j->name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config *config;
    static struct judge *judge;
    static struct scan *scan;
    struct bytes line = bytes_of(data, size);
    struct names names = {0};
    bool found;

    if (!judge) {
        scan = scan_new(NULL);
        config = config_new();
        assert(scan && config);
        judge = judge_new(config, scan);
        assert(judge);
    }
    if (size > 65536 || bytes_find_byte(line, '\n') != BYTES_NONE)
        return 0;
    found = judge_line(judge, line, false, false, on_judged, &names);
    if (bytes_find_nocase(line, BYTES_LIT("${jndi:ldap://")) != BYTES_NONE) {
        assert(found);
        assert(scan_block(scan, line) & SCAN_HIT); /* scan would look at it at all */
    }
    for (unsigned i = 0; i < names.n; i++)
        buf_drop(&names.v[i]);
    return 0;
}
