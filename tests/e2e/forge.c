#include "e2e/forge.h"

#include <stdlib.h>
#include <string.h>

#include "proto/envelope.h"
#include "share/device.h"

/* Where the n-th envelope starts; its length. Backups between them do not count. */
static uint8_t *envelope_at(const octets *list, size_t n, size_t *len)
{
    size_t at = 0;

    for (size_t i = 0; at < list->len; i++) {
        while (csig_backup_length(list->p + at, list->len - at, len) == CSIG_OK)
            at += *len;
        assert_int_equal(csig_envelope_length(list->p + at, list->len - at, len), CSIG_OK);
        if (i == n) return list->p + at;
        at += *len;
    }
    return NULL;
}

size_t forge_find(const octets *list, uint16_t from, uint16_t to)
{
    uint8_t id[32], *envelope;
    uint16_t f, t;
    size_t len;

    for (size_t n = 0; (envelope = envelope_at(list, n, &len)) != NULL; n++) {
        assert_int_equal(csig_envelope_address(envelope, len, id, &f, &t), CSIG_OK);
        if (f == from && t == to) return n;
    }
    fail_msg("no envelope from %u to %u", from, to);
    return 0;
}

size_t forge_body_len(const octets *list, size_t n)
{
    size_t len;

    return envelope_at(list, n, &len) != NULL ? len - CSIG_ENVELOPE_OVERHEAD : 0;
}

static void sign_again(uint8_t *envelope, size_t len, const device *signer)
{
    uint8_t *copy = malloc(len);
    const uint8_t *body;
    csig_header h;

    assert_non_null(copy);
    assert_int_equal(csig_envelope_read(&h, &body, envelope, len), CSIG_OK);
    csig_envelope_write(copy, &h, body, &signer->identity->key);
    memcpy(envelope, copy, len);
    free(copy);
}

void forge(octets *list, size_t n, size_t at, size_t len, uint8_t with, const device *signer)
{
    size_t envelope_len;
    uint8_t *envelope = envelope_at(list, n, &envelope_len);

    assert_non_null(envelope);
    assert_true(at + len <= envelope_len - CSIG_ENVELOPE_OVERHEAD);
    memset(envelope + CSIG_HEADER_BYTES + at, with, len);
    sign_again(envelope, envelope_len, signer);
}

void forge_copy(octets *list, size_t n, const uint8_t *body, size_t len, const device *signer)
{
    size_t envelope_len;
    uint8_t *envelope = envelope_at(list, n, &envelope_len);

    assert_non_null(envelope);
    assert_int_equal(len, envelope_len - CSIG_ENVELOPE_OVERHEAD);
    memcpy(envelope + CSIG_HEADER_BYTES, body, len);
    sign_again(envelope, envelope_len, signer);
}

void forge_flip(octets *list, size_t n, size_t at, const device *signer)
{
    size_t envelope_len;
    uint8_t *envelope = envelope_at(list, n, &envelope_len);

    assert_non_null(envelope);
    assert_true(at < envelope_len - CSIG_ENVELOPE_OVERHEAD);
    envelope[CSIG_HEADER_BYTES + at] ^= 1;
    sign_again(envelope, envelope_len, signer);
}

void forge_twice(octets *list, size_t n, size_t at, const device *signer)
{
    size_t envelope_len, count = 0, len;
    const uint8_t *envelope = envelope_at(list, n, &envelope_len);
    const size_t offset = (size_t)(envelope - list->p);

    assert_non_null(envelope);
    list->p = realloc(list->p, list->len + envelope_len);
    assert_non_null(list->p);
    memcpy(list->p + list->len, list->p + offset, envelope_len);
    list->len += envelope_len;
    while (envelope_at(list, count, &len) != NULL)
        count++;
    forge_flip(list, count - 1, at, signer);
}
