/* What can be wrong with who asks: every refusal of this folder, with the HTTP status it is meant
 * for, its name on the wire and its words. */
#ifndef CSIGD_AUTH_ERROR_H
#define CSIGD_AUTH_ERROR_H

/* X(name, status, code, text). An unknown key is BAD_SIGNATURE: who guesses key ids learns
 * nothing. */
#define CSIGD_AUTH_ERRORS(X)                                                                       \
    X(MISSING, 401, "signature-missing", "the message is not signed")                              \
    X(MALFORMED, 401, "signature-malformed",                                                       \
      "Signature-Input or Signature is not well formed, or there is not exactly one signature")    \
    X(PARAMETER, 401, "signature-parameter",                                                       \
      "a parameter of the signature is missing, unknown or not of the profile")                    \
    X(COVERAGE, 401, "signature-coverage", "the signature does not cover the named component")     \
    X(COMPONENT, 401, "signature-component",                                                       \
      "a covered component is unknown, twice there or not in the message")                         \
    X(WINDOW, 401, "signature-window", "the signature is valid for too long, or never")            \
    X(EXPIRED, 401, "signature-expired", "the signature is no longer valid; compare the clocks")   \
    X(EARLY, 401, "signature-early", "the signature is not valid yet; compare the clocks")         \
    X(BAD_SIGNATURE, 401, "bad-signature", "not validly signed by a key that is known")            \
    X(REPLAY, 401, "replay-detected", "this signature was used before; sign again")                \
    X(DIGEST_MISSING, 400, "digest-missing", "the body comes without Content-Digest")              \
    X(DIGEST_MALFORMED, 400, "digest-malformed",                                                   \
      "Content-Digest is not well formed or has neither sha-256 nor sha-512")                      \
    X(DIGEST_MISMATCH, 400, "digest-mismatch",                                                     \
      "the body is not the one that Content-Digest names")                                         \
    X(BAD_KEY, 400, "bad-key", "not a public key of a kind that is taken")                         \
    X(FORBIDDEN, 403, "forbidden", "this key may not do this")                                     \
    X(OVERLOADED, 503, "overloaded", "no room to remember this signature now")                     \
    X(STORE, 503, "store-unavailable", "the signature cannot be remembered durably now")           \
    X(TOO_LONG, 400, "signature-too-long",                                                         \
      "what is to be signed is longer than a signature takes")                                     \
    X(SIGNER, 500, "signer-failed", "the signing key failed")

typedef enum csigd_auth {
    CSIGD_AUTH_OK = 0,
#define CSIGD_AUTH_ENUM(name, ...) CSIGD_AUTH_##name,
    CSIGD_AUTH_ERRORS(CSIGD_AUTH_ENUM)
#undef CSIGD_AUTH_ENUM
        CSIGD_AUTH_COUNT
} csigd_auth;

unsigned csigd_auth_status(csigd_auth error);
const char *csigd_auth_name(csigd_auth error);
const char *csigd_auth_text(csigd_auth error);

/* A refusal and what it is about: a component, a parameter; printable ASCII, may be empty. */
typedef struct csigd_refusal {
    csigd_auth error;
    char field[64];
} csigd_refusal;

/* Fills it and returns the error. The field is shown as far as it is harmless. */
csigd_auth csigd_refuse(csigd_refusal *why, csigd_auth error, const char *field);

#endif
