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
    json *offered;                                   /* presigned: ids that those here hold */
    json *halves;                                    /* of them to choose from */
    char presignature[2 * CSIG_PRESIG_ID_BYTES + 1]; /* the one chosen */
} signing;

void signing_close(signing *s);
#define AUTO_SIGNING __attribute__((cleanup(signing_close))) signing

/* The request of intent.digest, or of this payload, whose id goes into s; then a session for the
 * intent's input of it. */
CLI_MUST cli_exit signing_ask(cli *c, signing *s);
CLI_MUST cli_exit signing_ask_payload(cli *c, signing *s, json *payload);
CLI_MUST cli_exit signing_ask_session(cli *c, signing *s, json **answer);
/* The intent, as one of the inputs that are signed in a meeting. */
void signing_list_input(const signing *s, json *inputs);
/* What a host shows to those elsewhere. Takes the inputs. */
json *signing_plan(const cli *c, const signing *s, json *inputs);
/* A host's meeting up to the first session, and whether a refresh rides in it. Takes the plan. */
CLI_MUST cli_exit signing_convene(cli *c, const devices *all, signing *s, meeting *m, json *plan);
/* A host signs the intent in that meeting. */
CLI_MUST cli_exit signing_make(cli *c, signing *s, meeting *m, csig_signature *sig);
/* From the daemon's answer to the end. CLI_BUG: it was not judged. */
CLI_MUST cli_exit signing_play(cli *c, signing *s, meeting *m, const json *answer,
                               csig_signature *sig);
/* The signature, verified. */
CLI_MUST cli_exit signing_tell(cli *c, const signing *s, const csig_signature *sig);
/* The forms of a signature, into j. */
CLI_MUST cli_exit signing_describe(cli *c, json *j, const csig_signature *sig);
/* A digest that can be signed. */
CLI_MUST cli_exit signing_check_digest(cli *c, const uint8_t digest[CSIG_DIGEST_BYTES]);

/* --- with presignatures: all but signing_start_online do nothing without --- */

/* A host: those that are ready, and of which those here hold halves. CLI_REFUSED: none. */
CLI_MUST cli_exit signing_offer_halves(cli *c, signing *s);
/* A guest: which of the plan's it holds. CLI_REFUSED: none. */
CLI_MUST cli_exit signing_count_halves(cli *c, const signing *s, const json *plan, uint32_t *holds);
/* Those that everybody holds, of the ones not used since. CLI_REFUSED: none. */
CLI_MUST cli_exit signing_choose_halves(cli *c, signing *s, const meeting *m);
/* The session that burns the half which the daemon has chosen. */
CLI_MUST cli_exit signing_start_online(cli *c, signing *s, const json *answer, rounds *r);
/* The signature is told: the half is not needed any more. */
CLI_MUST cli_exit signing_settle(cli *c, const signing *s);

#endif
