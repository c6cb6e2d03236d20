/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packed files: any bytes come to an end or a complaint; the text is the same however it is read. */
#include "base/unpack.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX ((size_t)1 << 20) /* a few bytes may stand for gigabytes: the rest is of no interest */

static uint64_t read_all(struct unpack *u, int fd, size_t step, uint64_t *hash, bool *good)
{
    uint8_t *out = malloc(step);
    struct complaint why = {""};
    uint64_t total = 0;
    ptrdiff_t n;

    assert(out && lseek(fd, 0, SEEK_SET) == 0);
    unpack_begin(u, fd);
    *hash = 5381;
    while (total < TEXT_MAX && (n = unpack_read(u, out, step, &why)) != 0) {
        assert((n < 0) == (why.text[0] != '\0'));
        if (n < 0)
            break;
        assert((size_t)n <= step);
        for (ptrdiff_t i = 0; i < n && total < TEXT_MAX; i++, total++)
            *hash = *hash * 33 + out[i];
    }
    *good = why.text[0] == '\0';
    free(out);
    return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("unpack", MFD_CLOEXEC);
    struct unpack *u = unpack_new();
    uint64_t hash[2], total[2];
    bool good[2];

    assert(u && fd >= 0 && write(fd, data, size) == (ssize_t)size);
    total[0] = read_all(u, fd, 65536, &hash[0], &good[0]);
    total[1] = read_all(u, fd, 97, &hash[1], &good[1]);
    if (good[0] && good[1])
        assert(total[0] == total[1] && hash[0] == hash[1]);
    assert(total[0] == TEXT_MAX || total[1] == TEXT_MAX || good[0] == good[1]);
    unpack_free(u);
    close(fd);
    return 0;
}
