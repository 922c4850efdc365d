/* A device's record shown to a third party. */
#include <string.h>

#include "base/mem.h"
#include "countersign/transcript.h"
#include "crypto/header.h"
#include "share/record.h"

csig_err csig_aux_show(const csig_aux *aux, uint8_t *out, size_t *len)
{
    const size_t room = len == NULL ? 0 : *len;

    CSIG_REQUIRE(aux != NULL && len != NULL, CSIG_E_ARGUMENT);
    *len = csig_wire_size(csig_aux_record_wire);
    CSIG_REQUIRE(out != NULL && room >= *len, CSIG_E_BUFFER);
    memcpy(out, aux->record, *len);
    return CSIG_OK;
}

static csig_err read_shown(csig_aux_record **r, const uint8_t *shown, size_t len)
{
    csig_err err;

    CSIG_TRY(csig_kind_check(shown, len, CSIG_KIND_AUX_RECORD));
    *r = csig_public_alloc(sizeof **r);
    CSIG_REQUIRE(*r != NULL, CSIG_E_MEMORY);
    err = csig_wire_read(csig_aux_record_wire, *r, shown, len);
    if (err == CSIG_OK) return CSIG_OK;
    csig_public_free(*r);
    *r = NULL;
    return err;
}

static csig_err verify(const csig_aux_record *r)
{
    csig_rng rng;
    const csig_env env = {.rng = &rng};
    csig_err err;

    csig_rng_init(&rng, NULL, r->pub.id);
    err = csig_aux_record_check_shown(r, &env);
    csig_rng_wipe(&rng);
    return err;
}

csig_err csig_aux_show_verify(const uint8_t *shown, size_t len, csig_aux_info *info)
{
    csig_aux_record *r;
    csig_err err;

    CSIG_REQUIRE((shown != NULL || len == 0) && info != NULL, CSIG_E_ARGUMENT);
    memset(info, 0, sizeof *info);
    CSIG_TRY(read_shown(&r, shown, len));
    err = verify(r);
    if (err == CSIG_OK) {
        memcpy(info->identity, r->pub.owner, sizeof info->identity);
        memcpy(info->aux_id, r->pub.id, sizeof info->aux_id);
        info->generation = r->pub.generation;
    }
    csig_public_free(r);
    return err;
}

csig_err csig_aux_show_compare(const uint8_t *a, const uint8_t *b)
{
    const size_t len = csig_wire_size(csig_aux_record_wire);
    csig_aux_record *x, *y = NULL;
    csig_err err;

    CSIG_REQUIRE(a != NULL && b != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(read_shown(&x, a, len));
    err = read_shown(&y, b, len);
    if (err == CSIG_OK) err = csig_aux_record_compare(&x->pub, &y->pub);
    csig_public_free(x);
    csig_public_free(y);
    return err;
}
