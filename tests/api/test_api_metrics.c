/* Counting, and what is said of it; readiness: each check fails by itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/temp.h"
#include "service/metrics.h"
#include "service/ready.h"

static csigd_route_name name_of(size_t route)
{
    static const csigd_route_name names[] = {{"GET", "/a"}, {"POST", "/b"}};

    return names[route];
}

static char *said(const csigd_metrics *m)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    assert_non_null(out);
    csigd_metrics_write(m, out, name_of);
    fclose(out);
    return text;
}

static void requests_are_counted_by_route_and_status(void **state)
{
    csigd_metrics *m = csigd_metrics_new(2);
    char *text;

    (void)state;
    csigd_metrics_answered(m, 0, 200);
    csigd_metrics_answered(m, 0, 200);
    csigd_metrics_answered(m, 1, 418);
    csigd_metrics_answered(m, 2, 404);
    text = said(m);
    assert_non_null(strstr(text, "{method=\"GET\",route=\"/a\",status=\"200\"} 2\n"));
    assert_non_null(strstr(text, "{method=\"POST\",route=\"/b\",status=\"0\"} 1\n"));
    assert_non_null(strstr(text, "{method=\"\",route=\"none\",status=\"404\"} 1\n"));
    assert_null(strstr(text, "route=\"/a\",status=\"404\""));
    free(text);
    csigd_metrics_free(m);
}

static void times_fall_into_buckets(void **state)
{
    csigd_metrics *m = csigd_metrics_new(0);
    char *text;

    (void)state;
    csigd_metrics_ended(m, CSIGD_KIND_SIGN, CSIGD_SESSION_DONE);
    csigd_metrics_signed(m, CSIGD_KIND_SIGN, 25);
    csigd_metrics_signed(m, CSIGD_KIND_SIGN, 26);
    csigd_metrics_signed(m, CSIGD_KIND_SIGN, 70000);
    csigd_metrics_signed(m, CSIGD_KIND_ONLINE, -1);
    text = said(m);
    assert_non_null(strstr(text, "{kind=\"sign\",outcome=\"done\"} 1\n"));
    assert_non_null(strstr(text, "_bucket{mode=\"full\",le=\"0.025\"} 1\n"));
    assert_non_null(strstr(text, "_bucket{mode=\"full\",le=\"0.05\"} 2\n"));
    assert_non_null(strstr(text, "_bucket{mode=\"full\",le=\"60\"} 2\n"));
    assert_non_null(strstr(text, "_bucket{mode=\"full\",le=\"+Inf\"} 3\n"));
    assert_non_null(strstr(text, "_sum{mode=\"full\"} 70.051\n"));
    assert_non_null(strstr(text, "_count{mode=\"presigned\"} 1\n"));
    free(text);
    csigd_metrics_free(m);
}

/* --- readiness --- */

static csigd_service s;
static csigd_store *real;
static csigd_stored outcome;
static csigd_probe found;

static csigd_stored probe(csigd_store *store, csigd_probe *p)
{
    (void)store;
    *p = found;
    return outcome;
}

/* A service whose store answers as it is told; looked at once. */
static csigd_readiness looked_at(void)
{
    csigd_ready *ready;
    csigd_readiness r;

    csigd_event_set(s.stop);
    ready = csigd_ready_start(&s);
    assert_non_null(ready);
    r = csigd_ready_show(ready);
    csigd_ready_leave(ready);
    assert_false(csigd_ready_show(ready).good[CSIGD_CHECK_STAYING]);
    csigd_ready_stop(ready);
    return r;
}

static void each_check_fails_by_itself(void **state)
{
    csigd_store told;
    csigd_readiness r;

    (void)state;
    temp_folder();
    temp_service(&s, 1);
    real = s.store;
    assert_int_equal(real->probe(real, &found), CSIGD_STORED);
    assert_true(found.free_octets > 0);
    assert_int_equal(found.horizon, 0);
    told = *real;
    told.probe = probe;
    s.store = &told;
    found.free_octets = UINT64_MAX;
    r = looked_at();
    assert_true(r.good[CSIGD_CHECK_STORE] && r.good[CSIGD_CHECK_VAULT] && r.good[CSIGD_CHECK_DISK]);
    assert_true(r.good[CSIGD_CHECK_CLOCK] && r.good[CSIGD_CHECK_WORKERS]);
    assert_true(r.good[CSIGD_CHECK_FRESH] && r.good[CSIGD_CHECK_STAYING]);
    /* It makes its primes. */
    assert_false(r.good[CSIGD_CHECK_AUXILIARY] || r.all);
    outcome = CSIGD_STORE_FAILED;
    assert_false(looked_at().good[CSIGD_CHECK_STORE]);
    outcome = CSIGD_STORED;
    found.free_octets = 1 << 20;
    assert_false(looked_at().good[CSIGD_CHECK_DISK]);
    found.free_octets = UINT64_MAX;
    found.horizon = INT64_MAX;
    assert_false(looked_at().good[CSIGD_CHECK_CLOCK]);
    s.store = real;
    csigd_service_stop(&s);
    temp_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_counted_by_route_and_status),
        cmocka_unit_test(times_fall_into_buckets),
        cmocka_unit_test(each_check_fails_by_itself),
    };

    assert_int_equal(csig_init(), CSIG_OK);
    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
