/* Signing: what the commands that sign, and who joins them, have in common. */
#ifndef CSIG_CLI_SIGNING_H
#define CSIG_CLI_SIGNING_H

#include "cli/parties.h"

typedef struct signing {
    parties *p;
    csig_intent intent;
    uint32_t path[CSIG_PATH_MAX];
    bool server_collects;
    bool judged; /* by the policies of the devices here, or nothing that they judge; see guard.h */
    char request[2 * CSIG_REQUEST_ID_BYTES + 1];
    json *halves;                                    /* presigned: ids to choose from */
    char presignature[2 * CSIG_PRESIG_ID_BYTES + 1]; /* presigned: the one chosen */
} signing;

/* The request of intent.digest, or of this payload, whose id goes into s; then a session for the
 * intent's input of it. */
CLI_MUST cli_exit signing_ask(cli *c, signing *s);
CLI_MUST cli_exit signing_ask_payload(cli *c, signing *s, json *payload);
CLI_MUST cli_exit signing_ask_session(cli *c, signing *s, json **answer);
/* What a host shows to those elsewhere. */
json *signing_plan(const signing *s);
/* Full signing, from the daemon's answer to the end. CLI_BUG: it was not judged. */
CLI_MUST cli_exit signing_play(cli *c, signing *s, meeting *m, const json *answer,
                               csig_signature *sig);
/* The same, and the signature is told. */
CLI_MUST cli_exit signing_run(cli *c, signing *s, meeting *m, const json *answer);
/* The signature, verified. */
CLI_MUST cli_exit signing_tell(cli *c, const signing *s, const csig_signature *sig);
/* The forms of a signature, into j. */
CLI_MUST cli_exit signing_describe(cli *c, json *j, const csig_signature *sig);
/* Presigned: a half that is ready; the session that burns it; it is not needed any more. */
CLI_MUST cli_exit signing_choose_half(cli *c, signing *s);
CLI_MUST cli_exit signing_spend(cli *c, signing *s, csig_signature *sig);
CLI_MUST cli_exit signing_settle(cli *c, const signing *s);
/* A digest that can be signed. */
CLI_MUST cli_exit signing_check_digest(cli *c, const uint8_t digest[CSIG_DIGEST_BYTES]);

#endif
