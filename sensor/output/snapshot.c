/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/snapshot.h"
#include "base/stamp.h"
#include "output/eve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX  ((size_t)256 << 20) /* of one file: beyond the ceilings of the tables */
#define PATH_ROOM 4096

static bool write_all(int fd, struct bytes b)
{
    while (b.len > 0) {
        ssize_t n = write(fd, b.p, b.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        b = bytes_from(b, (size_t)n);
    }
    return true;
}

bool snapshot_replace(const char *dir, const char *name, unsigned mode, struct bytes text)
{
    char path[PATH_ROOM], draft[PATH_ROOM];
    int fd, error;
    bool good;

    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path ||
        snprintf(draft, sizeof draft, "%s/.%s.new", dir, name) >= (int)sizeof draft) {
        errno = ENAMETOOLONG;
        goto fail;
    }
    /* One that a crash left behind is written over; a link that somebody put there is not followed. */
    fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
    if (fd < 0)
        goto fail;
    good = write_all(fd, text) && fchmod(fd, (mode_t)mode) == 0;
    error = errno;
    good = close(fd) == 0 && good && rename(draft, path) == 0;
    if (good)
        return true;
    if (error)
        errno = error;
    error = errno;
    (void)unlink(draft);
    errno = error;
fail:
    count(COUNT_SNAPSHOTS_FAILED);
    log_error("cannot write %s/%s: %s", dir, name, strerror(errno));
    return false;
}

/* --- learned --- */

static void put_time(struct jsonw *w, const char *key, uint64_t ts_us)
{
    char stamp[STAMP_TEXT];

    stamp_print(ts_us, stamp);
    jsonw_str(w, key, stamp);
}

static void put_sensor(struct jsonw *w, const struct config *config)
{
    if (config->sensor_name && config->sensor_name[0])
        jsonw_str(w, "host", config->sensor_name);
}

static void learned_json(struct buf *out, const struct config *config, const struct learned_item *i)
{
    struct jsonw w = jsonw_to(out);
    char id[INCIDENT_ID_TEXT];

    incident_id_print(i->incident, id);
    jsonw_object(&w, NULL);
    put_time(&w, "timestamp", i->last_us);
    put_sensor(&w, config);
    jsonw_str(&w, "kind", learned_kind_name((enum learned_kind)i->kind));
    jsonw_bytes(&w, "indicator", bytes_of(i->text, i->len));
    jsonw_str(&w, "verdict", verdict_name((enum incident_verdict)i->verdict));
    jsonw_str(&w, "incident_id", id);
    put_time(&w, "first_seen", i->first_us);
    put_time(&w, "last_seen", i->last_us);
    jsonw_u64(&w, "alerts", i->n);
    jsonw_end_object(&w);
    buf_add_byte(out, '\n');
}

/* A list that iocs.files reads. Bytes that such a line cannot hold are written as a URL has them. */
static void learned_line(struct buf *out, const struct learned_item *i)
{
    for (size_t k = 0; k < i->len; k++) {
        uint8_t c = (uint8_t)i->text[k];

        if (c > ' ' && c < 0x7f)
            buf_add_byte(out, c);
        else
            buf_addf(out, "%%%02X", c);
    }
    buf_addf(out, " # %s\n", verdict_name((enum incident_verdict)i->verdict));
}

static bool is_v6(const struct learned_item *i)
{
    return memchr(i->text, ':', i->len) != NULL;
}

static void nft_head(struct buf *out)
{
    buf_add_str(
        out, "# Written by jndi-sensor, read by nft -f. Rules of yours may ask: ip daddr @callbacks4 drop\n"
             "add table inet jndi_sensor\n"
             "add set inet jndi_sensor callbacks4 { type ipv4_addr; }\n"
             "add set inet jndi_sensor callbacks6 { type ipv6_addr; }\n"
             "flush set inet jndi_sensor callbacks4\n"
             "flush set inet jndi_sensor callbacks6\n");
}

static void ipset_head(struct buf *out)
{
    buf_add_str(out, "create jndi_callbacks4 hash:ip family inet -exist\n"
                     "create jndi_callbacks6 hash:ip family inet6 -exist\n"
                     "flush jndi_callbacks4\n"
                     "flush jndi_callbacks6\n");
}

struct learned_texts {
    struct buf json, nft, ipset, lists[LEARNED_KIND_N];
};

static void texts_fill(struct learned_texts *t, const struct config *config, const struct learned_item *i)
{
    learned_json(&t->json, config, i);
    learned_line(&t->lists[i->kind], i);
    if (i->kind != LEARNED_ADDRESS)
        return;
    buf_addf(&t->nft, "add element inet jndi_sensor callbacks%c { %s }\n", is_v6(i) ? '6' : '4', i->text);
    buf_addf(&t->ipset, "add jndi_callbacks%c %s -exist\n", is_v6(i) ? '6' : '4', i->text);
}

static bool put_file(const struct config *config, const char *end, struct buf *text)
{
    char name[512];

    snprintf(name, sizeof name, "%.400s%s", config->learned_filename, end);
    return snapshot_replace(config->log_dir, name, (unsigned)config->learned_filemode, buf_bytes(text));
}

static bool texts_write(const struct config *config, struct learned_texts *t)
{
    bool good = put_file(config, ".jsonl", &t->json);

    good = put_file(config, ".nft", &t->nft) && good;
    good = put_file(config, ".ipset", &t->ipset) && good;
    for (enum learned_kind k = 0; k < LEARNED_KIND_N; k++) {
        char end[32];

        snprintf(end, sizeof end, "-%s.list", learned_kind_name(k));
        good = put_file(config, end, &t->lists[k]) && good;
    }
    return good;
}

bool snapshot_learned(const struct config *config, const struct learned *l)
{
    struct learned_texts t = {buf_within(TEXT_MAX), buf_within(TEXT_MAX), buf_within(TEXT_MAX), {{0}}};
    const struct learned_item **items;
    bool good;
    size_t n;

    for (unsigned k = 0; k < LEARNED_KIND_N; k++)
        t.lists[k] = buf_within(TEXT_MAX);
    nft_head(&t.nft);
    ipset_head(&t.ipset);
    items = learned_sort(l, &n);
    for (size_t i = 0; i < n; i++)
        texts_fill(&t, config, items[i]);
    good = texts_write(config, &t);
    free(items);
    buf_drop(&t.json);
    buf_drop(&t.nft);
    buf_drop(&t.ipset);
    for (unsigned k = 0; k < LEARNED_KIND_N; k++)
        buf_drop(&t.lists[k]);
    return good;
}

/* --- exposure --- */

static void put_versions(struct jsonw *w, const struct exposure_host *h)
{
    jsonw_array(w, "java");
    for (unsigned i = 0; i < h->n_versions; i++) {
        jsonw_object(w, NULL);
        jsonw_str(w, "version", h->versions[i].text);
        jsonw_str(w, "from", h->versions[i].tls ? "tls" : "user-agent");
        put_time(w, "first_seen", h->versions[i].first_us);
        put_time(w, "last_seen", h->versions[i].last_us);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void put_shows(struct jsonw *w, const struct exposure_host *h)
{
    static const char *const names[SHOWS_N] = {"user_agent", "tls", "ldap", "rmi", "dns", "fetch"};

    jsonw_object(w, "seen");
    for (unsigned i = 0; i < SHOWS_N; i++) {
        if (h->shows[i].n == 0)
            continue;
        jsonw_object(w, names[i]);
        jsonw_u64(w, "count", h->shows[i].n);
        put_time(w, "first_seen", h->shows[i].first_us);
        put_time(w, "last_seen", h->shows[i].last_us);
        jsonw_end_object(w);
    }
    jsonw_end_object(w);
}

void exposure_object(struct jsonw *w, const struct config *config, const struct exposure_host *h)
{
    char addr[ADDR_TEXT], id[INCIDENT_ID_TEXT];

    addr_print(&h->addr, addr);
    jsonw_object(w, NULL);
    put_time(w, "timestamp", h->last_us);
    jsonw_str(w, "event_type", "exposure");
    put_sensor(w, config);
    jsonw_str(w, "src_ip", addr);
    jsonw_object(w, "exposure");
    put_time(w, "first_seen", h->first_us);
    put_time(w, "last_seen", h->last_us);
    put_versions(w, h);
    put_shows(w, h);
    jsonw_str(w, "loads_remote_classes", exposure_loads_name(exposure_loads_remote(h)));
    jsonw_bool(w, "called_back", h->verdict >= VERDICT_VULNERABLE);
    if (h->verdict >= VERDICT_VULNERABLE) {
        incident_id_print(h->incident, id);
        jsonw_str(w, "verdict", verdict_name((enum incident_verdict)h->verdict));
        jsonw_str(w, "incident_id", id);
        put_time(w, "verdict_at", h->verdict_us);
    }
    jsonw_end_object(w);
    jsonw_end_object(w);
}

static bool exposure_line(struct buf *out, const struct config *config, const struct exposure_host *h)
{
    struct jsonw w = jsonw_to(out);

    exposure_object(&w, config, h);
    return buf_add_byte(out, '\n') && w.ok;
}

bool snapshot_exposure(const struct config *config, const struct exposure *e)
{
    struct buf text = buf_within(TEXT_MAX);
    size_t n;
    const struct exposure_host **hosts = exposure_sort(e, &n);
    bool good = true;

    for (size_t i = 0; i < n; i++)
        good = exposure_line(&text, config, hosts[i]) && good;
    good = snapshot_replace(config->log_dir, config->exposure_filename, (unsigned)config->exposure_filemode,
                            buf_bytes(&text)) &&
           good;
    free(hosts);
    buf_drop(&text);
    return good;
}
