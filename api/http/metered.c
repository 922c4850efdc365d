#include "http/metered.h"

#include <netinet/in.h>
#include <string.h>

#include "service/service.h"

static csigd_code limited(csigd_problem *why, const char *field, uint32_t seconds)
{
    csigd_problem_field(why, CSIGD_RATE_LIMITED, field);
    why->retry_after = seconds;
    return why->code;
}

/* --- connections --- */

csigd_guest csigd_guest_at(const struct sockaddr *address)
{
    csigd_guest guest = {.address = {.kind = CSIGD_METER_ADDRESS}};
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    uint8_t name[9] = {0};

    if (address != NULL && address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        name[0] = 4;
        memcpy(name + 1, &v4.sin_addr, 4);
    } else if (address != NULL && address->sa_family == AF_INET6) {
        memcpy(&v6, address, sizeof v6);
        name[0] = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) ? 4 : 6;
        memcpy(name + 1, v6.sin6_addr.s6_addr + (name[0] == 4 ? 12 : 0), name[0] == 4 ? 4 : 8);
    }
    guest.address = csigd_metered_as(CSIGD_METER_ADDRESS, name, sizeof name);
    return guest;
}

csigd_code csigd_guest_admit(csigd_meter *meter, const csigd_guest *guest, csigd_problem *why)
{
    uint32_t seconds;

    if (guest->is_known || csigd_meter_has_room(meter, &guest->address, 1, &seconds))
        return CSIGD_OK;
    return limited(why, "address", seconds);
}

void csigd_guest_blame(csigd_meter *meter, csigd_guest *guest, csigd_code code)
{
    uint32_t seconds;

    guest->refused++;
    /* What was refused before it cost anything costs nothing. */
    if (code != CSIGD_RATE_LIMITED)
        (void)csigd_meter_has_taken(meter, &guest->address, 1, &seconds);
}

bool csigd_guest_is_out(const csigd_guest *guest)
{
    return guest->refused >= CSIGD_REFUSALS_MAX;
}

/* --- callers --- */

csigd_metered_id csigd_metered_caller(const csigd_caller *caller)
{
    csigd_metered_id what =
        csigd_metered_as(CSIGD_METER_KEY, caller->key.id, sizeof caller->key.id);

    what.per_minute = caller->key.per_minute;
    return what;
}

static uint32_t price_of(size_t len)
{
    return len > CSIGD_METER_OCTETS
               ? (uint32_t)((len + CSIGD_METER_OCTETS - 1) / CSIGD_METER_OCTETS)
               : 1;
}

csigd_code csigd_metered_head(csigd_meter *meter, csigd_guest *guest, const csigd_caller *caller,
                              csigd_problem *why)
{
    csigd_metered_id key;
    uint32_t seconds;

    if (caller->is_stranger) {
        if (csigd_meter_has_taken(meter, &guest->address, 1, &seconds)) return CSIGD_OK;
        return limited(why, "address", seconds);
    }
    guest->is_known = true;
    guest->refused = 0;
    key = csigd_metered_caller(caller);
    if (csigd_meter_has_room(meter, &key, 1, &seconds)) return CSIGD_OK;
    return limited(why, "key", seconds);
}

csigd_code csigd_metered_key(csigd_meter *meter, const csigd_caller *caller, size_t len,
                             csigd_problem *why)
{
    const csigd_metered_id key = csigd_metered_caller(caller);
    uint32_t seconds;

    if (caller->is_stranger || csigd_meter_has_taken(meter, &key, price_of(len), &seconds))
        return CSIGD_OK;
    return limited(why, "key", seconds);
}

void csigd_metered_return(csigd_meter *meter, const csigd_guest *guest, const csigd_caller *caller,
                          size_t len)
{
    const csigd_metered_id key = csigd_metered_caller(caller);

    if (caller->is_stranger)
        csigd_meter_return(meter, &guest->address, 1);
    else
        csigd_meter_return(meter, &key, price_of(len));
}

/* --- wallets --- */

/* Who may only read takes nothing from those who sign. */
static csigd_metered kind_of(const csigd_route *route)
{
    if (route->act == CSIGD_ACT_REQUEST_READ) return CSIGD_METER_QUESTIONS;
    return route->body == CSIGD_PAYLOAD_BODY ? CSIGD_METER_REQUESTS : CSIGD_METER_SESSIONS;
}

csigd_code csigd_metered_wallet(const csigd_service *service, const csigd_route *route,
                                const csigd_call *call, csigd_problem *why)
{
    const csigd_metered kind = kind_of(route);
    csigd_metered_id wallet = csigd_metered_as(kind, call->id, CSIGD_ID_BYTES);
    csigd_request request;
    uint32_t seconds;

    if (strcmp(route->method, "POST") != 0 || route->act == CSIGD_ACT_REQUEST_CANCEL)
        return CSIGD_OK;
    if (route->about == CSIGD_ABOUT_REQUEST) {
        /* One that is not there the handler tells of. */
        if (service->store->requests.get(service->store, call->id, 0, &request) != CSIGD_STORED)
            return CSIGD_OK;
        wallet = csigd_metered_as(kind, request.wallet, sizeof request.wallet);
    } else if (route->about != CSIGD_ABOUT_WALLET) {
        return CSIGD_OK;
    }
    if (csigd_meter_has_taken(service->meter, &wallet, 1, &seconds)) return CSIGD_OK;
    return limited(why, "wallet", seconds);
}
