/* Runs a fuzz target over files, and over the files of folders: the corpora are tests. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz.h"

static void stop(const char *path)
{
    perror(path);
    exit(1);
}

static void run_file(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *f = fopen(path, "rb");
    size_t len;
    uint8_t *exact; /* so that a read beyond the end is seen */

    if (f == NULL) stop(path);
    len = fread(data, 1, sizeof data, f);
    if (ferror(f)) stop(path);
    (void)fclose(f);
    exact = malloc(len + 1);
    if (exact == NULL) stop(path);
    for (size_t i = 0; i < len; i++)
        exact[i] = data[i];
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
}

static unsigned run_folder(const char *path)
{
    char name[4096];
    unsigned files = 0;
    DIR *d = opendir(path);

    if (d == NULL) stop(path);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] == '.') continue;
        (void)snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        run_file(name);
        files++;
    }
    (void)closedir(d);
    return files;
}

int main(int argc, char **argv)
{
    unsigned files = 0;

    for (int i = 1; i < argc; i++) {
        struct stat st;

        if (stat(argv[i], &st) != 0) stop(argv[i]);
        if (S_ISDIR(st.st_mode)) {
            files += run_folder(argv[i]);
        } else {
            run_file(argv[i]);
            files++;
        }
    }
    if (files == 0) fprintf(stderr, "usage: %s file|folder...\n", argv[0]);
    return files == 0;
}
