#include "e2e/fixture.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

daemon_process server;
device phone, recovery;
wallet two, three;
uint8_t digest[32] = {1};

int fixture_setup(void **state)
{
    daemon_prepare(&server);
    return fixture_setup_prepared(state);
}

int fixture_setup_prepared(void **state)
{
    device *both[2] = {&phone, &recovery};

    (void)state;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    assert_int_equal(csig_init(), CSIG_OK);
    daemon_start(&server);
    device_make(&phone, true);
    device_make(&recovery, false);
    device_enrol(&server, &phone);
    device_enrol(&server, &recovery);
    wallet_make(&server, &two, 2, both, 1);
    wallet_make(&server, &three, 2, both, 2);
    daemon_wait_ready(&server);
    device_pair(&server, &phone);
    return 0;
}

int fixture_teardown(void **state)
{
    (void)state;
    daemon_remove(&server);
    wallet_free(&two);
    wallet_free(&three);
    device_free(&phone);
    device_free(&recovery);
    return 0;
}

void fixture_new_digest(void)
{
    for (size_t i = 0; i < sizeof digest && ++digest[i] == 0; i++) {
    }
}

void fixture_sign(const char *path, const char *mode)
{
    csig_signature signature;
    char request[65];
    run r;

    fixture_new_digest();
    request_make(&server, &two, digest, path, mode, false, request);
    r = run_sign(&server, &two, request, digest, path, mode);
    run_finish(&server, &r);
    run_check_signature(&r, &two, path, digest);
    assert_true(request_is_signed(&server, request, digest, &signature));
    run_free(&r);
}

bool fixture_has_locked(const device *dev)
{
    char path[64];
    json_t *shown, *entry;
    bool locked = false;
    size_t i;

    snprintf(path, sizeof path, "/v1/wallets/%s", three.id);
    shown = call_json(&server, 200, "GET", path, NULL);
    json_array_foreach(json_object_get(shown, "locked"), i, entry) locked =
        locked || strcmp(json_string_value(entry), dev->hex) == 0;
    json_decref(shown);
    return locked;
}

bool fixture_is_locked(void)
{
    return fixture_has_locked(&phone);
}

void fixture_unlock_device(const device *dev)
{
    char path[64];

    snprintf(path, sizeof path, "/v1/wallets/%s/unlock", three.id);
    json_decref(call_json(&server, 200, "POST", path, "{s:s}", "device", dev->hex));
}

void fixture_unlock(void)
{
    fixture_unlock_device(&phone);
}
