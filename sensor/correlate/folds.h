/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORRELATE_FOLDS_H
#define CORRELATE_FOLDS_H

#include "correlate/correlate.h"
#include "correlate/table.h"

/* Repeats of one sighting: told once when it is seen first, and once more at the end of the window, with how
 * often it was seen. The same means: the same rule, the same two ends (the client's port aside), in the same
 * direction, the same text at the same place, and the same incident; another victim, port, place or text is
 * another sighting. */

#define FOLD_NAME_MAX 255 /* bytes of a name that is carried into the update; a longer one is left out */

struct fold {
    struct table_entry entry;
    uint64_t n; /* sightings, the first among them */
    uint64_t first_us, first_packet, first_flow_id;
    uint64_t due_us;                    /* the window's end */
    uint64_t incident;                  /* id; 0: of none */
    uint8_t stage, verdict, confidence; /* with the first */
    struct record_head last;
    char app_proto[16];
    char name[FOLD_NAME_MAX + 1]; /* the lookup's; "" for none */
};

struct folds;

/* ended is called with each fold that had repeats, when its window is over or when it has to make room
 * (correlate.folds_early). Holds at most max_bytes. NULL when memory is short. */
struct folds *folds_new(size_t max_bytes, uint64_t window_us, uint64_t seed,
                        void (*ended)(void *arg, const struct fold *fold), void *arg);
void folds_free(struct folds *f);          /* without telling; NULL is welcome */
size_t folds_bytes(const struct folds *f); /* kept now */

/* What makes two records the same sighting. */
struct table_key folds_key(const struct folds *f, const struct record *r, uint64_t incident);

/* True when the same was told within the window: then it is counted there, and is not to be told. */
bool folds_count(struct folds *f, const struct table_key *key, const struct record *r);

/* It is being told now: what is the same from here on is a repeat. */
void folds_begin(struct folds *f, const struct table_key *key, const struct record *r, enum stage stage,
                 uint64_t incident, enum incident_verdict verdict, uint8_t confidence);

/* Packet time: ends the windows that are over. */
void folds_clock(struct folds *f, uint64_t now_us);

/* The input is over, or time was set back: all windows are. */
void folds_finish(struct folds *f);

#endif
