/* GET /v1/wallets/{w}/escrows */
#include "routes/routes.h"

csigd_reply csigd_escrows_show(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_blob all;
    const csigd_stored stored = store->escrows_get(store, call->id, &all);

    if (stored == CSIGD_STORE_NONE) return csigd_reply_unborn(call->service, call->id);
    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    return (csigd_reply){
        .status = 200, .type = "application/octet-stream", .body = all.p, .len = all.len};
}
