/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/sighted.h"
#include "decode/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct addr address(const char *text)
{
    struct addr a;

    assert_true(addr_parse(bytes_str(text), &a));
    return a;
}

void sighted_init(struct sighted *it)
{
    *it = (struct sighted){.src = address("192.0.2.1"), .dst = address("198.51.100.2")};
    it->s = (struct sighting){
        .src = &it->src,
        .dst = &it->dst,
        .src_port = 40000,
        .dst_port = 389,
        .proto = PROTO_TCP,
        .app_proto = "ldap",
        .to_server = true,
        .attrs = &it->attrs,
    };
}

void sighted_add_bytes(struct sighted *it, const char *buffer, struct bytes value)
{
    uint8_t *exact = malloc(value.len ? value.len : 1);
    unsigned id = 0;

    while (id < ATTR_N && strcmp(attr_rows[id].name, buffer) != 0)
        id++;
    if (id == ATTR_N)
        fail_msg("no buffer %s", buffer);
    assert_non_null(exact);
    if (value.len)
        memcpy(exact, value.p, value.len);
    attrs_add(&it->attrs, (enum attr_id)id, bytes_of(exact, value.len));
    assert_false(it->attrs.cut);
}

void sighted_add(struct sighted *it, const char *buffer, const char *value)
{
    sighted_add_bytes(it, buffer, bytes_str(value));
}

void sighted_add_all(struct sighted *it, const char *pairs)
{
    char buffer[64], value[256];
    int used;

    while (sscanf(pairs, " %63[^=]=%255s%n", buffer, value, &used) == 2) {
        sighted_add(it, buffer, value);
        pairs += used;
    }
    assert_int_equal(strspn(pairs, " "), strlen(pairs));
}

void sighted_free(struct sighted *it)
{
    for (unsigned i = 0; i < it->attrs.n; i++)
        free((void *)(uintptr_t)it->attrs.v[i].value.p);
    it->attrs.n = 0;
}

struct ruleset *sighted_ruleset(void)
{
    static struct config config; /* large */
    struct complaint why = {""};
    struct ruleset *r;

    config.address_groups[0] = (struct config_group){
        (char *)(uintptr_t) "HOME_NET", (char *)(uintptr_t) "[192.0.2.0/24,2001:db8::/32]", NULL};
    config.address_groups[1] =
        (struct config_group){(char *)(uintptr_t) "EXTERNAL_NET", (char *)(uintptr_t) "!$HOME_NET", NULL};
    config.address_groups[2] =
        (struct config_group){(char *)(uintptr_t) "NOBODY", (char *)(uintptr_t) "[]", NULL};
    config.address_groups[3] =
        (struct config_group){(char *)(uintptr_t) "LDAP_ALLOWED", (char *)(uintptr_t) "198.51.100.7", NULL};
    config.n_address_groups = 4;
    config.port_groups[0] =
        (struct config_group){(char *)(uintptr_t) "HTTP_PORTS", (char *)(uintptr_t) "[80,8080]", NULL};
    config.n_port_groups = 1;
    r = ruleset_new(&config, &why);
    if (!r)
        fail_msg("%s", why.text);
    return r;
}

bool rules_all_added(struct ruleset *r, const char *name, struct bytes text, struct complaint *why)
{
    unsigned before = ruleset_n_refused(r);

    if (!ruleset_add_text(r, name, text, why))
        return false;
    return ruleset_n_refused(r) == before || complain(why, "%s", ruleset_refusal(r, before));
}
