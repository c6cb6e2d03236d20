/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DETECT_TRAFFIC_SET_H
#define DETECT_TRAFFIC_SET_H

#include "detect/traffic_plan.h"

/* Making of a traffic_set: rules are noted one by one, then it is compiled. */
struct set_draft {
    struct set_note {
        uint32_t rule;
        enum set_way { SET_PATTERN, SET_START, SET_ALWAYS } way;
        struct bytes text;  /* SET_PATTERN: as searched for; SET_START: all of it */
        struct bytes brief; /* of a byte or two, and has to be there as well; or none */
        bool leads;         /* the brief stands before the text wherever that counts */
        uint32_t whole;     /* SET_PATTERN: length of the literal that text is the end of */
        bool nocase;
    } * notes;
    unsigned n, room;
    reach_classes classes;
    bool grows; /* of texts that come in pieces, other than streams */
};

/* How a section's values are told to be worth a look: by the literal that they begin with, by the best
 * literal in them, by a short one, or not at all. False when memory is short. */
bool set_draft_note(struct set_draft *d, uint32_t rule, const struct traffic_section *section,
                    const struct traffic_test *fast);

/* A rule that has no section of this kind, and is always asked. */
bool set_draft_note_always(struct set_draft *d, uint32_t rule);

/* Empties the draft. The sections must outlive the set. False with a complaint. */
bool set_draft_compile(struct set_draft *d, struct traffic_set *out, struct complaint *why);
void set_draft_drop(struct set_draft *d);
void traffic_set_drop(struct traffic_set *s);

/* Rules worth asking about a text, each once, in their order. mark: a byte for each rule of the plan, all
 * zero between two uses. */
struct traffic_finds {
    struct traffic_find {
        uint32_t rule;
        bool always;   /* found by no literal: all of the text may count for it */
        uint8_t needs; /* one of the set's shorts: see traffic_set */
        uint64_t from; /* where its pattern begins, in all of the text */
    } * find;
    unsigned n;
    uint8_t *mark;
    const struct traffic_set *set; /* being looked at */
    const struct set_text *text;
    uint64_t base;                  /* where what is searched begins, in all of the text */
    size_t old;                     /* bytes of it that were searched before */
    bool searched;                  /* for all literals; else there were none of the set's gates */
    uint64_t short_end[SET_SHORTS]; /* behind the last place of each short of the set; 0: none is new */
};

/* A text, or the end of one that comes in pieces. */
struct set_text {
    struct bytes window; /* what is there in one piece, the new bytes last */
    size_t fresh;        /* how many are new */
    size_t behind;       /* so many before them were not searched for all literals yet */
    bool lead;           /* a short was found earlier in the text */
    uint64_t at;         /* where the window begins, in all of the text */
    uint64_t begin;      /* where the text began, or went on after its last gap */
    bool first;          /* nothing of it was looked at before */
};

bool traffic_finds_init(struct traffic_finds *f, unsigned n_rules);
void traffic_finds_drop(struct traffic_finds *f);

/* All of a text. A failed scan finds every rule. */
void traffic_set_find(const struct traffic_set *s, struct bytes text, struct traffic_finds *out);

/* What ends in its new bytes. */
void traffic_set_find_new(const struct traffic_set *s, const struct set_text *text,
                          struct traffic_finds *out);

/* False when nothing can be found in the text, from its first byte alone. */
static inline bool traffic_set_may_find(const struct traffic_set *s, struct bytes text)
{
    return text.len ? s->may_begin[text.p[0] / 8] >> text.p[0] % 8 & 1 : s->may_be_empty;
}

/* Sorts, and makes ready for the next text. */
void traffic_finds_sort(struct traffic_finds *f);
void traffic_finds_clear(struct traffic_finds *f);

#endif
