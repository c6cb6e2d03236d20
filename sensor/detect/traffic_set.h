/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_TRAFFIC_SET_H
#define DETECT_TRAFFIC_SET_H

#include "detect/traffic_plan.h"

/* Making of a traffic_set: rules are noted one by one, then it is compiled. */
struct set_draft {
    struct set_note {
        uint32_t rule;
        enum set_way { SET_PATTERN, SET_START, SET_ALWAYS } way;
        struct bytes text; /* SET_PATTERN: as searched for; SET_START: its first byte counts */
        uint32_t whole;    /* SET_PATTERN: length of the literal that text is the end of */
        bool nocase;
    } * notes;
    unsigned n, room;
    reach_classes classes;
};

/* How a section's values are told to be worth a look: by the literal that they begin with, by the best
 * literal in them, or not at all. False when memory is short. */
bool set_draft_note(struct set_draft *d, uint32_t rule, const struct traffic_section *section,
                    const struct traffic_test *fast);

/* A rule that has no section of this kind, and is always asked. */
bool set_draft_note_always(struct set_draft *d, uint32_t rule);

/* pieces: for texts that come in pieces. Empties the draft. False with a complaint. */
bool set_draft_compile(struct set_draft *d, bool pieces, struct traffic_set *out, struct complaint *why);
void set_draft_drop(struct set_draft *d);
void traffic_set_drop(struct traffic_set *s);

/* Rules worth asking about a text, each once, in their order. mark: a byte for each rule of the plan, all
 * zero between two uses. */
struct traffic_finds {
    struct traffic_find {
        uint32_t rule;
        uint64_t from; /* where its pattern begins, in all of the text */
    } * find;
    unsigned n;
    uint8_t *mark;
    const struct traffic_set *set; /* being looked at */
    uint64_t base;                 /* where it begins, in all of the text */
};

bool traffic_finds_init(struct traffic_finds *f, unsigned n_rules);
void traffic_finds_drop(struct traffic_finds *f);

/* A failed scan finds every rule. */
void traffic_set_find(const struct traffic_set *s, struct bytes text, struct traffic_finds *out);

/* The next piece of a text. first: it begins there. base: where the stream was opened or reset. Without a
 * stream all rules that have a pattern are found. */
void traffic_set_find_piece(const struct traffic_set *s, struct patterns_stream *stream, struct bytes piece,
                            uint64_t base, bool first, struct traffic_finds *out);

/* Whether the rule is asked whatever the text: no pattern finds it. */
bool traffic_set_asks_always(const struct traffic_set *s, uint32_t rule);

/* Sorts, and makes ready for the next text. */
void traffic_finds_sort(struct traffic_finds *f);
void traffic_finds_clear(struct traffic_finds *f);

#endif
