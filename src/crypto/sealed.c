/* Walk and seal, open and walk. The plaintext between them is in locked memory. */
#include "crypto/sealed.h"

#include "base/mem.h"

csig_err csig_sealed_write(const csig_sealer *sealer, const csig_object *what, csig_wire_fn *fn,
                           const void *msg, uint8_t *out, size_t *len)
{
    const size_t size = csig_wire_size(fn);
    uint8_t *plain;
    csig_err err;

    if (out == NULL || *len < CSIG_OBJECT_SEALED_BYTES(size)) {
        *len = CSIG_OBJECT_SEALED_BYTES(size);
        return CSIG_E_BUFFER;
    }
    plain = csig_secret_alloc(size);
    CSIG_REQUIRE(plain != NULL, CSIG_E_MEMORY);
    csig_wire_write(fn, msg, plain, size);
    err = csig_seal_object(sealer, what, plain, size, out, len);
    csig_secret_free(plain);
    return err;
}

csig_err csig_sealed_read(const csig_sealer *sealer, csig_object *what, csig_wire_fn *fn, void *msg,
                          const uint8_t *in, size_t len)
{
    uint8_t *plain;
    size_t room;
    csig_err err;

    CSIG_TRY(csig_object_read(what, in, len));
    /* Before any memory is taken: nothing honest is longer. */
    CSIG_REQUIRE(len <= CSIG_OBJECT_SEALED_BYTES(csig_wire_size(fn)), CSIG_E_LENGTH);
    CSIG_REQUIRE(len > CSIG_OBJECT_CLEAR_BYTES, CSIG_E_LENGTH);
    room = CSIG_OBJECT_OPENED_BYTES(len);
    plain = csig_secret_alloc(room);
    CSIG_REQUIRE(plain != NULL, CSIG_E_MEMORY);
    err = csig_open_object(sealer, what, in, len, plain, &room);
    if (err == CSIG_OK) err = csig_wire_read(fn, msg, plain, room);
    csig_secret_free(plain);
    return err;
}
