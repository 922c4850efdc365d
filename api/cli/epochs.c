#include "cli/epochs.h"

#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/escrows.h"
#include "cli/halves.h"
#include "cli/ride.h"
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
    wallet_state state;

    CLI_TRY(wallet_look(c, q->d, q->wallet, &state));
    if (state == WALLET_JOINING) return CLI_OK;
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

/* The signature holds for ever; an answer of anybody else costs no share. */
static cli_exit check_dead(cli *c, const char *wallet, const uint8_t *epoch_state,
                           const uint8_t *server, const json *answer)
{
    uint8_t said[WALLET_ID_BYTES + EPOCH_STATE_BYTES], signature[64];

    CLI_TRY(json_octets(c, answer, "signature", signature, sizeof signature));
    if (!wallet_id_is_read(said, wallet)) return cli_fail(c, CLI_BUG, "a wallet without id");
    memcpy(said + WALLET_ID_BYTES, epoch_state, EPOCH_STATE_BYTES);
    return cli_check(c, csig_identity_verify(server, "epoch-dead", said, sizeof said, signature),
                     "the server's word that the epoch is dead");
}

/* --- asking --- */

static cli_exit give_up_session(cli *c, const uint8_t *id)
{
    char path[96], session[2 * WALLET_ID_BYTES + 1];
    AUTO_REPLY gone = {0};

    hex_write(session, id, WALLET_ID_BYTES);
    snprintf(path, sizeof path, "/v1/sessions/%s", session);
    return client_call(c, "DELETE", path, NULL, NULL, 0, &gone);
}

cli_exit epoch_ask(cli *c, const char *wallet, const uint8_t session[WALLET_ID_BYTES],
                   const uint8_t epoch_state[EPOCH_STATE_BYTES],
                   const uint8_t server[CSIG_IDENTITY_BYTES], epoch_fate *fate)
{
    char path[160], state[2 * EPOCH_STATE_BYTES + 1];
    AUTO_JSON answer = NULL;

    *fate = (epoch_fate){.dead = false};
    CLI_TRY(give_up_session(c, session));
    hex_write(state, epoch_state, EPOCH_STATE_BYTES);
    snprintf(path, sizeof path, "/v1/wallets/%s/epochs/%s", wallet, state);
    CLI_TRY(client_json(c, "GET", path, NULL, &answer));
    ride_hear(c, wallet, answer);
    if (json_text_is(answer, "state", "current"))
        return json_octets(c, answer, "commit", fate->commit, sizeof fate->commit);
    fate->dead = json_text_is(answer, "state", "dead");
    if (fate->dead) return check_dead(c, wallet, epoch_state, server, answer);
    if (json_text_is(answer, "state", "undecided"))
        return cli_fail(c, CLI_AGAIN, "the server has not decided yet");
    return json_lacks(c, "state");
}

/* A device that was to join holds nothing of the wallet then. */
static cli_exit drop(cli *c, const question *q)
{
    wallet_state state;

    CLI_TRY(slot_drop(c, q->d, q->wallet));
    CLI_TRY(wallet_look(c, q->d, q->wallet, &state));
    return state == WALLET_NONE ? wallet_forget(c, q->d, q->wallet) : CLI_OK;
}

static cli_exit ask(cli *c, question *q)
{
    epoch_fate fate;

    CLI_TRY(epoch_ask(c, q->wallet, q->record.session, q->info.epoch_state, q->server, &fate));
    if (fate.dead) return drop(c, q);
    memcpy(q->record.commit, fate.commit, sizeof q->record.commit);
    CLI_TRY(cli_check(c, wallet_commit_verify(&q->record, q->share),
                      "the server's commit of the epoch"));
    CLI_TRY(check_newer(c, q));
    return epoch_follow(c, q->d, q->wallet, &q->record);
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

/* A party that another device has taken over, or that was removed. */
static cli_exit check_member(cli *c, const char *wallet, const device *d,
                             const csig_share_info *share, const json *said)
{
    const json *list = json_member(said, "devices"), *keys = json_member(said, "recovery");
    char id[2 * CSIG_IDENTITY_BYTES + 1];

    if (!json_is_list(list)) return json_lacks(c, "devices");
    hex_write(id, d->id, CSIG_IDENTITY_BYTES);
    for (size_t i = 0; i < json_count(keys); i++)
        if (json_text_is(json_at(keys, i), "identity", id)) return CLI_OK;
    for (size_t i = 0; i < json_count(list); i++) {
        const char *one = json_text_at(list, i);

        if (one != NULL && strcmp(one, id) == 0) return CLI_OK;
    }
    return cli_fail(
        c, CLI_REFUSED,
        "device %s is no party of wallet %s any more: the wallet was reshared to other devices "
        "since epoch %llu, and the share here signs nothing with theirs. Sign with one of them; "
        "what is left here can be removed: %s/wallets/%s. To take part again: countersign wallet "
        "reshare %s --add DEVICE, with a new device, where the others are",
        d->name, wallet, (unsigned long long)share->epoch, d->folder, wallet, wallet);
}

/* Whoever has left is told no more than that; so is everybody by a store that was put back. */
static cli_exit unknown_there(cli *c, const char *wallet, const device *d,
                              const csig_share_info *share, cli_exit code)
{
    if (strcmp(c->problem, "not-found") != 0) return code;
    return cli_fail(c, code,
                    "the server says not-found: device %s is no party of wallet %s there. It was "
                    "reshared to other devices since epoch %llu, or the server's store is an older "
                    "copy: keep what is here until you know which",
                    d->name, wallet, (unsigned long long)share->epoch);
}

cli_exit epoch_check(cli *c, const device *d, const char *wallet, const csig_share_info *share)
{
    AUTO_JSON said = NULL;
    char path[96];
    int64_t epoch, generation;
    cli_exit code;

    snprintf(path, sizeof path, "/v1/wallets/%s", wallet);
    code = client_json(c, "GET", path, NULL, &said);
    if (code != CLI_OK) return unknown_there(c, wallet, d, share, code);
    CLI_TRY(server_check(c, said));
    ride_hear(c, wallet, said);
    generation = json_number(said, "generation");
    c->server_generation = generation > 0 ? (uint64_t)generation : 0;
    epoch = json_number(said, "epoch");
    if (epoch < 0) return json_lacks(c, "epoch");
    if ((uint64_t)epoch == share->epoch) return CLI_OK;
    if ((uint64_t)epoch > share->epoch) CLI_TRY(check_member(c, wallet, d, share, said));
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
