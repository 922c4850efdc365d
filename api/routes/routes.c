#include "routes/routes.h"

/* clang-format off */
const csigd_route csigd_routes[] = {
    {"GET",    "/healthz",                        CSIGD_NO_BODY,     false, CSIGD_CONTROL,
     csigd_health_show},
    {"POST",   "/v1/devices",                     CSIGD_JSON_BODY,   false, CSIGD_CONTROL,
     csigd_device_create},
    {"POST",   "/v1/devices/:device/sessions",    CSIGD_JSON_BODY,   false, CSIGD_PROTOCOL,
     csigd_device_session},
    {"POST",   "/v1/wallets",                     CSIGD_JSON_BODY,   false, CSIGD_PROTOCOL,
     csigd_wallet_create},
    {"GET",    "/v1/wallets",                     CSIGD_NO_BODY,     false, CSIGD_CONTROL,
     csigd_wallet_list},
    {"GET",    "/v1/wallets/:wallet",             CSIGD_NO_BODY,     false, CSIGD_CONTROL,
     csigd_wallet_show},
    {"POST",   "/v1/wallets/:wallet/sessions",    CSIGD_JSON_BODY,   false, CSIGD_PROTOCOL,
     csigd_wallet_session},
    {"POST",   "/v1/wallets/:wallet/requests",    CSIGD_JSON_BODY,   false, CSIGD_CONTROL,
     csigd_request_create},
    {"GET",    "/v1/wallets/:wallet/epochs/:state", CSIGD_NO_BODY,   false, CSIGD_CONTROL,
     csigd_epoch_show},
    {"PUT",    "/v1/wallets/:wallet/backups/:index", CSIGD_OCTETS_BODY, false, CSIGD_CONTROL,
     csigd_backup_store},
    {"GET",    "/v1/wallets/:wallet/backups/:index", CSIGD_NO_BODY,  true,  CSIGD_CONTROL,
     csigd_backup_show},
    {"GET",    "/v1/wallets/:wallet/escrows",     CSIGD_NO_BODY,     false, CSIGD_CONTROL,
     csigd_escrows_show},
    {"POST",   "/v1/wallets/:wallet/unlock",      CSIGD_JSON_BODY,   true,  CSIGD_CONTROL,
     csigd_wallet_unlock},
    {"GET",    "/v1/requests/:request",           CSIGD_NO_BODY,     false, CSIGD_CONTROL,
     csigd_request_show},
    {"POST",   "/v1/requests/:request/sessions",  CSIGD_JSON_BODY,   false, CSIGD_PROTOCOL,
     csigd_request_session},
    {"GET",    "/v1/sessions/:session",           CSIGD_NO_BODY,     false, CSIGD_CONTROL,
     csigd_session_show},
    {"DELETE", "/v1/sessions/:session",           CSIGD_NO_BODY,     false, CSIGD_PROTOCOL,
     csigd_session_delete},
    {"PUT",    "/v1/sessions/:session/rounds/:n", CSIGD_OCTETS_BODY, false, CSIGD_PROTOCOL,
     csigd_session_round},
};
/* clang-format on */

const size_t csigd_routes_count = sizeof csigd_routes / sizeof csigd_routes[0];
