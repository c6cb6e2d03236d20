/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What HTTP/1 requests cost from their first byte to the last reading: bench_http [once [WORD]]
 *
 * One line per kind: its name, requests, bytes on the wire, nanoseconds of CPU time per request and per byte.
 * With "once" each is read a single time, for bench/http.sh, which counts instructions. Those called hostile
 * are the worst that we could think of; none may cost more per byte than http.sh says. */
#include "reading.h"

#include <zlib.h>

static void add_gzip(struct buf *to, struct bytes plain)
{
    z_stream z = {0};
    uLong room;

    if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    room = deflateBound(&z, plain.len);
    z.next_in = (Bytef *)(uintptr_t)plain.p;
    z.avail_in = (uInt)plain.len;
    z.next_out = buf_room(to, room);
    z.avail_out = (uInt)room;
    if (!z.next_out || deflate(&z, Z_FINISH) != Z_STREAM_END)
        abort();
    buf_wrote(to, room - z.avail_out);
    deflateEnd(&z);
}

static void add_post(struct buf *to, const char *headers, struct bytes body)
{
    buf_addf(
        to,
        "POST /api/v1/orders HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n%s"
        "Content-Length: %zu\r\n\r\n",
        headers, body.len);
    buf_add(to, body);
}

/* --- ordinary --- */

static void add_get(struct buf *to, unsigned i)
{
    buf_addf(to,
             "GET /catalogue/items/%u?sort=price&page=%u HTTP/1.1\r\nHost: shop.example\r\n"
             "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\r\n"
             "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n"
             "Accept-Encoding: gzip, deflate\r\nReferer: http://shop.example/catalogue\r\n"
             "Cookie: session=8c1f2b7e4d; theme=dark; seen=%u\r\nConnection: keep-alive\r\n\r\n",
             i * 7919, i, i);
}

static void add_form(struct buf *to, unsigned i)
{
    struct buf body = buf_within(4096);

    buf_addf(&body,
             "name=Jo+Doe&mail=jo%%40mail.example&street=High+Street+%u&city=Ulm&note=please+ring+twice", i);
    add_post(to, "Content-Type: application/x-www-form-urlencoded\r\n", buf_bytes(&body));
    buf_drop(&body);
}

static void add_json(struct buf *to, unsigned i, bool gzip)
{
    struct buf body = buf_within(1 << 16), packed = buf_within(1 << 16);

    buf_add_str(&body, "{\"order\":{\"items\":[");
    for (unsigned n = 0; n < 20; n++)
        buf_addf(
            &body,
            "%s{\"id\":%u,\"title\":\"item %u of the catalogue\",\"price\":%u.99,\"tags\":[\"a\",\"b\"]}",
            n ? "," : "", i * 31 + n, n * n, n);
    buf_add_str(&body, "]}}");
    if (gzip)
        add_gzip(&packed, buf_bytes(&body));
    add_post(to,
             gzip ? "Content-Type: application/json\r\nContent-Encoding: gzip\r\n"
                  : "Content-Type: application/json\r\n",
             buf_bytes(gzip ? &packed : &body));
    buf_drop(&packed);
    buf_drop(&body);
}

static void ordinary(struct bench *b)
{
    static const char *const names[] = {"GET", "form POST", "plain JSON POST", "gzip JSON POST"};

    for (unsigned kind = 0; kind < 4; kind++) {
        struct buf wire = buf_within(1 << 20);

        for (unsigned i = 0; i < N_ORDINARY; i++)
            if (kind == 0)
                add_get(&wire, i);
            else if (kind == 1)
                add_form(&wire, i);
            else
                add_json(&wire, i, kind == 3);
        measure(b, names[kind], N_ORDINARY, buf_bytes(&wire));
        buf_drop(&wire);
    }
}

/* --- hostile: a beginning, and a piece again and again --- */

#define CHUNKED "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"

static const struct {
    const char *name, *start, *piece;
} hostile[] = {
    {"many requests, hostile", "", "A / HTTP/1.0\n\n"},
    {"many headers, hostile", "GET / HTTP/1.1\r\n", "A:b\n"},
    {"many folds, hostile", "GET / HTTP/1.1\r\nA:\n", " b\n"},
    {"lengths that differ, hostile", "POST / HTTP/1.1\r\n", "Content-Length: 1\n"},
    {"codings, hostile", "POST / HTTP/1.1\r\n", "Content-Encoding:br,br,br\n"},
    {"headers of expressions, hostile", "GET / HTTP/1.1\r\n", "A:${a:${\n"},
    {"chunks of one byte, hostile", CHUNKED, "1\na\n"},
    {"extensions, hostile", CHUNKED, "1;abcdefgh\na"},
    {"extensions of expressions, hostile", CHUNKED, "1;${a:${b}\na"},
    {"JSON depth, hostile",
     "POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9999999\r\n\r\n", "{\"${a:\":["},
    {"false starts of zlib, hostile", "\1no HTTP\n", "\x78\x9c"},
    {"false starts of gzip, hostile", "\1no HTTP\n", "\x1f\x8b\x08"},
    {"false starts of zstd, hostile", "\1no HTTP\n", "\x28\xb5\x2f\xfd"},
    {"parts, hostile", "POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n--b\n",
     "\n--b\nContent-Disposition:name=${a:\n\n"},
};

/* Compressed, so that a byte on the wire is many in the text. */
static const struct {
    const char *name, *piece;
    bool apart; /* each piece a member of its own */
} packed[] = {
    {"empty gzip members, hostile", "", true},
    {"gzip of blanks, hostile", " ", false},
    {"gzip of expressions, hostile", "${a:${", false},
    {"gzip of nests, hostile", "${lower:${upper:j}ndi}", false},
    {"gzip of escapes, hostile", "%2524%257b\\u0024{&#36;{jndi:JHtqbmRp", false},
};

static void add_packed(struct buf *wire, unsigned row)
{
    struct buf body = buf_within(1 << 20), text = buf_within(1 << 20);

    while (packed[row].apart && body.len < HOSTILE)
        add_gzip(&body, bytes_str(packed[row].piece));
    while (!packed[row].apart && text.len < 1000000)
        buf_add_str(&text, packed[row].piece);
    if (!packed[row].apart)
        add_gzip(&body, buf_bytes(&text));
    add_post(wire, "Content-Encoding: gzip\r\n", buf_bytes(&body));
    buf_drop(&text);
    buf_drop(&body);
}

int main(int argc, char **argv)
{
    struct bench b;

    if (!bench_begin(&b, argc, argv))
        return 3;
    ordinary(&b);
    for (unsigned i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct buf wire = buf_within(1 << 20);

        buf_add_str(&wire, hostile[i].start);
        while (wire.len < HOSTILE)
            buf_add_str(&wire, hostile[i].piece);
        measure(&b, hostile[i].name, 1, buf_bytes(&wire));
        buf_drop(&wire);
    }
    for (unsigned i = 0; i < sizeof packed / sizeof *packed; i++) {
        struct buf wire = buf_within(2 << 20);

        add_packed(&wire, i);
        measure(&b, packed[i].name, 1, buf_bytes(&wire));
        buf_drop(&wire);
    }
    bench_end(&b);
    return 0;
}
