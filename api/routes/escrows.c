/* GET /v1/wallets/{w}/escrows, .../record: what others check of the current epoch */
#include "routes/routes.h"

static csigd_reply reply_octets(const csigd_call *call, csigd_stored stored, const csigd_blob *all)
{
    if (stored == CSIGD_STORE_NONE) return csigd_reply_unborn(call->service, call->id);
    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    return (csigd_reply){
        .status = 200, .type = "application/octet-stream", .body = all->p, .len = all->len};
}

csigd_reply csigd_escrows_show(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_blob all = {NULL, 0};
    const csigd_stored stored = store->escrows_get(store, call->id, &all);

    return reply_octets(call, stored, &all);
}

csigd_reply csigd_record_show(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_blob record = {NULL, 0};
    const csigd_stored stored = store->record_get(store, call->id, &record);

    return reply_octets(call, stored, &record);
}
