/* What goes wrong, as the client sees it: every error of the library and every code of the service,
 * with its HTTP status, its words and whose fault it is. The one mapping. */
#ifndef CSIGD_HTTP_PROBLEM_H
#define CSIGD_HTTP_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "countersign/error.h"

/* X(name, status, code, culprit, retryable, title, detail: what to do) */
#define CSIGD_CODES(X)                                                                             \
    X(BAD_REQUEST, 400, "bad-request", "client", false, "The request is not well formed",          \
      "Compare the named field with the documentation; nothing has changed.")                      \
    X(IDEMPOTENCY_KEY_MISSING, 400, "idempotency-key-missing", "client", false,                    \
      "The request has no Idempotency-Key",                                                        \
      "Give it a name that no other one has, and the same name when it is sent again.")            \
    X(BAD_ENVELOPE, 400, "bad-envelope", "client", false,                                          \
      "An envelope is malformed or does not belong here",                                          \
      "Send the envelopes of this session and round; nothing has changed.")                        \
    X(BAD_SIGNATURE, 401, "bad-signature", "client", false,                                        \
      "Not validly signed by the device it names",                                                 \
      "Sign with the identity that was enrolled; nothing has changed.")                            \
    X(SIGNATURE_MISSING, 401, "signature-missing", "client", false, "The request is not signed",   \
      "Over TCP every request is signed; see Authentication in the documentation.")                \
    X(SIGNATURE_MALFORMED, 401, "signature-malformed", "client", false,                            \
      "The named field is no signature", "Send exactly one Signature-Input and one Signature.")    \
    X(SIGNATURE_PARAMETER, 401, "signature-parameter", "client", false,                            \
      "A parameter of the signature is missing, unknown or not of the profile",                    \
      "Compare the named parameter with the profile in the documentation.")                        \
    X(SIGNATURE_COVERAGE, 401, "signature-coverage", "client", false,                              \
      "The signature does not cover the named component", "Sign it as well.")                      \
    X(SIGNATURE_COMPONENT, 401, "signature-component", "client", false,                            \
      "A covered component is unknown, twice there or not in the message",                         \
      "Compare the named component with the profile in the documentation.")                        \
    X(SIGNATURE_WINDOW, 401, "signature-window", "client", false,                                  \
      "The signature is valid for too long, or never", "Let it expire after at most a minute.")    \
    X(SIGNATURE_EXPIRED, 401, "signature-expired", "client", false, "The signature has expired",   \
      "Compare the clock with the Date of this reply and sign again.")                             \
    X(SIGNATURE_EARLY, 401, "signature-early", "client", false, "The signature is not valid yet",  \
      "Compare the clock with the Date of this reply and sign again.")                             \
    X(REPLAY_DETECTED, 401, "replay-detected", "client", false, "This signature was used before",  \
      "Sign again, with another nonce.")                                                           \
    X(DIGEST_MISSING, 400, "digest-missing", "client", false,                                      \
      "The body comes without Content-Digest", "Send Content-Digest and sign it.")                 \
    X(DIGEST_MALFORMED, 400, "digest-malformed", "client", false,                                  \
      "Content-Digest is not well formed", "Send sha-256 or sha-512 of the body.")                 \
    X(DIGEST_MISMATCH, 400, "digest-mismatch", "client", false,                                    \
      "The body is not the one that was signed", "Something between changed it; send it again.")   \
    X(BAD_KEY, 400, "bad-key", "client", false, "Not a public key of a kind that is taken",        \
      "Send a SubjectPublicKeyInfo of Ed25519 or of P-256, its point uncompressed.")               \
    X(FORBIDDEN, 403, "forbidden", "client", false, "This key may not do this",                    \
      "The operator gives roles and tokens.")                                                      \
    X(MISDIRECTED, 421, "misdirected", "client", false, "This server goes by another name",        \
      "Use the host and port that the operator named with --authority.")                           \
    X(POLICY_DENIED, 403, "policy-denied", "client", false, "The wallet's policy forbids this",    \
      "Use a payload type that the wallet allows.")                                                \
    X(CLIENT_CERTIFICATE, 403, "client-certificate", "client", false,                              \
      "No client certificate that this server takes",                                              \
      "Show a certificate for clients that the operator's list vouches for.")                      \
    X(UNIX_SOCKET_ONLY, 403, "unix-socket-only", "client", false,                                  \
      "Only possible over the Unix socket", "Ask the operator to do this on the server itself.")   \
    X(NOT_FOUND, 404, "not-found", "client", false, "There is no such thing",                      \
      "Check the path and the id.")                                                                \
    X(METHOD_NOT_ALLOWED, 405, "method-not-allowed", "client", false,                              \
      "This path does not take this method", "Use one of the methods in the Allow header.")        \
    X(ROUND_CONFLICT, 409, "round-conflict", "client", false,                                      \
      "This round was already answered for another body",                                          \
      "Start a new session; never send two different messages for one round.")                     \
    X(ROUND_OUT_OF_ORDER, 409, "round-out-of-order", "client", false,                              \
      "This round is not the next one", "Send the round named in expected_round.")                 \
    X(SSID_MISMATCH, 409, "ssid-mismatch", "none", false,                                          \
      "Client and server see different session inputs",                                            \
      "Compare the named input on both sides and start a new session; nothing is locked.")         \
    X(EPOCH_CHANGED, 409, "epoch-changed", "none", false, "The share is of another epoch",         \
      "Start again with the current share.")                                                       \
    X(STATE_CONFLICT, 409, "state-conflict", "client", false, "Not possible in the current state", \
      "Read the resource's state first.")                                                          \
    X(REFRESH_REQUIRED, 409, "refresh-required", "client", false,                                  \
      "The wallet has to be refreshed before it signs",                                            \
      "The deadline of a campaign is over: refresh the wallet, which is possible, then sign.")     \
    X(AUX_MISSING, 409, "aux-missing", "client", false,                                            \
      "Auxiliary info of the named device is missing",                                             \
      "Run the auxiliary session of that device first.")                                           \
    X(NO_PRESIGNATURE, 409, "no-presignature", "none", false, "No presignature is ready",          \
      "Make presignatures first, or sign without one.")                                            \
    X(SESSION_GONE, 410, "session-gone", "none", false, "The session is over",                     \
      "Start a new session.")                                                                      \
    X(TOO_LARGE, 413, "too-large", "client", false, "The body is too large",                       \
      "At most 64 KiB of JSON, 8 MiB of envelopes.")                                               \
    X(WRONG_CONTENT_TYPE, 415, "wrong-content-type", "client", false,                              \
      "The body has the wrong content type",                                                       \
      "Use application/json for control bodies and application/octet-stream for rounds.")          \
    X(IDEMPOTENCY_KEY_REUSED, 422, "idempotency-key-reused", "client", false,                      \
      "Something else was asked for under this Idempotency-Key",                                   \
      "Each key stands for one request, for good: give the new one another key.")                  \
    X(PAYLOAD_MISMATCH, 422, "payload-mismatch", "client", false,                                  \
      "The payload is not what it says it is",                                                     \
      "What was given beside the payload is not what follows from it; nothing has changed.")       \
    X(PROOF_FAILED, 422, "proof-failed", "client", false, "A cryptographic check failed",          \
      "The device is locked; the operator sees in the log which check it was.")                    \
    X(KEY_LOCKED, 423, "key-locked", "client", false,                                              \
      "The pair of this device and the server is locked",                                          \
      "The operator can unlock it over the Unix socket after looking at the audit log.")           \
    X(PROTOCOL_VERSION, 426, "protocol-version", "client", false,                                  \
      "Made by another protocol version or at another security level",                             \
      "Update the older side; both must use the same level.")                                      \
    X(SESSION_LIMIT, 429, "session-limit", "client", true, "Too many sessions",                    \
      "Finish or delete running sessions first.")                                                  \
    X(RATE_LIMITED, 429, "rate-limited", "client", true,                                           \
      "The limit of the named key, wallet or address is reached",                                  \
      "Send the same again after as many seconds as Retry-After says; nothing has changed.")       \
    X(REFRESH_LATER, 429, "refresh-later", "none", true,                                           \
      "The campaign starts no refresh of this wallet now",                                         \
      "Come back with the next signature; a refresh that names no campaign is possible.")          \
    X(INTERNAL, 500, "internal", "server", false, "The server failed",                             \
      "The operator finds the reason in the log.")                                                 \
    X(NOT_READY, 503, "not-ready", "server", true,                                                 \
      "The server is still making its auxiliary info", "Try again later; see /healthz.")           \
    X(STORE_UNAVAILABLE, 503, "store-unavailable", "server", true,                                 \
      "The server cannot write its store", "Send the same again later; nothing has changed.")      \
    X(OVERLOADED, 503, "overloaded", "server", true, "The server has no room for this now",        \
      "Send the same again later; nothing has changed.")

typedef enum csigd_code {
    CSIGD_OK = 0,
#define CSIGD_CODE_ENUM(name, ...) CSIGD_##name,
    CSIGD_CODES(CSIGD_CODE_ENUM)
#undef CSIGD_CODE_ENUM
        CSIGD_CODE_COUNT
} csigd_code;

/* One failure. Fields that do not apply are zero. */
typedef struct csigd_problem {
    csigd_code code;
    csig_err err;            /* of the library; not shown when it tells which check failed */
    char detail[200];        /* empty: the table's */
    char field[80];          /* of the request, or the session input that differs */
    char session[33];        /* the session concerned */
    char rule[33];           /* of policy-denied: the rule that says so */
    char unborn[129];        /* of not-found: our signature that the wallet was never born */
    uint32_t expected_round; /* of round-out-of-order */
    uint32_t retry_after;    /* seconds; 0: not said */
} csigd_problem;

/* Fills a problem with a code alone and returns the code. */
csigd_code csigd_problem_set(csigd_problem *p, csigd_code code);
/* The same for a code about a field of the request. */
csigd_code csigd_problem_field(csigd_problem *p, csigd_code code, const char *field);
/* The same for an error of the library. */
csigd_code csigd_problem_err(csigd_problem *p, csig_err err);
/* The same for an error about what our own store holds: nobody else's fault. */
csigd_code csigd_problem_own(csigd_problem *p, csig_err err);

unsigned csigd_code_status(csigd_code code);
const char *csigd_code_name(csigd_code code);
bool csigd_code_is_retryable(csigd_code code);

/* The code of an error; CSIGD_OK for CSIG_OK. */
csigd_code csigd_code_of(csig_err err);
/* Does a failure of this class lock the pair of devices (protocol: terminal abort)? */
bool csigd_class_is_locking(csig_class class);

/* application/problem+json; allocated, with its length; NULL: no memory. */
char *csigd_problem_json(const csigd_problem *p, size_t *len);

#endif
