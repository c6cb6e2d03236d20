/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a fuzz target over the files of a corpus, without libFuzzer: each file whole, and each of its cuts
 * when the file is small. Every input lies in memory of exactly its size, so that AddressSanitizer sees an
 * overread of one. */

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX (1024 * 1024)
#define CUTS_MAX \
    512 /* files up to this size are cut at every byte as well: keeps the whole corpus within seconds */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

static void run_exact(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);

    if (!exact) {
        fputs("out of memory\n", stderr);
        exit(2);
    }
    if (size)
        memcpy(exact, data, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static int run_file(const char *path)
{
    static uint8_t data[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    size_t size;

    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    size = fread(data, 1, sizeof data, file);
    fclose(file);
    run_exact(data, size);
    for (size_t cut = 0; size <= CUTS_MAX && cut < size; cut++)
        run_exact(data, cut);
    return 0;
}

static int run_folder(const char *folder, unsigned *n_files)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int bad = 0;

    if (!dir) {
        fprintf(stderr, "%s: %s\n", folder, strerror(errno));
        return -1;
    }
    while ((entry = readdir(dir))) {
        char path[4096];
        struct stat st;

        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (stat(path, &st) || !S_ISREG(st.st_mode))
            continue;
        bad |= run_file(path);
        (*n_files)++;
    }
    closedir(dir);
    return bad;
}

int main(int argc, char **argv)
{
    unsigned n_files = 0;

    if (LLVMFuzzerInitialize)
        LLVMFuzzerInitialize(&argc, &argv);
    if (argc != 2) {
        fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
        return 2;
    }
    if (run_folder(argv[1], &n_files))
        return 1;
    if (!n_files) {
        fprintf(stderr, "%s: no files, nothing was tested\n", argv[1]);
        return 1;
    }
    printf("%u files\n", n_files);
    return 0;
}
