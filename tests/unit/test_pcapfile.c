/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file may hold is in test_file.c, and fuzz_pcapfile compares with libpcap. Here: where the bytes lie.
 */
#include "capture/pcapfile.h"
#include "support/capture_file.h"

#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BIG 200000

/* Two long packets around a short one, in a buffer that has to grow for them. */
static size_t three_packets(uint8_t *to)
{
    static const uint32_t lens[] = {BIG, 3, BIG - 1};
    struct image i;
    size_t n = 24;

    image_begin(&i, MICRO, MAX_SNAPLEN, DLT_EN10MB);
    memcpy(to, i.p, n);
    for (uint32_t k = 0; k < 3; k++) {
        i.len = 0;
        image_put(&i, k, 4);
        image_put(&i, 5, 4);
        image_put(&i, lens[k], 4);
        image_put(&i, lens[k], 4);
        memcpy(to + n, i.p, i.len);
        n += i.len;
        for (uint32_t b = 0; b < lens[k]; b++)
            to[n++] = (uint8_t)(b * 31 + k);
    }
    return n;
}

static void expect(struct pcapfile *f, uint32_t k, uint32_t len)
{
    struct frame frame;

    assert_int_equal(pcapfile_next(f, &frame), PCAPFILE_FRAME);
    assert_int_equal(frame.ts_us, k * UINT64_C(1000000) + 5);
    assert_int_equal(frame.data.len, len);
    for (uint32_t b = 0; b < len; b++)
        if (frame.data.p[b] != (uint8_t)(b * 31 + k))
            fail_msg("byte %u of packet %u", b, k);
}

/* From a pipe they come in pieces of any length. */
static struct reader *through_a_pipe(const uint8_t *p, size_t len, size_t piece, size_t buffer_size)
{
    int fds[2];
    pid_t child;

    assert_int_equal(pipe(fds), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(fds[0]);
        for (size_t at = 0; at < len; at += piece)
            if (write(fds[1], p + at, len - at < piece ? len - at : piece) < 0)
                break;
        _exit(0);
    }
    close(fds[1]);
    return reader_new(fds[0], buffer_size, NULL);
}

static void packets_of_any_length_and_piece(void **state)
{
    static const size_t pieces[] = {777, 4096, SIZE_MAX / 2}, buffers[] = {32, 4096, 262144};
    uint8_t *p = malloc(3 * BIG);
    size_t len = three_packets(p);

    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++) {
            struct reader *r = through_a_pipe(p, len, pieces[i], buffers[j]);
            struct pcapfile *f = pcapfile_new(r);
            struct frame frame;

            assert_non_null(f);
            assert_int_equal(pcapfile_link_type(f), DLT_EN10MB);
            expect(f, 0, BIG);
            expect(f, 1, 3);
            expect(f, 2, BIG - 1);
            assert_int_equal(pcapfile_next(f, &frame), PCAPFILE_END);
            assert_int_equal(reader_passed(r), len);
            assert_string_equal(reader_complaint(r), "");
            pcapfile_free(f);
            fclose(reader_stream(r));
            reader_free(r);
        }
    free(p);
}

/* What is for libpcap is left to it whole: it reads on from the first byte. */
static void what_is_left_to_libpcap(void **state)
{
    static const uint32_t magics[] = {0xd4c3b2a1, 0xa1b2cd34, 0x0a0d0d0a};
    uint8_t back[24];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct image image;
        struct reader *r;

        image_begin(&image, magics[i], 65535, DLT_EN10MB);
        r = through_a_pipe(image.p, image.len, 5, 64);
        assert_null(pcapfile_new(r));
        assert_int_equal(reader_passed(r), 0);
        assert_int_equal(fread(back, 1, sizeof back, reader_stream(r)), sizeof back);
        assert_memory_equal(back, image.p, sizeof back);
        fclose(reader_stream(r));
        reader_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_of_any_length_and_piece),
        cmocka_unit_test(what_is_left_to_libpcap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
