/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_CRAFT_H
#define SUPPORT_CRAFT_H

#include "base/count.h"
#include "decode/decode.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* A frame in the making. Every length is a parameter somewhere, so that it can be wrong. */
struct craft {
    uint8_t p[4096];
    size_t len;
};

#define REQUEST     "GET / HTTP/1.0\r\n\r\n"
#define REQUEST_LEN (sizeof REQUEST - 1)

/* Appends the low n bytes of value, in network order. */
void craft_put(struct craft *w, uint64_t value, unsigned n);
void craft_text(struct craft *w, const char *text);
void craft_set16(struct craft *w, size_t at, uint32_t value);

/* Starts anew; all others append. */
void craft_ethernet(struct craft *w, uint16_t type);

/* 10.99.0.3 to 198.51.100.5, id beef; 2001:db8::1 to 2001:db8::2. Checksums are 0. */
void craft_ipv4(struct craft *w, uint8_t proto, uint32_t total, uint32_t place);
void craft_ipv6(struct craft *w, uint8_t next, uint32_t len);

/* Port 40000 to 8080, or to 53. */
void craft_tcp(struct craft *w, unsigned words, uint8_t flags);
void craft_udp(struct craft *w, uint32_t len);

/* IP, TCP and REQUEST. */
void craft_request4(struct craft *w);
void craft_request6(struct craft *w);

/* Starts anew: Ethernet, IPv6, n extension headers of 8 bytes each (AH: 16; fragment: atomic), TCP, REQUEST.
 */
void craft_chain(struct craft *w, const uint8_t *kinds, unsigned n);

/* A decoder and the packet it filled last, for one test. */
extern struct decode *decoder;
extern struct packet out;

int craft_set_up(void **state);
int craft_clean_up(void **state);
void decoder_set(enum checksum_checks checksums, unsigned max_layers);
void decoder_assign(const char *assignment); /* of a setting, as --set has it */

#define CRAFT_TEST(name) cmocka_unit_test_setup_teardown(name, craft_set_up, craft_clean_up)

/* Decodes a copy in memory of exactly its size into out, which points into the copy until the next call.
 * Asserts that one counter, and only one, says what became of the frame: that is the answer. */
enum counter decode_bytes(const uint8_t *p, size_t len, size_t wire_len, int link_type);
enum counter craft_decode(const struct craft *w, int link_type);

/* The one counter that has moved since; asserts that there is one. */
enum counter outcome_since(const uint64_t before[COUNT_N]);

/* out is the request of craft_request4 or craft_request6, whatever was around it. */
void assert_request(void);
void assert_request4(const struct craft *w, int link_type, unsigned n_vlans);
void assert_request6(const struct craft *w, int link_type);

#endif
