#include "cli/payloads.h"

#include <stdlib.h>
#include <string.h>

#include "cli/files.h"

void payload_close(csig_payload **p)
{
    csig_payload_free(*p);
    *p = NULL;
}

/* --- from options --- */

/* A file of one line of text. */
static cli_exit read_line(cli *c, const char *name, json *payload, const char *member)
{
    AUTO_BLOB b = {0};
    char *text;
    size_t len;

    CLI_TRY(file_read(c, name, &b));
    if (memchr(b.p, '\0', b.len) != NULL)
        return cli_fail(c, CLI_INPUT, "%s is binary: text was expected (a PSBT as base64)", name);
    text = malloc(b.len + 1);
    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    memcpy(text, b.p, b.len);
    text[b.len] = '\0';
    for (len = b.len; len > 0 && strchr(" \r\n", text[len - 1]) != NULL; len--)
        text[len - 1] = '\0';
    json_put_text(payload, member, text);
    free(text);
    return CLI_OK;
}

static cli_exit put_transaction(cli *c, json *payload)
{
    if (strncmp(c->eth_tx, "0x", 2) != 0) return read_line(c, c->eth_tx, payload, "transaction");
    json_put_text(payload, "transaction", c->eth_tx);
    return CLI_OK;
}

static cli_exit put_typed_data(cli *c, json *payload)
{
    AUTO_BLOB b = {0};
    json *data = NULL;

    CLI_TRY(file_read(c, c->typed_data, &b));
    CLI_TRY(json_read(c, &data, b.p, b.len));
    json_put(payload, "typed_data", data);
    return CLI_OK;
}

static cli_exit put_message(cli *c, json *payload)
{
    json_put_text(payload, "message", c->text);
    return CLI_OK;
}

static cli_exit put_psbt(cli *c, json *payload)
{
    return read_line(c, c->psbt, payload, "psbt");
}

static cli_exit put_bip322(cli *c, json *payload)
{
    if (c->address_text == NULL)
        return cli_fail(c, CLI_USAGE, "--bip322 needs --address: whose message it is to be");
    json_put_text(payload, "message", c->bip322);
    json_put_text(payload, "address", c->address_text);
    return CLI_OK;
}

static cli_exit put_digest(cli *c, json *payload)
{
    json_put_text(payload, "digest", c->digest);
    return CLI_OK;
}

cli_exit payload_given(cli *c, json **payload)
{
    const struct {
        const char *given, *type;
        cli_exit (*put)(cli *c, json *payload);
    } kinds[] = {{c->eth_tx, "eth_tx", put_transaction}, {c->typed_data, "eip712", put_typed_data},
                 {c->text, "eip191", put_message},       {c->psbt, "psbt", put_psbt},
                 {c->bip322, "bip322", put_bip322},      {c->digest, "digest", put_digest}};

    *payload = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].given == NULL) continue;
        if (*payload != NULL) return cli_fail(c, CLI_USAGE, "one thing is signed at a time");
        *payload = json_new();
        json_put_text(*payload, "type", kinds[i].type);
        CLI_TRY(kinds[i].put(c, *payload));
    }
    return CLI_OK;
}

/* --- what it is --- */

cli_exit payload_bind(cli *c, const json *payload, const csig_share *share, const uint32_t *path,
                      size_t depth, csig_payload **p)
{
    char why[CSIG_WHY_BYTES] = "";
    char *text = json_line(payload);
    csig_account account;
    csig_err err;

    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    err = csig_payload_read(p, text, strlen(text), why);
    free(text);
    if (err == CSIG_OK) err = csig_share_account(share, &account);
    if (err == CSIG_OK) err = csig_payload_bind(*p, &account, path, depth, why);
    if (err == CSIG_E_PAYLOAD) return cli_fail(c, CLI_INPUT, "the payload: %s", why);
    return cli_check(c, err, "the payload");
}

char *payload_words(const csig_payload *p)
{
    size_t len = 0;
    char *text;

    if (csig_payload_words(p, NULL, &len) != CSIG_E_BUFFER) return NULL;
    text = malloc(len);
    if (text == NULL || csig_payload_words(p, text, &len) == CSIG_OK) return text;
    free(text);
    return NULL;
}

cli_exit payload_description(cli *c, const csig_payload *p, json **description)
{
    size_t len = 0;
    char *text = csig_payload_describe(p, NULL, &len) == CSIG_E_BUFFER ? malloc(len) : NULL;
    cli_exit code;

    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    code = cli_check(c, csig_payload_describe(p, text, &len), "the description");
    if (code == CLI_OK) code = json_read(c, description, (const uint8_t *)text, strlen(text));
    free(text);
    return code;
}

cli_exit payload_result(cli *c, const csig_payload *p, const csig_signature *sigs, json **result)
{
    const size_t n = csig_payload_inputs(p);
    size_t len = 0;
    csig_err err = csig_payload_finish(p, sigs, n, NULL, &len);
    char *text;
    cli_exit code;

    if (err != CSIG_E_BUFFER) return cli_check(c, err, "the signatures");
    text = malloc(len);
    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    code = cli_check(c, csig_payload_finish(p, sigs, n, text, &len), "the signatures");
    if (code == CLI_OK) code = json_read(c, result, (const uint8_t *)text, strlen(text));
    free(text);
    return code;
}
