/* Hashes of typed values, EIP-712: every value is a word of 32 octets; of what is longer it is the
 * hash. */
#include <string.h>

#include "base/mem.h"
#include "crypto/keccak.h"
#include "payload/address.h"
#include "payload/number.h"
#include "payload/typed.h"

#define WORD 32

static csig_err value_word(uint8_t word[WORD], const csig_typed *t, const char *type, size_t len,
                           const csig_json *value, char *why);

static csig_err number_word(uint8_t word[WORD], const csig_typed_type *type, const csig_json *value)
{
    csig_number n;

    CSIG_REQUIRE(csig_number_is_of(&n, value), CSIG_E_PAYLOAD);
    CSIG_REQUIRE(csig_number_is_within(&n, type->size, type->is_signed), CSIG_E_PAYLOAD);
    csig_number_word(word, &n);
    return CSIG_OK;
}

/* bytesN stands at the left. */
static csig_err fixed_word(uint8_t word[WORD], size_t size, const csig_json *value)
{
    size_t text_len, len;
    const char *text = csig_json_text_of(value, &text_len);

    CSIG_REQUIRE(text != NULL && csig_0x_is_read(word, size, &len, text, text_len), CSIG_E_PAYLOAD);
    CSIG_REQUIRE(len == size, CSIG_E_PAYLOAD);
    return CSIG_OK;
}

static csig_err bytes_word(uint8_t word[WORD], const csig_json *value)
{
    size_t text_len, len;
    const char *text = csig_json_text_of(value, &text_len);
    uint8_t *octets;
    bool is_read;

    CSIG_REQUIRE(text != NULL, CSIG_E_PAYLOAD);
    octets = csig_public_alloc(text_len / 2 + 1);
    CSIG_REQUIRE(octets != NULL, CSIG_E_MEMORY);
    is_read = csig_0x_is_read(octets, text_len / 2, &len, text, text_len);
    if (is_read) csig_keccak256(word, octets, len);
    csig_public_free(octets);
    return is_read ? CSIG_OK : CSIG_E_PAYLOAD;
}

static csig_err list_word(uint8_t word[WORD], const csig_typed *t, const csig_typed_type *is,
                          const char *type, const csig_json *value, char *why)
{
    csig_keccak h;

    CSIG_REQUIRE(csig_json_kind_of(value) == CSIG_JSON_LIST, CSIG_E_PAYLOAD);
    CSIG_REQUIRE(!is->has_count || csig_json_size(value) == is->count, CSIG_E_PAYLOAD);
    csig_keccak_init(&h);
    for (size_t i = 0; i < csig_json_size(value); i++) {
        CSIG_TRY(value_word(word, t, type, is->entry_len, csig_json_at(value, i), why));
        csig_keccak_update(&h, word, WORD);
    }
    csig_keccak_final(&h, word);
    return CSIG_OK;
}

/* CSIG_E_PAYLOAD: it is not of this type; why is set where something inside says more. */
static csig_err value_word(uint8_t word[WORD], const csig_typed *t, const char *type, size_t len,
                           const csig_json *value, char *why)
{
    csig_typed_type is;
    const char *text;
    size_t text_len;

    CSIG_ASSERT(csig_typed_is_type(&is, t, type, len)); /* all types were looked at */
    memset(word, 0, WORD);
    switch (is.class) {
    case CSIG_TYPED_BOOL:
        CSIG_REQUIRE(csig_json_kind_of(value) == CSIG_JSON_BOOLEAN, CSIG_E_PAYLOAD);
        word[WORD - 1] = csig_json_integer_of(value) != 0;
        return CSIG_OK;
    case CSIG_TYPED_ADDRESS:
        text = csig_json_text_of(value, NULL);
        CSIG_REQUIRE(text != NULL, CSIG_E_PAYLOAD);
        CSIG_REQUIRE(csig_ethereum_address_is_read(word + WORD - CSIG_ETHEREUM_BYTES, text),
                     CSIG_E_PAYLOAD);
        return CSIG_OK;
    case CSIG_TYPED_INTEGER:
        return number_word(word, &is, value);
    case CSIG_TYPED_FIXED:
        return fixed_word(word, is.size, value);
    case CSIG_TYPED_BYTES:
        return bytes_word(word, value);
    case CSIG_TYPED_STRING:
        text = csig_json_text_of(value, &text_len);
        CSIG_REQUIRE(text != NULL, CSIG_E_PAYLOAD);
        csig_keccak256(word, text, text_len);
        return CSIG_OK;
    case CSIG_TYPED_STRUCT:
        return csig_typed_hash(word, t, is.of, value, why);
    case CSIG_TYPED_LIST:
        return list_word(word, t, &is, type, value, why);
    }
    return CSIG_E_PAYLOAD;
}

/* hashStruct(s) = keccak256(typeHash || the words of its members) */
csig_err csig_typed_hash(uint8_t hash[WORD], const csig_typed *t, const csig_typed_struct *s,
                         const csig_json *value, char *why)
{
    const size_t n = csig_json_size(s->members);
    uint8_t word[WORD];
    csig_keccak h;

    if (csig_json_kind_of(value) != CSIG_JSON_OBJECT || csig_json_size(value) != n)
        return csig_why(why, "\"typed_data\": a %s must be an object with exactly its %zu members",
                        s->name, n);
    csig_keccak_init(&h);
    csig_keccak_update(&h, s->hash, sizeof s->hash);
    for (size_t i = 0; i < n; i++) {
        const char *name, *type;
        const csig_json *member;
        char inside[CSIG_WHY_BYTES] = "";
        csig_err err = CSIG_E_PAYLOAD;

        csig_typed_member(s, i, &name, &type);
        member = csig_json_member(value, name);
        if (member != NULL) err = value_word(word, t, type, strlen(type), member, inside);
        if (err == CSIG_E_PAYLOAD)
            return inside[0] != '\0'
                       ? csig_why(why, "%s", inside)
                       : csig_why(why, "\"typed_data\": %s of a %s is no %s", name, s->name, type);
        CSIG_TRY(err);
        csig_keccak_update(&h, word, sizeof word);
    }
    csig_keccak_final(&h, hash);
    return CSIG_OK;
}
