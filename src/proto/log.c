/* Envelopes kept so that others can be shown who cheated, or that nobody did: every broadcast and
 * echo, own ones too. */
#include <string.h>

#include "base/mem.h"
#include "proto/state.h"

csig_err csig_octets_copy(csig_octets *to, const uint8_t *p, size_t len)
{
    csig_octets_free(to);
    to->p = csig_public_alloc(len + 1); /* an allocation of nothing may be NULL */
    CSIG_REQUIRE(to->p != NULL, CSIG_E_MEMORY);
    if (len > 0) memcpy(to->p, p, len);
    to->len = len;
    return CSIG_OK;
}

void csig_octets_free(csig_octets *o)
{
    csig_public_free(o->p);
    *o = (csig_octets){.p = NULL};
}

csig_err csig_log_keep(csig_session *s, uint8_t round, uint16_t from, csig_cast cast,
                       const uint8_t *envelope, size_t len)
{
    csig_octets *to;

    if (cast == CSIG_CAST_ECHO) return csig_octets_copy(&s->echo_log[round][from], envelope, len);
    if (cast != CSIG_CAST_ALL) return CSIG_OK;
    to = &s->log[round][from];
    CSIG_TRY(csig_octets_copy(to, envelope, len));
    s->run.body[round][from] = to->p + CSIG_HEADER_BYTES;
    return CSIG_OK;
}

void csig_log_free(csig_session *s)
{
    for (uint16_t j = 0; j < s->run.n; j++) {
        for (size_t i = 0; i <= CSIG_MAX_ROUNDS; i++)
            csig_octets_free(&s->log[i][j]);
        for (size_t i = 0; i < CSIG_MAX_ROUNDS; i++)
            csig_octets_free(&s->echo_log[i][j]);
    }
    csig_octets_free(&s->inputs);
    csig_octets_free(&s->evidence);
    csig_octets_free(&s->testimony);
}
