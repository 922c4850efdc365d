/* Mailboxes: devices leave octets for one another here. What is in them is signed and encrypted
 * from end to end and none of the daemon's business. Codes of the store besides those named. */
#ifndef CSIGD_SERVICE_MAILBOXES_H
#define CSIGD_SERVICE_MAILBOXES_H

#include "service/service.h"

#define CSIGD_MAILBOX_SECONDS     3600 /* when nothing is said */
#define CSIGD_MAILBOX_SECONDS_MIN 60
#define CSIGD_MAILBOX_SECONDS_MAX 604800
/* In front of each message where they are read: position (4), place of the writer among the members
 * (1), number (4), length (4), big-endian. */
#define CSIGD_FRAME_HEAD_BYTES 13

/* members, n_members as given; the rest is filled in. BAD_REQUEST: twice the same, NOT_FOUND: not
 * enrolled, SESSION_LIMIT: one has enough; all with field `members`. */
csigd_code csigd_mailbox_open(const csigd_service *service, csigd_mailbox *mailbox,
                              uint32_t seconds, csigd_problem *why);
/* A message, durable on return. BAD_REQUEST: empty, ROUND_CONFLICT, ROUND_OUT_OF_ORDER, TOO_LARGE,
 * SESSION_LIMIT, OVERLOADED. */
csigd_code csigd_mailbox_write(const csigd_service *service, const uint8_t *id,
                               const uint8_t *device, uint32_t number, const uint8_t *octets,
                               size_t len, csigd_problem *why);
/* As many whole messages at positions above `after` as fit CSIGD_OCTETS_MAX, at least one, with
 * their frames. reader: the member that reads, NULL: somebody else. */
csigd_code csigd_mailbox_read(const csigd_service *service, const uint8_t *id, uint32_t after,
                              const uint8_t *reader, csigd_blob *frames, int64_t *expires,
                              csigd_problem *why);
csigd_code csigd_mailbox_close(const csigd_service *service, const uint8_t *id, csigd_problem *why);

#endif
