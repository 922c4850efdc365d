#include "cli/epochs.h"

#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/escrows.h"
#include "cli/halves.h"
#include "cli/server.h"

typedef struct question {
    const device *d;
    const char *wallet;
    const uint8_t *server;
    wallet_record record;
    csig_share *share; /* the staged one */
    csig_share_info info;
} question;

/* --- the answers --- */

/* A device never goes to an epoch below one it has seen committed: the share that is there is of
 * one. */
static cli_exit check_newer(cli *c, const question *q)
{
    wallet_record record;
    csig_share_info now;
    csig_share *share;

    CLI_TRY(wallet_open(c, q->d, q->wallet, &record, &share));
    csig_share_describe(share, &now);
    csig_share_free(share);
    if (q->info.epoch > now.epoch) return CLI_OK;
    return cli_fail(c, CLI_INPUT,
                    "the staged share of wallet %s is of epoch %llu, the one in use of %llu: the "
                    "file staged is an old copy; remove it",
                    q->wallet, (unsigned long long)q->info.epoch, (unsigned long long)now.epoch);
}

cli_exit epoch_follow(cli *c, const device *d, const char *wallet, const wallet_record *record)
{
    CLI_TRY(slot_commit(c, d, wallet, record));
    CLI_TRY(escrows_tidy(c, d, wallet));
    return halves_of_epoch(c, d, wallet);
}

static cli_exit follow(cli *c, question *q, const json *answer)
{
    CLI_TRY(json_octets(c, answer, "commit", q->record.commit, sizeof q->record.commit));
    CLI_TRY(cli_check(c, wallet_commit_verify(&q->record, q->share),
                      "the server's commit of the epoch"));
    CLI_TRY(check_newer(c, q));
    return epoch_follow(c, q->d, q->wallet, &q->record);
}

/* The signature holds for ever; an answer of anybody else costs no share. */
static cli_exit bury(cli *c, const question *q, const json *answer)
{
    uint8_t said[WALLET_ID_BYTES + sizeof q->info.epoch_state], signature[64];

    CLI_TRY(json_octets(c, answer, "signature", signature, sizeof signature));
    if (!wallet_id_is_read(said, q->wallet)) return cli_fail(c, CLI_BUG, "a wallet without id");
    memcpy(said + WALLET_ID_BYTES, q->info.epoch_state, sizeof q->info.epoch_state);
    CLI_TRY(cli_check(c,
                      csig_identity_verify(q->server, "epoch-dead", said, sizeof said, signature),
                      "the server's word that the epoch is dead"));
    return slot_drop(c, q->d, q->wallet);
}

/* --- asking --- */

static cli_exit give_up_session(cli *c, const question *q)
{
    char path[96], session[2 * WALLET_ID_BYTES + 1];
    AUTO_REPLY gone = {0};

    hex_write(session, q->record.session, WALLET_ID_BYTES);
    snprintf(path, sizeof path, "/v1/sessions/%s", session);
    return client_call(c, "DELETE", path, NULL, NULL, 0, &gone);
}

static cli_exit ask(cli *c, question *q)
{
    char path[160], state[2 * sizeof q->info.epoch_state + 1];
    AUTO_JSON answer = NULL;

    CLI_TRY(give_up_session(c, q));
    hex_write(state, q->info.epoch_state, sizeof q->info.epoch_state);
    snprintf(path, sizeof path, "/v1/wallets/%s/epochs/%s", q->wallet, state);
    CLI_TRY(client_json(c, "GET", path, NULL, &answer));
    if (json_text_is(answer, "state", "current")) return follow(c, q, answer);
    if (json_text_is(answer, "state", "dead")) return bury(c, q, answer);
    if (json_text_is(answer, "state", "undecided"))
        return cli_fail(c, CLI_AGAIN, "the server has not decided yet");
    return json_lacks(c, "state");
}

/* An earlier process may have known the commit and ended before the renames. */
static cli_exit settle(cli *c, question *q)
{
    csig_share_describe(q->share, &q->info);
    if (wallet_commit_verify(&q->record, q->share) != CSIG_OK) return ask(c, q);
    CLI_TRY(check_newer(c, q));
    return epoch_follow(c, q->d, q->wallet, &q->record);
}

cli_exit epoch_settle(cli *c, const device *d, const char *wallet,
                      const uint8_t server[CSIG_IDENTITY_BYTES])
{
    question q = {.d = d, .wallet = wallet, .server = server};
    bool staged;
    cli_exit code;

    CLI_TRY(slot_is_staged(c, d, wallet, &staged));
    if (!staged) return CLI_OK;
    CLI_TRY(slot_open(c, d, wallet, &q.record, &q.share));
    code = settle(c, &q);
    csig_share_free(q.share);
    return code;
}

/* --- the share in use --- */

cli_exit epoch_is_one(cli *c, const device *d, const char *wallet, const csig_share_info *a,
                      const csig_share_info *b)
{
    if (a->epoch == b->epoch) return CLI_OK;
    return cli_fail(c, CLI_REFUSED,
                    "device %s is at epoch %llu of wallet %s, another one here at epoch %llu: the "
                    "files of one are an old copy; put back the newest ones",
                    d->name, (unsigned long long)b->epoch, wallet, (unsigned long long)a->epoch);
}

cli_exit epoch_check(cli *c, const char *wallet, const csig_share_info *share)
{
    AUTO_JSON said = NULL;
    char path[96];
    int64_t epoch;

    snprintf(path, sizeof path, "/v1/wallets/%s", wallet);
    CLI_TRY(client_json(c, "GET", path, NULL, &said));
    CLI_TRY(server_check(c, said));
    epoch = json_number(said, "epoch");
    if (epoch < 0) return json_lacks(c, "epoch");
    if ((uint64_t)epoch == share->epoch) return CLI_OK;
    if ((uint64_t)epoch < share->epoch)
        return cli_fail(
            c, CLI_REFUSED,
            "the server is at epoch %lld of wallet %s, party %u here at epoch %llu: its "
            "store is an old copy; put back the newest one",
            (long long)epoch, wallet, share->self, (unsigned long long)share->epoch);
    return cli_fail(
        c, CLI_REFUSED,
        "party %u here is at epoch %llu of wallet %s, the server at epoch %lld: this "
        "folder is an old copy, and its share signs no more. Go on where the newest "
        "one is, or restore the newest backup in a new state folder: countersign backup "
        "restore FILE",
        share->self, (unsigned long long)share->epoch, wallet, (long long)epoch);
}
