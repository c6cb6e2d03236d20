/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define EXAMPLE "sensor.yaml.example" /* tests run at the top of the source tree */

static struct config *parsed(const char *text)
{
    struct config *c = config_new();
    struct complaint why = {""};

    assert_non_null(c);
    if (!config_parse(c, "t.yaml", bytes_str(text), &why))
        fail_msg("refused: %s", why.text);
    return c;
}

static void assert_refused(const char *text, const char *message)
{
    struct config *c = config_new();
    struct complaint why = {""};

    assert_false(config_parse(c, "t.yaml", bytes_str(text), &why));
    assert_string_equal(why.text, message);
    config_free(c);
}

static void assert_set_refused(const char *assignment, const char *message)
{
    struct config *c = config_new();
    struct complaint why = {""};

    assert_false(config_set(c, assignment, &why));
    assert_string_equal(why.text, message);
    config_free(c);
}

static void set(struct config *c, const char *assignment)
{
    struct complaint why = {""};

    if (!config_set(c, assignment, &why))
        fail_msg("refused: %s", why.text);
}

/* Everything but where it was written: text is compared and taken out, the rest must be the same bytes. */
static void same_text(char **a, char **b)
{
    assert_string_equal(*a, *b);
    free(*a);
    free(*b);
    *a = *b = NULL;
}

static void assert_same(struct config *a, struct config *b)
{
    assert_int_equal(a->n_address_groups, b->n_address_groups);
    assert_int_equal(a->n_port_groups, b->n_port_groups);
    assert_int_equal(a->rule_files.n, b->rule_files.n);
    assert_int_equal(a->n_interfaces, b->n_interfaces);
    for (unsigned i = 0; i < CONFIG_MAX_GROUPS; i++) {
        struct config_group *pairs[2][2] = {{&a->address_groups[i], &b->address_groups[i]},
                                            {&a->port_groups[i], &b->port_groups[i]}};

        for (unsigned j = 0; j < 2; j++) {
            if (pairs[j][0]->name) {
                same_text(&pairs[j][0]->name, &pairs[j][1]->name);
                same_text(&pairs[j][0]->value, &pairs[j][1]->value);
            }
            for (unsigned k = 0; k < 2; k++) { /* they were written in different places */
                free(pairs[j][k]->where);
                pairs[j][k]->where = NULL;
            }
        }
    }
    for (unsigned i = 0; i < CONFIG_MAX_FILES; i++) {
        if (i < a->rule_files.n)
            same_text(&a->rule_files.v[i], &b->rule_files.v[i]);
        if (i < a->ioc_files.n && i < b->ioc_files.n)
            same_text(&a->ioc_files.v[i], &b->ioc_files.v[i]);
        if (i < a->never_files.n && i < b->never_files.n)
            same_text(&a->never_files.v[i], &b->never_files.v[i]);
    }
    for (unsigned i = 0; i < a->n_interfaces; i++) {
        same_text(&a->interfaces[i].name, &b->interfaces[i].name);
        same_text(&a->interfaces[i].bpf_filter, &b->interfaces[i].bpf_filter);
    }
    same_text(&a->sensor_name, &b->sensor_name);
    same_text(&a->log_dir, &b->log_dir);
    same_text(&a->rule_path, &b->rule_path);
    same_text(&a->threshold_file, &b->threshold_file);
    same_text(&a->classification_file, &b->classification_file);
    same_text(&a->run_as_user, &b->run_as_user);
    same_text(&a->run_as_group, &b->run_as_group);
    same_text(&a->eve_filename, &b->eve_filename);
    same_text(&a->learned_filename, &b->learned_filename);
    same_text(&a->exposure_filename, &b->exposure_filename);
    same_text(&a->control_socket, &b->control_socket);
    same_text(&a->control_group, &b->control_group);
    a->log_dir_named = b->log_dir_named = false;
    assert_memory_equal(a, b, sizeof *a);
}

static char *file_text(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = calloc(1, 65536);

    assert_non_null(f);
    assert_true(fread(text, 1, 65535, f) < 65535);
    fclose(f);
    return text;
}

static void test_example_is_the_defaults(void **state)
{
    struct config *a = config_new(), *b = config_new();
    struct complaint why = {""};

    (void)state;
    if (!config_load(b, EXAMPLE, &why))
        fail_msg("%s", why.text);
    assert_true(b->log_dir_named);
    assert_same(a, b);
    config_free(a);
    config_free(b);
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

static void test_example_interface_is_the_defaults(void **state)
{
    char *text = example_interface();
    struct config *a = parsed(text), *b = config_new();

    (void)state;
    assert_int_equal(a->n_interfaces, 1);
    set(b, "af-packet.0.interface=eth1");
    assert_same(a, b);
    config_free(a);
    config_free(b);
    free(text);
}

static void test_nothing_said(void **state)
{
    static const char *const texts[] = {"",
                                        "\n",
                                        "# only a comment\n",
                                        "%YAML 1.1\n---\n",
                                        "---\n...\n",
                                        "~\n",
                                        "{}",
                                        "vars:\nstream:\nflow:\n  timeouts:\naf-packet:\n",
                                        "sensor-name:\n"};

    (void)state;
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct config *a = config_new(), *b = parsed(texts[i]);

        assert_same(a, b);
        config_free(a);
        config_free(b);
    }
}

static void test_values_of_each_type(void **state)
{
    struct config *c = parsed("%YAML 1.1\n---\n"
                              "default-log-dir: /srv/log\n"
                              "sensor-name: \"null\"\n"
                              "stream: {memcap: 1GiB, depth: 0, midstream: off}\n"
                              "flow:\n  timeouts:\n    new: 1500ms\n    udp: 2h\n"
                              "pcap-file: {checksum-checks: True}\n"
                              "outputs:\n  - eve-log: {filename: '-', filemode: 0600}\n"
                              "logging: {default-log-level: Debug}\n");

    (void)state;
    assert_string_equal(c->log_dir, "/srv/log");
    assert_true(c->log_dir_named);
    assert_string_equal(c->sensor_name, "null");
    assert_int_equal(c->stream_memcap, 1 << 30);
    assert_int_equal(c->stream_depth, 0);
    assert_false(c->stream_midstream);
    assert_int_equal(c->flow_new_us, 1500000);
    assert_int_equal(c->flow_udp_us, UINT64_C(7200000000));
    assert_true(c->checksums);
    assert_true(c->eve);
    assert_string_equal(c->eve_filename, "-");
    assert_int_equal(c->eve_filemode, 0600);
    assert_int_equal(c->log_level, LOG_LEVEL_DEBUG);
    config_free(c);
}

static void test_ports_and_checks(void **state)
{
    struct config *c = parsed("decoder: {vxlan: {ports: [1, 65535]}, geneve: {ports: 7}, gtp: no}\n"
                              "pcap-file: {checksum-checks: Auto}\n");

    (void)state;
    assert_int_equal(c->vxlan_ports.n, 2);
    assert_int_equal(c->vxlan_ports.v[0], 1);
    assert_int_equal(c->vxlan_ports.v[1], 65535);
    assert_int_equal(c->geneve_ports.n, 1);
    assert_true(c->vxlan);
    assert_false(c->gtp);
    assert_int_equal(c->checksums, CHECKSUM_CHECKS_AUTO);
    set(c, "decoder.tzsp.ports=[9, 10 ,11]");
    assert_int_equal(c->tzsp_ports.n, 3);
    assert_int_equal(c->tzsp_ports.v[1], 10);
    set(c, "pcap-file.checksum-checks=off");
    assert_int_equal(c->checksums, CHECKSUM_CHECKS_NO);
    config_free(c);
    assert_refused("decoder: {vxlan: {ports: [4789, 0]}}",
                   "t.yaml:1:26: '[4789,0]' is no value for decoder.vxlan.ports: write one to eight port "
                   "numbers: 4789, or [4789, 8472]");
    assert_set_refused(
        "decoder.gtp.ports=1,2,3,4,5,6,7,8,9",
        "--set: '1,2,3,4,5,6,7,8,9' is no value for decoder.gtp.ports: write one to eight port "
        "numbers: 4789, or [4789, 8472]");
    assert_set_refused("decoder.gtp.ports=65536",
                       "--set: '65536' is no value for decoder.gtp.ports: write one to eight port numbers: "
                       "4789, or [4789, 8472]");
    assert_set_refused(
        "decoder.gtp.ports=1,",
        "--set: '1,' is no value for decoder.gtp.ports: write one to eight port numbers: 4789, "
        "or [4789, 8472]");
    assert_set_refused("pcap-file.checksum-checks=some",
                       "--set: 'some' is no value for pcap-file.checksum-checks: write no, yes or auto");
}

static void test_groups(void **state)
{
    struct config *c = parsed("vars:\n  address-groups:\n    HOME_NET: [10.0.0.0/8, '!10.1.0.0/16', [a, b]]\n"
                              "    DMZ: \"192.0.2.0/24\"\n    NOBODY: []\n");

    (void)state;
    assert_int_equal(c->n_address_groups, 7);
    assert_string_equal(c->address_groups[0].name, "HOME_NET");
    assert_string_equal(c->address_groups[0].value, "[10.0.0.0/8,!10.1.0.0/16,[a,b]]");
    assert_string_equal(c->address_groups[0].where, "t.yaml:3:5");
    assert_string_equal(c->address_groups[5].value, "192.0.2.0/24");
    assert_string_equal(c->address_groups[6].value, "[]");
    set(c, "vars.address-groups.DMZ=[198.51.100.0/24]");
    assert_string_equal(c->address_groups[5].where, "--set");
    set(c, "vars.port-groups.APP_PORTS=8080");
    assert_string_equal(c->address_groups[5].value, "[198.51.100.0/24]");
    assert_int_equal(c->n_address_groups, 7);
    assert_string_equal(c->port_groups[1].name, "APP_PORTS");
    config_free(c);
}

static void test_switches(void **state)
{
    struct config *c =
        parsed("app-layer: {protocols: {http: no, dns: {enabled: off}, ldap: {max-pdu: 2kb}}}\n"
               "stats: off\n");

    (void)state;
    assert_false(c->http);
    assert_false(c->dns);
    assert_true(c->ldap);
    assert_int_equal(c->ldap_max_pdu, 2048);
    assert_false(c->stats);
    set(c, "app-layer.protocols.http=yes");
    assert_true(c->http);
    config_free(c);
}

static void test_a_list_says_it_all(void **state)
{
    static const struct {
        const char *text;
        bool eve, alert, stats, payload;
    } rows[] = {
        {"outputs: []", false, true, true, true},
        {"outputs: [eve-log]", true, true, true, true},
        {"outputs: [eve-log: no]", false, true, true, true},
        {"outputs: [eve-log: {enabled: no}]", false, true, true, true},
        {"outputs: [eve-log: {types: []}]", true, false, false, true},
        {"outputs: [eve-log: {types: [alert]}]", true, true, false, true},
        {"outputs: [eve-log: {types: [alert: {payload: no}, stats: no]}]", true, true, false, false},
        {"outputs: [eve-log: {types: [alert: {enabled: no}, stats: {enabled: yes}]}]", true, false, true,
         true},
        {"outputs:\n  - eve-log:\n      types:\n        - alert:\n        - stats:\n", true, true, true,
         true},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config *c = parsed(rows[i].text);

        assert_int_equal(c->eve, rows[i].eve);
        assert_int_equal(c->eve_alert, rows[i].alert);
        assert_int_equal(c->eve_stats, rows[i].stats);
        assert_int_equal(c->eve_alert_payload, rows[i].payload);
        config_free(c);
    }
}

static void test_rule_files(void **state)
{
    struct config *c = parsed("rule-files:\n - a.rules\n - /b/c.rules\n");

    (void)state;
    assert_int_equal(c->rule_files.n, 2);
    assert_string_equal(c->rule_files.v[1], "/b/c.rules");
    set(c, "rule-files=x.rules, y.rules,z.rules");
    assert_int_equal(c->rule_files.n, 3);
    assert_string_equal(c->rule_files.v[1], "y.rules");
    set(c, "rule-files=");
    assert_int_equal(c->rule_files.n, 0);
    config_free(c);
}

static void test_use_interfaces(void **state)
{
    static const char *const names[] = {"lo", "eth1"}, *const twice[] = {"lo", "lo"};
    struct config *c =
        parsed("af-packet:\n  - {interface: eth0}\n  - {interface: eth1, snaplen: 1000, bpf-filter: tcp}\n");
    struct complaint why = {""};

    (void)state;
    assert_true(config_use_interfaces(c, names, 2, NULL));
    assert_int_equal(c->n_interfaces, 2);
    assert_string_equal(c->interfaces[0].name, "lo");
    assert_string_equal(c->interfaces[0].bpf_filter, "");
    assert_int_equal(c->interfaces[0].snaplen, 262144);
    assert_string_equal(c->interfaces[1].name, "eth1");
    assert_string_equal(c->interfaces[1].bpf_filter, "tcp");
    assert_int_equal(c->interfaces[1].snaplen, 1000);
    assert_false(config_use_interfaces(c, twice, 2, &why));
    assert_string_equal(why.text, "-i: interface 'lo' is named twice");
    config_free(c);
}

static void test_refusals_of_keys(void **state)
{
    (void)state;
    assert_refused("outptus: []\n", "t.yaml:1:1: unknown key 'outptus', did you mean 'outputs'?");
    assert_refused("---\nstream:\n  depht: 1mb\n",
                   "t.yaml:3:3: unknown key 'depht' in stream, did you mean 'depth'?");
    assert_refused("http: no\n", "t.yaml:1:1: unknown key 'http'; --explain lists all keys");
    assert_refused("workers: 0\n",
                   "t.yaml:1:10: '0' is no value for workers: write auto, or a number from 1");
    assert_refused("workers: 65\n", "t.yaml:1:10: 65 is out of bounds for workers: from auto to 64");
    assert_refused("stream.depth: 1mb\n", "t.yaml:1:1: unknown key 'stream.depth'; --explain lists all keys");
    assert_refused("outputs:\n  - evelog: {}\n",
                   "t.yaml:2:5: unknown key 'evelog' in outputs, did you mean 'eve-log'?");
    assert_refused("outputs: [eve-log: {types: [alerts]}]\n",
                   "t.yaml:1:29: unknown key 'alerts' in outputs.eve-log.types, did you mean 'alert'?");
    assert_refused("af-packet:\n  - interface: a\n    snap-len: 1\n",
                   "t.yaml:3:5: unknown key 'snap-len' in af-packet, did you mean 'snaplen'?");
    assert_refused("flow: {memcap: 1mb, memcap: 2mb}\n",
                   "t.yaml:1:21: key 'memcap' stands here a second time, first in line 1: keep one of them");
    assert_refused("outputs: [eve-log, eve-log]\n",
                   "t.yaml:1:20: 'eve-log' stands a second time in outputs: keep one of them");
}

static void test_refusals_of_values(void **state)
{
    (void)state;
    assert_refused(
        "stream:\n  depth: 1mbit\n",
        "t.yaml:2:10: '1mbit' is no value for stream.depth: write a size: bytes, or 64kb, 64mb, 1gb");
    assert_refused("stats: {interval: 30sec}",
                   "t.yaml:1:19: '30sec' is no value for stats.interval: write a time: "
                   "seconds, or 500ms, 30s, 5m, 1h, 7d");
    assert_refused("stats: {interval: 500ms}",
                   "t.yaml:1:19: 500ms is out of bounds for stats.interval: from 1s to 1d");
    assert_refused("stream: {depth: 99999999999gb}",
                   "t.yaml:1:17: '99999999999gb' is no value for stream.depth: "
                   "write a size: bytes, or 64kb, 64mb, 1gb");
    assert_refused("stream: {depth: -1}",
                   "t.yaml:1:17: '-1' is no value for stream.depth: write a size: bytes, or 64kb, 64mb, 1gb");
    assert_refused("stream: {midstream: maybe}",
                   "t.yaml:1:21: 'maybe' is no value for stream.midstream: write yes or no");
    assert_refused("decoder: {max-layers: 0}",
                   "t.yaml:1:23: 0 is out of bounds for decoder.max-layers: from 1 to 64");
    assert_refused(
        "outputs: [eve-log: {filename: a/b}]",
        "t.yaml:1:31: 'a/b' is no value for outputs.eve-log.filename: write a file name without '/'; "
        "default-log-dir says where it lies");
    assert_refused("outputs: [eve-log: {filemode: 688}]",
                   "t.yaml:1:31: '688' is no value for outputs.eve-log.filemode: "
                   "write a file mode in octal, such as 640");
    assert_refused(
        "logging: {default-log-level: loud}",
        "t.yaml:1:30: 'loud' is no value for logging.default-log-level: write error, warning, notice, info "
        "or debug");
    assert_refused("default-log-dir: ''",
                   "t.yaml:1:18: '' is no value for default-log-dir: write a name that is not "
                   "empty");
    assert_refused("default-log-dir:\n", "t.yaml:1:17: default-log-dir has no value");
}

static void test_refusals_of_kinds(void **state)
{
    (void)state;
    assert_refused("- a\n", "t.yaml:1:1: the file is a section: indented keys follow it, not a list");
    assert_refused("stream: 5\n", "t.yaml:1:9: stream is a section: indented keys follow it, not a value");
    assert_refused("stream: {depth: [1]}\n", "t.yaml:1:17: stream.depth wants one value, not a list");
    assert_refused("sensor-name: {a: b}\n", "t.yaml:1:14: sensor-name wants one value, not a section");
    assert_refused("rule-files: a.rules\n",
                   "t.yaml:1:13: rule-files wants a list: [a.rules, b.rules], or [] for none");
    assert_refused("rule-files: [a: b]\n", "t.yaml:1:14: an entry of rule-files is one file name");
    assert_refused("outputs: {eve-log: {}}\n",
                   "t.yaml:1:10: outputs wants a list of '- NAME: {...}', or [] for none");
    assert_refused("outputs:\n", "t.yaml:1:9: outputs wants a list of '- NAME: {...}', or [] for none");
    assert_refused(
        "outputs:\n  - eve-log:\n    filename: x\n",
        "t.yaml:2:5: an entry of outputs is '- NAME: {...}', one name each (is it indented far enough?)");
    assert_refused("af-packet: eth1\n", "t.yaml:1:12: af-packet wants a list of '- interface: NAME'");
    assert_refused("af-packet: [eth1]\n",
                   "t.yaml:1:13: an entry of af-packet begins with '- interface: NAME'");
    assert_refused("af-packet: [{snaplen: 1000}]\n",
                   "t.yaml:1:13: an entry of af-packet without 'interface: NAME'");
    assert_refused("af-packet: [{interface: a}, {interface: a}]\n",
                   "t.yaml:1:29: interface 'a' is named twice");
    assert_refused("vars: {address-groups: [a]}\n",
                   "t.yaml:1:24: vars.address-groups wants names with values, 'HOME_NET: \"[10.0.0.0/8]\"'");
    assert_refused("vars: {address-groups: {A: {b: c}}}\n", "t.yaml:1:28: a group is one text or a list");
    assert_refused("vars: {address-groups: {'A B': c}}\n",
                   "t.yaml:1:25: 'A B' is no name for a group: letters, digits, _ and -");
    assert_refused("vars: {address-groups: {A: }}\n",
                   "t.yaml:1:25: group 'A' is empty: write [] for nobody, or any");
}

static void test_many_groups_and_files(void **state)
{
    struct config *c = config_new();
    struct complaint why = {""};
    char text[64];
    unsigned n = 0;

    (void)state;
    for (bool good = true; good; n += good) {
        snprintf(text, sizeof text, "vars.port-groups.G%u=1", n);
        good = config_set(c, text, &why);
        assert_true(n < 100);
    }
    assert_int_equal(n, CONFIG_MAX_GROUPS - 1); /* HTTP_PORTS is there */
    assert_string_equal(why.text, "--set: more than 64 groups");
    why.text[0] = '\0';
    n = 0;
    for (bool good = true; good; n += good) {
        snprintf(text, sizeof text, "af-packet.%u.interface=e%u", n, n);
        good = config_set(c, text, &why);
        assert_true(n < 100);
    }
    assert_int_equal(n, CONFIG_MAX_INTERFACES);
    assert_string_equal(why.text, "--set: more than 16 interfaces");
    config_free(c);
}

static void test_set_refusals(void **state)
{
    (void)state;
    assert_set_refused("stream.depth", "--set: 'stream.depth' has no value: write key.path=value");
    assert_set_refused("=1", "--set: '=1' has no value: write key.path=value");
    assert_set_refused("stream.depht=1", "--set: unknown key 'depht' in stream, did you mean 'depth'?");
    assert_set_refused("outptus.eve-log=1", "--set: unknown key 'outptus', did you mean 'outputs'?");
    assert_set_refused("outputs.eve-log.types.alert.paylod=1",
                       "--set: unknown key 'paylod' in outputs.eve-log.types.alert, did you mean 'payload'?");
    assert_set_refused("stream.depth.x=1", "--set: stream.depth is one value: there is no 'x' below it");
    assert_set_refused("stream=1", "--set: stream is a section: set the keys below it (--explain)");
    assert_set_refused("outputs=eve-log",
                       "--set: outputs is a list or a map: set the keys below it (--explain)");
    assert_set_refused("stream.depth=lots",
                       "--set: 'lots' is no value for stream.depth: write a size: bytes, or 64kb, 64mb, 1gb");
    assert_set_refused("af-packet.interface=eth0", "--set: write af-packet.0.interface=NAME, or -i NAME");
    assert_set_refused("af-packet.3.interface=eth0",
                       "--set: af-packet has 0 entries: the next is af-packet.0");
    assert_set_refused("af-packet.0.snaplen=1000", "--set: an entry of af-packet without 'interface: NAME'");
    assert_set_refused("af-packet.0.nmae=1000",
                       "--set: unknown key 'nmae' in af-packet; --explain lists all keys");
    assert_set_refused("rule-files=a,,b", "--set: an empty name in rule-files");
}

static void test_files_that_cannot_be_read(void **state)
{
    struct config *c = config_new();
    struct complaint why = {""}, other = {""};

    (void)state;
    assert_false(config_load(c, "tests/no-such.yaml", &why));
    assert_string_equal(why.text, "tests/no-such.yaml: cannot read the settings: No such file or directory");
    assert_false(config_load(c, "tests", &other));
    assert_string_equal(other.text, "tests: cannot read the settings: Is a directory");
    config_free(c);
}

/* Cut anywhere, the example is read or refused with words, never misread beyond its end. */
static void test_example_cut(void **state)
{
    char *text = file_text(EXAMPLE);
    size_t len = strlen(text);

    (void)state;
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *exact = memcpy(malloc(cut + !cut), text, cut);
        struct config *c = config_new();
        struct complaint why = {""};

        if (!config_parse(c, "cut", bytes_of(exact, cut), &why))
            assert_memory_equal(why.text, "cut:", 4);
        config_free(c);
        free(exact);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example_is_the_defaults),
        cmocka_unit_test(test_example_interface_is_the_defaults),
        cmocka_unit_test(test_nothing_said),
        cmocka_unit_test(test_values_of_each_type),
        cmocka_unit_test(test_ports_and_checks),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_switches),
        cmocka_unit_test(test_a_list_says_it_all),
        cmocka_unit_test(test_rule_files),
        cmocka_unit_test(test_use_interfaces),
        cmocka_unit_test(test_refusals_of_keys),
        cmocka_unit_test(test_refusals_of_values),
        cmocka_unit_test(test_refusals_of_kinds),
        cmocka_unit_test(test_many_groups_and_files),
        cmocka_unit_test(test_set_refusals),
        cmocka_unit_test(test_files_that_cannot_be_read),
        cmocka_unit_test(test_example_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
