/* Who becomes a member of a mailbox: so many for each device, and fewer from those it does not
 * know. */
#include "store/sqlite.h"

#define DEVICE(p) CSIGD_BYTES((p), CSIG_IDENTITY_BYTES)

/* The opener ?4 has no wallet with the device; 2: but takes its place in an open move, which is not
 * to wait for strangers. */
#define STRANGENESS                                                                                \
    "CASE WHEN ?4 IS NULL OR identity = ?4 OR EXISTS "                                             \
    "(SELECT 1 FROM wallet_devices AS a JOIN wallet_devices AS b ON b.wallet = a.wallet "          \
    "JOIN wallets AS w ON w.id = a.wallet WHERE a.device = ?4 AND b.device = identity "            \
    "AND w.state = 2 AND w.rehearsal = 0) THEN 0 WHEN EXISTS (SELECT 1 FROM moves AS v WHERE "     \
    "v.device = identity AND v.successor = ?4 AND v.expires >= ?5) THEN 2 ELSE 1 END"

/* Strangers leave room for those that one has to meet, and one stranger for the others. */
static csigd_stored check_strangers(csigd_medium *m, const csigd_mailbox *b, const uint8_t *member)
{
    const csigd_value values[] = {DEVICE(member),
                                  b->opener != NULL ? DEVICE(b->opener) : CSIGD_NULL};
    int64_t all = 0, own = 0;

    CSIGD_STORE_TRY(csigd_sql_number(
        m, &all, "SELECT count(*) FROM mailbox_members WHERE device = ?1 AND stranger = 1", values,
        1));
    CSIGD_STORE_TRY(csigd_sql_number(m, &own,
                                     "SELECT count(*) FROM mailbox_members JOIN mailboxes ON id = "
                                     "mailbox WHERE device = ?1 AND stranger != 0 AND opener = ?2",
                                     values, 2));
    return all > CSIGD_MAILBOXES_OF_STRANGERS || own > CSIGD_MAILBOXES_OF_STRANGER
               ? CSIGD_STORE_CONFLICT
               : CSIGD_STORED;
}

csigd_stored csigd_sqlite_mailbox_member(csigd_medium *m, const csigd_mailbox *b, size_t place)
{
    const csigd_value device = DEVICE(b->members[place]);
    int64_t open = 0;

    CSIGD_STORE_TRY(csigd_sql_run(
        m, "UPDATE devices SET mailboxes = mailboxes + 1 WHERE identity = ?1", &device, 1));
    if (csigd_sql_changed(m) == 0) return CSIGD_STORE_NONE;
    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "INSERT INTO mailbox_members (mailbox, place, device, number, stranger) "
        "SELECT ?1, ?2, identity, mailboxes, " STRANGENESS " FROM devices WHERE identity = ?3",
        CSIGD_VALUES(CSIGD_BYTES(b->id, sizeof b->id), CSIGD_INT(place), device,
                     b->opener != NULL ? DEVICE(b->opener) : CSIGD_NULL, CSIGD_INT(b->created))));
    CSIGD_STORE_TRY(check_strangers(m, b, b->members[place]));
    CSIGD_STORE_TRY(csigd_sql_number(
        m, &open, "SELECT count(*) FROM mailbox_members WHERE device = ?1", &device, 1));
    return open > CSIGD_MAILBOXES_OF_MEMBER ? CSIGD_STORE_CONFLICT : CSIGD_STORED;
}
