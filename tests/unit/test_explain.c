/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"
#include "config/config.h"
#include "config/yamldoc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define EXAMPLE "sensor.yaml.example" /* tests run at the top of the source tree */

static char *file_text(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = calloc(1, 65536);

    assert_non_null(f);
    assert_true(fread(text, 1, 65535, f) < 65535);
    fclose(f);
    return text;
}

/* The commented interface of the example, without its comment signs. */
static char *example_interface(void)
{
    char *text = file_text(EXAMPLE), *block = strstr(text, "# af-packet:\n"), *out = calloc(1, 4096);

    assert_non_null(block);
    for (char *line = strtok(block, "\n"); line && strncmp(line, "# ", 2) == 0; line = strtok(NULL, "\n"))
        strcat(strcat(out, line + 2), "\n");
    free(text);
    return out;
}

/* The node of a key: sections by name, entries of lists by theirs. */
static const struct yamldoc_node *find(const struct yamldoc_node *n, const char *path)
{
    const struct yamldoc_node *found = NULL;

    if (!*path)
        return n;
    for (const struct yamldoc_node *m = n->first; m && !found; m = m->next) {
        size_t len = m->key ? strlen(m->key) : 0;

        if (n->kind == YAMLDOC_LIST)
            found = find(m, path);
        else if (strncmp(path, m->key, len) == 0 && path[len] == '.')
            found = find(m, path + len + 1);
        else if (strcmp(path, m->key) == 0)
            found = m;
    }
    return found;
}

/* "- stats: yes" is the entry's switch. */
static const struct yamldoc_node *find_or_switch(const struct yamldoc_node *root, const char *key)
{
    const struct yamldoc_node *n = find(root, key);
    char section[128] = "";
    const char *enabled = strstr(key, ".enabled");

    if (n || !enabled)
        return n;
    memcpy(section, key, (size_t)(enabled - key));
    n = find(root, section);
    return n && n->kind == YAMLDOC_TEXT ? n : NULL;
}

static void written(const struct yamldoc_node *n, char out[256])
{
    if (n->kind == YAMLDOC_TEXT) {
        snprintf(out, 256, "%s", n->text);
        return;
    }
    out[0] = '\0';
    for (const struct yamldoc_node *m = n->first; m; m = m->next)
        strcat(strcat(out, *out ? ", " : ""), m->kind == YAMLDOC_TEXT ? m->text : m->first->key);
    if (!n->first)
        strcpy(out, "[]");
}

static void test_example_names_every_key(void **state)
{
    struct complaint why = {""};
    char *interface = example_interface();
    struct yamldoc *doc = yamldoc_read(EXAMPLE, &why),
                   *other = yamldoc_parse("interface", bytes_str(interface), &why);
    unsigned n = 0;

    (void)state;
    assert_non_null(doc);
    assert_non_null(other);
    for (const char *key; (key = config_key(n)); n++) {
        bool of_interface = strncmp(key, "af-packet.", 10) == 0;
        const struct yamldoc_node *node = find_or_switch(of_interface ? other->root : doc->root, key);
        char text[256];

        if (!node)
            fail_msg("the example does not name %s", key);
        written(node, text);
        if (strcmp(key, "vars.address-groups") == 0 || strcmp(key, "vars.port-groups") == 0)
            assert_int_equal(node->kind, YAMLDOC_MAP);
        else if (strcmp(key, "af-packet.interface") == 0)
            assert_string_equal(text, "eth1"); /* has no default */
        else
            assert_string_equal(text, config_default_text(n));
    }
    assert_true(n > 50);
    assert_null(config_default_text(n));
    yamldoc_free(doc);
    yamldoc_free(other);
    free(interface);
}

static void test_settings_page_is_what_explain_prints(void **state)
{
    struct buf out = buf_within(1 << 20);
    char *page = file_text("docs/SETTINGS.md");

    (void)state;
    config_explain(&out);
    buf_add_byte(&out, '\0');
    assert_string_equal((const char *)out.p, page); /* else: jndi-sensor --explain > docs/SETTINGS.md */
    buf_drop(&out);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example_names_every_key),
        cmocka_unit_test(test_settings_page_is_what_explain_prints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
