/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run by the build: scan_bake OUT.c compiles the trigger for each level of processor and writes the databases
 * as C. A level that this Hyperscan cannot compile for is left out; then, and wherever else no database fits,
 * the sensor compiles its own when it starts. */
#include "detect/scan.h"
#include "detect/scan_baked.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* This program has none. */
const struct scan_baked scan_baked[] = {{NULL, 0}};

static void write_words(FILE *out, unsigned level, const char *db, size_t len)
{
    fprintf(out, "static const uint64_t level_%u[] = {", level);
    for (size_t at = 0; at < len; at += 8) {
        uint64_t word = 0;

        memcpy(&word, db + at, len - at < 8 ? len - at : 8);
        fprintf(out, "%s0x%" PRIx64 ",", at / 8 % 8 ? "" : "\n", word);
    }
    fprintf(out, "\n};\n\n");
}

static void write_all(FILE *out)
{
    size_t lens[16] = {0};
    unsigned level = 0;

    fprintf(out, "/* Written by the build (cmake/scan_bake.c). */\n#include \"detect/scan_baked.h\"\n\n");
    for (; level < sizeof lens / sizeof *lens; level++) {
        struct complaint why = {""};
        size_t len = 0;
        char *db;
        bool made = scan_bake(level, &db, &len, &why);

        if (made && !db)
            break;
        if (made) {
            lens[level] = len;
            write_words(out, level, db, len);
        }
        free(db);
    }
    fprintf(out, "const struct scan_baked scan_baked[] = {\n");
    for (unsigned i = 0; i < level; i++)
        if (lens[i])
            fprintf(out, "    {level_%u, %zu},\n", i, lens[i]);
    fprintf(out, "    {NULL, 0},\n};\n");
}

int main(int argc, char *argv[])
{
    FILE *out = argc == 2 ? fopen(argv[1], "w") : NULL;

    if (!out) {
        fprintf(stderr, "scan_bake: usage: scan_bake OUT.c, a file that can be written\n");
        return 2;
    }
    write_all(out);
    return fclose(out) == 0 ? 0 : 3;
}
