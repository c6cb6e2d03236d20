/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises Java in response bodies: JARs, class files and objects, coded or not, in pieces. Byte 0: who
 * asks, the label of the coding, the size of the pieces; then the body. */
#include "config/config.h"
#include "inspect/hold.h"
#include "inspect/http_jar.h"
#include "inspect/http_java.h"

#include <assert.h>

static size_t hear(void *arg, const struct field *f)
{
    unsigned *n = arg;

    assert(f->kind == FIELD_FACT || f->kind == FIELD_RECORD);
    if (f->kind == FIELD_FACT) {
        assert(f->attrs->n > 0 && f->value.len <= HTTP_JAVA_SHOWN);
        (*n)++;
    } else {
        assert(f->file && f->file->magic && (f->file->whole == (f->file->sha256[0] != '\0')));
    }
    return 0;
}

static void check_jar(struct bytes body)
{
    struct attrs a = {.n = 0};

    jar_add_attrs(body, &a);
    for (unsigned i = 0; i < a.n; i++)
        assert(a.v[i].value.p >= body.p && a.v[i].value.p + a.v[i].value.len <= body.p + body.len);
    (void)(jar_starts(body) && jar_is(body));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const agents[] = {"Java/1.8.0_181", "curl"};
    struct config config = {.http_decompress_limit = 65536,
                            .http_decompress_ratio = 100,
                            .http_decompress_layers = 4,
                            .http_decompress_memcap = 1 << 20,
                            .eve_fileinfo = true};
    uint8_t how = size ? data[0] : 0;
    struct bytes body = bytes_of(size ? data + 1 : data, size ? size - 1 : 0);
    struct http_view view = {.url = BYTES_LIT("/a.class"), .user_agent = bytes_str(agents[how & 1])};
    struct http_codings codings = {.n = how >> 1 & 1, .label = {how >> 2 & 7}};
    struct http_java_head head = {.asked = &view, .codings = &codings};
    struct flow flow = {.id = 1, .proto = PROTO_TCP};
    struct chunk chunk = {.flow = &flow, .side = 1};
    unsigned n_told = 0;
    struct inspecting in = {.config = &config, .fn = hear, .arg = &n_told, .chunk = &chunk};
    struct field f = {.chunk = &chunk, .app_proto = "http", .http = &view};
    size_t piece = how >> 5 ? 1u << (how >> 5) : body.len;
    struct http_java j = {0};

    check_jar(body);
    http_java_watch(&j, &config, &head);
    for (size_t at = 0; at < body.len; at += piece)
        if (http_java_take(&j, bytes_slice(body, at, at + piece < body.len ? at + piece : body.len)))
            http_java_tell(&j, &in, &f);
    http_java_end(&j, &in, &f, true);
    assert(n_told <= 1 && holds_bytes() == 0);
    return 0;
}
