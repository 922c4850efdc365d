/* Requests in the store: inputs, names, lists, and their ends. */
#include <stdio.h>
#include <string.h>

#include "api/records.h"

static csigd_store *s;

static int setup(void **state)
{
    (void)state;
    temp_folder();
    s = temp_store();
    store_with_wallet(s);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    s->close(s);
    temp_remove();
    return 0;
}

/* --- making --- */

static csigd_stored make_batch(uint8_t n, size_t inputs)
{
    static const csigd_idempotency none = {.name = ""};
    csigd_request r = a_request(n, 1);
    csigd_input all[CSIGD_INPUTS_MAX];
    const csigd_making making = {.request = &r,
                                 .payload = "{\"psbt\":\"\"}",
                                 .inputs = all,
                                 .n_inputs = inputs,
                                 .known_as = &none};

    for (size_t i = 0; i < inputs; i++) {
        all[i] = (csigd_input){.n = 0};
        memset(all[i].digest, (int)(n + i), sizeof all[i].digest);
        snprintf(all[i].path, sizeof all[i].path, "m/0/%zu", i);
    }
    return s->requests.make(s, &making);
}

static csigd_stored open_input(uint8_t session, uint8_t request, uint32_t input)
{
    csigd_opening o = an_opening(session, CSIGD_KIND_SIGN, (const uint8_t[]){1, 2}, 2);

    o.row.has_wallet = o.row.has_request = true;
    o.row.input = input;
    memcpy(o.row.wallet, octets(1), sizeof o.row.wallet);
    memcpy(o.row.request, octets(request), sizeof o.row.request);
    return s->session_open(s, &o);
}

static csigd_request of(uint8_t n, uint32_t input)
{
    csigd_request r;

    assert_int_equal(s->requests.get(s, octets(n), input, &r), CSIGD_STORED);
    return r;
}

static void sign_input(uint8_t session, uint8_t request, uint32_t input)
{
    csig_signature sig = a_signature();
    const csigd_effects done = {.signature = &sig, .reason = "", .when = 88};

    sig.r[0] = (uint8_t)input;
    assert_int_equal(open_input(session, request, input), CSIGD_STORED);
    assert_int_equal(store_answer(s, session, 1, CSIGD_SESSION_DONE, &done), CSIGD_STORED);
}

/* --- a batch --- */

static void every_input_is_signed_by_itself(void **state)
{
    csigd_session_row row;
    csigd_blob text;
    csigd_request r;

    (void)state;
    assert_int_equal(make_batch(5, 3), CSIGD_STORED);
    r = of(5, 2);
    assert_int_equal(r.n_inputs, 3);
    assert_int_equal(r.n_signed, 0);
    assert_int_equal(r.input.n, 2);
    assert_int_equal(r.input.digest[31], 7);
    assert_string_equal(r.input.path, "m/0/2");
    assert_string_equal(r.path, "m/0/1");
    assert_int_equal(s->requests.get(s, octets(5), 3, &r), CSIGD_STORE_NONE);
    assert_int_equal(s->requests.payload(s, octets(5), &text), CSIGD_STORED);
    assert_int_equal(text.len, 11);
    assert_memory_equal(text.p, "{\"psbt\":\"\"}", 11);
    csigd_blob_free(&text);

    sign_input(40, 5, 1);
    assert_int_equal(of(5, 1).state, CSIGD_APPROVED);
    assert_true(of(5, 1).input.is_signed);
    assert_int_equal(of(5, 1).input.signature.r[0], 1);
    assert_false(of(5, 0).input.is_signed);
    assert_int_equal(of(5, 0).n_signed, 1);
    assert_int_equal(open_input(41, 5, 1), CSIGD_STORE_CONFLICT);
    assert_int_equal(open_input(41, 5, 3), CSIGD_STORE_CONFLICT);
    assert_int_equal(open_input(41, 5, 0), CSIGD_STORED);
    assert_int_equal(s->session_get(s, octets(41), &row), CSIGD_STORED);
    assert_int_equal(row.input, 0);
    assert_int_equal(open_input(42, 5, 2), CSIGD_STORE_CONFLICT); /* one at a time */
    assert_int_equal(s->session_end(s, octets(41), CSIGD_SESSION_EXPIRED), CSIGD_STORED);
    sign_input(43, 5, 2);
    assert_int_equal(of(5, 0).state, CSIGD_APPROVED);
    sign_input(44, 5, 0);
    assert_int_equal(of(5, 0).state, CSIGD_SIGNED);
    assert_int_equal(of(5, 0).n_signed, 3);
}

static void sessions_are_counted_for_each_input(void **state)
{
    uint8_t session = 40;

    (void)state;
    assert_int_equal(make_batch(5, 2), CSIGD_STORED);
    for (int i = 0; i < CSIGD_SESSIONS_PER_INPUT - 1; i++) {
        for (uint32_t input = 0; input < 2; input++) {
            assert_int_equal(open_input(++session, 5, input), CSIGD_STORED);
            assert_int_equal(s->session_end(s, octets(session), CSIGD_SESSION_EXPIRED),
                             CSIGD_STORED);
        }
    }
    assert_int_equal(of(5, 0).state, CSIGD_APPROVED);
    assert_int_equal(open_input(++session, 5, 1), CSIGD_STORED);
    assert_int_equal(s->session_end(s, octets(session), CSIGD_SESSION_EXPIRED), CSIGD_STORED);
    assert_int_equal(of(5, 0).state, CSIGD_REQUEST_FAILED);
}

static void what_ended_stays_so(void **state)
{
    (void)state;
    assert_int_equal(make_batch(5, 1), CSIGD_STORED);
    sign_input(40, 5, 0);
    assert_int_equal(peek("UPDATE requests SET state = 1"), -1);
    assert_int_equal(peek("UPDATE request_inputs SET signature = NULL"), -1);
    assert_int_equal(peek("UPDATE request_inputs SET signature = zeroblob(98)"), -1);
    assert_int_equal(of(5, 0).state, CSIGD_SIGNED);
}

/* --- names --- */

static csigd_stored make_named(uint8_t n, const char *name, uint8_t whose, uint8_t hash)
{
    csigd_request r = a_request(n, 1);
    csigd_idempotency known = {.credential_len = whose > 0 ? 32 : 0};
    const csigd_making making = {
        .request = &r, .payload = "{}", .inputs = &r.input, .n_inputs = 1, .known_as = &known};

    memset(known.credential, whose, sizeof known.credential);
    memset(known.hash, hash, sizeof known.hash);
    snprintf(known.name, sizeof known.name, "%s", name);
    return s->requests.make(s, &making);
}

static void a_name_is_taken_once_by_each(void **state)
{
    csigd_idempotency known = {.credential_len = 32, .name = "order-1"};
    csigd_request r;

    (void)state;
    memset(known.credential, 7, sizeof known.credential);
    assert_int_equal(s->requests.known(s, &known), CSIGD_STORE_NONE);
    assert_int_equal(make_named(5, "order-1", 7, 1), CSIGD_STORED);
    assert_int_equal(make_named(6, "order-1", 7, 2), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->requests.get(s, octets(6), 0, &r), CSIGD_STORE_NONE);
    assert_int_equal(make_named(7, "order-1", 8, 3), CSIGD_STORED);
    assert_int_equal(make_named(8, "order-1", 0, 4), CSIGD_STORED);
    assert_int_equal(make_named(9, "", 7, 5), CSIGD_STORED);
    assert_int_equal(make_named(10, "", 7, 5), CSIGD_STORED);
    s->close(s);
    s = temp_store();
    assert_int_equal(s->requests.known(s, &known), CSIGD_STORED);
    assert_int_equal(known.hash[31], 1);
    assert_memory_equal(known.request, octets(5), 32);
    known.credential_len = 0;
    assert_int_equal(s->requests.known(s, &known), CSIGD_STORED);
    assert_memory_equal(known.request, octets(8), 32);
}

/* --- lists --- */

typedef struct listing {
    size_t n;
    csigd_request r[CSIGD_PAGE_ROWS];
} listing;

static void add(void *ctx, const csigd_request *request)
{
    listing *l = ctx;

    l->r[l->n++] = *request;
}

static void lists_go_by_number(void **state)
{
    static listing l;

    (void)state;
    for (uint8_t n = 0; n < CSIGD_PAGE_ROWS + 2; n++)
        assert_int_equal(make_batch((uint8_t)(n + 3), 2), CSIGD_STORED);
    l.n = 0;
    assert_int_equal(s->requests.list(s, octets(1), 0, CSIGD_PAGE_ROWS, add, &l), CSIGD_STORED);
    assert_int_equal(l.n, CSIGD_PAGE_ROWS);
    assert_int_equal(l.r[0].number, CSIGD_PAGE_ROWS + 2);
    assert_int_equal(l.r[l.n - 1].number, 3);
    l.n = 0;
    assert_int_equal(s->requests.list(s, octets(1), 3, CSIGD_PAGE_ROWS, add, &l), CSIGD_STORED);
    assert_int_equal(l.n, 2);
    assert_memory_equal(l.r[0].id, octets(4), 32);
    l.n = 0;
    assert_int_equal(s->requests.list(s, octets(9), 0, CSIGD_PAGE_ROWS, add, &l), CSIGD_STORED);
    assert_int_equal(l.n, 0);
}

static void a_device_sees_what_it_can_sign(void **state)
{
    static listing l;
    csigd_request r = a_request(6, 1);

    (void)state;
    assert_int_equal(make_batch(5, 2), CSIGD_STORED);
    r.expires = 5000;
    assert_int_equal(store_make(s, &r), CSIGD_STORED);
    l.n = 0;
    assert_int_equal(s->requests.wanted(s, &(csigd_look){.device = octets(1), .n = CSIGD_PAGE_ROWS},
                                        4999, add, &l),
                     CSIGD_STORED);
    assert_int_equal(l.n, 2);
    sign_input(40, 5, 0);
    l.n = 0;
    assert_int_equal(s->requests.wanted(s, &(csigd_look){.device = octets(2), .n = CSIGD_PAGE_ROWS},
                                        5000, add, &l),
                     CSIGD_STORED);
    assert_int_equal(l.n, 1);
    assert_memory_equal(l.r[0].id, octets(5), 32);
    assert_int_equal(l.r[0].input.n, 1);
    assert_int_equal(open_input(41, 5, 1), CSIGD_STORED);
    l.n = 0;
    assert_int_equal(s->requests.wanted(s, &(csigd_look){.device = octets(1), .n = CSIGD_PAGE_ROWS},
                                        5000, add, &l),
                     CSIGD_STORED);
    assert_int_equal(l.n, 0);
    assert_int_equal(s->requests.wanted(s,
                                        &(csigd_look){.device = octets(99), .n = CSIGD_PAGE_ROWS},
                                        5000, add, &l),
                     CSIGD_STORE_NONE);
}

/* --- ends --- */

static void cancelled_ends_with_its_session(void **state)
{
    uint8_t session[CSIGD_ID_BYTES];
    const csigd_effects out = {.released = true, .reason = "", .when = 77};
    bool running = true;

    (void)state;
    assert_int_equal(make_batch(5, 2), CSIGD_STORED);
    assert_int_equal(s->requests.cancel(s, octets(9), &running, session), CSIGD_STORE_NONE);
    assert_int_equal(s->requests.cancel(s, octets(5), &running, session), CSIGD_STORED);
    assert_false(running);
    assert_int_equal(of(5, 0).state, CSIGD_REQUEST_CANCELLED);
    assert_int_equal(open_input(40, 5, 0), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->requests.cancel(s, octets(5), &running, session), CSIGD_STORED);

    /* Whoever comes second finds that it is over: nothing leaves. */
    assert_int_equal(make_batch(6, 1), CSIGD_STORED);
    assert_int_equal(open_input(41, 6, 0), CSIGD_STORED);
    assert_int_equal(s->requests.cancel(s, octets(6), &running, session), CSIGD_STORED);
    assert_true(running);
    assert_memory_equal(session, octets(41), sizeof session);
    assert_int_equal(store_answer(s, 41, 1, CSIGD_SESSION_RUNNING, &out), CSIGD_STORE_CONFLICT);
    assert_int_equal(of(6, 0).input.released, 0);
    assert_int_equal(of(6, 0).state, CSIGD_REQUEST_CANCELLED);
}

static void what_has_left_cannot_be_cancelled(void **state)
{
    const csigd_effects out = {.released = true, .reason = "", .when = 77};
    uint8_t session[CSIGD_ID_BYTES];
    csigd_session_row row;
    csigd_request r;
    bool running;

    (void)state;
    assert_int_equal(make_batch(5, 1), CSIGD_STORED);
    assert_int_equal(open_input(40, 5, 0), CSIGD_STORED);
    assert_int_equal(store_answer(s, 40, 1, CSIGD_SESSION_RUNNING, &out), CSIGD_STORED);
    assert_int_equal(s->requests.cancel(s, octets(5), &running, session), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->session_get(s, octets(40), &row), CSIGD_STORED);
    assert_int_equal(row.state, CSIGD_SESSION_RUNNING);
    assert_int_equal(s->session_end(s, octets(40), CSIGD_SESSION_EXPIRED), CSIGD_STORED);
    /* Nor does it expire, and it may be told again. */
    assert_int_equal(s->requests.expire(s, NEVER, &r), CSIGD_STORE_NONE);
    assert_int_equal(open_input(41, 5, 0), CSIGD_STORED);
    assert_int_equal(make_batch(6, 2), CSIGD_STORED);
    sign_input(42, 6, 0);
    assert_int_equal(s->requests.cancel(s, octets(6), &running, session), CSIGD_STORE_CONFLICT);
}

static void its_time_is_up(void **state)
{
    csigd_request r = a_request(5, 1);

    (void)state;
    r.expires = 4000; /* openings are at 4000 */
    assert_int_equal(store_make(s, &r), CSIGD_STORED);
    assert_int_equal(open_input(40, 5, 0), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->requests.expire(s, 3999, &r), CSIGD_STORE_NONE);
    assert_int_equal(s->requests.expire(s, 4000, &r), CSIGD_STORED);
    assert_memory_equal(r.id, octets(5), 32);
    assert_int_equal(r.state, CSIGD_REQUEST_EXPIRED);
    assert_int_equal(s->requests.expire(s, 4000, &r), CSIGD_STORE_NONE);
    assert_int_equal(of(5, 0).state, CSIGD_REQUEST_EXPIRED);
    r = a_request(6, 1);
    r.expires = 4001;
    assert_int_equal(store_make(s, &r), CSIGD_STORED);
    assert_int_equal(open_input(41, 6, 0), CSIGD_STORED);
    assert_int_equal(s->requests.expire(s, 5000, &r), CSIGD_STORE_NONE); /* it is being signed */
    assert_int_equal(s->session_end(s, octets(41), CSIGD_SESSION_EXPIRED), CSIGD_STORED);
    assert_int_equal(s->requests.expire(s, 5000, &r), CSIGD_STORED);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(every_input_is_signed_by_itself),
        WITH(sessions_are_counted_for_each_input),
        WITH(what_ended_stays_so),
        WITH(a_name_is_taken_once_by_each),
        WITH(lists_go_by_number),
        WITH(a_device_sees_what_it_can_sign),
        WITH(cancelled_ends_with_its_session),
        WITH(what_has_left_cannot_be_cancelled),
        WITH(its_time_is_up),
    };

    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
