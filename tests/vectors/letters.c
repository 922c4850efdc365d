#include "vectors/letters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "crypto/header.h"
#include "keygen/auxinfo.h"
#include "keygen/keygen.h"
#include "signer/online.h"
#include "signer/sign.h"

static const csig_protocol *const protocols[] = {
    &csig_auxinfo_protocol, &csig_keygen_protocol, &csig_presign_protocol,
    &csig_sign_protocol,    &csig_online_protocol,
};

/* --- reading --- */

static void hex_of(char out[129], const uint8_t *p, size_t len)
{
    uint8_t hash[crypto_hash_sha512_BYTES];

    crypto_hash_sha512(hash, p, len);
    for (size_t i = 0; i < sizeof hash; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static const char *read_line(letter *l, const char *line)
{
    unsigned protocol, round, cast, from, to;
    int used = 0;

    assert_int_equal(sscanf(line, "%u %u %u %u %u %zu %128[0-9a-f]\n%n", &protocol, &round, &cast,
                            &from, &to, &l->len, l->hash, &used),
                     7);
    l->header.protocol = (uint8_t)protocol;
    l->header.round = (uint8_t)round;
    l->header.cast = (uint8_t)cast;
    l->header.from = (uint16_t)from;
    l->header.to = (uint16_t)to;
    return line + used;
}

/* Every door refuses it by its version. */
static void expect_old(const uint8_t *p, size_t len)
{
    uint8_t id[32], round;
    uint16_t from, to;
    size_t length;

    assert_int_equal(p[CSIG_KIND_BYTES], CSIG_PROTOCOL_KEYGEN);
    assert_int_equal(p[1], 1);
    assert_int_equal(csig_envelope_length(p, len, &length), CSIG_E_VERSION);
    assert_int_equal(csig_envelope_address(p, len, id, &from, &to), CSIG_E_VERSION);
    assert_int_equal(csig_envelope_round(p, len, &round), CSIG_E_VERSION);
}

/* The next letter of the transcript is this one. */
static size_t read_octets(letter *l, const story_octets *file, size_t at)
{
    const csig_header said = l->header;
    char hash[129];
    size_t len = 0;

    assert_true(at + l->len <= file->len);
    l->octets = (story_octets){file->p + at, l->len};
    hex_of(hash, l->octets.p, l->len);
    assert_string_equal(hash, l->hash);
    if (l->octets.p[1] != csig_envelope_version(said.protocol)) {
        expect_old(l->octets.p, l->len);
        l->old = true;
        l->body = l->octets.p + CSIG_HEADER_BYTES;
        l->header.body_len = (uint32_t)(l->len - CSIG_ENVELOPE_OVERHEAD);
        return at + l->len;
    }
    assert_int_equal(csig_envelope_length(file->p + at, file->len - at, &len), CSIG_OK);
    assert_int_equal(len, l->len);
    assert_int_equal(csig_envelope_read(&l->header, &l->body, l->octets.p, len), CSIG_OK);
    assert_true(l->header.protocol == said.protocol && l->header.round == said.round);
    assert_true(l->header.cast == said.cast && l->header.from == said.from);
    return at + len;
}

void letters_read(letters *all, const char *folder)
{
    char name[64];
    const char *line;
    size_t at = 0;

    memset(all, 0, sizeof *all);
    (void)snprintf(name, sizeof name, "%stranscript", folder);
    all->file = golden_read(name, csig_level());
    (void)snprintf(name, sizeof name, "%stranscript.txt", folder);
    all->index = golden_read(name, csig_level());
    line = (const char *)all->index.p;
    while (*line != 0) {
        letter *l = &all->letter[all->count++];

        assert_true(all->count <= STORY_LETTERS);
        line = read_line(l, line);
        if (l->len < GOLDEN_LETTER_MAX) {
            at = read_octets(l, &all->file, at);
            if (l->old) all->old++;
        } else {
            all->hashed++;
        }
    }
    assert_int_equal(at, all->file.len);
}

void letters_free(letters *all)
{
    golden_free(&all->file);
    golden_free(&all->index);
}

story_octets letters_index(const letters *all)
{
    const size_t room = all->count * 256 + 1;
    story_octets o = {.p = calloc(1, room)};

    assert_non_null(o.p);
    for (size_t i = 0; i < all->count; i++) {
        const letter *l = &all->letter[i];

        o.len += (size_t)snprintf((char *)o.p + o.len, room - o.len, "%u %u %u %u %u %zu %s\n",
                                  l->header.protocol, l->header.round, l->header.cast,
                                  l->header.from, l->header.to, l->len, l->hash);
    }
    return o;
}

const letter *letters_find(const letters *all, uint8_t protocol, uint8_t round)
{
    const letter *found = NULL;

    for (size_t i = 0; i < all->count; i++) {
        const letter *l = &all->letter[i];

        if (l->header.protocol != protocol || l->header.round != round) continue;
        assert_null(found);
        found = l;
    }
    assert_non_null(found);
    return found;
}

/* --- what is in it --- */

/* Reads and writes one piece; its octets. */
static size_t piece(csig_wire_fn *fn, size_t size, const uint8_t *in, size_t left)
{
    static const csig_wire_shape two = {.n = 2, .t = 2};
    const size_t len = fn == NULL ? 0 : csig_wire_size_shaped(fn, &two);
    uint8_t *again;
    void *msg;

    if (fn == NULL) return 0;
    again = malloc(len);
    msg = calloc(1, size);
    assert_true(again != NULL && msg != NULL && len <= left);
    assert_int_equal(csig_wire_read_shaped(fn, &two, msg, in, len), CSIG_OK);
    csig_wire_write_shaped(fn, &two, msg, again, len);
    assert_memory_equal(again, in, len);
    free(msg);
    free(again);
    return len;
}

static size_t preamble(const csig_protocol *p, uint8_t round)
{
    const size_t digests = (size_t)CSIG_SSID_FIELDS * CSIG_SSID_DIGEST_BYTES;

    if (round != 1) return 0;
    return digests + (p->encrypts ? CSIG_EPH_BYTES : 0);
}

void letter_expect_readable(const letter *l, const uint8_t id[CSIG_IDENTITY_BYTES])
{
    const csig_protocol *p;
    const csig_round *round;
    size_t at, len = l->header.body_len;

    if (l->octets.p == NULL || l->old) return;
    assert_int_equal(csig_envelope_verify(l->octets.p, l->octets.len, id), CSIG_OK);
    assert_in_range(l->header.protocol, 1, CSIG_ARRAY_LEN(protocols));
    p = protocols[l->header.protocol - 1];
    assert_int_equal(p->id, l->header.protocol);
    assert_in_range(l->header.round, 1, p->count);
    round = p->rounds[l->header.round - 1];
    assert_int_equal(l->header.cast, CSIG_CAST_ALL);
    at = preamble(p, l->header.round);
    at += piece(round->bcast, round->bcast_size, l->body + at, len - at);
    at += piece(round->part, round->part_size, l->body + at, len - at);
    assert_int_equal(at, len);
}
