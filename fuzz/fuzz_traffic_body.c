/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic rules over transactions: a script of heads, bodies, mails, records and facts of one flow, with
 * pieces of its payload and exchanges of the rules among them. All memory is given back with the flow, and
 * the same rules speak, as often, when bodies come byte by byte. */
#include "traffic.h"
#include "inspect/http2_list.h"
#include "inspect/http_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TS "alert http any any -> any any (msg:\"m\"; flow:to_server; "
#define TC "alert http any any -> any any (msg:\"m\"; flow:to_client; "
#define IP "alert ip any any -> any any (msg:\"m\"; "

static const char plain[] = TS
    "http.method; content:\"POST\"; http.request_body; content:\"abc\"; sid:1;)\n" TS
    "http.request_body; content:\"abc\"; content:!\"xyz\"; sid:2;)\n" TS
    "http.request_body; content:\"abc\"; endswith; sid:3;)\n" TS
    "http.request_body; bsize:<40; content:\"ab\"; startswith; sid:4;)\n" TS
    "http.request_body; content:\"abc\"; offset:3; depth:20; isdataat:!9,relative; sid:5;)\n" TS
    "http.request_body; url_decode; content:\"${jndi\"; sid:6;)\n" TS
    "http.request_body; to_lowercase; strip_whitespace; content:\"abcdef\"; sid:7;)\n" TS
    "http.request_body; byte_extract:1,0,n; content:\"end\"; within:n; sid:8;)\n" TS
    "http.uri; content:\"/a\"; http.header; content:\"Cookie\"; nocase; sid:9;)\n" TS
    "http.request_header; content:\"X-A|3a 20|b\"; http.request_header; content:\"X-C\"; sid:10;)\n" TS
    "http.user_agent; content:\"curl\"; file.data; content:\"abc\"; content:!\"d\"; within:2; sid:11;)\n" TC
    "http.stat_code; content:\"200\"; http.response_body; content:\"abc\"; sid:12;)\n" TC
    "file.data; content:\"|ca fe ba be|\"; startswith; sid:13;)\n" TC
    "file.data; content:\"abc\"; isdataat:!1,relative; sid:14;)\n" TC
    "file.data; pcre:\"/x[yz]{2,}w$/i\"; sid:15;)\n" TC
    "http.header; content:\"chunked\"; http.stat_msg; content:!\"OK\"; sid:16;)\n" TC
    "file.data; xor:\"0d0ac8ff\"; content:\"abc\"; sid:17;)\n" IP
    "file.data; content:\"mail\"; content:\"abc\"; distance:0; sid:18;)\n" IP
    "dns.query; dotprefix; content:\".example\"; endswith; sid:19;)\n" IP
    "tls.sni; content:\"evil\"; nocase; sid:20;)\n" IP "ja3.hash; content:\"0123\"; sid:21;)\n" IP
    "tls.cert_subject; content:\"CN=\"; sid:22;)\n" IP
    "tls.certs; content:\"|30 82|\"; startswith; sid:23;)\n" IP
    "ldap.request.operation; content:\"search_request\"; ldap.request.dn; content:\"cn=\"; sid:24;)\n" TS
    "http.method; content:\"GET\"; pkt_data; content:\"abc\"; sid:60;)\n" TS
    "file.data; content:\"abc\"; pkt_data; content:\"one\"; content:!\"two\"; sid:61;)\n" TS
    "http.uri; content:\"one\"; flowbits:set,f; noalert; sid:62;)\n" TC
    "file.data; content:\"two\"; flowbits:isset,f; sid:63;)\n" TS
    "http.request_body; content:\"abc\"; stream_size:client,>,40; sid:64;)\n" TS
    "http.request_body; content:\"cnt\"; flowint:n,+,1; flowint:n,>,2; sid:65;)\n";

static const char other[] =
    TS "http.method; content:\"POST\"; http.request_body; content:\"abc\"; sid:1;)\n" TS
       "http.request_body; content:\"other\"; sid:2;)\n" TC
       "http.response_body; content:\"abc\"; endswith; sid:14;)\n" TC
       "file.data; content:\"two\"; flowbits:isset,f; sid:63;)\n"
       "pass http any any -> any any (msg:\"m\"; http.uri; content:\"/please\"; sid:80;)\n";

enum step {
    STEP_HEAD,
    STEP_BODY,
    STEP_FILL,
    STEP_MAIL,
    STEP_DNS,
    STEP_HELLO,
    STEP_LDAP,
    STEP_CERTIFICATES,
    STEP_CHUNK,
    STEP_RELOAD,
    STEP_N
};

#define WITH_DATA (~(1u << STEP_FILL | 1u << STEP_RELOAD))

static void give(const struct script *s, struct field f, struct bytes value)
{
    struct chunk c = {
        .flow = &all.flow, .side = s->side, .data = value, .ts_us = all.now_us, .packet = ++all.packet};

    f.chunk = &c;
    f.app_proto = f.app_proto ? f.app_proto : "http";
    f.value = exact(value);
    c.data = f.value;
    traffic_field(all.traffic, &f);
    free((void *)f.value.p);
    assert(all.traffic->room.finds.n == 0);
    assert(all.traffic->memory <= all.config->traffic_memcap + 65536);
}

/* What a response shows to the resolver ends sooner than what rules see: the rest is of another kind, and has
 * the end. */
static void give_body(const struct script *s, struct field f, struct bytes piece, bool first, bool last)
{
    bool request = flow_to_server(&all.flow, s->side), mail = s->step == STEP_MAIL;

    f.first = first;
    f.last = last;
    f.kind = mail ? FIELD_EMAIL_BODY : request ? FIELD_HTTP_REQUEST_BODY : FIELD_HTTP_RESPONSE_REST;
    if (first && f.kind == FIELD_HTTP_RESPONSE_REST) {
        f.kind = FIELD_HTTP_RESPONSE_BODY;
        give(s, f, piece);
        f.kind = FIELD_HTTP_RESPONSE_REST;
        f.first = false;
        piece = bytes_from(piece, piece.len);
    }
    give(s, f, piece);
}

/* One of four messages under way; it begins and ends as the number says. */
static void body(const struct script *s, bool cut)
{
    struct field f = {.message = s->n >> 6, .app_proto = s->step == STEP_MAIL ? "smtp" : "http"};
    struct bytes text = s->step == STEP_FILL ? filler(64 * (s->n & 63) * 4 % 16320) : s->data;
    bool first = text.len && text.p[0] & 1, last = text.len % 3 == 0;
    size_t each = !cut ? text.len : s->step == STEP_FILL ? 61 : 1;

    if (text.len == 0) {
        give_body(s, f, text, false, true);
        return;
    }
    for (size_t at = 0; at < text.len; at += each)
        give_body(s, f, bytes_slice(text, at, at + each), first && at == 0, last && at + each >= text.len);
}

static void head(const struct script *s)
{
    bool list = s->n & 64, request = flow_to_server(&all.flow, s->side);
    struct field f = {.kind = request ? FIELD_HTTP_REQUEST_HEAD : FIELD_HTTP_RESPONSE_HEAD,
                      .message = s->n >> 6,
                      .parts = list      ? request ? http2_request_parts : http2_response_parts
                               : request ? http_request_parts
                                         : http_response_parts};

    give(s, f, s->data);
}

static void record(const struct script *s)
{
    struct dns_view dns = {
        .name = s->data, .more = {bytes_from(s->data, s->data.len / 2)}, .n_more = s->n >> 7};
    struct tls_view tls = {.sni = s->data};
    struct attrs attrs = {0};
    struct field f = {.kind = FIELD_RECORD, .app_proto = s->step == STEP_DNS ? "dns" : "tls"};

    memcpy(tls.ja3, s->data.p ? s->data.p : (const uint8_t *)"", s->data.len < 32 ? s->data.len : 32);
    f.dns = s->step == STEP_DNS ? &dns : NULL;
    f.tls = s->step == STEP_HELLO ? &tls : NULL;
    if (s->step == STEP_LDAP) {
        f = (struct field){.kind = FIELD_FACT, .app_proto = "ldap", .attrs = &attrs};
        attrs_add(&attrs, ATTR_LDAP_REQUEST_OPERATION, BYTES_LIT("search_request"));
        attrs_add(&attrs, ATTR_LDAP_REQUEST_DN, s->data);
    } else if (s->step == STEP_CERTIFICATES) {
        f = (struct field){.kind = FIELD_TLS_CERTIFICATES, .app_proto = "tls"};
    }
    give(s, f, s->data);
}

static void chunk(const struct script *s)
{
    struct bytes data = exact(s->data);
    struct chunk c = {
        .flow = &all.flow, .side = s->side, .data = data, .ts_us = all.now_us, .packet = ++all.packet};

    traffic_before_chunk(all.traffic, &c);
    (void)traffic_chunk(all.traffic, &c);
    free((void *)data.p);
}

static void script_do(const struct script *s, bool cut)
{
    all.now_us += 1000000;
    switch ((enum step)s->step) {
    case STEP_HEAD:
        head(s);
        break;
    case STEP_BODY:
    case STEP_FILL:
    case STEP_MAIL:
        body(s, cut);
        break;
    case STEP_DNS:
    case STEP_HELLO:
    case STEP_LDAP:
    case STEP_CERTIFICATES:
        record(s);
        break;
    case STEP_CHUNK:
        chunk(s);
        break;
    case STEP_RELOAD:
        use_rules(s->n);
        break;
    case STEP_N:
        break;
    }
}

/* True when the rules have not changed underway. */
static bool run(uint8_t how, struct script s, bool cut)
{
    bool same = true;

    use_rules(how >> 1);
    flow_begin(PROTO_TCP, how & 1);
    while (script_next(&s, STEP_N, WITH_DATA)) {
        same = same && s.step != STEP_RELOAD;
        script_do(&s, cut);
    }
    flow_over();
    return same;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script s = {.rest = bytes_of(data, size)};
    unsigned before[N_SIDS];
    uint8_t how;

    if (!all.traffic)
        begin_all(plain, other);
    how = script_byte(&s);
    /* So short that bodies are asked at their end alone; or longer, but for so little memory that some of
     * them find none. */
    all.config->traffic_body_limit = how & 4 ? 40000 : 4000;
    all.config->traffic_memcap = how & 4 ? 100000 : 1 << 20;
    if (!run(how, s, false) || how & 4)
        return 0;
    memcpy(before, all.told, sizeof before);
    (void)run(how, s, true);
    assert(memcmp(before, all.told, STATEFUL * sizeof *before) == 0);
    return 0;
}
