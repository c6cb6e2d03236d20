/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/sample.h"

#define SAMPLE_US UINT64_C(1639130400123456) /* 2021-12-10T10:00:00.123456 */

static void flow_fill(struct sample *s)
{
    static const uint8_t client[4] = {10, 99, 0, 1}, server[4] = {10, 99, 0, 2};

    s->flow = (struct flow){.id = UINT64_C(0x4000000000001),
                            .proto = PROTO_TCP,
                            .client_known = true,
                            .first_us = SAMPLE_US - 1000000,
                            .last_us = SAMPLE_US};
    s->flow.end[0] = (struct flow_end){.addr = addr_v4(client), .port = 53974, .packets = 3, .bytes = 240};
    s->flow.end[1] = (struct flow_end){.addr = addr_v4(server), .port = 8080, .packets = 1, .bytes = 40};
    s->chunk = (struct chunk){.flow = &s->flow, .side = 0, .ts_us = SAMPLE_US, .packet = 4};
}

static void rule_fill(struct sample *s)
{
    static char created[] = "created_at", date[] = "2021_12_10", cve[] = "cve", one[] = "CVE_2021_44228",
                two[] = "CVE_2021_45046", stage[] = "jndi_stage", lookup[] = "lookup", action[] = "alert",
                msg[] = "JNDI lookup in an HTTP request",
                category[] = "Attempted Administrator Privilege Gain",
                url[] = "url,logging.apache.org/log4j/2.x/security.html", number[] = "cve,2021-44228";

    s->metadata[0] = (struct rule_metadata){created, date};
    s->metadata[1] = (struct rule_metadata){cve, one};
    s->metadata[2] = (struct rule_metadata){stage, lookup};
    s->metadata[3] = (struct rule_metadata){cve, two};
    s->references[0] = url;
    s->references[1] = number;
    s->rule = (struct rule){.sid = 1442200,
                            .gid = 1,
                            .rev = 2,
                            .priority = 1,
                            .action = action,
                            .msg = msg,
                            .category = category,
                            .metadata = s->metadata,
                            .n_metadata = 4,
                            .references = s->references,
                            .n_references = 2,
                            .file = "sample.rules",
                            .line = 1};
}

void sample_lookup(struct sample *s)
{
    static const char payload[] = SAMPLE_PAYLOAD;

    memset(s, 0, sizeof *s);
    flow_fill(s);
    rule_fill(s);
    s->bytes = buf_within(RECORD_MAX);
    s->http = (struct http_view){.method = BYTES_LIT("GET"),
                                 .url = BYTES_LIT("/a"),
                                 .protocol = BYTES_LIT("HTTP/1.1"),
                                 .host = BYTES_LIT("app.example:8080"),
                                 .user_agent = BYTES_LIT("curl/7.88"),
                                 .response_content_type = BYTES_LIT("text/html"),
                                 .status = 200,
                                 .response_length = 12};
    s->field = (struct field){.kind = FIELD_HTTP_REQUEST_HEADER,
                              .name = BYTES_LIT("X-Api"),
                              .chunk = &s->chunk,
                              .app_proto = "http",
                              .message = 0,
                              .http = &s->http};
    attrs_add(&s->attrs, ATTR_JNDI_STAGE, BYTES_LIT("lookup"));
    attrs_add(&s->attrs, ATTR_JNDI_NAME, BYTES_LIT("ldap://203.0.113.9:1389/a"));
    attrs_add(&s->attrs, ATTR_JNDI_SCHEME, BYTES_LIT("ldap"));
    attrs_add(&s->attrs, ATTR_JNDI_HOST, BYTES_LIT("203.0.113.9"));
    attrs_add(&s->attrs, ATTR_JNDI_PORT, BYTES_LIT("1389"));
    attrs_add(&s->attrs, ATTR_JNDI_PATH, BYTES_LIT("a"));
    attrs_add(&s->attrs, ATTR_JNDI_TECHNIQUE, BYTES_LIT("lower"));
    attrs_add(&s->attrs, ATTR_JNDI_TECHNIQUE, BYTES_LIT("date"));
    attrs_add(&s->attrs, ATTR_JNDI_LEAK, BYTES_LIT("env:AWS_SECRET_ACCESS_KEY"));
    attrs_add(&s->attrs, ATTR_JNDI_EFFECTIVE, BYTES_LIT("yes"));
    attrs_add(&s->attrs, ATTR_JNDI_LOCATION, BYTES_LIT("http.request_header"));
    s->finding = (struct finding){.rule = &s->rule,
                                  .field = &s->field,
                                  .attrs = &s->attrs,
                                  .depth = 2,
                                  .confidence = 95,
                                  .payload = bytes_of(payload, sizeof payload - 1),
                                  .decoded = BYTES_LIT(SAMPLE_RAW)};
    s->finding.raw = bytes_slice(s->finding.payload, bytes_find(s->finding.payload, BYTES_LIT("${")),
                                 bytes_find(s->finding.payload, BYTES_LIT("}")) + 1);
}

void sample_callback(struct sample *s)
{
    static const char answer[] = "0\x81\x82\x02\x01\x02"
                                 "d";

    sample_lookup(s);
    s->flow.end[1].port = 1389;
    s->chunk.side = 1; /* the server's answer showed it */
    s->field = (struct field){.kind = FIELD_FACT, .chunk = &s->chunk, .app_proto = "ldap", .message = 2};
    s->attrs.n = 0;
    attrs_add(&s->attrs, ATTR_JNDI_STAGE, BYTES_LIT("reference"));
    attrs_add(&s->attrs, ATTR_LDAP_REQUEST_DN, BYTES_LIT("Basic/Command/Base64/aWQK"));
    attrs_add(&s->attrs, ATTR_LDAP_RESPONSES_OPERATION, BYTES_LIT("search_result_entry"));
    attrs_add(&s->attrs, ATTR_LDAP_RESPONSES_ATTRIBUTE_TYPE, BYTES_LIT("javaClassName"));
    attrs_add(&s->attrs, ATTR_LDAP_RESPONSES_ATTRIBUTE_TYPE, BYTES_LIT("javaCodeBase"));
    attrs_add(&s->attrs, ATTR_LDAP_CLIENT, BYTES_LIT("jndi"));
    attrs_add(&s->attrs, ATTR_JAVA_CODEBASE, BYTES_LIT("http://203.0.113.9:8888/"));
    attrs_add(&s->attrs, ATTR_JAVA_CLASS, BYTES_LIT("foo"));
    s->finding.payload = bytes_of(answer, sizeof answer - 1);
    s->finding.raw = s->finding.decoded = (struct bytes){NULL, 0};
    s->finding.depth = 0;
}

bool sample_seal(struct sample *s, enum stage stage)
{
    buf_clear(&s->bytes);
    if (!record_write(&s->bytes, &s->finding, RECORD_MAX) || !record_read(buf_bytes(&s->bytes), &s->record))
        return false;
    s->alert =
        (struct alert){.record = &s->record, .rule = &s->rule, .severity = s->rule.priority, .stage = stage};
    return true;
}

void sample_drop(struct sample *s)
{
    buf_drop(&s->bytes);
}
