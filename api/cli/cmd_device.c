/* device init: identity, primes in the background's pace with progress, auxiliary info.
 * device enrol: pins the server, then pairs with it and with the other devices of this folder. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/device.h"
#include "cli/rounds.h"
#include "cli/seal.h"

#define SAVE_EVERY_SECONDS 3.0
#define SERVER_INDEX_AUX   2

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int is_late(void *deadline)
{
    return now() >= *(const double *)deadline;
}

static void show_progress(const cli *c, const csig_primes *primes, bool last)
{
    uint64_t made, expected;
    unsigned found;

    csig_primes_progress(primes, &made, &expected, &found);
    if (c->json) return;
    fprintf(stderr, "\r  safe primes: %u of 4, %llu tests (about %llu expected)%s", found,
            (unsigned long long)made, (unsigned long long)expected, last ? "\n" : "");
    fflush(stderr);
}

/* Goes on where an earlier run stopped; what is found is saved every few seconds. */
static cli_exit find_primes(cli *c, const device *d, const char *path, csig_primes **primes)
{
    int done = 0;

    if (file_is_there(path))
        CLI_TRY(load_primes(c, d, path, primes));
    else
        CLI_TRY(cli_check(c, csig_primes_new(primes), "a search for primes"));
    while (!done) {
        double deadline = now() + SAVE_EVERY_SECONDS;

        while (!done && !is_late(&deadline)) {
            double tick = now() + 0.2;

            CLI_TRY(cli_check(c, csig_primes_step(*primes, UINT32_MAX, is_late, &tick, &done),
                              "the search for primes"));
            show_progress(c, *primes, done != 0);
        }
        CLI_TRY(save_primes(c, d, path, *primes));
    }
    return CLI_OK;
}

static cli_exit make_aux(cli *c, device *d)
{
    char primes_path[PATH_ROOM], path[PATH_ROOM];
    csig_primes *primes = NULL;
    cli_exit code;

    CLI_TRY(path_join(c, primes_path, d->folder, "primes", NULL));
    CLI_TRY(path_join(c, path, d->folder, "aux", NULL));
    code = find_primes(c, d, primes_path, &primes);
    if (code != CLI_OK) {
        csig_primes_free(primes);
        return code;
    }
    CLI_TRY(cli_check(c, csig_aux_new(&d->aux, primes, d->identity, 1, NULL), "auxiliary info"));
    CLI_TRY(save_aux(c, d, path, d->aux));
    return file_remove(c, primes_path); /* used up: one generation, one set of primes */
}

static void tell_device(const cli *c, const device *d, const char *what)
{
    char id[2 * CSIG_IDENTITY_BYTES + 1];

    hex_write(id, d->id, CSIG_IDENTITY_BYTES);
    if (c->json)
        printf("{\"device\":\"%s\",\"identity\":\"%s\",\"level\":%u}\n", d->name, id, csig_level());
    else
        printf("%s %s\n  identity %s\n  level    %u\n", what, d->name, id, csig_level());
}

cli_exit cmd_device_init(cli *c)
{
    device d = {0};
    cli_exit code;

    CLI_TRY(cli_unseal(c, true));
    code = device_make(c, &d, c->devices > 0 ? c->device[0] : "phone");
    if (code == CLI_OK && d.aux == NULL && !c->no_aux) code = make_aux(c, &d);
    if (code == CLI_OK) tell_device(c, &d, "ready: device");
    device_close(&d);
    return code;
}

/* --- pairing --- */

typedef struct pair {
    const device *d[2];
} pair;

static cli_exit keep_peer(cli *c, rounds *r, size_t i, void *arg)
{
    const pair *p = arg;
    uint8_t id[CSIG_IDENTITY_BYTES], aux[CSIG_AUX_ID_BYTES], own[CSIG_AUX_ID_BYTES];
    char path[PATH_ROOM];
    uint64_t generation;
    csig_peer *peer;
    cli_exit code;

    CLI_TRY(cli_check(c, csig_aux_session_peer(r->s[i], &peer), "the peer's auxiliary info"));
    csig_peer_ids(peer, id, aux, own, &generation);
    code = device_peer_path(c, p->d[i], id, path);
    if (code == CLI_OK) code = save_peer(c, p->d[i], path, peer);
    csig_peer_free(peer);
    return code;
}

static csig_aux_params aux_params(const device *d, const uint8_t *peer, const uint8_t *first,
                                  const uint8_t *second, int moves_last)
{
    csig_aux_params a = {.identity = d->identity, .aux = d->aux, .moves_last = moves_last};

    memcpy(a.peer, peer, sizeof a.peer);
    memcpy(a.nonce_first, first, sizeof a.nonce_first);
    memcpy(a.nonce_second, second, sizeof a.nonce_second);
    return a;
}

static cli_exit add_aux_session(cli *c, rounds *r, const csig_aux_params *params)
{
    csig_session *s;

    CLI_TRY(cli_check(c, csig_aux_session(&s, params), "an auxiliary session"));
    rounds_add(r, s, params->moves_last ? SERVER_INDEX_AUX : 1);
    return CLI_OK;
}

static cli_exit pair_with_server(cli *c, device *d, const uint8_t server[CSIG_IDENTITY_BYTES])
{
    uint8_t first[CSIG_NONCE_BYTES], second[CSIG_NONCE_BYTES];
    char id[2 * CSIG_IDENTITY_BYTES + 1], path[128];
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    AUTO_ROUNDS r = {.store = keep_peer};
    pair p = {{d, NULL}};
    csig_aux_params params;

    r.arg = &p;
    random_octets(first, sizeof first);
    json_put_octets(body, "nonce", first, sizeof first);
    hex_write(id, d->id, CSIG_IDENTITY_BYTES);
    snprintf(path, sizeof path, "/v1/devices/%s/sessions", id);
    CLI_TRY(client_json(c, "POST", path, body, &answer));
    CLI_TRY(rounds_begin(c, &r, answer));
    if (json_text_at(json_member(answer, "nonces"), 1) == NULL ||
        !hex_is_read(second, sizeof second, json_text_at(json_member(answer, "nonces"), 1)))
        return cli_fail(c, CLI_REFUSED, "the server's reply lacks its nonce");
    params = aux_params(d, server, first, second, 0);
    CLI_TRY(add_aux_session(c, &r, &params));
    return rounds_run(c, &r);
}

static cli_exit pair_locally(cli *c, const device *a, const device *b)
{
    uint8_t first[CSIG_NONCE_BYTES], second[CSIG_NONCE_BYTES];
    AUTO_ROUNDS r = {.store = keep_peer};
    pair p = {{a, b}};
    csig_aux_params params;

    r.arg = &p;
    random_octets(first, sizeof first);
    random_octets(second, sizeof second);
    params = aux_params(a, b->id, first, second, 0);
    CLI_TRY(add_aux_session(c, &r, &params));
    params = aux_params(b, a->id, first, second, 1);
    CLI_TRY(add_aux_session(c, &r, &params));
    return rounds_run(c, &r);
}

static cli_exit is_paired(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES],
                          bool *paired)
{
    uint8_t peer_id[CSIG_IDENTITY_BYTES], aux[CSIG_AUX_ID_BYTES], own[CSIG_AUX_ID_BYTES],
        mine[CSIG_AUX_ID_BYTES];
    uint64_t generation;
    csig_peer *peer;

    *paired = false;
    CLI_TRY(device_peer(c, d, id, &peer));
    if (peer == NULL) return CLI_OK;
    csig_peer_ids(peer, peer_id, aux, own, &generation);
    csig_aux_id(d->aux, mine);
    *paired = memcmp(own, mine, sizeof own) == 0;
    csig_peer_free(peer);
    return CLI_OK;
}

static cli_exit pair_with_others(cli *c, const device *d)
{
    AUTO_DEVICES all = {0};
    const size_t named = c->devices;
    cli_exit code;

    c->devices = 0; /* every device of the folder, not those named */
    code = devices_open(c, &all);
    c->devices = named;
    CLI_TRY(code);
    for (size_t i = 0; i < all.count; i++) {
        bool paired, back;

        if (all.d[i]->aux == NULL || memcmp(all.d[i]->id, d->id, sizeof d->id) == 0) continue;
        CLI_TRY(is_paired(c, d, all.d[i]->id, &paired));
        CLI_TRY(is_paired(c, all.d[i], d->id, &back));
        if (!paired || !back) CLI_TRY(pair_locally(c, d, all.d[i]));
    }
    return CLI_OK;
}

/* --- enrolment --- */

static cli_exit enrol(cli *c, const device *d, uint8_t server[CSIG_IDENTITY_BYTES])
{
    uint8_t said[CSIG_IDENTITY_BYTES + sizeof d->name], both[2 * CSIG_IDENTITY_BYTES],
        signature[64];
    const size_t name_len = strlen(d->name);
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;

    memcpy(said, d->id, CSIG_IDENTITY_BYTES);
    memcpy(said + CSIG_IDENTITY_BYTES, d->name, name_len);
    CLI_TRY(cli_check(
        c,
        csig_identity_sign(d->identity, "enrol", said, CSIG_IDENTITY_BYTES + name_len, signature),
        "signing the enrolment"));
    json_put_octets(body, "identity", d->id, CSIG_IDENTITY_BYTES);
    json_put_text(body, "name", d->name);
    json_put_octets(body, "signature", signature, sizeof signature);
    CLI_TRY(client_json(c, "POST", "/v1/devices", body, &answer));
    CLI_TRY(json_octets(c, answer, "server_identity", server, CSIG_IDENTITY_BYTES));
    CLI_TRY(json_octets(c, answer, "signature", signature, sizeof signature));
    memcpy(both, d->id, CSIG_IDENTITY_BYTES);
    memcpy(both + CSIG_IDENTITY_BYTES, server, CSIG_IDENTITY_BYTES);
    CLI_TRY(cli_check(c, csig_identity_verify(server, "enrolled", both, sizeof both, signature),
                      "the server's enrolment"));
    return server_pin(c, server);
}

static cli_exit enrol_and_pair(cli *c, device *d)
{
    uint8_t server[CSIG_IDENTITY_BYTES];
    bool paired;
    pinned p;

    if (c->server == NULL) CLI_TRY(server_pinned(c, &p));
    CLI_TRY(enrol(c, d, server));
    if (d->aux == NULL) { /* made by --no-aux: holds shares until init is run again without it */
        tell_device(c, d, "enrolled without auxiliary info: device");
        return CLI_OK;
    }
    CLI_TRY(is_paired(c, d, server, &paired));
    if (!paired) CLI_TRY(pair_with_server(c, d, server));
    CLI_TRY(pair_with_others(c, d));
    tell_device(c, d, "enrolled: device");
    return CLI_OK;
}

cli_exit cmd_device_enrol(cli *c)
{
    device d = {0};
    cli_exit code;

    CLI_TRY(cli_unseal(c, false));
    code = device_open(c, &d, c->devices > 0 ? c->device[0] : "phone");
    if (code == CLI_OK) code = enrol_and_pair(c, &d);
    device_close(&d);
    return code;
}
