/* The door of payloads: what is the same for all kinds, around the table of kinds. */
#include "payload/kind.h"

#include <string.h>

#include "base/mem.h"
#include "payload/describe.h"

static const csig_payload_kind *const kinds[] = {
    &csig_payload_digest, &csig_payload_eip191, &csig_payload_eip712,
    &csig_payload_eth_tx, &csig_payload_psbt,   &csig_payload_bip322,
};

/* --- reading --- */

csig_err csig_member_text(const csig_json *members, const char *name, const char **text,
                          size_t *len, char *why)
{
    *text = csig_json_text_of(csig_json_member(members, name), len);
    if (*text == NULL) return csig_why(why, "\"%s\" must be text", name);
    return CSIG_OK;
}

csig_err csig_member_0x(const csig_json *members, const char *name, uint8_t **octets, size_t *len,
                        char *why)
{
    const char *text;
    size_t text_len;

    CSIG_TRY(csig_member_text(members, name, &text, &text_len, why));
    *octets = csig_public_alloc(text_len / 2 + 1);
    CSIG_REQUIRE(*octets != NULL, CSIG_E_MEMORY);
    if (csig_0x_is_read(*octets, text_len / 2, len, text, text_len)) return CSIG_OK;
    csig_public_free(*octets);
    *octets = NULL;
    return csig_why(why, "\"%s\" must be 0x and pairs of hexadecimal digits", name);
}

static csig_err find_kind(const csig_payload_kind **kind, const csig_json *json, char *why)
{
    const char *type = csig_json_text_of(csig_json_member(json, "type"), NULL);

    if (type == NULL) return csig_why(why, "an object with the member \"type\" was expected");
    for (size_t i = 0; i < CSIG_ARRAY_LEN(kinds); i++) {
        *kind = kinds[i];
        if (strcmp(type, kinds[i]->type) == 0) return CSIG_OK;
    }
    return csig_why(why, "\"type\" names no kind of payload");
}

bool csig_payload_type_is_known(const char *type)
{
    for (size_t i = 0; i < CSIG_ARRAY_LEN(kinds); i++) {
        if (strcmp(type, kinds[i]->type) == 0) return true;
    }
    return false;
}

static bool member_is_known(const csig_payload_kind *kind, const char *name)
{
    if (strcmp(name, "type") == 0 || strcmp(name, "digest") == 0) return true;
    for (size_t i = 0; kind->members[i] != NULL; i++) {
        if (strcmp(name, kind->members[i]) == 0) return true;
    }
    return false;
}

static csig_err check_members(const csig_payload_kind *kind, const csig_json *json, char *why)
{
    csig_json_walk walk = {0};

    while (csig_json_has_next(&walk, json)) {
        char name[CSIG_PRINTABLE_BYTES];

        if (member_is_known(kind, walk.name)) continue;
        csig_printable(name, walk.name);
        return csig_why(why, "a payload of type %s has no member \"%s\"", kind->type, name);
    }
    return CSIG_OK;
}

static csig_err read_stated(csig_payload *p, char *why)
{
    const csig_json *stated = csig_json_member(p->json, "digest");
    size_t len;
    const char *text = csig_json_text_of(stated, &len);

    if (stated == NULL) return CSIG_OK;
    if (text == NULL || !csig_hex_is_read(p->stated, sizeof p->stated, text, len))
        return csig_why(why, "\"digest\" must be 64 hexadecimal digits");
    p->has_stated = true;
    return CSIG_OK;
}

static csig_err check_stated(const csig_payload *p, char *why)
{
    if (!p->has_stated || p->n_inputs == 0) return CSIG_OK;
    if (p->n_inputs > 1)
        return csig_why(why, "\"digest\" is for payloads with one signature; this has %zu",
                        p->n_inputs);
    if (csig_is_same(p->stated, p->inputs[0].digest, CSIG_DIGEST_BYTES)) return CSIG_OK;
    (void)csig_why(why, "the payload has another digest than \"digest\" says");
    return CSIG_E_MISMATCH;
}

static csig_err read_into(csig_payload *p, const char *json, size_t len, char *why)
{
    CSIG_TRY(csig_json_read(&p->json, json, len, why));
    CSIG_TRY(find_kind(&p->kind, p->json, why));
    CSIG_TRY(check_members(p->kind, p->json, why));
    CSIG_TRY(read_stated(p, why));
    memcpy(p->facts.type, p->kind->type, strlen(p->kind->type) + 1);
    CSIG_TRY(p->kind->read(p, p->json, why));
    return check_stated(p, why);
}

csig_err csig_payload_read(csig_payload **p, const char *json, size_t len, char why[CSIG_WHY_BYTES])
{
    csig_payload *made;
    csig_err err;

    CSIG_REQUIRE(p != NULL, CSIG_E_ARGUMENT);
    *p = NULL;
    CSIG_REQUIRE(json != NULL || len == 0, CSIG_E_ARGUMENT);
    if (why != NULL) why[0] = '\0';
    made = csig_public_alloc(sizeof *made);
    CSIG_REQUIRE(made != NULL, CSIG_E_MEMORY);
    err = read_into(made, len == 0 ? "" : json, len, why);
    if (err == CSIG_OK) {
        *p = made;
    } else {
        csig_payload_free(made);
    }
    return err;
}

void csig_payload_free(csig_payload *p)
{
    if (p == NULL) return;
    if (p->kind != NULL && p->kind->clear != NULL && p->body != NULL) p->kind->clear(p);
    csig_public_free(p->body);
    csig_json_free(p->json);
    csig_public_free(p);
}

/* --- binding --- */

static csig_err bind(csig_payload *p, const csig_account *account, const uint32_t *path,
                     size_t depth, char *why)
{
    csig_payload_input_of *first = &p->inputs[0];

    CSIG_REQUIRE(depth <= CSIG_PATH_MAX, CSIG_E_PATH);
    p->account = *account;
    p->depth = depth;
    if (depth > 0) memcpy(p->path, path, depth * sizeof *path);
    CSIG_TRY(
        csig_child(account->public_key, account->chain_code, path, depth, p->public_key, NULL));
    if (p->n_inputs == 1) {
        memcpy(first->path, p->path, sizeof first->path);
        memcpy(first->public_key, p->public_key, sizeof first->public_key);
        first->depth = depth;
    }
    if (p->kind->bind != NULL) CSIG_TRY(p->kind->bind(p, why));
    CSIG_ASSERT(p->n_inputs >= 1 && p->n_inputs <= CSIG_INPUTS_MAX);
    return check_stated(p, why);
}

csig_err csig_payload_bind(csig_payload *p, const csig_account *account, const uint32_t *path,
                           size_t depth, char why[CSIG_WHY_BYTES])
{
    csig_err err;

    CSIG_REQUIRE(p != NULL && account != NULL && (path != NULL || depth == 0), CSIG_E_ARGUMENT);
    CSIG_REQUIRE(!p->bound, CSIG_E_STATE);
    if (why != NULL) why[0] = '\0';
    err = bind(p, account, path, depth, why);
    p->bound = err == CSIG_OK;
    return err;
}

/* --- what it is --- */

const char *csig_payload_type(const csig_payload *p)
{
    return p->kind->type;
}

const csig_facts *csig_payload_facts(const csig_payload *p)
{
    return &p->facts;
}

csig_err csig_payload_text(const csig_payload *p, char *json, size_t *len)
{
    CSIG_REQUIRE(p != NULL && len != NULL, CSIG_E_ARGUMENT);
    return csig_json_write(p->json, json, len);
}

size_t csig_payload_inputs(const csig_payload *p)
{
    return p->bound ? p->n_inputs : 0;
}

csig_err csig_payload_input(const csig_payload *p, size_t i, uint8_t digest[CSIG_DIGEST_BYTES],
                            uint32_t path[CSIG_PATH_MAX], size_t *depth)
{
    CSIG_REQUIRE(p != NULL && digest != NULL && path != NULL && depth != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(i < csig_payload_inputs(p), CSIG_E_ARGUMENT);
    memcpy(digest, p->inputs[i].digest, CSIG_DIGEST_BYTES);
    memcpy(path, p->inputs[i].path, sizeof p->inputs[i].path);
    *depth = p->inputs[i].depth;
    return CSIG_OK;
}

csig_err csig_payload_describe(const csig_payload *p, char *json, size_t *len)
{
    csig_json *o;
    csig_err err;

    CSIG_REQUIRE(p != NULL && len != NULL, CSIG_E_ARGUMENT);
    o = csig_describe(p);
    err = csig_json_write(o, json, len);
    csig_json_free(o);
    return err;
}

csig_err csig_payload_words(const csig_payload *p, char *text, size_t *len)
{
    csig_text t = {.out = text};

    CSIG_REQUIRE(p != NULL && len != NULL, CSIG_E_ARGUMENT);
    t.room = text == NULL ? 0 : *len;
    csig_words(p, &t);
    return csig_text_end(&t, len);
}

/* --- what becomes of it --- */

static csig_err verify(const csig_payload *p, const csig_signature *sigs)
{
    for (size_t i = 0; i < p->n_inputs; i++) {
        CSIG_REQUIRE(csig_is_same(sigs[i].public_key, p->inputs[i].public_key, CSIG_PUBKEY_BYTES),
                     CSIG_E_OUTPUT);
        CSIG_TRY(csig_signature_verify(&sigs[i], p->inputs[i].digest));
    }
    return CSIG_OK;
}

csig_err csig_payload_finish(const csig_payload *p, const csig_signature *sigs, size_t n,
                             char *json, size_t *len)
{
    csig_json *o;
    csig_err err;

    CSIG_REQUIRE(p != NULL && sigs != NULL && len != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(p->bound, CSIG_E_STATE);
    CSIG_REQUIRE(n == p->n_inputs, CSIG_E_ARGUMENT);
    CSIG_TRY(verify(p, sigs));
    o = csig_json_object();
    err = p->kind->finish(p, sigs, &o);
    if (err == CSIG_OK) err = csig_json_write(o, json, len);
    csig_json_free(o);
    return err;
}
