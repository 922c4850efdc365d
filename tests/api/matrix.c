#include "api/matrix.h"

#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/digest.h"
#include "clock.h"
#include "http/json.h"
#include "service/meter.h"
#include "service/server_keys.h"

matrix m;
static csigd_server *tcp_server, *local_server;
static csigd_tls *tls;
static sqlite3 *db;
/* All that is read before and after every request: prepared once. */
static sqlite3_stmt *tables[64];
static size_t tables_count;
static char cert_file[160], key_file[160], sock[160];

/* --- who there is --- */

static void make(holder *h)
{
    assert_int_equal(csigd_key_make(&h->secret, CSIGD_KEY_ED25519), CSIGD_AUTH_OK);
    assert_int_equal(csigd_signer_of(&h->signer, &h->secret), CSIGD_AUTH_OK);
}

/* device 0: none. */
static void enrol(holder *h, uint8_t device, uint32_t roles, uint32_t per_minute)
{
    csigd_key_row row = {.has_device = device != 0,
                         .all_wallets = h == &m.operator,
                         .roles = roles,
                         .per_minute = per_minute,
                         .owner = "somebody"};
    uint8_t der[CSIGD_KEY_PUBLIC_MAX];
    csigd_problem why;

    make(h);
    if (h == &m.labelled) memcpy(row.label, "treasury/us", 12);
    if (row.has_device) memcpy(row.device, octets(device), sizeof row.device);
    assert_int_equal(
        csigd_key_add(&m.service, &row, der, csigd_key_write(der, &h->signer.key), &why), CSIGD_OK);
}

static void fill(void)
{
    const uint32_t all = (1u << CSIGD_ROLE_COUNT) - 1;
    csigd_store *s = m.service.store;
    const csigd_device nine = a_device(9);
    csigd_mailbox mailbox = {.id = {5}, .created = 1, .n_members = 2};
    /* Whoever may change policies proposes; nobody has this key. */
    static const char policy[] =
        "{\"changes\":{\"of\":[\"00000000000000000000000000000000"
        "00000000000000000000000000000000\"],\"quorum\":1},\"default\":\"deny\",\"rules\":[{\"id\":"
        "\"a\",\"if\":{\"blind\":true,\"types\":[\"digest\"]},\"then\":\"allow\"}],\"version\":1}";
    csigd_change change = {.over = "all",
                           .over_version = 1,
                           .state = CSIGD_CHANGE_PENDING,
                           .expires = INT64_MAX,
                           .text = {(uint8_t *)(uintptr_t) "{}", 2}};
    csigd_campaign campaign = {.state = CSIGD_CAMPAIGN_RUNNING,
                               .selected = CSIGD_CAMPAIGN_ALL,
                               .per_minute = 1,
                               .at_once = 1,
                               .on_miss = CSIGD_MISS_WARN};
    csigd_webhook webhook = {.id = {7}, .url = "https://localhost/"};
    csigd_move move = {.device = {1}, .token = {9}, .n_wallets = 1, .expires = INT64_MAX};

    store_with_wallet(s);
    store_with_request(s, 3);
    assert_int_equal(s->device_put(s, &nine), CSIGD_STORED);
    mailbox.expires = csigd_clock_now() + 86400;
    mailbox.members[0][0] = 1;
    mailbox.members[1][0] = 2;
    assert_int_equal(s->mailboxes.make(s, &mailbox), CSIGD_STORED);
    memcpy(campaign.id, octets(6), sizeof campaign.id);
    assert_int_equal(s->campaigns.put(s, &campaign, NULL, 0), CSIGD_STORED);
    assert_int_equal(s->events.webhook_put(s, &webhook), CSIGD_STORED);
    memcpy(change.id, octets(12), sizeof change.id);
    csigd_subject_of_wallet(change.subject, octets(1));
    assert_int_equal(s->policies.change_put(s, &change), CSIGD_STORED);
    assert_int_equal(s->policies.put(s, "all", policy, 1, NULL, 0), CSIGD_STORED);
    /* As the housekeeper would at its first turn; the session is not that old. */
    assert_int_equal(peek("UPDATE sessions SET deadline = 4000000000"), -1);
    assert_int_equal(s->sweep(s, csigd_clock_now()), CSIGD_STORED);
    enrol(&m.mine, 1, all, 0);
    enrol(&m.theirs, 9, all, 0);
    enrol(&m.labelled, 0, all, 0);
    enrol(&m.poor, 1, all, 1);
    enrol(&m.operator, 0, all, 0);
    for (unsigned r = 0; r < CSIGD_ROLE_COUNT; r++)
        enrol(&m.only[r], 1, CSIGD_ROLE_BIT(r), 0);
    make(&m.unknown);
    memcpy(move.wallets[0], octets(1), sizeof move.wallets[0]);
    assert_int_equal(s->moves.put(s, &move, 1), CSIGD_STORED);
}

/* --- life --- */

static csigd_server *serve(csigd_listener *listener)
{
    char why[256] = "";
    csigd_server *server;

    if (listener->fd < 0) fail_msg("no socket");
    listener->client_seconds = 60;
    server = csigd_server_start(&m.service, listener, why, sizeof why);
    if (server == NULL) fail_msg("%s", why);
    return server;
}

int matrix_setup(void **state)
{
    const uint16_t port = visitor_free_port();
    csigd_listener tcp = {.address = m.host}, local = {.unix_socket = true};
    char why[256] = "";

    (void)state;
    temp_folder();
    snprintf(cert_file, sizeof cert_file, "%s", temp_path("cert.pem"));
    snprintf(key_file, sizeof key_file, "%s", temp_path("key.pem"));
    snprintf(sock, sizeof sock, "%s", temp_path("sock"));
    visitor_certificate(cert_file, key_file);
    temp_service(&m.service, 7);
    csigd_meter_set(m.service.meter, &(csigd_meter_plan){.key = CSIGD_PER_MINUTE_MAX,
                                                         .wallet = CSIGD_PER_MINUTE_MAX,
                                                         .address = CSIGD_PER_MINUTE_MAX});
    fill();
    assert_int_equal(sqlite3_open_v2(temp_path("store.db"), &db, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    snprintf(m.host, sizeof m.host, "127.0.0.1:%u", port);
    tls = csigd_tls_open(&(csigd_tls_files){.cert = cert_file, .key = key_file}, why, sizeof why);
    if (tls == NULL) fail_msg("%s", why);
    tcp.tls = tls;
    tcp.fd = csigd_listen_tcp(m.host, false, why, sizeof why);
    tcp_server = serve(&tcp);
    local.fd = csigd_listen_unix(sock, why, sizeof why);
    local_server = serve(&local);
    visitor_begin(&m.tcp, NULL, port, cert_file);
    visitor_begin(&m.local, sock, 0, NULL);
    return 0;
}

int matrix_teardown(void **state)
{
    (void)state;
    visitor_end(&m.tcp);
    visitor_end(&m.local);
    csigd_server_quiesce(tcp_server);
    csigd_server_quiesce(local_server);
    csigd_service_drain(&m.service);
    csigd_server_stop(tcp_server);
    csigd_server_stop(local_server);
    csigd_tls_close(tls);
    csigd_service_stop(&m.service);
    while (tables_count > 0)
        sqlite3_finalize(tables[--tables_count]);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    temp_remove();
    return 0;
}

/* --- sending --- */

static size_t put(char *out, size_t room, size_t at, const char *name, const char *value)
{
    const int n = snprintf(out + at, room - at, "%s: %s\r\n", name, value);

    assert_true(n > 0 && (size_t)n < room - at);
    return at + (size_t)n;
}

static csigd_message message_of(const attempt *a, const csigd_field *fields, size_t n)
{
    const char *path = a->signed_path[0] != '\0' ? a->signed_path : a->asked;

    return (csigd_message){.method = a->method != NULL ? a->method : a->route->method,
                           .scheme = "https",
                           .authority = m.host,
                           .target = path,
                           .fields = fields,
                           .n_fields = n};
}

static csigd_signature_fields made;
static char digest[CSIGD_DIGEST_BYTES];
static char known_as[40];

/* Those that need a name get a new one. */
static size_t put_name(const attempt *a, char *out, size_t room, size_t at)
{
    uint8_t random[16];
    char text[33];

    if (a->route->body != CSIGD_PAYLOAD_BODY) return at;
    randombytes_buf(random, sizeof random);
    csigd_hex_write(text, random, sizeof random);
    snprintf(known_as, sizeof known_as, "\"%s\"", text);
    return put(out, room, at, "Idempotency-Key", known_as);
}

static size_t put_signature(const attempt *a, char *out, size_t room, size_t at)
{
    csigd_field fields[3];
    csigd_message message;
    csigd_refusal why;
    uint8_t random[16];
    char nonce[33];
    size_t n = 0;

    if (a->type != NULL) {
        csigd_digest_make(digest, (const uint8_t *)a->body, a->len);
        fields[n++] = (csigd_field){"content-type", a->content != NULL ? a->content : a->type};
        fields[n++] = (csigd_field){"content-digest", digest};
        at = put(out, room, at, "Content-Digest", digest);
    }
    if (a->route->body == CSIGD_PAYLOAD_BODY)
        fields[n++] = (csigd_field){"idempotency-key", known_as};
    randombytes_buf(random, sizeof random);
    csigd_hex_write(nonce, random, sizeof random);
    message = message_of(a, fields, n);
    assert_int_equal(
        csigd_request_sign(&made, &message, a->signer, nonce, csigd_clock_now() - a->age, &why),
        CSIGD_AUTH_OK);
    at = put(out, room, at, "Signature-Input", made.input);
    return put(out, room, at, "Signature", made.signature);
}

static size_t put_length(const attempt *a, char *out, size_t room, size_t at)
{
    char line[32];

    if (a->is_chunked) return put(out, room, at, "Transfer-Encoding", "chunked");
    snprintf(line, sizeof line, "%llu",
             a->announced != 0 ? (unsigned long long)a->announced : (unsigned long long)a->len);
    at = put(out, room, at, "Content-Length", line);
    return a->announced != 0 ? put(out, room, at, "Expect", "100-continue") : at;
}

static size_t put_body(const attempt *a, char *out, size_t room, size_t at)
{
    if (a->is_chunked) at += (size_t)snprintf(out + at, room - at, "%zx\r\n", a->len);
    memcpy(out + at, a->body, a->len);
    if (a->is_altered) out[at + a->len / 2] ^= 1;
    at += a->len;
    if (a->is_chunked) at += (size_t)snprintf(out + at, room - at, "\r\n0\r\n\r\n");
    return at;
}

const char *matrix_octets(const attempt *a, size_t *len)
{
    static char out[MATRIX_BODY + 16384];
    const size_t room = sizeof out;
    size_t at = (size_t)snprintf(out, room, "%s %s HTTP/1.1\r\n",
                                 a->method != NULL ? a->method : a->route->method, a->asked);

    at = put(out, room, at, "Host", m.host);
    if (a->type != NULL)
        at = put(out, room, at, "Content-Type", a->content != NULL ? a->content : a->type);
    at = put_name(a, out, room, at);
    if (a->signer != NULL) at = put_signature(a, out, room, at);
    at = put_length(a, out, room, at);
    at += (size_t)snprintf(out + at, room - at, "\r\n");
    *len = a->announced != 0 ? at : put_body(a, out, room, at);
    return out;
}

/* Every answer over TCP is the server's, to this very request. */
static void check_signature(const attempt *a, const answer *r)
{
    const csigd_field asked[] = {{"signature-input", made.input}, {"signature", made.signature}};
    csigd_message request = message_of(a, asked, a->signer != NULL ? 2 : 0);
    const csigd_message response = {
        .status = r->status, .fields = r->fields, .n_fields = r->n_fields, .request = &request};
    csigd_server_key own[CSIGD_SERVER_KEYS_MAX];
    csigd_key key;
    csigd_refusal why;
    int64_t created;
    size_t n;

    request.target = a->asked;
    assert_int_equal(csigd_server_keys_show(&m.service, own, &n), CSIG_OK);
    assert_int_equal(csigd_key_read(&key, own[0].der, own[0].len), CSIGD_AUTH_OK);
    if (csigd_response_verify(&response, &key, &created, &why) != CSIGD_AUTH_OK)
        fail_msg("%s %s: an answer that is not signed: %s %s", request.method, a->asked,
                 csigd_auth_name(why.error), why.field);
    if (r->len > 0)
        assert_int_equal(csigd_digest_verify(answer_field(r, "Content-Digest"),
                                             (const uint8_t *)r->body, r->len),
                         CSIGD_AUTH_OK);
}

const answer *matrix_send_octets(const attempt *a, const char *text, size_t len, bool local)
{
    static answer r;

    visitor_ask(local ? &m.local : &m.tcp, text, len, &r);
    if (!local) check_signature(a, &r);
    return &r;
}

const answer *matrix_send(const attempt *a, bool local)
{
    size_t len;
    const char *text = matrix_octets(a, &len);

    return matrix_send_octets(a, text, len, local);
}

/* --- what there is --- */

static void prepare_table(const char *table)
{
    char sql[160];
    const char *where = "";

    /* The first generation comes by itself, when its primes are found; and refusals are told. */
    if (strcmp(table, "own_aux") == 0) where = " WHERE generation > 1";
    if (strcmp(table, "audit") == 0)
        where = " WHERE json_extract(entry, '$.kind') NOT IN ('aux.made', 'refused')";
    snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"%s", table, where);
    assert_true(tables_count < sizeof tables / sizeof tables[0]);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &tables[tables_count++], NULL), SQLITE_OK);
}

static void prepare_tables(void)
{
    static const char names[] = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT "
                                "IN ('replays', 'replay_horizon', 'primes') ORDER BY name";
    sqlite3_stmt *all;

    assert_int_equal(sqlite3_prepare_v2(db, names, -1, &all, NULL), SQLITE_OK);
    while (sqlite3_step(all) == SQLITE_ROW)
        prepare_table((const char *)sqlite3_column_text(all, 0));
    assert_int_equal(sqlite3_finalize(all), SQLITE_OK);
    assert_true(tables_count > 0);
}

static void add_rows(crypto_generichash_state *h, sqlite3_stmt *rows)
{
    while (sqlite3_step(rows) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(rows); i++) {
            const int len = sqlite3_column_bytes(rows, i);

            crypto_generichash_update(h, (const uint8_t *)&len, sizeof len);
            if (len > 0)
                crypto_generichash_update(h, sqlite3_column_blob(rows, i), (unsigned long long)len);
        }
    }
    assert_int_equal(sqlite3_reset(rows), SQLITE_OK);
}

void matrix_state(uint8_t out[32])
{
    crypto_generichash_state h;

    if (tables_count == 0) prepare_tables();
    crypto_generichash_init(&h, NULL, 0, 32);
    for (size_t i = 0; i < tables_count; i++) {
        crypto_generichash_update(&h, (const uint8_t *)&i, sizeof i);
        add_rows(&h, tables[i]);
    }
    crypto_generichash_final(&h, out, 32);
}
