/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/evaluation.h"
#include "detect/java_case.h"

/* SimpleDateFormat over a clock that is not known. Known: quoted text, what is no letter, and the letters
 * that do not depend on the time (era; the zone as UTC). False when the clock would show, or the pattern is
 * bad (Log4j then writes the date in its default form). */
static bool date_value(const uint16_t *pattern, size_t len, struct u16 *out)
{
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        uint16_t c = pattern[i];
        size_t run = 1;
        const char *text = NULL;

        if (c == '\'') {
            if (i + 1 < len && pattern[i + 1] == '\'') {
                i++;
                if (!u16_add(out, &c, 1))
                    return false;
            } else {
                quoted = !quoted;
            }
            continue;
        }
        if (quoted || !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
            if (!u16_add(out, &c, 1))
                return false;
            continue;
        }
        while (i + run < len && pattern[i + run] == c)
            run++;
        if (c == 'G')
            text = "AD";
        else if (c == 'z')
            text = run < 4 ? "UTC" : "Coordinated Universal Time";
        else if (c == 'Z')
            text = "+0000";
        else if (c == 'X' && run < 4)
            text = "Z";
        if (!text || !u16_add_ascii(out, text))
            return false;
        i += run - 1;
    }
    return !quoted;
}

/* The part before the first colon, as Locale.US lower-cases it, compared with an ASCII word. Beyond ASCII
 * only the Kelvin sign becomes an ASCII letter. */
static bool prefix_is(const uint16_t *prefix, size_t len, const char *word)
{
    size_t i;

    for (i = 0; i < len && word[i]; i++) {
        uint16_t c = prefix[i];

        if (c == 0x212a)
            c = 'k';
        else if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        if (c != (uint8_t)word[i])
            return false;
    }
    return i == len && !word[i];
}

static bool key_is(const uint16_t *key, size_t len, const char *word)
{
    size_t i;

    for (i = 0; i < len && word[i]; i++)
        if (key[i] != (uint8_t)word[i])
            return false;
    return i == len && !word[i];
}

static bool gained_ascii(const uint16_t *from, size_t from_len, const struct u16 *to)
{
    size_t before = 0, after = 0;

    for (size_t i = 0; i < from_len; i++)
        before += from[i] < 0x80;
    for (size_t i = 0; i < to->len; i++)
        after += to->c[i] < 0x80;
    return after > before;
}

static bool case_answer(struct evaluation *ev, const uint16_t *key, size_t len, bool upper, struct u16 *value)
{
    uint16_t *room = u16_room(value, len * JAVA_CASE_GROWTH);

    if (!room) {
        evaluation_out_of_room(ev);
        return false;
    }
    evaluation_spend(ev, 8 * (uint64_t)len); /* tables are searched */
    value->len = upper ? java_to_upper(key, len, room) : java_to_lower(key, len, room);
    ev->techniques |= upper ? LOOKUP_UPPER : LOOKUP_LOWER;
    if (gained_ascii(key, len, value))
        ev->techniques |= LOOKUP_UNICODE_CASE;
    return true;
}

/* What a Unix JVM always says; anything else in env and sys is the victim's own. */
static bool sys_answer(struct evaluation *ev, const uint16_t *key, size_t len, struct u16 *value)
{
    static const struct {
        const char *key, *value;
    } known[] = {{"file.separator", "/"}, {"path.separator", ":"}, {"line.separator", "\n"}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (key_is(key, len, known[i].key)) {
            ev->techniques |= LOOKUP_SYS;
            return u16_add_ascii(value, known[i].value);
        }
    return false;
}

/* JavaLookup knows six keys and throws on any other: the message is lost. */
static void check_java_key(struct evaluation *ev, const uint16_t *key, size_t len)
{
    static const char *const keys[] = {"version", "runtime", "vm", "os", "hw", "locale"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (key_is(key, len, keys[i]))
            return;
    evaluation_give_up(ev);
}

/* Interpolator: the prefix chooses the lookup. What no lookup answers is asked of the default map, which for
 * us is empty. */
bool interpolate(struct evaluation *ev, const uint16_t *name, size_t len, struct u16 *value)
{
    size_t colon = 0, key_len;
    const uint16_t *key;

    while (colon < len && name[colon] != ':')
        colon++;
    if (colon == len)
        return false;
    key = name + colon + 1;
    key_len = len - colon - 1;
    if (prefix_is(name, colon, "jndi")) {
        unsigned techniques = ev->techniques;

        if (!key_is(name, colon, "jndi"))
            techniques |= LOOKUP_PREFIX_CASE;
        if (ev->pass > 1)
            techniques |= LOOKUP_MULTI_PASS | ev->carried;
        evaluation_hit(ev, key, key_len, techniques);
        return false; /* the call fails, as far as we can know */
    }
    if (prefix_is(name, colon, "lower"))
        return case_answer(ev, key, key_len, false, value);
    if (prefix_is(name, colon, "upper"))
        return case_answer(ev, key, key_len, true, value);
    if (prefix_is(name, colon, "date")) {
        ev->techniques |= LOOKUP_DATE;
        return date_value(key, key_len, value);
    }
    if (prefix_is(name, colon, "sys"))
        return sys_answer(ev, key, key_len, value);
    if (prefix_is(name, colon, "java"))
        check_java_key(ev, key, key_len);
    return false;
}

bool interpolate_is(const struct u16 *name, const char *prefix)
{
    size_t n = strlen(prefix);

    return name->len > n && name->c[n] == ':' && prefix_is(name->c, n, prefix);
}

const char *interpolate_word(const struct u16 *name)
{
    static const char *const words[] = {"lower", "upper", "date", "sys"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (interpolate_is(name, words[i]))
            return words[i];
    return "";
}
