/* Every domain label of the project, one per line. A hash, commitment, signature or proof starts
 * with exactly one of these; a test proves them unique. The protocol labels of proofs name the use,
 * not the proof: two uses of one proof can never be swapped. */
#ifndef CSIG_CRYPTO_LABELS_H
#define CSIG_CRYPTO_LABELS_H

#define CSIG_LABELS(X)                                                                             \
    X(SSID_KEYGEN, "ssid-kg")                                                                      \
    X(SSID_AUX, "ssid-aux")                                                                        \
    X(SSID_SIGN, "ssid-sign")                                                                      \
    X(SSID_REFRESH, "ssid-refresh")                                                                \
    X(SSID_FIELD, "ssid-field")                                                                    \
    X(SESSION_NONCE, "session-nonce")                                                              \
    X(AUX_ID, "aux")                                                                               \
    X(AUX_RECORD, "aux-record")                                                                    \
    X(AUX_PAIR, "pair")                                                                            \
    X(KEY_ID, "key-id")                                                                            \
    X(PUBLIC_OUTPUT, "public-output")                                                              \
    X(ACK, "ack")                                                                                  \
    X(COMMIT, "commit")                                                                            \
    X(EPOCH_STATE, "epoch-state")                                                                  \
    X(KG_COMMIT, "kg-commit")                                                                      \
    X(KG_MASK, "kg-mask")                                                                          \
    X(KG_CC, "kg-cc")                                                                              \
    X(REFRESH_COMMIT, "refresh-commit")                                                            \
    X(REFRESH_TEST, "refresh-test")                                                                \
    X(REFRESH_CC, "refresh-cc")                                                                    \
    X(CHAIN_CODE_SHARE, "cc")                                                                      \
    X(CHAIN_CODE, "cc-hash")                                                                       \
    X(PRESIG_COM, "presig-com")                                                                    \
    X(PRESIG_ID, "presig-id")                                                                      \
    X(PRESIG_RERAND, "presig-rerand")                                                              \
    X(ECHO, "echo")                                                                                \
    X(BROADCAST, "broadcast")                                                                      \
    X(ENVELOPE, "envelope")                                                                        \
    X(ENVELOPE_KEY, "envelope-key")                                                                \
    X(SEAL_KEY, "seal-key")                                                                        \
    X(SEAL_NONCE, "seal-nonce")                                                                    \
    X(STATEMENT, "statement")                                                                      \
    X(BACKUP, "backup")                                                                            \
    X(BACKUP_FINGERPRINT, "backup-fp")                                                             \
    X(BACKUP_HASH, "backup-hash")                                                                  \
    X(PVE_LABEL, "pve-label")                                                                      \
    X(PVE_KEY, "pve-key")                                                                          \
    X(PVE_AD, "pve-ad")                                                                            \
    X(PVE_CHAL, "pve-chal")                                                                        \
    X(PVE_CC, "pve-cc")                                                                            \
    X(RECOVERY_FP, "recovery-fp")                                                                  \
    X(RECORD, "record")                                                                            \
    X(ZK_SCH_SHARE, "zk/sch/share")                                                                \
    X(ZK_MOD, "zk/mod")                                                                            \
    X(ZK_PRM, "zk/prm")                                                                            \
    X(ZK_FAC, "zk/fac")                                                                            \
    X(ZK_ENCELG_K, "zk/encelg/K")                                                                  \
    X(ZK_ENCELG_G, "zk/encelg/G")                                                                  \
    X(ZK_AFFG_GAMMA, "zk/affg/gamma")                                                              \
    X(ZK_AFFG_X, "zk/affg/x")                                                                      \
    X(ZK_AFFGSTAR_GAMMA, "zk/affgstar/gamma")                                                      \
    X(ZK_AFFGSTAR_X, "zk/affgstar/x")                                                              \
    X(ZK_DEC_DELTA, "zk/dec/delta")                                                                \
    X(ZK_DEC_CHI, "zk/dec/chi")                                                                    \
    X(ZK_DLEQ_MASK, "zk/dleq/mask")                                                                \
    X(ZK_ELOG_GAMMA, "zk/elog/gamma")                                                              \
    X(ZK_ELOG_DELTA, "zk/elog/delta")                                                              \
    X(TEST_A, "test/a")                                                                            \
    X(TEST_B, "test/b")

typedef enum csig_label {
#define CSIG_LABEL_ENUM(name, text) CSIG_LABEL_##name,
    CSIG_LABELS(CSIG_LABEL_ENUM)
#undef CSIG_LABEL_ENUM
} csig_label;

const char *csig_label_text(csig_label label);

#endif
