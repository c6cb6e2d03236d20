/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/count.h"
#include "support/capture_file.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pcap/dlt.h>
#include <sys/socket.h>
#include <unistd.h>

static void no_such_interface(void **state)
{
    struct config_interface interface = {.name = (char *)"no-such-if0", .bpf_filter = (char *)""};
    struct capture_plan plan = {.interfaces = &interface, .n_interfaces = 1, .bpf = ""};
    struct complaint why = {""};

    (void)state;
    assert_null(capture_open(&plan, &why));
    assert_non_null(strstr(why.text, "no-such-if0"));
    /* Without the right to look, the kernel does not say that there is none: then the cure is named. */
    assert_true(strstr(why.text, "no such interface") || strstr(why.text, "CAP_NET_RAW"));
}

static void send_datagrams(const char *text, unsigned n)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    assert_true(fd >= 0);
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(sendto(fd, text, strlen(text), 0, (struct sockaddr *)&to, sizeof to),
                         (ssize_t)strlen(text));
    close(fd);
}

static bool frame_ends_in(const struct frame *f, const char *text)
{
    return bytes_ends(f->data, bytes_str(text));
}

/* The loopback interface, where captures are permitted: what was sent before the stop is given after it,
 * although the kernel has not closed its block of the ring then; what is sent after the stop is not. */
static void live_loopback(void **state)
{
    struct config_interface interface = {
        .name = (char *)"lo", .bpf_filter = (char *)"udp", .buffer_size = 4 * 1024 * 1024, .snaplen = 65535};
    struct capture_plan plan = {.interfaces = &interface, .n_interfaces = 1, .bpf = "dst port 9"};
    struct complaint why = {""};
    struct capture *c = capture_open(&plan, &why);
    struct frame f;
    enum capture_result result;
    unsigned seen = 0, late = 0;

    (void)state;
    if (!c) {
        assert_non_null(strstr(why.text, "interface lo: "));
        skip();
    }
    assert_int_equal(capture_next(c, &f), CAPTURE_IDLE);
    send_datagrams("seen by the test", 20);
    capture_stop(c);
    usleep(2000);
    send_datagrams("too late", 1);
    while ((result = capture_next(c, &f)) != CAPTURE_END) {
        if (result != CAPTURE_FRAME)
            continue;
        assert_int_equal(f.link_type, DLT_EN10MB);
        assert_string_equal(capture_source(c), "lo");
        seen += frame_ends_in(&f, "seen by the test");
        late += frame_ends_in(&f, "too late");
    }
    capture_update_drops(c);
    assert_int_equal(seen, 20);
    /* The stop is noticed by the next capture_next, so this frame may come before or after: never more than
     * it. */
    assert_true(late <= 1);
    assert_int_equal(counters[COUNT_CAPTURE_KERNEL_DROPS], 0);
    assert_false(capture_failed(c));
    capture_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(no_such_interface),
        FOLDER_TEST(live_loopback),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
