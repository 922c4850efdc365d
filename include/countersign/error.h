/* Every error of library, daemon and command line: one table. A new error is one line here; the
 * compiler then lists every switch that must decide what it means. */
#ifndef COUNTERSIGN_ERROR_H
#define COUNTERSIGN_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/** What kind of failure an error is. The class decides what follows:
 *
 *   NONE     no failure
 *   CALLER   the program that calls us broke a documented precondition
 *   INPUT    what was given is malformed, of another version or kind, or not validly signed;
 *            nothing has changed
 *   BENIGN   the parties disagree about circumstances or went away; a fresh session may work
 *   CHEAT    a message signed by the peer's identity key fails a cryptographic check: the pair
 *            of devices is locked (protocol: terminal abort)
 *   LOCAL    this machine lacks a resource
 */
typedef enum csig_class {
    CSIG_CLASS_NONE = 0,
    CSIG_CLASS_CALLER,
    CSIG_CLASS_INPUT,
    CSIG_CLASS_BENIGN,
    CSIG_CLASS_CHEAT,
    CSIG_CLASS_LOCAL
} csig_class;

/* X(name, number, class, text). Numbers are part of the ABI and are never given twice. */
#define CSIG_ERRORS(X)                                                                             \
    X(OK, 0, NONE, "success")                                                                      \
    X(E_ARGUMENT, 1, CALLER, "an argument breaks the documented precondition")                     \
    X(E_STATE, 2, CALLER, "this call is not possible in the current state")                        \
    X(E_BUFFER, 3, CALLER, "the output buffer is too small")                                       \
    X(E_USED, 4, CALLER, "this one-time object was used before; make a new one")                   \
    X(E_FORMAT, 10, INPUT, "not a well-formed countersign object")                                 \
    X(E_KIND, 11, INPUT, "a countersign object of another kind was expected")                      \
    X(E_VERSION, 12, INPUT, "made by another format version; update the older side")               \
    X(E_LEVEL, 13, INPUT, "made at another security level; both sides must use the same build")    \
    X(E_LENGTH, 14, INPUT, "wrong length")                                                         \
    X(E_SEAL, 15, INPUT, "cannot be unsealed: wrong passphrase or key, or altered")                \
    X(E_PATH, 16, INPUT, "this derivation path cannot be followed; use indices below 2^31")        \
    X(E_DIGEST, 17, INPUT, "the digest is zero modulo the group order and cannot be signed")       \
    X(E_PARTIES, 18, INPUT, "this set of parties or threshold is not possible")                    \
    X(E_SIGNATURE, 19, INPUT, "not validly signed by the sender it names")                         \
    X(E_SENDER, 20, INPUT, "not from a party of this session, or not addressed to this one")       \
    X(E_SESSION, 21, INPUT, "belongs to another session")                                          \
    X(E_ROUND, 22, INPUT, "not expected in this round")                                            \
    X(E_AUX, 23, INPUT, "auxiliary info of a signer is missing; run the auxiliary session first")  \
    X(E_LOCKED, 24, INPUT, "this pair of devices is locked after failed cryptographic checks")     \
    X(E_POINT, 25, INPUT, "not a point of the curve other than infinity")                          \
    X(E_RANGE, 26, INPUT, "a number is outside its range")                                         \
    X(E_EVIDENCE, 27, INPUT, "this is no evidence against the party it names")                     \
    X(E_PAYLOAD, 28, INPUT, "not a payload that can be signed")                                    \
    X(E_MISMATCH, 29, INPUT, "the payload has another digest than it states")                      \
    X(E_POLICY, 30, INPUT, "not a policy")                                                         \
    X(E_SSID, 40, BENIGN, "the parties see different session inputs")                              \
    X(E_EPOCH, 41, BENIGN, "the share's epoch has changed; start again with the current share")    \
    X(E_ABORTED, 42, BENIGN, "the peer gave up this session; start a new one")                     \
    X(E_PROOF, 60, CHEAT, "a zero-knowledge proof is not valid")                                   \
    X(E_COMMIT, 61, CHEAT, "an opening does not match its commitment")                             \
    X(E_SHARE, 62, CHEAT, "a sub-share does not match its Feldman commitments")                    \
    X(E_MODULUS, 63, CHEAT, "a Paillier or ring-Pedersen modulus is malformed")                    \
    X(E_MESSAGE, 64, CHEAT, "a signed message has a field out of its range")                       \
    X(E_SUM, 65, CHEAT, "the public sums of the presignature do not match")                        \
    X(E_PARTIAL, 66, CHEAT, "a partial signature is not valid")                                    \
    X(E_OUTPUT, 67, CHEAT, "the finished signature does not verify")                               \
    X(E_EQUIVOCATE, 68, CHEAT, "two different signed messages for one round")                      \
    X(E_ECHO, 69, CHEAT, "the parties received different broadcasts")                              \
    X(E_ACK, 70, CHEAT, "an acknowledgement names another public output")                          \
    X(E_ACCUSE, 71, CHEAT, "an accusation that does not hold")                                     \
    X(E_MEMORY, 80, LOCAL, "out of memory, or memory could not be locked")                         \
    X(E_RANDOM, 81, LOCAL, "the random source failed")                                             \
    X(E_ENGINE, 82, LOCAL, "the exponentiation engine failed")                                     \
    X(E_HOST, 83, LOCAL, "a callback of the host failed")

typedef enum csig_err {
#define CSIG_ERROR_ENUM(name, number, class, text) CSIG_##name = number,
    CSIG_ERRORS(CSIG_ERROR_ENUM)
#undef CSIG_ERROR_ENUM
} csig_err;

/** The class of an error. */
__attribute__((visibility("default"))) csig_class csig_err_class(csig_err err);

/** One English sentence; static. Unknown numbers give a text, never NULL. */
__attribute__((visibility("default"))) const char *csig_err_text(csig_err err);

/** The name in this file, such as "E_PROOF"; static. Stable: usable in logs and problem bodies. */
__attribute__((visibility("default"))) const char *csig_err_name(csig_err err);

#ifdef __cplusplus
}
#endif
#endif
