/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of indicators: any text is read whole or refused with words; what was read is found again by its own
 * text, and any question is answered. What follows a line "%%" is asked, line by line. */
#include "correlate/ioc.h"
#include "correlate/ioc_key.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ioc *find_again(const struct iocs *s, const struct ioc *i)
{
    struct bytes text = bytes_str(i->text), host;
    struct net net;
    uint16_t port;

    switch (i->kind) {
    case IOC_URL:
        return iocs_by_url(s, text);
    case IOC_SHA256:
        return iocs_by_sha256(s, text);
    case IOC_SERVER:
        assert(ioc_server_split(text, &host, &port));
        return iocs_by_server(s, host, port);
    case IOC_DOMAIN:
        return iocs_by_host(s, text);
    default:
        assert(net_parse(text, &net));
        return iocs_by_addr(s, &net.addr);
    }
}

static void ask(const struct iocs *s, struct bytes line)
{
    const struct ioc *i = iocs_by_host(s, line);
    struct ioc_url url;
    struct bytes host;
    uint16_t port;

    assert(!i || i->kind == IOC_DOMAIN || i->kind == IOC_ADDRESS || i->kind == IOC_NETWORK);
    iocs_by_url(s, line);
    iocs_by_sha256(s, line);
    if (ioc_url_split(line, &url))
        assert(url.host.len > 0 && url.host.p >= line.p && url.host.p + url.host.len <= line.p + line.len);
    if (ioc_server_split(line, &host, &port))
        iocs_by_server(s, host, port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_of(data, size), rest;
    size_t split = bytes_find(text, BYTES_LIT("\n%%\n"));
    struct iocs *s = iocs_new(100);
    struct complaint why = {""};
    bool read;

    assert(s);
    rest = split == BYTES_NONE ? text : bytes_from(text, split + 4);
    read = iocs_add_text(s, "fuzz.list", bytes_slice(text, 0, split), &why);
    assert(read == (why.text[0] == '\0') && iocs_n(s) <= 100);
    for (size_t k = 0; k < iocs_n(s); k++) {
        const struct ioc *i = iocs_at(s, k), *again = find_again(s, i);

        /* A network, and a domain, may be hidden by a narrower one that begins where it does. */
        assert(again && (again == i || i->kind == IOC_NETWORK));
    }
    while (rest.len > 0) {
        size_t end = bytes_find_byte(rest, '\n');

        ask(s, bytes_slice(rest, 0, end));
        rest = bytes_from(rest, end == BYTES_NONE ? rest.len : end + 1);
    }
    iocs_free(s);
    return 0;
}
