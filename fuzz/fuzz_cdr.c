/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises CORBA's data representation: byte 0 is the byte order, then each odd byte of the input's end says
 * what is read next; whatever it is, nothing beyond the end. */
#include "inspect/cdr.h"

#include <assert.h>

static void assert_inside(struct bytes all, struct bytes view)
{
    assert(view.len == 0 || (view.p >= all.p && view.p + view.len <= all.p + all.len));
}

static struct bytes read_one(struct cdr *d, uint8_t what)
{
    switch (what % 7) {
    case 0:
        (void)cdr_u8(d);
        break;
    case 1:
        (void)cdr_u16(d);
        break;
    case 2:
        (void)cdr_u32(d);
        break;
    case 3:
        cdr_align(d, 1u << (1 + what / 7 % 3));
        break;
    case 4:
        cdr_skip(d, what);
        break;
    case 5:
        return cdr_octets(d);
    default:
        return cdr_string(d);
    }
    return bytes_of(NULL, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes all = bytes_of(data, size);
    struct cdr d = cdr_over(all, size && (data[0] & 1));

    for (size_t i = size; i-- > 0;) {
        struct bytes view = read_one(&d, data[i]);

        assert_inside(all, view);
        if (view.len && (data[i] & 0x80)) {
            struct cdr inside = cdr_inside(view);

            assert_inside(view, cdr_string(&inside));
        }
        if (!cdr_ok(&d))
            assert(cdr_u32(&d) == 0);
    }
    return 0;
}
