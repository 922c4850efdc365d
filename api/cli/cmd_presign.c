/* presign: a stock of presignatures, for when somebody waits. */
#include <string.h>

#include "cli/halves.h"
#include "cli/reconcile.h"
#include "cli/ride.h"
#include "cli/tell.h"

#define BATCH_MAX 16

static cli_exit keep_half(cli *c, rounds *r, size_t i, void *arg)
{
    const parties *p = arg;
    csig_presig *half;
    cli_exit code;

    CLI_TRY(cli_check(c, csig_presign_result(r->s[i], &half), "the presignature"));
    code = half_keep(c, r->d[i], p->wallet, half);
    csig_presig_free(half);
    return code;
}

static cli_exit start(cli *c, const parties *p, const json *answer, rounds *r)
{
    const int64_t number = json_number(answer, "number");

    if (number < 0 || number > UINT32_MAX - BATCH_MAX) return json_lacks(c, "number");
    for (uint32_t k = 0; k < c->count; k++) {
        for (size_t i = 0; i < p->locals; i++) {
            const csig_signers signers = parties_signers(p, i);
            csig_session *s;

            CLI_TRY(cli_check(c,
                              csig_presign_session(&s, &signers, p->server, (uint32_t)number + k),
                              "presigning"));
            rounds_add(r, s, p->local[i].index, p->local[i].d);
        }
    }
    return CLI_OK;
}

static cli_exit presign(cli *c, parties *p)
{
    AUTO_ROUNDS r = {.store = keep_half, .arg = p};
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    AUTO_JSON j = json_new();
    char path[96];

    memcpy(r.server, p->server_id, sizeof r.server);
    json_put_text(body, "kind", "presign");
    json_put_number(body, "count", c->count);
    parties_describe(p, body);
    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", p->wallet);
    CLI_TRY(client_json(c, "POST", path, body, &answer));
    CLI_TRY(rounds_begin(c, &r, answer));
    CLI_TRY(parties_nonces(c, p, answer));
    CLI_TRY(start(c, p, answer, &r));
    CLI_TRY(rounds_run(c, &r));
    json_put_text(j, "wallet", p->wallet);
    json_put_number(j, "presignatures", c->count);
    return cli_tell(c, j, "wallet %s: %u more presignature%s\n", p->wallet, c->count,
                    c->count == 1 ? "" : "s");
}

static cli_exit open_all(cli *c, devices *all, parties *p)
{
    CLI_TRY(begin_with_devices(c, all));
    CLI_TRY(parties_open(c, all, c->wallet, p));
    return halves_check(c, p);
}

cli_exit cmd_presign(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_PARTIES p = {0};

    if (c->count == 0) c->count = 1;
    if (c->count > BATCH_MAX)
        return cli_fail(c, CLI_USAGE, "--count takes at most %d at once", BATCH_MAX);
    CLI_TRY(open_all(c, &all, &p));
    /* Presignatures end with their epoch: a refresh that is wanted comes first. */
    if (ride_is_wanted(c)) {
        parties_close(&p);
        devices_close(&all);
        p = (parties){0};
        ride(c);
        CLI_TRY(open_all(c, &all, &p));
    }
    return presign(c, &p);
}
