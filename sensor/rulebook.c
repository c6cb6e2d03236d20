/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rulebook.h"
#include "base/cursor.h"
#include "base/slurp.h"
#include "process/learner.h"
#include "rulefiles.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_CEILING    ((size_t)64 << 20)
#define CLASSES_CEILING ((size_t)1 << 20)

/* texts holds for each file: u64be length of its name, u64be length of its text, the name, the text. A file
 * without a name, the first one, holds classtypes. */

static struct rulebook *rulebook_new(const struct config *config, uint32_t generation, struct complaint *why)
{
    struct rulebook *b = calloc(1, sizeof *b);

    if (!b) {
        complain(why, "out of memory");
        return NULL;
    }
    b->generation = generation;
    b->texts = buf_within(LEARNER_TEXT_MAX);
    b->rules = ruleset_new(config, why);
    if (b->rules)
        return b;
    rulebook_free(b);
    return NULL;
}

void rulebook_free(struct rulebook *b)
{
    if (!b)
        return;
    terms_free(b->terms);
    ruleset_free(b->rules);
    buf_drop(&b->texts);
    pool_drop(&b->names);
    free(b);
}

static bool add_text(struct rulebook *b, struct bytes name, struct bytes text, struct complaint *why)
{
    char *kept = pool_str(&b->names, name); /* rules say where they stand */

    if (!name.len)
        return ruleset_add_classes(b->rules, "", text, why);
    return kept ? ruleset_add_text(b->rules, kept, text, why) : complain(why, "out of memory");
}

static bool add_u64(struct buf *out, uint64_t n)
{
    uint8_t b[8];

    for (unsigned i = 0; i < 8; i++)
        b[i] = (uint8_t)(n >> (56 - 8 * i));
    return buf_add(out, bytes_of(b, sizeof b));
}

static bool keep_text(struct rulebook *b, struct bytes name, struct bytes text, struct complaint *why)
{
    bool kept = add_u64(&b->texts, name.len) && add_u64(&b->texts, text.len) && buf_add(&b->texts, name) &&
                buf_add(&b->texts, text);

    return kept || complain(why, "%s: more than 512 MB of rules",
                            name.len ? (const char *)name.p : "classification-file");
}

static bool on_file(void *arg, const char *path, struct complaint *why)
{
    struct rulebook *b = arg;
    struct buf text = buf_within(FILE_CEILING);
    int error = slurp(path, &text);
    bool good;

    if (error == EFBIG)
        good = complain(why, "%s: larger than %zu MB: split it", path, FILE_CEILING >> 20);
    else if (error)
        good = complain(why, "%s: %s: name a file of rules that can be read", path, strerror(error));
    else
        good = keep_text(b, bytes_str(path), buf_bytes(&text), why) &&
               add_text(b, bytes_str(path), buf_bytes(&text), why);
    buf_drop(&text);
    return good;
}

/* Read first: rules are read by them. */
static bool classes_add(struct rulebook *b, const struct config *config, struct complaint *why)
{
    const char *path = config->classification_file;
    struct buf text = buf_within(CLASSES_CEILING);
    int error = *path ? slurp(path, &text) : 0;
    bool good = true;

    if (error == EFBIG)
        good = complain(why, "classification-file %.256s: larger than %zu MB: split it", path,
                        CLASSES_CEILING >> 20);
    else if (error)
        good = complain(why, "classification-file %.256s: %s", path, strerror(error));
    else if (*path)
        good = ruleset_add_classes(b->rules, path, buf_bytes(&text), why) &&
               keep_text(b, (struct bytes){0}, buf_bytes(&text), why);
    buf_drop(&text);
    return good;
}

/* Of one refused rule alone the complaint itself says why. */
static bool refusals_judge(const struct ruleset *rules, bool skip, struct complaint *why)
{
    unsigned n = ruleset_n_refused(rules);
    const char *words;

    if (n == 1 && !skip)
        return complain(why, "%s", ruleset_refusal(rules, 0));
    for (unsigned i = 0; (words = ruleset_refusal(rules, i)); i++)
        log_as(skip ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR, words);
    return n == 0 || skip ||
           complain(why, "%u of %u rules are refused: mend them, or leave them out with --skip-bad-rules", n,
                    n + ruleset_n(rules));
}

static bool terms_add(struct rulebook *b, const struct config *config, struct complaint *why)
{
    if (!*config->threshold_file)
        return true;
    b->terms = terms_read_file(config, b->rules, config->threshold_file, why);
    return b->terms != NULL;
}

struct rulebook *rulebook_read(const struct config *config, const struct options *o, uint32_t generation,
                               struct complaint *why)
{
    struct rulebook *b = rulebook_new(config, generation, why);
    bool good = b && classes_add(b, config, why) && rulefiles_rules(config, o, on_file, b, why) &&
                refusals_judge(b->rules, o->skip_bad_rules, why);

    if (good && ruleset_n(b->rules) == 0)
        good = complain(
            why, "there is no rule: nothing could be found; name rules with -S FILE, or see rule-files");
    if (good)
        ruleset_warn(b->rules);
    if (good && terms_add(b, config, why) && ruleset_compile(b->rules, why))
        return b;
    rulebook_free(b);
    return NULL;
}

struct rulebook *rulebook_learn(const struct config *config, struct bytes texts, uint32_t generation,
                                struct complaint *why)
{
    struct rulebook *b = rulebook_new(config, generation, why);
    struct cursor c = cursor_over(texts);

    while (b && cursor_left(&c) > 0) {
        uint64_t name_len = cursor_u64be(&c), text_len = cursor_u64be(&c);
        struct bytes name = cursor_take(&c, name_len), text = cursor_take(&c, text_len);
        bool good =
            cursor_ok(&c) ? add_text(b, name, text, why) : complain(why, "the texts of the rules end early");

        if (!good) {
            rulebook_free(b);
            return NULL;
        }
    }
    if (b && ruleset_compile(b->rules, why))
        return b;
    rulebook_free(b);
    return NULL;
}
