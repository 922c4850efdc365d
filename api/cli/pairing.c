#include "cli/pairing.h"

#include <string.h>

#include "cli/peers.h"
#include "cli/rotation.h"
#include "cli/rounds.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/serverkey.h"
#include "cli/wire.h"

/* Indices in envelopes: who moves first, and the other. */
enum { FIRST = 1, SECOND = 2 };

/* --- enrolment --- */

static cli_exit sign_enrolment(cli *c, const csig_identity *identity, const char *name, json *body)
{
    uint8_t said[CSIG_IDENTITY_BYTES + sizeof((device *)0)->name], signature[64];
    const size_t len = CSIG_IDENTITY_BYTES + strlen(name);

    csig_identity_public(identity, said);
    memcpy(said + CSIG_IDENTITY_BYTES, name, strlen(name));
    CLI_TRY(cli_check(c, csig_identity_sign(identity, "enrol", said, len, signature),
                      "signing the enrolment"));
    json_put_octets(body, "identity", said, CSIG_IDENTITY_BYTES);
    json_put_text(body, "name", name);
    json_put_octets(body, "signature", signature, sizeof signature);
    return CLI_OK;
}

static cli_exit add_key(cli *c, const csig_identity *identity, const http_key *key, json *body)
{
    CLI_TRY(http_key_vouch(c, key, identity, body));
    if (c->token != NULL) json_put_text(body, "token", c->token);
    return CLI_OK;
}

cli_exit enrol_only(cli *c, const csig_identity *identity, const http_key *key, const char *name,
                    enrolment *said)
{
    uint8_t both[2 * CSIG_IDENTITY_BYTES], signature[64];
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    int64_t generation;

    CLI_TRY(sign_enrolment(c, identity, name, body));
    CLI_TRY(add_key(c, identity, key, body));
    CLI_TRY(client_json(c, "POST", "/v1/devices", body, &answer));
    CLI_TRY(json_octets(c, answer, "server_identity", said->server, CSIG_IDENTITY_BYTES));
    CLI_TRY(json_octets(c, answer, "signature", signature, sizeof signature));
    csig_identity_public(identity, both);
    memcpy(both + CSIG_IDENTITY_BYTES, said->server, CSIG_IDENTITY_BYTES);
    CLI_TRY(cli_check(c,
                      csig_identity_verify(said->server, "enrolled", both, sizeof both, signature),
                      "the server's enrolment"));
    generation = json_number(answer, "generation");
    if (generation < 0) return json_lacks(c, "generation");
    said->generation = (uint64_t)generation;
    generation = json_number(answer, "server_generation");
    if (generation < 0) return json_lacks(c, "server_generation");
    said->server_generation = (uint64_t)generation;
    return server_key_learn(c, answer, said->server);
}

cli_exit enrol(cli *c, const csig_identity *identity, const http_key *key, const char *name,
               enrolment *said)
{
    CLI_TRY(enrol_only(c, identity, key, name, said));
    return server_pin(c, said->server);
}

/* --- auxiliary sessions --- */

cli_exit pair_keep(cli *c, rounds *r, size_t i, void *arg)
{
    csig_peer *peer;
    cli_exit code;

    (void)arg;
    CLI_TRY(cli_check(c, csig_aux_session_peer(r->s[i], &peer), "the peer's auxiliary info"));
    code = peer_keep(c, r->d[i], peer);
    csig_peer_free(peer);
    return code;
}

/* Beside what is in use, until the server has it, too: with one side at a new pairing and the other
 * at the one before nothing could be signed. arg: the name of the file. */
static cli_exit keep_beside(cli *c, rounds *r, size_t i, void *arg)
{
    char path[PATH_ROOM];
    csig_peer *peer;
    cli_exit code;

    CLI_TRY(path_join(c, path, r->d[i]->folder, (const char *)arg, NULL));
    CLI_TRY(cli_check(c, csig_aux_session_peer(r->s[i], &peer), "the peer's auxiliary info"));
    code = save_peer(c, r->d[i], path, peer);
    csig_peer_free(peer);
    return code;
}

/* A generation that was verified once may come again (what was stored of it may be lost on one
 * side), an older one may not. */
cli_exit pair_session(cli *c, rounds *r, const device *d, const csig_aux *aux,
                      const uint8_t peer[CSIG_IDENTITY_BYTES], uint8_t nonces[2][CSIG_NONCE_BYTES],
                      uint16_t index)
{
    csig_aux_params params = {.identity = d->identity, .aux = aux, .moves_last = index == SECOND};
    csig_session *s;
    uint64_t last;

    CLI_TRY(peer_generation(c, d, peer, &last));
    params.peer_generation_above = last > 0 ? last - 1 : 0;

    memcpy(params.peer, peer, sizeof params.peer);
    memcpy(params.nonce_first, nonces[0], sizeof params.nonce_first);
    memcpy(params.nonce_second, nonces[1], sizeof params.nonce_second);
    CLI_TRY(cli_check(c, csig_aux_session(&s, &params), "an auxiliary session"));
    rounds_add(r, s, index, d);
    return CLI_OK;
}

static cli_exit verify_both(cli *c, const device *d, const csig_aux *aux,
                            const uint8_t server[CSIG_IDENTITY_BYTES], char *file)
{
    uint8_t nonces[2][CSIG_NONCE_BYTES];
    char id[2 * CSIG_IDENTITY_BYTES + 1], path[128];
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    AUTO_ROUNDS r = {.store = keep_beside, .arg = file};
    const char *text;

    CLI_TRY(lock_check(c, d, server));
    memcpy(r.server, server, sizeof r.server);
    random_octets(nonces[0], sizeof nonces[0]);
    json_put_octets(body, "nonce", nonces[0], sizeof nonces[0]);
    hex_write(id, d->id, CSIG_IDENTITY_BYTES);
    snprintf(path, sizeof path, "/v1/devices/%s/sessions", id);
    CLI_TRY(client_json(c, "POST", path, body, &answer));
    CLI_TRY(rounds_begin(c, &r, answer));
    text = json_text_at(json_member(answer, "nonces"), 1);
    if (text == NULL || !hex_is_read(nonces[1], sizeof nonces[1], text))
        return json_lacks(c, "nonces");
    CLI_TRY(pair_session(c, &r, d, aux, server, nonces, FIRST));
    return rounds_run(c, &r);
}

/* What was stored beside is worth nothing when the server's word on it did not come, even where it
 * has this pairing by now: the same two generations are paired again, and nothing else is. */
static cli_exit pair(cli *c, const device *d, const csig_aux *aux,
                     const uint8_t server[CSIG_IDENTITY_BYTES], char *file)
{
    const cli_exit code = verify_both(c, d, aux, server, file);
    char path[PATH_ROOM], message[sizeof c->message];

    if (code == CLI_OK) return CLI_OK;
    /* What failed is what is told. */
    memcpy(message, c->message, sizeof message);
    if (path_join(c, path, d->folder, file, NULL) != CLI_OK || file_remove(c, path) != CLI_OK)
        memcpy(c->message, message, sizeof message);
    return code;
}

cli_exit pair_with_server(cli *c, const device *d, const uint8_t server[CSIG_IDENTITY_BYTES])
{
    char file[] = PEER_AGAIN, from[PATH_ROOM], to[PATH_ROOM];

    CLI_TRY(pair(c, d, d->aux, server, file));
    CLI_TRY(path_join(c, from, d->folder, PEER_AGAIN, NULL));
    CLI_TRY(peer_path(c, d, server, to));
    return file_rename(c, from, to);
}

/* --- what both sides had before --- */

cli_exit check_generation(cli *c, const device *d, const csig_aux *aux, const enrolment *said)
{
    const unsigned long long here = csig_aux_generation(aux), there = said->generation;
    uint64_t last;

    if (here < there)
        return cli_fail(c, CLI_REFUSED,
                        "the server knows newer auxiliary info of device %s (%llu, here %llu): the "
                        "device was restored elsewhere, or this is an old copy of its folder. Go "
                        "on there, or restore its backup in a new state folder",
                        d->name, there, here);
    CLI_TRY(peer_generation(c, d, said->server, &last));
    if (said->server_generation >= last) return CLI_OK;
    return cli_fail(c, CLI_REFUSED,
                    "the server shows auxiliary info of generation %llu, device %s knows %llu: its "
                    "store is an old copy; put back the newest one",
                    (unsigned long long)said->server_generation, d->name, (unsigned long long)last);
}

cli_exit pair_again(cli *c, device *d)
{
    enrolment said;

    CLI_TRY(device_http_key(c, d));
    CLI_TRY(enrol(c, d->identity, &d->http, d->name, &said));
    CLI_TRY(check_generation(c, d, d->aux, &said));
    return pair_with_server(c, d, said.server);
}

cli_exit pair_next_with_server(cli *c, device *d, const uint8_t server[CSIG_IDENTITY_BYTES])
{
    char file[] = PEER_NEXT;
    enrolment said;

    CLI_TRY(device_http_key(c, d));
    CLI_TRY(enrol(c, d->identity, &d->http, d->name, &said));
    CLI_TRY(check_generation(c, d, d->next, &said));
    return pair(c, d, d->next, server, file);
}

/* --- devices of this folder --- */

static cli_exit pair_locally(cli *c, const device *a, const device *b)
{
    uint8_t nonces[2][CSIG_NONCE_BYTES];
    AUTO_ROUNDS r = {.store = pair_keep};

    random_octets(nonces[0], sizeof nonces);
    CLI_TRY(pair_session(c, &r, a, a->aux, b->id, nonces, FIRST));
    CLI_TRY(pair_session(c, &r, b, b->aux, a->id, nonces, SECOND));
    return rounds_run(c, &r);
}

static cli_exit is_paired(cli *c, const device *d, const device *other, bool *paired)
{
    uint8_t id[CSIG_IDENTITY_BYTES], theirs[CSIG_AUX_ID_BYTES], ours[CSIG_AUX_ID_BYTES],
        now[CSIG_AUX_ID_BYTES];
    uint64_t generation;
    csig_peer *peer;

    *paired = false;
    CLI_TRY(peer_get(c, d, other->id, &peer));
    if (peer == NULL) return CLI_OK;
    csig_peer_ids(peer, id, theirs, ours, &generation);
    csig_aux_id(other->aux, now);
    *paired = memcmp(theirs, now, sizeof now) == 0;
    csig_peer_free(peer);
    return CLI_OK;
}

cli_exit pair_here(cli *c, const device *a, const device *b)
{
    bool there, back;

    CLI_TRY(is_paired(c, a, b, &there));
    CLI_TRY(is_paired(c, b, a, &back));
    return there && back ? CLI_OK : pair_locally(c, a, b);
}

cli_exit pair_with_others(cli *c, const device *d)
{
    AUTO_DEVICES all = {0};

    CLI_TRY(devices_open_all(c, &all));
    for (size_t i = 0; i < all.count; i++) {
        if (all.d[i]->aux == NULL || memcmp(all.d[i]->id, d->id, sizeof d->id) == 0) continue;
        CLI_TRY(pair_here(c, d, all.d[i]));
    }
    return CLI_OK;
}
