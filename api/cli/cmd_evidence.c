/* verify-evidence: does this file show that somebody cheated, and who? No state folder, no server,
 * no secret. */
#include <string.h>

#include "cli/evidence.h"
#include "cli/json.h"
#include "cli/tell.h"

/* In key generation there is none yet. */
static bool has_key(const csig_verdict *v)
{
    static const uint8_t none[CSIG_KEY_ID_BYTES];

    return memcmp(v->key_id, none, sizeof none) != 0;
}

static cli_exit tell(cli *c, const char *path, const csig_verdict *v)
{
    char words[EVIDENCE_WORDS];
    AUTO_JSON j = json_new();

    evidence_words(words, &v->blame);
    json_put_text(j, "file", path);
    json_put_text(j, "verdict", words);
    json_put_text(j, "error", csig_err_name(v->blame.err));
    json_put_text(j, "protocol", v->protocol);
    json_put_number(j, "party", v->blame.culprit);
    json_put_number(j, "round", v->blame.round);
    json_put_text(j, "where", v->blame.where);
    json_put_octets(j, "identity", v->identity, sizeof v->identity);
    json_put_octets(j, "session", v->session_id, sizeof v->session_id);
    if (has_key(v)) {
        json_put_octets(j, "key_id", v->key_id, sizeof v->key_id);
        json_put_octets(j, "public_key", v->public_key, sizeof v->public_key);
    }
    return cli_tell(c, j,
                    "%s: party %u cheated\n  check       %s\n  identity    %s\n  session     %s "
                    "(%s)\n  key         %s\n  public key  %s\nwhose identity that is, this file "
                    "does not say: compare it with the one you know\n",
                    path, v->blame.culprit, words, json_text(j, "identity"),
                    json_text(j, "session"), v->protocol,
                    has_key(v) ? json_text(j, "key_id") : "none yet",
                    has_key(v) ? json_text(j, "public_key") : "none yet");
}

/* Of another version or level it may still be true. */
static cli_exit refused(cli *c, const char *path, csig_err err)
{
    const csig_class class = csig_err_class(err);

    if (err == CSIG_E_VERSION || err == CSIG_E_LEVEL || err == CSIG_E_KIND ||
        class == CSIG_CLASS_LOCAL)
        return cli_check(c, err, path);
    return cli_fail(c, CLI_CHEAT,
                    "%s shows nobody's cheating: it is no evidence, or was altered (%s)", path,
                    csig_err_name(err));
}

cli_exit cmd_verify_evidence(cli *c)
{
    AUTO_BLOB b = {0};
    csig_verdict v;
    csig_err err;

    CLI_TRY(file_read(c, c->file[0], &b));
    err = csig_evidence_verify(b.p, b.len, &v);
    return err == CSIG_OK ? tell(c, c->file[0], &v) : refused(c, c->file[0], err);
}
