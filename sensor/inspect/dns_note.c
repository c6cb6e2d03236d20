/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/dns_note.h"

enum { TYPE_A = 1, TYPE_TXT = 16, TYPE_AAAA = 28, TYPE_ANY = 255, CLASS_IN = 1 };

#define FLAG_RESPONSE  0x8000
#define FLAG_TRUNCATED 0x0200
#define FLAGS_OF_JDK   0x0100 /* RD alone: com.sun.jndi.dns.DnsClient.makeQueryMessage, and on the wire */

static struct bytes keep(struct dns_note *n, struct bytes text)
{
    struct bytes kept = {n->room + n->used, text.len};

    if (text.len == 0 || text.len > sizeof n->room - n->used)
        return (struct bytes){NULL, 0};
    memcpy(n->room + n->used, text.p, text.len);
    n->used += text.len;
    return kept;
}

/* id(2) flags(2) questions(2) answers(2) authorities(2) additionals(2) */
void dns_note_begin(struct dns_note *n, struct bytes head, bool texts)
{
    struct cursor c = cursor_over(head);

    n->view = (struct dns_view){0};
    n->view.id = cursor_u16be(&c);
    n->view.flags = cursor_u16be(&c);
    n->view.response = n->view.flags & FLAG_RESPONSE;
    n->view.truncated = n->view.flags & FLAG_TRUNCATED;
    n->view.opcode = n->view.flags >> 11 & 15;
    n->view.rcode = n->view.flags & 15;
    n->plain = cursor_u16be(&c) == 1;
    n->plain &= cursor_u16be(&c) == 0;
    n->plain &= cursor_u32be(&c) == 0;
    n->texts = texts;
    n->used = 0;
}

void dns_note_question(struct dns_note *n, struct bytes name, uint16_t type, uint16_t class)
{
    n->plain &= class == CLASS_IN;
    if (n->view.name.p || n->view.type) {
        if (n->view.n_more < DNS_VIEW_MORE)
            n->view.more[n->view.n_more++] = keep(n, name);
        return;
    }
    n->view.name = keep(n, name);
    n->view.type = type;
}

void dns_note_answer(struct dns_note *n, struct bytes name, uint16_t type, uint32_t ttl, struct bytes text,
                     struct bytes data)
{
    struct dns_record_view *r = &n->view.answers[n->view.n_answers];
    bool address = (type == TYPE_A && data.len == 4) || (type == TYPE_AAAA && data.len == 16);

    if (n->view.n_answers == DNS_VIEW_ANSWERS || (!address && !n->texts))
        return;
    *r = (struct dns_record_view){.type = type, .ttl = ttl};
    if (n->texts) {
        r->name = keep(n, name);
        r->text = keep(n, text);
    }
    if (address)
        r->addr = type == TYPE_A ? addr_v4(data.p) : addr_v6(data.p);
    n->view.n_answers++;
}

void dns_note_end(struct dns_note *n)
{
    n->view.jndi = n->plain && n->view.flags == FLAGS_OF_JDK && n->view.name.len > 0 &&
                   (n->view.type == TYPE_TXT || n->view.type == TYPE_ANY);
}
