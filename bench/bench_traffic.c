/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes a capture of ordinary traffic, to measure on: bench_traffic SIZE_MB SEED OUT.pcap [COLONS]
 *
 * Tens of connections at a time: HTTP with kept-alive and pipelined requests, forms, uploads, pages, scripts
 * full of template literals (${...}), JSON and images, whole or in chunks; TLS; DNS; chats of small messages
 * that no parser knows. No attack. Valid lengths and checksums, segments of at most 1460, 1380 or 536 bytes,
 * handshakes, acknowledgments, ends. The same seed gives the same file. */

#include "segments.h"

#define N_SLOTS  48 /* connections at a time */
#define POOL     (4u * 1024 * 1024)
#define MICRO    1000000u
#define START_US (1639130400ull * MICRO) /* 2021-12-10 10:00 UTC */

/* Words of a site, each followed by a blank. */
static const char word_list[] =
    "account active address article available basket before button category change city company "
    "contact content country customer date delivery details discount email event example features first "
    "footer free gallery header help image index info item language latest list login member menu "
    "message name news number offer option order page password payment price privacy product profile "
    "question result return review search service settings shipping status store subject summary "
    "support table terms title total update user value version video view week welcome year ";

static const char *word(void)
{
    static char words[100][16];
    static unsigned n;

    if (n == 0) {
        int used;

        for (const char *w = word_list; sscanf(w, "%15s %n", words[n], &used) == 1; w += used)
            n++;
    }
    return words[below(n)];
}

static void html_line(struct text *t)
{
    text_addf(
        t,
        "      <div class=\"%s-%s\" id=\"%s%u\"><a href=\"/%s/%s?id=%u\">%s %s %s</a> %s, %s and %s.</div>\n",
        word(), word(), word(), below(1000), word(), word(), below(100000), word(), word(), word(), word(),
        word(), word());
}

/* Lines of a script, in a thousand, whose template literal holds a colon (the condition of a ternary): each
 * starts the sensor's slow path. Real scripts have about 4 in a megabyte, and 60 template literals in all;
 * these have 15 and 2,000. */
static uint32_t colons_promille = 1;

static void script_line(struct text *t)
{
    if (below(1000) < colons_promille) {
        text_addf(t, "    el.innerHTML = `<b>${%s.%s ? \"%s\" : \"%s\"}</b>`;\n", word(), word(), word(),
                  word());
        return;
    }
    switch (below(16)) {
    case 0:
        text_addf(t, "    const %s = `/api/%s/${%s.id}/${encodeURIComponent(%s)}`;\n", word(), word(), word(),
                  word());
        break;
    case 1:
        text_addf(t, "  function %s_%s(%s, %s) {\n", word(), word(), word(), word());
        break;
    case 2:
        text_addf(t, "  }\n\n  // %s %s %s\n", word(), word(), word());
        break;
    default:
        text_addf(t, "    if (%s.%s !== %u) { this.%s = %s[\"%s\"] || %u; }\n", word(), word(), below(100),
                  word(), word(), word(), below(10));
        break;
    }
}

static void json_line(struct text *t)
{
    text_addf(
        t,
        "  {\"id\": %u, \"%s\": \"%s %s\", \"%s\": {\"%s\": %u.%02u, \"active\": true}, \"%s\": [%u, %u]},\n",
        below(1000000), word(), word(), word(), word(), word(), below(1000), below(100), word(), below(50),
        below(50));
}

/* Bodies are slices of these. */
enum kind { HTML, SCRIPT, JSON, IMAGE, N_KINDS };

static const char *const kind_types[N_KINDS] = {"text/html; charset=utf-8", "application/javascript",
                                                "application/json", "image/webp"};
static const char *const kind_suffixes[N_KINDS] = {"", ".js", ".json", ".webp"};
static struct text pools[N_KINDS];

static void pools_fill(void)
{
    while (pools[HTML].len < POOL)
        html_line(&pools[HTML]);
    while (pools[SCRIPT].len < POOL)
        script_line(&pools[SCRIPT]);
    while (pools[JSON].len < POOL)
        json_line(&pools[JSON]);
    text_noise(&pools[IMAGE], POOL);
}

static const uint8_t *pool_slice(enum kind kind, size_t n)
{
    return pools[kind].p + below((uint32_t)(pools[kind].len - n));
}

/* ---- HTTP ---- */

static const char *const agents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.93 "
    "Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.1 "
    "Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:95.0) Gecko/20100101 Firefox/95.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 15_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148",
    "okhttp/4.9.3",
    "python-requests/2.26.0",
};

static void request_head(struct text *t, const char *method, enum kind kind, const char *host)
{
    text_addf(t, "%s /%s/%s/%s%u%s?%s=%s&page=%u HTTP/1.1\r\nHost: %s\r\n", method, word(), word(), word(),
              below(10000), kind_suffixes[kind], word(), word(), below(100), host);
    text_addf(t, "User-Agent: %s\r\nAccept: %s\r\nAccept-Language: en-US,en;q=0.9\r\n", PICK(agents),
              kind == IMAGE ? "image/avif,image/webp,image/*,*/*;q=0.8"
                            : "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    text_addf(t, "Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n");
    if (percent(60))
        text_addf(t, "Referer: http://%s/%s/%s\r\n", host, word(), word());
    if (percent(70))
        text_addf(t, "Cookie: session=%016llx%016llx; lang=en; %s=%s.%u\r\n", (unsigned long long)rng(),
                  (unsigned long long)rng(), word(), word(), below(100000));
}

static void request_get(struct text *t, const char *method, enum kind kind, const char *host)
{
    request_head(t, method, kind, host);
    text_addf(t, "\r\n");
    total.requests++;
}

static void request_post(struct text *t, const char *host)
{
    enum kind kind = percent(30) ? IMAGE : JSON;
    uint32_t len = kind == IMAGE ? size_between(4000, 64000) : size_between(100, 8000);

    request_head(t, "POST", HTML, host);
    text_addf(t, "Content-Type: %s\r\nContent-Length: %u\r\n\r\n",
              kind == IMAGE ? "application/octet-stream" : "application/json", len);
    text_add(t, pool_slice(kind, len), len);
    total.requests++;
}

static void body_chunked(struct text *t, const uint8_t *p, uint32_t len)
{
    while (len > 0) {
        uint32_t n = size_between(256, 8192);

        if (n > len)
            n = len;
        text_addf(t, "%x\r\n", n);
        text_add(t, p, n);
        text_addf(t, "\r\n");
        p += n;
        len -= n;
    }
    text_addf(t, "0\r\n\r\n");
}

static void response_head(struct text *t, const char *status, enum kind kind)
{
    text_addf(t, "HTTP/1.1 %s\r\nServer: nginx/1.20.1\r\nDate: Fri, 10 Dec 2021 10:%02u:%02u GMT\r\n", status,
              below(60), below(60));
    text_addf(
        t, "Content-Type: %s\r\nConnection: keep-alive\r\nETag: \"%08x-%x\"\r\nCache-Control: max-age=%u\r\n",
        kind_types[kind], below(UINT32_MAX), below(100000), below(86400));
    if (percent(30))
        text_addf(t, "Set-Cookie: session=%016llx; Path=/; HttpOnly\r\n", (unsigned long long)rng());
}

/* Of those that ask for more than the head, eight in a hundred come labelled as compressed: noise behind the
 * label. */
static void response(struct text *t, enum kind kind, bool head_only)
{
    uint32_t len = size_between(kind == JSON ? 200 : 1000, kind == IMAGE ? 128000 : 64000);
    const uint8_t *body;

    if (!head_only && percent(5)) {
        response_head(t, "304 Not Modified", kind);
        text_addf(t, "\r\n");
        return;
    }
    response_head(t, percent(3) ? "404 Not Found" : "200 OK", kind);
    body = pool_slice(kind, len);
    if (!head_only && kind != IMAGE && percent(8)) {
        text_addf(t, "Content-Encoding: gzip\r\n");
        body = pool_slice(IMAGE, len);
    }
    if (!head_only && kind != IMAGE && percent(25)) {
        text_addf(t, "Transfer-Encoding: chunked\r\n\r\n");
        body_chunked(t, body, len);
        return;
    }
    text_addf(t, "Content-Length: %u\r\n\r\n", len);
    if (!head_only)
        text_add(t, body, len);
}

static enum kind kind_by_share(void)
{
    uint32_t share = below(100);

    return share < 35 ? HTML : share < 68 ? SCRIPT : share < 83 ? JSON : IMAGE;
}

/* n requests at once, then their answers. */
static void http_exchange(struct flow *f, const char *host, unsigned n)
{
    struct text asked = {.p = NULL}, answered = {.p = NULL};

    for (unsigned i = 0; i < n; i++) {
        enum kind kind = kind_by_share();
        bool head_only = n == 1 && percent(2);

        if (n == 1 && percent(9)) {
            request_post(&asked, host);
            kind = JSON;
            head_only = false;
        } else {
            request_get(&asked, head_only ? "HEAD" : "GET", kind, host);
        }
        response(&answered, kind, head_only);
    }
    tcp_stream(f, 0, asked.p, asked.len);
    f->now_us += f->rtt_us + size_between(200, 30000);
    tcp_stream(f, 1, answered.p, answered.len);
    free(asked.p);
    free(answered.p);
}

static void http_flow(struct flow *f)
{
    char host[64];
    unsigned n = between(1, 5);
    bool pipelined = percent(10);

    snprintf(host, sizeof host, "www.%s-%s.example", word(), word());
    f->end[1].port = percent(85) ? 80 : 8080;
    total.http_flows++;
    tcp_open(f);
    while (n-- > 0) {
        http_exchange(f, host, pipelined ? between(2, 4) : 1);
        f->now_us += size_between(500, 200000);
    }
    tcp_close(f);
}

/* ---- TLS 1.3, as far as it can be seen ---- */

static void record(struct text *t, uint8_t type, uint32_t len)
{
    text_put(t, type, 1);
    text_put(t, 0x0303, 2);
    text_put(t, len, 2);
}

static void tls_extension_start(struct text *t, uint32_t type, uint32_t len)
{
    text_put(t, type, 2);
    text_put(t, len, 2);
}

static void client_hello(struct text *t, const char *host)
{
    struct text extensions = {.p = NULL};
    uint32_t name = (uint32_t)strlen(host), body;

    tls_extension_start(&extensions, 0, name + 5); /* server name */
    text_put(&extensions, name + 3, 2);
    text_put(&extensions, 0, 1);
    text_put(&extensions, name, 2);
    text_add(&extensions, host, name);
    tls_extension_start(&extensions, 10, 4); /* groups: x25519 */
    text_put(&extensions, 0x0002001d, 4);
    tls_extension_start(&extensions, 13, 6); /* signatures */
    text_put(&extensions, 0x000404030804, 6);
    tls_extension_start(&extensions, 43, 3); /* versions: 1.3 */
    text_put(&extensions, 0x020304, 3);
    tls_extension_start(&extensions, 51, 38); /* key share */
    text_put(&extensions, 0x0024001d0020, 6);
    text_noise(&extensions, 32);
    body = 2 + 32 + 1 + 32 + 2 + 6 + 2 + 2 + (uint32_t)extensions.len;
    record(t, 22, body + 4);
    text_put(t, 1u << 24 | body, 4);
    text_put(t, 0x0303, 2);
    text_noise(t, 32);
    text_put(t, 32, 1);
    text_noise(t, 32);
    text_put(t, 0x0006130113021303, 8);
    text_put(t, 0x0100, 2);
    text_put(t, extensions.len, 2);
    text_add(t, extensions.p, extensions.len);
    free(extensions.p);
}

static void server_hello(struct text *t)
{
    record(t, 22, 4 + 2 + 32 + 1 + 32 + 2 + 1 + 2 + 46);
    text_put(t, 2u << 24 | 118, 4);
    text_put(t, 0x0303, 2);
    text_noise(t, 32);
    text_put(t, 32, 1);
    text_noise(t, 32);
    text_put(t, 0x130100, 3);
    text_put(t, 46, 2);
    text_put(t, 0x002b00020304, 6);
    text_put(t, 0x00330024001d0020, 8);
    text_noise(t, 32);
    record(t, 20, 1);
    text_put(t, 1, 1);
}

static void tls_data(struct text *t, uint32_t len)
{
    while (len > 0) {
        uint32_t n = len < 16000 ? len : 16000;

        record(t, 23, n);
        text_add(t, pool_slice(IMAGE, n), n);
        len -= n;
    }
}

static void tls_flow(struct flow *f)
{
    struct text t = {.p = NULL};
    char host[64];
    unsigned n = between(1, 6);

    snprintf(host, sizeof host, "%s.%s.example", word(), word());
    f->end[1].port = 443;
    total.tls_flows++;
    tcp_open(f);
    client_hello(&t, host);
    tcp_stream(f, 0, t.p, t.len);
    f->now_us += f->rtt_us;
    t.len = 0;
    server_hello(&t);
    tls_data(&t, between(1500, 4500));
    tcp_stream(f, 1, t.p, t.len);
    f->now_us += between(100, 2000);
    t.len = 0;
    record(&t, 20, 1);
    text_put(&t, 1, 1);
    tls_data(&t, 53);
    tcp_stream(f, 0, t.p, t.len);
    while (n-- > 0) {
        t.len = 0;
        tls_data(&t, size_between(150, 2000));
        tcp_stream(f, 0, t.p, t.len);
        f->now_us += f->rtt_us + size_between(200, 30000);
        t.len = 0;
        tls_data(&t, size_between(500, 64000));
        tcp_stream(f, 1, t.p, t.len);
        f->now_us += size_between(500, 200000);
    }
    tcp_close(f);
    free(t.p);
}

/* ---- DNS ---- */

static void dns_name(struct text *t, const char *const labels[3])
{
    for (unsigned i = 0; i < 3; i++) {
        text_put(t, strlen(labels[i]), 1);
        text_add(t, labels[i], strlen(labels[i]));
    }
    text_put(t, 0, 1);
}

static void dns_flow(struct flow *f)
{
    const char *labels[3] = {word(), word(), "example"};
    struct text t = {.p = NULL};
    uint32_t id = below(65536);

    f->end[1].port = 53;
    total.dns_flows++;
    for (unsigned answer = 0; answer < 2; answer++) {
        t.len = 0;
        text_put(&t, id, 2);
        text_put(&t, answer ? 0x8180 : 0x0100, 2);
        text_put(&t, 1, 2);
        text_put(&t, answer, 2);
        text_put(&t, 0, 4);
        dns_name(&t, labels);
        text_put(&t, 0x00010001, 4);
        if (answer) {
            text_put(&t, 0xc00c, 2);
            text_put(&t, 0x00010001, 4);
            text_put(&t, 300, 4);
            text_put(&t, 4, 2);
            text_put(&t, 0xc6336400 | between(1, 250), 4);
        }
        udp_send(f, answer, &t);
        f->now_us += f->rtt_us;
    }
    free(t.p);
}

/* ---- a chat of small messages: length, 4 bytes | kind, 1 | words ---- */

static void chat_message(struct text *t, uint8_t kind, unsigned n)
{
    struct text words = {.p = NULL};

    while (n-- > 0)
        text_addf(&words, "%s=%u;", word(), below(100000));
    text_put(t, words.len, 4);
    text_put(t, kind, 1);
    text_add(t, words.p, words.len);
    free(words.p);
}

static void chat_flow(struct flow *f)
{
    struct text t = {.p = NULL};

    f->end[1].port = 6123;
    total.chat_flows++;
    tcp_open(f);
    for (unsigned n = between(20, 200); n > 0; n--) {
        t.len = 0;
        chat_message(&t, 1, between(1, 4));
        tcp_stream(f, 0, t.p, t.len);
        f->now_us += f->rtt_us / 2;
        t.len = 0;
        chat_message(&t, 2, between(1, 20));
        tcp_stream(f, 1, t.p, t.len);
        f->now_us += size_between(500, 50000);
    }
    tcp_close(f);
    free(t.p);
}

/* ---- all of it ---- */

/* A new conversation in place of a finished one. The memory is used again. */
static void flow_make(struct flow *f, uint64_t start_us)
{
    static uint32_t n_flows;
    uint32_t client = below(250), share = below(100);

    f->frames.len = 0;
    f->n_packets = f->next = 0;
    f->now_us = start_us;
    f->rtt_us = size_between(200, 40000);
    f->mss = percent(80) ? MSS : percent(60) ? 1380 : 536; /* Ethernet, a tunnel, the smallest */
    f->end[0] = (struct end){{2, 0, 0, 0, 0, (uint8_t)client}, 0x0a000100 + client + 1, 0, 0, 0};
    f->end[0].port = (uint16_t)(32768 + n_flows++ % 28000);
    f->end[1] = (struct end){
        {2, 0, 0, 0, 1, 1}, PICK(((const uint32_t[]){0xc0000200, 0xc6336400, 0xcb007100})), 0, 0, 0};
    f->end[1].addr += between(1, 250);
    for (unsigned side = 0; side < 2; side++) {
        f->end[side].ip_id = (uint16_t)rng();
        f->end[side].seq = (uint32_t)rng();
    }
    if (share < 70)
        http_flow(f);
    else if (share < 84)
        tls_flow(f);
    else if (share < 89)
        chat_flow(f);
    else
        dns_flow(f);
}

static void put_le(uint8_t *p, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> 8 * i);
}

static void packet_write(FILE *out, const struct flow *f, const struct packet *p)
{
    uint8_t header[16];

    put_le(header, (uint32_t)(p->ts_us / MICRO));
    put_le(header + 4, (uint32_t)(p->ts_us % MICRO));
    put_le(header + 8, (uint32_t)p->len);
    put_le(header + 12, (uint32_t)p->len);
    fwrite(header, 1, sizeof header, out);
    fwrite(f->frames.p + p->at, 1, p->len, out);
    total.packets++;
    total.bytes += sizeof header + p->len;
}

static struct flow *flow_due(struct flow *flows)
{
    struct flow *due = NULL;

    for (unsigned i = 0; i < N_SLOTS; i++) {
        struct flow *f = &flows[i];

        if (f->next < f->n_packets && (!due || f->packets[f->next].ts_us < due->packets[due->next].ts_us))
            due = f;
    }
    return due;
}

/* Conversations begin until size bytes are reached; those under way are written to their end. */
static void traffic_write(FILE *out, uint64_t size)
{
    static struct flow flows[N_SLOTS];
    static const uint8_t header[24] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, [18] = 4, [20] = 1};
    struct flow *f;

    fwrite(header, 1, sizeof header, out);
    for (unsigned i = 0; i < N_SLOTS; i++)
        flow_make(&flows[i], START_US + below(200000));
    while ((f = flow_due(flows))) {
        const struct packet *p = &f->packets[f->next++];
        uint64_t now_us = p->ts_us;

        packet_write(out, f, p);
        if (f->next == f->n_packets && total.bytes < size)
            flow_make(f, now_us + below(20000));
    }
    for (unsigned i = 0; i < N_SLOTS; i++) {
        free(flows[i].frames.p);
        free(flows[i].packets);
    }
}

static void summary_print(void)
{
    uint64_t payload = total.payload[0] + total.payload[1],
             promille = 1000 * total.payload[0] / (payload ? payload : 1);

    printf("%llu packets, %llu bytes, %llu flows (http %llu, tls %llu, dns %llu, chat %llu), "
           "%llu requests, "
           "%llu.%llu %% of payload to server\n",
           (unsigned long long)total.packets, (unsigned long long)total.bytes,
           (unsigned long long)(total.http_flows + total.tls_flows + total.dns_flows + total.chat_flows),
           (unsigned long long)total.http_flows, (unsigned long long)total.tls_flows,
           (unsigned long long)total.dns_flows, (unsigned long long)total.chat_flows,
           (unsigned long long)total.requests, (unsigned long long)(promille / 10),
           (unsigned long long)(promille % 10));
}

int main(int argc, char **argv)
{
    FILE *out;
    unsigned long mb;

    if (argc < 4 || argc > 5 || (mb = strtoul(argv[1], NULL, 10)) == 0) {
        fputs("usage: bench_traffic SIZE_MB SEED OUT.pcap [COLONS]\n", stderr);
        return 2;
    }
    rng_state = strtoull(argv[2], NULL, 10);
    if (argc == 5)
        colons_promille = (uint32_t)strtoul(argv[4], NULL, 10);
    out = fopen(argv[3], "wb");
    if (!out) {
        perror(argv[3]);
        return 3;
    }
    pools_fill();
    traffic_write(out, (uint64_t)mb * 1000000);
    for (unsigned i = 0; i < N_KINDS; i++)
        free(pools[i].p);
    if (ferror(out) | fclose(out)) {
        perror(argv[3]);
        return 3;
    }
    summary_print();
    return 0;
}
