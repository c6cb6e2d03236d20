/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/eve_record.h"
#include "output/text.h"

#include <stdio.h>

/* Names of IANA's registry for what is seen in practice; any other is TYPE and its number (RFC 3597 section
 * 5). */
static const struct {
    uint16_t type;
    const char *name;
} types[] = {
    {1, "A"},    {2, "NS"},     {5, "CNAME"},  {6, "SOA"},     {12, "PTR"},  {13, "HINFO"}, {15, "MX"},
    {16, "TXT"}, {17, "RP"},    {18, "AFSDB"}, {28, "AAAA"},   {33, "SRV"},  {35, "NAPTR"}, {39, "DNAME"},
    {43, "DS"},  {46, "RRSIG"}, {47, "NSEC"},  {48, "DNSKEY"}, {52, "TLSA"}, {64, "SVCB"},  {65, "HTTPS"},
    {99, "SPF"}, {252, "AXFR"}, {255, "ANY"},  {257, "CAA"},
};

static const char *const rcodes[] = {"NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
                                     "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE"};

static void put_type(struct jsonw *w, uint16_t type)
{
    char number[16];

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].type == type) {
            jsonw_str(w, "rrtype", types[i].name);
            return;
        }
    (void)snprintf(number, sizeof number, "TYPE%u", type);
    jsonw_str(w, "rrtype", number);
}

static void put_rcode(struct jsonw *w, uint8_t rcode)
{
    char number[16];

    (void)snprintf(number, sizeof number, "RCODE%u", rcode);
    jsonw_str(w, "rcode", rcode < sizeof rcodes / sizeof rcodes[0] ? rcodes[rcode] : number);
}

static void put_data(struct jsonw *w, const struct dns_record_view *r)
{
    char text[ADDR_TEXT];

    if (r->addr.version) {
        addr_print(&r->addr, text);
        jsonw_str(w, "rdata", text);
    } else if (r->text.len) {
        jsonw_bytes(w, "rdata", text_cut(r->text, EVE_RECORD_TEXT));
    }
}

static void put_answers(struct jsonw *w, const struct dns_view *dns)
{
    if (dns->n_answers == 0)
        return;
    jsonw_array(w, "answers");
    for (unsigned i = 0; i < dns->n_answers && i < EVE_RECORD_ITEMS; i++) {
        const struct dns_record_view *r = &dns->answers[i];

        jsonw_object(w, NULL);
        jsonw_bytes(w, "rrname", text_cut(r->name, 255));
        put_type(w, r->type);
        jsonw_u64(w, "ttl", r->ttl);
        put_data(w, r);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

/* The header's bits as Suricata has them: those of the mask that are set. */
static void put_flags(struct jsonw *w, const struct dns_view *dns, uint16_t mask)
{
    static const struct {
        uint16_t bit;
        const char *key;
    } bits[] = {{0x8000, "qr"}, {0x0400, "aa"}, {0x0200, "tc"}, {0x0100, "rd"}, {0x0080, "ra"}};
    char flags[8];

    (void)snprintf(flags, sizeof flags, "%04x", dns->flags);
    jsonw_str(w, "flags", flags);
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        if (dns->flags & mask & bits[i].bit)
            jsonw_bool(w, bits[i].key, true);
}

static void put_question(struct jsonw *w, const struct dns_view *dns)
{
    jsonw_bytes(w, "rrname", text_cut(dns->name, EVE_RECORD_TEXT));
    put_type(w, dns->type);
}

/* What answers have beside the records. */
static void put_answer_head(struct jsonw *w, const struct dns_view *dns, uint16_t mask)
{
    put_flags(w, dns, mask);
    put_question(w, dns);
    put_rcode(w, dns->rcode);
}

void eve_dns_message(struct jsonw *w, const struct dns_view *dns, uint64_t tx)
{
    if (dns->response) {
        jsonw_object(w, "answer");
        jsonw_u64(w, "version", 2);
    } else {
        jsonw_array(w, "query");
        jsonw_object(w, NULL);
    }
    jsonw_str(w, "type", dns->response ? "answer" : "query");
    jsonw_u64(w, "id", dns->id);
    if (dns->response) {
        put_answer_head(w, dns, 0x8180); /* qr, rd and ra: the schema has no others there */
    } else {
        put_question(w, dns);
        jsonw_u64(w, "tx_id", tx);
    }
    jsonw_u64(w, "opcode", dns->opcode);
    jsonw_end_object(w);
    if (!dns->response)
        jsonw_end_array(w);
}

void eve_dns(struct jsonw *w, const struct dns_view *dns, uint64_t tx)
{
    jsonw_object(w, "dns");
    jsonw_u64(w, "version", 2);
    jsonw_str(w, "type", dns->response ? "answer" : "query");
    jsonw_u64(w, "id", dns->id);
    if (dns->response) {
        put_answer_head(w, dns, 0xffff);
        put_answers(w, dns);
    } else {
        put_question(w, dns);
        jsonw_u64(w, "tx_id", tx);
    }
    jsonw_u64(w, "opcode", dns->opcode);
    jsonw_end_object(w);
}
