/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_JSONW_H
#define BASE_JSONW_H

#include "base/buf.h"

/* Writes JSON into a buf. The output is valid JSON and valid UTF-8 whatever the strings hold; nothing is
 * allocated but the buf's own growth. When the ceiling is hit, ok turns false and the text is of no use. */
struct jsonw {
    struct buf *out;
    bool ok;
    bool comma; /* a value has been written at this level */
};

static inline struct jsonw jsonw_to(struct buf *out)
{
    return (struct jsonw){.out = out, .ok = true};
}

/* key is a literal that needs no escaping; NULL inside arrays and at the root. */
void jsonw_object(struct jsonw *w, const char *key);
void jsonw_end_object(struct jsonw *w);
void jsonw_array(struct jsonw *w, const char *key);
void jsonw_end_array(struct jsonw *w);

/* A string from the wire. Controls become \u00XX; when one byte is not UTF-8 (RFC 3629), every byte above
 * 0x7e is written as the text \xNN, as Suricata does, so that no evidence is lost. */
void jsonw_bytes(struct jsonw *w, const char *key, struct bytes value);
void jsonw_str(struct jsonw *w, const char *key, const char *value);

/* A key that is not a literal (from the operator's rules): escaped like a value. */
void jsonw_array_named(struct jsonw *w, struct bytes key);

void jsonw_u64(struct jsonw *w, const char *key, uint64_t value);
void jsonw_bool(struct jsonw *w, const char *key, bool value);
void jsonw_base64(struct jsonw *w, const char *key, struct bytes value);

/* Suricata's payload_printable: printable ASCII, CR and LF stay, anything else becomes a dot. */
void jsonw_printable(struct jsonw *w, const char *key, struct bytes value);

/* Length of the well-formed UTF-8 sequence at the front of b (RFC 3629 section 4), 0 when there is none. */
size_t utf8_sequence(struct bytes b);

/* True when all of b is well-formed UTF-8. */
bool utf8_valid(struct bytes b);

#endif
