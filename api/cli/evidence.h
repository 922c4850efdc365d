/* Who cheated in a session of more than two parties: what is kept of it, and how it is said.
 *
 *   DEVICE/evidence/SESSION   as the library gives it: nothing in it is secret */
#ifndef CSIG_CLI_EVIDENCE_H
#define CSIG_CLI_EVIDENCE_H

#include "cli/rounds.h"

/* Does any session here tell why it has failed? */
bool evidence_is_told(const rounds *r);
/* Nothing more comes: every device's evidence is written, whoever is proven a cheat is refused from
 * now on, and the verdict is the failure. */
cli_exit evidence_tell(cli *c, const rounds *r);
/* The sums of a session did not match, and a party does not prove that it was not its doing.
 * CLI_OK: there is no such session. */
CLI_MUST cli_exit evidence_silence(cli *c, const rounds *r);

/* Of a verdict: the same words wherever it is told. */
#define SUSPECT_WORDS  200
#define EVIDENCE_WORDS 160
void evidence_words(char words[EVIDENCE_WORDS], const csig_blame *b);
/* A failure of more than two parties that names nobody: counted (peers.h). What follows, in words.
 */
CLI_MUST cli_exit evidence_suspect(cli *c, const rounds *r, const csig_blame *b,
                                   char words[SUSPECT_WORDS]);

#endif
