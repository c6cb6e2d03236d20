/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/talk.h"
#include "inspect/plain.h"

#include "base/count.h"

#include <stdlib.h>

static void talk_drop(struct talk *talk)
{
    if (talk->known && talk->known->inspector->free_state)
        talk->known->inspector->free_state(talk->state);
    free(talk->state);
    *talk = (struct talk){0};
}

const char *talks_name(struct talks *t, unsigned side)
{
    const struct known *known = talk_of(t, side)->known;

    return known ? known->inspector->name : t->plain;
}

void talks_note_plain(struct talks *t, struct bytes first)
{
    if (!t->plain)
        t->plain = plain_name(first);
}

bool talk_become(struct talk *talk, const struct known *known, unsigned client)
{
    size_t size = known->inspector->state_size;

    talk->state = calloc(1, size ? size : 1);
    if (!talk->state) {
        count(COUNT_INSPECT_MEMORY);
        return false;
    }
    talk->known = known;
    talk->client = (uint8_t)client;
    count(known->counter);
    return true;
}

bool talk_become_anew(struct talk *talk, const struct known *known, unsigned client)
{
    talk_drop(talk);
    return talk_become(talk, known, client);
}

void talks_join(struct talks *t, unsigned side)
{
    uint8_t left = t->of[side];

    t->of[side] = t->newest;
    if (left != t->of[!side] && left != t->newest)
        talk_drop(&t->talk[left]);
}

bool talks_change(struct talks *t, unsigned side, bool *is_new)
{
    *is_new = t->of[side] == t->newest;
    if (!*is_new) {
        talks_join(t, side);
        return true;
    }
    if (t->n_changes == TALKS_MAX_CHANGES)
        return false;
    t->n_changes++;
    if (talks_agree(t))
        t->newest = !t->newest;
    /* Nobody is in there: it is empty, or this side was alone in it. */
    talk_drop(&t->talk[t->newest]);
    t->of[side] = t->newest;
    return true;
}

void talks_drop(struct talks *t)
{
    talk_drop(&t->talk[0]);
    talk_drop(&t->talk[1]);
}
