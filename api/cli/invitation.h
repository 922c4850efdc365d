/* What an old phone shows to a new one, as text that fits a QR code:
 *
 *   countersign:1?s=SERVER&i=SERVER_IDENTITY&h=OLD_PHONE&k=SECRET[&t=TOKEN][&c=CA]
 *
 * SERVER is its address, percent-encoded; the others are octets in base64url: identities (32), a
 * secret of 16 octets, with which the new phone shows that it has read this, SHA-256 of the roots
 * that vouch for the server (32). The token for the enrolment follows from the secret, but where
 * the operator gave one (32), which is written out. It is shown to one camera, and good for one
 * move. Whoever else reads it can be quicker than the new phone: so the old one's owner is asked
 * whether it is the new one that has answered. */
#ifndef CSIG_CLI_INVITATION_H
#define CSIG_CLI_INVITATION_H

#include "cli/files.h"

#define INVITATION_SECRET_BYTES 16
#define INVITATION_MAC_BYTES    32
#define INVITATION_ROOM         1024

typedef struct invitation {
    char server[CLI_ADDRESS_ROOM];
    uint8_t server_id[CSIG_IDENTITY_BYTES];
    uint8_t host[CSIG_IDENTITY_BYTES];
    uint8_t secret[INVITATION_SECRET_BYTES];
    char token[65]; /* the operator's, in hexadecimal; empty: none */
    bool has_ca;
    uint8_t ca[32];
} invitation;

CLI_MUST cli_exit invitation_write(cli *c, const invitation *from, char text[INVITATION_ROOM]);
/* Does it begin as one, of whatever version? */
bool invitation_text_is_one(const char *text);
/* CLI_INPUT: none, or not whole. */
CLI_MUST cli_exit invitation_read(cli *c, const char *text, invitation *to);
/* HMAC-SHA-256 under the secret, over mailbox id (16), old phone, new phone and server. */
void invitation_mac(const invitation *from, const uint8_t mailbox[16],
                    const uint8_t guest[CSIG_IDENTITY_BYTES], uint8_t mac[INVITATION_MAC_BYTES]);
/* What the new phone enrols with, where the operator gave no token: HMAC-SHA-256 under the secret.
 * The server learns it then, and the secret never; before, it has its hash. */
#define INVITATION_TOKEN_BYTES 32
void invitation_token(const invitation *from, uint8_t token[INVITATION_TOKEN_BYTES]);
/* What both phones show, for their owner to compare: of the device's fingerprint, as its card has
 * it, so many digits, in fours. */
#define INVITATION_PRINT_ROOM 20
void invitation_print(const uint8_t id[CSIG_IDENTITY_BYTES], char print[INVITATION_PRINT_ROOM]);
/* SHA-256 of the roots at a path, without a header of ours. */
CLI_MUST cli_exit invitation_ca(cli *c, const char *path, uint8_t hash[32]);

#endif
