/* PUT, GET /v1/wallets/{w}/backups/{index} */
#include "routes/routes.h"
#include "service/backups.h"

csigd_reply csigd_backup_store(const csigd_call *call)
{
    csigd_problem why;

    if (csigd_backup_put(call->service, call->id, (uint16_t)call->index, call->body, call->len,
                         &why) != CSIGD_OK)
        return csigd_reply_problem(&why);
    return (csigd_reply){.status = 204};
}

csigd_reply csigd_backup_show(const csigd_call *call)
{
    csigd_problem why;
    csigd_blob backup;

    if (csigd_backup_get(call->service, call->id, (uint16_t)call->index, &backup, &why) != CSIGD_OK)
        return csigd_reply_problem(&why);
    return (csigd_reply){
        .status = 200, .type = "application/octet-stream", .body = backup.p, .len = backup.len};
}
