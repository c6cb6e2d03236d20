/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/traffic_state.h"
#include "base/count.h"
#include "base/mix.h"

#include <stdlib.h>
#include <xxhash.h>

/* --- names --- */

/* An open hash of places in list, plus one; a power of two, at most half full. */
struct state_names {
    struct name {
        enum state_kind kind;
        uint32_t number;
        char *text;
    } * list;
    uint32_t *slots;
    uint32_t n, room;
    uint32_t n_of[STATE_KINDS];
};

struct state_names *state_names_new(void)
{
    return calloc(1, sizeof(struct state_names));
}

void state_names_free(struct state_names *n)
{
    if (!n)
        return;
    for (uint32_t i = 0; i < n->n; i++)
        free(n->list[i].text);
    free(n->list);
    free(n->slots);
    free(n);
}

uint32_t state_names_n(const struct state_names *n, enum state_kind kind)
{
    return n->n_of[kind];
}

/* Where the name is, or would be put. */
static uint32_t *name_slot(const struct state_names *n, enum state_kind kind, const char *name)
{
    uint32_t mask = 2 * n->room - 1, at = (uint32_t)XXH3_64bits_withSeed(name, strlen(name), kind) & mask;

    while (n->slots[at]) {
        const struct name *there = &n->list[n->slots[at] - 1];

        if (there->kind == kind && strcmp(there->text, name) == 0)
            break;
        at = (at + 1) & mask;
    }
    return &n->slots[at];
}

static bool names_grow(struct state_names *n)
{
    uint32_t room = n->room ? 2 * n->room : 16;
    struct name *list = realloc(n->list, room * sizeof *list);
    uint32_t *slots = calloc(2 * room, sizeof *slots);

    if (list)
        n->list = list;
    if (!list || !slots) {
        free(slots);
        return false;
    }
    free(n->slots);
    n->slots = slots;
    n->room = room;
    for (uint32_t i = 0; i < n->n; i++)
        *name_slot(n, list[i].kind, list[i].text) = i + 1;
    return true;
}

/* A number is the place among names of its kind: bits of a flow are few words then. */
uint32_t state_number(struct state_names *n, enum state_kind kind, const char *name)
{
    uint32_t *slot;
    char *copy;

    if (n->n == n->room && !names_grow(n))
        return STATE_NONE;
    slot = name_slot(n, kind, name);
    if (*slot)
        return n->list[*slot - 1].number;
    copy = strdup(name);
    if (!copy)
        return STATE_NONE;
    n->list[n->n] = (struct name){kind, n->n_of[kind]++, copy};
    *slot = ++n->n;
    return n->list[n->n - 1].number;
}

bool state_ask_init(struct state_ask *a, const struct rule_state *state, struct state_names *names)
{
    a->state = state;
    a->value_name = STATE_NONE;
    for (unsigned i = 0; i < state->n_names; i++) {
        a->names[i] = state_number(names, state->kind, state->names[i]);
        if (a->names[i] == STATE_NONE)
            return false;
    }
    if (state->value_name) {
        a->value_name = state_number(names, state->kind, state->value_name);
        return a->value_name != STATE_NONE;
    }
    return true;
}

/* --- of a flow --- */

void flow_marks_drop(struct flow_marks *s)
{
    free(s->bits);
    free(s->ints);
    *s = (struct flow_marks){0};
}

size_t flow_marks_size(const struct flow_marks *s)
{
    return s->n_words * sizeof *s->bits + s->n_ints * sizeof *s->ints;
}

static bool bit_is_set(const struct flow_marks *s, uint32_t bit)
{
    return bit / 64 < s->n_words && (s->bits[bit / 64] >> bit % 64 & 1);
}

static void bit_put(struct flow_marks *s, uint32_t bit, bool on)
{
    uint32_t words = bit / 64 + 1;

    if (words > s->n_words) {
        uint64_t *bits = on ? realloc(s->bits, words * sizeof *bits) : NULL;

        if (!on)
            return;
        if (!bits) {
            count(COUNT_TRAFFIC_MEMORY);
            return;
        }
        memset(bits + s->n_words, 0, (words - s->n_words) * sizeof *bits);
        s->bits = bits;
        s->n_words = words;
    }
    if (on)
        s->bits[bit / 64] |= UINT64_C(1) << bit % 64;
    else
        s->bits[bit / 64] &= ~(UINT64_C(1) << bit % 64);
}

static struct flow_int *int_find(const struct flow_marks *s, uint32_t name)
{
    for (uint32_t i = 0; i < s->n_ints; i++)
        if (s->ints[i].name == name)
            return &s->ints[i];
    return NULL;
}

static struct flow_int *int_make(struct flow_marks *s, uint32_t name)
{
    struct flow_int *ints;

    if (s->n_ints == STATE_FLOWINTS_MAX) {
        count(COUNT_TRAFFIC_MEMORY);
        return NULL;
    }
    ints = realloc(s->ints, (s->n_ints + 1) * sizeof *ints);
    if (!ints) {
        count(COUNT_TRAFFIC_MEMORY);
        return NULL;
    }
    s->ints = ints;
    ints[s->n_ints] = (struct flow_int){name, 0};
    return &ints[s->n_ints++];
}

static bool int_value(const struct state_ask *a, const struct flow_marks *s, uint32_t *value)
{
    const struct flow_int *other;

    *value = a->state->value;
    if (a->value_name == STATE_NONE)
        return true;
    other = int_find(s, a->value_name);
    if (other)
        *value = other->value;
    return other != NULL;
}

static bool compares(enum rule_compare how, uint32_t left, uint32_t right)
{
    switch (how) {
    case COMPARE_EQUAL:
        return left == right;
    case COMPARE_DIFFERENT:
        return left != right;
    case COMPARE_LESS:
        return left < right;
    case COMPARE_LESS_EQUAL:
        return left <= right;
    case COMPARE_MORE:
        return left > right;
    case COMPARE_MORE_EQUAL:
        return left >= right;
    case COMPARE_BETWEEN:
    case COMPARE_AND:
    case COMPARE_XOR:
        break; /* flowint knows none of these */
    }
    return false;
}

static bool int_holds(const struct state_ask *a, const struct flow_marks *s)
{
    const struct flow_int *i = int_find(s, a->names[0]);
    uint32_t value;

    if (a->state->action == STATE_ISSET)
        return i != NULL;
    if (a->state->action == STATE_ISNOTSET)
        return i == NULL;
    return i && int_value(a, s, &value) && compares(a->state->how, i->value, value);
}

/* Suricata begins to count where nothing was assigned: from 0, and only upwards. */
static void int_do(const struct state_ask *a, struct flow_marks *s)
{
    struct flow_int *i;
    uint32_t value;

    if (!int_value(a, s, &value))
        return;
    i = int_find(s, a->names[0]);
    if (!i && a->state->action != STATE_SUBTRACT)
        i = int_make(s, a->names[0]);
    if (!i)
        return;
    if (a->state->action == STATE_ASSIGN)
        i->value = value;
    else if (a->state->action == STATE_ADD)
        i->value += value;
    else if (a->state->action == STATE_SUBTRACT)
        i->value -= value;
}

/* --- of addresses --- */

/* An open hash; a power of two, at most half full. */
#define XBITS_ROOM (2 * STATE_XBITS_MAX)

struct xbit {
    uint64_t until_us; /* 0: free */
    uint32_t name;
    uint32_t track;
    struct addr a, b; /* a pair has the smaller one first */
};

struct xbits {
    uint64_t seed;
    uint32_t n;
    struct xbit *at; /* made with the first bit */
};

struct xbits *xbits_new(bool fixed)
{
    struct xbits *x = calloc(1, sizeof *x);
    uint64_t secrets[MIX_SECRETS];

    if (!x)
        return NULL;
    mix_secrets(fixed, secrets);
    x->seed = secrets[0];
    return x;
}

void xbits_free(struct xbits *x)
{
    if (!x)
        return;
    free(x->at);
    free(x);
}

static struct xbit xbit_key(const struct state_ask *ask, const struct state_place *p)
{
    struct xbit key;
    const struct addr *a = p->src, *b = p->dst;

    memset(&key, 0, sizeof key);
    key.name = ask->names[0];
    key.track = (uint32_t)ask->state->track;
    if (ask->state->track == XBITS_DST)
        a = p->dst;
    if (ask->state->track == XBITS_PAIR && memcmp(a, b, sizeof *a) > 0) {
        a = p->dst;
        b = p->src;
    }
    key.a = *a;
    if (ask->state->track == XBITS_PAIR)
        key.b = *b;
    return key;
}

static bool xbit_same(const struct xbit *a, const struct xbit *b)
{
    return a->name == b->name && a->track == b->track && memcmp(&a->a, &b->a, sizeof a->a) == 0 &&
           memcmp(&a->b, &b->b, sizeof a->b) == 0;
}

static uint32_t xbit_slot(const struct xbits *x, const struct xbit *key)
{
    size_t from = offsetof(struct xbit, name);
    uint64_t hash = XXH3_64bits_withSeed((const uint8_t *)key + from, sizeof *key - from, x->seed);

    return (uint32_t)hash & (XBITS_ROOM - 1);
}

/* Where it is, or would be put. */
static struct xbit *xbit_find(struct xbits *x, const struct xbit *key)
{
    uint32_t slot = xbit_slot(x, key);

    while (x->at[slot].until_us && !xbit_same(&x->at[slot], key))
        slot = (slot + 1) & (XBITS_ROOM - 1);
    return &x->at[slot];
}

/* Takes one out, and moves up those that stand behind it because of it. */
static void xbit_remove(struct xbits *x, struct xbit *at)
{
    uint32_t hole = (uint32_t)(at - x->at), slot = hole;

    at->until_us = 0;
    x->n--;
    for (;;) {
        uint32_t home;

        slot = (slot + 1) & (XBITS_ROOM - 1);
        if (!x->at[slot].until_us)
            return;
        home = xbit_slot(x, &x->at[slot]);
        if (((slot - home) & (XBITS_ROOM - 1)) < ((slot - hole) & (XBITS_ROOM - 1)))
            continue;
        x->at[hole] = x->at[slot];
        x->at[slot].until_us = 0;
        hole = slot;
    }
}

/* The ceiling is reached: those that are over go; when there are none, the one that would go first. */
static void xbits_make_room(struct xbits *x, uint64_t now_us)
{
    struct xbit *first = NULL;
    uint32_t before = x->n;

    for (uint32_t i = 0; i < XBITS_ROOM; i++) {
        while (x->at[i].until_us && x->at[i].until_us <= now_us)
            xbit_remove(x, &x->at[i]);
        if (x->at[i].until_us && (!first || x->at[i].until_us < first->until_us))
            first = &x->at[i];
    }
    if (x->n < before || !first)
        return;
    count(COUNT_TRAFFIC_MEMORY);
    xbit_remove(x, first);
}

static bool xbit_is_set(const struct state_ask *a, const struct state_place *p)
{
    struct xbit key = xbit_key(a, p), *at;

    if (!p->xbits->at)
        return false;
    at = xbit_find(p->xbits, &key);
    return at->until_us > p->now_us;
}

static void xbit_put(const struct state_ask *a, const struct state_place *p, bool on)
{
    struct xbits *x = p->xbits;
    struct xbit key = xbit_key(a, p), *at;

    if (!x->at)
        x->at = on ? calloc(XBITS_ROOM, sizeof *x->at) : NULL;
    if (!x->at) {
        count_add(COUNT_TRAFFIC_MEMORY, on);
        return;
    }
    at = xbit_find(x, &key);
    if (!on) {
        if (at->until_us)
            xbit_remove(x, at);
        return;
    }
    if (!at->until_us) {
        if (x->n == STATE_XBITS_MAX) {
            xbits_make_room(x, p->now_us);
            at = xbit_find(x, &key);
        }
        *at = key;
        x->n++;
    }
    at->until_us = p->now_us + (uint64_t)a->state->expire * 1000000 + 1;
}

/* --- any of them --- */

static bool is_set(const struct state_ask *a, const struct state_place *p)
{
    if (a->state->kind == STATE_XBITS)
        return xbit_is_set(a, p);
    for (unsigned i = 0; i < a->state->n_names; i++)
        if (bit_is_set(p->flow, a->names[i]))
            return true;
    return false;
}

static void put(const struct state_ask *a, const struct state_place *p, bool on)
{
    if (a->state->kind == STATE_XBITS)
        xbit_put(a, p, on);
    else
        bit_put(p->flow, a->names[0], on);
}

bool state_holds(const struct state_ask *a, const struct state_place *p)
{
    if (a->state->kind == STATE_FLOWINT)
        return int_holds(a, p->flow);
    return is_set(a, p) == (a->state->action == STATE_ISSET);
}

void state_do(const struct state_ask *a, const struct state_place *p)
{
    if (a->state->kind == STATE_FLOWINT) {
        int_do(a, p->flow);
        return;
    }
    switch (a->state->action) {
    case STATE_SET:
        put(a, p, true);
        break;
    case STATE_UNSET:
        put(a, p, false);
        break;
    case STATE_TOGGLE:
        put(a, p, !is_set(a, p));
        break;
    default:
        break;
    }
}
