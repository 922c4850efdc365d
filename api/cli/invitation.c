#include "cli/invitation.h"

#include <sodium.h>
#include <string.h>

#include "cli/json.h"
#include "cli/seal.h"

#define FAMILY  "countersign:"
#define SCHEME  FAMILY "1?"
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define PLAIN   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/:[]"

/* --- out --- */

static size_t put_address(char *out, const char *address)
{
    size_t n = 0;

    for (; *address != '\0'; address++) {
        if (strchr(PLAIN, *address) != NULL)
            out[n++] = *address;
        else
            n += (size_t)snprintf(out + n, 4, "%%%02X", (unsigned char)*address);
    }
    return n;
}

static size_t put_octets(char *out, char name, const uint8_t *p, size_t len)
{
    out[0] = '&';
    out[1] = name;
    out[2] = '=';
    (void)sodium_bin2base64(out + 3, sodium_base64_ENCODED_LEN(len, VARIANT), p, len, VARIANT);
    return 3 + strlen(out + 3);
}

cli_exit invitation_write(cli *c, const invitation *from, char text[INVITATION_ROOM])
{
    uint8_t token[32];
    size_t n;

    if (3 * strlen(from->server) > INVITATION_ROOM - 400)
        return cli_fail(c, CLI_REFUSED, "the server's address is too long for an invitation");
    n = (size_t)snprintf(text, INVITATION_ROOM, SCHEME "s=");
    n += put_address(text + n, from->server);
    n += put_octets(text + n, 'i', from->server_id, sizeof from->server_id);
    n += put_octets(text + n, 'h', from->host, sizeof from->host);
    n += put_octets(text + n, 'k', from->secret, sizeof from->secret);
    if (from->token[0] != '\0') {
        if (!hex_is_read(token, sizeof token, from->token))
            return cli_fail(c, CLI_USAGE, "--token takes 64 lower-case hex digits");
        n += put_octets(text + n, 't', token, sizeof token);
        sodium_memzero(token, sizeof token);
    }
    if (from->has_ca) n += put_octets(text + n, 'c', from->ca, sizeof from->ca);
    text[n] = '\0';
    return CLI_OK;
}

/* --- in --- */

/* What is behind "NAME=", up to the next '&'; NULL: it is not there. */
static const char *field_of(const char *text, char name, size_t *len)
{
    for (const char *p = strchr(text, '?'); p != NULL; p = strchr(p, '&')) {
        p++;
        if (p[0] != name || p[1] != '=') continue;
        *len = strcspn(p + 2, "&");
        return p + 2;
    }
    return NULL;
}

static bool octets_are_read(const char *text, char name, uint8_t *out, size_t len)
{
    size_t chars, got;
    const char *p = field_of(text, name, &chars);

    return p != NULL && sodium_base642bin(out, len, p, chars, NULL, &got, NULL, VARIANT) == 0 &&
           got == len;
}

static int digit_of(char c)
{
    const char *const digits = "0123456789ABCDEF", *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

static bool address_is_read(const char *text, char out[CLI_ADDRESS_ROOM])
{
    size_t chars, n = 0;
    const char *p = field_of(text, 's', &chars);

    if (p == NULL) return false;
    for (size_t i = 0; i < chars && n + 1 < CLI_ADDRESS_ROOM; i++) {
        out[n++] = p[i];
        if (p[i] != '%') continue;
        if (i + 2 >= chars || digit_of(p[i + 1]) < 0 || digit_of(p[i + 2]) < 0) return false;
        out[n - 1] = (char)(16 * digit_of(p[i + 1]) + digit_of(p[i + 2]));
        if (out[n - 1] == '\0') return false;
        i += 2;
    }
    out[n] = '\0';
    return n > 0;
}

bool invitation_text_is_one(const char *text)
{
    return strncmp(text, FAMILY, strlen(FAMILY)) == 0;
}

cli_exit invitation_read(cli *c, const char *text, invitation *to)
{
    uint8_t token[32];
    size_t len;
    bool whole;

    *to = (invitation){.has_ca = field_of(text, 'c', &len) != NULL};
    if (strncmp(text, SCHEME, strlen(SCHEME)) != 0 || strlen(text) >= INVITATION_ROOM ||
        !address_is_read(text, to->server) ||
        !octets_are_read(text, 'i', to->server_id, sizeof to->server_id) ||
        !octets_are_read(text, 'h', to->host, sizeof to->host) ||
        !octets_are_read(text, 'k', to->secret, sizeof to->secret) ||
        (to->has_ca && !octets_are_read(text, 'c', to->ca, sizeof to->ca)))
        return cli_fail(c, CLI_INPUT,
                        "this is no invitation, or not all of it; on the old phone: countersign "
                        "device move");
    if (field_of(text, 't', &len) == NULL) return CLI_OK;
    whole = octets_are_read(text, 't', token, sizeof token);
    if (whole) hex_write(to->token, token, sizeof token);
    sodium_memzero(token, sizeof token);
    return whole ? CLI_OK : cli_fail(c, CLI_INPUT, "the invitation's token is none");
}

/* --- what is compared --- */

void invitation_mac(const invitation *from, const uint8_t mailbox[16],
                    const uint8_t guest[CSIG_IDENTITY_BYTES], uint8_t mac[INVITATION_MAC_BYTES])
{
    crypto_auth_hmacsha256_state s;

    (void)crypto_auth_hmacsha256_init(&s, from->secret, sizeof from->secret);
    (void)crypto_auth_hmacsha256_update(&s, mailbox, 16);
    (void)crypto_auth_hmacsha256_update(&s, from->host, sizeof from->host);
    (void)crypto_auth_hmacsha256_update(&s, guest, CSIG_IDENTITY_BYTES);
    (void)crypto_auth_hmacsha256_update(&s, from->server_id, sizeof from->server_id);
    (void)crypto_auth_hmacsha256_final(&s, mac);
    sodium_memzero(&s, sizeof s);
}

/* Of another length than what invitation_mac is of. */
void invitation_token(const invitation *from, uint8_t token[INVITATION_TOKEN_BYTES])
{
    static const char label[] = "countersign-v1-move-token";
    crypto_auth_hmacsha256_state s;

    (void)crypto_auth_hmacsha256_init(&s, from->secret, sizeof from->secret);
    (void)crypto_auth_hmacsha256_update(&s, (const uint8_t *)label, sizeof label - 1);
    (void)crypto_auth_hmacsha256_update(&s, from->host, sizeof from->host);
    (void)crypto_auth_hmacsha256_update(&s, from->server_id, sizeof from->server_id);
    (void)crypto_auth_hmacsha256_final(&s, token);
    sodium_memzero(&s, sizeof s);
}

void invitation_print(const uint8_t id[CSIG_IDENTITY_BYTES], char print[INVITATION_PRINT_ROOM])
{
    uint8_t hash[crypto_hash_sha256_BYTES];

    (void)crypto_hash_sha256(hash, id, CSIG_IDENTITY_BYTES);
    (void)snprintf(print, INVITATION_PRINT_ROOM, "%02x%02x %02x%02x %02x%02x %02x%02x", hash[0],
                   hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]);
}

cli_exit invitation_ca(cli *c, const char *path, uint8_t hash[32])
{
    AUTO_BLOB b = {0};
    size_t skip;

    CLI_TRY(file_read(c, path, &b));
    skip = b.len > CLI_HEADER_BYTES && b.p[0] == CLI_KIND_SERVER_CA ? CLI_HEADER_BYTES : 0;
    (void)crypto_hash_sha256(hash, b.p + skip, b.len - skip);
    return CLI_OK;
}
