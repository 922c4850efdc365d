#include "cli/creation.h"

#include <string.h>

#include "cli/client.h"
#include "cli/escrows.h"
#include "cli/server.h"
#include "cli/tell.h"
#include "cli/transcript.h"

uint16_t creation_index(size_t client)
{
    return (uint16_t)(client == 0 ? 1 : client + 2);
}

void creation_seat(const creation *w, meeting *m)
{
    for (size_t i = 0; i < w->clients; i++)
        meeting_seat(m, w->client[i], creation_index(i), w->here[i], false);
}

/* --- what can be --- */

/* Whoever owns enough of the keys owns the wallet. */
static cli_exit check_keys(cli *c, const creation *w)
{
    for (uint16_t k = 0; k < w->keys.count; k++) {
        unsigned equal = 0;

        for (uint16_t j = 0; j < w->keys.count; j++)
            equal += memcmp(w->keys.key[j], w->keys.key[k], sizeof w->keys.key[k]) == 0;
        if (equal >= w->signers_required)
            return cli_fail(c, CLI_USAGE,
                            "%u parties have the same recovery key and %u sign: its owner alone "
                            "would have the wallet. Use different recovery machines",
                            equal, w->signers_required);
    }
    return CLI_OK;
}

static cli_exit check_numbers(cli *c, const creation *w)
{
    const size_t online = w->clients + 1;

    if (w->parties > CSIG_PARTIES_MAX)
        return cli_fail(c, CLI_USAGE, "a wallet has at most %d parties: name fewer devices",
                        CSIG_PARTIES_MAX);
    if (w->signers_required >= 2 && w->signers_required <= online) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "--signers takes 2 to %zu: the server and %zu device%s%s", online,
                    w->clients, w->clients == 1 ? "" : "s",
                    w->parties > online ? " make the key together" : "");
}

cli_exit creation_check(cli *c, const creation *w)
{
    CLI_TRY(check_numbers(c, w));
    for (size_t i = 0; i < w->clients; i++)
        for (size_t j = 0; j < i; j++)
            if (memcmp(w->client[i], w->client[j], CSIG_IDENTITY_BYTES) == 0)
                return cli_fail(c, CLI_USAGE, "one device would be parties %u and %u",
                                creation_index(j), creation_index(i));
    return check_keys(c, w);
}

json *creation_keys(const creation *w)
{
    json *list = json_array_new();

    for (uint16_t k = 0; k < w->keys.count; k++) {
        const uint16_t index = w->keys.index[k], first = (uint16_t)(w->parties - w->offlines + 1);
        json *row = json_new();

        json_put_number(row, "index", index);
        json_put_octets(row, "key", w->keys.key[k], sizeof w->keys.key[k]);
        if (index >= first)
            json_put_octets(row, "identity", w->offline[index - first].identity,
                            CSIG_IDENTITY_BYTES);
        json_push(list, row);
    }
    return list;
}

void creation_ask(const cli *c, const creation *w, const meeting *m, json *body)
{
    json *ids = json_array_new(), *nonces = json_array_new(), *allow = json_array_new();

    for (size_t i = 0; i < w->clients; i++) {
        json_push_octets(ids, w->client[i], CSIG_IDENTITY_BYTES);
        json_push_octets(nonces, meeting_nonce(m, w->client[i]), CSIG_NONCE_BYTES);
    }
    for (size_t i = 0; i < c->allows; i++)
        json_push_text(allow, c->allow[i]);
    json_put_number(body, "signers_required", w->signers_required);
    json_put_number(body, "parties", w->parties);
    json_put(body, "devices", ids);
    json_put(body, "nonces", nonces);
    if (c->allows > 0)
        json_put(body, "allow", allow);
    else
        json_free(&allow);
    if (c->label != NULL) json_put_text(body, "label", c->label);
    if (w->throws_away) json_put_flag(body, "rehearsal", true);
    if (w->keys.count > 0) json_put(body, "recovery", creation_keys(w));
}

/* --- the answer --- */

/* The wallet's id is the beginning of the server's nonce: every message of the key generation is
 * bound to it, so nobody between can tell us another one. */
static cli_exit read_answer(cli *c, const json *answer, rounds *r, creation *w)
{
    const json *wallet = json_member(answer, "wallet"), *session = json_member(answer, "session");
    const char *id = json_text(wallet, "wallet");
    const char *nonce = json_text_at(json_member(session, "nonces"), CREATION_SERVER - 1);
    uint8_t *server_nonce = w->nonce[CREATION_SERVER - 1];
    uint8_t octets[WALLET_ID_BYTES];

    CLI_TRY(server_check(c, wallet));
    CLI_TRY(rounds_begin(c, r, session));
    if (nonce == NULL || !hex_is_read(server_nonce, CSIG_NONCE_BYTES, nonce))
        return json_lacks(c, "nonces");
    if (id == NULL || !wallet_id_is_read(octets, id) ||
        memcmp(octets, server_nonce, sizeof octets) != 0)
        return json_lacks(c, "wallet");
    if (json_number(wallet, "server") != CREATION_SERVER) return json_lacks(c, "server");
    memcpy(w->wallet, id, sizeof w->wallet);
    w->record.server = CREATION_SERVER;
    return hex_is_read(w->record.session, WALLET_ID_BYTES, r->session) ? CLI_OK : CLI_BUG;
}

/* --- key generation --- */

static cli_exit keep_pending(cli *c, rounds *r, size_t i, void *arg)
{
    const creation *w = arg;
    csig_share *share;
    cli_exit code;

    CLI_TRY(cli_check(c, csig_keygen_share(r->s[i], &share), "the new share"));
    code = wallet_prepare(c, r->d[i], w->wallet);
    if (code == CLI_OK && w->throws_away) code = wallet_mark(c, r->d[i], w->wallet);
    if (code == CLI_OK && w->keys.count > 0) code = keys_write(c, r->d[i], w->wallet, &w->keys);
    if (code == CLI_OK)
        code = escrows_stage(c, r->d[i], w->wallet, share, &w->keys, r->s[i], csig_keygen_escrow);
    if (code == CLI_OK) code = wallet_keep_pending(c, r->d[i], w->wallet, &w->record, share);
    csig_share_free(share);
    return code;
}

static void list_parties(creation *w, const meeting *m)
{
    memcpy(w->id[CREATION_SERVER - 1], w->server, CSIG_IDENTITY_BYTES);
    for (size_t i = 0; i < w->clients; i++) {
        memcpy(w->id[creation_index(i) - 1], w->client[i], CSIG_IDENTITY_BYTES);
        memcpy(w->nonce[creation_index(i) - 1], meeting_nonce(m, w->client[i]), CSIG_NONCE_BYTES);
    }
    for (size_t i = 0; i < w->offlines; i++)
        memcpy(w->id[creation_index(w->clients + i) - 1], w->offline[i].identity,
               CSIG_IDENTITY_BYTES);
}

static cli_exit start_sessions(cli *c, const creation *w, rounds *r)
{
    uint16_t online[CSIG_PARTIES_MAX];

    for (uint16_t i = 0; i <= w->clients; i++)
        online[i] = (uint16_t)(i + 1);
    for (size_t i = 0; i < w->clients; i++) {
        const csig_keygen_params params = {.identity =
                                               w->here[i] != NULL ? w->here[i]->identity : NULL,
                                           .signers_required = w->signers_required,
                                           .parties = w->parties,
                                           .self = creation_index(i),
                                           .commits = CREATION_SERVER,
                                           .identities = w->id[0],
                                           .nonces = w->nonce[0],
                                           .indices = online,
                                           .count = (uint16_t)(w->clients + 1),
                                           .recovery = keys_lent(&w->keys)};
        csig_session *s;

        if (w->here[i] == NULL) continue;
        CLI_TRY(cli_check(c, csig_keygen_session(&s, &params), "key generation"));
        rounds_add(r, s, params.self, w->here[i]);
        rounds_among(r, w->id, w->parties);
    }
    return CLI_OK;
}

/* The answer has everybody's nonce as it was given. */
static cli_exit check_nonces(cli *c, const creation *w, const json *answer)
{
    const json *nonces = json_member(json_member(answer, "session"), "nonces");
    uint8_t said[CSIG_NONCE_BYTES];

    for (size_t i = 0; i <= w->clients; i++) {
        const char *text = json_text_at(nonces, i);

        if (text == NULL || !hex_is_read(said, sizeof said, text)) return json_lacks(c, "nonces");
        if (memcmp(said, w->nonce[i], sizeof said) != 0)
            return cli_fail(c, CLI_INPUT, "the server's reply changes a nonce of ours");
    }
    return CLI_OK;
}

static cli_exit tell_birth(cli *c, const char *wallet, const csig_share_info *info)
{
    char key[2 * CSIG_PUBKEY_BYTES + 1];
    AUTO_JSON j = json_new();

    hex_write(key, info->public_key, CSIG_PUBKEY_BYTES);
    json_put_text(j, "wallet", wallet);
    json_put_number(j, "signers_required", info->signers_required);
    json_put_number(j, "parties", info->parties);
    json_put_text(j, "public_key", key);
    return cli_tell(c, j, "wallet %s\n  %u of %u parties sign\n  public key  %s\n", wallet,
                    info->signers_required, info->parties, key);
}

static cli_exit keep_record(cli *c, const creation *w, csig_session *s)
{
    AUTO_BLOB record = {0};

    CLI_TRY(transcript_record(c, s, &record));
    return file_write(c, w->record_file, record.p, record.len);
}

static cli_exit write_transcript(cli *c, const creation *w, csig_session *s)
{
    transcript t = {.operation = "keygen", .wallet = w->wallet, .server = w->server};

    for (size_t i = 0; i < w->clients; i++)
        if (w->here[i] != NULL) t.here[t.count++] = w->here[i];
    return transcript_write(c, &t, s);
}

/* All have verified the server's commit. */
static cli_exit finish(cli *c, creation *w, rounds *r)
{
    csig_share_info info;
    csig_share *share;

    if (w->record_file != NULL) CLI_TRY(keep_record(c, w, r->s[0]));
    for (size_t i = 0; i < r->count; i++) {
        CLI_TRY(cli_check(c, csig_keygen_commit(r->s[i], w->record.commit), "the server's commit"));
        CLI_TRY(wallet_born(c, r->d[i], w->wallet, &w->record));
        CLI_TRY(escrows_tidy(c, r->d[i], w->wallet));
    }
    if (w->record_file != NULL || w->throws_away) return CLI_OK; /* the ceremony tells */
    CLI_TRY(cli_check(c, csig_keygen_share(r->s[0], &share), "the new share"));
    csig_share_describe(share, &info);
    csig_share_free(share);
    CLI_TRY(tell_birth(c, w->wallet, &info));
    return write_transcript(c, w, r->s[0]);
}

/* Every message is made and checked up to the share, which is then forgotten; the server forgets
 * its own when the host gives the session up. */
static cli_exit rehearse(cli *c, creation *w, rounds *r)
{
    char path[96];
    cli_exit code;
    AUTO_REPLY gone = {0};

    r->stops_at_store = true;
    snprintf(path, sizeof path, "/v1/sessions/%s", r->session);
    if (!meeting_has_host_here(r->meeting)) r->session[0] = '\0';
    CLI_TRY(start_sessions(c, w, r));
    CLI_TRY(rounds_run(c, r));
    for (size_t i = 0; i < r->count; i++) {
        csig_share *share;

        CLI_TRY(cli_check(c, csig_keygen_share(r->s[i], &share), "the throw-away share"));
        csig_share_free(share);
    }
    if (!meeting_has_host_here(r->meeting)) return CLI_OK;
    code = client_call(c, "DELETE", path, NULL, NULL, 0, &gone);
    return code == CLI_OK && gone.status != 204 ? client_problem(c, &gone) : code;
}

cli_exit creation_run(cli *c, creation *w, meeting *m, const json *answer)
{
    AUTO_ROUNDS r = {.store = keep_pending, .arg = w, .meeting = m};
    cli_exit code;

    memcpy(r.server, w->server, sizeof r.server);
    list_parties(w, m);
    CLI_TRY(read_answer(c, answer, &r, w));
    if (w->wallet_file != NULL)
        CLI_TRY(file_write(c, w->wallet_file, (const uint8_t *)w->wallet, strlen(w->wallet)));
    if (w->is_rehearsal) return rehearse(c, w, &r);
    CLI_TRY(check_nonces(c, w, answer));
    CLI_TRY(start_sessions(c, w, &r));
    if (w->record_file != NULL)
        CLI_TRY(cli_check(c, csig_session_keep_record(r.s[0]), "the record"));
    else
        CLI_TRY(transcript_keep(c, r.s[0]));
    code = rounds_run(c, &r);
    if (code == CLI_OFFLINE)
        cli_note(c, "whether the wallet was born is decided when the server is reached again: run "
                    "countersign wallet list then");
    CLI_TRY(code);
    return finish(c, w, &r);
}
