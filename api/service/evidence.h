/* Sessions of more than two parties that fail by cheating tell why, to the client and, as evidence,
 * to whoever asks for it later. */
#ifndef CSIGD_SERVICE_EVIDENCE_H
#define CSIGD_SERVICE_EVIDENCE_H

#include "service/live.h"

/* The evidence of the runs that have failed; empty: there is none. false: no memory. */
bool csigd_evidence_is_taken(const csigd_live *live, csigd_blob *evidence);

/* The verdict of the session's runs: that of the first that has failed and still tells why; its
 * number, or n_runs: there is none. */
size_t csigd_verdict_of(const csigd_live *live, csig_blame *blame);

/* The session ends while the sums of a run do not match: whoever has not proven that it was not
 * its doing is blamed; or while the others are asked what they got: then nobody is named.
 * STORE_NONE: there is no such run; else the session has ended as failed, or could not. */
csigd_stored csigd_silence_end(const csigd_service *service, const csigd_live *live);

#endif
