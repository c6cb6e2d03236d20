/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "progress.h"
#include "base/log.h"
#include "base/stamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR         12
#define LINE_SPACE  256
#define REDRAW_US   200000
#define PATIENCE_US 500000
#define MEGABYTE    UINT64_C(1000000)

static progress_fn *viewer; /* NULL when there is nothing to show */
static void *viewer_arg;
static uint64_t begun_us, drawn_us;
static bool visible;

static unsigned columns_of_stderr(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10 ? size.ws_col : 80;
}

/* A position in the file that is not ahead of its end, whatever the file became meanwhile. */
static int print_known(const struct progress_view *v, uint64_t rate, char *out, size_t size)
{
    uint64_t done = v->done < v->total ? v->done : v->total;
    unsigned filled = (unsigned)((double)done / (double)v->total * BAR);
    char bar[BAR + 1];

    for (unsigned i = 0; i < BAR; i++)
        bar[i] = i < filled ? '#' : '-';
    bar[BAR] = '\0';
    return snprintf(out, size, "[%s] %u%%  %" PRIu64 "/%" PRIu64 " MB  %" PRIu64 " MB/s  ETA %" PRIu64 "s",
                    bar, (unsigned)((double)done / (double)v->total * 100), done / MEGABYTE,
                    v->total / MEGABYTE, rate / MEGABYTE, rate ? (v->total - done + rate - 1) / rate : 0);
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static int print_unknown(const struct progress_view *v, uint64_t rate, char *out, size_t size)
{
    return snprintf(out, size, "%" PRIu64 " %s%s  %" PRIu64 " MB  %" PRIu64 " MB/s", v->n_parts, v->part,
                    plural(v->n_parts), v->done / MEGABYTE, rate / MEGABYTE);
}

void progress_print(const struct progress_view *v, unsigned columns, char *out, size_t size)
{
    uint64_t rate = v->elapsed_us ? (uint64_t)((double)v->done / ((double)v->elapsed_us / 1e6)) : 0;
    const char *slash = strrchr(v->name, '/');
    int n = v->total ? print_known(v, rate, out, size) : print_unknown(v, rate, out, size);
    char place[32] = "";

    if (v->n_files)
        snprintf(place, sizeof place, " (%u/%u)", v->file, v->n_files);
    if (n >= 0 && (size_t)n < size)
        snprintf(out + n, size - (size_t)n, "  %" PRIu64 " %s%s  %s%s", v->n_found, v->found,
                 plural(v->n_found), slash ? slash + 1 : v->name, place);
    for (unsigned char *c = (unsigned char *)out; *c; c++)
        if (*c < 0x20 || *c == 0x7f)
            *c = '?'; /* the terminal must not obey a file's name */
    if (strlen(out) > columns) {
        while (columns && ((unsigned char)out[columns] & 0xc0) == 0x80)
            columns--; /* not in the middle of a character */
        out[columns] = '\0';
    }
}

static void erase(void)
{
    if (visible)
        fputs("\r\033[K", stderr);
    visible = false;
}

static void draw(uint64_t now_us)
{
    struct progress_view v = {.elapsed_us = now_us - begun_us};
    char text[LINE_SPACE], line[LINE_SPACE + 8];

    viewer(viewer_arg, &v);
    progress_print(&v, columns_of_stderr() - 1, text, sizeof text);
    snprintf(line, sizeof line, "\r%s\033[K", text);
    fputs(line, stderr); /* one write: unbuffered streams of libc collect a call's output */
    visible = true;
    drawn_us = now_us;
}

void progress_begin(progress_fn *fn, void *arg, bool at_once)
{
    viewer = fn;
    viewer_arg = arg;
    begun_us = monotonic_us();
    drawn_us = begun_us + (at_once ? 0 : PATIENCE_US - REDRAW_US);
    log_set_before(erase);
    if (at_once)
        draw(begun_us);
}

void progress_tick(void)
{
    uint64_t now_us;

    if (!viewer)
        return;
    now_us = monotonic_us();
    if (now_us >= drawn_us + REDRAW_US)
        draw(now_us);
}

void progress_end(void)
{
    erase();
    viewer = NULL;
    log_set_before(NULL);
}
