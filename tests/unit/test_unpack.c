/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/unpack.h"
#include "base/buf.h"

#include <bzlib.h>
#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <cmocka.h>

#define SPACE 4096

static size_t pack_gzip(const char *text, uint8_t *out)
{
    z_stream z = {
        .next_in = (uint8_t *)text, .avail_in = (unsigned)strlen(text), .next_out = out, .avail_out = SPACE};

    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return SPACE - z.avail_out;
}

static size_t pack_bzip2(const char *text, uint8_t *out)
{
    unsigned n = SPACE;

    assert_int_equal(BZ2_bzBuffToBuffCompress((char *)out, &n, (char *)text, (unsigned)strlen(text), 1, 0, 0),
                     BZ_OK);
    return n;
}

static size_t pack_xz(const char *text, uint8_t *out)
{
    size_t n = 0;

    assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, (const uint8_t *)text, strlen(text),
                                             out, &n, SPACE),
                     LZMA_OK);
    return n;
}

static size_t pack_zstd(const char *text, uint8_t *out)
{
    size_t n = ZSTD_compress(out, SPACE, text, strlen(text), 1);

    assert_false(ZSTD_isError(n));
    return n;
}

static const struct {
    const char *name;
    size_t (*pack)(const char *text, uint8_t *out);
} packers[] = {{"gzip", pack_gzip}, {"bzip2", pack_bzip2}, {"xz", pack_xz}, {"zstd", pack_zstd}};

#define N_PACKERS (sizeof packers / sizeof *packers)

static struct unpack *unpack;

static int set_up(void **state)
{
    (void)state;
    unpack = unpack_new();
    return unpack ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    unpack_free(unpack);
    return 0;
}

/* All that comes out, read so many bytes at a time. False when it ended with a complaint. */
static bool read_all(struct bytes file, size_t step, struct buf *out, struct complaint *why)
{
    int fd = memfd_create("unpack", 0);
    ptrdiff_t n;

    *out = buf_within(1 << 20);
    *why = (struct complaint){""};
    assert_int_equal(write(fd, file.p, file.len), file.len);
    lseek(fd, 0, SEEK_SET);
    unpack_begin(unpack, fd);
    do {
        uint8_t *exact = malloc(step);

        n = unpack_read(unpack, exact, step, why);
        assert_true(n <= (ptrdiff_t)step);
        if (n > 0)
            assert_true(buf_add(out, bytes_of(exact, (size_t)n)));
        free(exact);
    } while (n > 0);
    assert_true(unpack_position(unpack) <= file.len);
    assert_int_equal(n < 0, why->text[0] != '\0');
    close(fd);
    return n == 0;
}

static void assert_text(struct bytes file, const char *expected)
{
    static const size_t steps[] = {1, 7, 65536};

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct complaint why;
        struct buf out;

        if (!read_all(file, steps[i], &out, &why))
            fail_msg("%s", why.text);
        assert_int_equal(out.len, strlen(expected));
        if (out.len)
            assert_memory_equal(out.p, expected, out.len);
        buf_drop(&out);
    }
}

static void assert_complaint(struct bytes file, const char *words)
{
    struct complaint why;
    struct buf out;

    assert_false(read_all(file, 100, &out, &why));
    if (!strstr(why.text, words))
        fail_msg("'%s' without '%s'", why.text, words);
    buf_drop(&out);
}

static const char text[] = "one line\nand one more: ${jndi:ldap://h/a}\nand the last one";

static void plain_files_are_what_they_are(void **state)
{
    (void)state;
    assert_text(BYTES_LIT(""), "");
    assert_text(BYTES_LIT("a"), "a");
    assert_text(BYTES_LIT(text), text);
    assert_text(BYTES_LIT("BZh, said the bee"), "BZh, said the bee");
    assert_text(BYTES_LIT("\x1f\x8b"), "\x1f\x8b");
}

static void packed_files_are_unpacked(void **state)
{
    uint8_t file[2 * SPACE + 16];

    (void)state;
    for (size_t i = 0; i < N_PACKERS; i++) {
        size_t n = packers[i].pack(text, file), again;

        assert_text(bytes_of(file, n), text);
        /* several parts; an empty one; padding */
        again = n + packers[i].pack("", file + n);
        again += packers[i].pack(text, file + again);
        memset(file + again, 0, 16);
        if (strcmp(packers[i].name, "gzip") == 0)
            again += 16;
        assert_text(bytes_of(file, again),
                    "one line\nand one more: ${jndi:ldap://h/a}\nand the last oneone line\n"
                    "and one more: ${jndi:ldap://h/a}\nand the last one");
        file[n] = 'x';
        assert_complaint(bytes_of(file, n + 1), "something else");
    }
}

/* Cut at every byte, and with every bit turned: it ends, says so when it is not all there, and what came
 * before is good. */
static void broken_files_end(void **state)
{
    uint8_t file[SPACE];
    struct complaint why;
    struct buf out;

    (void)state;
    for (size_t i = 0; i < N_PACKERS; i++) {
        size_t n = packers[i].pack(text, file);

        for (size_t cut = 8; cut < n; cut++) {
            assert_false(read_all(bytes_of(file, cut), 16, &out, &why));
            assert_true(strstr(why.text, "the file ends in the middle of its") ||
                        strstr(why.text, "something else"));
            assert_true(out.len <= strlen(text) && (!out.len || memcmp(out.p, text, out.len) == 0));
            buf_drop(&out);
        }
        for (size_t bit = 0; bit < 8 * n; bit++) {
            file[bit / 8] ^= (uint8_t)(1 << bit % 8);
            read_all(bytes_of(file, n), 1000, &out, &why);
            file[bit / 8] ^= (uint8_t)(1 << bit % 8);
            buf_drop(&out);
        }
    }
}

/* A dictionary of a gigabyte is refused, whoever asks for it. */
static void greedy_files_are_refused(void **state)
{
    /* zstd: no checksum, a window of 2^31 (RFC 8878 3.1.1.1.2); one raw block */
    static const uint8_t zstd[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x09, 0x00, 0x00, 'a'};
    lzma_options_lzma options;
    lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    lzma_stream encoder = LZMA_STREAM_INIT;
    uint8_t xz[SPACE];

    (void)state;
    assert_complaint(bytes_of(zstd, sizeof zstd), "more than 128 MB");
    lzma_lzma_preset(&options, 0);
    options.dict_size = 256 << 20;
    assert_int_equal(lzma_stream_encoder(&encoder, filters, LZMA_CHECK_NONE), LZMA_OK);
    encoder.next_in = (const uint8_t *)text;
    encoder.avail_in = strlen(text);
    encoder.next_out = xz;
    encoder.avail_out = SPACE;
    assert_int_equal(lzma_code(&encoder, LZMA_FINISH), LZMA_STREAM_END);
    assert_complaint(bytes_of(xz, SPACE - encoder.avail_out), "more than 128 MB");
    lzma_end(&encoder);
}

static void errors_of_reading_are_told(void **state)
{
    struct complaint why = {""};
    uint8_t out[16];

    (void)state;
    unpack_begin(unpack, -1);
    assert_int_equal(unpack_read(unpack, out, sizeof out, &why), -1);
    assert_string_equal(why.text, "Bad file descriptor");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_files_are_what_they_are),
        cmocka_unit_test(packed_files_are_unpacked),
        cmocka_unit_test(broken_files_end),
        cmocka_unit_test(greedy_files_are_refused),
        cmocka_unit_test(errors_of_reading_are_told),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
