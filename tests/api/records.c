#include "api/records.h"

#include <sqlite3.h>
#include <string.h>

const uint8_t *octets(uint8_t n)
{
    static uint8_t all[256][32];

    all[n][0] = n;
    return all[n];
}

csigd_device a_device(uint8_t n)
{
    csigd_device d = {.name = "phone", .created = 1000 + n};

    memcpy(d.identity, octets(n), sizeof d.identity);
    return d;
}

csigd_wallet a_wallet(uint8_t n, uint16_t signers, const uint8_t *devices, size_t n_devices)
{
    csigd_wallet w = {
        .state = CSIGD_PENDING,
        .signers_required = signers,
        .parties = (uint16_t)(n_devices + 1),
        .allow = CSIGD_ALLOW_DIGEST,
        .label = "treasury/eu",
        .created = 2000 + n,
        .n_devices = n_devices,
    };

    memcpy(w.id, octets(n), sizeof w.id);
    for (size_t i = 0; i < n_devices; i++)
        memcpy(w.devices[i], octets(devices[i]), sizeof w.devices[i]);
    return w;
}

csigd_request a_request(uint8_t n, uint8_t wallet)
{
    csigd_request r = {
        .state = CSIGD_APPROVED,
        .type = CSIGD_ALLOW_DIGEST,
        .path = "m/0/1",
        .mode = CSIGD_MODE_PHONE,
        .created = 3000 + n,
    };

    memcpy(r.id, octets(n), sizeof r.id);
    memcpy(r.wallet, octets(wallet), sizeof r.wallet);
    memset(r.input.digest, n, sizeof r.input.digest);
    memcpy(r.input.path, r.path, sizeof r.input.path);
    r.expires = NEVER;
    return r;
}

csigd_opening an_opening(uint8_t n, csigd_kind kind, const uint8_t *devices, size_t n_devices)
{
    csigd_opening o = {
        .row = {.kind = kind,
                .own_generation = 1,
                .created = 4000,
                .deadline = 4100 + n,
                .n_devices = n_devices},
    };

    memcpy(o.row.id, octets(n), sizeof o.row.id);
    for (size_t i = 0; i < n_devices; i++)
        memcpy(o.row.devices[i], octets(devices[i]), sizeof o.row.devices[i]);
    return o;
}

csigd_answer an_answer(uint8_t session, uint32_t n, csigd_session_state state)
{
    csigd_answer a = {
        .n = n,
        .status = 200,
        .state = state,
        .when = 5000 + n,
        .reply = {(uint8_t *)(uintptr_t) "sealed", 6},
    };

    memcpy(a.session, octets(session), sizeof a.session);
    memset(a.hash, (int)n, sizeof a.hash);
    return a;
}

csigd_share_row a_share(const char *words)
{
    return (csigd_share_row){
        .key = {(uint8_t *)(uintptr_t) "key", 3},
        .sealed = {(uint8_t *)(uintptr_t)words, strlen(words)},
    };
}

csigd_epoch an_epoch(uint64_t number, uint64_t attempt)
{
    csigd_epoch e = {.number = number, .attempt = attempt};

    e.state[0] = (uint8_t)(number + 1);
    e.state[1] = (uint8_t)attempt;
    return e;
}

csig_signature a_signature(void)
{
    csig_signature s = {.recovery_id = 3};

    memset(s.r, 0x11, sizeof s.r);
    memset(s.s, 0x22, sizeof s.s);
    memset(s.public_key, 0x02, sizeof s.public_key);
    return s;
}

void store_with_wallet(csigd_store *s)
{
    const uint8_t both[2] = {1, 2};
    const csigd_wallet wallet = a_wallet(1, 2, both, 2);
    csigd_opening o = an_opening(200, CSIGD_KIND_KEYGEN, both, 2);
    const csigd_answer a = an_answer(200, 1, CSIGD_SESSION_DONE);
    const csigd_birth birth = {.share = a_share("share"),
                               .epoch = an_epoch(0, 0),
                               .record = {(uint8_t *)(uintptr_t) "record 0", 8}};
    const csigd_effects effects = {.birth = &birth, .reason = "", .when = 1};

    for (uint8_t i = 1; i <= 2; i++) {
        const csigd_device d = a_device(i);

        assert_int_equal(s->device_put(s, &d), CSIGD_STORED);
    }
    o.wallet = &wallet;
    o.row.has_wallet = true;
    memcpy(o.row.wallet, wallet.id, sizeof wallet.id);
    assert_int_equal(s->session_open(s, &o), CSIGD_STORED);
    assert_int_equal(s->round_put(s, &a, &effects), CSIGD_STORED);
}

csigd_stored store_make(csigd_store *s, csigd_request *r)
{
    const csigd_idempotency none = {.name = ""};
    const csigd_making making = {.request = r,
                                 .payload = "{\"type\":\"digest\"}",
                                 .inputs = &r->input,
                                 .n_inputs = 1,
                                 .known_as = &none};

    return s->requests.make(s, &making);
}

void store_with_request(csigd_store *s, uint8_t n)
{
    csigd_request r = a_request(n, 1);

    assert_int_equal(store_make(s, &r), CSIGD_STORED);
}

void store_with_presig(csigd_store *s, uint8_t n)
{
    const uint8_t one[1] = {1};
    csigd_opening o = an_opening((uint8_t)(n + 100), CSIGD_KIND_PRESIGN, one, 1);
    const csigd_answer a = an_answer((uint8_t)(n + 100), 1, CSIGD_SESSION_DONE);
    csigd_presig_move moves[2] = {{.to = CSIGD_PRESIG_KEPT}, {.to = CSIGD_PRESIG_READY}};
    const csigd_effects effects = {.moves = moves, .n_moves = 2, .reason = "", .when = 1};

    memcpy(moves[0].id, octets(n), sizeof moves[0].id);
    memcpy(moves[1].id, octets(n), sizeof moves[1].id);
    o.row.has_wallet = true;
    memcpy(o.row.wallet, octets(1), sizeof o.row.wallet);
    assert_int_equal(s->session_open(s, &o), CSIGD_STORED);
    assert_int_equal(s->round_put(s, &a, &effects), CSIGD_STORED);
}

csigd_stored store_open_sign(csigd_store *s, uint8_t n, uint8_t request)
{
    csigd_opening o = an_opening(n, CSIGD_KIND_SIGN, (const uint8_t[]){1, 2}, 2);

    o.row.has_wallet = o.row.has_request = true;
    memcpy(o.row.wallet, octets(1), sizeof o.row.wallet);
    memcpy(o.row.request, octets(request), sizeof o.row.request);
    return s->session_open(s, &o);
}

csigd_stored store_open_plain(csigd_store *s, uint8_t n, csigd_kind kind)
{
    csigd_opening o = an_opening(n, kind, (const uint8_t[]){1}, 1);

    return s->session_open(s, &o);
}

csigd_stored store_answer(csigd_store *s, uint8_t session, uint32_t n, csigd_session_state state,
                          const csigd_effects *effects)
{
    const csigd_answer a = an_answer(session, n, state);

    return s->round_put(s, &a, effects);
}

csigd_stored store_open_online(csigd_store *s, uint8_t session, uint8_t request, uint8_t presig)
{
    csigd_opening o = an_opening(session, CSIGD_KIND_ONLINE, (const uint8_t[]){1}, 1);

    o.row.has_wallet = o.row.has_request = true;
    memcpy(o.row.wallet, octets(1), sizeof o.row.wallet);
    memcpy(o.row.request, octets(request), sizeof o.row.request);
    o.presig = octets(presig);
    o.reveal = (csigd_blob){(uint8_t *)(uintptr_t) "reveal", 6};
    return s->session_open(s, &o);
}

csigd_stored store_open_refresh(csigd_store *s, uint8_t session, uint64_t epoch, uint64_t attempt)
{
    csigd_opening o = an_opening(session, CSIGD_KIND_REFRESH, (const uint8_t[]){1, 2}, 2);

    o.row.has_wallet = true;
    o.row.epoch = epoch;
    o.row.attempt = attempt;
    memcpy(o.row.wallet, octets(1), sizeof o.row.wallet);
    return s->session_open(s, &o);
}

void store_stage(csigd_store *s, uint8_t session, uint64_t number, uint64_t attempt,
                 const char *words)
{
    const csigd_staging staged = {.share = a_share(words), .epoch = an_epoch(number, attempt)};
    const csigd_backup_row backups[2] = {{1, {(uint8_t *)(uintptr_t) "backup one", 10}},
                                         {3, {(uint8_t *)(uintptr_t) "backup three", 12}}};
    const csigd_effects effects = {
        .staged = &staged, .backups = backups, .n_backups = 2, .reason = "", .when = 1};

    assert_int_equal(store_answer(s, session, 1, CSIGD_SESSION_RUNNING, &effects), CSIGD_STORED);
}

csigd_stored store_commit(csigd_store *s, uint8_t session, uint64_t number, uint64_t attempt,
                          uint64_t own, uint64_t phone)
{
    csigd_commit c = {
        .epoch = an_epoch(number, attempt),
        .record = {(uint8_t *)(uintptr_t) "record 1", 8},
        .n_generations = 2,
        .generations = {{2, own}, {1, phone}},
    };
    const csigd_effects effects = {.commit = &c, .reason = "", .when = 1};

    memset(c.commit, (int)number, sizeof c.commit);
    return store_answer(s, session, 2, CSIGD_SESSION_DONE, &effects);
}

void store_refresh(csigd_store *s, uint8_t session, uint64_t number, uint64_t own, uint64_t phone)
{
    assert_int_equal(store_open_refresh(s, session, number - 1, 1), CSIGD_STORED);
    store_stage(s, session, number, 1, "new share");
    assert_int_equal(store_commit(s, session, number, 1, own, phone), CSIGD_STORED);
}

csigd_request_state store_request_state(csigd_store *s, uint8_t n)
{
    csigd_request r;

    assert_int_equal(s->requests.get(s, octets(n), 0, &r), CSIGD_STORED);
    return r.state;
}

int64_t peek(const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    int64_t number;

    assert_int_equal(sqlite3_open_v2(temp_path("store.db"), &db, SQLITE_OPEN_READWRITE, NULL),
                     SQLITE_OK);
    sqlite3_busy_timeout(db, 300000);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    number = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : -1;
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return number;
}
