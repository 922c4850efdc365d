/* The common header, and sealed objects behind it. */
#include "crypto/header.h"

#include <string.h>

#include "base/mem.h"

void csig_kind_write(uint8_t out[CSIG_KIND_BYTES], csig_kind kind)
{
    out[0] = (uint8_t)kind;
    out[1] = CSIG_FORMAT_VERSION;
    out[2] = CSIG_LEVEL;
}

csig_err csig_kind_check(const uint8_t *in, size_t len, csig_kind kind)
{
    return csig_kind_check_version(in, len, kind, CSIG_FORMAT_VERSION);
}

csig_err csig_kind_check_version(const uint8_t *in, size_t len, csig_kind kind, uint8_t version)
{
    CSIG_REQUIRE(len > 0, CSIG_E_LENGTH);
    CSIG_REQUIRE(in[0] == (uint8_t)kind, CSIG_E_KIND);
    CSIG_REQUIRE(len > 1, CSIG_E_LENGTH);
    CSIG_REQUIRE(in[1] == version, CSIG_E_VERSION);
    CSIG_REQUIRE(len > 2, CSIG_E_LENGTH);
    CSIG_REQUIRE(in[2] == CSIG_LEVEL, CSIG_E_LEVEL);
    return CSIG_OK;
}

void csig_kind_wire(csig_wire *w, csig_kind kind)
{
    uint8_t octets[CSIG_KIND_BYTES];

    csig_kind_write(octets, kind);
    csig_bytes_wire(w, octets, sizeof octets);
    if (csig_kind_check(octets, sizeof octets, kind) != CSIG_OK) w->bad = true;
}

static void write_clear(uint8_t out[CSIG_OBJECT_CLEAR_BYTES], const csig_object *what)
{
    uint8_t *epoch = out + CSIG_KIND_BYTES + CSIG_OBJECT_ID_BYTES;

    csig_kind_write(out, what->kind);
    memcpy(out + CSIG_KIND_BYTES, what->id, CSIG_OBJECT_ID_BYTES);
    for (int i = 0; i < 8; i++)
        epoch[i] = (uint8_t)(what->epoch >> (56 - 8 * i));
}

csig_err csig_object_read(csig_object *what, const uint8_t *in, size_t len)
{
    const uint8_t *epoch = in + CSIG_KIND_BYTES + CSIG_OBJECT_ID_BYTES;

    CSIG_TRY(csig_kind_check(in, len, what->kind));
    CSIG_REQUIRE(len >= CSIG_OBJECT_CLEAR_BYTES, CSIG_E_LENGTH);
    memcpy(what->id, in + CSIG_KIND_BYTES, CSIG_OBJECT_ID_BYTES);
    what->epoch = 0;
    for (int i = 0; i < 8; i++)
        what->epoch = what->epoch << 8 | epoch[i];
    return CSIG_OK;
}

csig_err csig_seal_object(const csig_sealer *sealer, const csig_object *what, const uint8_t *plain,
                          size_t len, uint8_t *out, size_t *out_len)
{
    const size_t room = *out_len;
    size_t sealed = 0;

    *out_len = 0;
    CSIG_REQUIRE(room >= CSIG_OBJECT_SEALED_BYTES(0), CSIG_E_BUFFER);
    CSIG_REQUIRE(room - CSIG_OBJECT_SEALED_BYTES(0) >= len, CSIG_E_BUFFER);
    write_clear(out, what);
    if (sealer->seal(sealer->ctx, out, CSIG_OBJECT_CLEAR_BYTES, plain, len,
                     out + CSIG_OBJECT_CLEAR_BYTES, &sealed) != 0 ||
        sealed > len + CSIG_SEAL_OVERHEAD) {
        csig_wipe(out, room);
        return CSIG_E_HOST;
    }
    *out_len = CSIG_OBJECT_CLEAR_BYTES + sealed;
    return CSIG_OK;
}

csig_err csig_open_object(const csig_sealer *sealer, csig_object *what, const uint8_t *in,
                          size_t len, uint8_t *out, size_t *out_len)
{
    const size_t room = *out_len;
    size_t opened = 0;

    *out_len = 0;
    CSIG_TRY(csig_object_read(what, in, len));
    CSIG_REQUIRE(room >= CSIG_OBJECT_OPENED_BYTES(len), CSIG_E_BUFFER);
    if (sealer->open(sealer->ctx, in, CSIG_OBJECT_CLEAR_BYTES, in + CSIG_OBJECT_CLEAR_BYTES,
                     len - CSIG_OBJECT_CLEAR_BYTES, out, &opened) != 0 ||
        opened > CSIG_OBJECT_OPENED_BYTES(len)) {
        csig_wipe(out, room);
        return CSIG_E_SEAL;
    }
    *out_len = opened;
    return CSIG_OK;
}
