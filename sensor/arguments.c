/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arguments.h"

#include <stdio.h>
#include <stdlib.h>

/* A parse under way. */
struct arguments {
    const struct option_table *table;
    char *into;
    int argc, next;
    char *const *argv;
    struct complaint *why;
};

static void *place(const struct arguments *a, size_t at)
{
    return a->into + at;
}

/* Each list could hold all of argv, so that none needs to grow. */
static bool lists_make(const struct arguments *a, const char ***memory)
{
    const struct option_table *t = a->table;
    size_t n = 1, each = (size_t)a->argc;
    const char **at;

    for (unsigned i = 0; i < t->n; i++)
        n += t->rows[i].type == OPTION_LIST;
    at = *memory = calloc(n * each + 1, sizeof **memory);
    if (!at)
        return false;
    ((struct option_list *)place(a, t->words_at))->v = at;
    for (unsigned i = 0; i < t->n; i++)
        if (t->rows[i].type == OPTION_LIST)
            ((struct option_list *)place(a, t->rows[i].at))->v = at += each;
    return true;
}

static void list_add(struct option_list *list, const char *text)
{
    list->v[list->n++] = text;
}

static bool refuse(const struct arguments *a, const struct option_row *row, const char *value,
                   const char *wants)
{
    return complain(a->why, "--%s '%.64s': write %s", row->name, value ? value : "", wants);
}

/* The value's place among the words of a list "a|b|c", from first on. */
static bool set_word(const struct arguments *a, const struct option_row *row, const char *list,
                     unsigned first, const char *value)
{
    struct buf wants = buf_within(256);

    for (unsigned i = 0; *list; i++) {
        size_t len = strcspn(list, "|");
        bool last = !list[len];

        if (strlen(value) == len && strncmp(list, value, len) == 0) {
            *(unsigned *)place(a, row->at) = first + i;
            buf_drop(&wants);
            return true;
        }
        buf_addf(&wants, "%s%.*s", i == 0 ? "" : last ? " or " : ", ", (int)len, list);
        list += len + !last;
    }
    buf_add_byte(&wants, '\0');
    refuse(a, row, value, wants.p ? (const char *)wants.p : "another word");
    buf_drop(&wants);
    return false;
}

static bool option_set(const struct arguments *a, const struct option_row *row, const char *value)
{
    void *slot = place(a, row->at);

    switch (row->type) {
    case OPTION_FLAG:
        *(bool *)slot = true;
        return true;
    case OPTION_MORE:
        ++*(unsigned *)slot;
        return true;
    case OPTION_YES:
    case OPTION_NO:
        *(enum choice *)slot = row->type == OPTION_YES ? CHOICE_YES : CHOICE_NO;
        return true;
    case OPTION_TEXT:
        if (*(const char **)slot)
            return complain(a->why, "--%s is given twice", row->name);
        *(const char **)slot = value;
        return *value || refuse(a, row, value, "a name that is not empty");
    case OPTION_LIST:
        list_add(slot, value);
        return *value || refuse(a, row, value, "something that is not empty");
    case OPTION_COUNT:
        return (bytes_to_u64(bytes_str(value), UINT64_MAX, slot) && *(uint64_t *)slot) ||
               refuse(a, row, value, "a number from 1");
    case OPTION_WHEN:
        return set_word(a, row, "auto|always|never", WHEN_AUTO, value);
    case OPTION_WORD:
        break;
    }
    return set_word(a, row, row->argument, 1, value);
}

static bool option_take(struct arguments *a, const struct option_row *row, const char *value)
{
    if (!row->argument && value)
        return complain(a->why, "--%s takes no argument", row->name);
    if (row->argument && !value) {
        if (a->next == a->argc)
            return complain(a->why, "--%s wants %s (%s)", row->name, row->argument, row->help);
        value = a->argv[a->next++];
    }
    return option_set(a, row, value);
}

static const char *name_meant(const struct option_table *t, const char *word)
{
    const char *names[64], *meant;
    unsigned n = 0;

    for (unsigned i = 0; i < t->n && n < 64; i++)
        names[n++] = t->rows[i].name;
    meant = nearest_word(word, names, n);
    for (unsigned i = 0; !meant && i < n; i++)
        if (*word && strncmp(names[i], word, strlen(word)) == 0)
            meant = names[i]; /* shortened, as some parsers would allow */
    return meant;
}

static bool complain_unknown(const struct arguments *a, const char *name, size_t len)
{
    const char *meant;
    char word[64];

    snprintf(word, sizeof word, "%.*s", (int)(len < 63 ? len : 63), name);
    meant = name_meant(a->table, word);
    if (meant)
        return complain(a->why, "unknown option '--%s', did you mean '--%s'?", word, meant);
    return complain(a->why, "unknown option '--%s' (--help lists all)", word);
}

static bool take_long(struct arguments *a, const char *name)
{
    const struct option_table *t = a->table;
    size_t len = strcspn(name, "=");

    for (unsigned i = 0; i < t->n; i++)
        if (strlen(t->rows[i].name) == len && strncmp(t->rows[i].name, name, len) == 0)
            return option_take(a, &t->rows[i], name[len] ? name + len + 1 : NULL);
    return complain_unknown(a, name, len);
}

static const struct option_row *row_of_letter(const struct option_table *t, char letter)
{
    for (unsigned i = 0; i < t->n; i++)
        if (t->rows[i].letter && t->rows[i].letter == letter)
            return &t->rows[i];
    return NULL;
}

/* "-qe" are two; what follows a letter with an argument is its argument. */
static bool take_letters(struct arguments *a, const char *letters)
{
    for (; *letters; letters++) {
        const struct option_row *row = row_of_letter(a->table, *letters);

        if (!row)
            return complain(a->why, "unknown option '-%c' (--help lists all)", *letters);
        if (row->argument)
            return option_take(a, row, letters[1] ? letters + 1 : NULL);
        if (!option_take(a, row, NULL))
            return false;
    }
    return true;
}

bool arguments_parse(const struct option_table *table, void *into, int argc, char *const argv[],
                     const char ***memory, struct complaint *why)
{
    struct arguments a = {table, into, argc, 1, argv, why};
    bool only_words = false, good = true;

    if (!lists_make(&a, memory))
        return complain(why, "out of memory");
    while (good && a.next < argc) {
        const char *arg = argv[a.next++];

        if (only_words || arg[0] != '-' || !arg[1])
            list_add(place(&a, table->words_at), arg);
        else if (strcmp(arg, "--") == 0)
            only_words = true;
        else if (arg[1] == '-')
            good = take_long(&a, arg + 2);
        else
            good = take_letters(&a, arg + 1);
    }
    return good;
}

void arguments_help(const struct option_table *table, struct buf *out)
{
    for (unsigned i = 0; i < table->n; i++) {
        const struct option_row *row = &table->rows[i];
        char head[64];

        snprintf(head, sizeof head, "%c%c%s --%s%s%s", row->letter ? '-' : ' ',
                 row->letter ? row->letter : ' ', row->letter ? "," : " ", row->name,
                 row->argument ? " " : "", row->argument ? row->argument : "");
        buf_addf(out, "  %-26s %s\n", head, row->help);
    }
}
