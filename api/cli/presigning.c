#include "cli/presigning.h"

#include <string.h>

#include "cli/halves.h"
#include "cli/tell.h"

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

static cli_exit start(cli *c, const parties *p, uint32_t count, const json *answer, rounds *r)
{
    const int64_t number = json_number(answer, "number");

    if (number < 0 || number > UINT32_MAX - PRESIGNING_MAX) return json_lacks(c, "number");
    for (uint32_t k = 0; k < count; k++) {
        for (size_t i = 0; i < p->locals; i++) {
            const csig_signers signers = parties_signers(p, i);
            csig_session *s;

            CLI_TRY(cli_check(c,
                              csig_presign_session(&s, &signers, p->server, (uint32_t)number + k),
                              "presigning"));
            rounds_add(r, s, p->local[i].index, p->local[i].d);
            rounds_among(r, p->id, p->info.parties);
        }
    }
    return CLI_OK;
}

cli_exit presigning_run(cli *c, parties *p, meeting *m, uint32_t count, const json *answer)
{
    AUTO_ROUNDS r = {.store = keep_half, .arg = p, .meeting = m};
    AUTO_JSON j = json_new();

    memcpy(r.server, p->server_id, sizeof r.server);
    CLI_TRY(rounds_begin(c, &r, answer));
    CLI_TRY(parties_nonces(c, p, answer));
    CLI_TRY(start(c, p, count, answer, &r));
    CLI_TRY(rounds_run(c, &r));
    json_put_text(j, "wallet", p->wallet);
    json_put_number(j, "presignatures", count);
    return cli_tell(c, j, "wallet %s: %u more presignature%s\n", p->wallet, count,
                    count == 1 ? "" : "s");
}
