/* Who seals the entries of the audit log, and entries of what is no change of the store. */
#ifndef CSIGD_SERVICE_AUDIT_H
#define CSIGD_SERVICE_AUDIT_H

#include "service/service.h"

/* What signs the hash of an entry (csig_identity_sign). */
#define CSIGD_AUDIT_USE "audit"

/* The store's audit log goes on under our identity, or begins. false with a sentence in why: it
 * cannot be written, or its newest entry is not as we have signed it. */
bool csigd_audit_is_started(const csigd_service *service, char *why, size_t why_len);

/* csigd_audit(service, "backup.read", CSIGD_OF_WALLET(id), CSIGD_NUMBER("index", index)): durable
 * when it returns. What changes the store adds its entries there. */
csigd_stored csigd_audit_add(const csigd_service *service, const char *kind,
                             csigd_audit_about about, const csigd_log_field *fields, size_t n);
#define csigd_audit(service, kind, about, ...)                                                     \
    csigd_audit_add((service), (kind), (about), (const csigd_log_field[]){__VA_ARGS__},            \
                    sizeof((const csigd_log_field[]){__VA_ARGS__}) / sizeof(csigd_log_field))

/* --- refusals.c --- */

csigd_refusals *csigd_refusals_new(void);
void csigd_refusals_free(csigd_refusals *refusals);
/* A request of a known key was refused: the first of its kind (key, method, route, code) in a
 * minute is in the audit log when this returns, how many more there were when the minute is over.
 * The strings stay. */
void csigd_audit_refusal(const csigd_service *service, const char *method, const char *route,
                         const char *code);
/* The same for who must not wait for the disk: the housekeeper writes it. */
void csigd_audit_refusal_later(const csigd_service *service, const char *method, const char *route,
                               const char *code);
/* What is due. Called every second. */
void csigd_audit_tidy(const csigd_service *service);
/* All of them: at the end. */
void csigd_audit_flush(const csigd_service *service);

#endif
