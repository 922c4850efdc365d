#include "matrix/signers.h"

#include <stdlib.h>
#include <string.h>

#include "share/device.h"

void signers_init(signers *s, uint16_t n, uint16_t last)
{
    static const uint16_t index[] = {1, 2, 3};

    memset(s, 0, sizeof *s);
    matrix_repeatable();
    signing_init(&s->g, dealer_new(n, n, true), index);
    for (uint16_t j = 0; j < n; j++)
        s->g.signers[j].moves_last = j == last;
    s->last = last;
    s->path[0] = 44;
    s->path[1] = 7;
    s->intent = signing_intent(1, s->path, CSIG_ARRAY_LEN(s->path));
}

void signers_free(signers *s)
{
    dealer *d = s->g.d;

    for (uint16_t i = 0; i < CSIG_MAX_PARTIES; i++) {
        for (uint16_t j = 0; j < CSIG_MAX_PARTIES; j++)
            csig_presig_free(s->half[i][j]);
    }
    signing_free(&s->g);
    dealer_free(d);
}

void signers_renew(void *ctx)
{
    signers *s = ctx;

    signing_refresh(&s->g);
    s->intent.input++;
}

const csig_ed_key *signers_key(void *ctx, uint16_t position)
{
    const signers *s = ctx;

    return &s->g.d->id[s->g.index[position] - 1]->key;
}

bool signers_has_signature(csig_session *s)
{
    csig_signature signature;

    return csig_sign_signature(s, &signature) == CSIG_OK;
}

matrix_play signers_play(signers *s, const char *name, uint16_t cheat, uint16_t victim)
{
    const csig_aux *const *aux = (const csig_aux *const *)s->g.d->aux;

    return (matrix_play){
        .name = name,
        .n = s->g.count,
        .liar = cheat,
        .victim = victim,
        .ctx = s,
        .renew = signers_renew,
        .key = signers_key,
        .has_output = signers_has_signature,
        .modulus = {&aux[cheat]->pub.n, &aux[victim]->pub.n, &aux[victim]->pub.n_hat},
        .step = 4,
    };
}
