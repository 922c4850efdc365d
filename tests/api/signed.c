#include "api/signed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void signed_set(signed_message *m, const char *name, const char *value)
{
    size_t *n = &m->message.n_fields;

    m->message.fields = m->fields;
    for (size_t i = 0; i < *n; i++) {
        if (strcmp(m->fields[i].name, name) != 0) continue;
        if (value != NULL) {
            m->fields[i].value = value;
        } else {
            m->fields[i] = m->fields[*n - 1];
            (*n)--;
        }
        return;
    }
    if (value == NULL) return;
    assert_true(*n < SIGNED_FIELDS);
    m->fields[(*n)++] = (csigd_field){name, value};
}

const char *signed_get(const signed_message *m, const char *name)
{
    for (size_t i = 0; i < m->message.n_fields; i++) {
        if (strcmp(m->fields[i].name, name) == 0) return m->fields[i].value;
    }
    return NULL;
}

static void put(signed_message *m)
{
    signed_set(m, "Signature-Input", m->made.input);
    signed_set(m, "Signature", m->made.signature);
}

void signed_sign_request(signed_pair *p, const char *nonce, int64_t now)
{
    csigd_refusal why;

    assert_int_equal(
        csigd_request_sign(&p->request.made, &p->request.message, &p->client, nonce, now, &why),
        CSIGD_AUTH_OK);
    put(&p->request);
}

void signed_sign_response(signed_pair *p, int64_t now)
{
    csigd_refusal why;

    p->response.message.request = &p->request.message;
    assert_int_equal(
        csigd_response_sign(&p->response.made, &p->response.message, &p->server, now, &why),
        CSIGD_AUTH_OK);
    put(&p->response);
}

void signed_make(signed_pair *p, csigd_key_algorithm algorithm)
{
    signed_message *m = &p->request;

    memset(p, 0, sizeof *p);
    assert_int_equal(csigd_key_make(&p->client_secret, algorithm), CSIGD_AUTH_OK);
    assert_int_equal(csigd_key_make(&p->server_secret, CSIGD_KEY_ED25519), CSIGD_AUTH_OK);
    assert_int_equal(csigd_signer_of(&p->client, &p->client_secret), CSIGD_AUTH_OK);
    assert_int_equal(csigd_signer_of(&p->server, &p->server_secret), CSIGD_AUTH_OK);

    m->message = (csigd_message){.method = "POST",
                                 .scheme = "https",
                                 .authority = "sign.example",
                                 .target = "/v1/wallets/00/requests?dry=1"};
    csigd_digest_make(m->digest, (const uint8_t *)SIGNED_BODY, strlen(SIGNED_BODY));
    signed_set(m, "Host", "sign.example");
    signed_set(m, "Content-Type", "application/json");
    signed_set(m, "Content-Digest", m->digest);
    signed_set(m, "Idempotency-Key", "\"order-1\"");
    signed_sign_request(p, SIGNED_NONCE, SIGNED_NOW);

    m = &p->response;
    m->message = (csigd_message){.status = 201};
    csigd_digest_make(m->digest, (const uint8_t *)SIGNED_REPLY, strlen(SIGNED_REPLY));
    signed_set(m, "Content-Type", "application/json");
    signed_set(m, "Content-Digest", m->digest);
    signed_set(m, "Countersign-Session", "running");
    signed_sign_response(p, SIGNED_NOW + 1);
}

void signed_by_hand(signed_pair *p, const char *input)
{
    char id[CSIGD_KEY_ID_BYTES], text[CSIGD_BASE_MAX];
    const char *at = strstr(input, "%s");
    csigd_signature_fields *made = &p->request.made;
    csigd_text field = csigd_text_in(made->input, sizeof made->input);
    csigd_text signature = csigd_text_in(made->signature, sizeof made->signature);
    csigd_text base = csigd_text_in(text, sizeof text);
    uint8_t octets[CSIGD_KEY_SIGNATURE_BYTES] = {0};
    csigd_refusal why;
    csigd_sf sf;

    csigd_key_id(id, &p->client.key);
    csigd_text_add(&field, input, at != NULL ? (size_t)(at - input) : strlen(input));
    if (at != NULL) {
        csigd_text_put(&field, id);
        csigd_text_put(&field, at + 2);
    }
    /* What cannot be signed at all gets any octets. */
    if (csigd_sf_dictionary_is_read(&sf, field.at, field.len) && sf.n_nodes > 0 &&
        csigd_base_make(&base, &p->request.message, &sf, 0, &why) == CSIGD_AUTH_OK)
        assert_int_equal(csigd_key_sign(octets, &p->client_secret, (const uint8_t *)text, base.len),
                         CSIGD_AUTH_OK);
    csigd_text_put(&signature, "csig=:");
    csigd_text_base64(&signature, octets, sizeof octets);
    csigd_text_char(&signature, ':');
    put(&p->request);
}

static csigd_auth check_body(const signed_message *m, const char *body, csigd_refusal *why)
{
    const csigd_auth error =
        csigd_digest_verify(signed_get(m, "Content-Digest"), (const uint8_t *)body, strlen(body));

    return error == CSIGD_AUTH_OK ? error : csigd_refuse(why, error, "");
}

csigd_auth signed_check_request(const signed_pair *p, int64_t now, csigd_refusal *why)
{
    csigd_proof proof;
    csigd_auth error = csigd_request_open(&proof, &p->request.message, now, why);

    if (error == CSIGD_AUTH_OK) error = csigd_request_verify(&proof, &p->client.key, why);
    return error == CSIGD_AUTH_OK ? check_body(&p->request, SIGNED_BODY, why) : error;
}

csigd_auth signed_check_response(const signed_pair *p, csigd_refusal *why)
{
    int64_t created;
    const csigd_auth error =
        csigd_response_verify(&p->response.message, &p->server.key, &created, why);

    return error == CSIGD_AUTH_OK ? check_body(&p->response, SIGNED_REPLY, why) : error;
}
