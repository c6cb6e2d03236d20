/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUPPORT_CAPTURE_FILE_H
#define SUPPORT_CAPTURE_FILE_H

#include "capture/capture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Every test works in a fresh folder, and names what it writes there (8 paths at most) by folder_path. */
int folder_set_up(void **state);
int folder_clean_up(void **state);
const char *folder_path(const char *name);
const char *folder_file(const char *name, const char *text);
void folder_forget(void); /* all paths: the files stay */

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_clean_up)

/* What stderr says between the two: the one line about a bad file is part of the promise. */
void log_catch(void);
const char *log_caught(void);
unsigned lines_of(const char *text);

/* A little-endian pcap file in memory, field by field, so that any of them can be wrong. */
struct image {
    uint8_t p[4096];
    size_t len;
};

#define MICRO 0xa1b2c3d4u
#define NANO  0xa1b23c4du

/* The low n bytes of value. */
void image_put(struct image *i, uint64_t value, unsigned n);
void image_begin(struct image *i, uint32_t magic, uint32_t snaplen, uint32_t link_type);
void image_packet(struct image *i, uint32_t sec, uint32_t fraction, uint32_t wire_len, const char *data,
                  uint32_t len);

/* An Ethernet frame of a type: enough for a filter to tell them apart. */
void image_frame(struct image *i, uint32_t sec, uint16_t type);

/* The first len bytes of it, as a file of the folder: its path. */
const char *image_write(const char *name, const struct image *i, size_t len);

/* Without a complaint, or the test fails. */
struct capture *files_open(const char *const *files, unsigned n, const char *bpf);

/* Reads to the end; the number of frames. */
unsigned files_drain(struct capture *c);

#endif
