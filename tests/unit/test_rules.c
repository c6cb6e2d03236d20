/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/rules.h"
#include "support/sighted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define HEAD "alert ip any any -> any any "
#define GOOD "jndi.stage; content:\"lookup\"; "

/* Each: a whole text, and every word of the complaint. */
static const struct {
    const char *text, *complaint;
} refusals[] = {
    /* clang-format off */
    {"warn ip any any -> any any (sid:1;)",
     "t:1: sid 1: 'warn' is no action: a rule begins with alert, pass, drop or reject, a comment with #"},
    {"config ip any any -> any any (sid:1;)",
     "t:1: sid 1: action 'config': rules do not configure the sensor: use its settings"},
    {"alert tcp-pkt any any -> any any (msg:\"m\"; " GOOD "sid:1;)",
     "t:1: sid 1: protocols tcp-pkt and tcp-stream: sightings are understood messages, neither packets nor streams: write tcp"},
    {"alert icmp any any -> any any (sid:1;)",
     "t:1: sid 1: protocol 'icmp': only TCP and UDP carry what is read: write ip"},
    {"alert smb any any -> any any (sid:1;)",
     "t:1: sid 1: protocol 'smb' is not read: write ip, tcp, udp, http, websocket, dns, ldap, rmi, giop, tls, smtp, ssh, ftp, sip, syslog, gelf, mqtt, redis or minecraft"},
    {"alert ip any any <- any any (sid:1;)",
     "t:1: sid 1: '<-' is no direction: write -> or <>"},
    {"alert ip any any -> any (sid:1;)",
     "t:1: sid 1: the header has fewer than seven words: write alert PROTOCOL ADDRESSES PORTS -> ADDRESSES PORTS (...)"},
    {"alert ip any any -> any any any (sid:1;)",
     "t:1: sid 1: the header has more than seven words: write alert PROTOCOL ADDRESSES PORTS -> ADDRESSES PORTS (...)"},
    {"alert ip 10.0.0.300 any -> any any (sid:1;)",
     "t:1: sid 1: source address: '10.0.0.300' is no address: write 10.0.0.0/8, 2001:db8::/32, a range, a $VARIABLE, a list or any"},
    {"alert ip any any -> $HOME_NTE any (sid:1;)",
     "t:1: sid 1: destination address: no variable $HOME_NTE under vars.address-groups of the settings: did you mean $HOME_NET"},
    {"alert ip any any -> any $WHATEVER_ELSE (sid:1;)",
     "t:1: sid 1: destination port: no variable $WHATEVER_ELSE: define it under vars.port-groups of the settings"},
    {"alert ip any any -> any 70000 (sid:1;)",
     "t:1: sid 1: destination port: '70000' is no port: write 1389, a range such as 1024:2048 or 1024:, a list or any"},
    {"\n\n  # a comment\r\nalert ip any any -> any any",
     "t:4: the options are missing: write (msg:\"...\"; ... sid:N;) after the header"},
    {HEAD "(msg:\"m\"; " GOOD "sid:1;",
     "t:1: sid 1: the rule does not end in ')': write it after the last ';', or a backslash at the end of a line that goes on"},

    {HEAD "(msg:\"m\"; " GOOD ")",
     "t:1: the rule has no sid: write sid:N; with a number of its own"},
    {HEAD "(" GOOD "sid:1;)",
     "t:1: sid 1: the rule has no msg: write msg:\"what it found\";"},
    {HEAD "(msg:\"m\"; jndi.stage; jndi.name; content:\"x\"; sid:1;)",
     "t:1: sid 1: nothing is asked of buffer jndi.stage: write bsize:>0; after it to ask that it is there"},
    {HEAD "(msg:\"m\"; " GOOD "sid:0;)",
     "t:1: keyword 'sid': '0' is no number from 1 to 4294967295: write one"},
    {HEAD "(msg:\"m\"; " GOOD "sid:1x;)",
     "t:1: keyword 'sid': '1x' is no number from 1 to 4294967295: write one"},
    {HEAD "(msg:\"m\"; " GOOD "sid:1; sid:2;)",
     "t:1: sid 1: keyword 'sid': stands there twice: leave one out"},
    {HEAD "(msg:m; sid:1;)",
     "t:1: sid 1: keyword 'msg': the value is not quoted: write msg:\"...\";"},
    {HEAD "(msg:!\"m\"; sid:1;)",
     "t:1: sid 1: keyword 'msg': cannot be negated: leave the '!' out"},
    {HEAD "(msg:\" \"; sid:1;)",
     "t:1: sid 1: keyword 'msg': the message is empty: say what the rule found"},
    {HEAD "(msg:\"a\\nb\"; sid:1;)",
     "t:1: sid 1: keyword 'msg': '\\n' is no escape: write \\\" \\; \\: or \\\\"},
    {HEAD "(msg:\"a;b\"; sid:1;)",
     "t:1: sid 1: keyword 'msg': a ';' stands inside the quotes, or the closing quote is missing: write \\; or |3b|"},
    {HEAD "(msg:\"a\"b\"; sid:1;)",
     "t:1: sid 1: keyword 'msg': text follows the closing quote: put ';' right after it, a quote inside is \\\""},
    {HEAD "(sid:1; msg:\"a)",
     "t:1: sid 1: keyword 'msg': the closing quote is missing: write one"},
    {HEAD "(sid:1; msg:\"a\")",
     "t:1: sid 1: keyword 'msg': text follows the closing quote: put ';' right after it, a quote inside is \\\""},
    {HEAD "(sid:1; rev:1)",
     "t:1: sid 1: keyword 'rev': the ';' after it is missing: write one"},
    {HEAD "(sid:1; nocase)",
     "t:1: sid 1: keyword 'nocase': the ';' after it is missing: write one"},
    {HEAD "(sid:1; ;)",
     "t:1: sid 1: ';' is no option: write keyword; or keyword:value;"},
    {HEAD "(sid:1; priority:0;)",
     "t:1: sid 1: keyword 'priority': '0' is no number from 1 to 255: write one"},
    {HEAD "(sid:1; reference:here;)",
     "t:1: sid 1: keyword 'reference': 'here' has no kind and name: write reference:cve,2021-44228; or url,host/path"},
    {HEAD "(sid:1; metadata:;)",
     "t:1: sid 1: keyword 'metadata': the value is missing: write metadata: key value, key value;"},
    {HEAD "(sid:1; target:both;)",
     "t:1: sid 1: keyword 'target': 'both' is no end of a packet: write src_ip or dest_ip"},
    {HEAD "(msg:\"m\"; " GOOD "sid:1; flow:not_established;)",
     "t:1: sid 1: keyword 'flow': 'not_established' is not read over sightings, since rules see understood messages of connections only: write established, to_server or to_client"},
    {HEAD "(sid:1; flow:to_server,to_client;)",
     "t:1: sid 1: keyword 'flow': nothing goes both to_server and to_client: write one"},
    {HEAD "(sid:1; nocase:1;)",
     "t:1: sid 1: keyword 'nocase': it takes no value: write nocase;"},
    {HEAD "(sid:1; content;)",
     "t:1: sid 1: keyword 'content': the value is missing: write content:\"text\";"},

    {HEAD "(msg:\"m\"; sid:1; content:\"x\"; " GOOD ")",
     "t:1: sid 1: keyword 'content': no buffer stands before it, and sightings have no raw payload to search: write one such as jndi.name; in front (docs/RULES.md lists them)"},
    {HEAD "(sid:1; bsize:1;)",
     "t:1: sid 1: keyword 'bsize': no buffer stands before it: write one such as jndi.name; in front, or dsize for the payload of a packet"},
    {HEAD "(sid:1; jndi.name:\"x\";)",
     "t:1: sid 1: keyword 'jndi.name': a buffer takes no value: write jndi.name; and then what is asked of it"},
    {HEAD "(sid:1; jndi.nmae; content:\"x\";)",
     "t:1: sid 1: keyword 'jndi.nmae': no such keyword or buffer: did you mean jndi.name"},
    {HEAD "(sid:1; something-else-entirely;)",
     "t:1: sid 1: keyword 'something-else-entirely': no such keyword or buffer: docs/RULES.md lists those that are read"},
    {HEAD "(sid:1; jndi.name; content:x;)",
     "t:1: sid 1: keyword 'content': the value is not quoted: write content:\"...\";"},
    {HEAD "(sid:1; jndi.name; content:\"\";)",
     "t:1: sid 1: keyword 'content': the content is empty: write bsize:>0; to ask that the buffer is there"},
    {HEAD "(sid:1; jndi.name; content:\"|0\";)",
     "t:1: sid 1: keyword 'content': a bar '|' is not closed: hex stands between two, a bar itself is |7c|"},
    {HEAD "(sid:1; jndi.name; content:\"|0g|\";)",
     "t:1: sid 1: keyword 'content': '0g' between bars is no hex: write pairs of digits, |0d 0a|"},
    {HEAD "(sid:1; jndi.name; content:\"|0 0 0|\";)",
     "t:1: sid 1: keyword 'content': the hex between bars is not made of pairs: write |0d 0a|"},
    {HEAD "(sid:1; jndi.name; content:\"||\";)",
     "t:1: sid 1: keyword 'content': the hex between bars is not made of pairs: write |0d 0a|"},
    {HEAD "(sid:1; jndi.name; content:\"\\x\";)",
     "t:1: sid 1: keyword 'content': '\\x' is no escape: write \\\" \\; \\: \\\\ or hex, |5c|"},
    {HEAD "(sid:1; jndi.name; nocase;)",
     "t:1: sid 1: keyword 'nocase': no content of this buffer stands before it: write it right after the content it is for"},
    {HEAD "(sid:1; jndi.name; content:\"a\"; jndi.host; nocase;)",
     "t:1: sid 1: keyword 'nocase': no content of this buffer stands before it: write it right after the content it is for"},
    {HEAD "(sid:1; jndi.name; content:\"a\"; nocase; nocase;)",
     "t:1: sid 1: keyword 'nocase': stands there twice for the same content: leave one out"},
    {HEAD "(sid:1; jndi.name; content:\"a\"; offset:1; offset:2;)",
     "t:1: sid 1: keyword 'offset': stands there twice for the same content: leave one out"},
    {HEAD "(sid:1; jndi.name; content:\"a\"; offset:-1;)",
     "t:1: sid 1: keyword 'offset': '-1' is no number from 0 to 65535: write one"},
    {HEAD "(sid:1; jndi.name; content:\"abc\"; depth:2;)",
     "t:1: sid 1: keyword 'depth': 2 bytes do not hold the content's 3: write at least that"},
    {HEAD "(sid:1; jndi.name; content:\"a\"; offset:1; within:2;)",
     "t:1: sid 1: keyword 'within': offset and depth count from the start, distance and within from the content before: use one pair"},
    {HEAD "(sid:1; jndi.name; content:\"a\"; startswith; depth:2;)",
     "t:1: sid 1: keyword 'depth': the content has startswith: leave one of the two out"},
    {HEAD "(sid:1; jndi.name; content:\"a\"; depth:2; startswith;)",
     "t:1: sid 1: keyword 'startswith': the content has another place already: leave one of the two out"},
    {HEAD "(sid:1; jndi.name; bsize:>x;)",
     "t:1: sid 1: keyword 'bsize': 'x' is no number from 0 to 4294967295: write one"},
    {HEAD "(sid:1; jndi.name; bsize:<0;)",
     "t:1: sid 1: keyword 'bsize': no value is shorter than nothing: write bsize:0; for an empty one"},
    {HEAD "(sid:1; jndi.name; bsize:3<>4;)",
     "t:1: sid 1: keyword 'bsize': no number lies between 3 and 4: the bounds themselves do not count"},
    {HEAD "(msg:\"m\"; sid:1; jndi.name; bsize:3; bsize:>4;)",
     "t:1: sid 1: no value has such a length: mend the sizes"},
    {HEAD "(sid:1; jndi.name; isdataat:3,bytes;)",
     "t:1: sid 1: keyword 'isdataat': '3,bytes' is not read: write isdataat:N; or isdataat:N,relative; or with !N"},
    {HEAD "(sid:1; jndi.name; pcre:\"abc\";)",
     "t:1: sid 1: keyword 'pcre': the expression stands between slashes: write \"/expression/flags\""},
    {HEAD "(sid:1; jndi.name; pcre:\"//\";)",
     "t:1: sid 1: keyword 'pcre': the expression is empty: write what to find"},
    {HEAD "(sid:1; jndi.name; pcre:\"/a(b/\";)",
     "t:1: sid 1: keyword 'pcre': the expression does not compile, at offset 3: missing closing parenthesis"},
    {HEAD "(sid:1; jndi.name; pcre:\"/a/U\";)",
     "t:1: sid 1: keyword 'pcre': flag 'U' names buffer http.uri, and jndi.name stands before it: leave one of the two out"},
    {HEAD "(sid:1; jndi.name; pcre:\"/a/O\";)",
     "t:1: sid 1: keyword 'pcre': flag 'O' lifts the match limits, which protect the sensor: leave it out"},
    {HEAD "(sid:1; jndi.name; pcre:\"/(a)/,flow:x\";)",
     "t:1: sid 1: keyword 'pcre': captures are not kept: leave ',name' out"},

    {HEAD "(msg:\"m\"; " GOOD "sid:1; flowbits:set,x;)",
     "t:1: sid 1: keyword 'flowbits': rules keep no state from one sighting to the next: use jndi.stage; the incident joins what belongs together"},
    {HEAD "(msg:\"m\"; " GOOD "sid:1; byte_test:1,>,1,0;)",
     "t:1: sid 1: keyword 'byte_test': buffers hold what was understood, so there is no length or number to read out of bytes: use the ldap.*, rmi.* and java.* buffers"},
    {HEAD "(msg:\"m\"; " GOOD "sid:1; noalert;)",
     "t:1: sid 1: keyword 'noalert': a rule over sightings that never alerts would do nothing: take the rule out"},
    {HEAD "(msg:\"m\"; " GOOD "sid:1; tls.certs; content:\"x\";)",
     "t:1: sid 1: keyword 'tls.certs': sightings have no such buffer, and a rule that names one of the sensor's own is asked about sightings: write two rules"},
    {HEAD "(sid:1; dotprefix;)",
     "t:1: sid 1: keyword 'dotprefix': it changes a buffer before anything is asked of it: write it right after the buffer"},
    /* clang-format on */
};

static void refused(const char *text, const char *expected)
{
    struct ruleset *r = sighted_ruleset();
    struct complaint why = {""};
    uint8_t *exact = malloc(strlen(text));

    assert_non_null(exact);
    memcpy(exact, text, strlen(text));
    assert_true(ruleset_add_text(r, "t", bytes_of(exact, strlen(text)), &why));
    assert_int_equal(ruleset_n_refused(r), 1);
    assert_string_equal(ruleset_refusal(r, 0), expected);
    assert_null(ruleset_refusal(r, 1));
    assert_int_equal(ruleset_n(r), 0);
    free(exact);
    ruleset_free(r);
}

static void each_refusal(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof refusals / sizeof *refusals; i++)
        refused(refusals[i].text, refusals[i].complaint);
}

/* Keywords of Suricata's that are refused, but not with a row above: each by name, with a reason and a cure.
 */
static void each_foreign_keyword(void **state)
{
    static const char *const words[] = {
        "hostbits",
        "flowvar",
        "lua",
        "dataset",
        "datarep",
        "iprep",
        "replace",
        "tag",
        "geoip",
        "asn1",
        "ttl",
        "filestore",
        "to_md5",
        "requires",
        "app-layer-event",
        "tcp.flags",
        "tcp.hdr",
        "icmp_id",
        "icmpv6.mtu",
        "tls.alpn",
        "tls.store",
        "tls_cert_valid",
        "ssl_state",
        "ssh.proto",
        "sip.method",
        "mqtt.publish.topic",
        "http2.frametype",
        "smb.share",
        "snmp.usm",
        "quic.sni",
        "krb5.cname",
        "dns.opcode",
        "dns.rcode",
        "dns.answer.name",
        "smtp.helo",
        "email.from",
        "dce_iface",
        "file.name",
        "vlan.id",
        "frame",
        "ja3s.hash",
    };

    (void)state;
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        struct ruleset *r = sighted_ruleset();
        struct complaint why = {""};
        char text[256], front[96];
        const char *said;

        snprintf(text, sizeof text, HEAD "(msg:\"m\"; %s; sid:77;)", words[i]);
        snprintf(front, sizeof front, "t:1: sid 77: keyword '%s': ", words[i]);
        assert_true(ruleset_add_text(r, "t", bytes_str(text), &why));
        said = ruleset_refusal(r, 0);
        if (!said || strncmp(said, front, strlen(front)) != 0 || !strchr(said + strlen(front), ':') ||
            strstr(said, "no such keyword"))
            fail_msg("%s: %s", words[i], said ? said : "read");
        ruleset_free(r);
    }
}

/* A rule with count contents of len letters. */
static char *long_rule(unsigned count, unsigned len)
{
    char *text = malloc((size_t)count * (len + 16) + 200), *at = text;

    assert_non_null(text);
    at += sprintf(at, HEAD "(msg:\"m\"; sid:1; jndi.name; ");
    while (count--) {
        at += sprintf(at, "content:\"");
        memset(at, 'a', len);
        at += len;
        at += sprintf(at, "\"; ");
    }
    sprintf(at, ")");
    return text;
}

static void bounds(void **state)
{
    static const struct {
        unsigned count, len;
        const char *complaint;
    } rows[] = {
        {64, 3, NULL},
        {65, 3, "t:1: sid 1: keyword 'content': a rule has at most 64 contents: split it"},
        {1, 1024, NULL},
        {1, 1025, "t:1: sid 1: keyword 'content': the content is longer than 1024 bytes: look for less"},
        {40, 1000, "t:1: the rule is longer than 32768 bytes: split it"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ruleset *r = sighted_ruleset();
        struct complaint why = {""};
        char *text = long_rule(rows[i].count, rows[i].len);

        assert_true(ruleset_add_text(r, "t", bytes_str(text), &why));
        assert_int_equal(ruleset_n(r), rows[i].complaint == NULL);
        assert_int_equal(ruleset_n_refused(r), rows[i].complaint != NULL);
        if (rows[i].complaint)
            assert_string_equal(ruleset_refusal(r, 0), rows[i].complaint);
        free(text);
        ruleset_free(r);
    }
}

static void no_more_than_65536(void **state)
{
    struct ruleset *r = sighted_ruleset();
    struct complaint why = {""};
    struct sighted it;
    size_t size = 65537 * 100, used = 0;
    char *text = malloc(size);

    (void)state;
    assert_non_null(text);
    for (unsigned i = 1; i <= 65536; i++)
        used +=
            (size_t)sprintf(text + used, HEAD "(msg:\"m\"; jndi.stage; content:\"x%u\"; sid:%u;)\n", i, i);
    assert_true(ruleset_add_text(r, "t", bytes_of(text, used), &why));
    assert_int_equal(ruleset_n(r), 65536);
    assert_int_equal(ruleset_by_sid(r, 1, 65536)->line, 65536);
    assert_null(ruleset_by_sid(r, 1, 65537));
    assert_true(ruleset_add_text(r, "u", BYTES_LIT(HEAD "(msg:\"m\"; " GOOD "sid:70000;)"), &why));
    assert_string_equal(ruleset_refusal(r, 0), "u:1: more than 65536 rules: take out those you do not need");
    assert_int_equal(ruleset_n(r), 65536);
    sighted_init(&it);
    sighted_add(&it, "jndi.stage", "x65536");
    assert_int_equal(ruleset_match(r, &it.s)->sid, 6); /* x6 is in x65536, and 6 is the lowest such sid */
    sighted_free(&it);
    free(text);
    ruleset_free(r);
}

/* All that an alert says of a rule. */
static void what_a_rule_says(void **state)
{
    static const char text[] =
        "\xef\xbb\xbf# a comment\r\n"
        "\r\n"
        "alert ldap $HOME_NET any -> \\\r\n"
        "   $EXTERNAL_NET any (msg:\"A \\\"lookup\\\"\\; of\\: it \\\\\"; \\\r\n"
        "   flow:established,to_server; jndi.stage; content:\"lookup\"; \\\r\n"
        "   reference:cve,2021-44228; reference:url,example.org/a\\;b; classtype:attempted-recon; \\\r\n"
        "   metadata:cve CVE_2021_44228, attack_target  Any Server; metadata: tag x; target:src_ip; \\\r\n"
        "   gid:7; sid:4294967295; rev:3;)\r\n"
        "#alert nonsense\n"
        "alert udp any any <> any any (msg:\"second\"; jndi.name; bsize:>0; priority:4; sid:2;)";
    struct ruleset *r = sighted_ruleset();
    struct complaint why = {""};
    const struct rule *a, *b;

    (void)state;
    if (!ruleset_add_text(r, "t", BYTES_LIT(text), &why))
        fail_msg("%s", why.text);
    assert_int_equal(ruleset_n(r), 2);
    a = ruleset_at(r, 0);
    assert_int_equal(a->sid, 4294967295u);
    assert_int_equal(a->gid, 7);
    assert_int_equal(a->rev, 3);
    assert_int_equal(a->priority, 2);
    assert_string_equal(a->action, "alert");
    assert_string_equal(a->msg, "A \"lookup\"; of: it \\");
    assert_string_equal(a->category, "Attempted Information Leak");
    assert_int_equal(a->n_metadata, 3);
    assert_string_equal(a->metadata[0].key, "cve");
    assert_string_equal(a->metadata[0].value, "CVE_2021_44228");
    assert_string_equal(a->metadata[1].value, "Any Server");
    assert_string_equal(a->metadata[2].key, "tag");
    assert_int_equal(a->n_references, 2);
    assert_string_equal(a->references[0], "cve,2021-44228");
    assert_string_equal(a->references[1], "url,example.org/a;b");
    assert_int_equal(a->target, RULE_TARGET_SRC_IP);
    assert_string_equal(a->file, "t");
    assert_int_equal(a->line, 3);
    b = ruleset_at(r, 1);
    assert_int_equal(b->gid, 1);
    assert_int_equal(b->rev, 0);
    assert_int_equal(b->priority, 4);
    assert_int_equal(b->line, 10);
    assert_string_equal(b->category, "");
    assert_null(ruleset_at(r, 2));
    assert_ptr_equal(ruleset_by_sid(r, 7, 4294967295u), a);
    assert_ptr_equal(ruleset_by_sid(r, 1, 2), b);
    assert_null(ruleset_by_sid(r, 1, 4294967295u));
    ruleset_free(r);
}

static uint32_t speaker(const char *const rules[])
{
    struct ruleset *r = sighted_ruleset();
    struct complaint why = {""};
    struct sighted it;
    const struct rule *rule;
    uint32_t sid;

    for (unsigned i = 0; rules[i]; i++) {
        char text[512];

        snprintf(text, sizeof text, HEAD "(msg:\"m\"; %s)", rules[i]);
        if (!ruleset_add_text(r, "t", bytes_str(text), &why))
            fail_msg("%s", why.text);
    }
    sighted_init(&it);
    sighted_add_all(&it, "jndi.stage=lookup jndi.name=ldap://x/a");
    rule = ruleset_match(r, &it.s);
    sid = rule ? rule->sid : 0;
    sighted_free(&it);
    ruleset_free(r);
    return sid;
}

#define SPEAKER(...) speaker((const char *const[]){__VA_ARGS__, NULL})
#define STAGE        "jndi.stage; content:\"lookup\"; "

static void one_rule_speaks(void **state)
{
    (void)state;
    assert_int_equal(SPEAKER(STAGE "sid:1;"), 1);
    assert_int_equal(SPEAKER("jndi.stage; content:\"other\"; sid:1;"), 0);
    /* The most severe; 3 when nothing says how severe. */
    assert_int_equal(SPEAKER(STAGE "sid:1; priority:2;", STAGE "sid:2; priority:1;"), 2);
    assert_int_equal(SPEAKER(STAGE "sid:1;", STAGE "sid:2; classtype:attempted-admin;"), 2);
    assert_int_equal(SPEAKER(STAGE "sid:1; priority:4;", STAGE "sid:2;"), 2);
    /* priority beats the classtype's, wherever it stands. */
    assert_int_equal(SPEAKER(STAGE "sid:1; priority:4; classtype:attempted-admin;", STAGE "sid:2;"), 2);
    assert_int_equal(SPEAKER(STAGE "sid:1; classtype:attempted-admin; priority:4;", STAGE "sid:2;"), 2);
    /* Then the one that asks more: contents, sizes, flow, header. */
    assert_int_equal(SPEAKER(STAGE "sid:1;", STAGE "content:\"look\"; sid:2;"), 2);
    assert_int_equal(SPEAKER(STAGE "sid:1;", STAGE "bsize:6; sid:2;"), 2);
    assert_int_equal(SPEAKER(STAGE "sid:1;", STAGE "flow:to_server; sid:2;"), 2);
    assert_int_equal(SPEAKER(STAGE "sid:1;", STAGE "jndi.name; content:!\"zz\"; sid:2;"), 2);
    assert_int_equal(SPEAKER(STAGE "content:\"a\"; priority:3; sid:2;", STAGE "sid:1;"),
                     1); /* lookup has no a */
    /* Then the lower sid, in whatever order they were read. */
    assert_int_equal(SPEAKER(STAGE "sid:9;", STAGE "sid:5;", STAGE "sid:7;"), 5);
    assert_int_equal(SPEAKER(STAGE "sid:5; gid:2;", STAGE "sid:5;"), 5);
}

static void narrower_headers_speak_first(void **state)
{
    struct ruleset *r = sighted_ruleset();
    struct complaint why = {""};
    struct sighted it;

    (void)state;
    assert_true(
        ruleset_add_text(r, "t",
                         BYTES_LIT("alert ip any any -> any any (msg:\"m\"; " STAGE "sid:1;)\n"
                                   "alert ldap $HOME_NET any -> any any (msg:\"m\"; " STAGE "sid:2;)\n"
                                   "alert ldap any any -> any any (msg:\"m\"; " STAGE "sid:3;)\n"),
                         &why));
    sighted_init(&it);
    sighted_add(&it, "jndi.stage", "lookup");
    assert_int_equal(ruleset_match(r, &it.s)->sid, 2);
    it.s.app_proto = "http";
    assert_int_equal(ruleset_match(r, &it.s)->sid, 1);
    sighted_free(&it);
    ruleset_free(r);
}

/* A rule that is refused takes no other with it, and there is no end to how many are counted. */
static void a_rule_is_refused_alone(void **state)
{
    struct ruleset *r = sighted_ruleset();
    struct complaint why = {""};
    char many[400 * 32] = "";

    (void)state;
    assert_true(ruleset_add_text(r, "a", BYTES_LIT(HEAD "(msg:\"m\"; " GOOD "sid:1;)\n"), &why));
    assert_true(
        ruleset_add_text(r, "b",
                         BYTES_LIT(HEAD "(msg:\"m\"; " GOOD "pcre:\"/y/\"; sid:1;)\n" HEAD "(msg:\"m\"; " GOOD
                                        "pcre:\"/x/\"; sid:2;)\n" HEAD "(sid:3;)\n"),
                         &why));
    assert_int_equal(ruleset_n_refused(r), 2);
    assert_string_equal(ruleset_refusal(r, 0),
                        "b:1: sid 1: the rule at a:1 has this sid already: give each its own");
    assert_string_equal(ruleset_refusal(r, 1),
                        "b:3: sid 3: the rule has no msg: write msg:\"what it found\";");
    assert_int_equal(ruleset_n(r), 2);
    assert_string_equal(ruleset_by_sid(r, 1, 1)->file, "a");
    assert_non_null(ruleset_by_sid(r, 1, 2));
    for (unsigned i = 0; i < 400; i++)
        strcat(many, "alert nonsense (sid:9;)\n");
    assert_true(ruleset_add_text(r, "c", bytes_str(many), &why));
    assert_int_equal(ruleset_n_refused(r), 402);
    assert_non_null(ruleset_refusal(r, RULESET_REFUSALS_KEPT - 1));
    assert_null(ruleset_refusal(r, RULESET_REFUSALS_KEPT));
    assert_string_equal(why.text, "");
    ruleset_free(r);
}

static void files(void **state)
{
    struct ruleset *r = sighted_ruleset();
    struct complaint why = {""};
    char path[] = "test_rules.XXXXXX", expected[128];
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");

    (void)state;
    assert_non_null(f);
    fputs("# nothing yet\n" HEAD "(sid:3;)\n" HEAD "(msg:\"m\"; sid:2; nocase;)\n", f);
    fclose(f);
    assert_true(ruleset_add_file(r, path, &why));
    snprintf(expected, sizeof expected, "%s:3: sid 2: keyword 'nocase'", path);
    assert_non_null(ruleset_refusal(r, 1));
    assert_memory_equal(ruleset_refusal(r, 1), expected, strlen(expected));
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(HEAD "(msg:\"m\"; " GOOD "sid:1;)", f);
    fclose(f);
    snprintf(expected, sizeof expected, "%s", path);
    assert_true(ruleset_add_file(r, path, &why));
    assert_int_equal(unlink(path), 0);
    memset(path, 0, sizeof path);
    assert_string_equal(ruleset_at(r, 0)->file, expected);
    why.text[0] = 0;
    assert_false(ruleset_add_file(r, "no/such.rules", &why));
    assert_string_equal(why.text,
                        "no/such.rules: No such file or directory: name a file of rules that can be read");
    why.text[0] = 0;
    assert_false(ruleset_add_file(r, ".", &why));
    assert_string_equal(why.text, ".: Is a directory: name a file of rules that can be read");
    ruleset_free(r);
}

/* Every rule cut at every byte: refused with words or read, never beyond its memory. */
static void cut_anywhere(void **state)
{
    static const char text[] =
        HEAD "(msg:\"a\\\"\"; jndi.name; content:!\"|0d|\\\\\"; offset:1; isdataat:!1,relative; "
             "pcre:\"/a/R\"; bsize:1<>9; metadata:a b; reference:cve,1; sid:1;)";

    (void)state;
    for (size_t cut = 0; cut < sizeof text; cut++) {
        struct ruleset *r = sighted_ruleset();
        struct complaint why = {""};
        uint8_t *exact = malloc(cut ? cut : 1);

        assert_non_null(exact);
        memcpy(exact, text, cut);
        assert_true(ruleset_add_text(r, "t", bytes_of(exact, cut), &why));
        assert_int_equal(ruleset_n(r), cut == sizeof text - 1);
        assert_int_equal(ruleset_n_refused(r), cut != 0 && cut != sizeof text - 1);
        free(exact);
        ruleset_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_refusal),
        cmocka_unit_test(each_foreign_keyword),
        cmocka_unit_test(bounds),
        cmocka_unit_test(no_more_than_65536),
        cmocka_unit_test(what_a_rule_says),
        cmocka_unit_test(one_rule_speaks),
        cmocka_unit_test(narrower_headers_speak_first),
        cmocka_unit_test(a_rule_is_refused_alone),
        cmocka_unit_test(files),
        cmocka_unit_test(cut_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
