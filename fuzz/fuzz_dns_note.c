/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exercises what is gathered of a DNS message: any records in any order, copies in their room, and a query
 * told from an answer. Bytes: head (12), then for each record type (1), length (1), bytes of name, text and
 * data. */
#include "inspect/dns_note.h"

#include <assert.h>

static void assert_inside(const struct dns_note *n, struct bytes text)
{
    assert(text.len == 0 || (text.p >= n->room && text.p + text.len <= n->room + sizeof n->room));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dns_note n;
    struct cursor c = cursor_over(bytes_of(data, size));
    struct bytes head = cursor_take(&c, size < 12 ? size : 12);

    dns_note_begin(&n, head, size & 1);
    while (cursor_left(&c)) {
        uint8_t type = cursor_u8(&c), len = cursor_u8(&c);
        struct bytes text = cursor_take(&c, len < cursor_left(&c) ? len : cursor_left(&c));

        if (type & 0x80)
            dns_note_question(&n, text, type & 0x7f, type & 1);
        else
            dns_note_answer(&n, text, type, len, bytes_slice(text, 0, text.len / 2), text);
    }
    dns_note_end(&n);
    assert(n.used <= sizeof n.room && n.view.n_answers <= DNS_VIEW_ANSWERS);
    assert(!n.view.jndi || !n.view.response);
    assert_inside(&n, n.view.name);
    for (unsigned i = 0; i < n.view.n_answers; i++) {
        assert_inside(&n, n.view.answers[i].name);
        assert_inside(&n, n.view.answers[i].text);
    }
    return 0;
}
