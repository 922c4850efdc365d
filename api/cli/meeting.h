/* A meeting: one run of a ceremony by devices in several processes. One process is the host: it
 * drives the daemon's session as it would alone, and passes envelopes between the daemon and a
 * mailbox, over which the other processes, the guests, take part. Envelopes are signed and, where
 * they are for one, encrypted end to end: neither host nor daemon can read or alter them, and what
 * either of them drops, delays or repeats ends in a refusal or a timeout that names somebody.
 *
 * Messages on the board are [kind u8][version u8], the body and, where it says so, a signature
 * (csig_identity_sign) over the mailbox's id (16) and the body:
 *
 *   1 OPEN        host, first: JSON, the plan: "purpose", "members" and what the purpose needs;
 *                 signed, use "meeting-open"
 *   2 READY       for each device that takes part: SHA-256 of the OPEN message (32), its place
 *                 among "members" u8, its nonce for the session (32), its nonce for pairings (32),
 *                 the id of its auxiliary info (32; zero: none), which of the plan's
 *                 "presignatures" it holds an unused half of u32 (bit i: of the i-th), and for each
 *                 of "members" the id of the auxiliary info that it has verified with that (32;
 *                 zero: none); signed by that device, "meeting-ready"
 *   3 DECLINE     why not, in words; signed, "meeting-decline"
 *   4 SESSION     host: the daemon's session as it was answered, JSON; for each of the plan's
 *                 "inputs" one, in that order, when the one before has ended
 *   5 ENVELOPES   one after another; a guest's sealed backup before the receipt that names it
 *   6 PAIRED      its pairings are done
 *   7 END         exit code u8, words; signed, "meeting-end"
 *
 * and on the board of an old phone and the one it moves to (invitation.h), which the new one makes:
 *
 *   8 ADOPT       new phone, first: HMAC (32) under the invitation's secret; signed,
 *                 "meeting-adopt"
 *   9 NEXT        old phone: the mailbox (16) of the meeting for the next wallet
 *
 * Nothing on the board is obeyed: the plan is checked and agreed to, what it leads to counts by the
 * protocol's signatures, and births and epochs by what the server says to each device itself.
 *
 * A host:   meeting_seat for each device that takes part, meeting_host, meeting_pair, the daemon's
 *           POST with meeting_nonce of each, meeting_tell, rounds_run with rounds.meeting set; for
 *           another session meeting_renew, and so on; meeting_end. With nobody elsewhere there is
 * no mailbox, and all of this does nothing. A guest:  meeting_find, its own check of meeting.plan,
 * meeting_seat for each, meeting_agree or meeting_decline, meeting_pair, meeting_hear, rounds_run,
 * meeting_end. */
#ifndef CSIG_CLI_MEETING_H
#define CSIG_CLI_MEETING_H

#include "cli/mailbox.h"

#define MEETING_SECONDS 600 /* of silence, without --wait */

enum {
    MEETING_OPEN = 1,
    MEETING_READY = 2,
    MEETING_DECLINE = 3,
    MEETING_SESSION = 4,
    MEETING_ENVELOPES = 5,
    MEETING_PAIRED = 6,
    MEETING_END = 7,
    MEETING_ADOPT = 8,
    MEETING_NEXT = 9
};

/* A device that takes part. */
typedef struct attendee {
    uint8_t id[CSIG_IDENTITY_BYTES];
    uint16_t party;     /* how it is called in what people read: its index */
    const device *here; /* NULL: elsewhere */
    const char *called; /* its name, where people have given it one; else NULL */
    bool signs;         /* with the others that sign: they have to be paired */
    size_t member;      /* of the mailbox: who speaks for it */
    bool is_ready;
    uint8_t nonce[CSIG_NONCE_BYTES]; /* of the session */
    uint8_t own[CSIG_NONCE_BYTES];   /* of pairings */
    uint8_t aux[CSIG_AUX_ID_BYTES];
    uint32_t holds; /* halves; of a guest's own device set before meeting_agree */
    uint8_t knows[CSIG_PARTIES_MAX][CSIG_AUX_ID_BYTES];
} attendee;

typedef struct meeting {
    mailbox box; /* as NULL: everybody is here */
    size_t host; /* member */
    json *plan;
    uint8_t open_hash[32];
    attendee of[CSIG_PARTIES_MAX];
    size_t count;
    /* the board */
    uint32_t sent, after, number[MAILBOX_MEMBERS_MAX];
    blob frames;
    size_t at;
    bool has_ended[MAILBOX_MEMBERS_MAX], is_paired[MAILBOX_MEMBERS_MAX];
    bool hears_ends;        /* that all went well is a message, too */
    struct meeting *herald; /* a host says there which mailbox it has made */
    /* Sees every message that is read, and NULL when there is none for a while; may be NULL. */
    void (*watch)(struct meeting *m, const mailbox_message *message);
    void *watch_arg;
    bool is_awaited[MAILBOX_MEMBERS_MAX]; /* set before meeting_next: whom silence is blamed on */
} meeting;

void meeting_close(meeting *m);
#define AUTO_MEETING __attribute__((cleanup(meeting_close))) meeting

/* Is anybody elsewhere? */
bool meeting_is_held(const meeting *m);
bool meeting_has_host_here(const meeting *m);
/* In an order that is the same for host and guests. */
void meeting_seat(meeting *m, const uint8_t id[CSIG_IDENTITY_BYTES], uint16_t party,
                  const device *here, bool signs);
attendee *meeting_attendee(meeting *m, const uint8_t id[CSIG_IDENTITY_BYTES]);
/* The nonce of somebody seated, once all are ready. */
const uint8_t *meeting_nonce(const meeting *m, const uint8_t id[CSIG_IDENTITY_BYTES]);
/* For another session of the same meeting: everybody's next nonces, which follow from those that
 * they were ready with. */
void meeting_renew(meeting *m);
/* Of which presignatures of the plan everybody elsewhere holds an unused half, as it says. */
uint32_t meeting_holds(const meeting *m);

/* --- the host --- */

/* Takes the plan. Invites who is elsewhere and waits until all are ready. CLI_REFUSED: somebody
 * declines; CLI_AGAIN: somebody is not there. */
CLI_MUST cli_exit meeting_host(cli *c, meeting *m, const char *purpose, json *plan);
/* The daemon's session, to the guests. */
CLI_MUST cli_exit meeting_tell(cli *c, meeting *m, const json *answer);

/* --- a guest --- */

/* The invitation to mailbox `id`, or to the oldest that d has not answered: waits for one. The
 * plan's signature is good, and it is of a member. */
CLI_MUST cli_exit meeting_find(cli *c, meeting *m, const device *d, const char *id);
/* Are exactly those seated that the plan names, the host among them, and does this device refuse
 * none of them? Else it declines. Then ready; waits until all are. */
CLI_MUST cli_exit meeting_agree(cli *c, meeting *m);
/* Says why, unless the server cannot be reached; gives back a failure of that code. */
cli_exit meeting_decline(cli *c, meeting *m, cli_exit code, const char *why);
/* The daemon's session, from the host. */
CLI_MUST cli_exit meeting_hear(cli *c, meeting *m, json **answer);

/* --- both --- */

/* Who signs together, and is not in one process, is paired with what both have now. */
CLI_MUST cli_exit meeting_pair(cli *c, meeting *m);
/* Tells how it ended; the host waits a moment for the guests to do the same, and clears the board.
 * Why it failed stays what it was. */
void meeting_end(cli *c, meeting *m, cli_exit code);

/* --- the board, for rounds --- */

CLI_MUST cli_exit meeting_say(cli *c, meeting *m, uint8_t kind, const uint8_t *p, size_t len);
/* The next message of somebody else. CLI_AGAIN: nothing for --wait seconds, and who is missing of
 * those in is_awaited; or somebody has ended and said why; CLI_INPUT: the board is not whole. */
CLI_MUST cli_exit meeting_next(cli *c, meeting *m, mailbox_message *message);
/* Of what has been read already, without asking for more. */
CLI_MUST cli_exit meeting_rest(cli *c, meeting *m, bool *found, mailbox_message *message);
/* "party 3 (device 0123456789ab)" */
void meeting_name(const meeting *m, size_t member, char name[64]);

#endif
