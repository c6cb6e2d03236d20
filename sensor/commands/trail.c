/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/trail.h"

#include <stdlib.h>

struct trail *trail_new(void)
{
    return calloc(1, sizeof(struct trail));
}

void trail_free(struct trail *t)
{
    if (!t)
        return;
    for (unsigned i = 0; i < TRAIL_MAX_LAYERS; i++)
        buf_drop(&t->layers[i].text);
    for (unsigned i = 0; i < TRAIL_MAX_STEPS; i++)
        buf_drop(&t->steps[i].text);
    free(t);
}

void trail_clear(struct trail *t)
{
    t->taken = t->n_steps = 0;
    t->kept = 0;
    t->cut = false;
}

static void put(struct trail_step *step, const char *what, struct bytes text)
{
    step->what = what;
    step->text.ceiling = TRAIL_MAX_TEXT;
    buf_clear(&step->text);
    buf_add(&step->text, text);
}

/* The step takes the place of the last one when it is of the same kind, or when there is no room for another.
 */
static void add_step(struct trail *t, const char *what, struct bytes text)
{
    struct trail_step *last = t->n_steps ? &t->steps[t->n_steps - 1] : NULL;
    bool same = last && strcmp(last->what, what) == 0;

    if (last && !same && (t->n_steps == TRAIL_MAX_STEPS || t->kept + text.len > TRAIL_MAX_TEXT))
        same = t->cut = true;
    if (same)
        t->kept -= last->text.len;
    else
        last = &t->steps[t->n_steps++];
    put(last, what, text);
    t->kept += last->text.len;
}

void trail_note(void *trail, enum reading_event event, unsigned taken, const char *what, struct bytes text)
{
    struct trail *t = trail;

    switch (event) {
    case READING_LAYER:
        if (taken < TRAIL_MAX_LAYERS)
            put(&t->layers[taken], what, text);
        break;
    case READING_BEGIN:
        trail_clear(t);
        t->taken = taken < TRAIL_MAX_LAYERS ? taken : TRAIL_MAX_LAYERS;
        break;
    case READING_STEP:
        add_step(t, what, text);
        break;
    }
}

const struct trail_step *trail_step(const struct trail *t, unsigned i)
{
    if (i < t->taken)
        return &t->layers[i];
    i -= t->taken;
    return i < t->n_steps ? &t->steps[i] : NULL;
}
