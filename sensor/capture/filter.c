/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/filter.h"
#include "capture/source.h"

#include <pcap/dlt.h>
#include <stdlib.h>

/* DLT_RAW has another number in files than in programs, and libpcap compiles for the latter only. */
#define LINK_TYPE_RAW 101

/* What decode/link.c opens. */
static const int link_types[] = {
    DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_RAW, LINK_TYPE_RAW,  DLT_IPV4,
    DLT_IPV6,   DLT_NULL,      DLT_LOOP,       DLT_PPP, DLT_PPP_SERIAL, DLT_PPP_ETHER,
};
#define N_LINK_TYPES (sizeof link_types / sizeof *link_types)

struct filters {
    const char *text;
    struct filter {
        struct bpf_program program; /* no instructions: it makes no sense for this link type */
        char misfit[PCAP_ERRBUF_SIZE];
    } filters[N_LINK_TYPES];
};

static bool compile(struct filter *filter, int link_type, const char *text)
{
    pcap_t *dead = pcap_open_dead(link_type == LINK_TYPE_RAW ? DLT_RAW : link_type, MAX_SNAPLEN);
    bool done = dead && pcap_compile(dead, &filter->program, text, 1, PCAP_NETMASK_UNKNOWN) == 0;

    if (!done) {
        filter->program = (struct bpf_program){0};
        snprintf(filter->misfit, sizeof filter->misfit, "%s", dead ? pcap_geterr(dead) : "out of memory");
    }
    if (dead)
        pcap_close(dead);
    return done;
}

static bool sound(struct filter *ethernet, const char *bpf, struct complaint *why)
{
    return compile(ethernet, DLT_EN10MB, bpf) ||
           complain(why, "capture filter '%s': %s (see pcap-filter(7))", bpf, ethernet->misfit);
}

bool filter_is_sound(const char *bpf, struct complaint *why)
{
    struct filter ethernet = {.misfit = ""};
    bool good = !bpf[0] || sound(&ethernet, bpf, why);

    pcap_freecode(&ethernet.program);
    return good;
}

struct filters *filters_new(const char *bpf, struct complaint *why)
{
    struct filters *f = calloc(1, sizeof *f);

    if (!f) {
        complain(why, "out of memory");
        return NULL;
    }
    f->text = bpf;
    if (!bpf[0])
        return f;
    if (!sound(&f->filters[0], bpf, why)) {
        filters_free(f);
        return NULL;
    }
    for (size_t i = 1; i < N_LINK_TYPES; i++)
        (void)compile(&f->filters[i], link_types[i], bpf);
    return f;
}

void filters_free(struct filters *f)
{
    for (size_t i = 0; f && i < N_LINK_TYPES; i++)
        pcap_freecode(&f->filters[i].program);
    free(f);
}

static const struct filter *filter_of(const struct filters *f, int link_type)
{
    for (size_t i = 0; i < N_LINK_TYPES; i++)
        if (link_types[i] == link_type)
            return &f->filters[i];
    return NULL;
}

const char *filters_misfit(const struct filters *f, int link_type)
{
    const struct filter *filter = filter_of(f, link_type);

    if (!f->text[0])
        return NULL;
    if (!filter)
        return "nothing of this type is opened";
    return filter->program.bf_insns ? NULL : filter->misfit;
}

bool filters_pass(const struct filters *f, int link_type, struct bytes data, uint32_t wire_len)
{
    const struct pcap_pkthdr header = {.caplen = (uint32_t)data.len, .len = wire_len};
    const struct filter *filter;

    if (!f->text[0])
        return true;
    filter = filter_of(f, link_type);
    return filter && pcap_offline_filter(&filter->program, &header, data.p) != 0;
}

const char *filters_text(const struct filters *f)
{
    return f->text;
}
