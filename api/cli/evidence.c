#include "cli/evidence.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/folder.h"
#include "cli/json.h"
#include "cli/peers.h"
#include "cli/tell.h"

void evidence_words(char words[EVIDENCE_WORDS], const csig_blame *b)
{
    snprintf(words, EVIDENCE_WORDS, "%s (%s; party %u, round %u %.31s)", csig_err_text(b->err),
             csig_err_name(b->err), b->culprit, b->round, b->where);
}

bool evidence_is_told(const rounds *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (csig_session_is_telling(r->s[i])) return true;
    return false;
}

/* --- refused from now on --- */

static cli_exit refuse(cli *c, const rounds *r, const uint8_t id[CSIG_IDENTITY_BYTES],
                       const csig_blame *b)
{
    char reason[80];

    snprintf(reason, sizeof reason, "%s, round %u %.31s", csig_err_name(b->err), b->round,
             b->where);
    for (size_t i = 0; i < r->count; i++)
        if (memcmp(r->d[i]->id, id, CSIG_IDENTITY_BYTES) != 0)
            CLI_TRY(lock_set(c, r->d[i], id, reason));
    return CLI_OK;
}

/* --- files --- */

/* Of one device. */
#define FILES_MAX 64

typedef struct oldest {
    const char *folder, *spared; /* the name of the one that was written just now */
    size_t count;
    char path[PATH_ROOM]; /* empty: there is none */
    struct timespec when;
} oldest;

static cli_exit look_at(cli *c, const char *name, void *arg)
{
    oldest *o = arg;
    char path[PATH_ROOM];
    struct stat st;

    o->count++;
    CLI_TRY(path_join(c, path, o->folder, name, NULL));
    if (strcmp(name, o->spared) == 0 || lstat(path, &st) != 0) return CLI_OK;
    if (o->path[0] != '\0' &&
        (st.st_mtim.tv_sec > o->when.tv_sec ||
         (st.st_mtim.tv_sec == o->when.tv_sec && st.st_mtim.tv_nsec >= o->when.tv_nsec)))
        return CLI_OK;
    memcpy(o->path, path, sizeof o->path);
    o->when = st.st_mtim;
    return CLI_OK;
}

/* Whoever fails again and again does not fill the disk. */
static cli_exit leave_newest(cli *c, const char *folder, const char *name)
{
    for (;;) {
        oldest o = {.folder = folder, .spared = name};

        CLI_TRY(folder_each(c, folder, look_at, &o));
        if (o.count <= FILES_MAX || o.path[0] == '\0') return CLI_OK;
        CLI_TRY(file_remove(c, o.path));
        cli_note(c, "older evidence was removed: %s", o.path);
    }
}

static cli_exit write_file(cli *c, const device *d, const csig_session *s, const blob *b)
{
    char folder[PATH_ROOM], path[PATH_ROOM], name[65];
    uint8_t id[32];

    csig_session_id(s, id);
    hex_write(name, id, sizeof id);
    CLI_TRY(path_join(c, folder, d->folder, "evidence", NULL));
    CLI_TRY(path_join(c, path, folder, name, NULL));
    CLI_TRY(folder_make(c, folder));
    CLI_TRY(file_write(c, path, b->p, b->len));
    cli_note(c, "the evidence of device %s: %s", d->name, path);
    return leave_newest(c, folder, name);
}

/* A session whose verdict names nobody has none. */
static cli_exit keep(cli *c, const rounds *r, size_t i, bool *named)
{
    AUTO_BLOB b = {0};
    csig_verdict v;

    *named = false;
    if (csig_session_evidence(r->s[i], NULL, &b.len) != CSIG_E_BUFFER) return CLI_OK;
    b.p = malloc(b.len);
    if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    CLI_TRY(cli_check(c, csig_session_evidence(r->s[i], b.p, &b.len), "evidence"));
    CLI_TRY(cli_check(c, csig_evidence_verify(b.p, b.len, &v), "our own evidence"));
    /* The lock first: it is durable before anything is told. */
    CLI_TRY(refuse(c, r, v.identity, &v.blame));
    *named = true;
    return write_file(c, r->d[i], r->s[i], &b);
}

/* --- nobody is named --- */

static bool is_counted(const rounds *r, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (r->d[k] == r->d[i]) return true;
    return false;
}

cli_exit evidence_suspect(cli *c, const rounds *r, const csig_blame *b, char words[SUSPECT_WORDS])
{
    unsigned most = 0;
    char reason[80];

    snprintf(reason, sizeof reason, "%s, round %u %.31s", csig_err_name(b->err), b->round,
             b->where);
    for (size_t i = 0; i < r->count && r->session[0] != '\0'; i++) {
        unsigned count;

        if (is_counted(r, i)) continue;
        CLI_TRY(suspicion_add(c, r->d[i], r->server, reason, &count));
        if (count > most) most = count;
    }
    if (most == SUSPICIONS_MAX)
        snprintf(words, SUSPECT_WORDS,
                 "nobody is named, for the third time; the devices here refuse the server from "
                 "now on. Look for the reason before: countersign wallet unlock");
    else
        snprintf(words, SUSPECT_WORDS,
                 "nobody is named, and nobody excluded: the same parties may try again (failure "
                 "%u of %d)",
                 most, SUSPICIONS_MAX);
    return CLI_OK;
}

/* Who was found and cannot be shown to others: a device here, or the server. */
static cli_exit refuse_unproven(cli *c, const rounds *r, const csig_blame *b)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->index[i] == b->culprit) return refuse(c, r, r->d[i]->id, b);
    return r->session[0] != '\0' ? refuse(c, r, r->server, b) : CLI_OK;
}

/* --- the verdict --- */

cli_exit evidence_tell(cli *c, const rounds *r)
{
    char words[EVIDENCE_WORDS] = "", suspect[SUSPECT_WORDS];
    csig_blame nobody = {.err = CSIG_OK};
    bool any = false, unproven = false;

    for (size_t i = 0; i < r->count; i++) {
        csig_blame b;
        bool named;

        if (!csig_session_is_telling(r->s[i])) continue;
        csig_session_blame(r->s[i], &b);
        CLI_TRY(keep(c, r, i, &named));
        if (!named && b.culprit != 0) {
            CLI_TRY(refuse_unproven(c, r, &b));
            unproven = true;
        }
        if (!named && b.culprit == 0) nobody = b;
        if (words[0] == '\0' || (named && !any)) evidence_words(words, &b);
        any = any || named;
    }
    if (!any && !unproven) {
        CLI_TRY(evidence_suspect(c, r, &nobody, suspect));
        return cli_fail(c, CLI_CHEAT, "%s; %s", words, suspect);
    }
    return cli_fail(c, CLI_CHEAT, "%s; %s. Look for the reason before: countersign wallet unlock",
                    words,
                    any ? "who it was is proven, and refused by the devices here from now on"
                        : "that cannot be shown to others; the devices here refuse it from now on");
}

cli_exit evidence_silence(cli *c, const rounds *r)
{
    for (size_t i = 0; i < r->count; i++) {
        uint16_t missing[CSIG_PARTIES_MAX];
        csig_blame b;

        if (csig_session_phase(r->s[i]) != CSIG_RUNNING) continue;
        csig_session_blame(r->s[i], &b);
        if (b.err != CSIG_E_SUM || csig_session_missing(r->s[i], missing) == 0) continue;
        b.culprit = missing[0];
        if (r->session[0] != '\0') CLI_TRY(refuse(c, r, r->server, &b));
        return cli_fail(c, CLI_CHEAT,
                        "%s, and party %u does not prove that it was not its doing; the devices "
                        "here refuse the server from now on. Look for the reason before: "
                        "countersign wallet unlock",
                        csig_err_text(b.err), b.culprit);
    }
    return CLI_OK;
}
