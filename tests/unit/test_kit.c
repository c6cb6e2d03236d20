/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
    const char *path, *kit, *payload, *command;
} all[] = {
    {"Basic/Command/Base64/dG91Y2ggL3RtcC9wd25lZAo=", "JNDIExploit", "Basic", "touch /tmp/pwned\n"},
    {"/basic/command/base64/aWQ", "JNDIExploit", "basic", "id"},
    {"Basic/Command/id;ls%20-l", "JNDIExploit", "Basic", "id;ls -l"},
    {"Basic/Command/Base64/aWQ%3D", "JNDIExploit", "Basic", "id"},
    {"Basic/Command/Base64/fn5+", "JNDIExploit", "Basic", "~~~"},
    {"Basic/Command/Base64/fn5 ", "JNDIExploit", "Basic", "~~~"},
    {"Basic/Command/Base64/!!", "JNDIExploit", "Basic", "!!"},
    {"Basic/ReverseShell/192.0.2.1/4444", "JNDIExploit", "Basic", "192.0.2.1/4444"},
    {"Basic/Dnslog/a.example", "JNDIExploit", "Basic", "a.example"},
    {"Basic/TomcatMemshell1", "JNDIExploit", "Basic", ""},
    {"TomcatBypass/Command/Base64/aWQ=", "JNDIExploit", "TomcatBypass", "id"},
    {"GroovyBypass/Command/Base64/aWQ=", "JNDIExploit", "GroovyBypass", "id"},
    {"Deserialization/CommonsCollectionsK2/Command/Base64/bWtkaXIgcHduZAo=", "JNDIExploit",
     "Deserialization/CommonsCollectionsK2", "mkdir pwnd\n"},
    {"Deserialization/URLDNS/a.example", "JNDIExploit", "Deserialization/URLDNS", ""},
    {"serial/CommonsCollections5/exec_unix/aWQ=", "JNDI-Exploit-Kit", "serial/CommonsCollections5", "id"},
    {"serial/URLDNS/dns/a.example", "JNDI-Exploit-Kit", "serial/URLDNS", "a.example"},
    {"WebsphereBypass/Upload/Command/Base64/aWQ=", "JNDIExploit", "WebsphereBypass/Upload", "id"},
    {"WebsphereBypass/List/file=/etc", "JNDIExploit", "WebsphereBypass/List", ""},
    {"Deserialization/Clojure/nu1r/Base64/aWQ=", "JNDI-NU", "Deserialization/Clojure", "id"},
    {"TomcatBypass/nu1r/id", "JNDI-NU", "TomcatBypass", "id"},
    {"GroovyShell/Command/id", "JNDIMap", "GroovyShell", "id"},
    {"SnakeYaml/ReverseShell/192.0.2.1/4444", "JNDIMap", "SnakeYaml", "192.0.2.1/4444"},
    {"MLet/com.example.TestClass", "JNDIMap", "MLet", "com.example.TestClass"},
    {"NativeLibLoader/L3RtcC9ldmls", "JNDIMap", "NativeLibLoader", "/tmp/evil"},
    {"Basic/Command/Base64/Pj4-Pz8_", "JNDIExploit", "Basic", ">>>???"}, /* the alphabet for URLs */
    {"o=websphere1,wsdl=http://a/b", "rogue-jndi", "o=websphere1", ""},
    {"o=reference", "rogue-jndi", "o=reference", ""},
    {"o=dbcp2-h2", "rogue-jndi", "o=dbcp2-h2", ""},
    {"o=dbcp2-postgresql", "rogue-jndi", "o=dbcp2-postgresql", ""},
    {"o=druid-h2", "rogue-jndi", "o=druid-h2", ""},
    {"o=hikaricp-h2", "rogue-jndi", "o=hikaricp-h2", ""},
    {"o=fromfile", "rogue-jndi", "o=fromfile", ""},
    {"O=Tomcat", "rogue-jndi", "O=Tomcat", ""},
    {"serial/CommonsCollections6/exec_win/d2hvYW1p", "JNDI-Exploit-Kit", "serial/CommonsCollections6",
     "whoami"},
    {"serial/Groovy1/exec_global/aWQ=", "JNDI-Exploit-Kit", "serial/Groovy1", "id"},
    {"serial/CommonsBeanutils1/java_reverse_shell/MTkyLjAuMi4xOjQ0NDQ=", "JNDI-Exploit-Kit",
     "serial/CommonsBeanutils1", "192.0.2.1:4444"},
    {"serial/Jdk7u21/sleep/10000", "JNDI-Exploit-Kit", "serial/Jdk7u21", "10000"},
    {"o=referencex", NULL, "", ""},
    {"o=tomcat1", NULL, "", ""},
    {"o=shop,c=nl", NULL, "", ""},
    {"serial", NULL, "", ""},
    {"Basic", NULL, "", ""}, /* a word like any other */
    {"basics/Command/id", NULL, "", ""},
    {"a", NULL, "", ""},
    {"", NULL, "", ""},
    {"///", NULL, "", ""},
    {"dc=corp,dc=example", NULL, "", ""},
};

static void each_path(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        struct buf command = buf_within(KIT_COMMAND_MAX);
        struct kit kit = kit_of_path(bytes_str(all[i].path), &command);

        if (!all[i].kit)
            assert_null(kit.name);
        else
            assert_string_equal(kit.name, all[i].kit);
        assert_true(bytes_eq(kit.payload, bytes_str(all[i].payload)));
        assert_true(bytes_eq(buf_bytes(&command), bytes_str(all[i].command)));
        buf_drop(&command);
    }
}

static void cut_anywhere(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        for (size_t cut = 0; cut <= strlen(all[i].path); cut++) {
            uint8_t *exact = malloc(cut + !cut);
            struct buf command = buf_within(8);

            assert_non_null(exact);
            memcpy(exact, all[i].path, cut);
            (void)kit_of_path(bytes_of(exact, cut), &command);
            (void)kit_of_path(bytes_of(exact, cut), NULL);
            (void)kit_of_class(bytes_of(exact, cut));
            assert_true(command.len <= 8);
            buf_drop(&command);
            free(exact);
        }
}

static void classes(void **state)
{
    static const struct {
        const char *name, *kit;
    } known[] = {{"ExecTemplateJDK8", "JNDI-Injection-Exploit"},
                 {"xExportObject", "rogue-jndi"},
                 {"ExploitcIwQOLKIhB", "JNDIExploit"},
                 {"Exploit", NULL},
                 {"ExploitFactory_1A", NULL},
                 {"Payload", NULL},
                 {"", NULL}};

    (void)state;
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
        const char *kit = kit_of_class(bytes_str(known[i].name));

        assert_true(kit ? known[i].kit && strcmp(kit, known[i].kit) == 0 : !known[i].kit);
    }
}

static void references(void **state)
{
    static const struct {
        const char *class_name, *factory, *codebase, *kit;
    } known[] = {
        {"foo", "Exploit", "http://203.0.113.9:8000/", "marshalsec"}, /* as log4j-shell-poc starts it */
        {"Foo", "Exploit", "http://203.0.113.9:8000/#Exploit", "marshalsec"},
        {"foo", "ExploitcIwQOLKIhB", "http://203.0.113.9:8888/", "JNDIExploit"}, /* has copied it */
        {"Foo", "ExecTemplateJDK5", "http://203.0.113.9:8180/#ExecTemplateJDK5", "JNDI-Injection-Exploit"},
        {"Foo", "Exploit", "http://203.0.113.9:8000/", NULL},
        {"Foo", "Exploit", "Exploit", NULL},
        {"Foo", "Exploit", "#Exploit", "marshalsec"},
        {"Foo", "Exploit", "http://203.0.113.9/xExploit", NULL},
        {"Foo", "Exploit", "t", NULL},
        {"foo", "Exploit", "", NULL},
        {"foo", "", "http://203.0.113.9:8000/", NULL},
        {"Payload", "Payload", "http://203.0.113.9:8000/", NULL},
        {"javax.sql.DataSource", "org.apache.tomcat.dbcp.dbcp2.BasicDataSourceFactory", "", NULL}};

    (void)state;
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
        const char *kit = kit_of_reference(bytes_str(known[i].class_name), bytes_str(known[i].factory),
                                           bytes_str(known[i].codebase));

        if (known[i].kit ? !kit || strcmp(kit, known[i].kit) != 0 : kit != NULL)
            fail_msg("%u: %s", i, kit ? kit : "none");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_path),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(classes),
        cmocka_unit_test(references),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
