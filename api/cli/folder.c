#include "cli/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* devices / NAME / wallets / ID / file */
#define DEPTH_MAX 5

cli_exit folder_make(cli *c, const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST) return file_failure(c, "make folder", path);
    /* Also when it is there: an earlier process may have ended before it was durable. */
    return file_sync_folder_of(c, path);
}

static int is_visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

cli_exit folder_each(cli *c, const char *path, cli_exit (*fn)(cli *c, const char *name, void *arg),
                     void *arg)
{
    struct dirent **entry;
    cli_exit code = CLI_OK;
    const int n = scandir(path, &entry, is_visible, alphasort);

    if (n < 0) return errno == ENOENT ? CLI_OK : file_failure(c, "read folder", path);
    for (int i = 0; i < n; i++) {
        if (code == CLI_OK) code = fn(c, entry[i]->d_name, arg);
        free(entry[i]);
    }
    free(entry);
    return code;
}

/* --- what a crash left half written --- */

typedef struct sweep {
    const char *path;
    unsigned depth;
} sweep;

static cli_exit sweep_one(cli *c, const char *name, void *arg)
{
    const sweep *s = arg;
    char path[PATH_ROOM];
    struct stat st;
    sweep inner = {path, s->depth + 1};

    CLI_TRY(path_join(c, path, s->path, name, NULL));
    if (lstat(path, &st) != 0) return file_failure(c, "look at", path);
    if (S_ISDIR(st.st_mode) && s->depth < DEPTH_MAX) return folder_each(c, path, sweep_one, &inner);
    if (!S_ISREG(st.st_mode) || !file_name_is_temporary(name)) return CLI_OK;
    return file_remove(c, path);
}

/* --- the state folder --- */

/* Outlives the command: c->state points to it. */
static char home_state[PATH_ROOM];

cli_exit folder_choose(cli *c)
{
    const char *home = getenv("HOME");

    if (c->state != NULL && c->state[0] == '\0')
        return cli_fail(c, CLI_USAGE, "--state names no folder");
    if (c->state != NULL) return CLI_OK;
    if (home == NULL || home[0] == '\0')
        return cli_fail(c, CLI_USAGE, "there is no HOME; name the state folder: --state DIR");
    CLI_TRY(path_join(c, home_state, home, ".countersign", NULL));
    c->state = home_state;
    return CLI_OK;
}

static cli_exit refuse_open_folder(cli *c)
{
    struct stat st;

    if (stat(c->state, &st) != 0) return file_failure(c, "use", c->state);
    if (!S_ISDIR(st.st_mode)) return cli_fail(c, CLI_LOCAL, "%s is not a folder", c->state);
    if (st.st_uid != geteuid())
        return cli_fail(c, CLI_LOCAL, "%s belongs to another user: use a folder of your own",
                        c->state);
    if ((st.st_mode & 077) != 0)
        return cli_fail(c, CLI_LOCAL, "%s is open to others: chmod 700 it", c->state);
    return CLI_OK;
}

static cli_exit lock(cli *c)
{
    char path[PATH_ROOM];

    CLI_TRY(path_join(c, path, c->state, "lock", NULL));
    c->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (c->lock_fd < 0) return file_failure(c, "open", path);
    if (flock(c->lock_fd, LOCK_EX | LOCK_NB) == 0) return CLI_OK;
    if (errno != EWOULDBLOCK) return file_failure(c, "lock", path);
    return cli_fail(c, CLI_REFUSED,
                    "another countersign process uses %s; wait until it has finished", c->state);
}

cli_exit folder_take(cli *c, bool create)
{
    sweep all = {.depth = 0};

    CLI_TRY(folder_choose(c));
    all.path = c->state;
    if (create) CLI_TRY(folder_make(c, c->state));
    if (!file_is_there(c->state))
        return cli_fail(c, CLI_REFUSED, "nothing is set up in %s; run: countersign device init",
                        c->state);
    CLI_TRY(refuse_open_folder(c));
    CLI_TRY(lock(c));
    return folder_each(c, c->state, sweep_one, &all);
}
