/* Inputs of a session as octets: fixed widths per session, counts in front of their lists. */
#include "keygen/inputs.h"

#include <string.h>

/* Widths follow from these: the walk's n is of members, its t of parties, escrows of keys. */
static void counts_wire(csig_wire *w, void *inputs)
{
    csig_inputs *in = inputs;

    csig_u16_wire(w, &in->count);
    csig_u16_wire(w, &in->n);
    csig_u16_wire(w, &in->recoveries);
}

static void common_wire(csig_wire *w, csig_inputs *in)
{
    csig_u16_wire(w, &in->t);
    csig_u16_wire(w, &in->commits);
    for (uint16_t i = 0; i < w->shape->n; i++) {
        csig_u16_wire(w, &in->holds[i]);
        csig_bytes_wire(w, in->nonce[i], CSIG_NONCE_BYTES);
    }
    for (uint16_t i = 0; i < w->shape->t; i++)
        csig_bytes_wire(w, in->identity[i], CSIG_ID_BYTES);
    for (uint16_t k = 0; k < w->shape->escrows; k++) {
        csig_u16_wire(w, &in->recovery[k]);
        csig_bytes_wire(w, in->key[k], CSIG_RECOVERY_KEY_BYTES);
    }
}

static void keygen_wire(csig_wire *w, void *inputs)
{
    counts_wire(w, inputs);
    common_wire(w, inputs);
}

static void refresh_wire(csig_wire *w, void *inputs)
{
    csig_inputs *in = inputs;

    counts_wire(w, in);
    common_wire(w, in);
    for (uint16_t i = 0; i < w->shape->n; i++) {
        csig_u16_wire(w, &in->number[i]);
        csig_u16_wire(w, &in->deals[i]);
    }
    csig_u64_wire(w, &in->attempt);
}

void csig_inputs_recovery(csig_inputs *in, const csig_recovery_keys *keys)
{
    in->recoveries = keys->count;
    if (keys->count == 0) return;
    memcpy(in->recovery, keys->indices, keys->count * sizeof in->recovery[0]);
    memcpy(in->key, keys->keys, (size_t)keys->count * CSIG_RECOVERY_KEY_BYTES);
}

csig_recovery_keys csig_inputs_keys(const csig_inputs *in)
{
    return (csig_recovery_keys){
        .indices = in->recovery, .keys = in->key[0], .count = in->recoveries};
}

static csig_wire_shape shape_of(const csig_inputs *in)
{
    return (csig_wire_shape){.n = in->count, .t = in->n, .escrows = in->recoveries};
}

csig_err csig_inputs_keep(csig_session *s, const csig_inputs *in, const csig_share *current)
{
    csig_wire_fn *walk = current == NULL ? keygen_wire : refresh_wire;
    const csig_wire_shape shape = shape_of(in);
    size_t len = csig_wire_size_shaped(walk, &shape);
    uint8_t octets[CSIG_INPUTS_MAX];

    CSIG_ASSERT(len + CSIG_EPOCH_BYTES <= sizeof octets);
    csig_wire_write_shaped(walk, &shape, in, octets, len);
    if (current != NULL) {
        CSIG_TRY(csig_share_epoch(current, octets + len));
        len += CSIG_EPOCH_BYTES;
    }
    return csig_session_keep_inputs(s, octets, len);
}

csig_err csig_inputs_read(csig_inputs *in, csig_share *current, const uint8_t *octets, size_t len)
{
    const size_t front = csig_wire_size(counts_wire);
    csig_wire_shape shape;

    memset(in, 0, sizeof *in);
    CSIG_REQUIRE(len >= front, CSIG_E_LENGTH);
    CSIG_TRY(csig_wire_read(counts_wire, in, octets, front));
    CSIG_REQUIRE(in->count <= CSIG_MAX_PARTIES && in->n <= CSIG_MAX_PARTIES, CSIG_E_PARTIES);
    CSIG_REQUIRE(in->recoveries <= CSIG_MAX_PARTIES, CSIG_E_PARTIES);
    shape = shape_of(in);
    if (current == NULL) return csig_wire_read_shaped(keygen_wire, &shape, in, octets, len);
    CSIG_REQUIRE(len >= CSIG_EPOCH_BYTES, CSIG_E_LENGTH);
    len -= CSIG_EPOCH_BYTES;
    CSIG_TRY(csig_wire_read_shaped(refresh_wire, &shape, in, octets, len));
    return csig_epoch_read(current, octets + len);
}
